"""What is told of a Lua expression before it runs: whether it is harmless, and the names in it.

Harmless is what may be evaluated under a resting mouse: it changes nothing and runs no code. Such an
expression is rewritten in terms of a few functions of the agent (``lua_agent``) that read raw values:
``a.b + 1`` becomes ``arithmetic("+", index(name("a"), "b"), 1)``. Calls, assignments and whatever would
reach a metamethod written as a function are refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmspell_engine.debug.backend import EvaluationError
from llmspell_engine.syntax import parse

if TYPE_CHECKING:
    from tree_sitter import Node

    from llmspell_engine.syntax import SyntaxTree

_ARITHMETIC = frozenset(["+", "-", "*", "/", "//", "%", "^", "&", "|", "~", "<<", ">>"])
_ORDER = frozenset(["<", "<=", ">", ">="])
_LITERALS = frozenset(("number", "string", "nil", "true", "false"))


def harmless(expression: str) -> str:
    """An expression in terms of the agent's raw readers. Raises EvaluationError where it might run code."""
    tree = parse(f"return {expression}", "lua")
    statements = tree.root.named_children
    if tree.root.has_error or len(statements) != 1 or statements[0].type != "return_statement":
        raise EvaluationError("this is no expression")
    (values,) = statements[0].named_children or [tree.root]
    if len(values.named_children) != 1:
        raise EvaluationError("this is no single expression")
    return _written(tree, values.named_children[0])


def names_in(expression: str) -> list[str]:
    """The variables that an expression may use: fields are none, and locals of functions in it may be."""
    found: set[str] = set()
    tree = parse(f"return {expression}", "lua")
    waiting = [tree.root]
    while waiting:
        node = waiting.pop()
        if node.type == "identifier":
            found.add(tree.slice(node))
        fields = {node.child_by_field_name("field"), node.child_by_field_name("method")}
        waiting += [
            child
            for child in node.named_children
            if child not in fields or node.type == "bracket_index_expression"
        ]
    return sorted(found)


def _written(tree: SyntaxTree, node: Node) -> str:
    match node.type:
        case "identifier":
            return f'name("{tree.slice(node)}")'
        case "dot_index_expression":
            owner, key = node.named_children
            return f'index({_written(tree, owner)}, "{tree.slice(key)}")'
        case "bracket_index_expression":
            owner, key = node.named_children
            return f"index({_written(tree, owner)}, {_written(tree, key)})"
        case "parenthesized_expression":
            return f"({_written(tree, node.named_children[0])})"
        case "unary_expression":
            return _unary(node.children[0].type, _written(tree, node.named_children[0]))
        case "binary_expression":
            left, right = (_written(tree, child) for child in node.named_children)
            return _binary(node.children[1].type, left, right)
    if node.type in _LITERALS:
        return tree.slice(node)
    raise EvaluationError("a hover runs no code: evaluate this in the console")


def _unary(sign: str, operand: str) -> str:
    if sign == "not":
        return f"(not {operand})"
    return f"length({operand})" if sign == "#" else f'arithmetic("{sign}", {operand})'


def _binary(sign: str, left: str, right: str) -> str:
    if sign in ("and", "or"):
        return f"({left} {sign} {right})"
    if sign in _ARITHMETIC:
        return f'arithmetic("{sign}", {left}, {right})'
    if sign in _ORDER:
        return f'ordered("{sign}", {left}, {right})'
    if sign == "..":
        return f"joined({left}, {right})"
    return f"equal({left}, {right})" if sign == "==" else f"(not equal({left}, {right}))"
