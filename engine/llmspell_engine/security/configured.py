"""Which names of a language are left out for one script, by its profile and by what is configured.

The one answer to that for runs and for the linter, so that they do not disagree; no validation library is
needed for it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

from llmspell_engine.language import Language
from llmspell_engine.security.names import DEFAULT, LADDER, refused_names, ruled_names


@dataclass(frozen=True, slots=True)
class NameRules:
    """What a table of the configuration says of names."""

    allow: frozenset[str] = frozenset()
    """Names that scripts get although the profile leaves them out."""
    refuse: frozenset[str] = frozenset()
    """Names that scripts do not get; ``allow`` wins."""
    profile: str | None = None
    """The profile that the table chooses."""

    def changed(self, refused: frozenset[str], language: Language) -> frozenset[str]:
        """The names that are left out, after these rules."""
        return (refused | (self.refuse & ruled_names(language))) - self.allow


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What is left out for one script."""

    profile: str
    names: frozenset[str]
    configured: frozenset[str]
    """Those of them that the configuration leaves out, and not the profile."""


@dataclass(frozen=True, slots=True)
class NameSettings:
    """What ``[security]`` says of names."""

    rules: NameRules = field(default_factory=NameRules)
    """What holds for all scripts."""
    base: str = DEFAULT
    """The profile that ``custom`` is made from."""
    scripts: tuple[tuple[str, NameRules], ...] = ()
    """What holds for scripts besides, by the patterns of their paths."""
    folder: Path | None = None
    """The folder that the patterns are relative to."""

    def left_out(self, script: Path | None, language: Language, profile: str | None) -> LeftOut:
        """What is left out for a script. ``profile`` is one that was asked for in place of the configured."""
        special = [rules for pattern, rules in self.scripts if script and fits(script, self.folder, pattern)]
        chosen = [one.profile for one in (self.rules, *special) if one.profile is not None]
        name = profile or (chosen[-1] if chosen else DEFAULT)
        base = self.base if name == "custom" else name
        own = refused_names(language, base if base in LADDER else DEFAULT)
        names = all_changed(own, (self.rules, *special), language)
        return LeftOut(name, names, names - own)


def all_changed(refused: frozenset[str], rules: Iterable[NameRules], language: Language) -> frozenset[str]:
    """The names that are left out after several tables, each over the one before."""
    for one in rules:
        refused = one.changed(refused, language)
    return refused


def fits(script: Path, folder: Path | None, pattern: str) -> bool:
    """Whether a pattern means a script, by its path from a folder or by its whole path."""
    path, base = script.resolve(), (folder or Path.cwd()).resolve()
    if fnmatchcase(path.as_posix(), pattern):
        return True
    return path.is_relative_to(base) and fnmatchcase(path.relative_to(base).as_posix(), pattern)
