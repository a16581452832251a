"""The tools that somebody may have meant by a name that none has: the same in runs, linter and shell."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

_SHORTEST_WORD = 3


def meant(name: str, known: Iterable[str], most: int = 3) -> Sequence[str]:
    """The names that somebody may have meant: one that is spelled nearly so, or those that hold the word."""
    from difflib import get_close_matches

    names, word = sorted(known), name.lower().replace("_", "-").strip()
    if near := get_close_matches(word, names, n=1, cutoff=0.75):
        return near
    long_enough = len(word) >= _SHORTEST_WORD
    for holding in (
        [one for one in names if long_enough and one.startswith(word)],
        [one for one in names if long_enough and word in one],
        get_close_matches(word, names, n=1, cutoff=0.6),
        [one for one in names if get_close_matches(word, one.split("-"), n=1, cutoff=0.75)],
    ):
        if holding:
            return holding[:most]
    return []


def did_you_mean(names: Sequence[str]) -> str:
    """A question about such names; empty where there are none."""
    near = " or ".join(f"'{one}'" for one in names)
    return f"did you mean {near}?" if near else ""
