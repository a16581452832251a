"""What a tool is: a name, declared parameters, a declared result, and one method that does the work.

A tool has no state: one instance serves every script, on any thread. What a run may touch comes with
its :class:`ToolContext`. A call whose parameters are wrong raises ``ArgumentError``; a tool that
cannot do what was asked raises :class:`ToolError`. A tool that scripts expect to report failures in
its result (``calculator``, writing files) names those operations in ``soft_failures``.
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Generic, TypeVar

from llmspell_engine.api.declare import Result
from llmspell_engine.api.output import OutputMetadata
from llmspell_engine.api.tool import Category, Security, ToolFailure, ToolResult
from llmspell_engine.api.validation import validate
from llmspell_engine.language import Language
from llmspell_engine.tools.parameters import ToolParameters

P = TypeVar("P", bound=ToolParameters)
VERSION = "1.0.0"
"""The version of every tool: they come and change together."""


class ToolError(Exception):
    """A tool could not do what was asked. ``str()`` is the sentence to show.

    Attributes:
        code: a word for the kind of failure (``not_found``, ``invalid_input``).
        details: what else is known, as plain data.
    """

    def __init__(self, message: str, *, code: str = "failed", details: Any = None) -> None:
        super().__init__(message)
        self.code = code
        self.details = details


@dataclass(frozen=True, slots=True)
class ToolContext:
    """What a run of a tool may touch, and for whom it speaks."""

    root: Path = field(default_factory=Path.cwd)
    """The folder in which files may be read and written; relative paths start here."""
    language: Language = "lua"
    """The language whose spelling errors use."""
    disabled: frozenset[str] = frozenset()
    """The tools that the run does not find, by their own names."""

    def path(self, given: str, *, follow: bool = True) -> Path:
        """The absolute path that a script means, or the link itself without ``follow``.

        Raises ToolError when it leaves the root, be it by a link.
        """
        root = self.root.resolve()
        if "\0" in given:
            raise ToolError("a path cannot hold a NUL character", code="invalid_input")
        found = root / given
        is_name = found.name not in ("", "..")
        found = found.resolve() if follow or not is_name else found.parent.resolve() / found.name
        if not found.is_relative_to(root):
            raise ToolError(
                f"'{given}' is outside of '{root}', the only folder that tools may touch", code="forbidden"
            )
        return found


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an operation came to."""

    operation: str
    result: Result | None
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

    @property
    def description(self) -> str:
        """What the tool does, in a sentence."""
        paragraph = (type(self).__doc__ or "").partition("\n\n")[0]
        return " ".join(paragraph.split())

    @abstractmethod
    def run(self, parameters: P, context: ToolContext) -> Outcome:
        """Do what the parameters ask. Raises ToolError."""

    def execute(self, given: Mapping[str, Any], context: ToolContext) -> ToolResult:
        """Check what a script passed and run. Raises ArgumentError and ToolError."""
        parameters = validate(self.Parameters, given, where=self.name, language=context.language)
        begin = time.perf_counter()
        try:
            outcome = self.run(parameters, context)
        except ToolError as error:
            operation = parameters.selected
            if operation not in self.soft_failures:
                raise ToolError(f"{self.name}: {error}", code=error.code, details=error.details) from error
            return _failed(operation, error, _elapsed(operation, begin))
        return ToolResult(
            success=True,
            operation=outcome.operation,
            message=outcome.message,
            result=outcome.result,
            text=outcome.text,
            metadata=_elapsed(outcome.operation, begin),
        )


def counted(count: int, noun: str) -> str:
    """A number of things in words: ``1 byte``, ``2 bytes``."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _failed(operation: str, error: ToolError, metadata: OutputMetadata) -> ToolResult:
    failure = ToolFailure(message=str(error), code=error.code, details=error.details)
    return ToolResult(
        success=False, operation=operation, message=str(error), error=failure, metadata=metadata
    )


def _elapsed(operation: str, begin: float) -> OutputMetadata:
    elapsed = round((time.perf_counter() - begin) * 1000)
    return OutputMetadata(execution_time_ms=elapsed, operation=operation)
