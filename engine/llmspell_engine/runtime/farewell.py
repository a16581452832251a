"""The last words of a script: what it asked to have called once it has ended, in whichever way it did.

A script that was ended, by a limit, from outside, or because it asked to, cannot run any more; for its last
words it is let go on once more, for a short time. They change nothing of how it ended: an error in them is
told, and one that asks to exit has simply said enough.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from llmspell_engine.observability.log import tell
from llmspell_engine.runtime.base import Interrupted, ScriptError, ScriptExit
from llmspell_engine.runtime.limits import ResourceLimitError

if TYPE_CHECKING:
    from llmspell_engine.runtime.base import RunContext, ScriptRuntime

SECONDS = 1.0
"""How long all of them may take together."""
_PATIENCE_SECONDS = 1.0
"""How long they may take to end after that; then whoever can ends the process."""


def say_farewell(runtime: ScriptRuntime, ended: BaseException | None, context: RunContext) -> None:
    """Call what is to be called at the end. ``ended`` is what came out of the run, None for nothing."""
    farewells = runtime.scheduler.farewells
    if not farewells:
        return
    if ended is not None and not _is_plain_error(ended):
        runtime.recover()
    # Somebody who debugs takes the time that it takes, unless it was they who ended the script.
    is_limited = context.observer is None or isinstance(ended, Interrupted)
    timers = _timers(runtime, context.abandon) if is_limited else []
    for timer in timers:
        timer.start()
    try:
        for farewell in tuple(farewells):
            farewell(told_of(ended))
    except Interrupted:
        tell("warn", "script", _too_long())
    except ScriptExit:
        pass
    finally:
        for timer in timers:
            timer.cancel()


def told_of(ended: BaseException | None) -> dict[str, Any]:
    """How a run has ended, as plain data."""
    if ended is None:
        return {"reason": "finished"}
    if isinstance(ended, ScriptExit):
        return {"reason": "exit", "code": ended.code}
    if isinstance(ended, ScriptError):
        return {"reason": "error" if _is_plain_error(ended) else "limit", "error": str(ended)}
    return {"reason": "interrupted"}


def _is_plain_error(ended: BaseException) -> bool:
    return isinstance(ended, ScriptError) and not isinstance(ended, ResourceLimitError)


def _timers(runtime: ScriptRuntime, abandon: Callable[[ScriptError], None] | None) -> list[threading.Timer]:
    """What ends last words that have no end: first the script, then the process."""
    made = [threading.Timer(SECONDS, runtime.interrupt)]
    if abandon is not None:
        made.append(threading.Timer(SECONDS + _PATIENCE_SECONDS, abandon, [ScriptError(_too_long())]))
    for timer in made:
        timer.daemon = True
    return made


def _too_long() -> str:
    return f"what is called when a script has ended took longer than {SECONDS:g} s and was stopped"
