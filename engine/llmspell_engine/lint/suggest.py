"""Near misses: the known name that a misspelt one most likely means."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmspell_engine.diagnostics import Edit, Fix

if TYPE_CHECKING:
    from collections.abc import Iterable

    from llmspell_engine.text import Span


def nearest(word: str, names: Iterable[str]) -> str | None:
    """The name that differs from ``word`` in so few letters that it must be meant, or None.

    Letter case and the signs ``_`` and ``-`` count for nothing, so that ``maxTokens`` finds
    ``max_tokens``; otherwise one slip in three letters is allowed.
    """
    bare = _bare(word)
    limit = max(1, len(bare) // 3)
    best, best_distance = None, limit + 1
    for name in names:
        if name == word:
            continue
        other = _bare(name)
        if abs(len(other) - len(bare)) >= best_distance:
            continue
        found = distance(bare, other)
        if found < best_distance and found < max(len(bare), len(other)):
            best, best_distance = name, found
    return best


def did_you_mean(name: str | None) -> str:
    """The end of a message: a question, or nothing."""
    return f"; did you mean '{name}'?" if name else ""


def advice(instead: str) -> str:
    """The end of a message: what to do instead, or nothing."""
    return f"; {instead}" if instead else ""


def renaming(span: Span, meant: str | None) -> Fix | None:
    """Writing the name that is most likely meant. It changes what the script does, so it is not safe."""
    if meant is None:
        return None
    return Fix(f"Change to '{meant}'", (Edit(span, meant),), safe=False)


def distance(left: str, right: str) -> int:
    """How many letters must be added, dropped, changed or swapped with their neighbour."""
    before: list[int] = []
    row = list(range(len(right) + 1))
    for i, letter in enumerate(left):
        above, row = row, [i + 1]
        for j, other in enumerate(right):
            cost = min(above[j] + (letter != other), above[j + 1] + 1, row[j] + 1)
            if i and j and letter == right[j - 1] and other == left[i - 1]:
                cost = min(cost, before[j - 1] + 1)
            row.append(cost)
        before = above
    return row[-1]


def _bare(word: str) -> str:
    return word.lower().replace("_", "").replace("-", "")
