"""Tools made of tools: one after the other, side by side, or the first that succeeds."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from llmspell_engine.api.declare import Result
from llmspell_engine.api.tool import ToolResult
from llmspell_engine.api.validation import ArgumentError
from llmspell_engine.tools.base import Outcome, ToolError
from llmspell_engine.tools.custom_results import text_of

Mode = Literal["chain", "parallel", "fallback"]
USUAL_INPUT = "input"
"""The parameter that takes what comes from elsewhere where a tool has one of this name."""
_NO_TEXT = frozenset({"object", "array", "number", "integer", "boolean"})


@dataclass(frozen=True, slots=True)
class Stage:
    """One of the tools that a tool is made of.

    Attributes:
        call: runs it.
        schema: what it takes.
        parameters: what it is given each time.
        takes: the parameter that gets what the stage before gave; the usual one where not said.
        prepare: makes the parameters of the stage's turn, of the result before and what the whole was given.
    """

    name: str
    call: Callable[[Mapping[str, Any]], Awaitable[ToolResult]]
    schema: Mapping[str, Any]
    parameters: Mapping[str, Any] = field(default_factory=dict)
    takes: str | None = None
    prepare: Callable[[Any, Mapping[str, Any]], Awaitable[Any]] | None = None


async def composed(name: str, mode: Mode, stages: Sequence[Stage], given: Mapping[str, Any]) -> Outcome:
    """Run the stages. Raises ToolError that names the stage which failed, and what functions raise."""
    if mode == "chain":
        return await _chained(name, stages, given)
    if mode == "parallel":
        return await _side_by_side(name, stages, given)
    return await _first_that_succeeds(name, stages, given)


async def _chained(name: str, stages: Sequence[Stage], given: Mapping[str, Any]) -> Outcome:
    before: ToolResult | None = None
    for number, stage in enumerate(stages, 1):
        before = await _performed(f"step {number} of '{name}', '{stage.name}'", stage, before, given)
    assert before is not None, "a chain has a stage"
    told = " → ".join(stage.name for stage in stages)
    return Outcome("chain", before.result, before.text, f"{told} has run")


async def _side_by_side(name: str, stages: Sequence[Stage], given: Mapping[str, Any]) -> Outcome:
    import anyio

    results: dict[str, ToolResult] = {}
    failed: list[Exception] = []

    async def work(stage: Stage) -> None:
        try:
            results[stage.name] = await _performed(f"'{stage.name}' of '{name}'", stage, None, given)
        except Exception as error:  # noqa: BLE001 - the first is raised when all the others are cancelled
            failed.append(error)
            group.cancel_scope.cancel()

    async with anyio.create_task_group() as group:
        for stage in stages:
            group.start_soon(work, stage)
    if failed:
        raise failed[0]
    payloads = {stage.name: results[stage.name].result for stage in stages}
    text = "\n".join(f"{stage.name}: {results[stage.name].text}" for stage in stages)
    return Outcome("parallel", payloads, text, f"{len(stages)} tools have run")


async def _first_that_succeeds(name: str, stages: Sequence[Stage], given: Mapping[str, Any]) -> Outcome:
    failures: list[str] = []
    for stage in stages:
        try:
            done = await _performed(f"'{stage.name}'", stage, None, given)
        except (ToolError, ArgumentError) as error:
            failures.append(str(error))
            continue
        return Outcome("fallback", done.result, done.text, f"{stage.name} has answered")
    raise ToolError(f"no tool of '{name}' has succeeded: {'; '.join(failures)}")


async def _performed(
    where: str, stage: Stage, before: ToolResult | None, given: Mapping[str, Any]
) -> ToolResult:
    """What a stage gave. Its failure is told with its place; that of a script's function is its own."""
    try:
        done = await stage.call(await _parameters(stage, before, given))
    except (ToolError, ArgumentError) as error:
        code = error.code if isinstance(error, ToolError) else "invalid_input"
        raise ToolError(f"{where}: {error}", code=code) from error
    if done.error is not None:
        raise ToolError(f"{where}: {done.error.message}", code=done.error.code, details=done.error.details)
    return done


async def _parameters(stage: Stage, before: ToolResult | None, given: Mapping[str, Any]) -> Mapping[str, Any]:
    if stage.prepare is not None:
        made = await stage.prepare(before, given)
        if not isinstance(made, Mapping):
            raise ToolError(f"its 'prepare' gave {text_of(made) or 'nothing'} and no table of parameters")
        return {**stage.parameters, **made}
    if before is None:
        return {**stage.parameters, **given}
    return {**stage.parameters, **_fed(stage, before)}


def _fed(stage: Stage, before: ToolResult) -> Mapping[str, Any]:
    """What a stage gets of the one before: its text, or its payload where the parameter takes no text."""
    known = stage.schema.get("properties", {})
    takes = stage.takes or usual_parameter(stage.schema, stage.parameters)
    if takes is None:
        if not known and isinstance(payload := _plain(before.result), Mapping):
            return payload
        raise ToolError("nothing of it takes what the step before gave; name a parameter with 'takes'")
    wanted = known.get(takes, {}) if isinstance(known, Mapping) else {}
    kind = wanted.get("type") if isinstance(wanted, Mapping) else None
    return {takes: _plain(before.result) if kind in _NO_TEXT else before.text}


def _plain(payload: Any) -> Any:
    """A payload as a script would hand it on."""
    return payload.model_dump(exclude_none=True) if isinstance(payload, Result) else payload


def usual_parameter(schema: Mapping[str, Any], given: Mapping[str, Any]) -> str | None:
    """Where what comes from elsewhere belongs: the usual parameter, else the first that still is needed."""
    known = schema.get("properties", {})
    if USUAL_INPUT in known:
        return USUAL_INPUT
    open_ = [name for name in known if name not in given and not known[name].get("deprecated")]
    required = [name for name in open_ if name in schema.get("required", ())]
    texts = [name for name in open_ if known[name].get("type") == "string" and "enum" not in known[name]]
    return next(iter([*required, *texts]), None)
