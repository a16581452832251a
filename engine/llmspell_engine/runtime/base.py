"""The contract of a script runtime: what the engine asks of Lua and of JavaScript alike.

A runtime owns one interpreter, used on one thread: the thread that called :meth:`ScriptRuntime.run`.
Only :meth:`ScriptRuntime.interrupt` may be called from another one.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

if TYPE_CHECKING:
    from pathlib import Path

    from llmspell_engine.language import Language
    from llmspell_engine.runtime.session import ScriptSession
    from llmspell_engine.scheduling import Scheduler
    from llmspell_engine.security.permissions import Permissions


MEGABYTE = 1024 * 1024
_NO_FIELDS: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class ScriptFrame:
    """A call on a script's stack: where it stands, from 1, columns in code points (None: unknown)."""

    path: str
    line: int
    column: int | None
    function: str


class ScriptError(Exception):
    """A script failed. ``str()`` is the script's message, without its position.

    Attributes:
        kind: the error's class or kind (``TypeError``, ``error``, ``SyntaxError``).
        frames: script frames, innermost first; empty where none is known.
        cause: the error that led to it, from the script's or the host's side.
        fields: what else it says of itself, such as its code, under the names of ``ERROR_FIELDS``.
        besides: errors of promises that nobody had looked at when the script ended, oldest first.
    """

    besides: Sequence[ScriptError] = ()

    def __init__(
        self,
        message: str,
        *,
        kind: str = "error",
        frames: Sequence[ScriptFrame] = (),
        cause: BaseException | None = None,
        fields: Mapping[str, Any] = _NO_FIELDS,
    ) -> None:
        super().__init__(message)
        self.kind = kind
        self.fields = fields
        self.frames = tuple(frames)
        self.cause = cause


class ScriptExit(BaseException):
    """The script called ``os.exit`` or ``process.exit``; carries the exit code."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


class Interrupted(BaseException):
    """The script was ended from outside."""


@dataclass(slots=True)
class Streams:
    """Where a script's output goes and its input comes from.

    ``out`` and ``err`` take text as it was printed, line ends included. While they are called,
    :meth:`ScriptRuntime.here` tells which statement printed.
    """

    out: Callable[[str], None]
    err: Callable[[str], None]
    read_line: Callable[[], str | None] = field(default=lambda: None)


class Observer(Protocol):
    """A debugger watching a runtime. All calls come on the script's thread."""

    def transform(self, path: str, text: str) -> str:
        """The text to compile in place of a source's; called for the program, modules and ``load``."""

    def compiled(self, path: str, function: Any) -> None:
        """A source's main function was compiled and has not run yet; Lua only, which runs it by hand.

        ``function`` is the interpreter's own function object.
        """

    def attached(self, runtime: ScriptRuntime) -> None:
        """The interpreter exists and its globals are in place; no script code has run."""

    def raised(self, error: Any, *, uncaught: bool) -> None:
        """An error was raised; the interpreter's stack still stands. ``error`` is the language's value."""


class ScriptRuntime(ABC):
    """One interpreter with the script API in it."""

    language: ClassVar[Language]
    scheduler: Scheduler
    """What the script has going on the engine's loop."""
    streams: Streams
    """Where its output goes, counted where there is a limit to it."""

    @abstractmethod
    def run(self, path: str, text: str) -> None:
        """Run a program to its end.

        Raises ScriptError when it fails, ScriptExit when it asks to end, Interrupted when it was ended.
        """

    @abstractmethod
    def evaluate(self, text: str) -> Any:
        """The value of an expression or the last statement, as a bridged Python value. Raises as ``run``."""

    @abstractmethod
    def session(self, name: str) -> ScriptSession:
        """A program that is entered piece by piece, in place of one that :meth:`run` runs; one a runtime."""

    @abstractmethod
    def install(self, names: Mapping[str, Any]) -> None:
        """Define global variables: host objects, functions and plain values of the bridge."""

    @abstractmethod
    def check(self) -> None:
        """Raise Interrupted when the script is to end: for host calls that wait. On the script's thread."""

    @abstractmethod
    def here(self) -> ScriptFrame | None:
        """The innermost script frame, while the script is in a host call."""

    @abstractmethod
    def interrupt(self) -> None:
        """End the script although it may catch every error. Callable from any thread."""

    @abstractmethod
    def recover(self) -> None:
        """Let code run again that was ended. What was under way then stays ended."""

    @abstractmethod
    def close(self) -> None:
        """Let the script say its last words, and free the interpreter. Nothing may be called after it."""


def _default_permissions() -> Permissions:
    from llmspell_engine.security.permissions import Permissions

    return Permissions()


@dataclass(frozen=True, slots=True)
class RunContext:
    """What a script is given besides its text."""

    streams: Streams
    arguments: tuple[str, ...] = ()
    parameters: Mapping[str, Any] = field(default_factory=dict)
    observer: Observer | None = None
    module_folders: tuple[Path, ...] = ()
    """Where modules are looked for after the folders of the asking file and of the program."""
    permissions: Permissions = field(default_factory=_default_permissions)
    """What it may touch and use."""
    abandon: Callable[[ScriptError], None] | None = None
    """Ends the process of a script that has used up its time and does not end. Called on another thread."""
