"""Says in words what is wrong with a Lua script: a recogniser of the grammar.

The parser recovers from faults but cannot name them, and takes some scripts that are no Lua. This
one knows at each token what may follow, as the Lua compiler does; so every script is checked by it.
That is why tokens are compared as short codes, and made into :class:`Token` only for a message.

A fault ends the statement at the margin that it lies in; the check goes on at the next one. What only
follows from an earlier fault is left out: a block's end that is left over, a script that ends too early.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, NoReturn

from llmspell_engine.syntax.fault import Fault, FaultError, shortened
from llmspell_engine.syntax.lua_flow import Jump, LuaFlow
from llmspell_engine.syntax.lua_values import LuaValues
from llmspell_engine.syntax.tokens import token_matches
from llmspell_engine.text import Span

if TYPE_CHECKING:
    from llmspell_engine.text import Text

_BLOCK_ENDS = frozenset({"", "end", "else", "elseif", "until"})
_SCOPE_ENDS = _BLOCK_ENDS - {"until"}
"""Block ends at which the scope of the block's locals is over: ``until`` still sees them."""
_ATTRIBUTES = ("const", "close")
_MARGIN_WORDS = frozenset({"local", "function", "if", "for", "while", "repeat"})
"""Words that surely begin a statement when they stand at the left margin."""
_MOST_FAULTS = 20


def lua_faults(text: Text) -> list[Fault]:
    """The faults of a script, the first of which is certain; none when it is valid Lua."""
    matches = token_matches(text.value, "lua", _preamble(text.value), len(text.value))
    try:
        _check_ends(matches)
    except FaultError as found:
        return [found.fault]
    return _Check(text, [match for match in matches if match.lastgroup != "comment"]).faults()


def _preamble(value: str) -> int:
    """Where code begins: behind a byte order mark and a ``#`` line."""
    start = 1 if value.startswith("\ufeff") else 0
    if not value.startswith("#", start):
        return start
    end = value.find("\n")
    return len(value) if end < 0 else end


def _check_ends(matches: list[re.Match[str]]) -> None:
    """Strings and comments must end."""
    for match in matches:
        kind = match.lastgroup
        if kind in ("string", "comment") and not _is_finished(match[0]):
            raise FaultError(Span(*match.span()), f"unfinished {kind}: its end is missing")


def _is_finished(text: str) -> bool:
    """Whether a comment or string is closed."""
    if text.startswith("--"):
        return not _LONG_COMMENT.match(text) or _is_finished(text[2:])
    if text.startswith("["):
        return text.endswith("]" + text[1:].partition("[")[0] + "]")
    return len(text) > 1 and text[-1] == text[0]


_LONG_COMMENT = re.compile(r"--\[=*\[")


class _Check(LuaValues):
    """The grammar of statements."""

    def faults(self) -> list[Fault]:
        """The faults of all statements at the margin, one each."""
        found: list[Fault] = []
        while len(found) < _MOST_FAULTS:
            self.flow = LuaFlow()
            try:
                self.script()
                break
            except FaultError as error:
                if not found or self.code not in _BLOCK_ENDS:
                    found.append(error.fault)
                if not self.skip_to(_MARGIN_WORDS):
                    break
        return found

    def script(self) -> None:
        """All of it."""
        self.block()
        if self.code:
            self.fail(f"unexpected '{shortened(self.token.text)}'")

    def block(self) -> None:
        """Statements up to a word that ends them."""
        self.enter()
        self.flow.enter_block()
        self.statements()
        self._leave_block()
        self.depth -= 1

    def statements(self) -> None:
        """What a block holds."""
        while self.code not in _BLOCK_ENDS:
            if self.code == "return":
                self.return_statement()
                break
            self.statement()

    def _leave_block(self) -> None:
        lost = self.flow.leave_block()
        if lost is not None:
            self._fail_at(lost, f"there is no label '{lost.label}' that can be seen here")

    def _fail_at(self, jump: Jump, message: str) -> NoReturn:
        token = self._at(jump.position)
        raise FaultError(Span(token.start, token.end), message)

    def loop(self) -> None:
        """The block of a loop."""
        self.flow.enter_loop()
        self.block()
        self.flow.leave_loop()

    def break_statement(self) -> None:
        """``break``."""
        if not self.flow.is_in_loop:
            self.fail("'break' stands outside a loop")
        self.take()

    def return_statement(self) -> None:
        """``return``, which ends a block."""
        self.take()
        if self.code not in _BLOCK_ENDS and self.code != ";":
            self.values()
        self.accept(";")
        if self.code not in _BLOCK_ENDS:
            self.fail(
                f"unexpected '{shortened(self.token.text)}': 'return' must be the last statement of a block"
            )

    def statement(self) -> None:
        """One statement."""
        handler = _STATEMENTS.get(self.code)
        if handler is not None:
            handler(self)
        else:
            self.value_statement()

    def if_statement(self) -> None:
        """``if … then … elseif … else … end``."""
        opener = self.take()
        self.value()
        self.expect("then")
        self.block()
        while self.accept("elseif"):
            self.value()
            self.expect("then")
            self.block()
        if self.accept("else"):
            self.block()
        self.expect("end", opener)

    def while_statement(self) -> None:
        """``while … do … end``."""
        opener = self.take()
        self.value()
        self.expect("do")
        self.loop()
        self.expect("end", opener)

    def do_statement(self) -> None:
        """``do … end``."""
        opener = self.take()
        self.block()
        self.expect("end", opener)

    def for_statement(self) -> None:
        """``for i = a, b do … end`` and ``for k, v in … do … end``."""
        opener = self.take()
        self.name()
        if self.accept("="):
            self.value()
            self.expect(",")
            self.value()
            if self.accept(","):
                self.value()
        else:
            while self.accept(","):
                self.name()
            if not self.accept("in"):
                self.fail(f"'=' or 'in' expected{self._found()}")
            self.values()
        self.expect("do")
        self.loop()
        self.expect("end", opener)

    def repeat_statement(self) -> None:
        """``repeat … until …``."""
        opener = self.take()
        self.loop()
        self.expect("until", opener)
        self.value()

    def local_statement(self) -> None:
        """``local a <const>, b = …`` and ``local function f``."""
        self.take()
        if self.code == "function":
            opener = self.take()
            self.name()
            self.flow.declare()
            self.body(opener)
            return
        number = self.attributed_names()
        if self.accept("="):
            self.values()
        self.flow.declare(number)

    def attributed_names(self) -> int:
        """Names with or without ``<const>``; how many."""
        number = 0
        while not number or self.accept(","):
            number += 1
            self.name()
            if self.accept("<"):
                self.attribute()
        return number

    def attribute(self) -> None:
        """``const>`` or ``close>``."""
        if self.code == "<name>" and self.token.text not in _ATTRIBUTES:
            self.fail(f"there is no attribute '{self.token.text}': Lua has 'const' and 'close'")
        self.name()
        self.expect(">")

    def function_statement(self) -> None:
        """``function M.f() … end``."""
        opener = self.take()
        self.name()
        while self.accept("."):
            self.name()
        if self.accept(":"):
            self.name()
        self.body(opener)

    def body(self, opener: int) -> None:
        """Parameters and statements of a function."""
        parenthesis = self.position
        self.expect("(")
        is_variadic = self.parameters()
        self.expect(")", parenthesis)
        self.flow.enter_function(is_variadic=is_variadic)
        self.block()
        self.flow.leave_function()
        self.expect("end", opener)

    def parameters(self) -> bool:
        """Names, and perhaps ``...`` as the last, which is the result."""
        while self.code != ")":
            if self.accept("..."):
                return True
            self.name()
            if not self.accept(","):
                break
        return False

    def label(self) -> None:
        """``::name::``, and what does nothing behind it."""
        self.take()
        name = self.token.text
        if self.flow.sees(name):
            self.fail(f"the label '{name}' is there already")
        self.name()
        self.expect("::")
        self.flow.label(name)
        while self.code in (";", "::"):
            self.statement()
        entering = self.flow.arrive(name, is_last=self.code in _SCOPE_ENDS)
        if entering is not None:
            self._fail_at(entering, f"this jump to '{name}' would enter the scope of a local variable")

    def goto(self) -> None:
        """``goto name``."""
        self.take()
        position = self.position
        name = self.token.text
        self.name()
        self.flow.jump(name, position)

    def value_statement(self) -> None:
        """A call or an assignment."""
        start = self.position
        is_call = self.suffixed()
        if self.code in ("=", ","):
            self._assignment(is_call=is_call)
        elif not is_call:
            self._unused_value(start)

    def _assignment(self, *, is_call: bool) -> None:
        """The rest of ``a, b.c = …``."""
        if is_call:
            self.fail("a call cannot be assigned to")
        while self.accept(","):
            if self.suffixed():
                self.fail("a call cannot be assigned to")
        self.expect("=")
        self.values()

    def _unused_value(self, start: int) -> NoReturn:
        """Stop at a value that nothing is done with."""
        if self._hint() or not self.code:
            self.fail(f"'=' or a call expected{self._found()}")
        span = Span(self._at(start).start, self._at(self.position - 1).end)
        written = shortened(self.text.value[span.start : span.end])
        raise FaultError(span, f"unexpected '{written}': a statement must be an assignment or a call")


_STATEMENTS: dict[str, Callable[[_Check], object]] = {
    ";": _Check.take,
    "if": _Check.if_statement,
    "while": _Check.while_statement,
    "do": _Check.do_statement,
    "for": _Check.for_statement,
    "repeat": _Check.repeat_statement,
    "local": _Check.local_statement,
    "function": _Check.function_statement,
    "::": _Check.label,
    "break": _Check.break_statement,
    "goto": _Check.goto,
}
