"""The piece of code around the cursor, mended so that it parses.

While people type, the tree of the whole file is often broken. So the statement being written is cut
out of the text, a name is put where the cursor stands, what follows is taken in as far as it belongs
to the brackets open there, and the rest is closed. This fragment is parsed and walked like any file,
inside the scopes of the document: completion and signature help see the same nodes as the linter.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from llmspell_engine.analysis.javascript_walk import walk_javascript
from llmspell_engine.analysis.lua_walk import walk_lua
from llmspell_engine.analysis.statements import (
    CLOSERS,
    ends_statement,
    ends_value,
    open_brackets,
    reach,
    statement_start,
)
from llmspell_engine.syntax import parse
from llmspell_engine.syntax.tokens import Regions, Token, tokens
from llmspell_engine.text import Span

if TYPE_CHECKING:
    from llmspell_engine.analysis.program import Program
    from llmspell_engine.analysis.scopes import Scope
    from llmspell_engine.language import Language

CURSOR = "__cursor__"
"""The name that stands at the cursor in a fragment."""
_WINDOWS = (60, 400, 1_000_000)
"""How many lines above the cursor are looked at, until the statement's start is among them."""
_LONGEST_WORD = 200
_WORD = re.compile(r"[\w$]*")
_WORD_BEFORE = re.compile(r"[\w$]*\Z")
_NAME_LIKE = re.compile(r"[\w\-./:*]*")
_GOES_ON = re.compile(r"\s*(?:[,)\]}=:.({?+\-*/]|\Z)")
_CALL_FOLLOWS = re.compile(r"[ \t]*(?:[({\"']|\[\[)")
_BRACKETS = re.compile(r"\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'|`[^`]*`|[()\[\]{}]")
_DECLARING = frozenset({"const", "let", "var", "import", "export"})
_NO_TARGET = _DECLARING | {"local", "return", "function", "class"}


@dataclass(frozen=True, slots=True)
class Fragment:
    """A mended piece of code; offsets before the cursor are those of the document."""

    code: str
    language: Language
    first: int
    """The offset in the document at which the piece begins."""
    needs_target: bool
    """Whether it is a mere value, which Lua allows only on the right of ``=``."""
    replace: Span
    """What a proposal replaces in the document: the word at the cursor, or the inside of a string."""
    in_string: bool
    quote: str
    """The quote to close an unfinished string with; empty when it is closed."""
    is_glued: bool
    """Whether the cursor stands right after a finished value, where nothing can be written."""
    before: Token | None
    """The token before the word at the cursor."""
    mended: str
    """The whole document with this statement mended; empty inside templates."""

    def walk(self, outer: Scope) -> Program:
        """Parse and walk the statement at its place; blanks stand for the text before it."""
        padding = " " * self.first
        if self.first >= 2 and self.needs_target:
            padding = " " * (self.first - 2) + "_="
        tree = parse(padding + self.code, self.language)
        return walk_lua(tree, outer) if self.language == "lua" else walk_javascript(tree, outer)


@dataclass(frozen=True, slots=True)
class _Place:
    """The cursor, before its statement is cut out."""

    text: str
    language: Language
    regions: Regions
    start: int
    """Where what the cursor's name replaces begins, a string's quote included."""
    end: int
    """Where the text after the cursor goes on."""
    marker: str
    """What is put between: a name or a string."""
    replace: Span
    quote: str = ""

    @property
    def in_string(self) -> bool:
        return self.marker != CURSOR


def fragment_at(text: str, language: Language, offset: int) -> Fragment | None:
    """The fragment around ``offset``; None inside comments and numbers."""
    regions = Regions(text, language, offset)
    around = regions.around(offset)
    if around is None:
        place = _word_place(text, language, offset, regions)
    else:
        place = _string_place(text, language, offset, regions, around)
    if place is None:
        return None
    before, previous = _statement_before(place)
    first = before[0].start if before else place.start
    opened = open_brackets(before)
    ahead = _ahead(place, before, opened)
    code = place.text[first : place.start] + _marked(place, before, opened, ahead) + ahead
    code += "".join(CLOSERS[bracket] for bracket in reversed(_left_open(opened, ahead)))
    return Fragment(
        code=code,
        language=language,
        first=first,
        needs_target=_needs_target(before),
        replace=place.replace,
        in_string=place.in_string,
        quote=place.quote,
        is_glued=bool(before) and not place.in_string and _is_glued(before, place),
        before=previous,
        mended=text[:first] + code + text[place.end + len(ahead) :] if place.text is text else "",
    )


# Where the cursor stands


def _word_place(text: str, language: Language, offset: int, regions: Regions) -> _Place | None:
    start = _word_start(text, offset)
    after = _WORD.match(text, offset)
    end = after.end() if after else offset
    if _is_number(text, start, end):
        return None
    return _Place(text, language, regions, start, end, CURSOR, Span(start, end))


def _word_start(text: str, offset: int) -> int:
    lowest = max(0, offset - _LONGEST_WORD)
    found = _WORD_BEFORE.search(text[lowest:offset])
    return lowest + found.start() if found else offset


def _is_number(text: str, start: int, end: int) -> bool:
    """Whether the word is a number, its decimals, or follows the dot of one."""
    if text[start:end][:1].isdigit():
        return True
    if text[start - 1 : start] != "." or start < 2:
        return False
    before = text[_word_start(text, start - 1) : start - 1]
    return before[:1].isdigit()


def _string_place(
    text: str, language: Language, offset: int, regions: Regions, around: tuple[int, int]
) -> _Place | None:
    """Inside a string; after a closed one or a comment it is like anywhere else."""
    start, end = around
    opening = text[start]
    if offset == end and _is_closed(text[start:end], language):
        return _word_place(text, language, offset, regions)
    if opening == "`":
        return _template_place(text, offset, around)
    if opening not in "\"'":
        return None
    if end - start > 1 and text[end - 1] == opening:
        inside = Span(start + 1, end - 1)
        return _Place(text, language, regions, start, end, f'"{CURSOR}"', inside)
    word = _NAME_LIKE.match(text, offset, end)
    stop = word.end() if word else offset
    return _Place(text, language, regions, start, stop, f'"{CURSOR}"', Span(start + 1, stop), opening)


def _is_closed(piece: str, language: Language) -> bool:
    """Whether a string or comment is over at its end."""
    if piece.startswith("--" if language == "lua" else "//"):
        return language == "lua" and piece.startswith("--[") and piece.endswith("]")
    if piece.startswith("/*"):
        return piece.endswith("*/") and len(piece) > 3
    if piece[0] in "\"'`":
        return len(piece) > 1 and piece[-1] == piece[0]
    return True


def _template_place(text: str, offset: int, around: tuple[int, int]) -> _Place | None:
    """Inside ``${…}`` of a template the cursor is in code; in its text nothing is proposed."""
    opening = text.rfind("${", around[0], offset)
    if opening < 0 or "}" in text[opening:offset]:
        return None
    code = ";".rjust(opening + 2) + text[opening + 2 : offset]
    regions = Regions(code, "javascript", offset)
    if regions.around(offset) is not None:
        return None
    start = _word_start(code, offset)
    return _Place(code, "javascript", regions, start, offset, CURSOR, Span(start, offset))


# The statement


def _statement_before(place: _Place) -> tuple[list[Token], Token | None]:
    """The tokens of the cursor's statement, up to the cursor, and the token just before it."""
    for lines in _WINDOWS:
        start = place.regions.outside(_lines_above(place.text, place.start, lines))
        every = tokens(place.text, place.language, start, place.start)
        found = [token for token in every if token.kind != "comment"]
        first = statement_start(found, place.language)
        if first is not None or start == 0:
            kept = _without_finished(found[first or 0 :], found, place)
            return kept, found[-1] if found else None
    return [], None


def _without_finished(kept: list[Token], found: list[Token], place: _Place) -> list[Token]:
    """Nothing, when the statement before is over and the cursor begins the next one."""
    if not kept or not ends_value(kept[-1]) or open_brackets(kept):
        return kept
    is_next_line = "\n" in place.text[kept[-1].end : place.start]
    is_over = is_next_line or ends_statement(found, place.language)
    return [] if is_over and not place.in_string else kept


def _lines_above(text: str, offset: int, lines: int) -> int:
    for _ in range(min(lines, text.count("\n", 0, offset) + 1)):
        offset = text.rfind("\n", 0, offset)
        if offset < 0:
            return 0
    return offset + 1


def _is_glued(before: list[Token], place: _Place) -> bool:
    """Whether the cursor stands behind a finished value on its line, with no word begun."""
    previous = before[-1]
    if place.replace.start != place.replace.end or not ends_value(previous):
        return False
    return "\n" not in place.text[previous.end : place.start]


def _ahead(place: _Place, before: list[Token], opened: list[str]) -> str:
    """The text after the cursor that belongs to the statement."""
    if not opened:
        return ""
    declares = before[0].text in _DECLARING and not any(token.text == "=" for token in before)
    end = reach(place.text, place.language, place.end, len(opened), declares=declares)
    return place.text[place.end : end]


def _marked(place: _Place, before: list[Token], opened: list[str], ahead: str) -> str:
    """The name at the cursor, set off from values beside it; called where Lua wants a call."""
    marker = place.marker
    previous = before[-1] if before else None
    if previous is not None and opened and not place.in_string and ends_value(previous):
        marker = "," + marker
    if place.language == "lua" and not place.in_string and _wants_call(before):
        marker += "" if _CALL_FOLLOWS.match(place.text, place.end) else "()"
    return marker if _GOES_ON.match(ahead) else marker + ","


def _wants_call(before: list[Token]) -> bool:
    """Whether Lua takes the cursor's name only when it is called: methods, statements of a mere value."""
    if not before or before[-1].text == ":":
        return True
    return before[-1].text == "." and _needs_target(before)


def _needs_target(before: list[Token]) -> bool:
    """Whether the fragment is a mere value, which Lua allows only on the right of ``=``."""
    if not before:
        return True
    if before[0].text in _NO_TARGET:
        return False
    depth = 0
    for token in before:
        depth += (token.text in CLOSERS) - (token.text in (")", "]", "}"))
        if depth == 0 and token.text == "=" and token.kind == "sign":
            return False
    return True


def _left_open(opened: list[str], ahead: str) -> list[str]:
    """The brackets that are still open after the text ahead."""
    left = list(opened)
    for match in _BRACKETS.finditer(ahead):
        if match[0] in CLOSERS:
            left.append(match[0])
        elif match[0] in (")", "]", "}") and left:
            left.pop()
    return left
