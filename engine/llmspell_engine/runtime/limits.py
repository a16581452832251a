"""What a run may use: how that is counted, and how a script is ended that uses more.

Time is watched by a thread of its own, which :class:`Watch` starts where a limit is set and stops when the
run is over; output is counted where it is written; memory and instructions are counted by the runtimes. What
the host keeps for a script is no memory of its interpreter, so another thread looks at the memory of the
process. All end the script in the way in which it is ended from outside, so that nothing it does catches the
error: what comes out of ``run`` is a :class:`ResourceLimitError`. A script that stands in one long operation
of the interpreter (a text pattern that never ends) can only be ended with its process: whoever can do that is
told so after a while.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

from llmspell_engine.runtime.base import Interrupted, ScriptError, ScriptFrame, Streams

if TYPE_CHECKING:
    from types import TracebackType

    from llmspell_engine.language import Language
    from llmspell_engine.security.limits import Limits

Limit = Literal["seconds", "memory_mb", "instructions", "output_bytes"]
_PATIENCE_SECONDS = 2.0
"""How long a script may take to end when its time is over."""
_LOOK_SECONDS = 0.5
"""How long passes between two looks at the memory of the process."""
_HOST_MB = 256
"""What libraries and tools may take of it, beside twice what the script may."""


class ResourceLimitError(ScriptError):
    """A script has used up what it may use.

    Attributes:
        limit: which limit: the key of it in ``[security.limits]``.
    """

    def __init__(self, limit: Limit, message: str, frames: tuple[ScriptFrame, ...] = ()) -> None:
        super().__init__(message, kind="ResourceLimitError", frames=frames)
        self.limit = limit


class Watch:
    """Counts what one run uses, and ends it. ``end`` ends the script, from any thread."""

    def __init__(self, limits: Limits, profile: str, language: Language, end: Callable[[], None]) -> None:
        self.limits = limits
        self.error: ResourceLimitError | None = None
        """What the script has been ended for."""
        self.ended: BaseException | None = None
        """What came out of the run."""
        self.abandon: Callable[[ResourceLimitError], None] | None = None
        """Ends the process, for a script that does not end; called on a thread of the watch."""
        self._profile = profile
        self._language = language
        self._end = end
        self._written = 0
        self._timer: threading.Timer | None = None
        self._over = threading.Event()

    def __enter__(self) -> None:
        """Let the time begin."""
        if self.limits.seconds is not None:
            self._start(self.limits.seconds, lambda: self.exceeded("seconds"))
        if self.limits.memory_mb is not None and self.abandon is not None:
            self._over.clear()
            most = 2 * self.limits.memory_mb + _HOST_MB
            threading.Thread(target=self._look_at_memory, args=[most * 1024 * 1024], daemon=True).start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """The run is over. Raises what it was ended for."""
        self._over.set()
        if self._timer is not None:
            self._timer.cancel()
        self.ended = self.error or error
        if self.error is not None and error is not self.error:
            raise self.error from None

    def exceeded(self, limit: Limit, frames: tuple[ScriptFrame, ...] = ()) -> None:
        """End the script. From any thread."""
        if self.error is not None:
            return
        self.error = ResourceLimitError(limit, self._message(limit), frames)
        if self.abandon is not None:
            self._start(_PATIENCE_SECONDS, self._give_up)
        self._end()

    def stands_at(self, frames: tuple[ScriptFrame, ...]) -> None:
        """Tell where the script was when it was ended."""
        if self.error is not None and not self.error.frames:
            self.error.frames = frames

    def counted(self, streams: Streams, here: Callable[[], ScriptFrame | None]) -> Streams:
        """The same streams, with what is written counted. ``here`` tells what writes."""
        most = self.limits.output_bytes
        if most is None:
            return streams

        def counting(write: Callable[[str], None]) -> Callable[[str], None]:
            def written(text: str) -> None:
                self._written += len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))
                if self._written > most:
                    place = here()
                    self.exceeded("output_bytes", (place,) if place else ())
                    raise Interrupted
                write(text)

            return written

        return Streams(counting(streams.out), counting(streams.err), streams.read_line)

    def _look_at_memory(self, most: int) -> None:
        """End the script where the process grows, by what the host keeps for it: events, calls, values.

        Only where the process is there for the script alone, which is where it can be abandoned.
        """
        begin = _resident()
        while begin is not None and not self._over.wait(_LOOK_SECONDS):
            if (_resident() or 0) - begin > most:
                self.exceeded("memory_mb")
                return

    def _start(self, seconds: float, work: Callable[[], None]) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = threading.Timer(seconds, work)
        self._timer.daemon = True
        self._timer.start()

    def _give_up(self) -> None:
        if self.abandon is not None and self.error is not None:
            self.abandon(self.error)

    def _message(self, limit: Limit) -> str:
        most = getattr(self.limits, limit)
        told = {
            "seconds": f"the script ran longer than {most:g} s",
            "memory_mb": f"the script used up its memory of {most} MB",
            "instructions": f"the script took more than {most} instructions",
            "output_bytes": f"the script wrote more than {most} bytes",
        }[limit]
        where = f"[engine.{self._language}]" if limit == "memory_mb" else "[security.limits]"
        return f"{told}, the most that the profile '{self._profile}' gives it; raise {limit} in {where}"


def _resident() -> int | None:
    """The bytes of memory that the process holds; None where the system does not tell."""
    try:
        with open("/proc/self/statm", "rb") as told:  # noqa: PTH123 (pathlib is not loaded here)
            return int(told.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError):
        return None
