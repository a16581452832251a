"""The values that requests, responses and events are made of."""

from __future__ import annotations

from typing import Literal

from llmspell_dap.protocol.base import Value

FrameHint = Literal["normal", "label", "subtle"]


class Source(Value, frozen=True):
    """A file; ``path`` is a path or a URI, as the client asked in ``initialize``."""

    name: str | None = None
    path: str | None = None
    source_reference: int | None = None


class SourceBreakpoint(Value, frozen=True):
    """A breakpoint as the client wants it."""

    line: int
    column: int | None = None
    condition: str | None = None
    hit_condition: str | None = None
    log_message: str | None = None


class Breakpoint(Value, frozen=True):
    """What became of a breakpoint."""

    verified: bool
    id: int | None = None
    message: str | None = None
    source: Source | None = None
    line: int | None = None
    column: int | None = None
    reason: Literal["pending", "failed"] | None = None


class ExceptionFilterOptions(Value, frozen=True):
    """An exception filter that is on, with a condition."""

    filter_id: str
    condition: str | None = None


class ExceptionBreakpointsFilter(Value, frozen=True):
    """An exception filter the adapter offers."""

    filter: str
    label: str
    description: str | None = None
    default: bool = False
    supports_condition: bool = False
    condition_description: str | None = None


class ValueFormat(Value, frozen=True):
    """How values are to be shown."""

    hex: bool = False


class StackFrameFormat(Value, frozen=True):
    """How frames are to be named. What a frame here does not know (parameters, module) is passed over."""

    line: bool = False


class Thread(Value, frozen=True):
    """A line of execution."""

    id: int
    name: str


class StackFrame(Value, frozen=True):
    """A call on a stack; one without a source stands at line 0."""

    id: int
    name: str
    line: int
    column: int
    source: Source | None = None
    end_line: int | None = None
    end_column: int | None = None
    presentation_hint: FrameHint | None = None


class Scope(Value, frozen=True):
    """A group of variables."""

    name: str
    variables_reference: int
    expensive: bool
    presentation_hint: str | None = None
    named_variables: int | None = None
    indexed_variables: int | None = None


class VariablePresentationHint(Value, frozen=True):
    """How a variable is to be drawn."""

    attributes: list[str] | None = None
    lazy: bool = False


class Variable(Value, frozen=True):
    """A name and a value; ``variables_reference`` leads to its parts, 0 where it has none."""

    name: str
    value: str
    variables_reference: int
    type: str | None = None
    presentation_hint: VariablePresentationHint | None = None
    evaluate_name: str | None = None
    named_variables: int | None = None
    indexed_variables: int | None = None


class ExceptionDetails(Value, frozen=True):
    """An error and what caused it."""

    message: str | None = None
    type_name: str | None = None
    full_type_name: str | None = None
    stack_trace: str | None = None
    inner_exception: list[ExceptionDetails] | None = None
