"""Regular expressions from scripts: compiled, or told why not, and never searching for long.

An expression can make a search take for ever, which nothing could stop; so each search has a time.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from llmspell_engine.tools.base import ToolError

if TYPE_CHECKING:
    import regex

SECONDS = 1.0
"""How long one search may take."""


@dataclass(frozen=True, slots=True)
class PatternSettings:
    """How an expression is read."""

    ignore_case: bool = False
    literal: bool = False
    """Whether it is plain text."""
    multiline: bool = False
    """Whether ``^`` and ``$`` are the ends of lines."""
    dot_all: bool = False
    """Whether a dot is a line end too."""
    verbose: bool = False
    """Whether blanks and comments in it do not count."""


def compiled(pattern: str, settings: PatternSettings) -> regex.Pattern[str]:
    """The expression, ready to search. Raises ToolError where it is none."""
    import regex

    chosen = {
        regex.IGNORECASE: settings.ignore_case,
        regex.MULTILINE: settings.multiline,
        regex.DOTALL: settings.dot_all,
        regex.VERBOSE: settings.verbose,
    }
    flags = regex.V0
    for flag, is_set in chosen.items():
        flags |= flag if is_set else 0
    try:
        return regex.compile(regex.escape(pattern) if settings.literal else pattern, flags)
    except (regex.error, RecursionError, OverflowError) as error:
        raise ToolError(f"'{pattern}' is no regular expression: {error}", code="invalid_pattern") from None


@contextmanager
def told_when_slow(pattern: str) -> Iterator[None]:
    """Turn the end of a search's time into a ToolError."""
    try:
        yield
    except TimeoutError:
        raise ToolError(
            f"'{pattern}' searched for more than {SECONDS:g} s; repetitions in repetitions do that",
            code="too_slow",
        ) from None
