"""A JavaScript program that is entered piece by piece, each a module; ``javascript_pieces`` makes them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from llmspell_engine.runtime.javascript_pieces import piece_of
from llmspell_engine.runtime.session import Entered, ScriptSession

if TYPE_CHECKING:
    from llmspell_engine.runtime.javascript import JavaScriptRuntime


class JavaScriptSession(ScriptSession):
    """The pieces of one program."""

    def __init__(self, runtime: JavaScriptRuntime) -> None:
        super().__init__(runtime)
        self._runtime = runtime

    def enter(self, name: str, text: str) -> Entered:
        """Run a piece; see the base class."""
        shown, printed = json.loads(self._runtime.enter(name, text, piece_of(text)))
        places = self._runtime.own_places
        return Entered(places(shown), places(printed), self._runtime.entered)

    def go_on(self) -> None:
        """Let go on what can; see the base class."""
        self._runtime.go_on()

    def finish(self) -> None:
        """Let all end; see the base class."""
        self._runtime.settle()

    def _renew(self) -> None:
        self._runtime.recover()
