"""The door in: what a client sent, as the debugger's own values."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast, get_args

from llmspell_engine.debug.model import (
    EvaluateContext,
    ExceptionBreakpoint,
    ExceptionFilter,
    LaunchOptions,
    SourceBreakpoint,
)

from llmspell_dap.errors import Problem, RequestError

if TYPE_CHECKING:
    from llmspell_dap.client_view import ClientView
    from llmspell_dap.protocol import types
    from llmspell_dap.protocol.arguments import (
        EvaluateArguments,
        SetBreakpointsArguments,
        SetExceptionBreakpointsArguments,
        StackTraceArguments,
        VariablesArguments,
    )
    from llmspell_dap.protocol.launch import LaunchArguments


def launch_options(arguments: LaunchArguments) -> LaunchOptions:
    """What to run. Raises RequestError for what this adapter cannot do."""
    if arguments.console != "internalConsole":
        raise RequestError(Problem.CONSOLE, console=arguments.console)
    cwd = Path(arguments.cwd or ".").absolute()
    return LaunchOptions(
        program=str(cwd / arguments.program),
        arguments=tuple(arguments.args or ()),
        cwd=str(cwd),
        environment=arguments.env or {},
        parameters=arguments.params or {},
        language=None if arguments.language == "auto" else arguments.language,
        profile=arguments.profile,
        config=str(cwd / arguments.config) if arguments.config else None,
        scripted=str(cwd / arguments.scripted) if arguments.scripted else None,
        session=arguments.session or None,
        cassette=str(cwd / arguments.cassette.path) if arguments.cassette else None,
        cassette_mode=arguments.cassette.mode if arguments.cassette else "replay",
        stop_on_entry=arguments.stop_on_entry,
        debug=not arguments.no_debug,
    )


def source_path(view: ClientView, source: types.Source) -> str:
    """The path of a source."""
    if not source.path:
        raise RequestError(Problem.NO_PATH)
    return view.path_in(source.path)


def breakpoints(
    view: ClientView, path: str, arguments: SetBreakpointsArguments
) -> tuple[SourceBreakpoint, ...]:
    """The breakpoints of a file; the older ``lines`` count where there are no ``breakpoints``."""
    if arguments.breakpoints is None:
        return tuple(SourceBreakpoint(line=view.line_in(line)) for line in arguments.lines or ())
    return tuple(_breakpoint(view, path, wanted) for wanted in arguments.breakpoints)


def _breakpoint(view: ClientView, path: str, wanted: types.SourceBreakpoint) -> SourceBreakpoint:
    line = view.line_in(wanted.line)
    return SourceBreakpoint(
        line=line,
        column=None if wanted.column is None else view.column_in(path, line, wanted.column),
        condition=_said(wanted.condition),
        hit_condition=_said(wanted.hit_condition),
        log_message=_said(wanted.log_message),
    )


def _said(text: str | None) -> str | None:
    """Clients send an empty text for a condition that was deleted."""
    return text if text and text.strip() else None


def exception_breakpoints(
    arguments: SetExceptionBreakpointsArguments,
) -> tuple[tuple[str, ExceptionBreakpoint | None], ...]:
    """The filters in the order in which they are answered, by name; None for one that does not exist."""
    wanted: list[tuple[str, str | None]] = [(name, None) for name in arguments.filters]
    wanted += [(option.filter_id, _said(option.condition)) for option in arguments.filter_options or ()]
    return tuple((name, _exception_breakpoint(name, condition)) for name, condition in wanted)


def _exception_breakpoint(name: str, condition: str | None) -> ExceptionBreakpoint | None:
    if name not in get_args(ExceptionFilter):
        return None
    return ExceptionBreakpoint(cast("ExceptionFilter", name), condition)


@dataclass(frozen=True, slots=True)
class Window:
    """A part of a list: from ``start`` on, at most ``count``; None means to the end."""

    start: int
    count: int | None


def stack_window(arguments: StackTraceArguments) -> Window:
    """The frames that are wanted."""
    return Window(arguments.start_frame or 0, arguments.levels or None)


def variables_window(arguments: VariablesArguments) -> Window:
    """The variables that are wanted."""
    return Window(arguments.start or 0, arguments.count or None)


def wants_hex(format_: types.ValueFormat | None) -> bool:
    """Whether numbers are wanted in hexadecimal."""
    return format_ is not None and format_.hex


def evaluate_context(arguments: EvaluateArguments) -> EvaluateContext:
    """What an expression is for. A purpose that the debugger does not know is served as a watch."""
    if arguments.context in get_args(EvaluateContext):
        return cast("EvaluateContext", arguments.context)
    return "watch"
