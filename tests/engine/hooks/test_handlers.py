"""What a handler is, apart from who calls it: its breaker and its threshold."""

from __future__ import annotations

import pytest
from llmspell_engine.hooks import HookPoint
from llmspell_engine.hooks.handlers import THRESHOLDS, Breaker, Handler


@pytest.mark.parametrize(
    ("point", "given", "expected"),
    [
        ("CpuUsageHigh", None, THRESHOLDS["CpuUsageHigh"]),
        ("CpuUsageHigh", 5.0, 5.0),
        ("CpuUsageHigh", 0.0, 0.0),
        ("BeforeToolExecution", None, None),
        ("BeforeToolExecution", 5.0, None),
    ],
)
def test_only_where_values_are_measured_there_is_a_threshold(
    point: HookPoint, given: float | None, expected: float | None
) -> None:
    assert Handler(point, lambda _: None, threshold=given).threshold == expected


def test_a_breaker_opens_closes_and_opens_again_by_the_same_number() -> None:
    breaker = Breaker(failures=2, pause_seconds=1000)
    for _ in range(2):
        assert (breaker.failed(), breaker.state) == (False, "closed")
        assert (breaker.failed(), breaker.state) == (True, "open")
        breaker.succeeded()
        assert breaker.state == "closed"


def test_a_breaker_half_open_opens_by_the_first_failure() -> None:
    breaker = Breaker(failures=2, pause_seconds=0)
    assert [breaker.failed(), breaker.failed()] == [False, True]
    assert breaker.state == "half_open"
    breaker.pause_seconds = 1000
    assert (breaker.failed(), breaker.state) == (True, "open")
