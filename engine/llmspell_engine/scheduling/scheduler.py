"""What one script has going on the engine's loop, and how its thread hears of it.

The script's thread begins operations and gets a *ticket*, a number, for each. When it has nothing to do
it calls :meth:`Scheduler.next`, which stands still until an operation has ended (:class:`Done`) or an
operation asks for a function of the script to be called (:class:`Call`): a function of a script runs on
the script's thread alone. The runtime decides what goes on: which coroutine or promise waits for a ticket.

Threads: everything belongs to the script's thread, except :meth:`Scheduler.call`, which runs on the loop,
:meth:`Scheduler.tell` and :meth:`Scheduler.wake`.
"""

from __future__ import annotations

import itertools
import queue
import threading
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from llmspell_engine.observability.around import AROUND, Around
from llmspell_engine.scheduling.cause import CAUSE, Cause
from llmspell_engine.scheduling.loop import CancelledError

if TYPE_CHECKING:
    from llmspell_engine.scheduling.loop import EngineLoop, Operation, Outcome

_PATIENCE_SECONDS = 5.0
"""How long the clean-up of what was under way may take when a script has ended."""


class Cancelled(Exception):  # noqa: N818 - it ends what was asked to end
    """An operation was cancelled before it was done."""

    kind = "Cancelled"


@dataclass(frozen=True, slots=True)
class Done:
    """An operation has ended; :meth:`Scheduler.take` gives its value or raises its error."""

    ticket: int


@dataclass(frozen=True, slots=True, eq=False)
class Call:
    """An operation asks for a function of the script; exactly one of the two is to be called with its end."""

    function: Callable[..., Any]
    arguments: tuple[Any, ...]
    answer: Callable[[Any], None]
    fail: Callable[[BaseException], None]
    cause: Cause | None = None
    around: Around = field(default_factory=AROUND.get)


@dataclass(frozen=True, slots=True)
class GivenUp:
    """The operation that asked for a function was cancelled: what that does is for nobody any more."""

    call: Call


@dataclass(frozen=True, slots=True)
class Told:
    """Something of the host to be done on the script's thread; the script hears nothing of it."""

    work: Callable[[], None]


@dataclass(slots=True, eq=False, repr=False)
class _Begun:
    operation: Operation | None = None
    outcome: Outcome | None = None
    reason: str | None = None
    cause: Cause | None = None
    around: Around = field(default_factory=AROUND.get)


@dataclass(slots=True, eq=False, repr=False)
class Scheduler:
    """The operations of one script."""

    loop: EngineLoop
    check: Callable[[], None] = lambda: None
    """Raises Interrupted when the script is to end; set by the runtime."""
    closing: list[Callable[[], None]] = field(default_factory=list)
    """What is to be done before the script's operations are cancelled, on its thread."""
    farewells: list[Callable[[dict[str, Any]], None]] = field(default_factory=list)
    """What is to be called once the script has ended, with how it did; see :mod:`..runtime.farewell`."""
    is_at_once: bool = False
    """Whether the script does what nobody can wait for; set on its thread."""
    _inbox: queue.SimpleQueue[Done | Call | GivenUp | Told | None] = field(default_factory=queue.SimpleQueue)
    _tickets: itertools.count[int] = field(default_factory=lambda: itertools.count(1))
    _begun: dict[int, _Begun] = field(default_factory=dict)
    _under_way: int = 0
    _ahead: list[Done | Call | GivenUp] = field(default_factory=list)
    """What has happened and was looked at, but is still to come from :meth:`next`."""

    @property
    def is_idle(self) -> bool:
        """Whether nothing is under way, so that :meth:`next` would stand still for ever."""
        return self._under_way == 0

    def begin(self, work: Awaitable[Any] | Callable[[], Awaitable[Any]]) -> int:
        """Start an operation; the result is its ticket, which must be taken some time."""
        ticket = next(self._tickets)
        self._under_way += 1
        begun = self._begun[ticket] = _Begun(cause=CAUSE.get())

        def ended(outcome: Outcome) -> None:
            begun.outcome = outcome
            self._inbox.put(Done(ticket))

        do = work if callable(work) else lambda: work
        begun.operation = self.loop.start(_within(begun.cause, do) if begun.cause else do, ended)
        return ticket

    def cancel(self, ticket: int, reason: str = "the operation was cancelled") -> None:
        """Ask an operation to end; it still comes as Done, and taking it raises Cancelled."""
        begun = self._begun.get(ticket)
        if begun and begun.operation:
            begun.reason = reason
            begun.operation.cancel()

    def take(self, ticket: int) -> Any:
        """The value of an operation that is done, once. Raises its error, or Cancelled."""
        begun = self._begun.pop(ticket)
        assert begun.outcome is not None, "an operation is taken when it is done"
        error = begun.outcome.error
        if begun.reason is not None or isinstance(error, CancelledError):
            raise Cancelled(begun.reason or "the operation was cancelled")
        if error is not None:
            raise error
        return begun.outcome.value

    def discard(self, ticket: int) -> None:
        """Forget an operation that is done, and what came of it."""
        self._begun.pop(ticket, None)

    def next(self) -> Done | Call | GivenUp:
        """What happened next; stands still until something does. Raises Interrupted."""
        while True:
            self.check()
            event = self._ahead.pop(0) if self._ahead else self._inbox.get()
            if isinstance(event, Told):
                event.work()
            elif isinstance(event, GivenUp):
                return event
            elif event is not None:
                self._under_way -= isinstance(event, Done)
                CAUSE.set(self._cause_of(event))
                AROUND.set(self._around(event))
                return event

    @property
    def has_next(self) -> bool:
        """Whether :meth:`next` would not stand still."""
        while not self._ahead and not self._inbox.empty():
            self._look(self._inbox.get())
        return bool(self._ahead)

    def stand_by(self, is_over: Callable[[], bool]) -> bool:
        """Stand still until something has happened, or until ``is_over`` holds when woken; whether it has."""
        while not self._ahead and not is_over():
            self._look(self._inbox.get())
        return bool(self._ahead)

    def pause(self, seconds: float) -> None:
        """Stand still for so long; what happens meanwhile comes later. Raises Interrupted."""
        end = time.monotonic() + seconds
        while True:
            self.check()
            left = end - time.monotonic()
            if left <= 0:
                return
            with suppress(queue.Empty):
                self._look(self._inbox.get(timeout=min(left, threading.TIMEOUT_MAX)))

    def _look(self, event: Done | Call | GivenUp | Told | None) -> None:
        if isinstance(event, Told):
            event.work()
        elif event is not None:
            self._ahead.append(event)

    def cancel_all(self, reason: str) -> None:
        """Ask all that is under way to end."""
        for ticket in list(self._begun):
            self.cancel(ticket, reason)

    def wake(self) -> None:
        """Let the script's thread look whether it is to end. From any thread."""
        self._inbox.put(None)

    def tell(self, work: Callable[[], None]) -> None:
        """Have something done on the script's thread when it next waits, or ends. From any thread."""
        self._inbox.put(Told(work))

    async def call(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """The result of a function of the script, called on its thread. On the loop. Raises ScriptError."""
        from asyncio import get_running_loop

        loop = get_running_loop()
        ended = loop.create_future()

        def settle(set_: Callable[[Any], None], value: Any) -> None:
            if not ended.done():
                set_(value)

        def answer(value: Any) -> None:
            loop.call_soon_threadsafe(settle, ended.set_result, value)

        def fail(error: BaseException) -> None:
            loop.call_soon_threadsafe(settle, ended.set_exception, error)

        call = Call(function, arguments, answer, fail, CAUSE.get())
        self._inbox.put(call)
        try:
            return await ended
        finally:
            if ended.cancelled():
                self._inbox.put(GivenUp(call))

    def close(self) -> None:
        """Cancel what is under way and wait for its clean-up, for a while. The script calls nothing more."""
        while self.closing:
            self.closing.pop()()
        self.cancel_all("the operation was cancelled")
        deadline = time.monotonic() + _PATIENCE_SECONDS
        for ahead in self._ahead:
            self._end(ahead)
        self._ahead.clear()
        while any(begun.outcome is None for begun in self._begun.values()):
            try:
                event = self._inbox.get(timeout=max(deadline - time.monotonic(), 0))
            except queue.Empty:
                break
            self._end(event)
        while not self._inbox.empty():
            self._end(self._inbox.get())
        self._begun.clear()
        CAUSE.set(None)

    def _end(self, event: Done | Call | GivenUp | Told | None) -> None:
        if isinstance(event, Call):
            event.fail(Cancelled("the script has ended"))
        elif isinstance(event, Told):
            event.work()

    def _around(self, event: Done | Call) -> Around:
        """What surrounds all that follows from what happened: as it was where it was asked for."""
        known = event if isinstance(event, Call) else self._begun.get(event.ticket)
        return known.around if known else AROUND.get()

    def _cause_of(self, event: Done | Call) -> Cause | None:
        if isinstance(event, Call):
            return event.cause
        begun = self._begun.get(event.ticket)
        return begun.cause if begun else None


def _within(cause: Cause, work: Callable[[], Awaitable[Any]]) -> Callable[[], Awaitable[Any]]:
    async def caused() -> Any:
        CAUSE.set(cause)
        return await work()

    return caused
