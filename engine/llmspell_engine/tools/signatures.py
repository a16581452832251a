"""Signatures of messages with a shared secret, as webhooks carry them: ``sha256=`` and the HMAC in hex."""

from __future__ import annotations

import hashlib
import hmac

HEADER = "X-Hub-Signature-256"
"""The header that most services use."""


def signature(secret: str, message: bytes) -> str:
    """The signature of a message."""
    return "sha256=" + hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()


def is_signed(secret: str, message: bytes, given: str) -> bool:
    """Whether a signature is that of the message; ``sha256=`` may be left out."""
    found = given.strip().lower().removeprefix("sha256=")
    return hmac.compare_digest(signature(secret, message).removeprefix("sha256=").encode(), found.encode())
