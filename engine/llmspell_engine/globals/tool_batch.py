"""Several calls of tools at the same time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from llmspell_engine.api import tool as api
from llmspell_engine.api.output import OutputMetadata
from llmspell_engine.api.validation import ArgumentError

if TYPE_CHECKING:
    from llmspell_engine.globals.made_tools import Runnable

    Find = Callable[[str | api.ToolHandle], Runnable]


async def run_batch(
    calls: Sequence[tuple[Find, api.ToolCall]], options: api.BatchOptions
) -> Sequence[api.ToolResult]:
    """The results in the order of the calls. Raises the first failure with ``stop_on_error``."""
    import anyio

    results: dict[int, api.ToolResult] = {}
    raised: list[Exception] = []
    limiter = anyio.CapacityLimiter(options.max_concurrency)

    async def work(index: int, find: Find, call: api.ToolCall) -> None:
        async with limiter:
            try:
                results[index] = await find(call.tool).complete(call.parameters)
            except Exception as error:  # noqa: BLE001 - a call may fail in any way, and is told as its result
                if options.stop_on_error:
                    raised.append(error)
                    group.cancel_scope.cancel()
                results[index] = _failed(error)

    async with anyio.create_task_group() as group:
        for index, (find, call) in enumerate(calls):
            group.start_soon(work, index, find, call)
    if raised:
        raise raised[0]
    return [results[index] for index in range(len(calls))]


def _failed(error: Exception) -> api.ToolResult:
    kind = "invalid_input" if isinstance(error, ArgumentError) else "failed"
    code = getattr(error, "code", None)
    failure = api.ToolFailure(
        message=str(error),
        code=code if isinstance(code, str) else kind,
        details=getattr(error, "details", None),
    )
    return api.ToolResult(
        success=False, operation="", message=str(error), error=failure, metadata=OutputMetadata()
    )
