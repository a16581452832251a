"""What tools get to work on: paths, and texts that stand in a parameter or in a file."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from llmspell_engine.api.declare import complete
from llmspell_engine.tools.base import ToolContext, ToolError
from llmspell_engine.tools.files import read_file, write_file

GivenPath = Annotated[str, Field(min_length=1, max_length=4096), complete("path")]
"""A path as a script writes it."""


def bytes_of(given: str, context: ToolContext) -> bytes:
    """The bytes of a file that may be read."""
    return read_file(context.permissions.readable(given), given)


def text_of(given: str, context: ToolContext) -> str:
    """The text of a file that may be read. A mark of the byte order is no part of it."""
    try:
        return bytes_of(given, context).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ToolError(
            f"'{given}' is no text in UTF-8; file-converter changes the encoding", code="not_text"
        ) from None


def given_text(text: str | None, path: str | None, context: ToolContext) -> str:
    """The text of a parameter, or of the file that stands in its place."""
    return text_of(path, context) if path is not None else text or ""


def keep(data: bytes, given: str, context: ToolContext) -> None:
    """Write a whole file that may be written, or nothing."""
    write_file(context.permissions.writable(given), given, data)
