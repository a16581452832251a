"""``--format text``: one line a finding, with the line of source it is about and a mark under it."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from llmspell_cli.linting.report import SEVERITIES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmspell_engine.diagnostics import Diagnostic, Severity
    from llmspell_engine.text import Text

    from llmspell_cli.linting.report import Report

_COLOURS: dict[Severity, str] = {"error": "31", "warning": "33", "info": "36", "hint": "2"}
_BOLD, _DIM = "1", "2"


def render(report: Report, *, colour: bool) -> Iterator[str]:
    """The report in pieces; the last line sums it up."""
    for checked in report.scripts:
        for found in checked.diagnostics:
            yield _headline(checked.script.name, checked.script.text, found, colour)
            yield _excerpt(checked.script.text, found, colour)
    yield _summary(report)


def _headline(name: str, text: Text, found: Diagnostic, colour: bool) -> str:
    at = text.position(found.span.start)
    place = _painted(f"{name}:{at.line + 1}:{at.column + 1}:", _BOLD, colour)
    severity = _painted(found.severity, _COLOURS[found.severity], colour)
    return f"{place} {severity} {found.code} {found.name}: {found.message}\n"


def _excerpt(text: Text, found: Diagnostic, colour: bool) -> str:
    """The first line of the finding, with carets as wide as what it is about."""
    line = text.line_of(found.span.start)
    span = text.line_span(line)
    before = text.value[span.start : min(found.span.start, span.end)]
    marked = text.value[min(found.span.start, span.end) : min(found.span.end, span.end)]
    number = str(line + 1)
    padding = "".join("\t" if letter == "\t" else " " * _cells(letter) for letter in before)
    carets = "^" * max(1, sum(map(_cells, marked)))
    gutter, empty = _painted(f"{number} |", _DIM, colour), _painted(f"{' ' * len(number)} |", _DIM, colour)
    mark = _painted(carets, _COLOURS[found.severity], colour)
    return f"  {gutter} {text.value[span.start : span.end]}\n  {empty} {padding}{mark}\n"


def _summary(report: Report) -> str:
    files = _counted(len(report.scripts), "file")
    counts = [_counted(report.count(one), one) for one in SEVERITIES if report.count(one)]
    fixed = f"Fixed {_counted(report.fixed, 'problem')}. " if report.fixed else ""
    if not counts:
        return f"{fixed}No problems in {files}.\n"
    fixable = f"; {report.fixable} with a fix" if report.fixable else ""
    return f"{fixed}Found {', '.join(counts)} in {files}{fixable}.\n"


def _counted(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def _cells(letter: str) -> int:
    """How many columns of a terminal a character fills."""
    if letter.isascii():
        return 1
    if unicodedata.combining(letter):
        return 0
    return 2 if unicodedata.east_asian_width(letter) in "WF" else 1


def _painted(text: str, colour: str, on: bool) -> str:
    return f"\x1b[{colour}m{text}\x1b[0m" if on else text
