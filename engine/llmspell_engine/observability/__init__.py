"""What a run tells of itself: its log, and spans of runs, agents, model calls, tools and steps."""

from llmspell_engine.observability.around import AROUND, Around, correlate
from llmspell_engine.observability.levels import LEVELS, Level, LogSettings, level_from_environment
from llmspell_engine.observability.log import LogSink, RunLog, tell
from llmspell_engine.observability.tracing import NO_TRACER, Span, SpanKind, Tracer

__all__ = [
    "AROUND",
    "LEVELS",
    "NO_TRACER",
    "Around",
    "Level",
    "LogSettings",
    "LogSink",
    "RunLog",
    "Span",
    "SpanKind",
    "Tracer",
    "correlate",
    "level_from_environment",
    "tell",
]
