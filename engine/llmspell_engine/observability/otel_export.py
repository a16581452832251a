"""OpenTelemetry's SDK put together: a provider for each kind of telemetry, and an end in bounded time.

Threads: the SDK sends from threads of its own, which no run waits for. Closing sends what is left from one
more thread for each kind, and leaves them behind when the time is over. A collector that does not answer is
told once, on the process's standard error, whatever the SDK has to say after that.
"""

from __future__ import annotations

import json
import logging
import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextvars import Context
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from llmspell_engine.observability.log import LogSink, RunLog, to_process
from llmspell_engine.observability.otel_metrics import Measures

if TYPE_CHECKING:
    from opentelemetry._logs import Logger
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.trace import Span, Tracer

    from llmspell_engine.observability.levels import Level
    from llmspell_engine.observability.otel import OTelSettings, Signal
    from llmspell_engine.observability.records import LogRecord
    from llmspell_engine.observability.tracing import SpanKind

CLOSING_SECONDS = 5.0
"""How long what is left may take to be sent at the end; less where OTEL_EXPORTER_OTLP_TIMEOUT is less."""
_ENDPOINT_VARIABLE = "OTEL_EXPORTER_OTLP_ENDPOINT"
_TIMEOUT_VARIABLE = "OTEL_EXPORTER_OTLP_TIMEOUT"
_SCOPE = "llmspell"
_SEVERITIES: dict[Level, int] = {"trace": 1, "debug": 5, "info": 9, "warn": 13, "error": 17}
End = Callable[[float], object]
"""Sends what is left and ends a kind of telemetry, in so many seconds."""


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Where telemetry goes; None for a kind that goes nowhere."""

    tracer: Tracer
    measures: Measures | None
    logger: Logger | None
    ends: Sequence[End]

    def measure(self, kind: SpanKind, attributes: Mapping[str, Any], seconds: float) -> None:
        """Measure a span that has ended."""
        if self.measures is not None:
            self.measures.measure(kind, attributes, seconds)

    def log(self, record: LogRecord, span: Span) -> None:
        """Hand on a line that was logged inside a span."""
        if self.logger is None:
            return
        from opentelemetry._logs import LogRecord as OTelRecord
        from opentelemetry._logs import SeverityNumber
        from opentelemetry.trace import set_span_in_context

        told = OTelRecord(
            timestamp=int(record.time.timestamp() * 1e9),
            observed_timestamp=time.time_ns(),
            context=set_span_in_context(span),
            severity_text=record.level.upper(),
            severity_number=SeverityNumber(_SEVERITIES[record.level]),
            body=record.message,
            attributes=_attributes(record),
        )
        self.logger.emit(told)

    def close(self) -> None:
        """Send what is left, within the time that there is."""
        limit = _closing_seconds()
        threads = [
            threading.Thread(target=Context().run, args=(end, limit), name="otel-end", daemon=True)
            for end in self.ends
        ]
        for thread in threads:
            thread.start()
        deadline = time.monotonic() + limit
        for thread in threads:
            thread.join(max(deadline - time.monotonic(), 0))


def otlp_pipeline(settings: OTelSettings, secrets: Sequence[str] = ()) -> Pipeline:
    """A pipeline that sends over OTLP/HTTP. Raises ImportError without the extra ``otel``."""
    from opentelemetry.sdk.trace import TracerProvider

    resource = _resource()
    _tell_once(settings, secrets)
    traces = TracerProvider(resource=resource, shutdown_on_exit=False)
    ends: list[End] = []
    if "traces" in settings.signals:
        ends.append(_send_spans(traces, _address(settings, "traces")))
    measures = logger = None
    if "metrics" in settings.signals:
        measures, end = _send_metrics(resource, _address(settings, "metrics"))
        ends.append(end)
    if "logs" in settings.signals:
        logger, end = _send_logs(resource, _address(settings, "logs"))
        ends.append(end)
    return Pipeline(traces.get_tracer(_SCOPE), measures, logger, ends)


def _send_spans(provider: Any, address: str | None) -> End:
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    processor = BatchSpanProcessor(OTLPSpanExporter(endpoint=address))
    provider.add_span_processor(processor)
    return _end_of_batches(processor)


def _send_metrics(resource: Resource, address: str | None) -> tuple[Measures, End]:
    from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
    from opentelemetry.sdk.metrics import MeterProvider
    from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader

    reader = PeriodicExportingMetricReader(OTLPMetricExporter(endpoint=address))
    provider = MeterProvider([reader], resource, shutdown_on_exit=False)
    return Measures(provider.get_meter(_SCOPE)), lambda seconds: reader.shutdown(seconds * 1000)


def _send_logs(resource: Resource, address: str | None) -> tuple[Logger, End]:
    from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
    from opentelemetry.sdk._logs import LoggerProvider
    from opentelemetry.sdk._logs.export import BatchLogRecordProcessor

    provider = LoggerProvider(resource, shutdown_on_exit=False)
    processor = BatchLogRecordProcessor(OTLPLogExporter(endpoint=address))
    provider.add_log_record_processor(processor)
    return provider.get_logger(_SCOPE), _end_of_batches(processor)


def _end_of_batches(processor: Any) -> End:
    """The SDK's processors take no limit themselves, but what they are made of does."""
    batches = getattr(processor, "_batch_processor", None)
    if batches is None:
        return lambda _: processor.shutdown()
    return lambda seconds: batches.shutdown(timeout_millis=int(seconds * 1000))


def _address(settings: OTelSettings, signal: Signal) -> str | None:
    return f"{settings.endpoint.rstrip('/')}/v1/{signal}" if settings.endpoint else None


def _attributes(record: LogRecord) -> dict[str, Any]:
    found = {name: _attribute(value) for name, value in record.fields.items() if value is not None}
    error = record.fields.get("error")
    if isinstance(error, Mapping) and "kind" in error:
        found |= {"exception.type": error["kind"], "exception.message": error.get("message", "")}
        found |= {"exception.stacktrace": "\n".join(error["stack"])} if "stack" in error else {}
    if record.logger is not None:
        found["llmspell.logger"] = record.logger
    if record.correlation_id is not None:
        found["llmspell.correlation_id"] = record.correlation_id
    if record.session_id is not None:
        found["session.id"] = record.session_id
    return found


def _attribute(value: Any) -> Any:
    return value if isinstance(value, str | bool | int | float) else json.dumps(value, ensure_ascii=False)


def _resource() -> Resource:
    from opentelemetry.sdk.resources import SERVICE_NAME, Resource

    named, told = Resource({SERVICE_NAME: "llmspell"}), Resource.create()
    return named.merge(told) if _is_named() else told.merge(named)


def _is_named() -> bool:
    """Whether the environment names the service."""
    return "OTEL_SERVICE_NAME" in os.environ or "service.name" in os.environ.get(
        "OTEL_RESOURCE_ATTRIBUTES", ""
    )


def _closing_seconds() -> float:
    try:
        return min(float(os.environ.get(_TIMEOUT_VARIABLE, CLOSING_SECONDS)), CLOSING_SECONDS)
    except ValueError:
        return CLOSING_SECONDS


class _Once(logging.Handler):
    """Tells the first thing that the SDK has to complain of."""

    def __init__(self, address: str, secrets: Sequence[str]) -> None:
        super().__init__(logging.WARNING)
        self._address = address
        self._log = RunLog(LogSink(secrets=secrets), to_process)
        self._is_told = False

    def emit(self, record: logging.LogRecord) -> None:
        """See Handler."""
        if not self._is_told:
            self._is_told = True
            said = {"said": record.getMessage().partition("\n")[0]}
            message = f"{self._address} does not take all that is sent; further problems are not told"
            self._log.put("error", message, said, "llmspell.otel")


def _tell_once(settings: OTelSettings, secrets: Sequence[str]) -> None:
    address = settings.endpoint or os.environ.get(_ENDPOINT_VARIABLE, "the collector")
    sdk = logging.getLogger("opentelemetry")
    sdk.handlers = [each for each in sdk.handlers if not isinstance(each, _Once)]
    sdk.addHandler(_Once(address, secrets))
    sdk.propagate = False
