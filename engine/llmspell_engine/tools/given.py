"""What tools get to work on: paths, and texts that stand in a parameter or in a file."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Annotated

from pydantic import Field

from llmspell_engine.api.declare import complete
from llmspell_engine.tools.base import ToolContext, ToolError
from llmspell_engine.tools.files import open_file, read_file, write_file

GivenPath = Annotated[str, Field(min_length=1, max_length=4096), complete("path")]
"""A path as a script writes it."""
LONGEST_LINE = 16 * 1024 * 1024
"""The characters of a line of a file that is read line by line."""


def bytes_of(given: str, context: ToolContext) -> bytes:
    """The bytes of a file that may be read."""
    return read_file(context.permissions.readable(given), given)


def text_of(given: str, context: ToolContext) -> str:
    """The text of a file that may be read. A mark of the byte order is no part of it."""
    try:
        return bytes_of(given, context).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _no_text(given) from None


def _no_text(given: str) -> ToolError:
    return ToolError(f"'{given}' is no text in UTF-8; file-converter changes the encoding", code="not_text")


def given_text(text: str | None, path: str | None, context: ToolContext) -> str:
    """The text of a parameter, or of the file that stands in its place."""
    return text_of(path, context) if path is not None else text or ""


@contextmanager
def given_lines(
    text: str | None, path: str | None, context: ToolContext, *, errors: str = "strict"
) -> Iterator[Iterator[str]]:
    """The lines of a parameter, or of the file in its place, with their ends; of a file never all at once."""
    if path is None:
        yield iter(io.StringIO(text or "", newline=""))
        return
    with (
        open_file(context.permissions.readable(path), path) as stream,
        io.TextIOWrapper(stream, "utf-8-sig", errors, newline="") as text_stream,
    ):
        try:
            yield _lines(text_stream, path)
        except UnicodeDecodeError:
            raise _no_text(path) from None


def _lines(stream: io.TextIOWrapper, path: str) -> Iterator[str]:
    for number, line in enumerate(iter(partial(stream.readline, LONGEST_LINE), ""), 1):
        if len(line) == LONGEST_LINE:
            told = f"line {number} of '{path}' is longer than {LONGEST_LINE} characters"
            raise ToolError(told, code="too_large")
        yield line


def keep(data: bytes, given: str, context: ToolContext) -> None:
    """Write a whole file that may be written, or nothing."""
    write_file(context.permissions.writable(given), given, data)
