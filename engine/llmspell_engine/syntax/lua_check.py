"""Says in words what is wrong with a Lua script: a recogniser of the grammar that stops at the first fault.

The parser recovers from faults but cannot name them. This one knows at each token what may follow, as
the Lua compiler does, and so it also finds scripts that the parser's grammar wrongly refuses. It runs
only on texts the parser has found broken.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from llmspell_engine.syntax.fault import Fault, FaultError, shortened
from llmspell_engine.syntax.tokens import Token, tokens
from llmspell_engine.text import Span

if TYPE_CHECKING:
    from llmspell_engine.text import Text

_END = Token("sign", "", 0, 0)
_WORDS = frozenset(
    {"and", "break", "do", "else", "elseif", "end", "false", "for", "function", "goto", "if", "in"}
    | {"local", "nil", "not", "or", "repeat", "return", "then", "true", "until", "while"}
)
_BLOCK_ENDS = frozenset({"", "end", "else", "elseif", "until"})
_BINARY = frozenset(
    {"+", "-", "*", "/", "//", "%", "^", "..", "==", "~=", "<", ">", "<=", ">=", "and", "or", "&", "|", "~"}
    | {"<<", ">>"}
)
_UNARY = frozenset({"-", "not", "#", "~"})
_HINTS = {
    "!=": "Lua writes '~='",
    "!==": "Lua writes '~='",
    "===": "Lua writes '=='",
    "!": "Lua writes 'not'",
    "&&": "Lua writes 'and'",
    "||": "Lua writes 'or'",
    "const": "Lua declares with 'local'",
    "let": "Lua declares with 'local'",
    "var": "Lua declares with 'local'",
    "=>": "Lua writes 'function(…) … end'",
}
_ABSENT = frozenset({"++", "+=", "-=", "*=", "/=", "..=", "??"})
_DEEPEST = 150
"""How deep values and blocks may nest: the Lua compiler itself refuses more than 200."""


def lua_faults(text: Text) -> list[Fault]:
    """The first fault of a script; none when it is valid Lua."""
    every = list(tokens(text.value, "lua", _preamble(text.value), len(text.value)))
    try:
        _check_ends(every)
        _Check(text, [token for token in every if token.kind != "comment"]).script()
    except FaultError as found:
        return [found.fault]
    return []


def _preamble(value: str) -> int:
    """Where code begins: behind a byte order mark and a ``#`` line."""
    start = 1 if value.startswith("\ufeff") else 0
    if not value.startswith("#", start):
        return start
    end = value.find("\n")
    return len(value) if end < 0 else end


def _check_ends(every: list[Token]) -> None:
    """Strings and comments must end."""
    for token in every:
        if token.kind in ("string", "comment") and not _is_finished(token):
            raise FaultError(Span(token.start, token.end), f"unfinished {token.kind}: its end is missing")


def _is_finished(token: Token) -> bool:
    """Whether a comment or string is closed."""
    text = token.text
    if text.startswith("--"):
        level = text[2:].partition("[")[2].partition("[")
        is_long = text.startswith("--[") and level[1] and not level[0].strip("=")
        return text.endswith("]" + level[0] + "]") if is_long else True
    if text.startswith("["):
        return text.endswith("]" + text[1:].partition("[")[0] + "]")
    return len(text) > 1 and text[-1] == text[0]


class _Check:
    """The place in the tokens while the grammar is followed."""

    def __init__(self, text: Text, found: list[Token]) -> None:
        self.text = text
        self.tokens = found
        self.position = 0
        self.depth = 0
        self.odd_end: tuple[Token, Token] | None = None

    # Tokens

    @property
    def token(self) -> Token:
        """The next token; an empty one at the end."""
        return self.tokens[self.position] if self.position < len(self.tokens) else _END

    def sees(self, *texts: str) -> bool:
        """Whether the next token is one of some words or signs."""
        token = self.token
        return token.kind in ("sign", "name") and token.text in texts

    def take(self) -> Token:
        """The next token, which is passed."""
        token = self.token
        self.position += 1
        return token

    def accept(self, text: str) -> bool:
        """Pass a word or sign if it is next."""
        if not self.sees(text):
            return False
        self.take()
        return True

    def expect(self, text: str, opener: Token | None = None) -> Token:
        """Pass a word or sign that must be next, to close ``opener`` if there is one."""
        if not self.sees(text):
            self._missing(text, opener)
        closer = self.take()
        if opener is not None and text == "end":
            self._compare(opener, closer)
        return closer

    def _missing(self, text: str, opener: Token | None) -> NoReturn:
        """Stop where a word or sign is missing; for an ``end``, where the indentation betrays it."""
        if opener is None:
            self.fail(f"'{text}' expected{self._found()}")
        if text == "end" and self.odd_end is not None and not self.token.text:
            opener, closer = self.odd_end
            raise FaultError(Span(closer.start, closer.end), f"'end' expected {self._to_close(opener)}")
        self.fail(f"'{text}' expected {self._to_close(opener)}")

    def _compare(self, opener: Token, closer: Token) -> None:
        """Remember the first ``end`` that stands further left than the line it closes."""
        is_left = self._indent(closer) < self._indent(opener)
        if self.odd_end is None and is_left and self._starts_line(closer):
            self.odd_end = (opener, closer)

    def _indent(self, token: Token) -> int:
        start = self.text.starts[self.text.line_of(token.start)]
        line = self.text.value[start : token.end]
        return len(line) - len(line.lstrip())

    def _starts_line(self, token: Token) -> bool:
        start = self.text.starts[self.text.line_of(token.start)]
        return not self.text.value[start : token.start].strip()

    def _to_close(self, opener: Token) -> str:
        line = self.text.line_of(opener.start) + 1
        return f"(to close '{opener.text}' at line {line})"

    def _found(self) -> str:
        text = self.token.text
        return f", found '{shortened(text)}'" if text else ", but the script ends"

    def name(self) -> None:
        """Pass a name."""
        token = self.token
        if token.kind != "name" or token.text in _WORDS:
            self.fail(f"a name expected{self._found()}")
        self.take()

    def fail(self, message: str) -> NoReturn:
        """Stop at the next token, or at the last one when the script is over."""
        token = self.token
        if not token.text and self.tokens:
            token = self.tokens[-1]
        hint = self._hint()
        raise FaultError(Span(token.start, token.end), f"{message}: {hint}" if hint else message)

    def _hint(self) -> str:
        """How Lua writes what another language writes here."""
        before, token, after = (self._at(self.position + step) for step in (-1, 0, 1))
        for pair in _touching(before, token), _touching(token, after):
            if pair in _HINTS:
                return _HINTS[pair]
            if pair in _ABSENT:
                return f"Lua has no '{pair}'"
        return _HINTS.get(token.text) or (_HINTS.get(before.text, "") if token.kind == "name" else "")

    def _at(self, position: int) -> Token:
        return self.tokens[position] if 0 <= position < len(self.tokens) else _END

    # Statements

    def script(self) -> None:
        """All of it."""
        self.block()
        if self.token.text:
            self.fail(f"unexpected '{shortened(self.token.text)}'")

    def block(self) -> None:
        """Statements up to a word that ends them."""
        self.enter()
        while not (self.token.kind != "string" and self.token.text in _BLOCK_ENDS):
            if self.sees("return"):
                self.return_statement()
                break
            self.statement()
        self.depth -= 1

    def enter(self) -> None:
        """Go one level deeper."""
        self.depth += 1
        if self.depth > _DEEPEST:
            self.fail("too deeply nested")

    def return_statement(self) -> None:
        """``return``, which ends a block."""
        self.take()
        if not (self.token.text in _BLOCK_ENDS or self.sees(";")):
            self.values()
        self.accept(";")
        if self.token.text not in _BLOCK_ENDS:
            self.fail(
                f"unexpected '{shortened(self.token.text)}': 'return' must be the last statement of a block"
            )

    def statement(self) -> None:
        """One statement."""
        token = self.token
        handlers = {
            ";": self.take, "if": self.if_statement, "while": self.while_statement, "do": self.do_statement,
            "for": self.for_statement, "repeat": self.repeat_statement, "local": self.local_statement,
            "function": self.function_statement, "::": self.label, "break": self.take, "goto": self.goto,
        }  # fmt: skip
        handler = handlers.get(token.text) if token.kind in ("name", "sign") else None
        if handler is not None:
            handler()
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
        self.block()
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
        self.block()
        self.expect("end", opener)

    def repeat_statement(self) -> None:
        """``repeat … until …``."""
        opener = self.take()
        self.block()
        self.expect("until", opener)
        self.value()

    def local_statement(self) -> None:
        """``local a <const>, b = …`` and ``local function f``."""
        self.take()
        if self.sees("function"):
            opener = self.take()
            self.name()
            self.body(opener)
            return
        self.attributed_name()
        while self.accept(","):
            self.attributed_name()
        if self.accept("="):
            self.values()

    def attributed_name(self) -> None:
        """A name with or without ``<const>``."""
        self.name()
        if self.accept("<"):
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

    def body(self, opener: Token) -> None:
        """Parameters and statements of a function."""
        parenthesis = self.expect("(")
        while not self.sees(")"):
            if not self.accept("..."):
                self.name()
            if not self.accept(","):
                break
        self.expect(")", parenthesis)
        self.block()
        self.expect("end", opener)

    def label(self) -> None:
        """``::name::``."""
        self.take()
        self.name()
        self.expect("::")

    def goto(self) -> None:
        """``goto name``."""
        self.take()
        self.name()

    def value_statement(self) -> None:
        """A call or an assignment."""
        start = self.token
        is_call = self.suffixed()
        if self.sees("=", ","):
            if is_call:
                self.fail("a call cannot be assigned to")
            while self.accept(","):
                if self.suffixed():
                    self.fail("a call cannot be assigned to")
            self.expect("=")
            self.values()
        elif not is_call:
            if self._hint() or not self.token.text:
                self.fail(f"'=' or a call expected{self._found()}")
            written = shortened(self.text.value[start.start : self.tokens[self.position - 1].end])
            message = f"unexpected '{written}': a statement must be an assignment or a call"
            raise FaultError(Span(start.start, self.tokens[self.position - 1].end), message)

    # Values

    def values(self) -> None:
        """Values with commas between."""
        self.value()
        while self.accept(","):
            self.value()

    def value(self) -> None:
        """Operands and operators; which binds closer does not matter here."""
        self.enter()
        while True:
            while self.token.kind != "string" and self.token.text in _UNARY:
                self.take()
            self.operand()
            if not self.binary():
                break
        self.depth -= 1

    def binary(self) -> bool:
        """Pass a binary operator; those of two equal signs come as two tokens."""
        token = self.token
        if token.kind == "string" or token.text not in _BINARY:
            return False
        self.take()
        if token.text in ("/", "<", ">") and self.token.text == token.text and self.token.start == token.end:
            self.take()
        return True

    def operand(self) -> None:
        """A constant, a table, a function or something with suffixes."""
        token = self.token
        if token.kind in ("string", "number") or (token.kind != "string" and token.text in _CONSTANTS):
            self.take()
        elif self.sees("{"):
            self.table()
        elif self.sees("function"):
            self.body(self.take())
        else:
            self.suffixed()

    def suffixed(self) -> bool:
        """``a.b[c]:d(e)``; whether it ends in a call."""
        if self.sees("("):
            opener = self.take()
            self.value()
            self.expect(")", opener)
        elif self.token.kind == "name" and self.token.text not in _WORDS:
            self.take()
        else:
            self.fail(self._no_value())
        is_call = False
        while self.token.text:
            if self.sees("."):
                self.take()
                self.name()
                is_call = False
            elif self.sees("["):
                opener = self.take()
                self.value()
                self.expect("]", opener)
                is_call = False
            elif self.sees(":"):
                self.take()
                self.name()
                if not self.sees("(", "{") and self.token.kind != "string":
                    self.fail(f"'(' expected after a method's name{self._found()}")
                self.arguments()
                is_call = True
            elif self.sees("(", "{") or self.token.kind == "string":
                self.arguments()
                is_call = True
            else:
                break
        return is_call

    def _no_value(self) -> str:
        text = self.token.text
        if not text:
            return "a value expected, but the script ends"
        return (
            f"unexpected '{shortened(text)}'"
            if text in (")", "]", "}")
            else f"a value expected{self._found()}"
        )

    def arguments(self) -> None:
        """``(a, b)``, ``{…}`` or a string."""
        if self.token.kind == "string":
            self.take()
        elif self.sees("{"):
            self.table()
        else:
            opener = self.take()
            if not self.sees(")"):
                self.values()
            self.expect(")", opener)

    def table(self) -> None:
        """``{ a = 1, [b] = 2, 3 }``."""
        self.enter()
        opener = self.take()
        while not self.sees("}"):
            self.entry()
            if not (self.accept(",") or self.accept(";")):
                break
        if not self.sees("}") and self._starts_entry():
            self.fail(f"',' expected before '{shortened(self.token.text)}'")
        self.expect("}", opener)
        self.depth -= 1

    def _starts_entry(self) -> bool:
        """Whether an entry follows with no comma before it."""
        following = self.tokens[self.position + 1 : self.position + 2]
        is_key = self.token.kind == "name" and self.token.text not in _WORDS
        return self.token.kind == "string" or (is_key and bool(following) and following[0].text == "=")

    def entry(self) -> None:
        """One entry of a table."""
        following = self.tokens[self.position + 1 : self.position + 2]
        if self.sees("["):
            opener = self.take()
            self.value()
            self.expect("]", opener)
            self.expect("=")
        elif self.token.kind == "name" and following and following[0].text == "=":
            self.name()
            self.take()
        self.value()


def _touching(first: Token, second: Token) -> str:
    """Two signs with nothing between them."""
    return first.text + second.text if first.end == second.start else ""


_CONSTANTS = frozenset({"nil", "true", "false", "..."})
