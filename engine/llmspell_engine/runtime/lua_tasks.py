"""The host's side of waiting in Lua: operations begun for a script, and calls that operations ask for.

The other side is ``lua_prelude/tasks.lua``, which decides what goes on when something has happened.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from llmspell_engine.runtime.base import ScriptError
from llmspell_engine.scheduling import Call, Done, GivenUp

if TYPE_CHECKING:
    from llmspell_engine.runtime.lua_values import LuaValues
    from llmspell_engine.scheduling import Scheduler

NOTHING_WILL = "the program waits for something that nothing will ever settle"


class LuaTasks:
    """What ``tasks.lua`` asks the host for. ``values`` and ``script_error`` belong to the runtime."""

    def __init__(
        self, scheduler: Scheduler, values: Callable[[], LuaValues], script_error: Callable[..., ScriptError]
    ) -> None:
        self._scheduler = scheduler
        self._values = values
        self._script_error = script_error
        self._calls: dict[int, Call] = {}
        self._last_call = 0

    def functions(self) -> dict[bytes, Callable[..., Any]]:
        """The functions by their names in the prelude."""
        return {
            b"next": self._next,
            b"arguments": self._arguments,
            b"answer": self._answer,
            b"take": lambda ticket: self._values().to_lua(self._scheduler.take(ticket)),
            b"discard": self._scheduler.discard,
            b"cancel": lambda ticket, reason: self._scheduler.cancel(
                ticket, reason.decode("utf-8", "replace")
            ),
            b"has_next": lambda: self._scheduler.has_next,
            b"is_at_once": lambda: self._scheduler.is_at_once,
            b"is_busy": lambda: not self._scheduler.is_idle,
            b"sleep": self._sleep,
        }

    def _next(self) -> Any:
        """What happened next: a ticket; or nil, a function and the number of the request to call it.

        Without a function it is that the request was given up.
        """
        if self._scheduler.is_idle:
            raise ScriptError(NOTHING_WILL)
        event = self._scheduler.next()
        if isinstance(event, Done):
            return event.ticket
        if isinstance(event, GivenUp):
            return None, None, self._request_of(event.call)
        self._last_call += 1
        self._calls[self._last_call] = event
        return None, self._values().to_lua(event.function), self._last_call

    def _request_of(self, call: Call) -> int | None:
        return next((request for request, known in self._calls.items() if known is call), None)

    def _arguments(self, request: int) -> Any:
        found = tuple(self._values().to_lua(each) for each in self._calls[request].arguments)
        return found if len(found) != 1 else found[0]

    def _answer(self, request: int, ok: bool, value: Any = None, frames: Any = None, *_: Any) -> None:
        call = self._calls.pop(request)
        if not ok:
            return call.fail(self._script_error(value, frames))
        try:
            call.answer(self._values().to_python(value))
        except Exception as problem:  # noqa: BLE001 - whoever asked is to hear of it
            call.fail(problem)

    def _sleep(self, seconds: float) -> int:
        import anyio

        return self._scheduler.begin(lambda: anyio.sleep(seconds))
