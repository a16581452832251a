"""What Lua calls of the host: arguments bridged, results bridged, failures made to error values.

A function of the host fails by raising :class:`Raised`, which Lua sees as an opaque error value; the
prelude turns it into an error table wherever a script could lay hands on it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from inspect import CO_ASYNC_GENERATOR, CO_COROUTINE, CO_GENERATOR
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from llmspell_engine.runtime.base import Interrupted, ScriptError, ScriptExit
from llmspell_engine.runtime.lua_flat import text_of
from llmspell_engine.runtime.lua_values import SCALARS
from llmspell_engine.runtime.values import BridgeError, HostFunction, HostObject, Walk

if TYPE_CHECKING:
    from types import TracebackType

    from llmspell_engine.runtime.ending import Ending
    from llmspell_engine.runtime.lua_values import LuaValues
    from llmspell_engine.scheduling import Scheduler

_PAUSES = CO_GENERATOR | CO_COROUTINE | CO_ASYNC_GENERATOR


class LuaCalls:
    """The host's side of one runtime's calls.

    Attributes:
        depth: how many calls of the host the script stands in.
        carried: errors of the script that are on their way through the host, with their values in Lua.
        values: the bridge; set when the prelude is there.
        finish: the prelude's, which lets nothing catch the end of a script; set when it is there.
    """

    values: LuaValues
    finish: Callable[[], None]

    def __init__(self, ending: Ending, scheduler: Scheduler) -> None:
        self.depth = 0
        self.carried: WeakKeyDictionary[ScriptError, Any] = WeakKeyDictionary()
        self._ending = ending
        self._scheduler = scheduler

    def served(self, function: Callable[..., Any], owner: HostObject | None) -> Callable[..., Any]:
        """What Lua calls of a function of the host; ``owner:method()`` is the same as ``owner.method()``."""

        work = function.call if isinstance(function, HostFunction) else function

        def call(*arguments: Any) -> Any:
            given = self._given(function, arguments)
            if owner is not None and given and given[0] is owner:
                del given[0]
            return self.values.to_lua(work(*given))

        def begin(*arguments: Any) -> Any:
            given = self._given(function, arguments)
            if owner is not None and given and given[0] is owner:
                del given[0]
            found = work(*given)
            if isinstance(found, Awaitable):
                return self._scheduler.begin(found)
            return None, self.values.to_lua(found)

        return self.answering(begin if getattr(function, "waits", False) else call)

    def answering(self, work: Callable[..., Any]) -> Callable[..., Any]:
        """A function for Lua to call; it raises nothing but Raised and Unwinding."""

        is_interrupted = self._ending.interrupted.is_set

        def answer(*arguments: Any) -> Any:
            raised: Exception = Unwinding()
            self.depth += 1
            try:
                if is_interrupted():
                    self._ending.check()
                self.values.release_dropped()
                return work(*arguments)
            except ScriptExit as leaving:
                self._ending.exit_code = leaving.code
            except Interrupted:
                self._ending.interrupted.set()
            except Exception as error:  # noqa: BLE001 - every failure of the host becomes the script's error
                raised = Raised(self._value_of(error))
                _forget_arguments(error)
            finally:
                self.depth -= 1
            arguments = ()  # Lua keeps the error, and with it this call
            if isinstance(raised, Unwinding):
                self.finish()
            try:
                raise raised
            finally:
                del raised  # the call would hold the error that holds it

        return answer

    def error_value(self, error: Any) -> Any:
        """What Lua makes of what a call raised."""
        return error.value if isinstance(error, Raised) else self.values.error(error)

    def method(self, number: int, name: bytes | None = None) -> Callable[..., Any]:
        """What Lua calls of a method of an object, or of its index."""
        return self.values.method(number, name.decode() if name is not None else None)

    def _given(self, function: Any, arguments: tuple[Any, ...]) -> list[Any]:
        to_python = self.values.to_python
        try:
            return [
                text_of(argument)
                if type(argument) is bytes
                else argument
                if type(argument) in SCALARS
                else to_python(argument, Walk(f"argument {number}"))
                for number, argument in enumerate(arguments, 1)
            ]
        except BridgeError as error:
            raise BridgeError(f"{getattr(function, 'name', 'function')}: {error}") from None

    def _value_of(self, error: Exception) -> Any:
        if isinstance(error, ScriptError) and error in self.carried:
            return self.carried.pop(error)
        return self.values.error(error, placed=True)


def _forget_arguments(error: BaseException) -> None:
    """Take from the calls that an error has ended what they were given.

    A value of Lua that Python holds must not outlive the coroutine in which it was passed: letting go of it
    then reads memory that is no longer there.
    """
    seen: set[int] = set()
    left: list[BaseException | None] = [error]
    while left:
        found = left.pop()
        if found is None or id(found) in seen:
            continue
        seen.add(id(found))
        left += (found.__cause__, found.__context__)
        _clear(found.__traceback__)


def _clear(trace: TracebackType | None) -> None:
    while trace is not None:
        # To clear a coroutine that waits is to end it, and none is given values of Lua.
        if not trace.tb_frame.f_code.co_flags & _PAUSES:
            with suppress(RuntimeError):  # what still runs keeps what is its own
                trace.tb_frame.clear()
        trace = trace.tb_next


class Raised(Exception):  # noqa: N818 - no error of its own: it carries one through lupa
    """An error of the host on its way to the script, with its value in Lua."""

    def __init__(self, value: Any) -> None:
        super().__init__("an error of the host")
        self.value = value


class Unwinding(Exception):  # noqa: N818 - no error: it unwinds a script that is to end
    """The script is to end; the prelude lets nothing catch it."""
