"""A failed script explained to people: where, what, the line with a caret, the calls, the causes.

::

    examples/release.lua:12: ToolError: there is no tool 'calculater'; did you mean 'calculator'?

      12 | local sum = Tool.execute("calculater", { input = "1 + 2" })
         |             ^
      at examples/release.lua:12 in total
      at examples/release.lua:20 in main chunk

    caused by KeyError: 'calculater'
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from llmspell_engine.runtime.modules import ModuleError, read_source
from llmspell_engine.runtime.values import kind_of

if TYPE_CHECKING:
    from llmspell_engine.runtime.base import ScriptError, ScriptFrame

_PLAIN_KINDS = ("error", "Error")
_NAME = re.compile(r"\((?:local|global|field|upvalue|method|constant) '([^']+)'\)|^'([^']+)'")
_MOST_FRAMES = 20
_WIDEST = 100


def report(
    error: ScriptError,
    shown: Callable[[str], str] = str,
    read: Callable[[str], str] = read_source,
) -> str:
    """The whole report, ending in a line end.

    ``shown`` gives the form in which people know a path, ``read`` the text of a source (raises
    ModuleError for none): a program from standard input has no file.
    """
    lines = [_headline(error, shown), *_excerpt(error, read), *_calls(error, shown)]
    lines += [line for cause in _causes(error) for line in _caused_by(cause, shown)]
    text = "\n".join(lines) + "\n"
    return "\nand nobody had looked at this error:\n\n".join(
        (text, *(report(other, shown, read) for other in error.besides))
    )


def _headline(error: ScriptError, shown: Callable[[str], str]) -> str:
    place = f"{_place(error.frames[0], shown)}: " if error.frames else ""
    return f"{place}{_what(error)}"


def _what(error: BaseException) -> str:
    kind = kind_of(error)
    message = str(error)
    if kind in _PLAIN_KINDS:
        return message or "the script raised an error without a message"
    return f"{kind}: {message}" if message else kind


def _place(frame: ScriptFrame, shown: Callable[[str], str]) -> str:
    column = f":{frame.column}" if frame.column else ""
    return f"{shown(frame.path)}:{frame.line}{column}"


def _excerpt(error: ScriptError, read: Callable[[str], str]) -> Iterator[str]:
    """The line of the error, with a caret under its place where that is known."""
    if not error.frames:
        return
    frame = error.frames[0]
    try:
        lines = read(frame.path).splitlines()
    except ModuleError:
        return
    if not 0 < frame.line <= len(lines):
        return
    source = lines[frame.line - 1].replace("\t", " ")
    at = frame.column - 1 if frame.column else _named_in(str(error), source)
    text, at = _cropped(source, at)
    number = str(frame.line)
    yield ""
    yield f"  {number} | {text}"
    yield f"  {' ' * len(number)} | {' ' * at}^"


def _named_in(message: str, source: str) -> int:
    """Where the name that the message speaks of stands in the line; else where the statement begins."""
    named = _NAME.search(message)
    name = (named[1] or named[2]) if named else None
    found = re.search(rf"(?<!\w){re.escape(name)}(?!\w)", source) if name else None
    return found.start() if found else len(source) - len(source.lstrip())


def _cropped(source: str, at: int) -> tuple[str, int]:
    if len(source) <= _WIDEST:
        return source, min(at, len(source))
    start = max(0, min(at - _WIDEST // 2, len(source) - _WIDEST))
    return source[start : start + _WIDEST], at - start


def _calls(error: ScriptError, shown: Callable[[str], str]) -> Iterator[str]:
    for frame in error.frames[:_MOST_FRAMES]:
        within = f" in {frame.function}" if frame.function != "<anonymous>" else ""
        yield f"  at {_place(frame, shown)}{within}"
    if len(error.frames) > _MOST_FRAMES:
        yield f"  … and {len(error.frames) - _MOST_FRAMES} calls more"


def _causes(error: BaseException) -> Iterator[BaseException]:
    seen = {id(error)}
    cause = _cause(error)
    while cause is not None and id(cause) not in seen:
        yield cause
        seen.add(id(cause))
        cause = _cause(cause)


def _cause(error: BaseException) -> BaseException | None:
    cause = getattr(error, "cause", None) or error.__cause__
    return cause if isinstance(cause, BaseException) else None


def _caused_by(cause: BaseException, shown: Callable[[str], str]) -> Iterator[str]:
    frames = getattr(cause, "frames", ())
    place = f" ({_place(frames[0], shown)})" if frames else ""
    yield ""
    yield f"caused by {_what(cause)}{place}"
