"""Operations on the engine's loop: how they end, wherever they are when they are asked to."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Iterator
from functools import partial
from typing import Any

import anyio
import pytest
from llmspell_engine.scheduling import EngineLoop
from llmspell_engine.scheduling.loop import CancelledError, Operation, Outcome

LONGEST_SECONDS = 20


@pytest.fixture
def loop() -> Iterator[EngineLoop]:
    made = EngineLoop()
    yield made
    made.close()


class Ended:
    """Keeps how an operation ended."""

    def __init__(self) -> None:
        self._outcomes: list[Outcome] = []
        self._came = threading.Event()

    def __call__(self, outcome: Outcome) -> None:
        self._outcomes.append(outcome)
        self._came.set()

    def wait(self) -> Outcome:
        assert self._came.wait(LONGEST_SECONDS)
        [outcome] = self._outcomes
        return outcome


def test_values_and_errors_are_handed_on(loop: EngineLoop) -> None:
    async def value() -> int:
        return 5

    async def error() -> None:
        raise ValueError("no")

    assert loop.run(value) == 5
    with pytest.raises(ValueError, match="no"):
        loop.run(error)


def test_what_is_cancelled_before_it_has_begun_is_not_done(loop: EngineLoop) -> None:
    ended, done = Ended(), list[str]()

    async def work() -> None:
        await anyio.lowlevel.checkpoint()
        done.append("work")

    async def begin() -> None:
        loop.start(work, ended).cancel()

    # On the loop, so that nothing of the work can begin between the two.
    loop.run(begin)
    assert isinstance(ended.wait().error, CancelledError)
    assert done == []


def test_what_is_under_way_is_cancelled_and_cleans_up(loop: EngineLoop) -> None:
    ended, begun, done = Ended(), threading.Event(), list[str]()

    async def work() -> None:
        try:
            begun.set()
            await anyio.sleep_forever()
        finally:
            done.append("clean-up")

    operation = loop.start(work, ended)
    assert begun.wait(LONGEST_SECONDS)
    operation.cancel()
    assert isinstance(ended.wait().error, CancelledError)
    assert done == ["clean-up"]
    operation.cancel()  # which changes nothing any more


def test_closing_waits_for_clean_up_and_for_what_that_begins() -> None:
    loop, outcomes, begun = EngineLoop(), list[Any](), threading.Event()

    async def work() -> None:
        try:
            begun.set()
            await anyio.sleep_forever()
        finally:
            running.start(Operation(running.call, outcomes.append), anyio.sleep_forever)

    loop.start(work, outcomes.append)
    assert begun.wait(LONGEST_SECONDS)
    running, thread = loop._running, loop._thread
    assert running is not None
    loop.close()
    assert thread is not None
    assert not thread.is_alive()
    assert [type(one.error) for one in outcomes] == [CancelledError, CancelledError]


def test_an_operation_that_comes_when_its_loop_has_just_ended_is_cancelled(loop: EngineLoop) -> None:
    loop.run(partial(anyio.sleep, 0))
    running, ended = loop._running, Ended()
    assert running is not None
    loop.close()
    running.start(Operation(running.call, ended), anyio.sleep_forever)
    assert isinstance(ended.wait().error, CancelledError)


def test_operations_that_begin_while_their_loop_closes_all_end_once(loop: EngineLoop) -> None:
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    all_ended = [Ended() for _ in range(400)]
    half_way = threading.Event()

    def begin() -> None:
        for number, ended in enumerate(all_ended):
            loop.start(anyio.sleep_forever, ended)
            if number % 20 == 10:
                half_way.set()

    thread = threading.Thread(target=begin)
    try:
        thread.start()
        while thread.is_alive():
            half_way.wait(0.1)
            half_way.clear()
            loop.close()
    finally:
        thread.join(LONGEST_SECONDS)
        sys.setswitchinterval(before)
    loop.close()
    assert {type(ended.wait().error) for ended in all_ended} == {CancelledError}


def test_no_loop_is_told_to_who_begins(loop: EngineLoop, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(asyncio.events, "new_event_loop", _no_handles_left)
        with pytest.raises(OSError, match="Too many open files"):
            loop.run(partial(anyio.sleep, 0))
    assert loop.run(partial(anyio.sleep, 0)) is None


def _no_handles_left() -> None:
    raise OSError(24, "Too many open files")


def test_a_loop_that_was_closed_begins_anew(loop: EngineLoop) -> None:
    async def where() -> int:
        return threading.get_ident()

    loop.run(where)
    loop.close()
    loop.close()
    assert loop.run(where) not in (None, threading.get_ident())


def test_each_of_many_that_begin_and_are_cancelled_on_many_threads_ends_once(loop: EngineLoop) -> None:
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    values = list[list[Ended]]()

    async def work(number: int) -> int:
        await anyio.sleep(0 if number % 3 else 60)
        return number

    def begin() -> None:
        own = [Ended() for _ in range(300)]
        values.append(own)
        for number, ended in enumerate(own):
            operation = loop.start(partial(work, number), ended)
            if number % 3 == 0:
                operation.cancel()

    try:
        threads = [threading.Thread(target=begin) for _ in range(4)]
        for one in threads:
            one.start()
        for one in threads:
            one.join(LONGEST_SECONDS)
    finally:
        sys.setswitchinterval(before)
    assert len(values) == 4
    for own in values:
        for number, ended in enumerate(own):
            outcome = ended.wait()
            assert (outcome.value == number) if number % 3 else isinstance(outcome.error, CancelledError)

    async def under_way() -> int:
        return len(asyncio.all_tasks())

    # The loop itself, and who counts; what has ended leaves nothing behind.
    assert loop.run(under_way) == 2
