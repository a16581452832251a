"""What is taken from a stream: at once where it waits already, in order, and never too far ahead."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, Awaitable, Iterator
from concurrent.futures import Future
from contextlib import suppress
from itertools import pairwise
from typing import Any, cast

import anyio
import pytest
from llmspell_engine.globals.stream import BUFFER, Stream
from llmspell_engine.scheduling import EngineLoop, Operation
from llmspell_engine.scheduling.loop import Outcome


@pytest.fixture(name="loop")
def _loop() -> Iterator[EngineLoop]:
    loop = EngineLoop()
    yield loop
    loop.close()


class Source:
    """Gives numbers, and knows how many it was asked for."""

    def __init__(self, count: int, error: Exception | None = None) -> None:
        self.given = 0
        self._count = count
        self._error = error

    async def __call__(self) -> AsyncGenerator[int]:
        """The numbers from 1; then the error, if there is one."""
        while self.given < self._count:
            self.given += 1
            yield self.given
        if self._error:
            raise self._error


def stream_of(source: Source, loop: EngineLoop) -> Stream:
    return Stream(source, loop)


def taken(stream: Stream, loop: EngineLoop) -> tuple[Any, bool]:
    """The next thing, and whether it had to be waited for."""
    found = stream.next()
    return (loop.run(lambda: found), True) if isinstance(found, Awaitable) else (found, False)


def test_what_waits_is_taken_at_once_but_only_so_much_in_a_row(loop: EngineLoop) -> None:
    stream = stream_of(Source(3 * BUFFER), loop)
    found = [taken(stream, loop) for _ in range(3 * BUFFER)]
    assert [value for value, _ in found] == list(range(1, 3 * BUFFER + 1))
    waits = [at for at, (_, waited) in enumerate(found) if waited]
    assert waits[0] == 0
    assert all(after - before <= BUFFER + 1 for before, after in pairwise(waits))
    assert taken(stream, loop)[0] is None
    assert stream.is_done()


def test_a_producer_is_never_further_ahead_than_the_buffer(loop: EngineLoop) -> None:
    source = Source(10 * BUFFER)
    stream = stream_of(source, loop)
    for number in range(1, 5 * BUFFER):
        assert taken(stream, loop)[0] == number
        assert source.given <= number + BUFFER
    stream.close()
    assert taken(stream, loop) == (None, False)


def test_those_who_wait_get_things_in_the_order_in_which_they_asked(loop: EngineLoop) -> None:
    stream = stream_of(Source(4), loop)
    asked = [stream.next() for _ in range(5)]

    async def all_of() -> list[Any]:
        # The last one begins first, and still gets nothing before the others.
        return [*reversed(await asyncio.gather(*reversed(asked)))]

    assert loop.run(all_of) == [1, 2, 3, 4, None]


def test_who_is_cancelled_takes_nothing(loop: EngineLoop) -> None:
    stream = stream_of(Source(3 * BUFFER), loop)
    assert taken(stream, loop)[0] == 1
    last = 1
    while not isinstance(found := stream.next(), Awaitable):
        last = found

    async def give_up() -> None:
        with anyio.CancelScope() as scope:
            scope.cancel()
            await found

    loop.run(give_up)
    assert taken(stream, loop)[0] == last + 1


def test_an_error_comes_after_what_was_given_before_it_and_once(loop: EngineLoop) -> None:
    stream = stream_of(Source(2, ValueError("no more")), loop)
    assert [taken(stream, loop)[0] for _ in range(2)] == [1, 2]
    with pytest.raises(ValueError, match="no more"):
        taken(stream, loop)
    assert taken(stream, loop) == (None, False)


def test_all_that_is_left_is_collected(loop: EngineLoop) -> None:
    stream = stream_of(Source(2 * BUFFER + 3), loop)
    assert taken(stream, loop)[0] == 1
    assert loop.run(stream.collect) == list(range(2, 2 * BUFFER + 4))


class Meeting:
    """A loop at which those who begin something meet, if there is more than one."""

    def __init__(self, loop: EngineLoop) -> None:
        self._loop = loop
        self._meeting = threading.Barrier(2, timeout=0.5)

    def start(self, *given: Any) -> Operation:
        with suppress(threading.BrokenBarrierError):
            self._meeting.wait()
        return self._loop.start(*given)


def test_who_collects_and_who_takes_begin_one_source_between_them(loop: EngineLoop) -> None:
    begun, collected = list[Source](), Future[Outcome]()

    def begin() -> AsyncGenerator[int]:
        begun.append(Source(3))
        return begun[-1]()

    stream = Stream(begin, cast("EngineLoop", Meeting(loop)))
    loop.start(stream.collect, collected.set_result)
    own, _ = taken(stream, loop)
    rest = collected.result(20).value
    assert len(begun) == 1
    assert sorted([*rest, *([own] if own else [])]) == [1, 2, 3]
