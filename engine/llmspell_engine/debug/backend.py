"""What the debugger's core needs of one language.

The core (``core.py``) knows breakpoints, steps and requests; a backend knows how statements of its
language report themselves, how a stack is read, and how values are shown and changed. Backends are
made by ``lua.py`` and ``javascript.py``; the docstrings here hold for both.

A backend is also the :class:`~llmspell_engine.runtime.base.Observer` that the host gives to the
runtime: ``transform`` probes a source and tells the core, ``raised`` asks the core whether to stop.
It is constructed with the core alone: ``LuaBackend(core)``, ``JavaScriptBackend(core)``.

Threads: the script runs on one thread, on which a statement that is armed calls
:meth:`Core.reached` and stays there for as long as the script is stopped. All methods of a backend
are called on that thread while it is stopped, except those said to be callable from any thread.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Protocol

from llmspell_engine.debug.model import EvaluateContext, ExceptionDetails, ExceptionFilter, ScopeKind

if TYPE_CHECKING:
    from llmspell_engine.language import Language
    from llmspell_engine.runtime.base import ScriptRuntime


@dataclass(frozen=True, slots=True)
class Probe:
    """A statement that can report itself: where it begins and ends (from 1, columns in code points)."""

    id: int
    """Unique within the process, so that a probe names its file too."""
    line: int
    column: int
    end_line: int
    end_column: int
    function: int
    """A number of the function it belongs to, unique within its file: breakpoints never slide out."""


@dataclass(frozen=True, slots=True)
class ProbedFunction:
    """The lines of a function, from 1, end included. Number 0 is the source itself, on all its lines."""

    number: int
    line: int
    end_line: int


@dataclass(frozen=True, slots=True)
class ProbedSource:
    """A source with probes: the text to compile, line for line as the original, and its probes in order."""

    path: str
    original: str
    text: str
    probes: tuple[Probe, ...]
    functions: tuple[ProbedFunction, ...] = ()
    """The functions with statements of their own, outer before inner."""


@dataclass(frozen=True, slots=True)
class BackendFrame:
    """A frame as the backend sees it; ``token`` is whatever it needs to find the frame again in this stop."""

    token: Any
    name: str
    path: str | None
    line: int
    column: int
    end_line: int | None = None
    end_column: int | None = None
    is_subtle: bool = False


@dataclass(frozen=True, slots=True)
class BackendValue:
    """A value shown: ``token`` leads to its parts, None where it has none."""

    name: str
    value: str
    type: str
    token: Any = None
    named: int | None = None
    indexed: int | None = None
    evaluate_name: str | None = None
    read_only: bool = False
    lazy: bool = False


@dataclass(frozen=True, slots=True)
class BackendScope:
    """A scope of a frame; ``token`` leads to its variables."""

    name: str
    kind: ScopeKind
    token: Any
    named: int | None = None
    indexed: int | None = None
    expensive: bool = False


class Core(Protocol):
    """What a backend calls in the debugger's core, on the script's thread."""

    def reached(self, probe_id: int, *, halts: bool = False) -> None:
        """An armed statement is about to run. Returns when the script may go on.

        ``halts``: the statement itself asks to stop (``debugger``).
        """

    def raised(self, error: Any, *, uncaught: bool) -> None:
        """An error was raised, its frames still on the stack. Returns when the script may go on."""

    def loaded(self, source: ProbedSource) -> None:
        """A source is about to be compiled; the core arms its breakpoints when the backend calls it."""

    def wants_raised(self, *, uncaught: bool) -> bool:
        """Whether a filter is on that such an error could meet; False spares the cost of looking."""


class Backend(ABC):
    """One language under the debugger."""

    language: ClassVar[Language]

    @abstractmethod
    def transform(self, path: str, text: str) -> str:
        """As an Observer: probe a source, tell the core with :meth:`Core.loaded`, give the probed text."""

    @abstractmethod
    def compiled(self, path: str, function: Any) -> None:
        """As an Observer: a source was compiled and has not run. Called in Lua only."""

    @abstractmethod
    def attached(self, runtime: ScriptRuntime) -> None:
        """As an Observer: the interpreter exists; install what statements call when they report."""

    @abstractmethod
    def raised(self, error: Any, *, uncaught: bool) -> None:
        """As an Observer: hand an error to :meth:`Core.raised` if the core wants to know."""

    @abstractmethod
    def probe(self, path: str, text: str) -> ProbedSource:
        """Put probes in front of the statements of a source. Never adds or removes a line.

        A source with a syntax error comes back unchanged, without probes: the compiler reports it.
        """

    @abstractmethod
    def arm(self, probe_ids: Collection[int]) -> None:
        """Let exactly these statements report themselves.

        Callable from any thread, also while a loop runs.
        """

    @abstractmethod
    def arm_all(self) -> None:
        """Let every statement report itself (stepping, pause).

        Callable from any thread, also while a loop runs.
        """

    def guard(self, conditions: Mapping[int, Sequence[str]]) -> None:  # noqa: B027
        """Statements that need not report themselves unless one of their conditions holds or fails.

        A hint that may be ignored, and replaces the one before. Callable from any thread.
        """

    @abstractmethod
    def depth(self) -> tuple[Any, int]:
        """The line of execution (a coroutine's identity, or None) and the number of script frames on it.

        Cheap: the core asks at every statement while it steps.
        """

    def watch_errors(self, filters: Collection[ExceptionFilter]) -> None:  # noqa: B027
        """The exception filters that are on. Callable from any thread, also while a loop runs.

        Nothing to do for a backend that asks :meth:`Core.wants_raised` at each error.
        """

    def error_condition(self, expression: str, error: Any) -> bool:
        """Whether a filter's condition holds for an error, which it knows as ``error``.

        Raises EvaluationError.
        """
        raise EvaluationError("conditions on errors do not work in this language")

    def waiting(self) -> tuple[Any, ...]:
        """The lines of execution that wait for the current one (resumers), innermost first."""
        return ()

    def is_alive(self, line: Any) -> bool:
        """Whether a line of execution can still reach a statement."""
        return True

    @abstractmethod
    def stack(self) -> Sequence[BackendFrame]:
        """The frames of the stopped script, innermost first, the debugger's own left out."""

    @abstractmethod
    def scopes(self, frame: Any) -> Sequence[BackendScope]:
        """Locals, closure and globals of a frame, given its token."""

    @abstractmethod
    def children(
        self,
        token: Any,
        kind: Literal["named", "indexed"] | None,
        start: int,
        count: int | None,
        *,
        hex_numbers: bool,
    ) -> Sequence[BackendValue]:
        """The variables of a scope or the parts of a value. Runs no script code (metamethods, getters)."""

    @abstractmethod
    def evaluate(
        self, expression: str, frame: Any | None, context: EvaluateContext, *, hex_numbers: bool
    ) -> BackendValue:
        """The value of an expression, or of statements in the ``repl`` context.

        ``hover`` must not change anything: calls and assignments are refused. Raises
        EvaluationError with the script's own message.
        """

    @abstractmethod
    def set_child(self, token: Any, name: str, expression: str, frame: Any | None) -> BackendValue:
        """Assign a variable of a scope or a part of a value. Raises EvaluationError."""

    @abstractmethod
    def condition(self, expression: str) -> bool:
        """Whether a breakpoint's condition holds at the statement just reached.

        Compiled once per place and expression: a false one is to cost about a microsecond.
        Raises EvaluationError.
        """

    @abstractmethod
    def check(self, expression: str) -> str | None:
        """Why an expression cannot be compiled, or None where it can. Callable from any thread."""

    @abstractmethod
    def describe_error(self, error: Any, *, uncaught: bool) -> ExceptionDetails:
        """An error handed to :meth:`Core.raised`, for the user."""

    @abstractmethod
    def terminate(self) -> None:
        """End the script although it may catch every error. Callable from any thread."""


class EvaluationError(Exception):
    """An expression failed; the message is the script language's own."""


EVALUATION_LIMIT = 5.0
"""Seconds that an expression of the user may take."""


def took_too_long(seconds: float) -> str:
    """Why an expression was ended."""
    return f"it took longer than {seconds:.0f} s and was ended"
