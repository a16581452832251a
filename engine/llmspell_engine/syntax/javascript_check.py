"""Says in words what is wrong with a JavaScript text that the parser has found broken.

First the faults that tokens alone show: strings and brackets that do not end, values side by side,
words of other languages. What is left is told from the parser's error nodes.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, NoReturn

from llmspell_engine.syntax.fault import Fault, FaultError
from llmspell_engine.syntax.tokens import Token, tokens
from llmspell_engine.text import Span

if TYPE_CHECKING:
    from llmspell_engine.text import Text

_CLOSERS = {"(": ")", "[": "]", "{": "}"}
_STATEMENTS = frozenset({"const", "var", "if", "while", "switch", "try", "throw", "return"})
_HEADS = frozenset({"if", "while", "for", "switch", "with"})
_HINTS = {
    "local": "JavaScript declares with 'const' or 'let'",
    "nil": "JavaScript writes 'null' or 'undefined'",
    "elseif": "JavaScript writes 'else if'",
    "then": "JavaScript writes '{ … }' for a block",
    "end": "JavaScript closes a block with '}'",
    "~=": "JavaScript writes '!=='",
    "and": "JavaScript writes '&&'",
    "or": "JavaScript writes '||'",
    "not": "JavaScript writes '!'",
}


def javascript_faults(text: Text) -> list[Fault]:
    """What tokens alone show to be wrong, the first of it."""
    found = [token for token in tokens(text.value, "javascript", 0, len(text.value)) if _matters(token)]
    try:
        _check_ends(found)
        _check_brackets(found, text)
        _check_neighbours(found)
    except FaultError as fault:
        return [fault.fault]
    return []


def _matters(token: Token) -> bool:
    """Whether it is code, or a comment that does not end."""
    is_open = token.text.startswith("/*") and not (token.text.endswith("*/") and len(token.text) > 3)
    return token.kind != "comment" or is_open


def _stop(token: Token, message: str) -> NoReturn:
    raise FaultError(Span(token.start, token.end), message)


def _check_ends(found: list[Token]) -> None:
    """Strings, templates and comments must end."""
    for token in found:
        if token.kind == "comment":
            _stop(token, "unfinished comment: '*/' is missing")
        quote = token.text[0]
        is_closed = len(token.text) > 1 and token.text[-1] == quote
        if token.kind == "string" and quote in "\"'`" and not is_closed:
            _stop(token, f"unfinished {'template' if quote == '`' else 'string'}: its {quote} is missing")


def _check_brackets(found: list[Token], text: Text) -> None:
    """Each bracket must be closed by its own kind, before a statement begins."""
    opened: list[int] = []
    for index, token in enumerate(found):
        opener = found[opened[-1]] if opened else None
        if token.kind == "sign" and token.text in _CLOSERS:
            opened.append(index)
        elif token.kind == "sign" and token.text in (")", "]", "}"):
            if opener is None:
                _stop(token, f"unexpected '{token.text}'")
            if _CLOSERS[opener.text] != token.text:
                _stop(token, _to_close(opener, text))
            opened.pop()
        elif opener is not None and opener.text != "{" and _begins_statement(found, index):
            _stop(token, _to_close(opener, text))
        elif token.text == "=" and opened and _is_object_entry(found, index, opened[-1]):
            _stop(token, "unexpected '=': a value in an object follows ':'")
    if opened:
        _stop(found[-1], _to_close(found[opened[-1]], text))


def _begins_statement(found: list[Token], index: int) -> bool:
    """Whether a word begins a statement here, and is no key or member."""
    if found[index].text not in _STATEMENTS:
        return False
    before = found[index - 1].text if index else ""
    following = found[index + 1].text if index + 1 < len(found) else ""
    return before not in (".", "?.", "(") and following not in (":", ",", ")")


def _is_object_entry(found: list[Token], index: int, opener: int) -> bool:
    """Whether ``=`` at ``index`` stands behind a key of an object that is a value."""
    is_key = index > 1 and found[index - 1].kind in ("name", "string") and found[index - 2].text in ("{", ",")
    is_value = opener > 0 and found[opener - 1].text in ("=", "(", ",", ":", "[", "return")
    return is_key and is_value and found[opener].text == "{"


def _to_close(opener: Token, text: Text) -> str:
    line = text.line_of(opener.start) + 1
    return f"'{_CLOSERS[opener.text]}' expected (to close '{opener.text}' at line {line})"


def _check_neighbours(found: list[Token]) -> None:
    """``if`` wants a parenthesis, ``const`` a name, ``=`` a value; other languages' words are foreign."""
    for token, following in pairwise([*found, Token("sign", "", 0, 0)]):
        is_foreign = token.kind == "sign" or following.kind in ("name", "number", "string")
        if token.text in _HINTS and is_foreign:
            _stop(token, f"unexpected '{token.text}': {_HINTS[token.text]}")
        wanted = _wanted(token, following)
        if wanted:
            _stop(following if following.text else token, f"{wanted} expected after '{token.text}'")


def _wanted(token: Token, following: Token) -> str:
    """What must follow a token and does not; empty when all is well."""
    if token.text == "=" and token.kind == "sign" and following.text in ("", ";", ")", "}", "]", ","):
        return "a value"
    if token.kind != "name":
        return ""
    if token.text in _HEADS and following.text not in ("(", ":", ",", ")", "}", "await", ".", "="):
        return "'('"
    is_bare = token.text in ("const", "var") and following.kind == "sign" and following.text not in ("{", "[")
    return "a name" if is_bare else ""
