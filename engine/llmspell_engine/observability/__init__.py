"""What a run tells of itself: spans of runs, agents, model calls, tools and steps."""

from llmspell_engine.observability.tracing import NO_TRACER, Span, SpanKind, Tracer

__all__ = ["NO_TRACER", "Span", "SpanKind", "Tracer"]
