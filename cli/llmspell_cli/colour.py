"""Whether to write in colours, and how.

``NO_COLOR`` and ``FORCE_COLOR`` are what many programs look at; without them a terminal gets colours, unless
it is a dumb one.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from argparse import ArgumentParser

BOLD, DIM, RED, CYAN = "1", "2", "1;31", "36"
_FAULT = re.compile(r"^(?P<place>\S+:\d+(?::\d+)?: )?(?P<what>.*)$")


def add_option(parser: ArgumentParser) -> None:
    """Add ``--no-color`` to a parser of argparse."""
    parser.add_argument(
        "--no-color", action="store_true", help="write no colours (also: NO_COLOR; FORCE_COLOR asks for them)"
    )


def wants_colour(stream: TextIO | None, *, refused: bool = False) -> bool:
    """Whether a stream is to be written in colours."""
    if stream is None or refused or os.environ.get("NO_COLOR"):
        return False
    forced = os.environ.get("FORCE_COLOR")
    if forced is not None:
        return forced not in ("", "0", "false")
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def painted(text: str, colour: str) -> str:
    """A text in a colour."""
    return f"\x1b[{colour}m{text}\x1b[0m" if text else text


def painted_report(report: str) -> str:
    """The report on an error of a script (see ``runtime.report``) in colours."""
    first, *lines = report.split("\n")
    return "\n".join((_headline(first), *map(_line, lines)))


def _headline(line: str) -> str:
    found = _FAULT.match(line)
    assert found is not None, "any line is matched"
    return painted(found["place"] or "", BOLD) + painted(found["what"], RED)


def _line(line: str) -> str:
    if line.startswith(("  at ", "  … ")):
        return painted(line, DIM)
    if line.startswith("caused by "):
        return painted("caused by ", DIM) + painted(line.removeprefix("caused by "), RED)
    source = re.match(r"^( +\d* \| )( *\^)?(.*)$", line)
    if source is None:
        return line
    return painted(source[1], DIM) + painted(source[2] or "", RED) + source[3]
