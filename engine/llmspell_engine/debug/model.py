"""The debugger's vocabulary: frozen values that cross from the debuggee to its client.

Lines and columns are from 1, columns in code points, as a person counts them. Paths are absolute,
as the operating system spells them. Handles of frames and variables die when the script goes on.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

StepKind = Literal["continue", "next", "step_in", "step_out"]
StopReason = Literal["entry", "breakpoint", "step", "pause", "exception", "debugger_statement"]
ExceptionFilter = Literal["uncaught", "all"]
EvaluateContext = Literal["watch", "hover", "repl", "clipboard", "variables"]
ScopeKind = Literal["locals", "closure", "globals", "arguments"]
OutputCategory = Literal["stdout", "stderr", "console", "important"]


@dataclass(frozen=True, slots=True)
class SourceBreakpoint:
    """A breakpoint as the user set it.

    ``hit_condition`` is a count (``5``) or a comparison (``>= 3``, ``% 2``).
    """

    line: int
    column: int | None = None
    condition: str | None = None
    hit_condition: str | None = None
    log_message: str | None = None
    """Text with ``{expression}`` parts: the breakpoint prints it and does not stop."""


@dataclass(frozen=True, slots=True)
class BreakpointStatus:
    """What became of a breakpoint: where it stands now, or why it cannot."""

    id: int
    verified: bool
    line: int | None = None
    column: int | None = None
    message: str = ""


@dataclass(frozen=True, slots=True)
class ExceptionBreakpoint:
    """An exception filter that is on, with an optional condition on ``error``."""

    filter: ExceptionFilter
    condition: str | None = None


@dataclass(frozen=True, slots=True)
class ScriptThread:
    """A line of execution: the script, or one of several scripts."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class Frame:
    """One call on the stack of a stopped thread, innermost first."""

    id: int
    name: str
    path: str | None
    """None for code with no file (native functions, ``load`` of a string)."""
    line: int
    column: int
    end_line: int | None = None
    end_column: int | None = None
    is_subtle: bool = False
    """Whether a user seldom wants to see it (native and host frames)."""


@dataclass(frozen=True, slots=True)
class Stack:
    """A window of a thread's frames, and how many there are in all."""

    frames: tuple[Frame, ...]
    total: int


@dataclass(frozen=True, slots=True)
class Scope:
    """A group of variables of a frame."""

    name: str
    kind: ScopeKind
    reference: int
    named: int | None = None
    indexed: int | None = None
    expensive: bool = False


@dataclass(frozen=True, slots=True)
class Variable:
    """A name and a value. ``reference`` is 0 where the value has no parts."""

    name: str
    value: str
    type: str
    reference: int = 0
    named: int | None = None
    indexed: int | None = None
    evaluate_name: str | None = None
    """An expression that gives this value in its frame, where there is one."""
    read_only: bool = False
    lazy: bool = False
    """Whether reading it runs code (a getter): the value is fetched when the user asks."""


@dataclass(frozen=True, slots=True)
class ExceptionDetails:
    """An error that stopped the script."""

    id: str
    """Its class or kind, e.g. ``TypeError`` or ``error``."""
    description: str
    uncaught: bool
    stack_trace: str
    inner: tuple[ExceptionDetails, ...] = ()
    """What caused it, outermost cause first."""


@dataclass(frozen=True, slots=True)
class LaunchOptions:
    """What to run and how. Paths are absolute."""

    program: str
    arguments: tuple[str, ...] = ()
    cwd: str | None = None
    environment: dict[str, str | None] = field(default_factory=dict)
    """Added to the inherited environment; None removes a variable."""
    parameters: dict[str, Any] = field(default_factory=dict)
    """Named parameters of the script (``ARGS.name``)."""
    language: Literal["lua", "javascript"] | None = None
    """None: by extension, then by shebang."""
    profile: str | None = None
    config: str | None = None
    """The configuration's file; None looks for one, from the script's folder upward."""
    scripted: str | None = None
    """The file of the answers of the models ``scripted/NAME``."""
    session: str | None = None
    """The session to run in, by id or by name; of a name where none goes on, one is begun."""
    cassette: str | None = None
    """The file of recorded model calls."""
    cassette_mode: Literal["replay", "record", "auto"] = "replay"
    stop_on_entry: bool = False
    debug: bool = True
    """False runs without probes (``noDebug``)."""


# Events, from the debuggee to its client.


@dataclass(frozen=True, slots=True)
class ProcessStarted:
    """The debuggee runs: its process id and the script."""

    process_id: int
    program: str


@dataclass(frozen=True, slots=True)
class Stopped:
    """A thread has stopped and can be inspected; all handles given before are dead."""

    thread_id: int
    reason: StopReason
    text: str = ""
    """The error's message where the reason is an exception."""
    breakpoint_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Continued:
    """A thread runs again without a request of the client having asked for it."""

    thread_id: int


@dataclass(frozen=True, slots=True)
class Output:
    """Something printed, and where in the script that was, if known."""

    category: OutputCategory
    text: str
    path: str | None = None
    line: int | None = None
    column: int | None = None
    reference: int = 0
    """A handle to structured values that were printed, or 0."""


@dataclass(frozen=True, slots=True)
class BreakpointChanged:
    """A breakpoint was verified or moved after it had been answered."""

    status: BreakpointStatus


@dataclass(frozen=True, slots=True)
class ThreadChanged:
    """A thread began or ended."""

    thread: ScriptThread
    started: bool


@dataclass(frozen=True, slots=True)
class SourceLoaded:
    """A file of the script was loaded (the program, ``require``, ``import``)."""

    path: str


@dataclass(frozen=True, slots=True)
class Exited:
    """The debuggee has ended; nothing comes after this. ``code`` is the process's exit code."""

    code: int


Event = (
    ProcessStarted | Stopped | Continued | Output | BreakpointChanged | ThreadChanged
    | SourceLoaded | Exited
)  # fmt: skip


class DebuggeeError(Exception):
    """The debuggee refused a request; the message is a sentence for the user."""
