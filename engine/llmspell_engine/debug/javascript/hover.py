"""What a hover may ask: names and members, because reading them runs no code of the script."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from llmspell_engine.debug.backend import EvaluationError
from llmspell_engine.syntax import SyntaxTree, parse

if TYPE_CHECKING:
    import tree_sitter


@dataclass(frozen=True, slots=True)
class Path:
    """A name (or ``this``) and the members that follow it."""

    name: str
    members: tuple[str, ...]


def path_of(expression: str) -> Path:
    """The path that an expression spells. Raises EvaluationError for anything that could run code."""
    tree = parse(expression, "javascript")
    statement = tree.root.named_children[0] if tree.root.named_child_count == 1 else None
    if tree.root.has_error or statement is None or statement.type != "expression_statement":
        raise EvaluationError(_REFUSED)
    members: list[str] = []
    node = statement.named_children[0]
    while node.type in {"member_expression", "subscript_expression"}:
        members.append(_member(tree, node))
        node = _field(node, "object")
    if node.type not in {"identifier", "this"}:
        raise EvaluationError(_REFUSED)
    return Path(tree.slice(node), tuple(reversed(members)))


def _member(tree: SyntaxTree, node: tree_sitter.Node) -> str:
    if node.type == "member_expression":
        key = _field(node, "property")
        if key.type == "property_identifier":
            return tree.slice(key)
        raise EvaluationError(_REFUSED)
    key = _field(node, "index")
    if key.type == "number":
        return tree.slice(key)
    if key.type == "string" and "\\" not in tree.slice(key):
        return tree.slice(key)[1:-1]
    raise EvaluationError(_REFUSED)


def _field(node: tree_sitter.Node, name: str) -> tree_sitter.Node:
    found = node.child_by_field_name(name)
    if found is None:
        raise EvaluationError(_REFUSED)
    return found


_REFUSED = "a hover shows names and members only, because anything else may run code"
