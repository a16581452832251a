"""Levels of messages, and which loggers write from which on."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, get_args

Level = Literal["trace", "debug", "info", "warn", "error"]
LEVELS: tuple[Level, ...] = get_args(Level)
Form = Literal["text", "json"]
LEVEL_VARIABLE = "LLMSPELL_LOG"
_RANKS = {level: rank for rank, level in enumerate(LEVELS)}


def level_from_environment() -> Level:
    """The log level that the environment asks for; ``warn`` where it asks for none that exists."""
    asked = os.environ.get(LEVEL_VARIABLE, "").lower()
    return next((level for level in LEVELS if level == asked), "warn")


def is_wanted(level: Level, least: Level) -> bool:
    """Whether a message of a level is written where ``least`` is the least."""
    return _RANKS[level] >= _RANKS[least]


def names_above(name: str | None) -> Iterator[str]:
    """A logger's name and those it stands under: ``agent.writer``, ``agent``."""
    while name:
        yield name
        name = name.rpartition(".")[0]


@dataclass(frozen=True, slots=True)
class LogSettings:
    """What is logged and how.

    Attributes:
        level: the least level that is written.
        format: how lines look.
        file: a file that lines are added to, besides standard error.
        levels: levels of loggers by name; a logger takes that of the nearest name it stands under.
    """

    level: Level = field(default_factory=level_from_environment)
    format: Form = "text"
    file: Path | None = None
    levels: Mapping[str, Level] = field(default_factory=dict)
