"""Watches of scripts: the changes of the store that fit, in a queue of their own, to take or for a handler.

A change comes on whichever thread made or found it. From there on it is an event: it waits in a subscription,
and is handled, like others.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from llmspell_engine.api import state_handles as api
from llmspell_engine.api.state_types import StateChange, WatchOptions
from llmspell_engine.events import EventBus, EventError, PublishedEvent
from llmspell_engine.events.handling import Handlers, Wanted
from llmspell_engine.events.history import History
from llmspell_engine.observability.log import tell
from llmspell_engine.state import StateError
from llmspell_engine.state.encoding import decode
from llmspell_engine.state.patterns import matcher

if TYPE_CHECKING:
    from llmspell_engine.globals.services import Run
    from llmspell_engine.state.changes import Change

_CHANGE = "state.change"


class StateWatch(api.StateWatch):
    """Hears of changes until it is stopped, or the run ends."""

    def __init__(
        self,
        run: Run,
        scope: str,
        pattern: str,
        handler: Callable[[StateChange], Any] | None,
        options: WatchOptions,
    ) -> None:
        self._run = run
        self._fits_scope = matcher(scope)
        self._fits_key = matcher(pattern)
        self._bus = EventBus(options.buffer_size)
        self._bus.history = History(1)
        self._handlers: Handlers | None = None
        self._is_stopped = False
        self._subscription = self._subscribe(handler, options)
        self._forget = run.services.state.listen(self._changed)
        run.scheduler.closing.append(self.stop)

    async def next(self, timeout_ms: int | None = None) -> StateChange | None:
        if self._handlers is not None:
            raise StateError("the watch has a handler, which is told of the changes; make one without it")
        if self._is_stopped:
            return None
        seconds = None if timeout_ms is None else timeout_ms / 1000
        event = await self._bus.receive(self._subscription, seconds)
        return StateChange(**event.data) if event else None

    def stop(self) -> None:
        if self._is_stopped:
            return
        self._is_stopped = True
        self._forget()
        if self._handlers:
            self._handlers.forget(self._subscription)
        self._bus.unsubscribe(self._subscription)
        with suppress(ValueError):
            self._run.scheduler.closing.remove(self.stop)

    def close(self) -> None:
        # What is looped over is closed when nobody holds it any more; a handler is there for its own sake.
        if self._handlers is None:
            self.stop()

    def is_stopped(self) -> bool:
        return self._is_stopped

    def _subscribe(self, handler: Callable[[StateChange], Any] | None, options: WatchOptions) -> str:
        if handler is None:
            return self._bus.subscribe(_CHANGE)
        self._handlers = Handlers(self._bus, self._run.scheduler, self._tell_failure)

        async def handle(event: PublishedEvent) -> None:
            told = {name: value for name, value in event.data.items() if value is not None}
            await self._run.scheduler.call(handler, told)

        return self._handlers.add(Wanted(_CHANGE, timeout_seconds=options.timeout_ms / 1000), handle)

    def _changed(self, change: Change) -> None:
        """On any thread."""
        if self._is_stopped or not (self._fits_scope(change.scope) and self._fits_key(change.key)):
            return
        told = {
            "scope": change.scope,
            "key": change.key,
            "operation": change.operation,
            "value": None if change.text is None else decode(change.text),
            "version": change.version,
        }
        try:
            self._bus.publish(_CHANGE, told, self._run.language)
        except EventError as error:
            # Handlers that write what they watch: the writing itself is no failure.
            tell("warn", "state", "a change is not told", scope=change.scope, key=change.key, error=error)

    async def _tell_failure(self, event: PublishedEvent, _pattern: str, error: Exception) -> None:
        fields = {"scope": event.data["scope"], "key": event.data["key"], "error": str(error)}
        self._run.log.put("warn", "a handler of a watch failed", fields, "llmspell.state")
