"""What a script does with the promise of a call that is under way, told from its text.

An async function that throws before its first ``await`` has not given its promise to anybody yet, so nothing
in memory tells whether the error will be caught.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from llmspell_engine.syntax import SyntaxTree

_KEPT_HERE = frozenset({"await_expression", "expression_statement", "return_statement", "arrow_function"})


def is_handed_on(tree: SyntaxTree, offset: int) -> bool:
    """Whether the result of the call at an offset goes to something that may handle its rejection later.

    ``f().catch(…)``, ``Promise.all([f()])`` and ``p = f()`` do; ``await f()``, ``return f()`` and ``f()``
    alone do not.
    """
    byte = tree.byte(offset)
    node = tree.root.descendant_for_byte_range(byte, byte)
    while node is not None and node.type not in {"call_expression", "new_expression"}:
        node = node.parent
    parent = node.parent if node is not None else None
    while parent is not None and parent.type == "parenthesized_expression":
        parent = parent.parent
    return parent is not None and parent.type not in _KEPT_HERE
