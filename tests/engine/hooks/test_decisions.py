"""What handlers may give, and what it means."""

from __future__ import annotations

from typing import Any

import pytest
from llmspell_engine.hooks import HOOK_POINTS, POINT_NAMES, HookError, point_named
from llmspell_engine.hooks.decisions import CONTINUE, Decision, DecisionError, decide


@pytest.mark.parametrize(
    ("given", "means"),
    [
        (None, CONTINUE),
        (True, CONTINUE),
        ("continue", CONTINUE),
        ({}, CONTINUE),
        (False, Decision("cancel")),
        ("too dear", Decision("cancel", reason="too dear")),
        ("skip", Decision("skipped")),
        ("skipped", Decision("skipped")),
        ({"type": "skip", "reason": "r"}, Decision("skipped", reason="r")),
        ({"type": "modified", "data": {"a": 1}}, Decision("modified", {"a": 1})),
        ({"type": "modify", "data": {"a": 1}}, Decision("modified", {"a": 1})),
        ({"type": "replace", "data": {"a": 1}}, Decision("replace", {"a": 1})),
        ({"type": "cancel", "reason": "r"}, Decision("cancel", reason="r")),
        ({"type": "redirect", "target": "t"}, Decision("redirect", target="t")),
        ({"type": "retry"}, Decision("retry", max_attempts=3)),
        ({"type": "retry", "delay_ms": 5, "max_attempts": 2}, Decision("retry", delay_ms=5, max_attempts=2)),
        ({"type": "retry", "delayMs": 5, "maxAttempts": 2}, Decision("retry", delay_ms=5, max_attempts=2)),
    ],
)
def test_decisions(given: Any, means: Decision) -> None:
    assert decide(given) == means


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        (7, "gives nothing, a string or a table, not int"),
        (
            {"type": "stop"},
            "is one of continue, modified, cancel, redirect, replace, retry, skipped, not 'stop'",
        ),
        ({"data": {}}, "not None"),
        ({"type": "redirect"}, "names a 'target'"),
        ({"type": "retry", "delay_ms": "soon"}, "'delay_ms' of what a handler gives cannot be 'soon'"),
        ({"type": "replace", "data": "x"}, "'data' of what a handler gives cannot be 'x'"),
    ],
)
def test_what_decides_nothing_is_told(given: Any, problem: str) -> None:
    with pytest.raises(DecisionError, match=problem):
        decide(given)


@pytest.mark.parametrize(
    ("name", "point"),
    [
        ("BeforeToolExecution", "BeforeToolExecution"),
        ("before_tool_execution", "BeforeToolExecution"),
        ("pre_tool", "BeforeToolExecution"),
        ("pre-tool", "BeforeToolExecution"),
        ("post_llm", "AfterModelCall"),
        ("post-workflow", "AfterWorkflowComplete"),
        ("cpu_usage_high", "CpuUsageHigh"),
    ],
)
def test_names_of_points(name: str, point: str) -> None:
    assert point_named(name) == point


def test_every_point_has_its_name_and_one_in_snake_case() -> None:
    assert len(HOOK_POINTS) == 46
    assert {POINT_NAMES[name] for name in POINT_NAMES if "_" in name} == set(HOOK_POINTS)


@pytest.mark.parametrize(
    ("name", "hint"), [("pre_tol", "did you mean 'pre_tool'?"), ("x", "such as 'BeforeToolExecution'")]
)
def test_an_unknown_point_is_told_with_one_that_is_near(name: str, hint: str) -> None:
    with pytest.raises(HookError, match="there is no hook point") as raised:
        point_named(name)
    assert hint in str(raised.value)
