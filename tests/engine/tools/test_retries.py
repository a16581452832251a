"""Asking a server again: after what, after how long, and how often."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from llmspell_engine.tools.base import ToolError
from llmspell_engine.tools.http import Fetched
from llmspell_engine.tools.retries import PASSING, Retries, tried

Answer = int | str | tuple[int, str]
"""A status, a status with ``Retry-After``, or the code of an error."""


def fetched(status: int, retry_after: str | None) -> Fetched:
    headers = {} if retry_after is None else {"retry-after": retry_after}
    return Fetched("http://x/", status, "", headers, b"", 1, 0, "http://x/")


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    made: list[float] = []

    async def sleep(seconds: float) -> None:
        made.append(seconds)

    monkeypatch.setattr("anyio.sleep", sleep)
    return made


async def asked(answers: list[Answer], retries: Retries) -> tuple[Answer, int]:
    """How it ended: the last status, or the code of an error; and how often was asked."""
    left = iter(answers)
    count = 0

    async def make() -> Fetched:
        nonlocal count
        count += 1
        answer = next(left)
        if isinstance(answer, str):
            raise ToolError("no", code=answer)
        return fetched(*(answer if isinstance(answer, tuple) else (answer, None)))

    try:
        answer, attempts = await tried(make, retries)
    except ToolError as error:
        return error.code, count
    assert attempts == count
    return answer.status, count


@pytest.mark.parametrize(
    ("answers", "retries", "end", "paused"),
    [
        ([200], Retries(3), (200, 1), []),
        ([503, 200], Retries(1), (503, 1), []),
        ([503, 502, 200], Retries(3), (200, 3), [0.5, 1]),
        ([503, 503, 503], Retries(3), (503, 3), [0.5, 1]),
        ([500] * 5, Retries(5, 1, 3), (500, 5), [1, 2, 3, 3]),
        ([404, 200], Retries(3), (404, 1), []),
        ([404, 200], Retries(3, statuses=frozenset({404})), (200, 2), [0.5]),
        (["unreachable", "timeout", "broken_answer", 200], Retries(4), (200, 4), [0.5, 1, 2]),
        (["unreachable", "unreachable"], Retries(2), ("unreachable", 2), [0.5]),
        (["forbidden", 200], Retries(3), ("forbidden", 1), []),
        ([(429, "7"), 200], Retries(2), (200, 2), [7]),
        ([(429, "0"), (503, "x"), 200], Retries(3), (200, 3), [0, 1]),
        ([(429, "3600"), 200], Retries(2), (200, 2), [30]),
        ([(429, "Wed, 21 Oct 2015 07:28:00 GMT"), 200], Retries(2), (200, 2), [0]),
        ([(429, "Wed, 21 Oct 2015 07:28:00"), 200], Retries(2), (200, 2), [0]),
    ],
)
async def test_what_is_tried_again(
    answers: list[Answer],
    retries: Retries,
    end: tuple[Answer, int],
    paused: list[float],
    pauses: list[float],
) -> None:
    assert await asked(answers, retries) == end
    assert pauses == paused


@pytest.mark.parametrize("status", sorted(PASSING))
async def test_statuses_that_pass(status: int, pauses: list[float]) -> None:
    assert await asked([status, 200], Retries(2)) == (200, 2)


async def test_a_server_may_name_a_moment(pauses: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Pacific/Chatham")
    time.tzset()
    try:
        moment = format_datetime(datetime.now(UTC) + timedelta(seconds=20), usegmt=True)
        assert await asked([(503, moment), 200], Retries(2)) == (200, 2)
    finally:
        monkeypatch.undo()
        time.tzset()
    [pause] = pauses
    assert 10 < pause <= 20
