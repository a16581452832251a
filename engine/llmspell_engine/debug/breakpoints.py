"""Breakpoints as values: where they stand, when they count as hit, what they print.

Everything here is pure: the core decides when to ask.
"""

from __future__ import annotations

import operator
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from llmspell_engine.debug.model import BreakpointStatus, SourceBreakpoint

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from llmspell_engine.debug.backend import Probe, ProbedFunction, ProbedSource

_COMPARISONS: dict[str, Callable[[int, int], bool]] = {
    "": operator.eq,
    "==": operator.eq,
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
    "%": lambda hits, number: hits % number == 0,
}
NO_STATEMENT = "There is no statement to stop at, on this line or after it in its function."
NOT_LOADED = "The file is not loaded yet."
_HIT_CONDITION = re.compile(r"\s*(==|>=|<=|>|<|%|)\s*([0-9]+)\s*")


@dataclass(slots=True)
class Breakpoint:
    """A breakpoint that was set: what the user asked for, where it stands, how often it was hit."""

    id: int
    spec: SourceBreakpoint
    probe: Probe | None = None
    problem: str = ""
    """Why it cannot work as it was written; empty where it can."""
    is_placed: bool = False
    """Whether its file is known, so that ``probe`` tells where it stands; None: nowhere."""
    counts: Callable[[int], bool] | None = None
    """Whether a number of hits is one at which to act; None: every one is."""
    message: tuple[str | Expression, ...] = ()
    hits: int = 0
    complained: bool = False
    """Whether an error in its condition was reported already."""

    def status(self) -> BreakpointStatus:
        """What the client is told."""
        if self.problem:
            return BreakpointStatus(self.id, False, message=self.problem)
        if self.probe is not None:
            return BreakpointStatus(self.id, True, self.probe.line, self.probe.column)
        why = NO_STATEMENT if self.is_placed else NOT_LOADED
        return BreakpointStatus(self.id, False, self.spec.line, self.spec.column, why)

    def settle(self, source: ProbedSource) -> None:
        """Find the statement at which it stands."""
        if not self.problem:
            self.probe = place(source, self.spec.line, self.spec.column)
            self.is_placed = True


@dataclass(frozen=True, slots=True)
class Expression:
    """The text between the braces of a log message."""

    text: str


class RefusedError(ValueError):
    """A breakpoint that cannot work, with the sentence that says why."""


def hit_condition(text: str) -> Callable[[int], bool]:
    """Whether a number of hits meets a condition: a count (``5``: the fifth one) or a comparison.

    Raises RefusedError for anything else.
    """
    match = _HIT_CONDITION.fullmatch(text)
    if match is None or (match[1] == "%" and int(match[2]) == 0):
        raise RefusedError(
            f"'{text.strip()}' is no hit count: write a number, or a comparison such as '>= 5' or '% 3'."
        )
    compare, number = _COMPARISONS[match[1]], int(match[2])
    return lambda hits: compare(hits, number)


def log_message(text: str) -> tuple[str | Expression, ...]:
    """A log message in parts. Braces nest inside an expression; ``\\{`` is a brace as text.

    Raises RefusedError for an expression that is empty or has no end.
    """
    return tuple(_log_parts(text))


def _log_parts(text: str) -> Iterator[str | Expression]:
    plain, at = "", 0
    while at < len(text):
        if text[at] == "\\" and text[at + 1 : at + 2] in ("{", "}", "\\"):
            plain, at = plain + text[at + 1], at + 2
        elif text[at] == "{":
            if plain:
                yield plain
            end = _closing(text, at)
            yield _expression(text[at + 1 : end])
            plain, at = "", end + 1
        else:
            plain, at = plain + text[at], at + 1
    if plain:
        yield plain


def _expression(text: str) -> Expression:
    if not text.strip():
        raise RefusedError(
            "The log message has empty braces: put an expression between them, or write '\\{'."
        )
    return Expression(text.strip())


def _closing(text: str, start: int) -> int:
    """The brace that ends the expression at ``start``; braces in strings do not count."""
    depth, quote, at = 0, "", start
    while at < len(text):
        character = text[at]
        if quote:
            at += character == "\\"
            quote = "" if character == quote else quote
        elif character in "\"'`":
            quote = character
        elif character in "{}":
            depth += 1 if character == "{" else -1
            if depth == 0:
                return at
        at += 1
    raise RefusedError("The log message has a brace without an end: close it with '}', or write '\\{'.")


def place(source: ProbedSource, line: int, column: int | None) -> Probe | None:
    """The statement at which a breakpoint for a line stands.

    That is the first statement that begins on the line, or the one a column points at; where none
    begins there, the next one of the same function.
    """
    here = [probe for probe in source.probes if probe.line == line]
    if here:
        return _at_column(here, column)
    function = _function_at(source.functions, line)
    later = (probe for probe in source.probes if probe.line > line and probe.function == function)
    return min(later, key=_position, default=None)


def locations(source: ProbedSource, line: int, end_line: int) -> tuple[Probe, ...]:
    """The statements that begin on a range of lines, end included, in order."""
    return tuple(sorted((probe for probe in source.probes if line <= probe.line <= end_line), key=_position))


def _at_column(probes: list[Probe], column: int | None) -> Probe:
    """The last statement that begins at or before a column, or the first of the line."""
    probes = sorted(probes, key=_position)
    before = [probe for probe in probes if column is not None and probe.column <= column]
    return before[-1] if before else probes[0]


def _function_at(functions: tuple[ProbedFunction, ...], line: int) -> int:
    """The innermost function that has a line; inner ones come later in the sequence."""
    inside = [each.number for each in functions if each.line <= line <= each.end_line]
    return inside[-1] if inside else 0


def _position(probe: Probe) -> tuple[int, int]:
    return probe.line, probe.column
