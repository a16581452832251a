"""How the commands that run scripts end."""

from __future__ import annotations

SUCCEEDED, FAILED, UNUSABLE, INTERRUPTED = 0, 1, 2, 130
"""The script ended well; it failed; it could not be started; it was interrupted from the keyboard."""


class UsageError(Exception):
    """The script cannot be started; the message is a sentence for the user."""
