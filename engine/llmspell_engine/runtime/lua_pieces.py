"""Pieces of Lua that are entered one after the other: how the locals of one come to be those of the next.

``lua_prelude/session.lua`` runs what is made here. The text stays on its lines.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from llmspell_engine.syntax import parse

if TYPE_CHECKING:
    import tree_sitter

    from llmspell_engine.syntax import SyntaxTree

_KEEPER = "__llmspell_session"
_RETURN = "return "
_WORD = re.compile(r"[A-Za-z_]\w*")
_MOST_LOCALS = 150
"""How many earlier locals a piece can name; Lua allows 200 in a function."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece as it is compiled.

    Attributes:
        plain: what its syntax errors are told of.
        source: a function around it that makes its locals last.
    """

    plain: str
    source: str
    is_expression: bool


def piece_of(text: str, knows: Callable[[str], bool]) -> Piece:
    """A piece from its text; ``knows`` tells the locals of earlier ones."""
    used = [name for name in dict.fromkeys(_WORD.findall(text)) if knows(name)][:_MOST_LOCALS]
    head = f"local {', '.join((_KEEPER, *used))} = ...;return function(...) "
    tree = parse(f"{_RETURN}{text}\n", "lua")
    if not tree.faults:
        # The bracket stands on the expression's last line, for Lua tells errors by where a call ends; what
        # comes behind may be a comment.
        end = _end_of_values(tree)
        packed = f"return {_KEEPER}.pack({text[:end]}){text[end:]}\nend"
        return Piece(tree.text.value, head + packed, is_expression=True)
    return Piece(text, f"{head}{_with_keepers(parse(text, 'lua'))}\nend", is_expression=False)


def _end_of_values(tree: SyntaxTree) -> int:
    """Where the values end in the text that was put behind ``return``."""
    for statement in tree.root.named_children:
        for child in statement.named_children:
            if child.type == "expression_list":
                return tree.span(child).end - len(_RETURN)
    return 0


def _with_keepers(tree: SyntaxTree) -> str:
    """The text with a call behind each local of the outermost level, so that a later failure keeps it."""
    text, parts, at = tree.text.value, [], 0
    for end, names in _declared(tree):
        quoted = ", ".join(f'"{name}"' for name in names)
        keeping = f";{_KEEPER}.keep(function() return {', '.join(names)} end, {quoted});"
        parts += [text[at:end], keeping]
        at = end
    return "".join((*parts, text[at:]))


def _declared(tree: SyntaxTree) -> Iterator[tuple[int, list[str]]]:
    """Where each declaration of locals ends, and their names."""
    for statement in tree.root.named_children:
        if statement.type == "variable_declaration":
            names = list(_names(statement))
        elif statement.type == "function_declaration" and statement.children[0].type == "local":
            name = statement.child_by_field_name("name")
            names = [name] if name is not None else []
        else:
            continue
        yield tree.span(statement).end, [tree.slice(name) for name in names]


def _names(declaration: tree_sitter.Node) -> Iterator[tree_sitter.Node]:
    for child in declaration.named_children:
        if child.type == "variable_list":
            yield from (each for each in child.named_children if each.type == "identifier")
        elif child.type == "assignment_statement":
            yield from _names(child)
