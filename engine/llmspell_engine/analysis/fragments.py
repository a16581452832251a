"""The piece of code around the cursor, mended so that it parses.

While people type, the tree of the whole file is often broken. The statement being written is cut out
of the text, a name is put where the cursor stands, what follows is taken in as far as it belongs to
the brackets open there, the rest is closed; then this fragment is parsed and walked like any file, inside the scopes
of the document. So completion and signature help see the same nodes as the linter.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from llmspell_engine.analysis.javascript_walk import walk_javascript
from llmspell_engine.analysis.lua_walk import walk_lua
from llmspell_engine.analysis.tokens import Regions, Token, tokens
from llmspell_engine.syntax import parse
from llmspell_engine.text import Span

if TYPE_CHECKING:
    from llmspell_engine.analysis.program import Program
    from llmspell_engine.analysis.scopes import Scope
    from llmspell_engine.language import Language

CURSOR = "__cursor__"
"""The name that stands at the cursor in a fragment."""
_CLOSERS = {"(": ")", "[": "]", "{": "}"}
_WINDOWS = (60, 400, 1_000_000)
"""How many lines above the cursor are looked at, until the statement's start is among them."""
_AHEAD = 4_000
"""How many characters after the cursor are looked at for the end of an open bracket."""
_WORD = re.compile(r"[\w$]*")
_WORD_BEFORE = re.compile(r"[\w$]*\Z")
_NAME_LIKE = re.compile(r"[\w\-./:*]*")

_LUA_STARTS = frozenset({"local", "return", "function"})
_LUA_BREAKS = frozenset(
    {"then", "do", "else", "elseif", "if", "while", "until", "repeat", "for", "in", "break", "goto"}
)
_JAVASCRIPT_STARTS = frozenset({"const", "let", "var", "return", "function", "import", "export", "class"})
_JAVASCRIPT_BREAKS = frozenset(
    {"if", "else", "for", "while", "do", "switch", "case", "default", "break", "continue", "throw"}
    | {"try", "catch", "finally", "of", "in", "=>"}
)
_OPERATORS = frozenset(
    {"and", "or", "not", "new", "await", "typeof", "void", "delete", "instanceof", "yield", "async"}
)


@dataclass(frozen=True, slots=True)
class Fragment:
    """A mended piece of code; offsets before the cursor are those of the document."""

    program: Program
    replace: Span
    """What a proposal replaces in the document: the word at the cursor, or the inside of a string."""
    in_string: bool
    quote: str
    """The quote to close an unfinished string with; empty when it is closed."""
    is_glued: bool
    """Whether the cursor stands right after a finished value, where nothing can be written."""
    before: Token | None
    """The token before the word at the cursor."""


@dataclass(slots=True)
class _Place:
    """What is known of the cursor before its statement is cut out."""

    text: str
    language: Language
    regions: Regions
    start: int
    """Where what the cursor name replaces begins, a string's quote included."""
    end: int
    """Where the text after the cursor goes on."""
    marker: str
    replace: Span
    quote: str = ""


def fragment_at(text: str, language: Language, offset: int, outer: Scope) -> Fragment | None:
    """The fragment around ``offset``; None inside comments and numbers."""
    regions = Regions(text, language, offset)
    place = _string_place(text, language, offset, regions) or _word_place(text, language, offset, regions)
    if place is None:
        return None
    before = _tokens_before(place)
    first, last = before
    program = _mended(place, first, last, outer)
    previous = last[-1] if last else None
    is_glued = place.marker == CURSOR and previous is not None and _is_glued(previous, place)
    return Fragment(program, place.replace, place.marker != CURSOR, place.quote, is_glued, previous)


def _word_place(text: str, language: Language, offset: int, regions: Regions) -> _Place | None:
    found = regions.around(offset)
    if found is not None and (offset < found[1] or not _is_closed(text, language, found)):
        return None
    word = _WORD_BEFORE.search(text, max(0, offset - 200), offset)
    start = word.start() if word else offset
    after = _WORD.match(text, offset)
    end = after.end() if after else offset
    if text[start:end][:1].isdigit() or (
        start > 0 and text[start - 1] == "." and text[start - 2 : start - 1].isdigit()
    ):
        return None
    return _Place(text, language, regions, start, end, CURSOR, Span(start, end))


def _is_closed(text: str, language: Language, found: tuple[int, int]) -> bool:
    """Whether a string or comment that ends at the cursor is over there."""
    piece = text[found[0] : found[1]]
    if piece.startswith("--" if language == "lua" else "//"):
        return language == "lua" and piece.startswith("--[") and piece.endswith("]")
    if piece.startswith("/*"):
        return piece.endswith("*/") and len(piece) > 3
    return len(piece) > 1 and piece[-1] in ("\"'`/]" if piece[0] != piece[-1] else piece[0])


def _string_place(text: str, language: Language, offset: int, regions: Regions) -> _Place | None:
    found = regions.around(offset)
    if found is None:
        return None
    start, end = found
    opening = text[start]
    if opening == "`":
        return _template_place(text, offset, regions, found)
    if opening not in "\"'":
        return None
    closed = end - start > 1 and text[end - 1] == opening
    if closed and offset == end:
        return None
    if closed:
        return _Place(text, language, regions, start, end, f'"{CURSOR}"', Span(start + 1, end - 1))
    word = _NAME_LIKE.match(text, offset, end)
    stop = word.end() if word else offset
    return _Place(text, language, regions, start, stop, f'"{CURSOR}"', Span(start + 1, stop), opening)


def _template_place(text: str, offset: int, regions: Regions, found: tuple[int, int]) -> _Place | None:
    """Inside ``${…}`` of a template the cursor is in code; elsewhere nothing is proposed."""
    start = text.rfind("${", found[0], offset)
    if start < 0 or "}" in text[start:offset]:
        return None
    inner = Regions(text[start + 2 : offset], "javascript", offset)
    if inner.around(offset - start - 2) is not None:
        return None
    word = _WORD_BEFORE.search(text, start + 2, offset)
    begin = word.start() if word else offset
    cut = text[: start + 2].replace("`", ";").replace("${", " ;")
    padded = ";".rjust(start + 2) if len(cut) != start + 2 else " " * (start + 1) + ";"
    code = padded + text[start + 2 : offset]
    return _Place(
        code, "javascript", Regions(code, "javascript", offset), begin, offset, CURSOR, Span(begin, offset)
    )


def _tokens_before(place: _Place) -> tuple[int, list[Token]]:
    """The offset where the statement starts, and its tokens up to the cursor."""
    for lines in _WINDOWS:
        start = _lines_above(place.text, place.start, lines)
        start = place.regions.outside(start)
        found = [
            token
            for token in tokens(place.text, place.language, start, place.start)
            if token.kind != "comment"
        ]
        first = _statement_start(found, place.language)
        if first is not None or start == 0:
            kept = found[first or 0 :]
            return (kept[0].start if kept else place.start), kept
    return place.start, []


def _lines_above(text: str, offset: int, lines: int) -> int:
    for _ in range(min(lines, text.count("\n", 0, offset) + 1)):
        offset = text.rfind("\n", 0, offset)
        if offset < 0:
            return 0
    return offset + 1


def _statement_start(found: list[Token], language: Language) -> int | None:
    """The index of the first token of the last, open statement; None when it begins before all."""
    index = len(found) - 1
    following: Token | None = None
    while index >= 0:
        token = found[index]
        if following is not None and _is_juxtaposed(token, following):
            return index + 1
        if token.kind == "sign" and token.text in ")]}":
            opener = _matching(found, index)
            if opener is None:
                return index + 1
            if token.text == "}" and language == "javascript" and _is_block(found, opener):
                return index + 1
            following, index = found[opener], opener - 1
            continue
        if token.kind == "name" and token.text == "end" and language == "lua":
            opener = _matching_end(found, index)
            if opener is None or found[opener].text != "function":
                return index + 1
            following, index = found[opener], opener - 1
            continue
        boundary = _boundary(found, index, language)
        if boundary is not None:
            return boundary
        following, index = token, index - 1
    return None


def _boundary(found: list[Token], index: int, language: Language) -> int | None:
    """Where a statement starts when ``found[index]`` begins one or ends the one before."""
    token = found[index]
    if token.text == ";" and token.kind == "sign":
        return index + 1
    if token.text == "{" and language == "javascript" and _is_block(found, index):
        return index + 1
    if token.kind == "string" or (index > 0 and found[index - 1].text in (".", ":", "?.")):
        return None
    following = found[index + 1].text if index + 1 < len(found) else ""
    if (language == "javascript" and following == ":") or (language == "lua" and following == "="):
        return None
    starts, breaks = (
        (_LUA_STARTS, _LUA_BREAKS) if language == "lua" else (_JAVASCRIPT_STARTS, _JAVASCRIPT_BREAKS)
    )
    if token.text in starts:
        return index
    return index + 1 if token.text in breaks else None


def _is_juxtaposed(token: Token, following: Token) -> bool:
    """Whether two values stand side by side, so that a statement ends between them."""
    if following.kind not in ("name", "number") or following.text in _OPERATORS:
        return following.text in ("new", "await", "async", "not") and _ends_value(token)
    return following.text not in ("in", "of", "end") and _ends_value(token)


def _ends_value(token: Token) -> bool:
    if token.kind == "sign":
        return token.text in (")", "]", "}", "...")
    if token.kind == "name":
        words = _OPERATORS | _LUA_STARTS | _LUA_BREAKS | _JAVASCRIPT_STARTS | _JAVASCRIPT_BREAKS
        return token.text not in words
    return True


def _matching(found: list[Token], index: int) -> int | None:
    """The index of the bracket that ``found[index]`` closes."""
    depth = 0
    for position in range(index, -1, -1):
        token = found[position]
        if token.kind != "sign":
            continue
        if token.text in ")]}":
            depth += 1
        elif token.text in "([{":
            depth -= 1
            if depth == 0:
                return position
    return None


def _matching_end(found: list[Token], index: int) -> int | None:
    """The index of the word that a Lua ``end`` closes."""
    depth = 0
    for position in range(index, -1, -1):
        word = found[position].text if found[position].kind == "name" else ""
        if word == "end":
            depth += 1
        elif word in ("function", "if", "do"):
            depth -= 1
            if depth == 0:
                return position
    return None


def _is_block(found: list[Token], opener: int) -> bool:
    """Whether a ``{`` in JavaScript opens statements rather than an object."""
    if opener == 0:
        return True
    before = found[opener - 1]
    if before.kind == "sign":
        return before.text in (")", "=>", "{", "}", ";")
    return before.text not in _OPERATORS | {
        "return",
        "default",
        "in",
        "of",
        "case",
        "const",
        "let",
        "var",
        "import",
        "export",
    }


def _is_glued(previous: Token, place: _Place) -> bool:
    return (
        place.replace.start == place.replace.end
        and _ends_value(previous)
        and (previous.end == place.start or "\n" not in place.text[previous.end : place.start])
    )


def _mended(place: _Place, first: int, before: list[Token], outer: Scope) -> Program:
    """Parse the statement with a name at the cursor and all brackets closed."""
    opened = _open_brackets(before)
    ahead = _ahead(place, opened) if opened else ""
    head = place.text[first : place.start]
    marker = place.marker
    previous = before[-1] if before else None
    if marker == CURSOR and previous is not None and _is_glued(previous, place):
        marker = "," + marker
    if previous is not None and previous.text == ":" and place.language == "lua":
        marker += "" if _starts_call(ahead) else "()"
    if ahead and not ahead.lstrip().startswith(
        (",", ")", "]", "}", "=", ":", ".", "(", "{", "?", "+", "-", "*", "/")
    ):
        marker += ","
    closers = "".join(_CLOSERS[bracket] for bracket in reversed(_left_open(opened, ahead)))
    padding = " " * first
    if first >= 2 and _needs_target(before, place.language):
        padding = " " * (first - 2) + "_="
    tree = parse(padding + head + marker + ahead + closers, place.language)
    return walk_lua(tree, outer) if place.language == "lua" else walk_javascript(tree, outer)


def _needs_target(before: list[Token], language: Language) -> bool:
    """Whether the fragment is a mere value, which Lua allows only on the right of ``=``."""
    if not before:
        return True
    if before[0].text in ("local", "return", "const", "let", "var", "import", "export", "function", "class"):
        return False
    depth = 0
    for token in before:
        if token.kind != "sign":
            continue
        depth += (token.text in "([{") - (token.text in ")]}")
        if depth == 0 and token.text == "=":
            return False
    return True


def _open_brackets(before: list[Token]) -> list[str]:
    opened: list[str] = []
    for token in before:
        if token.kind != "sign":
            continue
        if token.text in _CLOSERS:
            opened.append(token.text)
        elif token.text in ")]}" and opened:
            opened.pop()
    return opened


def _ahead(place: _Place, opened: list[str]) -> str:
    """The text after the cursor that belongs to the open brackets."""
    depth, end = 0, place.end
    starts, breaks = (
        (_LUA_STARTS | {"end"}, _LUA_BREAKS)
        if place.language == "lua"
        else (_JAVASCRIPT_STARTS, _JAVASCRIPT_BREAKS - {"=>", "of", "in"})
    )
    previous: Token | None = None
    blocks = 0
    limit = min(len(place.text), place.end + _AHEAD)
    for token in tokens(place.text, place.language, place.end, limit):
        if token.kind == "comment":
            continue
        if token.kind == "name" and place.language == "lua" and (blocks or token.text == "function"):
            blocks += (token.text in ("function", "if", "do")) - (token.text == "end")
        elif (token.kind == "name" and depth <= 0 and token.text in starts | breaks) or (depth <= 0 and not blocks and previous is not None and _is_juxtaposed(previous, token)) or (token.text == ";" and depth <= 0 and not blocks):
            break
        if token.kind == "sign" and token.text in "([{":
            depth += 1
        elif token.kind == "sign" and token.text in ")]}":
            depth -= 1
        if depth <= 0 and not blocks:
            end = token.end
        if depth <= -len(opened):
            break
        previous = token
    return place.text[place.end : end]


def _starts_call(ahead: str) -> bool:
    return ahead.lstrip(" \t").startswith(("(", "{", '"', "'", "[["))


def _left_open(opened: list[str], ahead: str) -> list[str]:
    """The brackets that are still open after the text ahead."""
    left = list(opened)
    for match in re.finditer(r"\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'|`[^`]*`|[()\[\]{}]", ahead):
        sign = match[0]
        if sign in _CLOSERS:
            left.append(sign)
        elif sign in ")]}" and left:
            left.pop()
    return left
