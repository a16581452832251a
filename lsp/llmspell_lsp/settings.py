"""The user's settings: the ``llmspell`` section of the editor's configuration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from llmspell_engine.lint.settings import LintSettings

SECTION = "llmspell"


@dataclass(frozen=True, slots=True)
class Settings:
    """What the user chose; values of a wrong type count as not given."""

    lint_enabled: bool = True
    lint: LintSettings = field(default_factory=LintSettings)


def read_settings(given: object) -> Settings:
    """Settings from ``{"lint": {"enabled", "select", "ignore"}}``, alone or under ``llmspell``."""
    section = _mapping(given)
    section = _mapping(section[SECTION]) if SECTION in section else section
    lint = _mapping(section.get("lint"))
    return Settings(
        lint_enabled=lint.get("enabled") is not False,
        lint=LintSettings(_words(lint.get("select")), _words(lint.get("ignore"))),
    )


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _words(value: object) -> tuple[str, ...]:
    return tuple(word for word in value if isinstance(word, str)) if isinstance(value, list) else ()
