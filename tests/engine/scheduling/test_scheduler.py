"""What a script's thread hears of its operations, and when; what it does at its end."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import anyio
import pytest
from llmspell_engine.observability.around import AROUND, correlate
from llmspell_engine.scheduling import EngineLoop
from llmspell_engine.scheduling.cause import CAUSE, Cause
from llmspell_engine.scheduling.scheduler import Call, Cancelled, Done, GivenUp, Scheduler


@pytest.fixture
def scheduler() -> Iterator[Scheduler]:
    loop = EngineLoop()
    yield Scheduler(loop)
    loop.close()
    CAUSE.set(None)
    correlate(None)


async def value() -> int:
    return 5


async def error() -> None:
    raise ValueError("no")


def twice(number: int) -> int:
    return number * 2


def test_what_is_done_is_taken_once(scheduler: Scheduler) -> None:
    assert scheduler.is_idle
    first, second = scheduler.begin(value), scheduler.begin(error)
    assert first != second
    assert not scheduler.is_idle
    assert {scheduler.next(), scheduler.next()} == {Done(first), Done(second)}
    assert scheduler.is_idle
    assert scheduler.take(first) == 5
    with pytest.raises(ValueError, match="no"):
        scheduler.take(second)
    for ticket in (first, second):
        with pytest.raises(KeyError):
            scheduler.take(ticket)
        scheduler.discard(ticket)


def test_what_is_discarded_is_forgotten(scheduler: Scheduler) -> None:
    ticket = scheduler.begin(error)
    scheduler.next()
    scheduler.discard(ticket)
    with pytest.raises(KeyError):
        scheduler.take(ticket)
    scheduler.cancel(ticket)  # which is nothing to anybody any more


def test_looking_takes_nothing_away_and_keeps_the_order(scheduler: Scheduler) -> None:
    assert not scheduler.has_next
    tickets = [scheduler.begin(value)]
    assert scheduler.stand_by(lambda: False)
    assert scheduler.has_next
    assert not scheduler.is_idle
    tickets.append(scheduler.begin(value))
    scheduler.loop.run(value)
    assert [scheduler.next(), scheduler.next()] == [Done(one) for one in tickets]
    assert not scheduler.has_next


def test_who_stands_by_is_woken_and_looks_again(scheduler: Scheduler) -> None:
    looked: list[bool] = []

    def is_over() -> bool:
        looked.append(len(looked) == 2)
        if not looked[-1]:
            scheduler.wake()
        return looked[-1]

    assert not scheduler.stand_by(is_over)
    assert looked == [False, False, True]
    assert not scheduler.has_next


class EndedError(Exception):
    pass


def test_a_script_that_is_to_end_is_woken(scheduler: Scheduler) -> None:
    checks: list[bool] = []

    def check() -> None:
        checks.append(True)
        if len(checks) == 2:
            raise EndedError
        scheduler.wake()

    scheduler.check = check
    scheduler.begin(anyio.sleep_forever)
    with pytest.raises(EndedError):
        scheduler.next()
    assert len(checks) == 2


@pytest.mark.parametrize("wait", ["next", "has_next", "stand_by", "close"])
def test_what_is_told_is_done_on_the_thread_that_waits(wait: str, scheduler: Scheduler) -> None:
    done: list[int] = []
    thread = threading.Thread(target=lambda: scheduler.tell(lambda: done.append(threading.get_ident())))
    thread.start()
    thread.join(20)
    if wait == "next":
        scheduler.begin(value)
        scheduler.next()
    elif wait == "has_next":
        assert not scheduler.has_next
    elif wait == "stand_by":
        assert not scheduler.stand_by(lambda: bool(done))
    else:
        scheduler.close()
    assert done == [threading.get_ident()]


def called(scheduler: Scheduler, end: str) -> tuple[Call, int]:
    """A call that an operation asks for, answered so; and the operation."""
    ticket = scheduler.begin(lambda: scheduler.call(twice, 4))
    call = scheduler.next()
    assert isinstance(call, Call)
    assert not scheduler.is_idle
    if end == "answer":
        call.answer(call.function(*call.arguments))
    else:
        call.fail(ValueError("no"))
    return call, ticket


def test_a_function_is_called_for_an_operation(scheduler: Scheduler) -> None:
    call, ticket = called(scheduler, "answer")
    assert scheduler.next() == Done(ticket)
    call.answer(9)  # too late to count
    assert scheduler.take(ticket) == 8
    call, ticket = called(scheduler, "fail")
    assert scheduler.next() == Done(ticket)
    with pytest.raises(ValueError, match="no"):
        scheduler.take(ticket)


def test_a_call_whose_asker_is_cancelled_is_given_up(scheduler: Scheduler) -> None:
    ticket = scheduler.begin(lambda: scheduler.call(twice, 4))
    call = scheduler.next()
    assert isinstance(call, Call)
    scheduler.cancel(ticket, "enough")
    assert scheduler.next() == GivenUp(call)
    call.answer(9)
    assert scheduler.next() == Done(ticket)
    with pytest.raises(Cancelled, match="enough"):
        scheduler.take(ticket)


def test_what_follows_from_an_event_has_its_cause_and_surroundings(scheduler: Scheduler) -> None:
    causes = [Cause("first"), Cause("second"), None]
    tickets = {}
    for cause in causes:
        CAUSE.set(cause)
        correlate(cause and cause.correlation_id)
        tickets[scheduler.begin(value)] = cause
    for _ in causes:
        CAUSE.set(Cause("other"))
        correlate("other")
        event = scheduler.next()
        assert isinstance(event, Done)
        expected = tickets[event.ticket]
        assert CAUSE.get() == expected
        assert AROUND.get().correlation_id == (expected and expected.correlation_id)


def test_a_function_is_called_with_the_cause_of_its_operation(scheduler: Scheduler) -> None:
    CAUSE.set(Cause("first"))
    correlate("here")
    scheduler.begin(lambda: scheduler.call(twice, 4))
    CAUSE.set(None)
    correlate(None)
    call = scheduler.next()
    assert isinstance(call, Call)
    assert (CAUSE.get(), AROUND.get().correlation_id) == (Cause("first"), "here")
    call.answer(None)


def test_closing_cancels_and_waits_for_clean_up(scheduler: Scheduler) -> None:
    done: list[Any] = []
    begun = threading.Event()

    async def cleans_up() -> None:
        try:
            begun.set()
            await anyio.sleep_forever()
        finally:
            with anyio.CancelScope(shield=True):
                await anyio.sleep(0.01)
            done.append("clean-up")

    async def asks(number: int) -> None:
        try:
            await scheduler.call(twice, number)
        except Cancelled as error:
            done.append(str(error))
            raise

    scheduler.closing += [lambda: done.append("last"), lambda: done.append("first")]
    scheduler.begin(lambda: asks(1))
    assert scheduler.stand_by(lambda: False)
    scheduler.begin(cleans_up)
    assert begun.wait(20)
    CAUSE.set(Cause("c"))
    scheduler.close()
    assert done[:2] == ["first", "last"]
    assert "clean-up" in done
    assert scheduler.closing == []
    assert CAUSE.get() is None
    assert not scheduler.has_next


def test_functions_are_not_called_after_the_end(scheduler: Scheduler) -> None:
    """What asks for one in its clean-up is told that nobody answers any more."""
    told: list[str] = []
    begun = threading.Event()

    async def asks_at_last() -> None:
        try:
            begun.set()
            await anyio.sleep_forever()
        finally:
            with anyio.CancelScope(shield=True):
                try:
                    await scheduler.call(twice, 4)
                except Cancelled as error:
                    told.append(str(error))

    scheduler.begin(asks_at_last)
    assert begun.wait(20)
    scheduler.close()
    assert told == ["the script has ended"]


def test_clean_up_that_takes_too_long_is_not_waited_for(
    scheduler: Scheduler, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("llmspell_engine.scheduling.scheduler._PATIENCE_SECONDS", 0.05)
    begun, may_end = threading.Event(), threading.Event()

    async def never_ends() -> None:
        begun.set()
        with anyio.CancelScope(shield=True):
            await anyio.to_thread.run_sync(may_end.wait, 60)

    scheduler.begin(never_ends)
    assert begun.wait(20)
    begin = time.monotonic()
    scheduler.close()
    assert time.monotonic() - begin < 30
    may_end.set()
