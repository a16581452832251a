"""Operations of a script that it cancels: what it hears of them, whatever they do about it."""

from __future__ import annotations

from collections.abc import Iterator

import anyio
import anyio.lowlevel
import pytest
from llmspell_engine.scheduling import EngineLoop
from llmspell_engine.scheduling.scheduler import Cancelled, Done, Scheduler


@pytest.fixture
def scheduler() -> Iterator[Scheduler]:
    loop = EngineLoop()
    yield Scheduler(loop)
    loop.close()


async def goes_on() -> int:
    with anyio.CancelScope(shield=True):
        await anyio.lowlevel.checkpoint()
    return 5


async def fails() -> None:
    try:
        await anyio.sleep_forever()
    finally:
        raise ValueError("no")


@pytest.mark.parametrize("work", [anyio.sleep_forever, goes_on, fails])
def test_what_was_cancelled_is_told_as_cancelled(scheduler: Scheduler, work: object) -> None:
    ticket = scheduler.begin(work)  # type: ignore[arg-type]
    scheduler.cancel(ticket, "enough")
    assert scheduler.next() == Done(ticket)
    with pytest.raises(Cancelled, match="enough"):
        scheduler.take(ticket)
    assert scheduler.is_idle
