"""The profiles, as data. No validation library is needed to read them: the linter does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from llmspell_engine.language import Language
from llmspell_engine.security.limits import Limits
from llmspell_engine.security.names import refused_names

ProfileName = Literal["none", "low", "medium", "high", "custom"]
Files = Literal["all", "root", "listed"]
Hosts = Literal["all", "local", "public", "listed"]
Processes = Literal["all", "listed"]
Variables = Literal["all", "plain", "listed"]
Modules = Literal["all", "listed", "own"]
DEFAULT: ProfileName = "medium"
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
    """Environment variables that may be read: all, all that do not look like a secret, those listed."""
    modules: Modules
    """Files that may be loaded as code: all; those of the script's folder, of the folders configured for the
    language and of those listed; those of the script's folder and the listed ones."""
    limits: Limits
    refused: Mapping[Language, frozenset[str]]
    """Names of the languages that are left out."""
    finalizers: bool = False
    """Whether Lua calls ``__gc``, which it does where no limit holds, and lets the collector be stopped."""
    string_metatable: bool = False
    """Whether Lua gives out the metatable of all strings."""

    def refuses(self, language: Language, name: str) -> bool:
        """Whether a name of a language is left out."""
        return name in self.refused.get(language, NO_NAMES)


def _refused(profile: str) -> Mapping[Language, frozenset[str]]:
    languages: tuple[Language, ...] = ("lua", "javascript")
    return MappingProxyType({language: refused_names(language, profile) for language in languages})


PROFILES: Mapping[str, Profile] = MappingProxyType(
    {
        profile.name: profile
        for profile in (
            Profile(
                name="none",
                read="all",
                write="all",
                hosts="all",
                https=False,
                processes="all",
                variables="all",
                modules="all",
                limits=Limits(),
                refused=_refused("none"),
                finalizers=True,
                string_metatable=True,
            ),
            Profile(
                name="low",
                read="root",
                write="root",
                hosts="local",
                https=False,
                processes="listed",
                variables="plain",
                modules="listed",
                limits=Limits(memory_mb=4096),
                refused=_refused("low"),
                string_metatable=True,
            ),
            Profile(
                name="medium",
                read="root",
                write="root",
                hosts="public",
                https=False,
                processes="listed",
                variables="listed",
                modules="own",
                limits=Limits(memory_mb=1024, output_bytes=256 * 1024 * 1024),
                refused=_refused("medium"),
            ),
            Profile(
                name="high",
                read="root",
                write="listed",
                hosts="listed",
                https=True,
                processes="listed",
                variables="listed",
                modules="own",
                limits=Limits(
                    seconds=30.0, memory_mb=128, instructions=2_000_000_000, output_bytes=1024 * 1024
                ),
                refused=_refused("high"),
            ),
        )
    }
)
"""The profiles that are no one's own; ``custom`` is one of them with other settings."""
