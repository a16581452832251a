"""Patterns of scopes and keys."""

from __future__ import annotations

import pytest
from llmspell_engine.state.patterns import matcher


@pytest.mark.parametrize(
    ("pattern", "fits", "others"),
    [
        ("a", ["a"], ["A", "ab", ""]),
        ("*", ["", "a", "a:b", "a\nb"], []),
        ("job-*", ["job-", "job-1", "job-a-b"], ["job", "a job-1"]),
        ("?-*", ["a-", "ä-b"], ["-b", "ab-c"]),
        ("a[b].c", ["a[b].c"], ["ab.c", "a[b]xc"]),
        ("a[*]", ["a[]", "a[1]"], ["a1", "a[1"]),
    ],
)
def test_what_fits_a_pattern(pattern: str, fits: list[str], others: list[str]) -> None:
    assert [name for name in (*fits, *others) if matcher(pattern)(name)] == fits
