"""The profiles, as data. No validation library is needed to read them: the linter does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from llmspell_engine.security.limits import Limits

ProfileName = Literal["none", "low", "medium", "high", "custom"]
Files = Literal["all", "root", "none"]
Hosts = Literal["all", "local", "public", "listed"]
Variables = Literal["all", "plain", "listed"]
DEFAULT: ProfileName = "medium"


@dataclass(frozen=True, slots=True)
class Profile:
    """What scripts may touch beside what is listed for them by name."""

    name: ProfileName
    read: Files
    """Files that may be read: all, those of the root folder, none."""
    write: Files
    """Files that may be written."""
    hosts: Hosts
    """Hosts that may be reached: all, all but the services of a cloud, those of the public network, those
    that are listed."""
    https: bool
    """Whether hosts that are not listed are reached encrypted only."""
    processes: Literal["all", "listed"]
    """Programs that may be started."""
    variables: Variables
    """Environment variables that may be read: all, all that do not look like a secret, those listed."""
    limits: Limits


PROFILES: Mapping[ProfileName, Profile] = MappingProxyType(
    {
        profile.name: profile
        for profile in (
            Profile("none", "all", "all", "all", False, "all", "all", Limits()),
            Profile("low", "root", "root", "local", False, "listed", "plain", Limits()),
            Profile("medium", "root", "root", "public", False, "listed", "listed", Limits()),
            Profile("high", "root", "none", "listed", True, "listed", "listed", Limits(30.0, 128)),
        )
    }
)
"""The profiles that are no one's own; ``custom`` is one of them with other settings."""
