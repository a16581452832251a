"""Where the statement around the cursor begins and how far it goes on, told from tokens alone.

Scanning goes back over matched brackets and blocks until a word or sign that can only begin or end a
statement, or until two values stand side by side, which ends a statement in both languages.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmspell_engine.syntax.tokens import Token, tokens

if TYPE_CHECKING:
    from llmspell_engine.language import Language

CLOSERS = {"(": ")", "[": "]", "{": "}"}
_AHEAD = 4_000
"""How many characters after the cursor are looked at for the end of an open bracket."""
_STARTS: dict[Language, frozenset[str]] = {
    "lua": frozenset({"local", "return", "function"}),
    "javascript": frozenset({"const", "let", "var", "return", "function", "import", "export", "class"}),
}
_BREAKS: dict[Language, frozenset[str]] = {
    "lua": frozenset(
        {"then", "do", "else", "elseif", "if", "while", "until", "repeat", "for", "in", "break", "goto"}
    ),
    "javascript": frozenset(
        {"if", "else", "for", "while", "do", "switch", "case", "default", "break", "continue", "throw"}
        | {"try", "catch", "finally", "of", "in", "=>"}
    ),
}
_OPERATORS = frozenset(
    {"and", "or", "not", "new", "await", "typeof", "void", "delete", "instanceof", "yield", "async"}
)
_PREFIXES = frozenset({"new", "await", "async", "not"})
_WORDS = _OPERATORS | _STARTS["lua"] | _BREAKS["lua"] | _STARTS["javascript"] | _BREAKS["javascript"]
_BEFORE_OBJECT = _OPERATORS | _STARTS["javascript"] | {"default", "in", "of", "case"}
_HEADS = frozenset({"function", "if", "while", "for", "switch", "catch", "with"})


def statement_start(found: list[Token], language: Language) -> int | None:
    """The index of the first token of the last, open statement; None when it begins before all."""
    index = len(found) - 1
    following: Token | None = None
    after_comma = False
    while index >= 0:
        token = found[index]
        after_comma = bracket(token) <= 0 and (after_comma or token.text == ",")
        if following is not None and is_juxtaposed(token, following):
            return index + 1
        if _closes(token, language):
            opener = _opener(found, index, following, language)
            if opener is None:
                return index + 1
            following, index = found[opener], opener - 1
            continue
        boundary = _boundary(found, index, language)
        is_earlier_arrow = token.text == "=>" and after_comma
        if boundary is not None and not is_earlier_arrow:
            return boundary
        following, index = token, index - 1
    return None


def _closes(token: Token, language: Language) -> bool:
    if token.kind == "name":
        return token.text == "end" and language == "lua"
    return token.kind == "sign" and token.text in ")]}"


def _opener(found: list[Token], index: int, following: Token | None, language: Language) -> int | None:
    """Where the value starts that ``found[index]`` closes; None when a statement ends there."""
    if found[index].text == "end":
        opener = _matching_word(found, index)
        return opener if opener is not None and found[opener].text == "function" else None
    opener = _matching_bracket(found, index)
    if opener is None or found[index].text != "}" or language == "lua" or not is_block(found, opener):
        return opener
    is_value = following is not None and following.text in (",", ")", "]", ".", "?.")
    return _function_start(found, opener) if is_value else None


def _function_start(found: list[Token], opener: int) -> int | None:
    """The first token of the JavaScript function whose body opens at ``opener``."""
    index = opener - 1
    if index >= 0 and found[index].text == "=>":
        index -= 1
    if index >= 0 and found[index].text == ")":
        matched = _matching_bracket(found, index)
        if matched is None:
            return None
        index = matched - 1
    while index >= 0 and (found[index].kind == "name" or found[index].text == "*"):
        if found[index].text in _STARTS["javascript"] - {"function"}:
            break
        index -= 1
    return index + 1


def _boundary(found: list[Token], index: int, language: Language) -> int | None:
    """Where a statement starts when ``found[index]`` begins one or ends the one before."""
    token = found[index]
    if token.kind == "sign":
        if token.text == ";" and language == "lua" and _is_in_table(found, index):
            return None
        opens_block = token.text == "{" and language == "javascript" and is_block(found, index)
        return index + 1 if token.text in (";", "=>") or opens_block else None
    if token.kind != "name" or _is_member_or_key(found, index, language):
        return None
    if token.text in _STARTS[language]:
        return index
    return index + 1 if token.text in _BREAKS[language] else None


def _is_in_table(found: list[Token], index: int) -> bool:
    """Whether the semicolon at ``index`` parts the entries of a Lua table."""
    depth = 0
    for token in reversed(found[:index]):
        depth += bracket(token) + _block_word(token)
        if depth > 0:
            return token.text == "{"
    return False


def _is_member_or_key(found: list[Token], index: int, language: Language) -> bool:
    """Whether a word is a name here in spite of its meaning: ``a.default``, ``{ in: 1 }``."""
    if index > 0 and found[index - 1].text in (".", ":", "?."):
        return True
    following = found[index + 1].text if index + 1 < len(found) else ""
    return following == (":" if language == "javascript" else "=")


def is_juxtaposed(token: Token, following: Token) -> bool:
    """Whether two values stand side by side, so that a statement ends between them."""
    if following.kind not in ("name", "number"):
        return False
    if following.text in _OPERATORS and following.text not in _PREFIXES:
        return False
    return following.text not in ("in", "of", "end", "from", "as") and ends_value(token)


def ends_value(token: Token) -> bool:
    """Whether a value may end with this token."""
    if token.kind == "sign":
        return token.text in (")", "]", "}")
    return token.kind != "name" or token.text not in _WORDS


def ends_statement(found: list[Token], language: Language) -> bool:
    """Whether a new statement may follow on the same line: after ``end``, a block, ``if (…)``."""
    last = found[-1]
    if last.text == "end" and language == "lua":
        return True
    if last.kind != "sign" or last.text not in (")", "}"):
        return False
    opener = _matching_bracket(found, len(found) - 1)
    if opener is None:
        return True
    if last.text == "}":
        return language == "javascript" and is_block(found, opener)
    return _has_head(found, opener)


def _has_head(found: list[Token], opener: int) -> bool:
    """Whether the parenthesis belongs to ``if (…)``, ``function M:f(…)`` and the like."""
    index = opener - 1
    while index >= 2 and found[index - 1].text in (".", ":"):
        index -= 2
    return any(token.text in _HEADS for token in found[max(index - 1, 0) : index + 1])


def _matching_bracket(found: list[Token], index: int) -> int | None:
    """The index of the bracket that ``found[index]`` closes."""
    depth = 0
    for position in range(index, -1, -1):
        depth -= bracket(found[position])
        if depth == 0:
            return position
    return None


def bracket(token: Token) -> int:
    """1 for an opening bracket, -1 for a closing one, 0 for all else."""
    if token.kind != "sign":
        return 0
    return (token.text in CLOSERS) - (token.text in (")", "]", "}"))


def _matching_word(found: list[Token], index: int) -> int | None:
    """The index of the word that a Lua ``end`` closes."""
    depth = 0
    for position in range(index, -1, -1):
        depth -= _block_word(found[position])
        if depth == 0:
            return position
    return None


def _block_word(token: Token) -> int:
    """1 for a word that Lua closes with ``end``, -1 for ``end``."""
    if token.kind != "name":
        return 0
    return (token.text in ("function", "if", "do")) - (token.text == "end")


def is_block(found: list[Token], opener: int) -> bool:
    """Whether a ``{`` in JavaScript opens statements rather than an object."""
    if opener == 0:
        return True
    before = found[opener - 1]
    if before.kind == "sign":
        return before.text in (")", "=>", "{", "}", ";")
    return before.text not in _BEFORE_OBJECT


def open_brackets(found: list[Token]) -> list[str]:
    """The brackets that are open after the tokens."""
    opened: list[str] = []
    for token in found:
        if bracket(token) > 0:
            opened.append(token.text)
        elif bracket(token) < 0 and opened:
            opened.pop()
    return opened


def reach(text: str, language: Language, start: int, opened: int, *, declares: bool) -> int:
    """How far the text from ``start`` belongs to a statement with ``opened`` brackets open.

    A statement that declares goes on after its brackets are closed: ``const { $0 } = Agent``.
    """
    depth, end = 0, start
    previous: Token | None = None
    for token in tokens(text, language, start, min(len(text), start + _AHEAD)):
        if token.kind == "comment":
            continue
        if depth <= 0 and _ends_before(token, previous, language):
            break
        depth += bracket(token) + (_block_word(token) if language == "lua" else 0)
        end = token.end if depth <= 0 else end
        if depth <= -opened and not declares:
            break
        previous = token
    return end


def _ends_before(token: Token, previous: Token | None, language: Language) -> bool:
    """Whether the statement is over before ``token``, outside all brackets opened after the cursor."""
    if token.text == ";":
        return True
    if previous is not None and is_juxtaposed(previous, token):
        return True
    if token.kind != "name":
        return False
    words = (_STARTS[language] | _BREAKS[language]) - {"function", "in", "of", "class"}
    return token.text in words or token.text == "end"
