"""Tools that scripts make of their functions, and of other tools."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from llmspell_engine.api import tool as api
from llmspell_engine.api.output import OutputMetadata
from llmspell_engine.globals.made_tools import MadeTool
from llmspell_engine.globals.run_tools import RunTool
from llmspell_engine.providers.base import ToolDefinition
from llmspell_engine.runtime.binding import Binder
from llmspell_engine.scheduling.cause import CAUSE, new_cause
from llmspell_engine.tools.base import Outcome, ToolError
from llmspell_engine.tools.custom_chain import Mode, Stage, composed
from llmspell_engine.tools.custom_results import ONLY, outcome_of
from llmspell_engine.tools.custom_schema import CustomSchema

if TYPE_CHECKING:
    from llmspell_engine.globals.made_tools import Runnable
    from llmspell_engine.globals.services import Run

DEEPEST = 32
"""How many tools of scripts may be running for each other: more means that they call in a circle."""
_ANYTHING: Mapping[str, Any] = {"type": "object"}


class HandlerTool(MadeTool):
    """A function of the script as a tool: what it gets is checked, what it gives has the form of results."""

    def __init__(
        self,
        definition: ToolDefinition,
        schema: CustomSchema | None,
        handler: Callable[[Any], Awaitable[Any]],
    ) -> None:
        self.name = definition.name
        self.definition = definition
        self._schema = schema
        self._handler = handler

    async def answer(self, arguments: Mapping[str, Any]) -> api.ToolResult:
        """See the base class. A table that says that it has failed is a failure that is told."""
        begin = time.perf_counter()
        given = self._schema.checked(arguments) if self._schema else dict(arguments)
        with _deeper(self.name):
            value = await self._handler(given)
        try:
            return _result(outcome_of(self.name, value), begin)
        except ToolError as failure:
            return _failure(failure, begin)


class ComposedTool(MadeTool):
    """Tools as one tool."""

    def __init__(
        self, definition: ToolDefinition, schema: CustomSchema | None, mode: Mode, stages: Sequence[Stage]
    ) -> None:
        self.name = definition.name
        self.definition = definition
        self._schema = schema
        self._mode = mode
        self._stages = stages

    async def answer(self, arguments: Mapping[str, Any]) -> api.ToolResult:
        """See the base class."""
        begin = time.perf_counter()
        given = self._schema.checked(arguments) if self._schema else dict(arguments)
        with _deeper(self.name):
            return _result(await composed(self.name, self._mode, self._stages, given), begin)


class ToolMaker:
    """Makes tools of one run. ``find`` gives the handle of a handle or a name."""

    def __init__(self, run: Run, find: Callable[[str | api.ToolHandle], Runnable]) -> None:
        self._run = run
        self._find = find

    def made(self, name: str, work: api.ToolWork) -> RunTool:
        """The tool of a function. Raises ToolError."""
        handler = work.handler or work.execute
        if handler is None:
            raise ToolError(
                f"the tool '{name}' has no handler: give the function that does its work as 'handler'",
                code="invalid_input",
            )
        given = next((one for one in (work.parameters, work.schema_, work.input_schema) if one), None)
        schema = self._schema(name, given)
        definition = ToolDefinition(name, work.description, schema.schema if schema else _ANYTHING)
        return RunTool(
            HandlerTool(definition, schema, self._function(handler)),
            work.category,
            work.security,
            work.version,
            work.timeout_ms / 1000 if work.timeout_ms else None,
            work.shared,
        )

    def composed(self, options: api.ComposeOptions) -> RunTool:
        """The tool that tools make together. Raises ToolError."""
        stages = [self._stage(step) for step in options.steps]
        told = (" then " if options.mode == "chain" else ", ").join(stage.name for stage in stages)
        if options.mode == "parallel":
            _check_distinct(stages)
        name = options.name or options.mode
        schema = self._schema(name, options.parameters)
        taken = schema.schema if schema else _taken(options.mode, stages)
        definition = ToolDefinition(name, options.description or f"Runs {told}.", taken)
        return RunTool(
            ComposedTool(definition, schema, options.mode, stages),
            options.category,
            seconds=options.timeout_ms / 1000 if options.timeout_ms else None,
            is_shared=options.shared,
        )

    def _stage(self, step: api.Step) -> Stage:
        one = step if isinstance(step, api.ToolStep) else api.ToolStep(tool=step)
        handle = self._find(one.tool)
        known = handle.parameters.get("properties")
        if one.takes and known and one.takes not in known:
            listed = ", ".join(key for key, field in known.items() if not field.get("deprecated"))
            raise ToolError(
                f"the tool '{handle.name}' has no parameter '{one.takes}'; there is {listed}",
                code="invalid_input",
            )
        return Stage(
            one.name or handle.name,
            handle.complete,
            handle.parameters,
            one.parameters,
            one.takes,
            self._prepare(one.prepare) if one.prepare else None,
        )

    def _schema(self, name: str, given: Mapping[str, Any] | None) -> CustomSchema | None:
        return CustomSchema(name, given, self._run.language) if given else None

    def _function(self, function: Callable[..., Any]) -> Callable[[Any], Awaitable[Any]]:
        async def call(given: Any) -> Any:
            return await self._run.scheduler.call(function, given)

        return call

    def _prepare(self, function: Callable[..., Any]) -> Callable[[Any, Any], Awaitable[Any]]:
        binder = Binder(self._run.language)

        async def call(before: Any, given: Any) -> Any:
            return await self._run.scheduler.call(function, binder.result(before), given)

        return call


def _taken(mode: Mode, stages: Sequence[Stage]) -> Mapping[str, Any]:
    """What a tool of tools takes: what its first takes, or each, beside what they are given anyway."""
    asked = stages[:1] if mode == "chain" else stages
    if any(stage.prepare for stage in asked):
        return _ANYTHING
    properties: dict[str, Any] = {}
    for stage in asked:
        for name, one in stage.schema.get("properties", {}).items():
            if name not in stage.parameters and not one.get("deprecated"):
                properties.setdefault(name, one)
    needed = [set(stage.schema.get("required", ())) - set(stage.parameters) for stage in asked]
    required = sorted(set.union(*needed)) if mode == "parallel" else sorted(set.intersection(*needed))
    definitions = {key: one for stage in asked for key, one in stage.schema.get("$defs", {}).items()}
    schema = {"type": "object", "properties": properties, "required": required}
    return {**schema, "$defs": definitions} if definitions else schema


def _check_distinct(stages: Sequence[Stage]) -> None:
    names = [stage.name for stage in stages]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise ToolError(
            f"two steps are called '{twice}'; results are told apart by 'name', so give one to each",
            code="invalid_input",
        )


@contextmanager
def _deeper(name: str) -> Iterator[None]:
    """While a tool works for others. Raises ToolError where tools call each other in a circle."""
    cause = CAUSE.get() or new_cause()
    if len(cause.tools) >= DEEPEST:
        path = " -> ".join((*cause.tools[-4:], name))
        raise ToolError(
            f"more than {DEEPEST} tools call each other: … {path}; do they call in a circle?",
            code="too_deep",
        )
    token = CAUSE.set(cause.of_tool(name))
    try:
        yield
    finally:
        CAUSE.reset(token)


def _result(outcome: Outcome, begin: float) -> api.ToolResult:
    return api.ToolResult(
        success=True,
        operation=outcome.operation,
        message=outcome.message,
        result=outcome.result,
        text=outcome.text,
        metadata=_elapsed(outcome.operation, begin),
    )


def _failure(failure: ToolError, begin: float) -> api.ToolResult:
    return api.ToolResult(
        success=False,
        operation=ONLY,
        message=str(failure),
        error=api.ToolFailure(message=str(failure), code=failure.code, details=failure.details),
        metadata=_elapsed(ONLY, begin),
    )


def _elapsed(operation: str, begin: float) -> OutputMetadata:
    elapsed = round((time.perf_counter() - begin) * 1000)
    return OutputMetadata(execution_time_ms=elapsed, operation=operation)
