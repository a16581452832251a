"""A Lua program that is entered piece by piece; ``lua_prelude/session.lua`` is the other half."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmspell_engine.runtime.base import ScriptError
from llmspell_engine.runtime.lua_pieces import piece_of
from llmspell_engine.runtime.session import Entered, ScriptSession
from llmspell_engine.runtime.values import BridgeError

if TYPE_CHECKING:
    from llmspell_engine.runtime.lua import LuaRuntime


class LuaSession(ScriptSession):
    """The pieces of one program; ``functions`` is what ``session.lua`` gives."""

    def __init__(self, runtime: LuaRuntime, functions: Any) -> None:
        super().__init__(runtime)
        self._runtime = runtime
        self._functions = {name.decode(): function for name, function in functions.items()}

    def enter(self, name: str, text: str) -> Entered:
        """Run a piece; see the base class."""
        piece = piece_of(text, lambda word: bool(self._functions["knows"](word.encode())))
        self._runtime.enter(
            self._functions["enter"],
            *map(_bytes, (piece.plain, self._runtime.begin(name), name, piece.source)),
            piece.is_expression,
        )
        return Entered(self._told("shown"), self._told("printed"), self._value)

    def go_on(self) -> None:
        """Let go on what can; see the base class."""
        self._runtime.enter(self._functions["go_on"])

    def finish(self) -> None:
        """Let all end; see the base class."""
        self._runtime.enter(self._functions["finish"])

    def _renew(self) -> None:
        self._runtime.recover()
        self._functions["recover"]()

    def _told(self, form: str) -> str | None:
        found = self._runtime.enter(self._functions[form])
        # A text that is no Unicode comes as its bytes; the streams write them as they are.
        return found.decode("utf-8", "surrogateescape") if isinstance(found, bytes) else found

    def _value(self) -> Any:
        try:
            return self._runtime.enter(self._functions["value"])
        except BridgeError as problem:
            raise ScriptError(str(problem), kind="TypeError") from None


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
