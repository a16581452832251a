"""Spans, metrics and the log to OpenTelemetry. Needs the extra ``otel``.

::

    OTelTracer     makes spans, measures them when they end, hands on the lines logged inside them
    otel_metrics   the instruments, and what of a span is measured
    otel_export    the SDK's providers, and getting rid of what is left in bounded time
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from llmspell_engine.observability.around import AROUND, Place
from llmspell_engine.observability.records import kind_of
from llmspell_engine.observability.spans import ERROR_TYPE, SpanTracer, Status

if TYPE_CHECKING:
    from opentelemetry.trace import Span as APISpan

    from llmspell_engine.observability.otel_export import Pipeline
    from llmspell_engine.observability.records import LogRecord
    from llmspell_engine.observability.tracing import SpanKind

Signal = Literal["traces", "metrics", "logs"]
SIGNALS: tuple[Signal, ...] = ("traces", "metrics", "logs")
_CONTENT_VARIABLE = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"
_OPERATIONS = {"agent": "invoke_agent", "tool": "execute_tool"}
"""How the conventions call what is done; also the beginnings of such spans' names."""


def _content_from_environment() -> bool:
    return os.environ.get(_CONTENT_VARIABLE, "").lower() in ("true", "1", "span_only", "span_and_event")


def _signals_from_environment() -> tuple[Signal, ...]:
    return tuple(one for one in SIGNALS if os.environ.get(f"OTEL_{one.upper()}_EXPORTER", "") != "none")


@dataclass(frozen=True, slots=True)
class OTelSettings:
    """What is sent. What is not said here, the standard variables say.

    Attributes:
        signals: what kinds of telemetry; all, without those whose ``OTEL_…_EXPORTER`` is ``none``.
        content: whether prompts and answers are sent too, with secrets masked.
        endpoint: the collector's base address.
    """

    signals: tuple[Signal, ...] = field(default_factory=_signals_from_environment)
    content: bool = field(default_factory=_content_from_environment)
    endpoint: str | None = None


class OTelSpan:
    """A span that is under way, with what is to be measured of it."""

    def __init__(self, span: APISpan, tracer: OTelTracer, kind: SpanKind, name: str) -> None:
        self.span = span
        self.kind = kind
        self.name = name
        self.attributes: dict[str, Any] = {}
        self.start = time.perf_counter()
        self._tracer = tracer

    def set(self, **attributes: Any) -> None:
        """See Span."""
        self.state(self._tracer.kept(attributes))

    def state(self, attributes: Mapping[str, Any]) -> None:
        """State facts whose secrets are masked already."""
        self.attributes.update(attributes)
        self.span.set_attributes(attributes)


class OTelTracer(SpanTracer[OTelSpan]):
    """Hands spans, measures and lines to OpenTelemetry's SDK. Safe to use from any thread."""

    def __init__(self, pipeline: Pipeline, secrets: Iterable[str] = (), *, content: bool = False) -> None:
        super().__init__(secrets, content=content)
        self._pipeline = pipeline

    def begin(
        self, kind: SpanKind, name: str, attributes: Mapping[str, Any], outer: OTelSpan | None
    ) -> OTelSpan:
        """See SpanTracer."""
        from opentelemetry.trace import SpanKind as Role
        from opentelemetry.trace import set_span_in_context

        called = attributes.get(f"gen_ai.{kind}.name")
        shown = f"{_OPERATIONS[kind]} {called}" if called and kind in _OPERATIONS else name
        role = Role.CLIENT if kind == "model" else Role.INTERNAL
        context = set_span_in_context(outer.span) if outer else None
        span = OTelSpan(self._pipeline.tracer.start_span(shown, context, role), self, kind, name)
        operation = {"gen_ai.operation.name": _OPERATIONS[kind]} if kind in _OPERATIONS else {}
        span.state({"llmspell.kind": kind, **operation, **attributes})
        return span

    def end(self, span: OTelSpan, status: Status, error: BaseException | None) -> None:
        """See SpanTracer."""
        from opentelemetry.trace import Status as Outcome
        from opentelemetry.trace import StatusCode

        if status == "error" and error is not None:
            span.state({ERROR_TYPE: kind_of(error)})
            span.span.set_status(Outcome(StatusCode.ERROR, self.scrubber.scrub(str(error))))
        elif ERROR_TYPE in span.attributes:
            span.span.set_status(Outcome(StatusCode.ERROR))
        elif status == "cancelled":
            span.state({"llmspell.cancelled": True})
        self._pipeline.measure(span.kind, span.attributes, time.perf_counter() - span.start)
        span.span.end()

    def place(self, span: OTelSpan) -> Place:
        """See SpanTracer."""
        found = span.span.get_span_context()
        return Place(f"{found.trace_id:032x}", f"{found.span_id:016x}")

    def log(self, record: LogRecord) -> None:
        """See SpanTracer."""
        self._pipeline.log(record, AROUND.get().spans[self].span)

    def close(self) -> None:
        """See Tracer."""
        self._pipeline.close()


def otlp_tracer(secrets: Iterable[str] = (), settings: OTelSettings | None = None) -> OTelTracer:
    """A tracer that sends over OTLP/HTTP. Raises ImportError without the extra ``otel``."""
    from llmspell_engine.observability.otel_export import otlp_pipeline

    settings = settings or OTelSettings()
    secrets = tuple(secrets)
    return OTelTracer(otlp_pipeline(settings, secrets), secrets, content=settings.content)
