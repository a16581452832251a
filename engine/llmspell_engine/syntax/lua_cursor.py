"""Going through the tokens of a Lua script, and saying what is wrong at one of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NoReturn

from llmspell_engine.syntax.fault import FaultError, shortened
from llmspell_engine.syntax.tokens import Token
from llmspell_engine.text import Span

if TYPE_CHECKING:
    from llmspell_engine.text import Text

_END = Token("sign", "", 0, 0)
_WORDS = frozenset(
    {"and", "break", "do", "else", "elseif", "end", "false", "for", "function", "goto", "if", "in"}
    | {"local", "nil", "not", "or", "repeat", "return", "then", "true", "until", "while"}
)
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


def _code(match: re.Match[str]) -> str:
    """What the grammar sees of a token: a word or sign itself, else its kind."""
    kind = match.lastgroup
    text = match[0]
    if kind in ("sign", "other") or (kind == "name" and text in _WORDS):
        return text
    if kind == "name" and not (text.isascii() and "$" not in text):
        return "<foreign name>"
    return f"<{kind}>"


class LuaCursor:
    """The place in the tokens while the grammar is followed."""

    def __init__(self, text: Text, matches: list[re.Match[str]]) -> None:
        self.text = text
        self.matches = matches
        self.codes = [*map(_code, matches), ""]
        self.position = 0
        self.code = self.codes[0]
        self.depth = 0
        self.odd_end: tuple[Token, Token] | None = None
        self.resumed_at = -1

    # Tokens

    def take(self) -> int:
        """Pass the next token; its position."""
        position = self.position
        if self.code:
            self.position += 1
            self.code = self.codes[self.position]
        return position

    def accept(self, code: str) -> bool:
        """Pass a word or sign if it is next."""
        if self.code != code:
            return False
        self.position += 1
        self.code = self.codes[self.position]
        return True

    def expect(self, code: str, opener: int | None = None) -> None:
        """Pass a word or sign that must be next, to close the token at ``opener`` if there is one."""
        if self.code != code:
            self._missing(code, opener)
        if code == "end" and opener is not None:
            self._compare(self._at(opener), self._at(self.position))
        self.position += 1
        self.code = self.codes[self.position]

    def name(self) -> None:
        """Pass a name."""
        if self.code != "<name>":
            self.fail(f"a name expected{self._found()}")
        self.position += 1
        self.code = self.codes[self.position]

    def skip_to(self, words: frozenset[str]) -> bool:
        """Go on behind a fault, at the next of some words that stands at the left margin."""
        following = range(max(self.position, self.resumed_at + 1), len(self.matches))
        for position in following:
            if self.codes[position] in words and self._is_at_margin(position):
                self.position = self.resumed_at = position
                self.code = self.codes[position]
                self.depth, self.odd_end = 0, None
                return True
        return False

    def _is_at_margin(self, position: int) -> bool:
        """Whether a token begins its line; a function without a name there is a value."""
        start = self.matches[position].start()
        is_value = self.codes[position] == "function" and self.codes[position + 1] != "<name>"
        return not is_value and self.text.value[start - 1 : start] in ("", "\n")

    # Messages

    def _at(self, position: int) -> Token:
        """The token at a position; an empty one outside."""
        if not 0 <= position < len(self.matches):
            return _END
        match = self.matches[position]
        return Token("sign", match[0], match.start(), match.end())

    @property
    def token(self) -> Token:
        """The next token; an empty one at the end."""
        return self._at(self.position)

    def _missing(self, code: str, opener: int | None) -> NoReturn:
        """Stop where a word or sign is missing; for an ``end``, where the indentation betrays it."""
        if opener is None:
            self.fail(f"'{code}' expected{self._found()}")
        if code == "end" and self.odd_end is not None and not self.code:
            odd, closer = self.odd_end
            raise FaultError(Span(closer.start, closer.end), f"'end' expected {self._to_close(odd)}")
        self.fail(f"'{code}' expected {self._to_close(self._at(opener))}")

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

    def fail(self, message: str) -> NoReturn:
        """Stop at the next token, or at the last one when the script is over."""
        token = self._at(self.position if self.code else self.position - 1)
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
        if self.code == "<foreign name>":
            return "names are made of the letters a to z, digits and '_'"
        return _HINTS.get(token.text) or (_HINTS.get(before.text, "") if self.code == "<name>" else "")


def _touching(first: Token, second: Token) -> str:
    """Two signs with nothing between them."""
    return first.text + second.text if first.end == second.start else ""
