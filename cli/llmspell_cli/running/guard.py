"""The end of a process in which a script stands so that nothing of the process itself can end it.

A library that works on a value without letting Python go on (a pattern that never ends, a text of many
gigabytes) holds up every thread, and with them those that watch the time. So where a run has a time limit, a
second process waits beside it, and ends it some seconds after that. It ends by itself with the first one.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from llmspell_engine.runtime.base import RunContext

GRACE_SECONDS = 4.0
"""How long the process may take to end itself when the script's time is over."""
_WAITS = (
    "import os, select, signal, sys;"
    " process, seconds, told = int(sys.argv[1]), float(sys.argv[2]), sys.argv[3];"
    " select.select([0], [], [], seconds)[0]"
    " or (os.write(2, told.encode()), os.kill(process, signal.SIGKILL))"
)


@contextmanager
def guarded(context: RunContext) -> Iterator[None]:
    """Have the process ended from outside if a script with a time limit goes on for long after it."""
    seconds = context.permissions.limits.seconds
    if seconds is None or sys.platform == "win32":
        yield
        return
    import subprocess

    told = (
        f"ResourceLimitError: the script ran longer than {seconds:g} s, the most that the profile"
        f" '{context.permissions.profile}' gives it; raise seconds in [security.limits]\n"
    )
    words = [str(os.getpid()), str(seconds + GRACE_SECONDS), told]
    # Its input ends when this process does, however it ends.
    with subprocess.Popen(  # noqa: S603 - it is Python itself
        [sys.executable, "-I", "-S", "-c", _WAITS, *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    ) as watcher:
        try:
            yield
        finally:
            watcher.kill()
