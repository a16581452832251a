"""The thread on which a command runs a script, so that the main thread can take signals meanwhile.

The main thread starts it and waits. A signal makes it ask the script to end; a script that does not end in
time is left behind with its process.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from llmspell_cli.running.outcome import FAILED, INTERRUPTED, SUCCEEDED
from llmspell_cli.running.signals import exit_code
from llmspell_cli.running.streams import cannot_write, flush_output, is_of_output

if TYPE_CHECKING:
    from llmspell_engine.globals.services import Services
    from llmspell_engine.language import Language
    from llmspell_engine.runtime.base import RunContext, ScriptError, ScriptRuntime

_PATIENCE_SECONDS = 1.0
"""How long an interrupted script may take to end."""
_FAREWELL_SECONDS = 3.0
"""And how long then what it has called at its end, and the clean-up of what was under way."""
LOOK_SECONDS = 0.2
"""How often a wait looks for signals: one that comes just before it begins does not wake it."""
_STACK_BYTES = 64 * 1024 * 1024


class ScriptThread:
    """Makes the runtime, does the work with it, and frees it.

    ``explain`` tells of an error that ends the script.
    """

    def __init__(
        self,
        language: Language,
        context: RunContext,
        services: Services,
        work: Callable[[ScriptRuntime], None],
        explain: Callable[[ScriptError], None],
    ) -> None:
        self._language = language
        self._context = context
        self._services = services
        self._do = work
        self._explain = explain
        self._interrupt: Callable[[], None] = lambda: None
        self._code = FAILED
        self._is_to_end = False
        self._has_stopped = threading.Event()
        self._has_ended = threading.Event()
        self._command = ""

    def result(self, command: str) -> int:
        """Start the script and wait for its end; the result is the exit code."""
        self._command = command
        code = None
        try:
            # The script may run, and a signal come, before the thread counts as started.
            start_with_deep_stack(self._work)
            while not self._has_ended.wait(LOOK_SECONDS):
                pass
        except KeyboardInterrupt as ended:
            code = exit_code(ended)
            self._is_to_end = True
            self._interrupt()
            if self._has_stopped.wait(_PATIENCE_SECONDS):
                self._has_ended.wait(_FAREWELL_SECONDS)
        code = self._code if code is None else code
        flushed = flush_output(command)
        if not self._has_ended.is_set():
            os._exit(code)
        return code or flushed

    def _work(self) -> None:
        from llmspell_engine.runtime.base import Interrupted, ScriptError, ScriptExit
        from llmspell_engine.runtime.create import create

        runtime = None
        try:
            runtime = create(self._language, self._context, self._services)
            self._interrupt = runtime.interrupt
            if self._is_to_end:
                raise Interrupted  # noqa: TRY301 - as it comes from a script
            self._do(runtime)
            self._code = SUCCEEDED
        except ScriptExit as leaving:
            self._code = leaving.code & 0xFF
        except Interrupted:
            self._code = INTERRUPTED
        except ScriptError as error:
            self._code = FAILED
            self._explain(error)
        except OSError as error:
            if not is_of_output(error):
                raise
            self._code = cannot_write(self._command, error)
        finally:
            self._has_stopped.set()
            try:
                if runtime is not None:
                    runtime.close()
            finally:
                self._has_ended.set()


def start_with_deep_stack(work: Callable[[], None]) -> threading.Thread:
    """Start a thread for scripts, whose calls may nest deeply. It holds up no process."""
    before = threading.stack_size(_STACK_BYTES)
    try:
        thread = threading.Thread(target=work, name="script", daemon=True)
        thread.start()
    finally:
        threading.stack_size(before)
    return thread
