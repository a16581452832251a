"""What all tracers that make spans have in common: which span a span is in, and how it ends."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar

from llmspell_engine.observability.around import AROUND, Place
from llmspell_engine.observability.content import CONTENT
from llmspell_engine.observability.secrets import Scrubber

if TYPE_CHECKING:
    from llmspell_engine.observability.records import LogRecord
    from llmspell_engine.observability.tracing import Span, SpanKind

S = TypeVar("S", bound="Span")
Status = Literal["ok", "error", "cancelled"]
ERROR_TYPE = "error.type"
"""The attribute with the kind of error that a span ended with, raised or not."""


@dataclass(frozen=True, slots=True)
class Spans:
    """Several spans as one."""

    spans: Sequence[Span]

    def set(self, **attributes: Any) -> None:
        """See Span."""
        for span in self.spans:
            span.set(**attributes)


@contextmanager
def span_here(kind: SpanKind, name: str, **attributes: Any) -> Iterator[Span]:
    """A span inside the one that the work at hand is in, by the tracers that made that; else none."""
    with ExitStack() as stack:
        tracers = tuple(AROUND.get().spans)
        yield Spans([stack.enter_context(each.span(kind, name, **attributes)) for each in tracers])


class SpanTracer(ABC, Generic[S]):
    """Makes spans, each a child of the one that the work at hand is in. Safe to use from any thread.

    Attributes:
        content: whether prompts and answers are recorded, with their secrets masked.
    """

    def __init__(self, secrets: Iterable[str] = (), *, content: bool = False) -> None:
        self.content = content
        self.scrubber = Scrubber(secrets)

    @contextmanager
    def span(self, kind: SpanKind, name: str, **attributes: Any) -> Iterator[S]:
        """See Tracer."""
        around = AROUND.get()
        if around.correlation_id is not None:
            attributes["llmspell.correlation_id"] = around.correlation_id
        if around.session_id is not None:
            attributes["session.id"] = around.session_id
        span = self.begin(kind, self.scrubber.scrub(name), self.kept(attributes), around.spans.get(self))
        inside = replace(around, spans={**around.spans, self: span}, place=self.place(span))
        token = AROUND.set(inside)
        status: Status = "ok"
        problem: BaseException | None = None
        try:
            yield span
        except GeneratorExit:
            # Who reads a stream may stop when it has enough.
            raise
        except BaseException as error:
            status, problem = _status(error), error
            raise
        finally:
            # A generator may be closed in another context than it was begun in.
            with suppress(ValueError):
                AROUND.reset(token)
            self.end(span, status, problem)

    def kept(self, attributes: Mapping[str, Any]) -> dict[str, Any]:
        """The attributes that may be recorded, with their secrets masked."""
        return {
            name: self.scrubber.scrub(value)
            for name, value in attributes.items()
            if self.content or name not in CONTENT
        }

    @abstractmethod
    def begin(self, kind: SpanKind, name: str, attributes: Mapping[str, Any], outer: S | None) -> S:
        """A span that begins now."""

    @abstractmethod
    def end(self, span: S, status: Status, error: BaseException | None) -> None:
        """Record a span that ends now."""

    @abstractmethod
    def place(self, span: S) -> Place | None:
        """The ids of a span; None where it has none."""

    def log(self, record: LogRecord) -> None:
        """Take a line that was logged inside a span."""

    @abstractmethod
    def close(self) -> None:
        """See Tracer."""


def _status(left: BaseException) -> Status:
    """How work ended that an error left. Leaving the program is a failure where its code says so."""
    if isinstance(left, Exception):
        return "error"
    if not hasattr(left, "code"):
        return "cancelled"
    return "error" if left.code else "ok"
