"""The grammar of Lua's values: operands and operators, tables, calls, members.

Which operator binds closer does not matter here: it is only asked what may follow what.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import NoReturn

from llmspell_engine.syntax.fault import shortened
from llmspell_engine.syntax.lua_cursor import LuaCursor
from llmspell_engine.syntax.lua_flow import LuaFlow

_BINARY = frozenset(
    {"+", "-", "*", "/", "//", "%", "^", "..", "==", "~=", "<", ">", "<=", ">=", "and", "or", "&", "|", "~"}
    | {"<<", ">>"}
)
_UNARY = frozenset({"-", "not", "#", "~"})
_CONSTANTS = frozenset({"nil", "true", "false", "...", "<string>", "<number>"})
_ARGUMENTS = frozenset({"(", "{", "<string>"})
_SUFFIXES = _ARGUMENTS | {".", "[", ":"}
_DEEPEST = 150
"""How deep values and blocks may nest: the Lua compiler itself refuses more than 200."""


class LuaValues(LuaCursor, ABC):
    """Each method passes one part of a value, or stops at what cannot follow."""

    flow: LuaFlow
    """What the function around a value allows in it."""

    @abstractmethod
    def body(self, opener: int) -> None:
        """Parameters and statements of a function that began with the token at ``opener``."""

    def enter(self) -> None:
        """Go one level deeper."""
        self.depth += 1
        if self.depth > _DEEPEST:
            self.fail("too deeply nested")

    def values(self) -> None:
        """Values with commas between."""
        self.value()
        while self.accept(","):
            self.value()

    def value(self) -> None:
        """Operands and operators; which binds closer does not matter here."""
        self.enter()
        while True:
            while self.code in _UNARY:
                self.take()
            self.operand()
            if self.code not in _BINARY:
                break
            self._operator()
        self.depth -= 1

    def _operator(self) -> None:
        """A binary operator; ``//``, ``<<`` and ``>>`` are two tokens."""
        first = self.take()
        doubled = self.code in ("/", "<", ">") and self.code == self.codes[first]
        if doubled and self._at(first).end == self.token.start:
            self.take()

    def operand(self) -> None:
        """A constant, a table, a function or something with suffixes."""
        if self.code == "..." and not self.flow.is_variadic:
            self.fail("'...' stands outside a function that takes it")
        if self.code in _CONSTANTS:
            self.take()
        elif self.code == "{":
            self.table()
        elif self.code == "function":
            self.body(self.take())
        else:
            self.suffixed()

    def suffixed(self) -> bool:
        """``a.b[c]:d(e)``; whether it ends in a call."""
        if self.code == "(":
            opener = self.take()
            self.value()
            self.expect(")", opener)
        elif self.code == "<name>":
            self.take()
        else:
            self._no_value()
        is_call = False
        while self.code in _SUFFIXES:
            is_call = self.suffix()
        return is_call

    def suffix(self) -> bool:
        """One member, index or call; whether it was a call."""
        if self.accept("."):
            self.name()
            return False
        if self.code == "[":
            opener = self.take()
            self.value()
            self.expect("]", opener)
            return False
        if self.accept(":"):
            self.name()
            if self.code not in _ARGUMENTS:
                self.fail(f"'(' expected after a method's name{self._found()}")
        self.arguments()
        return True

    def _no_value(self) -> NoReturn:
        if not self.code:
            self.fail("a value expected, but the script ends")
        if self.code in (")", "]", "}"):
            self.fail(f"unexpected '{self.code}'")
        self.fail(f"a value expected{self._found()}")

    def arguments(self) -> None:
        """``(a, b)``, ``{…}`` or a string."""
        if self.accept("<string>"):
            return
        if self.code == "{":
            self.table()
            return
        opener = self.take()
        if self.code != ")":
            self.values()
        self.expect(")", opener)

    def table(self) -> None:
        """``{ a = 1, [b] = 2, 3 }``."""
        self.enter()
        opener = self.take()
        while self.code != "}":
            self.entry()
            if not (self.accept(",") or self.accept(";")):
                break
        if self.code == "<string>" or self._at_key():
            self.fail(f"',' expected before '{shortened(self.token.text)}'")
        self.expect("}", opener)
        self.depth -= 1

    def _at_key(self) -> bool:
        """Whether ``name =`` comes next."""
        return self.code == "<name>" and self.codes[self.position + 1] == "="

    def entry(self) -> None:
        """One entry of a table."""
        if self.code == "[":
            opener = self.take()
            self.value()
            self.expect("]", opener)
            self.expect("=")
        elif self._at_key():
            self.take()
            self.take()
        self.value()
