"""The standard streams of scripts: any bytes go through; a pipe that nobody reads ends a script quietly."""

from __future__ import annotations

import codecs
import errno
import io
import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, TextIO

from llmspell_cli.running.outcome import FAILED, SUCCEEDED, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from llmspell_engine.runtime.base import Streams

    from llmspell_cli.running.progress import StatusLine

_ANY_TEXT = "llmspell-any-text"
"""How the standard streams write what is not Unicode, for the strings of scripts may hold anything."""


def standard_streams(status: StatusLine | None = None) -> Streams:
    """The process's streams for a script; ``status`` makes way for what is written."""
    from llmspell_engine.runtime.base import Streams

    codecs.register_error(_ANY_TEXT, _any_text)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors=_ANY_TEXT)
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(encoding="utf-8", errors="surrogateescape")
    out, err = _writer(lambda: sys.stdout), _writer(lambda: sys.stderr)
    if status is not None:
        out, err = status.before(out), status.before(err)
    return Streams(out, err, _read_line)


def _any_text(error: UnicodeError) -> tuple[str | bytes, int]:
    """Bytes that are no text go out as they came in; other halves of a surrogate pair have no bytes."""
    try:
        return codecs.lookup_error("surrogateescape")(error)
    except UnicodeEncodeError as problem:
        return "\N{REPLACEMENT CHARACTER}".encode(), problem.start + 1


def _read_line() -> str | None:
    if sys.stdin is None:
        return None
    if sys.stdout is not None:
        sys.stdout.flush()
    return sys.stdin.readline() or None


def source_of_input() -> str:
    """The script that stands on standard input. Raises UsageError where that is no text."""
    from llmspell_engine.runtime.modules import ModuleError, decoded_source

    if sys.stdin is None:
        return ""
    try:
        return decoded_source(sys.stdin.buffer.read(), "standard input")
    except ModuleError as error:
        raise UsageError(str(error)) from None


def has_line(seconds: float) -> bool:
    """Whether somebody at the terminal has entered a line, waited for so long; of other streams always."""
    import select

    if sys.stdin is None or not sys.stdin.isatty():
        return True
    try:
        return bool(select.select([sys.stdin], [], [], seconds)[0])
    except OSError:  # Windows cannot tell
        return True


def _writer(stream: Callable[[], TextIO | None]) -> Callable[[str], None]:
    """Write, and end the script quietly once nobody reads any more. A stream may be closed from the start."""

    def write(text: str) -> None:
        from llmspell_engine.runtime.base import ScriptExit

        found = stream()
        try:
            if found is not None:
                found.write(text)
        except BrokenPipeError:
            raise ScriptExit(SUCCEEDED) from None

    return write


def tell(text: str) -> None:
    """Write to standard error, whether anybody reads it or not."""
    with suppress(OSError):
        if sys.stderr is not None:
            sys.stderr.write(text)


def flush_output(command: str, *, is_told: bool = False) -> int:
    """Write out what is left; the exit code that asks for. A failure that ``is_told`` is not told again."""
    try:
        if sys.stdout is not None and not sys.stdout.closed:
            sys.stdout.flush()
    except BrokenPipeError:
        _discard_output()
    except OSError as problem:
        if not is_told:
            return cannot_write(command, problem)
        _discard_output()
    return SUCCEEDED


def is_of_output(error: OSError) -> bool:
    """Whether it says that there is no room for output. Where that is not buffered, printing raises it."""
    # It would name a file that was written.
    return error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO) and error.filename is None


def cannot_write(command: str, problem: OSError) -> int:
    """Tell that what a command prints cannot be written, and why; the exit code for that."""
    _discard_output()
    tell(f"llmspell {command}: cannot write the output: {problem.strerror or problem}\n")
    return FAILED


def _discard_output() -> None:
    """Let the interpreter's own last flush go nowhere, for nobody reads the pipe any more."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
