"""What scripts of tests may touch."""

from __future__ import annotations

from pathlib import Path

from llmspell_engine.security.permissions import Permissions

LOOPBACK = ("127.0.0.1", "::1", "localhost")


def permissions_for_servers(root: Path | None = None) -> Permissions:
    """The profile of everybody, with the servers that a test starts on this machine."""
    return Permissions(root=root or Path.cwd(), hosts=LOOPBACK)
