"""The contract of tracing, and the tracer that does nothing.

A span is a piece of work with a beginning and an end; spans opened inside it, in the same task, are its
children. Names and attributes follow OpenTelemetry's conventions for generative AI (``gen_ai.*``).
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any, Literal, Protocol

SpanKind = Literal["run", "agent", "model", "tool", "workflow", "step"]


class Span(Protocol):
    """A piece of work that is under way."""

    def set(self, **attributes: Any) -> None:
        """State facts of it; values are strings, numbers, booleans or lists of them."""


class Tracer(Protocol):
    """Where spans go. Safe to use from any thread."""

    def span(self, kind: SpanKind, name: str, **attributes: Any) -> AbstractContextManager[Span]:
        """A span for the time of a ``with``; an error that leaves it is told and passed on."""

    def close(self) -> None:
        """Write what is left."""


class _NoSpan:
    """Stands for any number of spans of which nobody is told, and is its own ``with``."""

    def set(self, **attributes: Any) -> None:
        """State nothing."""

    def __enter__(self) -> _NoSpan:
        return self

    def __exit__(self, *_error: object) -> None:
        """Nothing ends."""


class _NoTracer:
    _nothing = _NoSpan()

    def span(self, kind: SpanKind, name: str, **attributes: Any) -> AbstractContextManager[Span]:
        """Do nothing with it."""
        return self._nothing

    def close(self) -> None:
        """Nothing is left."""


NO_TRACER: Tracer = _NoTracer()
