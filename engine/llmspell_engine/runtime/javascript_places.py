"""Where in a JavaScript text a script stood when it was ended.

QuickJS looks for its end where a loop goes back to its head, and tells the place of what stands before that
head: of the statement before the loop, or of the function. The loop itself is what people look for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node

_LOOPS = frozenset({"for_statement", "for_in_statement", "while_statement", "do_statement"})
_FUNCTIONS = frozenset(
    {
        "function_declaration", "function_expression", "arrow_function", "method_definition",
        "generator_function_declaration", "generator_function", "program",
    }
)  # fmt: skip


def loop_after(text: str, line: int, column: int) -> tuple[int, int]:
    """The loop before which a place stands, if it stands in none itself; else the place. Counted from 1."""
    from llmspell_engine.syntax import parse
    from llmspell_engine.text import Text

    tree = parse(text, "javascript")
    lines = text.split("\n")
    offset = sum(len(each) + 1 for each in lines[: line - 1]) + column - 1
    at = tree.byte(min(offset, len(text)))
    node = tree.root.descendant_for_byte_range(at, at)
    while node is not None and node.type not in _FUNCTIONS:
        if node.type in _LOOPS:
            return line, column
        node = node.parent
    loop = next((one for one in _loops(node) if one.start_byte >= at), None) if node is not None else None
    if loop is None:
        return line, column
    start = Text(text).value[: tree.offset(loop.start_byte)]
    return start.count("\n") + 1, len(start) - start.rfind("\n")


def _loops(function: Node) -> Iterator[Node]:
    """The loops of a function, the outer ones first, but for those of functions in it."""
    for child in function.children:
        if child.type in _LOOPS:
            yield child
        if child.type not in _FUNCTIONS:
            yield from _loops(child)
