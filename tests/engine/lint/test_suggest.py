"""Near misses."""

from __future__ import annotations

import pytest
from llmspell_engine.lint.suggest import distance, nearest


@pytest.mark.parametrize(
    ("word", "names", "expected"),
    [
        ("temprature", ["temperature", "name"], "temperature"),
        ("maxTokens", ["max_tokens", "model"], "max_tokens"),
        ("file_operations", ["file-operations"], "file-operations"),
        ("creat", ["create", "get"], "create"),
        ("raed", ["read", "road"], "read"),
        ("x", ["y"], None),
        ("id", ["name"], None),
        ("ab", ["ba"], "ba"),
        ("same", ["same"], None),
        ("read", ["read", "raed"], "raed"),
        ("abcdef", ["abcxyz", "abcdxy", "abcdxf"], "abcdxf"),
        ("abcdef", ["abcdxy"], "abcdxy"),
        ("abcdef", ["abcxyz"], None),
        ("set", ["get", "sat"], "get"),
        ("", ["a"], None),
        ("completely", ["different"], None),
    ],
)
def test_nearest(word: str, names: list[str], expected: str | None) -> None:
    assert nearest(word, names) == expected


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [("", "", 0), ("a", "", 1), ("kitten", "sitting", 3), ("ab", "ba", 1), ("abc", "abc", 0)],
)
def test_distance(left: str, right: str, expected: int) -> None:
    assert distance(left, right) == distance(right, left) == expected
