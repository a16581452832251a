"""The profiles, as data. No validation library is needed to read them: the linter does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Literal

from llmspell_engine.language import Language
from llmspell_engine.security.limits import Limits
from llmspell_engine.security.names import DEFAULT, refused_names

__all__ = ["DEFAULT", "LANGUAGES", "PROFILES", "Profile", "ProfileName"]

ProfileName = Literal["none", "low", "medium", "high", "custom"]
Files = Literal["all", "root", "listed"]
Hosts = Literal["all", "local", "public", "listed"]
Processes = Literal["all", "listed"]
Variables = Literal["all", "plain", "usual", "listed"]
Modules = Literal["all", "listed", "own"]
LANGUAGES: tuple[Language, ...] = ("lua", "javascript")
NO_NAMES: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Profile:
    """What scripts may do beside what is listed for them by name."""

    name: ProfileName
    read: Files
    """Files that may be read: all, those below the root folder, those that are listed."""
    write: Files
    """Files that may be written."""
    hosts: Hosts
    """Hosts that may be reached: all, all but the services of a cloud, those of the public network, those
    that are listed."""
    https: bool
    """Whether hosts that are not listed are reached encrypted only."""
    processes: Processes
    """Programs that may be started."""
    variables: Variables
    """Environment variables that may be read: all, all that do not look like a secret, those that tell of the
    machine and the listed ones, the listed ones."""
    modules: Modules
    """Files that may be loaded as code: all; those of the script's folder, of the folders configured for the
    language and of those listed; those of the script's folder and the listed ones."""
    limits: Limits
    refused: Mapping[Language, frozenset[str]] = field(default_factory=dict)
    """Names of the languages that are left out."""
    withheld: Mapping[Language, frozenset[str]] = field(default_factory=dict)
    """Those of them that the configuration leaves out, and not the profile."""
    finalizers: bool = False
    """Whether Lua calls ``__gc``, which it does where no limit holds, and lets the collector be stopped."""
    string_metatable: bool = False
    """Whether Lua gives out the metatable of all strings."""

    def refuses(self, language: Language, name: str) -> bool:
        """Whether a name of a language is left out."""
        return name in self.refused.get(language, NO_NAMES)


_NONE = Profile(
    name="none",
    read="all",
    write="all",
    hosts="all",
    https=False,
    processes="all",
    variables="all",
    modules="all",
    limits=Limits(),
    finalizers=True,
    string_metatable=True,
)
_LOW = replace(
    _NONE,
    name="low",
    read="root",
    write="root",
    hosts="local",
    processes="listed",
    variables="plain",
    modules="listed",
    limits=Limits(memory_mb=4096),
    finalizers=False,
)
_MEDIUM = replace(
    _LOW,
    name="medium",
    hosts="public",
    variables="usual",
    modules="own",
    limits=Limits(memory_mb=1024, output_bytes=256 * 1024 * 1024),
    string_metatable=False,
)
_HIGH = replace(
    _MEDIUM,
    name="high",
    write="listed",
    hosts="listed",
    https=True,
    variables="listed",
    limits=Limits(seconds=30.0, memory_mb=128, instructions=2_000_000_000, output_bytes=1024 * 1024),
)
"""Each says what it takes away from the one before it; what names it leaves out stands with the names."""


def _with_names(profile: Profile) -> Profile:
    return replace(
        profile, refused={language: refused_names(language, profile.name) for language in LANGUAGES}
    )


PROFILES: Mapping[str, Profile] = MappingProxyType(
    {profile.name: _with_names(profile) for profile in (_NONE, _LOW, _MEDIUM, _HIGH)}
)
"""The profiles that are no one's own; ``custom`` is one of them with other settings."""
