"""What clients send: the arguments of each request. ``launch`` has its own module."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from llmspell_dap.protocol.base import Value
from llmspell_dap.protocol.types import (
    ExceptionFilterOptions,
    Source,
    SourceBreakpoint,
    StackFrameFormat,
    ValueFormat,
)

Count = Annotated[int, Meta(ge=0)]


class NoArguments(Value, frozen=True):
    """The arguments of a request that has none."""


class InitializeArguments(Value, frozen=True):
    """Who the client is and how it counts."""

    adapter_id: str = msgspec.field(name="adapterID")
    client_id: str | None = msgspec.field(name="clientID", default=None)
    client_name: str | None = None
    lines_start_at1: bool = True
    columns_start_at1: bool = True
    path_format: str | None = None
    supports_variable_type: bool = False


class DisconnectArguments(Value, frozen=True):
    """``terminate_debuggee`` left out means yes, as the adapter started the script itself."""

    restart: bool = False
    terminate_debuggee: bool | None = None


class TerminateArguments(Value, frozen=True):
    """The arguments of ``terminate``."""

    restart: bool = False


class SetBreakpointsArguments(Value, frozen=True):
    """All breakpoints of a file; ``lines`` is the older form."""

    source: Source
    breakpoints: list[SourceBreakpoint] | None = None
    lines: list[int] | None = None


class SetExceptionBreakpointsArguments(Value, frozen=True):
    """The exception filters that are on."""

    filters: list[str]
    filter_options: list[ExceptionFilterOptions] | None = None


class ThreadArguments(Value, frozen=True):
    """The arguments of requests about one thread: ``continue``, ``pause``, ``exceptionInfo``."""

    thread_id: int


class StepArguments(ThreadArguments, frozen=True):
    """The arguments of ``next``, ``stepIn`` and ``stepOut``; every step goes to a statement."""

    granularity: Literal["statement", "line", "instruction"] | None = None


class StackTraceArguments(ThreadArguments, frozen=True):
    """A window of a stack; 0 or no ``levels`` means all frames."""

    start_frame: Count | None = None
    levels: Count | None = None
    format: StackFrameFormat | None = None


class ScopesArguments(Value, frozen=True):
    """The arguments of ``scopes``."""

    frame_id: int


class VariablesArguments(Value, frozen=True):
    """A window of the parts of a scope or value; 0 or no ``count`` means all."""

    variables_reference: int
    filter: Literal["indexed", "named"] | None = None
    start: Count | None = None
    count: Count | None = None
    format: ValueFormat | None = None


class EvaluateArguments(Value, frozen=True):
    """An expression, and the frame in which it is meant."""

    expression: str
    frame_id: int | None = None
    context: str | None = None
    format: ValueFormat | None = None


class SetVariableArguments(Value, frozen=True):
    """The variable ``name`` of a scope or value is to get a new value, written as an expression."""

    variables_reference: int
    name: str
    value: str
    format: ValueFormat | None = None
