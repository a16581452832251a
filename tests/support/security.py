"""What scripts of tests may touch."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from llmspell_engine.security.permissions import Permissions
from llmspell_engine.security.profiles import PROFILES

LOOPBACK = ("127.0.0.1", "::1", "localhost")


def permissions_for_servers(root: Path | None = None) -> Permissions:
    """The profile of everybody, with the servers that a test starts on this machine."""
    return Permissions(root=root or Path.cwd(), hosts=LOOPBACK)


def permissions(
    profile: str = "medium", *, limits: dict[str, Any] | None = None, **listed: Any
) -> Permissions:
    """A profile with other limits, and with what is listed beside it."""
    rules = PROFILES[profile]
    return Permissions(rules=replace(rules, limits=replace(rules.limits, **(limits or {}))), **listed)
