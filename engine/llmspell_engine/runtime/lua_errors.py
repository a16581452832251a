"""From Lua's error values to :class:`ScriptError`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

from llmspell_engine.runtime.base import ScriptError, ScriptFrame
from llmspell_engine.runtime.modules import SourceFiles
from llmspell_engine.runtime.values import ERROR_FIELDS, BridgeError

_ADDRESS = re.compile(r"table: (0x)?[0-9a-fA-F]+")
_MOST_FIELDS = 6


class LuaErrors:
    """Reads the error values of one Lua runtime.

    ``prelude`` has the functions of ``lua_prelude``, ``to_python`` makes Python's values of Lua's.
    """

    def __init__(
        self, prelude: Any, lua_type: Callable[[Any], str | None], to_python: Callable[[Any], Any]
    ) -> None:
        self._text = prelude["text"]
        self._type = lua_type
        self._to_python = to_python
        self._is_in_fields = False

    def script_error(self, value: Any, flat: Any, files: SourceFiles | None = None) -> ScriptError:
        """The exception for an error value: a message, an error table, or anything else.

        ``flat`` is the prelude's list of frames or None; ``files`` tells the names by which messages
        call them.
        """
        frames = _frames(flat)
        if isinstance(value, bytes):
            return _from_message(value.decode("utf-8", "replace"), frames, files)
        if self._type(value) == "table":
            return self._from_table(value, frames)
        if value is None:
            return ScriptError("the error is not a message but nil", frames=frames)
        text = _decoded(self._text(value))
        return ScriptError(f"the error is not a message but a {self._name(value)}: {text}", frames=frames)

    def _from_table(self, table: Any, frames: list[ScriptFrame]) -> ScriptError:
        fields = dict(table.items())
        kind, message, cause = fields.get(b"kind"), fields.get(b"message"), fields.get(b"cause")
        if not frames and isinstance(fields.get(b"file"), bytes) and isinstance(fields.get(b"line"), int):
            # What led to an error has no calls here any more, but tells its place.
            frames = [frame(fields[b"file"], fields[b"line"], b"")]
        return ScriptError(
            _decoded(message) if isinstance(message, bytes) else self._shown(table, fields),
            kind=_decoded(kind) if isinstance(kind, bytes) else "error",
            frames=frames,
            cause=self.script_error(cause, None) if cause is not None else None,
            fields={} if self._is_in_fields else dict(self._fields(fields)),
        )

    def _fields(self, fields: dict[Any, Any]) -> Iterator[tuple[str, Any]]:
        """What the error knows beside its kind. Errors in its details say no more, as one may be itself."""
        self._is_in_fields = True
        try:
            for name in ERROR_FIELDS:
                with suppress(BridgeError):
                    if (value := fields.get(name.encode())) is not None:
                        yield name, self._to_python(value)
        finally:
            self._is_in_fields = False

    def _shown(self, table: Any, fields: dict[Any, Any]) -> str:
        """A table as its own ``__tostring`` shows it, or its first fields where it has none."""
        text = _decoded(self._text(table))
        if not _ADDRESS.fullmatch(text) or not fields:
            return text
        words = (
            f"{_decoded(self._text(key))} = {_decoded(self._text(value))}" for key, value in fields.items()
        )
        more = ", …" if len(fields) > _MOST_FIELDS else ""
        return f"{{ {', '.join(sorted(words)[:_MOST_FIELDS])}{more} }}"

    def _name(self, value: Any) -> str:
        names = {bool: "boolean", int: "number", float: "number"}
        return names.get(type(value)) or self._type(value) or "value"


def frame(source: bytes, line: float, name: bytes) -> ScriptFrame:
    """The frame of a function of ``source``, as Lua calls it (``@`` and a path)."""
    path = source.decode("utf-8", "surrogateescape").removeprefix("@")
    return ScriptFrame(path, int(line), None, _decoded(name))


def _frames(flat: Any) -> list[ScriptFrame]:
    words = list(flat.values()) if flat is not None else []
    return [frame(*words[at : at + 3]) for at in range(0, len(words), 3)]


def _from_message(message: str, frames: list[ScriptFrame], files: SourceFiles | None) -> ScriptError:
    """Split the position off a message; a syntax error has no other frame than that."""
    if files is None:
        return ScriptError(message, frames=frames)
    for each in frames:
        prefix = f"{files.shown(each.path)}:{each.line}: "
        if message.startswith(prefix):
            return ScriptError(message.removeprefix(prefix), frames=frames)
    program = f"{files.shown(files.program)}:"
    line, _, rest = message.removeprefix(program).partition(": ")
    if not frames and message.startswith(program) and line.isdigit():
        place = ScriptFrame(files.program, int(line), None, "main chunk")
        return ScriptError(rest, kind="SyntaxError", frames=[place])
    return ScriptError(message, frames=frames)


def _decoded(text: bytes) -> str:
    return text.decode("utf-8", "replace")
