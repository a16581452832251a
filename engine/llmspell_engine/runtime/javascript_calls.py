"""What a JavaScript program calls of the host.

Every call passes strings and answers with one, whose first letter says how the prelude goes on: an
exception of Python would reach the script as a bare ``Python call failed``.
"""

from __future__ import annotations

import json
import math
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from llmspell_engine.runtime.base import Interrupted, RunContext, ScriptError, ScriptExit, Streams
from llmspell_engine.runtime.reading import Reader
from llmspell_engine.runtime.values import HostFunction

if TYPE_CHECKING:
    from llmspell_engine.runtime.ending import Ending
    from llmspell_engine.runtime.javascript_errors import JavaScriptErrors
    from llmspell_engine.runtime.javascript_tasks import JavaScriptTasks
    from llmspell_engine.runtime.javascript_values import JavaScriptValues


class JavaScriptCalls:
    """The host's side of one runtime's calls; ``stop`` makes the engine end the script.

    Attributes:
        depth: how many calls of the host the script stands in.
        tasks: what is waited for; set when the prelude is there.
    """

    tasks: JavaScriptTasks

    def __init__(
        self,
        context: RunContext,
        values: JavaScriptValues,
        errors: JavaScriptErrors,
        ending: Ending,
        stop: Callable[[], None],
    ) -> None:
        self.depth = 0
        self._permissions = context.permissions
        self._reader = Reader(context.streams)
        self._values = values
        self._errors = errors
        self._ending = ending
        self._stop = stop
        values.register(HostFunction("process.exit", self._exit))

    def functions(self, streams: Streams) -> dict[str, Callable[..., str]]:
        """The functions by the names that the prelude takes them by."""
        return {
            "$host": self._call_host,
            "$out": self._writer(streams.out),
            "$err": self._writer(streams.err),
            "$read": self._read,
            "$tasks": self._ask_tasks,
            "$access": self._ask_access,
        }

    def failure(self, error: Exception) -> str:
        """An exception as the answer to a call."""
        number = self._errors.carried.pop(error, None) if isinstance(error, ScriptError) else None
        return self._values.error(error) if number is None else f"R{number}"

    def _call_host(self, number: int, packed: str) -> str:
        return self._served(self._called, int(number), packed)

    def _called(self, number: int, packed: str) -> str:
        """The result, or the ticket of the operation where a member that waits has none yet."""
        function = self._values.host_functions[number]
        waits = getattr(function, "waits", False)
        work = function.call if isinstance(function, HostFunction) else function
        found = work(*self._values.loads(packed))
        if waits and isinstance(found, Awaitable):
            return f"P{self.tasks.begin(found)}"
        return self._values.dumps(found)

    def _ask_tasks(self, packed: str) -> str:
        return self._serve(lambda: self.tasks.asked(*json.loads(packed)))

    def _ask_access(self, packed: str) -> str:
        return self._serve(lambda: self._access(*json.loads(packed)))

    def _access(self, question: str, name: str) -> Any:
        """What a script gets of what the profile has a say in. Raises SecurityError."""
        if question == "variable":
            return self._permissions.variable(name)
        raise self._permissions.refuse_name("javascript", name)

    def _writer(self, write: Callable[[str], None]) -> Callable[[str], str]:
        return lambda packed: self._serve(lambda: write(json.loads(packed)))

    def _read(self, packed: str) -> str:
        return self._serve(lambda: self._reader.read(json.loads(packed)))

    def _serve(self, work: Callable[[], Any]) -> str:
        """Do the host's part of a call and give its value."""
        return self._served(lambda: self._values.dumps(work()))

    def _served(self, work: Callable[..., str], *arguments: Any) -> str:
        """Do the host's part of a call and give its answer."""
        self.depth += 1
        try:
            self._ending.check()
            self._values.release_dropped()
            return work(*arguments)
        except ScriptExit as leaving:
            self._ending.exit_code = leaving.code
        except Interrupted:
            self._ending.interrupted.set()
        except Exception as error:  # noqa: BLE001 - every failure of the host becomes the script's error
            return self.failure(error)
        finally:
            self.depth -= 1
        self._stop()
        return "X"

    def _exit(self, code: Any = 0) -> None:
        is_number = isinstance(code, int | float) and math.isfinite(code)
        raise ScriptExit(int(code) & 0xFF if is_number else 1)
