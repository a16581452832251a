"""Tokens of unfinished code, where no syntax tree can be relied on.

Only what lies around the cursor is ever cut into tokens. Where that may begin is told by one quick
pass over the strings and comments above it, which can span lines.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmspell_engine.language import Language

TokenKind = Literal["comment", "string", "number", "name", "sign"]


@dataclass(slots=True)
class Token:
    """A token and where it stands."""

    kind: TokenKind
    text: str
    start: int
    end: int


_LUA_OPAQUE = r"""
  (?P<comment>--\[(?P<level>=*)\[(?:.*?\](?P=level)\]|.*\Z)|--[^\r\n]*)
| (?P<string>\[(?P<depth>=*)\[(?:.*?\](?P=depth)\]|.*\Z)
    |"(?:[^"\\\r\n]|\\z\s*|\\\r?\n|\\.)*(?:"|(?=[\r\n])|\Z)
    |'(?:[^'\\\r\n]|\\z\s*|\\\r?\n|\\.)*(?:'|(?=[\r\n])|\Z))
"""
_JAVASCRIPT_OPAQUE = r"""
  (?P<comment>/\*(?:.*?\*/|.*\Z)|//[^\r\n]*)
| (?P<string>"(?:[^"\\\r\n]|\\\r?\n|\\.)*(?:"|(?=[\r\n])|\Z)
    |'(?:[^'\\\r\n]|\\\r?\n|\\.)*(?:'|(?=[\r\n])|\Z)
    |`(?:[^`\\]|\\.)*(?:`|\Z)
    |(?<=[=(,:;!&|?{}\[\n]\s)/(?![*/\s])(?:\\.|\[[^\]\r\n]*\]|[^/\\\r\n\[])+/[a-z]*
    |(?<=[=(,:;!&|?{}\[])/(?![*/\s])(?:\\.|\[[^\]\r\n]*\]|[^/\\\r\n\[])+/[a-z]*)
"""
_NAME = r"(?P<name>[^\W\d][\w$]*|\$[\w$]*)"
_SIGN = r"(?P<sign>\.\.\.|\.\.|\.(?!\d)|=>|\?\.(?!\d)|::|[=~!<>]=+|[^\s\w\"'`\[\-./$])"
_NUMBER = r"(?P<number>\.?[0-9](?:[eEpP][+-]|[\w.])*)"
_OTHER = r"(?P<other>\S)"
"""A sign that could also begin a comment, a string or a number."""
_FLAGS = re.VERBOSE | re.DOTALL
_OPAQUE: dict[Language, re.Pattern[str]] = {
    "lua": re.compile(_LUA_OPAQUE, _FLAGS),
    "javascript": re.compile(_JAVASCRIPT_OPAQUE, _FLAGS),
}
_TOKEN: dict[Language, re.Pattern[str]] = {
    "lua": re.compile("|".join((_NAME, _SIGN, _LUA_OPAQUE, _NUMBER, _OTHER)), _FLAGS),
    "javascript": re.compile("|".join((_NAME, _SIGN, _JAVASCRIPT_OPAQUE, _NUMBER, _OTHER)), _FLAGS),
}
"""What is most frequent comes first: this runs over every token of every script."""


def tokens(text: str, language: Language, start: int, end: int) -> Iterator[Token]:
    """The tokens from ``start``, which must not lie inside one, to ``end``."""
    for match in _TOKEN[language].finditer(text, start, end):
        yield Token(kind_of(match), match[0], match.start(), match.end())


def kind_of(match: re.Match[str]) -> TokenKind:
    """The kind of a token found as a bare match."""
    return _KINDS[match.lastgroup or "other"]


_KINDS: dict[str, TokenKind] = {
    "comment": "comment",
    "string": "string",
    "number": "number",
    "name": "name",
    "sign": "sign",
    "other": "sign",
}


def token_matches(text: str, language: Language, start: int, end: int) -> list[re.Match[str]]:
    """The same as bare matches, for who looks at every token of a file; :func:`kind_of` tells their kind."""
    return list(_TOKEN[language].finditer(text, start, end))


class Regions:
    """Where strings and comments stand before an offset."""

    def __init__(self, text: str, language: Language, end: int) -> None:
        line_end = text.find("\n", end)
        found = _OPAQUE[language].finditer(text, 0, len(text) if line_end < 0 else line_end)
        self._spans = [match.span() for match in found]
        self._starts = [start for start, _ in self._spans]

    def around(self, offset: int) -> tuple[int, int] | None:
        """The string or comment that holds ``offset`` strictly inside or, unclosed, at its end."""
        index = bisect_right(self._starts, offset - 1) - 1
        if index < 0:
            return None
        start, end = self._spans[index]
        return (start, end) if start < offset <= end else None

    def outside(self, offset: int) -> int:
        """``offset``, or the start of the string or comment it lies in."""
        found = self.around(offset)
        return found[0] if found is not None and offset < found[1] else offset
