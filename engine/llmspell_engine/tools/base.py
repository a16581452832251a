"""What a tool is: a name, declared parameters, a declared result, and one method that does the work.

A tool has no state: one instance serves every script, on any thread. What a run may touch comes with
its :class:`ToolContext`. A call whose parameters are wrong raises ``ArgumentError``; a tool that
cannot do what was asked raises :class:`ToolError`. A tool that scripts expect to report failures in
its result (``calculator``, writing files) names those operations in ``soft_failures``.

How a tool works is told by its ``run``:

- ``async def run`` runs on the engine's loop: what waits for the network, a process, a time.
- ``def run`` with ``blocks = True`` runs on a worker thread: what reads files, or computes for long. In
  loops it calls :func:`stop_if_cancelled`, so that a time limit ends the thread too.
- ``def run`` alone is done at once on the thread of who calls: what takes microseconds.

The first two are cut off after ``ToolContext.seconds``, and when whoever waits for them is cancelled.

What a tool touches it asks ``context.permissions`` for (``readable``, ``writable``, ``process``,
``variable``, and ``http_client`` of that module), whose SecurityError passes through to the script.
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from inspect import iscoroutinefunction
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar, cast

from llmspell_engine.api.declare import Waiting
from llmspell_engine.api.output import OutputMetadata
from llmspell_engine.api.tool import Category, Security, ToolFailure, ToolResult
from llmspell_engine.api.validation import validate
from llmspell_engine.catalog.spelling import spelled
from llmspell_engine.language import Language
from llmspell_engine.tools.error import RefusedError, ToolError
from llmspell_engine.tools.parameters import PlainParameters
from llmspell_engine.tools.requirements import Requirement

if TYPE_CHECKING:
    from llmspell_engine.security.permissions import Permissions
    from llmspell_engine.tools.python_modules import OwnTools

__all__ = ["VERSION", "Outcome", "Tool", "ToolContext", "ToolError", "counted", "stop_if_cancelled"]

P = TypeVar("P", bound=PlainParameters)
VERSION = "1.0.0"
"""The version of every tool: they come and change together."""


@dataclass(frozen=True, slots=True, init=False)
class ToolContext:
    """What a run of a tool may touch, and for whom it speaks."""

    root: Path
    """The folder in which files may be read and written; relative paths start here."""
    language: Language
    """The language whose spelling errors use."""
    disabled: frozenset[str]
    """The tools that the run does not find, by their own names."""
    seconds: float | None
    """How long a call may take that is not done at once; any time where None."""
    settings: Mapping[str, Mapping[str, Any]]
    """What is configured for each tool, by its own name."""
    own: OwnTools | None
    """The tools of users that are found beside those of the engine."""
    permissions: Permissions
    """What may be read, written, reached and started."""

    def __init__(  # noqa: PLR0913 - one for each field
        self,
        root: Path | None = None,
        language: Language = "lua",
        *,
        disabled: frozenset[str] = frozenset(),
        seconds: float | None = None,
        settings: Mapping[str, Mapping[str, Any]] | None = None,
        own: OwnTools | None = None,
        permissions: Permissions | None = None,
    ) -> None:
        """The folder is the current one, and what the default profile allows in it, where nothing is said."""
        root = root or Path.cwd()
        if permissions is None:
            from llmspell_engine.security.permissions import Permissions

            permissions = Permissions(root=root)
        keep = object.__setattr__
        keep(self, "root", root)
        keep(self, "language", language)
        keep(self, "disabled", disabled)
        keep(self, "seconds", seconds)
        keep(self, "settings", settings or {})
        keep(self, "own", own)
        keep(self, "permissions", permissions)

    def path(self, given: str, *, follow: bool = True, writes: bool = False) -> Path:
        """The absolute path that a script means, or the link itself without ``follow``.

        Raises RefusedError where it may not be read, or written to with ``writes``.
        """
        from llmspell_engine.security.permissions import SecurityError

        if "\0" in given:
            raise ToolError("a path cannot hold a NUL character", code="invalid_input")
        find = self.permissions.writable if writes else self.permissions.readable
        try:
            return find(given, follow=follow)
        except SecurityError as error:
            raise RefusedError(error) from None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an operation came to."""

    operation: str
    result: Any
    """The payload: a result model, or plain data."""
    text: str
    """The result as text: what a person or a model would want to read."""
    message: str


class Tool(ABC, Generic[P]):
    """A tool. Its description is the first paragraph of its class docstring."""

    name: ClassVar[str]
    category: ClassVar[Category]
    security: ClassVar[Security] = "safe"
    aliases: ClassVar[tuple[str, ...]] = ()
    Parameters: type[P]
    returns: ClassVar[Any]
    """The type of the result's payload: a result model or a union of them."""
    soft_failures: ClassVar[frozenset[str]] = frozenset()
    """Operations whose failure is told in the result and not raised."""
    requires: ClassVar[tuple[Requirement, ...]] = ()
    """What every call needs beside the parameters; a call without it fails and says what to do."""
    blocks: ClassVar[bool] = False
    """Whether a ``run`` that is not async waits or computes, and so has to be on a worker thread."""
    waits: ClassVar[bool] = False
    """Whether a call is not done at once. Follows from ``run`` and ``blocks``."""

    def __init_subclass__(cls) -> None:
        """Look at how the tool works."""
        super().__init_subclass__()
        cls.waits = cls.blocks or iscoroutinefunction(cls.run)

    @property
    def description(self) -> str:
        """What the tool does, in a sentence."""
        paragraph = (type(self).__doc__ or "").partition("\n\n")[0]
        return " ".join(paragraph.split())

    @abstractmethod
    def run(self, parameters: P, context: ToolContext) -> Waiting[Outcome]:
        """Do what the parameters ask. Raises ToolError."""

    def parameters_of(self, given: Mapping[str, Any], context: ToolContext) -> P:
        """What a script passed, checked. Raises ArgumentError."""
        return validate(self.Parameters, given, where=self.name, language=context.language)

    def execute(self, given: Mapping[str, Any], context: ToolContext) -> Waiting[ToolResult]:
        """Check what a script passed and run: what ``waits`` is still to be awaited, on the loop.

        Raises ArgumentError at once, and ToolError.
        """
        parameters = self.parameters_of(given, context)
        begin = time.perf_counter()
        if self.waits:
            return self._finished(parameters, context, begin)
        try:
            self._check_requirements(context)
            with _told_as_tool_errors():
                outcome = cast("Outcome", self.run(parameters, context))
        except ToolError as error:
            return self._failed(parameters.selected, error, begin)
        return _succeeded(outcome, begin)

    async def completed(self, given: Mapping[str, Any], context: ToolContext) -> ToolResult:
        """Run and wait for the result, on the loop, which a tool that is done at once does not hold up."""
        if self.waits:
            return await cast("Awaitable[ToolResult]", self.execute(given, context))
        from anyio import to_thread

        return cast("ToolResult", await to_thread.run_sync(self.execute, given, context))

    async def _finished(self, parameters: P, context: ToolContext, begin: float) -> ToolResult:
        try:
            self._check_requirements(context)
            with _told_as_tool_errors():
                outcome = await self._within(context.seconds, parameters, context)
        except ToolError as error:
            return self._failed(parameters.selected, error, begin)
        return _succeeded(outcome, begin)

    async def _within(self, seconds: float | None, parameters: P, context: ToolContext) -> Outcome:
        """Run for as long as is allowed. A thread that does not look for its end is left behind."""
        from anyio import move_on_after

        with move_on_after(seconds) as scope:
            return await self._run(parameters, context)
        assert scope.cancelled_caught
        option = spelled("timeout_ms", context.language)
        raise ToolError(
            f"it took longer than {seconds:g} s and was stopped; allow more with '{option}' of the call, or "
            "'timeout_seconds' in [tools] of the configuration",
            code="timeout",
        )

    async def _run(self, parameters: P, context: ToolContext) -> Outcome:
        if not self.blocks:
            return await cast("Awaitable[Outcome]", self.run(parameters, context))
        from anyio import to_thread

        outcome = await to_thread.run_sync(self.run, parameters, context, abandon_on_cancel=True)
        return cast("Outcome", outcome)

    def _check_requirements(self, context: ToolContext) -> None:
        for requirement in self.requires:
            requirement.check(context)

    def _failed(self, operation: str, error: ToolError, begin: float) -> ToolResult:
        """A failure told in the result, where the operation does that. Raises ToolError where not."""
        if operation not in self.soft_failures:
            raise error.of_tool(self.name) from error
        failure = ToolFailure(message=str(error), code=error.code, details=error.details)
        return ToolResult(
            success=False,
            operation=operation,
            message=str(error),
            error=failure,
            metadata=_elapsed(operation, begin),
        )


def counted(count: int, noun: str) -> str:
    """A number of things in words: ``1 byte``, ``2 bytes``."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def stop_if_cancelled() -> None:
    """End a tool that ``blocks`` where nobody waits for it any more. Only in its ``run``."""
    from anyio import from_thread

    from_thread.check_cancelled()


@contextmanager
def _told_as_tool_errors() -> Iterator[None]:
    """Turn what can come of any text into a ToolError: it may hold halves of characters, or many levels."""
    try:
        yield
    except RecursionError:
        raise ToolError(
            "what it was given is nested too deeply to be gone through", code="too_large"
        ) from None
    except UnicodeEncodeError as error:
        if not "\ud800" <= error.object[error.start] <= "\udfff":
            raise
        told = f"a text has half of a character, {error.object[error.start]!r}, which cannot be written"
        raise ToolError(told, code="not_encodable") from None


def _succeeded(outcome: Outcome, begin: float) -> ToolResult:
    return ToolResult(
        success=True,
        operation=outcome.operation,
        message=outcome.message,
        result=outcome.result,
        text=outcome.text,
        metadata=_elapsed(outcome.operation, begin),
    )


def _elapsed(operation: str, begin: float) -> OutputMetadata:
    elapsed = round((time.perf_counter() - begin) * 1000)
    return OutputMetadata(execution_time_ms=elapsed, operation=operation)
