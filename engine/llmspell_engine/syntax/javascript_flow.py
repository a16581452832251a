"""What JavaScript refuses although it parses: words outside where they belong, as ``await``; ``try`` alone.

A script is an ES module, so ``await`` may stand outside functions and ``return`` may not.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import tree_sitter
import tree_sitter_javascript

from llmspell_engine.syntax.fault import Fault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tree_sitter import Node

    from llmspell_engine.syntax.parser import SyntaxTree

_LOOPS = frozenset({"for_statement", "for_in_statement", "while_statement", "do_statement"})
_BREAKABLE = _LOOPS | {"switch_statement"}
_FUNCTIONS = frozenset(
    {"function_declaration", "function_expression", "arrow_function", "method_definition"}
    | {"generator_function", "generator_function_declaration"}
)
_BOUNDARIES = _FUNCTIONS | {"class_static_block", "field_definition"}
"""What no jump leaves and no ``await`` reaches out of."""


def misplaced(tree: SyntaxTree) -> list[Fault]:
    """The faults of an unbroken tree, in the order of the text."""
    found = tree_sitter.QueryCursor(_query()).captures(tree.root)
    faults = [
        Fault(tree.span(node.children[0]), message)
        for kind, check in _CHECKS.items()
        for node in found.get(kind, ())
        if (message := check(node))
    ]
    return sorted(faults, key=lambda fault: fault.span)


@cache
def _query() -> tree_sitter.Query:
    language = tree_sitter.Language(tree_sitter_javascript.language())
    return tree_sitter.Query(language, "".join(f"({kind}) @{kind} " for kind in _CHECKS))


def _around(node: Node) -> Iterator[Node]:
    """What a node stands in, from the inside out, up to the function."""
    outer = node.parent
    while outer is not None and outer.type not in _BOUNDARIES:
        yield outer
        outer = outer.parent


def _function(node: Node) -> Node | None:
    """The function, static block or field initialiser that a node stands in."""
    outer = node.parent
    while outer is not None and outer.type not in _BOUNDARIES:
        outer = outer.parent
    return outer


def _has(node: Node, word: str) -> bool:
    return any(child.type == word for child in node.children)


def _return(node: Node) -> str:
    function = _function(node)
    is_inside = function is not None and function.type in _FUNCTIONS
    return "" if is_inside else "'return' stands outside a function"


def _break(node: Node) -> str:
    label = node.child_by_field_name("label")
    if label is not None:
        return _labelled(node, label, loops=False)
    if any(outer.type in _BREAKABLE for outer in _around(node)):
        return ""
    return "'break' stands outside a loop or 'switch'"


def _continue(node: Node) -> str:
    label = node.child_by_field_name("label")
    if label is not None:
        return _labelled(node, label, loops=True)
    return "" if any(outer.type in _LOOPS for outer in _around(node)) else "'continue' stands outside a loop"


def _labelled(node: Node, label: Node, *, loops: bool) -> str:
    """Whether a statement around carries the label: any, or only a loop."""
    for outer in _around(node):
        if not _carries(outer, label):
            continue
        body = outer.child_by_field_name("body")
        if not loops or (body is not None and body.type in _LOOPS):
            return ""
        return f"'continue' needs a loop, and '{_text(label)}' is none"
    return f"there is no label '{_text(label)}' around"


def _label(node: Node) -> str:
    label = node.child_by_field_name("label")
    if label is None or not any(_carries(outer, label) for outer in _around(node)):
        return ""
    return f"the label '{_text(label)}' is there already"


def _carries(statement: Node, label: Node) -> bool:
    """Whether a statement has the same label."""
    carried = statement.child_by_field_name("label") if statement.type == "labeled_statement" else None
    return carried is not None and carried.text == label.text


def _await(node: Node) -> str:
    function = _function(node)
    if function is None or (function.type in _FUNCTIONS and _has(function, "async")):
        return ""
    return "'await' stands in a function that is not 'async'"


def _yield(node: Node) -> str:
    function = _function(node)
    is_generator = function is not None and (function.type.startswith("generator") or _has(function, "*"))
    return "" if is_generator else "'yield' stands outside a generator ('function*')"


def _meta(node: Node) -> str:
    """``new.target`` belongs to functions; arrow functions have that of what they stand in."""
    if not (node.text or b"").startswith(b"new"):
        return ""
    function = _function(node)
    while function is not None and function.type == "arrow_function":
        function = _function(function)
    return "" if function is not None else "'new.target' stands outside a function"


def _try(node: Node) -> str:
    is_whole = node.child_by_field_name("handler") or node.child_by_field_name("finalizer")
    return "" if is_whole else "'try' has neither 'catch' nor 'finally'"


def _text(node: Node) -> str:
    return (node.text or b"").decode("utf-8", "replace")


_CHECKS: dict[str, Callable[[Node], str]] = {
    "return_statement": _return,
    "break_statement": _break,
    "continue_statement": _continue,
    "labeled_statement": _label,
    "await_expression": _await,
    "yield_expression": _yield,
    "meta_property": _meta,
    "try_statement": _try,
}
"""What to check at each kind of node: the result is what is wrong, or nothing."""
