"""Spans as JSON lines in a file, each written when it ends.

::

    {"trace": "…", "span": "…", "parent": "…", "kind": "model", "name": "chat gpt-5",
     "start": "2026-01-31T12:00:00.123Z", "duration_ms": 812.4, "status": "ok", "attributes": {…}}

A line is one write to the end of the file, with nothing kept back, so that a run which is ended leaves all
spans that had ended, and several processes may share a file. The file grows as long as spans end: nothing
cuts it off. Where it cannot be written any more, that is told once and the run goes on.
"""

from __future__ import annotations

import json
import os
import secrets
import threading
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from llmspell_engine.observability.around import AROUND, Place
from llmspell_engine.observability.log import tell
from llmspell_engine.observability.records import kind_of, timestamp
from llmspell_engine.observability.spans import ERROR_TYPE, SpanTracer, Status

if TYPE_CHECKING:
    from llmspell_engine.observability.tracing import SpanKind

_SPAN_BYTES, _TRACE_BYTES = 8, 16
"""As OpenTelemetry's ids are."""


@dataclass(slots=True)
class FileSpan:
    """A span that is under way."""

    tracer: FileTracer
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
        self.attributes.update(self.tracer.kept(attributes))

    def ended(self, status: Status, error: BaseException | None) -> dict[str, Any]:
        """The span as a line has it."""
        line = {
            "trace": self.trace,
            "span": self.id,
            "parent": self.parent,
            "kind": self.kind,
            "name": self.name,
            "start": timestamp(self.start),
            "duration_ms": round((time.perf_counter() - self._clock) * 1000, 3),
            "status": status,
            "attributes": self.attributes,
        }
        if status == "error" and error is not None:
            line["error"] = {"kind": kind_of(error), "message": str(error)}
        elif status == "ok" and ERROR_TYPE in self.attributes:
            # Work that tells of its failure instead of raising it, such as a step that may fail.
            line |= {"status": "error", "error": {"kind": self.attributes[ERROR_TYPE], "message": ""}}
        return line


class FileTracer(SpanTracer[FileSpan]):
    """Writes spans to a file. Safe to use from any thread. Raises OSError where it cannot be opened."""

    def __init__(self, path: Path, secrets: Iterable[str] = (), *, content: bool = False) -> None:
        super().__init__(secrets, content=content)
        self._path = path
        self._file: int | None = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        self._lock = threading.Lock()

    def begin(
        self, kind: SpanKind, name: str, attributes: Mapping[str, Any], outer: FileSpan | None
    ) -> FileSpan:
        """See SpanTracer. A span that another tracer has begun for the same work lends its ids."""
        parent = outer.id if outer else None
        place = AROUND.get().place
        if place is not None and place.span != parent:
            return FileSpan(self, place.trace, parent, kind, name, dict(attributes), place.span)
        trace = outer.trace if outer else secrets.token_hex(_TRACE_BYTES)
        return FileSpan(self, trace, parent, kind, name, dict(attributes))

    def end(self, span: FileSpan, status: Status, error: BaseException | None) -> None:
        """See SpanTracer."""
        line = self.scrubber.scrub(span.ended(status, error))
        text = json.dumps(line, ensure_ascii=False, default=str) + "\n"
        problem = self._written(text.encode("utf-8", "backslashreplace"))
        if problem is not None:
            tell("error", "trace", f"the trace file '{self._path}' is written no more: {problem}")

    def place(self, span: FileSpan) -> Place:
        """See SpanTracer."""
        return Place(span.trace, span.id)

    def close(self) -> None:
        """See Tracer."""
        with self._lock:
            file, self._file = self._file, None
        if file is not None:
            os.close(file)

    def _written(self, line: bytes) -> OSError | None:
        """Add a line; what kept it from being written. After that, nothing more is."""
        with self._lock:
            if self._file is None:
                return None
            try:
                while line:
                    line = line[os.write(self._file, line) :]
            except OSError as problem:
                os.close(self._file)
                self._file = None
                return problem
        return None
