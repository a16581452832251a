"""Names that a JavaScript script declares twice in one block, for which it is refused as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmspell_engine.analysis.program import Program
    from llmspell_engine.analysis.scopes import Declaration

_LEXICAL = frozenset({"let", "const", "class", "using"})


def declared_again(program: Program) -> Iterator[Declaration]:
    """Each declaration of a name that its block already has, where JavaScript does not allow that."""
    waiting = [program.scope]
    while waiting:
        scope = waiting.pop()
        waiting += scope.children
        for declarations in scope.names.values():
            written = sorted((one for one in declarations if not one.is_implicit), key=lambda one: one.start)
            for index, made in enumerate(written):
                if any(_collide(made, earlier) for earlier in written[:index]):
                    yield made


def _collide(made: Declaration, earlier: Declaration) -> bool:
    if _is_lexical(made) or _is_lexical(earlier):
        return True
    # A function's own body may declare a function twice, as it may a ``var``; other blocks may not.
    return made.attribute == earlier.attribute == "function" and made.scope.kind != "function"


def _is_lexical(made: Declaration) -> bool:
    return made.kind != "parameter" and made.attribute in _LEXICAL
