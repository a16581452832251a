"""How a client counts lines and columns and spells paths, and the way between that and the engine's.

The engine counts lines and columns from 1, columns in code points, and spells paths as the operating
system does. A client counts from 0 or 1, columns in UTF-16 units, and may write paths as URIs.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from llmspell_engine.text import Position, Text

from llmspell_dap.errors import Problem, RequestError

if TYPE_CHECKING:
    from llmspell_dap.protocol.arguments import InitializeArguments


@dataclass(frozen=True, slots=True)
class ClientView:
    """A client's conventions, as it told them in ``initialize``."""

    first_line: int = 1
    first_column: int = 1
    uses_uris: bool = False
    shows_types: bool = False
    """Whether it wants the type of a variable apart from its value."""

    @classmethod
    def of(cls, arguments: InitializeArguments) -> ClientView:
        """The conventions of a client. Raises RequestError for a path format nobody defined."""
        path_format = arguments.path_format or "path"
        if path_format not in ("path", "uri"):
            raise RequestError(Problem.PATH_FORMAT, format=path_format)
        return cls(
            first_line=int(arguments.lines_start_at1),
            first_column=int(arguments.columns_start_at1),
            uses_uris=path_format == "uri",
            shows_types=arguments.supports_variable_type,
        )

    def path_out(self, path: str) -> str:
        """A path, or the URI of its file."""
        return Path(path).as_uri() if self.uses_uris else path

    def path_in(self, path: str) -> str:
        """The absolute path that a client means. Raises RequestError for a URI that is no local file's."""
        return os.path.normpath(Path(_path_of_uri(path) if self.uses_uris else path).absolute())

    def line_out(self, line: int) -> int:
        """A line, counted as the client does."""
        return line - 1 + self.first_line

    def line_in(self, line: int) -> int:
        """A client's line, from 1."""
        return line - self.first_line + 1

    def column_out(self, path: str | None, line: int, column: int) -> int:
        """A column from 1 in code points, counted as the client does."""
        text = _text(path)
        if text is None or text.ascii or line > text.line_count:
            return column - 1 + self.first_column
        offset = text.offset(Position(line - 1, column - 1))
        return text.position(offset, "utf-16").column + self.first_column

    def column_in(self, path: str, line: int, column: int) -> int:
        """A client's column at a line (from 1), from 1 in code points."""
        units = column - self.first_column
        text = _text(path)
        if text is None or text.ascii or line > text.line_count:
            return units + 1
        offset = text.offset(Position(line - 1, units), "utf-16")
        return text.position(offset).column + 1


def _path_of_uri(uri: str) -> str:
    parts = urlsplit(uri)
    if parts.scheme != "file" or parts.netloc not in ("", "localhost"):
        raise RequestError(Problem.BAD_URI, uri=uri)
    path = unquote(parts.path)
    return path[1:] if os.name == "nt" else path


def _text(path: str | None) -> Text | None:
    """The text of a file as it is now; None where there is none to count in."""
    if path is None:
        return None
    try:
        return _read(path, Path(path).stat().st_mtime_ns)
    except OSError:
        return None


@lru_cache(maxsize=32)
def _read(path: str, modified: int) -> Text:
    del modified
    return Text(Path(path).read_bytes().decode("utf-8", "replace"))
