"""What the adapter sends: the bodies of responses and events."""

from __future__ import annotations

from typing import ClassVar, Literal

import msgspec

from llmspell_dap.protocol.base import Value
from llmspell_dap.protocol.types import (
    Breakpoint,
    ExceptionBreakpointsFilter,
    ExceptionDetails,
    Scope,
    Source,
    StackFrame,
    Thread,
    Variable,
    VariablePresentationHint,
)


class Capabilities(Value, frozen=True, omit_defaults=False):
    """What the adapter can do. Only what is true stands here: each is shown to work by a test."""

    exception_breakpoint_filters: list[ExceptionBreakpointsFilter]
    supports_configuration_done_request: bool = True
    supports_conditional_breakpoints: bool = True
    supports_hit_conditional_breakpoints: bool = True
    supports_log_points: bool = True
    supports_evaluate_for_hovers: bool = True
    supports_clipboard_context: bool = True
    supports_set_variable: bool = True
    supports_value_formatting_options: bool = True
    supports_exception_info_request: bool = True
    supports_exception_filter_options: bool = True
    supports_delayed_stack_trace_loading: bool = True
    supports_loaded_sources_request: bool = True
    supports_terminate_request: bool = True
    support_terminate_debuggee: bool = True
    supports_ansi_styling: bool = msgspec.field(name="supportsANSIStyling", default=True)


class BreakpointsBody(Value, frozen=True):
    """The response to ``setBreakpoints`` and ``setExceptionBreakpoints``."""

    breakpoints: list[Breakpoint]


class ContinueBody(Value, frozen=True):
    """The response to ``continue``."""

    all_threads_continued: bool


class ThreadsBody(Value, frozen=True):
    """The response to ``threads``."""

    threads: list[Thread]


class StackTraceBody(Value, frozen=True):
    """The response to ``stackTrace``."""

    stack_frames: list[StackFrame]
    total_frames: int


class ScopesBody(Value, frozen=True):
    """The response to ``scopes``."""

    scopes: list[Scope]


class VariablesBody(Value, frozen=True):
    """The response to ``variables``."""

    variables: list[Variable]


class EvaluateBody(Value, frozen=True):
    """The response to ``evaluate``."""

    result: str
    variables_reference: int
    type: str | None = None
    presentation_hint: VariablePresentationHint | None = None
    named_variables: int | None = None
    indexed_variables: int | None = None


class SetVariableBody(Value, frozen=True):
    """The response to ``setVariable``."""

    value: str
    variables_reference: int
    type: str | None = None
    named_variables: int | None = None
    indexed_variables: int | None = None


class ExceptionInfoBody(Value, frozen=True):
    """The response to ``exceptionInfo``."""

    exception_id: str
    break_mode: Literal["never", "always", "unhandled", "userUnhandled"]
    description: str | None = None
    details: ExceptionDetails | None = None


class LoadedSourcesBody(Value, frozen=True):
    """The response to ``loadedSources``."""

    sources: list[Source]


class Event(Value, frozen=True):
    """The body of an event; its class knows the event's name."""

    event: ClassVar[str]


class InitializedEvent(Event, frozen=True):
    """The client may send breakpoints now."""

    event = "initialized"


class ProcessEvent(Event, frozen=True):
    """The debuggee's process."""

    event = "process"
    name: str
    system_process_id: int
    is_local_process: bool
    start_method: Literal["launch"]


class StoppedEvent(Event, frozen=True):
    """A thread has stopped."""

    event = "stopped"
    reason: str
    thread_id: int
    all_threads_stopped: bool
    description: str | None = None
    text: str | None = None
    hit_breakpoint_ids: list[int] | None = None


class ContinuedEvent(Event, frozen=True):
    """A thread goes on, though no request asked for it."""

    event = "continued"
    thread_id: int
    all_threads_continued: bool


class OutputEvent(Event, frozen=True):
    """Something was printed."""

    event = "output"
    category: str
    output: str
    source: Source | None = None
    line: int | None = None
    column: int | None = None
    variables_reference: int | None = None


class BreakpointEvent(Event, frozen=True):
    """A breakpoint is not what it was."""

    event = "breakpoint"
    reason: Literal["changed", "new", "removed"]
    breakpoint: Breakpoint


class ThreadEvent(Event, frozen=True):
    """A thread began or ended."""

    event = "thread"
    reason: Literal["started", "exited"]
    thread_id: int


class LoadedSourceEvent(Event, frozen=True):
    """A file was loaded."""

    event = "loadedSource"
    reason: Literal["new", "changed", "removed"]
    source: Source


class ExitedEvent(Event, frozen=True):
    """The debuggee has ended."""

    event = "exited"
    exit_code: int


class TerminatedEvent(Event, frozen=True):
    """Debugging is over; sent once."""

    event = "terminated"
