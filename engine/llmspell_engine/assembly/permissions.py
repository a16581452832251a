"""What a run may touch and use: its profile, with what is configured and what is launched added to it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from llmspell_engine.assembly.launch import AssemblyError, Launch
from llmspell_engine.security.limits import Limits
from llmspell_engine.security.permissions import Permissions
from llmspell_engine.security.profiles import DEFAULT, LANGUAGES, PROFILES, Profile

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from llmspell_engine.config.model import Config, ScriptSecurity, SecurityRules, SecuritySettings
    from llmspell_engine.config.resolution import ResolvedConfig
    from llmspell_engine.language import Language
    from llmspell_engine.security.audit import Audit
    from llmspell_engine.security.checksums import Checksums


def permissions_of(
    launch: Launch, resolved: ResolvedConfig, root: Path, secrets: Sequence[str] = ()
) -> Permissions:
    """The permissions of a launch, but for its language.

    Raises AssemblyError where the profile is not known, or the audit cannot be written.
    """
    config = resolved.beyond_options
    security = config.security if config else None
    return replace(_permissions(launch, resolved, root), audit=_audit(security, launch.script, secrets))


def _permissions(launch: Launch, resolved: ResolvedConfig, root: Path) -> Permissions:
    config, folder = resolved.beyond_options, resolved.folder
    security = config.security if config else None
    special = _special(security, launch.script, folder) if security else []
    rules: Sequence[SecurityRules] = [security, *special] if security else []
    profile = _profile(_profile_name(launch, security, special), security)
    return Permissions(
        rules=_adjusted(profile, rules),
        root=root,
        read=(*(path for rule in rules for path in rule.read), *launch.allow_read),
        write=(*(path for rule in rules for path in rule.write), *launch.allow_write),
        hosts=(*(host for rule in rules for host in rule.hosts), *launch.allow_hosts),
        processes=(*(one for rule in rules for one in rule.processes), *launch.allow_processes),
        variables=(*(name for rule in rules for name in rule.variables), *launch.allow_env),
        modules=tuple(path for rule in rules for path in rule.modules),
        checksums=_checksums(security),
        guarded=(
            *resolved.files,
            *([security.audit] if security and security.audit else []),
            *([security.checksums] if security and security.checksums else []),
            *_files_of_state(launch, config),
        ),
    )


def _files_of_state(launch: Launch, config: Config | None) -> Iterator[Path]:
    """The database that holds the state: what workflows and sessions of all runs go on from."""
    file = launch.state or (config.state.file if config and config.state else None)
    if file is not None:
        for ending in ("", "-wal", "-shm"):
            yield Path(f"{file}{ending}")


def narrow(permissions: Permissions, launch: Launch, resolved: ResolvedConfig) -> Narrowed:
    """Take back from a run what a new configuration does not allow any more; never give it anything.

    The root of relative paths stays. Raises AssemblyError, and changes nothing.
    """
    from llmspell_engine.security.narrowing import Narrowing, is_wider, taken_back

    after = replace(
        _permissions(launch, resolved, permissions.root), audit=permissions.audit, narrowing=Narrowing()
    )
    before = permissions.all[-1]
    told = Narrowed(taken_back(before, after), is_wider(before, after))
    if told.taken_back:
        permissions.narrowing.held = (*permissions.all[1:], after)
    return told


@dataclass(frozen=True, slots=True)
class Narrowed:
    """What a new configuration came to for a run that is under way."""

    taken_back: tuple[str, ...]
    """What the run may not touch any more, in words."""
    leaves_rest: bool
    """Whether it says more, which holds for the next run."""


def for_language(permissions: Permissions, config: Config | None, language: Language) -> Permissions:
    """The permissions of a run, with the memory that is configured for its language."""
    memory = getattr(config.engine, language).memory_mb if config else None
    if memory is None:
        return permissions
    limits = replace(permissions.limits, memory_mb=memory)
    return replace(permissions, rules=replace(permissions.rules, limits=limits))


def _checksums(security: SecuritySettings | None) -> Checksums | None:
    if security is None or security.checksums is None:
        return None
    from llmspell_engine.security.checksums import ChecksumsError, read_checksums

    try:
        return read_checksums(security.checksums)
    except ChecksumsError as error:
        raise AssemblyError(str(error)) from None


def _audit(security: SecuritySettings | None, script: Path | None, secrets: Sequence[str]) -> Audit | None:
    if security is None or security.audit is None:
        return None
    from llmspell_engine.security.audit import Audit

    name = str(script) if script else "-"
    try:
        return Audit(security.audit, name, allowed=security.audit_allowed, secrets=secrets)
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise AssemblyError(f"the audit '{security.audit}' cannot be written: {why}") from None


def _profile_name(
    launch: Launch, security: SecuritySettings | None, special: Sequence[ScriptSecurity]
) -> str:
    given = [one.profile for one in special if one.profile is not None]
    configured = given[-1] if given else security.profile if security else DEFAULT
    return launch.profile or configured


def _profile(name: str, security: SecuritySettings | None) -> Profile:
    if name != "custom":
        if name not in PROFILES:
            known = ", ".join((*PROFILES, "custom"))
            raise AssemblyError(f"there is no security profile '{name}'; there are {known}")
        return PROFILES[name]
    if security is None:
        raise AssemblyError("the security profile 'custom' is not configured; write [security.custom]")
    changes = security.custom.model_dump(exclude_none=True)
    return replace(PROFILES[changes.pop("base", "medium")], name="custom", **changes)


def _adjusted(profile: Profile, rules: Sequence[SecurityRules]) -> Profile:
    """The profile with other limits and names."""
    limits, refused = profile.limits, profile.refused
    for rule in rules:
        limits = _limited(limits, rule)
        refused = _renamed(refused, rule)
    withheld = {language: refused[language] - profile.refused[language] for language in LANGUAGES}
    return replace(profile, limits=limits, refused=refused, withheld=withheld)


def _limited(limits: Limits, rule: SecurityRules) -> Limits:
    return replace(limits, **rule.limits.model_dump(exclude_none=True))


def _renamed(
    refused: Mapping[Language, frozenset[str]], rule: SecurityRules
) -> Mapping[Language, frozenset[str]]:
    from llmspell_engine.security.configured import NameRules

    names = NameRules(frozenset(rule.allow), frozenset(rule.refuse))
    return {language: names.changed(refused[language], language) for language in LANGUAGES}


def _special(security: SecuritySettings, script: Path | None, folder: Path | None) -> list[ScriptSecurity]:
    """What is configured for one script, by the patterns that its path fits."""
    if script is None:
        return []
    from llmspell_engine.security.configured import fits

    return [one for pattern, one in security.scripts.items() if fits(script, folder, pattern)]
