"""The host's side of waiting in JavaScript: what ``javascript_prelude/tasks.js`` asks, and is told."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any

from llmspell_engine.runtime.javascript_values import JavaScriptFunction
from llmspell_engine.scheduling import Call, Done, GivenUp

if TYPE_CHECKING:
    from llmspell_engine.runtime.javascript_values import JavaScriptValues
    from llmspell_engine.scheduling import Scheduler


class JavaScriptTasks:
    """Operations begun for a script, and calls that operations ask for.

    ``result`` makes a value, or an exception, of what the script's side packed; ``failure`` packs an
    exception.
    """

    def __init__(
        self,
        scheduler: Scheduler,
        values: JavaScriptValues,
        prelude: Mapping[str, Any],
        result: Callable[[str], Any],
        failure: Callable[[Exception], str],
    ) -> None:
        self._scheduler = scheduler
        self._values = values
        self._prelude = prelude
        self._result = result
        self._failure = failure
        self._calls: dict[int, Call] = {}
        self._last_call = 0

    def begin(self, found: Awaitable[Any]) -> int:
        """Let something go on that the script waits for; its ticket."""
        return self._scheduler.begin(found)

    def serve(self, event: Done | Call | GivenUp) -> None:
        """Tell the script what has happened; its jobs are to be run after that."""
        if isinstance(event, Done):
            self._prelude["settle"](float(event.ticket), self._ended(event.ticket))
            return
        if isinstance(event, GivenUp):
            for request in [each for each, call in self._calls.items() if call is event.call]:
                self._prelude["giveUpCall"](float(request))
            return
        self._last_call += 1
        self._calls[self._last_call] = event
        packed = self._values.dumps_all(event.arguments)
        assert isinstance(event.function, JavaScriptFunction)
        self._prelude["answerCall"](float(event.function.number), packed, float(self._last_call))

    def asked(self, name: str, *parts: Any) -> Any:
        """Answer the script's side."""
        match name:
            case "sleep":
                return self._sleep(*parts)
            case "cancel":
                return self._scheduler.cancel(*parts)
            case "method":
                return self._values.method(*parts)
            case "forget":
                return self._values.forget(*parts)
            case "forget_method":
                return self._values.forget_function(*parts)
            case _:
                return self._answer(*parts)

    def _ended(self, ticket: int) -> str:
        try:
            return self._values.dumps(self._scheduler.take(ticket))
        except Exception as error:  # noqa: BLE001 - every failure of the host becomes the script's error
            return self._failure(error)

    def _answer(self, request: int, answer: str) -> None:
        call = self._calls.pop(request)
        try:
            value = self._result(answer)
        except Exception as problem:  # noqa: BLE001 - whoever asked is to hear of it
            call.fail(problem)
        else:
            call.answer(value)

    def _sleep(self, seconds: float) -> int:
        import anyio

        return self._scheduler.begin(lambda: anyio.sleep(seconds))
