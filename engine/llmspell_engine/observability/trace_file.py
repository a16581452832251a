"""Spans as JSON lines in a file, each written when it ends.

::

    {"trace": "…", "span": "…", "parent": "…", "kind": "model", "name": "chat gpt-5",
     "start": "2026-01-31T12:00:00.123Z", "duration_ms": 812.4, "status": "ok", "attributes": {…}}

A line is one write to the end of the file, so that a run which is ended leaves all spans that had ended.
The parent of a span is the one it was opened in, in its task or a task that started that; where there is
none it is the run's, for the script's thread and the engine's loop know nothing of each other's context.
"""

from __future__ import annotations

import json
import os
import secrets
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from llmspell_engine.observability.secrets import Scrubber

if TYPE_CHECKING:
    from llmspell_engine.observability.tracing import SpanKind

_SPAN_BYTES, _TRACE_BYTES = 8, 16
"""As OpenTelemetry's ids are."""
Status = Literal["ok", "error", "cancelled"]


@dataclass(slots=True)
class FileSpan:
    """A span that is under way."""

    trace: str
    parent: str | None
    kind: SpanKind
    name: str
    attributes: dict[str, Any]
    id: str = field(default_factory=lambda: secrets.token_hex(_SPAN_BYTES))
    start: datetime = field(default_factory=lambda: datetime.now(UTC))
    _clock: float = field(default_factory=time.perf_counter)

    def set(self, **attributes: Any) -> None:
        """See Span."""
        self.attributes.update(attributes)

    def ended(self, status: Status, error: BaseException | None) -> dict[str, Any]:
        """The span as a line has it."""
        line = {
            "trace": self.trace,
            "span": self.id,
            "parent": self.parent,
            "kind": self.kind,
            "name": self.name,
            "start": self.start.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "duration_ms": round((time.perf_counter() - self._clock) * 1000, 3),
            "status": status,
            "attributes": self.attributes,
        }
        if status == "error" and error is not None:
            kind = getattr(error, "kind", type(error).__name__)
            line["error"] = {"kind": kind, "message": str(error)}
        return line


class FileTracer:
    """Writes spans to a file. Safe to use from any thread. Raises OSError where it cannot be opened."""

    def __init__(self, path: Path, secrets: Iterable[str] = ()) -> None:
        self._file: int | None = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        self._lock = threading.Lock()
        self._scrubber = Scrubber(secrets)
        self._inside: ContextVar[FileSpan | None] = ContextVar("span", default=None)
        self._run: FileSpan | None = None

    @contextmanager
    def span(self, kind: SpanKind, name: str, **attributes: Any) -> Iterator[FileSpan]:
        """See Tracer."""
        span = self._begun(kind, name, attributes)
        token = self._inside.set(span)
        status: Status = "ok"
        problem: BaseException | None = None
        try:
            yield span
        except GeneratorExit:
            raise
        except BaseException as error:
            status = "error" if isinstance(error, Exception) else "cancelled"
            problem = error
            raise
        finally:
            # A generator may be closed in another context than it was begun in.
            with suppress(ValueError):
                self._inside.reset(token)
            if span is self._run:
                self._run = None
            self._write(span.ended(status, problem))

    def close(self) -> None:
        """See Tracer."""
        with self._lock:
            file, self._file = self._file, None
        if file is not None:
            os.close(file)

    def _begun(self, kind: SpanKind, name: str, attributes: Mapping[str, Any]) -> FileSpan:
        outer = self._inside.get() or self._run
        trace = outer.trace if outer else secrets.token_hex(_TRACE_BYTES)
        span = FileSpan(trace, outer.id if outer else None, kind, name, dict(attributes))
        if kind == "run" and outer is None:
            self._run = span
        return span

    def _write(self, line: Mapping[str, Any]) -> None:
        text = json.dumps(self._scrubber.scrub(line), ensure_ascii=False, default=str) + "\n"
        with self._lock:
            if self._file is not None:
                os.write(self._file, text.encode("utf-8", "backslashreplace"))
