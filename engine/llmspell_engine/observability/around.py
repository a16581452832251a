"""What surrounds the work at hand: the spans it is in, its correlation id and session, where its run logs.

It is in one context variable. Tasks of the loop inherit it; the loop takes it along from the thread that
begins an operation, and the scheduler brings it to the script's thread with each thing that happens there
(an operation that has ended, a function that is to be called). So what a function of a script begins belongs
to the tool that called it, whichever thread does the work.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from llmspell_engine.observability.log import RunLog
    from llmspell_engine.observability.spans import SpanTracer


@dataclass(frozen=True, slots=True)
class Place:
    """The span that work is in, by OpenTelemetry's ids in hexadecimal digits."""

    trace: str
    span: str


@dataclass(slots=True)
class CurrentSession:
    """The session that a run is in at the moment. Any thread may look."""

    id: str | None = None


@dataclass(frozen=True, slots=True)
class Around:
    """What work is in the middle of.

    Attributes:
        spans: the innermost open span of each tracer.
        place: the innermost span; where several tracers make spans, that of the last.
        correlation_id: what the script said that its work belongs to.
        session: the session that its run is in; the same object for all that a run has going on.
        log: where the run logs; None outside of runs.
    """

    spans: Mapping[SpanTracer[Any], Any] = field(default_factory=dict)
    place: Place | None = None
    correlation_id: str | None = None
    log: RunLog | None = None
    session: CurrentSession | None = None

    @property
    def session_id(self) -> str | None:
        """The session that it belongs to."""
        return self.session.id if self.session else None


AROUND: ContextVar[Around] = ContextVar("around", default=Around())  # noqa: B039 - it is frozen


def correlate(correlation_id: str | None) -> None:
    """Let all that follows from the work at hand carry an id; None for none."""
    AROUND.set(replace(AROUND.get(), correlation_id=correlation_id))
