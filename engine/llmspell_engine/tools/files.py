"""Reading and writing files for tools: failures as sentences, nothing half-written."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import BufferedReader
from pathlib import Path

from llmspell_engine.tools.base import ToolError, stop_if_cancelled
from llmspell_engine.tools.file_places import LinkFoundError, opened, replaced

LARGEST = 64 * 1024 * 1024
"""Bytes of a file that is read at once."""
_LONGEST_PREFIX = 40
"""Characters of a name that go into the name of what is made beside it, which may not be too long either."""


@contextmanager
def told_as_tool_errors(given: str) -> Iterator[None]:
    """Turn failures of the file system into ToolErrors that name the path as the script gave it."""
    try:
        yield
    except LinkFoundError as error:
        raise ToolError(f"'{given}': {error.strerror}", code="forbidden") from None
    except FileNotFoundError:
        raise ToolError(f"'{given}' does not exist", code="not_found") from None
    except FileExistsError:
        raise ToolError(f"'{given}' exists already", code="exists") from None
    except PermissionError:
        raise ToolError(f"'{given}' may not be accessed", code="forbidden") from None
    except IsADirectoryError:
        raise ToolError(f"'{given}' is a folder and not a file", code="not_a_file") from None
    except NotADirectoryError:
        raise ToolError(f"'{given}' is not a folder", code="not_a_folder") from None
    except OSError as error:
        raise ToolError(f"'{given}': {error.strerror or error}", code="io_error") from error


@contextmanager
def open_file(path: Path, given: str) -> Iterator[BufferedReader]:
    """A file to read from."""
    with told_as_tool_errors(given):
        check_is_file(path, given)
        stream = os.fdopen(opened(path), "rb")
    with stream:
        yield stream


def check_is_file(path: Path, given: str) -> None:
    """Raise where something is no file: a pipe may have no end, or wait for somebody who writes or reads.

    A file that takes the place of a device or a socket would take it from all programs.
    """
    mode = path.stat().st_mode
    if stat.S_ISDIR(mode):
        raise IsADirectoryError
    if not stat.S_ISREG(mode):
        raise ToolError(f"'{given}' is a device, a pipe or a socket and not a file", code="not_a_file")


def lines_of(text: str) -> list[str]:
    """The lines of a text, as editors number them: other signs that break lines on paper stand in lines."""
    found = re.split(r"\r\n|\n|\r", text)
    return found if found[-1] else found[:-1]


def walked(folder: Path) -> Iterator[Path]:
    """All that is in a folder and in its folders; links are not followed.

    What comes and goes meanwhile is told or not, and may be gone already.
    """
    next(folder.iterdir(), None)
    for here, folders, files in os.walk(folder):
        stop_if_cancelled()
        yield from (Path(here) / name for name in (*folders, *files))


def beside(path: Path) -> str:
    """How the name begins of what is made beside a place, to get there in one step."""
    return f".{path.name[:_LONGEST_PREFIX]}."


def read_file(path: Path, given: str) -> bytes:
    """The bytes of a file that is not too large to be a value in a script."""
    with open_file(path, given) as stream:
        data = stream.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise ToolError(f"'{given}' is larger than {LARGEST // 1024 // 1024} MiB", code="too_large")
    return data


def write_file(path: Path, given: str, data: bytes) -> None:
    """Write a whole file or nothing: what was there stays until all is written."""
    with told_as_tool_errors(given):
        if path.exists():
            check_is_file(path, given)
        if not path.parent.is_dir():
            raise ToolError(f"the folder of '{given}' does not exist", code="not_found")
        mode = path.stat().st_mode & 0o777 if path.exists() else 0o644
        _stop_if_nobody_waits()
        with replaced(path, beside(path), mode) as descriptor:
            with os.fdopen(descriptor, "wb", closefd=False) as stream:
                stream.write(data)
            _stop_if_nobody_waits()


def _stop_if_nobody_waits() -> None:
    """End a tool that was cancelled, or took too long, before it changes anything."""
    from anyio import from_thread

    # Who is on no thread of the loop's, such as an export of State, cannot be cancelled.
    with suppress(RuntimeError):
        from_thread.check_cancelled()
