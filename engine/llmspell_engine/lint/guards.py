"""Places that only ask whether something is there.

``if Agent.create_async then``, ``RAG and RAG.search``, ``typeof Tools``: a script that asks before it
uses a name knows that the name may be missing, and needs no finding about it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import tree_sitter

    from llmspell_engine.syntax import SyntaxTree
    from llmspell_engine.text import Span

_CONDITIONAL = frozenset(
    {
        "if_statement",
        "elseif_statement",
        "while_statement",
        "repeat_statement",
        "do_statement",
        "ternary_expression",
    }
)
_CHOOSING = frozenset({"and", "or", "&&", "||", "??"})
_COMPARING = frozenset({"==", "~=", "===", "!==", "!="})
_NOTHING = frozenset({"nil", "null", "undefined"})
_ASKING = frozenset({"not", "!", "typeof"})


def is_guard(tree: SyntaxTree, span: Span) -> bool:
    """Whether the expression at a span is asked for its existence only."""
    node = tree.root.descendant_for_byte_range(tree.byte(span.start), tree.byte(span.end))
    while node is not None and node.parent is not None:
        parent = node.parent
        # The parents of ``(x)`` and of the name ``x`` alone ask the same of it.
        same_place = (parent.start_byte, parent.end_byte) == (node.start_byte, node.end_byte)
        if not same_place and parent.type != "parenthesized_expression":
            return _asks(tree, parent, node)
        node = parent
    return False


def _asks(tree: SyntaxTree, parent: tree_sitter.Node, node: tree_sitter.Node) -> bool:
    if parent.type in _CONDITIONAL:
        condition = parent.child_by_field_name("condition")
        return condition is not None and condition.start_byte <= node.start_byte < condition.end_byte
    if parent.type == "binary_expression":
        return _asks_operator(tree, parent, node)
    if parent.type == "unary_expression":
        return parent.child(0) is not None and _first_word(tree, parent) in _ASKING
    if parent.type == "arguments":
        call = parent.parent
        return call is not None and _first_word(tree, call) == "type"
    return parent.type == "member_expression" and any(one.type == "optional_chain" for one in parent.children)


def _asks_operator(tree: SyntaxTree, parent: tree_sitter.Node, node: tree_sitter.Node) -> bool:
    sign = next((one.type for one in parent.children if not one.is_named), "")
    left, right = parent.children[0], parent.children[-1]
    if sign in _CHOOSING:
        # ``table.unpack or unpack`` takes whichever there is.
        return node.start_byte == left.start_byte or tree.slice(left).endswith(f".{tree.slice(node)}")
    other = right if node.start_byte == left.start_byte else left
    return sign in _COMPARING and tree.slice(other) in _NOTHING


def _first_word(tree: SyntaxTree, node: tree_sitter.Node) -> str:
    first = node.child(0)
    return tree.slice(first) if first is not None else ""
