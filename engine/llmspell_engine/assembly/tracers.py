"""The tracer that a launch asks for: none, a file, a collector, or both."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

from llmspell_engine.assembly.launch import AssemblyError
from llmspell_engine.observability import NO_TRACER, Span, Tracer

if TYPE_CHECKING:
    from pathlib import Path

    from llmspell_engine.assembly.launch import Launch
    from llmspell_engine.config.model import Config
    from llmspell_engine.observability import SpanKind


class Tracers:
    """Several tracers as one; each span goes to all."""

    def __init__(self, tracers: Sequence[Tracer]) -> None:
        self.tracers = tracers

    @contextmanager
    def span(self, kind: SpanKind, name: str, **attributes: Any) -> Iterator[Span]:
        """See Tracer."""
        from llmspell_engine.observability.spans import Spans

        with ExitStack() as stack:
            yield Spans([stack.enter_context(each.span(kind, name, **attributes)) for each in self.tracers])

    def close(self) -> None:
        """See Tracer."""
        for each in self.tracers:
            each.close()


def tracer_of(launch: Launch, config: Config | None, secrets: Callable[[], Sequence[str]]) -> Tracer:
    """The tracer of a launch, which masks secrets. Raises AssemblyError."""
    asked: list[Tracer] = [launch.watcher] if launch.watcher is not None else []
    if launch.otel or (config is not None and config.log.otel.enabled):
        asked.append(_otlp_tracer(secrets(), config))
    if launch.trace_file is not None:
        # The file comes last: its spans take the ids of those that go to the collector.
        content = config is not None and config.log.otel.content
        asked.append(_file_tracer(launch.trace_file, secrets(), content))
    return NO_TRACER if not asked else asked[0] if len(asked) == 1 else Tracers(asked)


def _file_tracer(path: Path, secrets: Sequence[str], content: bool) -> Tracer:
    from llmspell_engine.observability.trace_file import FileTracer

    try:
        return FileTracer(path, secrets, content=content)
    except OSError as error:
        raise AssemblyError(f"the trace file cannot be written: {error}") from None


def _otlp_tracer(secrets: Sequence[str], config: Config | None) -> Tracer:
    from llmspell_engine.observability.otel import OTelSettings, otlp_tracer

    section = config.log.otel if config else None
    names = section.model_fields_set & {"signals", "content", "endpoint"} if section else ()
    try:
        return otlp_tracer(secrets, OTelSettings(**{name: getattr(section, name) for name in names}))
    except ImportError:
        raise AssemblyError("--otel needs the extra 'otel': pip install 'llmspell[otel]'") from None
