"""Which nodes of a JavaScript tree are statements that can be stopped at, and where bodies lack braces."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import tree_sitter

BLOCKS = frozenset({"statement_block", "switch_case", "switch_default"})
_BODIES = {
    "if_statement": "consequence",
    "for_statement": "body",
    "for_in_statement": "body",
    "while_statement": "body",
    "do_statement": "body",
}
_UNPROBED = frozenset(
    {"function_declaration", "generator_function_declaration", "import_statement", "statement_block"}
)


def is_statement(node: tree_sitter.Node) -> bool:
    """Whether a child of a block is a statement that can be stopped at."""
    if node.type == "export_statement":
        return _exported(node) not in {"function_declaration", "generator_function_declaration", None}
    if node.type in _UNPROBED:
        return False
    return node.type.endswith(("_statement", "_declaration")) and node.type != "empty_statement"


def _exported(node: tree_sitter.Node) -> str | None:
    """The kind of what an export statement declares or evaluates, None where it only lists names."""
    part = node.child_by_field_name("declaration") or node.child_by_field_name("value")
    if part is None or part.type in {"function_expression", "generator_function"}:
        return None
    return part.type


def is_bare_body(parent: tree_sitter.Node, child: tree_sitter.Node) -> bool:
    """Whether a node is the body of a construct and has no braces."""
    if not child.is_named or child.type in {"statement_block", "comment"}:
        return False
    if parent.type == "else_clause":
        return True
    name = _BODIES.get(parent.type)
    return name is not None and parent.child_by_field_name(name) == child


def is_function_body(node: tree_sitter.Node) -> bool:
    """Whether a node holds the statements of a function or method."""
    return (
        node.type == "statement_block"
        and node.parent is not None
        and ("function" in node.parent.type or node.parent.type == "method_definition")
    )


def is_directive(node: tree_sitter.Node) -> bool:
    """Whether a statement is nothing but a string, as ``"use strict"`` is."""
    return (
        node.type == "expression_statement"
        and node.named_child_count == 1
        and node.named_children[0].type == "string"
    )
