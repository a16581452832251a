"""From what QuickJS tells of an error to :class:`ScriptError`."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import PurePath
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from llmspell_engine.catalog.spelling import spelled
from llmspell_engine.runtime.base import ScriptError, ScriptFrame
from llmspell_engine.runtime.values import ERROR_FIELDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from llmspell_engine.runtime.javascript_modules import JavaScriptModules

_FRAME = re.compile(r"^\s*at (?:(?P<name>.*?) \()?(?P<path>[^()]+?):(?P<line>\d+)(?::(?P<column>\d+))?\)?$")
_PLACE = re.compile(r"(?<=\()(?P<path>[^()\n]+):(?P<line>\d+):(?P<column>\d+)(?=\),?$)", re.MULTILINE)


class JavaScriptErrors:
    """Reads the errors of one JavaScript runtime.

    Attributes:
        carried: errors of the script that are on their way through the host, with their numbers there.
    """

    def __init__(self, modules: JavaScriptModules) -> None:
        self._modules = modules
        self.carried: WeakKeyDictionary[ScriptError, int] = WeakKeyDictionary()

    def script_error(
        self,
        kind: str,
        message: str,
        stack: str,
        cause: BaseException | None,
        told: Mapping[str, Any],
    ) -> ScriptError:
        """The exception for an error of the script, which has ``told`` of itself in names of JavaScript."""
        frames = self.frames(stack)
        missing = self._modules.place_of_failure(message)
        if missing and not any(frame.path == missing.path for frame in frames):
            frames = [missing, *frames]
        names = ((name, spelled(name, "javascript")) for name in ERROR_FIELDS)
        fields = {name: told[own] for name, own in names if own in told}
        return ScriptError(message, kind=kind or "error", frames=frames, cause=cause, fields=fields)

    def frames(self, stack: str) -> list[ScriptFrame]:
        """The script's own frames of a stack trace."""
        return list(self._frames(stack))

    def first_frame(self, stack: str) -> ScriptFrame | None:
        """The innermost of them."""
        return next(self._frames(stack), None)

    def frames_of_end(self, stack: str) -> list[ScriptFrame]:
        """The script's own frames where it was ended while it ran; the first one in its loop."""
        found = self.frames(stack)
        text = self._modules.text(found[0].path) if found else None
        if text is not None and found[0].column is not None:
            from llmspell_engine.runtime.javascript_places import loop_after

            line, column = loop_after(text, found[0].line, found[0].column)
            found[0] = replace(found[0], line=line, column=column)
        return found

    def with_own_places(self, shown: str) -> str:
        """A text with stacks; of a session's pieces they have the names, and columns as they were entered."""
        return _PLACE.sub(self._own_place, shown)

    def _own_place(self, match: re.Match[str]) -> str:
        if not self._modules.is_piece(match["path"]):
            return match[0]
        return f"{PurePath(match['path']).name}:{match['line']}:{self._frame(match).column}"

    def _frames(self, stack: str) -> Iterator[ScriptFrame]:
        matches = map(_FRAME.match, stack.splitlines())
        return (self._frame(match) for match in matches if match and _is_script(match["path"]))

    def _frame(self, match: re.Match[str]) -> ScriptFrame:
        path, number = match["path"], int(match["line"])
        column = int(match["column"]) if match["column"] else None
        line = self._modules.line(path, number) if column is not None else None
        if column is not None and line is not None:
            column = self._modules.own_column(path, number, _column(line, column))
        return ScriptFrame(path, number, column, match.groupdict().get("name") or "<anonymous>")


def _is_script(path: str) -> bool:
    return not path.startswith(("llmspell:", "<", "native"))


def _column(line: str, reported: int) -> int:
    """The column, in code points, of a place that QuickJS reports in bytes.

    It reports the end of what comes before a statement's first token, so blanks are skipped.
    """
    before = line.encode("utf-8", "surrogatepass")[: reported - 1].decode("utf-8", "replace")
    rest = line[len(before) :]
    return len(before) + len(rest) - len(rest.lstrip()) + 1
