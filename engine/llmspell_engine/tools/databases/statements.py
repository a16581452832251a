"""SQL as far as it has to be understood: what a statement does, and where its values go.

What a statement may do is held by the database first: reading is done in transactions that cannot write, and
one statement is sent at a time. The words of a statement are looked at besides, so that an INSERT deletes
nothing, and a SELECT does not begin with something that ends its transaction.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Literal

from llmspell_engine.tools.base import ToolError

QueryType = Literal["SELECT", "INSERT", "UPDATE", "DELETE", "SCHEMA"]
Value = str | float | int | bool | None
Values = Sequence[Value] | Mapping[str, Value] | None
Dialect = Literal["postgresql", "mysql"]

_COMMON = r"""
    (?P<comment> --[^\n]* | /\*.*?(?:\*/|\Z) )
  | (?P<quoted> "(?:[^"]|"")*" | `[^`]*` | {strings} )
  | (?P<cast> :: )
  | (?P<named> (?<![\w:\]]) :[A-Za-z_]\w* )
  | (?P<mark> \? )
  | (?P<word> [A-Za-z_]\w* )
  | (?P<sign> [();] )
"""
_STRINGS: dict[Dialect, str] = {
    "postgresql": r"(?<!\w)[Ee]'(?:[^'\\]|\\.|'')*' | '(?:[^']|'')*' | \$(?P<tag>\w*)\$.*?\$(?P=tag)\$",
    "mysql": r"'(?:[^'\\]|\\.|'')*'",
}
_PIECES: dict[Dialect, re.Pattern[str]] = {
    dialect: re.compile(_COMMON.format(strings=strings), re.VERBOSE | re.DOTALL)
    for dialect, strings in _STRINGS.items()
}
_VERBS: Mapping[QueryType, frozenset[str]] = {
    "SELECT": frozenset({"SELECT", "VALUES", "TABLE", "SHOW", "EXPLAIN", "DESCRIBE", "DESC"}),
    "INSERT": frozenset({"INSERT", "REPLACE"}),
    "UPDATE": frozenset({"UPDATE"}),
    "DELETE": frozenset({"DELETE"}),
    "SCHEMA": frozenset({"CREATE", "ALTER", "DROP", "TRUNCATE", "COMMENT", "RENAME"}),
}
_MAIN = frozenset({"SELECT", "VALUES", "TABLE", "INSERT", "REPLACE", "UPDATE", "DELETE", "MERGE"})
"""What may follow the queries of WITH."""
_CHANGING = frozenset({"INSERT", "UPDATE", "DELETE", "MERGE"})
_BESIDE = frozenset(
    {
        *("OR", "REPLACE", "TEMP", "TEMPORARY", "LOCAL", "GLOBAL", "UNLOGGED", "UNIQUE", "FULLTEXT"),
        *("SPATIAL", "MATERIALIZED", "RECURSIVE", "ON"),
    }
)
_OBJECTS = frozenset({"TABLE", "INDEX", "VIEW", "SEQUENCE", "SCHEMA", "TYPE", "DOMAIN", "COLUMN"})
"""What SCHEMA makes and drops; not users, functions, extensions and whole databases."""
_HIDDEN = re.compile(r"/\*M?!|\b(?:outfile|dumpfile|load_file)\b", re.IGNORECASE)
"""What MySQL reads as SQL though it looks like a comment, and what reaches files of its machine."""


def check_kind(statement: str, kind: QueryType, dialect: Dialect) -> None:
    """Raise ToolError where a statement is several, or does something else than its class says."""
    if dialect == "mysql" and (hidden := _HIDDEN.search(statement)):
        raise ToolError(
            f"a statement with {hidden[0]!r} is not sent; give text that holds it in 'parameters'",
            code="forbidden",
        )
    words = list(_words(statement, dialect))
    for place, (word, _) in enumerate(words):
        if word == ";" and place + 1 < len(words):
            raise ToolError("there are several statements; give one at a time", code="invalid_query")
    verb = _verb(words)
    inside = {word for (word, _), before in zip(words[1:], words, strict=False) if before[0] == "("}
    allowed = verb in _VERBS[kind] and inside & _CHANGING <= _VERBS[kind]
    if not allowed or (kind == "SCHEMA" and not _makes_what_may_be_made(words)):
        does = verb if verb not in _VERBS[kind] else "of this kind"
        raise ToolError(
            f"a statement {does} does more than a {kind} may; 'query_type' tells what it may do",
            code="forbidden",
        )


def _words(statement: str, dialect: Dialect) -> Iterator[tuple[str, int]]:
    """The words, brackets and semicolons outside of texts, in capitals, and how deep each stands."""
    depth = 0
    for piece in _PIECES[dialect].finditer(statement):
        if piece.lastgroup not in ("word", "sign"):
            continue
        word = piece[0].upper()
        depth += {"(": 1, ")": -1}.get(word, 0)
        yield word, depth


def verb_of(statement: str, dialect: Dialect) -> str:
    """The word that says what a statement does. Raises ToolError where there is none."""
    return _verb(list(_words(statement, dialect)))


def _verb(words: Sequence[tuple[str, int]]) -> str:
    found = [(word, depth) for word, depth in words if word not in ("(", ")", ";")]
    if not found:
        raise ToolError("there is no statement in 'query'", code="invalid_query")
    if found[0][0] != "WITH":
        return found[0][0]
    return next((word for word, depth in found if depth == 0 and word in _MAIN), "WITH")


def _makes_what_may_be_made(words: Sequence[tuple[str, int]]) -> bool:
    following = [word for word, _ in words[1:] if word not in _BESIDE]
    return words[0][0] == "TRUNCATE" or (bool(following) and following[0] in _OBJECTS)


def bound(
    statement: str, values: Values, dialect: Dialect, written: Callable[[int], str]
) -> tuple[str, list[Value]]:
    """A statement with the marks of its driver for ``?`` and ``:name``, and the values in their order.

    ``written`` is the mark of the value with a number, from 1. Nothing is put into the text itself.
    Raises ToolError where the marks and the values do not fit.
    """
    if values is None:
        return statement, []
    given: list[Value] = []

    def replaced(piece: re.Match[str]) -> str:
        text = piece[0]
        if piece.lastgroup == "mark" and not isinstance(values, Mapping):
            if len(given) == len(values):
                raise _do_not_fit(f"there is no value for the '?' with number {len(given) + 1}")
            given.append(values[len(given)])
        elif piece.lastgroup == "named" and isinstance(values, Mapping):
            if text[1:] not in values:
                raise _do_not_fit(f"there is no value for '{text}'")
            given.append(values[text[1:]])
        else:
            return text
        return written(len(given))

    changed = _PIECES[dialect].sub(replaced, statement)
    if not isinstance(values, Mapping) and len(given) < len(values):
        raise _do_not_fit(f"there are {len(values)} values, but '?' stands {len(given)} times")
    return changed, given


def _do_not_fit(why: str) -> Any:
    return ToolError(f"the statement and its parameters do not fit: {why}", code="invalid_query")
