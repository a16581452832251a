"""A line on the terminal that tells what a script waits for: ``⠹ agent reviewer > openai/gpt-4o 12s``.

It comes when nothing was written for a while and an agent, a model, a tool or a step of a workflow is under
way, and goes before anything is written. It is a tracer, so it knows of work what traces tell.

Threads: spans begin and end on any thread; one thread of its own draws while something is under way. The
lock keeps the line whole.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import cycle
from typing import TYPE_CHECKING, Any, TextIO

from llmspell_engine.observability.around import AROUND
from llmspell_engine.observability.spans import SpanTracer

if TYPE_CHECKING:
    from llmspell_engine.observability.around import Place
    from llmspell_engine.observability.spans import Status
    from llmspell_engine.observability.tracing import SpanKind

DELAY_SECONDS = 2.0
"""How long nothing is written before the line comes."""
_TICK_SECONDS = 0.1
_SHOWN = ("agent", "model", "tool", "workflow", "step")
_ERASE = "\r\x1b[2K"


@dataclass(slots=True, eq=False)
class Work:
    """A span that is under way."""

    kind: SpanKind
    name: str
    outer: Work | None = None
    since: float = field(default_factory=time.monotonic)

    def set(self, **attributes: Any) -> None:
        """See Span."""


class StatusLine(SpanTracer[Work]):
    """Draws the line on a terminal. ``delay`` is how many seconds of silence come before it."""

    def __init__(self, terminal: TextIO, delay: float = DELAY_SECONDS) -> None:
        super().__init__()
        self._terminal = terminal
        self._delay = delay
        self._lock = threading.RLock()
        self._under_way: list[Work] = []
        self._has_work = threading.Event()
        self._is_drawn = False
        self._is_closed = False
        self._written = time.monotonic()
        self._thread: threading.Thread | None = None
        self._turns = cycle("⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏")

    def before(self, write: Callable[[str], None]) -> Callable[[str], None]:
        """A function that writes to the terminal, with the line erased first."""

        def written(text: str) -> None:
            with self._lock:
                self._erase()
                self._written = time.monotonic()
                write(text)

        return written

    # A tracer

    def begin(self, kind: SpanKind, name: str, attributes: Mapping[str, Any], outer: Work | None) -> Work:
        """See SpanTracer."""
        del attributes
        work = Work(kind, name, outer)
        if kind in _SHOWN:
            with self._lock:
                self._under_way.append(work)
                self._draw_from_now_on()
        return work

    def end(self, span: Work, status: Status, error: BaseException | None) -> None:
        """See SpanTracer."""
        del status, error
        with self._lock:
            if span in self._under_way:
                self._under_way.remove(span)
            if not self._under_way:
                self._has_work.clear()
                self._erase()

    def place(self, span: Work) -> Place | None:
        """Spans that are only looked at have no ids: those of another tracer stay."""
        del span
        return AROUND.get().place

    def close(self) -> None:
        """Draw nothing any more."""
        with self._lock:
            self._is_closed = True
            self._has_work.set()
            self._erase()

    # Drawing

    def _draw_from_now_on(self) -> None:
        self._has_work.set()
        if self._thread is None:
            self._thread = threading.Thread(target=self._draw, name="status-line", daemon=True)
            self._thread.start()

    def _draw(self) -> None:
        while not self._is_closed:
            self._has_work.wait()
            with self._lock:
                silent = time.monotonic() - max(self._written, min(map(_since, self._under_way), default=0))
                if self._under_way and not self._is_closed and silent >= self._delay:
                    self._put(_ERASE + self._line())
                    self._is_drawn = True
            time.sleep(_TICK_SECONDS)

    def _line(self) -> str:
        from shutil import get_terminal_size

        work = self._under_way[-1]
        chain = [_named(work)]
        while work.outer is not None and work.outer.kind in _SHOWN:
            work = work.outer
            chain.insert(0, _named(work))
        others = sum(1 for each in self._under_way if each.outer is None or each.outer.kind not in _SHOWN) - 1
        more = f" and {others} more" if others > 0 else ""
        seconds = int(time.monotonic() - work.since)
        text = f"{' > '.join(chain)}{more} {seconds}s"
        room = max(get_terminal_size().columns - 3, 10)
        return f"{next(self._turns)} {text if len(text) <= room else f'…{text[1 - room :]}'}"

    def _erase(self) -> None:
        if self._is_drawn:
            self._put(_ERASE)
            self._is_drawn = False

    def _put(self, text: str) -> None:
        try:
            self._terminal.write(text)
            self._terminal.flush()
        except (OSError, ValueError):
            self._is_closed = True


def status_line() -> StatusLine | None:
    """A line on standard error, where that is a terminal that can erase what it shows."""
    import os

    if sys.stderr is None or not sys.stderr.isatty() or os.environ.get("TERM") in (None, "dumb"):
        return None
    return StatusLine(sys.stderr)


def _since(work: Work) -> float:
    return work.since


def _named(work: Work) -> str:
    is_named_whole = work.kind in ("model", "step") or work.name.startswith(f"{work.kind} ")
    return work.name if is_named_whole else f"{work.kind} {work.name}"
