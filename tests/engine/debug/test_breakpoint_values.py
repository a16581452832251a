"""Breakpoints as values: hit counts, log messages, places."""

from __future__ import annotations

import pytest
from llmspell_engine.debug.backend import Probe, ProbedFunction, ProbedSource
from llmspell_engine.debug.breakpoints import Expression, RefusedError, hit_condition, log_message, place

HITS = {
    "5": [5],
    "==5": [5],
    "> 5": [6, 7, 8],
    ">=5": [5, 6, 7, 8],
    "<3": [1, 2],
    " <= 3 ": [1, 2, 3],
    "%3": [3, 6],
}


@pytest.mark.parametrize("text", HITS)
def test_hit_conditions(text: str) -> None:
    holds = hit_condition(text)
    assert [hits for hits in range(1, 9) if holds(hits)] == HITS[text]


@pytest.mark.parametrize("text", ["= 2", "abc", "", "5 5", "%0", "-1", "1.5"])
def test_hit_conditions_that_are_none(text: str) -> None:
    with pytest.raises(RefusedError, match="hit count"):
        hit_condition(text)


MESSAGES = {
    "plain": ["plain"],
    "a {b} c": ["a ", Expression("b"), " c"],
    "{f({ x = 1 })}!": [Expression("f({ x = 1 })"), "!"],
    "{t['}']}": [Expression("t['}']")],
    r"\{a} \\ {b}": ["{a} \\ ", Expression("b")],
}


@pytest.mark.parametrize("text", MESSAGES)
def test_log_messages(text: str) -> None:
    assert list(log_message(text)) == MESSAGES[text]


@pytest.mark.parametrize("text", ["{}", "{ }", "{a", "{'}"])
def test_log_messages_with_bad_braces(text: str) -> None:
    with pytest.raises(RefusedError, match="brace"):
        log_message(text)


SOURCE = ProbedSource(
    "/a.lua",
    "",
    "",
    (
        Probe(1, 1, 1, 4, 4, 0),
        Probe(2, 2, 3, 2, 9, 1),
        Probe(3, 6, 1, 6, 5, 0),
        Probe(4, 6, 7, 6, 11, 0),
    ),
    (ProbedFunction(0, 1, 7), ProbedFunction(1, 1, 4)),
)


@pytest.mark.parametrize(
    ("line", "column", "expected"),
    [
        (1, None, 1),
        (2, None, 2),
        (3, None, None),
        (5, None, 3),
        (6, None, 3),
        (6, 6, 3),
        (6, 7, 4),
        (6, 99, 4),
        (7, None, None),
    ],
)
def test_places(line: int, column: int | None, expected: int | None) -> None:
    probe = place(SOURCE, line, column)
    assert (probe.id if probe else None) == expected
