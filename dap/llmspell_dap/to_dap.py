"""The door out: the debugger's values, as the client wants to read them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import PurePath
from typing import TYPE_CHECKING

from llmspell_engine.debug.model import (
    BreakpointChanged,
    BreakpointStatus,
    Continued,
    Event,
    ExceptionBreakpoint,
    ExceptionDetails,
    Exited,
    Frame,
    Output,
    ProcessStarted,
    Scope,
    ScriptThread,
    SourceLoaded,
    Stack,
    Stopped,
    StopReason,
    ThreadChanged,
    Variable,
)

from llmspell_dap.protocol import bodies, types

if TYPE_CHECKING:
    from llmspell_dap.client_view import ClientView

INITIALIZED = bodies.InitializedEvent()
TERMINATED = bodies.TerminatedEvent()

_STOPS: dict[StopReason, tuple[str, str]] = {
    "entry": ("entry", "Paused on entry"),
    "breakpoint": ("breakpoint", "Paused on breakpoint"),
    "step": ("step", "Paused after step"),
    "pause": ("pause", "Paused"),
    "exception": ("exception", "Paused on error"),
    "debugger_statement": ("breakpoint", "Paused on debugger statement"),
}
"""For each reason to stop: the protocol's word, and what the client shows."""

_SCOPE_HINTS = {"locals": "locals", "arguments": "arguments"}


def capabilities() -> bodies.Capabilities:
    """What this adapter can do."""
    return bodies.Capabilities(
        exception_breakpoint_filters=[
            types.ExceptionBreakpointsFilter(
                filter="all",
                label="All Errors",
                description="Stop at every error, also at one that the script catches.",
                supports_condition=True,
                condition_description="error matches, e.g. error == 'no such file'",
            ),
            types.ExceptionBreakpointsFilter(
                filter="uncaught",
                label="Uncaught Errors",
                description="Stop at an error that would end the script.",
                default=True,
                supports_condition=True,
                condition_description="error matches, e.g. error == 'no such file'",
            ),
        ]
    )


@lru_cache(maxsize=256)
def source(view: ClientView, path: str) -> types.Source:
    """A file. Remembered: every line that a script prints names its source."""
    return types.Source(name=PurePath(path).name, path=view.path_out(path))


def breakpoint_(view: ClientView, status: BreakpointStatus, path: str | None) -> types.Breakpoint:
    """What became of a breakpoint."""
    line = None if status.line is None else view.line_out(status.line)
    column = (
        None
        if status.line is None or status.column is None
        else view.column_out(path, status.line, status.column)
    )
    return types.Breakpoint(
        id=status.id,
        verified=status.verified,
        message=status.message or None,
        source=None if path is None else source(view, path),
        line=line,
        column=column,
    )


def breakpoints(view: ClientView, path: str, statuses: Sequence[BreakpointStatus]) -> bodies.BreakpointsBody:
    """What became of all breakpoints of a file."""
    return bodies.BreakpointsBody(breakpoints=[breakpoint_(view, status, path) for status in statuses])


def impossible_breakpoints(count: int, message: str) -> bodies.BreakpointsBody:
    """The answer where no breakpoint can work, and why."""
    return bodies.BreakpointsBody(
        breakpoints=[types.Breakpoint(verified=False, message=message) for _ in range(count)]
    )


def exception_breakpoints(
    wanted: Sequence[tuple[str, ExceptionBreakpoint | None]],
) -> bodies.BreakpointsBody:
    """What became of the exception filters; one that does not exist is named."""
    return bodies.BreakpointsBody(
        breakpoints=[
            types.Breakpoint(
                verified=known is not None,
                message=None if known else f"There is no exception filter '{name}'.",
            )
            for name, known in wanted
        ]
    )


def loaded_sources(view: ClientView, paths: Sequence[str]) -> bodies.LoadedSourcesBody:
    """The files that have been loaded."""
    return bodies.LoadedSourcesBody(sources=[source(view, path) for path in paths])


def threads(found: Sequence[ScriptThread]) -> bodies.ThreadsBody:
    """The threads."""
    return bodies.ThreadsBody(threads=[types.Thread(id=thread.id, name=thread.name) for thread in found])


def stack(view: ClientView, found: Stack, *, with_lines: bool) -> bodies.StackTraceBody:
    """A window of a stack; names end with their line where the client asked for that."""
    return bodies.StackTraceBody(
        stack_frames=[_frame(view, frame, with_lines=with_lines) for frame in found.frames],
        total_frames=found.total,
    )


def _frame(view: ClientView, frame: Frame, *, with_lines: bool) -> types.StackFrame:
    hint: types.FrameHint | None = "subtle" if frame.is_subtle else None
    if frame.path is None:
        return types.StackFrame(id=frame.id, name=frame.name, line=0, column=0, presentation_hint=hint)
    line = view.line_out(frame.line)
    end_line = None if frame.end_line is None else view.line_out(frame.end_line)
    return types.StackFrame(
        id=frame.id,
        name=f"{frame.name} Line {line}" if with_lines else frame.name,
        source=source(view, frame.path),
        line=line,
        column=view.column_out(frame.path, frame.line, frame.column),
        end_line=end_line,
        end_column=_end_column(view, frame),
        presentation_hint=hint,
    )


def _end_column(view: ClientView, frame: Frame) -> int | None:
    if frame.end_line is None or frame.end_column is None:
        return None
    return view.column_out(frame.path, frame.end_line, frame.end_column)


def scopes(found: Sequence[Scope]) -> bodies.ScopesBody:
    """The scopes of a frame."""
    return bodies.ScopesBody(
        scopes=[
            types.Scope(
                name=scope.name,
                variables_reference=scope.reference,
                expensive=scope.expensive,
                presentation_hint=_SCOPE_HINTS.get(scope.kind),
                named_variables=scope.named,
                indexed_variables=scope.indexed,
            )
            for scope in found
        ]
    )


def variables(view: ClientView, found: Sequence[Variable]) -> bodies.VariablesBody:
    """The parts of a scope or value."""
    return bodies.VariablesBody(variables=[_variable(view, variable) for variable in found])


def _variable(view: ClientView, variable: Variable) -> types.Variable:
    return types.Variable(
        name=variable.name,
        value=variable.value,
        variables_reference=variable.reference,
        type=variable.type if view.shows_types else None,
        presentation_hint=_hint(variable),
        evaluate_name=variable.evaluate_name,
        named_variables=variable.named,
        indexed_variables=variable.indexed,
    )


def _hint(variable: Variable) -> types.VariablePresentationHint | None:
    if not variable.read_only and not variable.lazy:
        return None
    attributes = ["readOnly"] if variable.read_only else None
    return types.VariablePresentationHint(attributes=attributes, lazy=variable.lazy)


def evaluated(view: ClientView, value: Variable) -> bodies.EvaluateBody:
    """The value of an expression."""
    return bodies.EvaluateBody(
        result=value.value,
        variables_reference=value.reference,
        type=value.type if view.shows_types else None,
        presentation_hint=_hint(value),
        named_variables=value.named,
        indexed_variables=value.indexed,
    )


def assigned(view: ClientView, value: Variable) -> bodies.SetVariableBody:
    """The value that a variable has got."""
    return bodies.SetVariableBody(
        value=value.value,
        variables_reference=value.reference,
        type=value.type if view.shows_types else None,
        named_variables=value.named,
        indexed_variables=value.indexed,
    )


def exception(details: ExceptionDetails) -> bodies.ExceptionInfoBody:
    """The error at which a thread has stopped."""
    return bodies.ExceptionInfoBody(
        exception_id=details.id,
        description=details.description,
        break_mode="unhandled" if details.uncaught else "always",
        details=_details(details),
    )


def _details(details: ExceptionDetails) -> types.ExceptionDetails:
    return types.ExceptionDetails(
        message=details.description,
        type_name=details.id,
        full_type_name=details.id,
        stack_trace=details.stack_trace or None,
        inner_exception=[_details(inner) for inner in details.inner] or None,
    )


def event(view: ClientView, happened: Event, breakpoint_paths: Mapping[int, str]) -> bodies.Event:
    """What happened in the debuggee."""
    match happened:
        case Stopped():
            return _stopped(happened)
        case Output():
            return _output(view, happened)
        case Continued():
            return bodies.ContinuedEvent(thread_id=happened.thread_id, all_threads_continued=True)
        case BreakpointChanged(status):
            path = breakpoint_paths.get(status.id)
            return bodies.BreakpointEvent(reason="changed", breakpoint=breakpoint_(view, status, path))
        case ThreadChanged(thread, started):
            return bodies.ThreadEvent(reason="started" if started else "exited", thread_id=thread.id)
        case SourceLoaded(path):
            return bodies.LoadedSourceEvent(reason="new", source=source(view, path))
        case ProcessStarted(process_id, program):
            return bodies.ProcessEvent(
                name=program, system_process_id=process_id, is_local_process=True, start_method="launch"
            )
        case Exited(code):
            return bodies.ExitedEvent(exit_code=code)


def _stopped(happened: Stopped) -> bodies.StoppedEvent:
    reason, description = _STOPS[happened.reason]
    return bodies.StoppedEvent(
        reason=reason,
        description=description,
        text=happened.text or None,
        thread_id=happened.thread_id,
        all_threads_stopped=True,
        hit_breakpoint_ids=list(happened.breakpoint_ids) or None,
    )


def _output(view: ClientView, happened: Output) -> bodies.OutputEvent:
    reference = happened.reference or None
    if happened.path is None or happened.line is None:
        return bodies.OutputEvent(
            category=happened.category, output=happened.text, variables_reference=reference
        )
    column = happened.column
    return bodies.OutputEvent(
        category=happened.category,
        output=happened.text,
        source=source(view, happened.path),
        line=view.line_out(happened.line),
        column=None if column is None else view.column_out(happened.path, happened.line, column),
        variables_reference=reference,
    )
