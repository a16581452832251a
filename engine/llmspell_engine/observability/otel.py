"""Spans to OpenTelemetry: over OTLP/HTTP to where the standard ``OTEL_*`` variables say.

Needs the extra ``otel``. The parent of a span is found as in ``trace_file``: the one it was opened in, else
the run's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from llmspell_engine.observability.secrets import Scrubber

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Span as OTelSpan

    from llmspell_engine.observability.tracing import SpanKind


class _Span:
    def __init__(self, span: OTelSpan, scrubber: Scrubber) -> None:
        self.span = span
        self._scrubber = scrubber

    def set(self, **attributes: Any) -> None:
        """See Span."""
        self.span.set_attributes(self._scrubber.scrub(attributes))


class OTelTracer:
    """Hands spans to a provider of OpenTelemetry's SDK. Safe to use from any thread."""

    def __init__(self, provider: TracerProvider, secrets: Iterable[str] = ()) -> None:
        self._provider = provider
        self._tracer = provider.get_tracer("llmspell")
        self._scrubber = Scrubber(secrets)
        self._inside: ContextVar[_Span | None] = ContextVar("otel_span", default=None)
        self._run: _Span | None = None

    @contextmanager
    def span(self, kind: SpanKind, name: str, **attributes: Any) -> Iterator[_Span]:
        """See Tracer."""
        from opentelemetry.trace import set_span_in_context

        outer = self._inside.get() or self._run
        context = set_span_in_context(outer.span) if outer else None
        span = _Span(self._tracer.start_span(name, context), self._scrubber)
        span.set(**{"llmspell.kind": kind}, **attributes)
        if kind == "run" and outer is None:
            self._run = span
        token = self._inside.set(span)
        try:
            yield span
        except Exception as error:
            self._failed(span, error)
            raise
        finally:
            # A generator may be closed in another context than it was begun in.
            with suppress(ValueError):
                self._inside.reset(token)
            if span is self._run:
                self._run = None
            span.span.end()

    def close(self) -> None:
        """See Tracer."""
        self._provider.shutdown()

    def _failed(self, span: _Span, error: Exception) -> None:
        from opentelemetry.trace import Status, StatusCode

        span.set(**{"error.type": getattr(error, "kind", type(error).__name__)})
        span.span.set_status(Status(StatusCode.ERROR, self._scrubber.scrub(str(error))))


def otlp_tracer(secrets: Iterable[str] = ()) -> OTelTracer:
    """A tracer that sends spans over OTLP/HTTP. Raises ImportError without the extra ``otel``."""
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import SERVICE_NAME, Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    named = Resource({SERVICE_NAME: "llmspell"})
    provider = TracerProvider(
        resource=named.merge(Resource.create()) if _is_named() else Resource.create().merge(named)
    )
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return OTelTracer(provider, secrets)


def _is_named() -> bool:
    """Whether the environment names the service."""
    import os

    return "OTEL_SERVICE_NAME" in os.environ or "service.name" in os.environ.get(
        "OTEL_RESOURCE_ATTRIBUTES", ""
    )
