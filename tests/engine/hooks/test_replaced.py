"""Who is still asked after a handler has replaced what is to be done, or what came of it."""

from __future__ import annotations

import pytest
from llmspell_engine.hooks import Handler, HookContext, HookPoint, HookRegistry
from llmspell_engine.hooks.base import Data
from llmspell_engine.hooks.decisions import Decision, replace
from llmspell_engine.hooks.points import TOOL_EXECUTION


@pytest.mark.parametrize(
    ("point", "asked"),
    [("BeforeToolExecution", []), ("AfterToolExecution", [{"result": "new"}]), ("ToolError", [])],
)
async def test_only_results_that_are_there_are_shown_to_those_who_follow(
    point: HookPoint, asked: list[Data]
) -> None:
    hooks, seen = HookRegistry(), list[Data]()

    def exchange(_: HookContext) -> Decision:
        return replace({"result": "new"})

    async def work(data: Data) -> Data:
        if point == "ToolError":
            raise ValueError("no")
        return {"result": "old"}

    hooks.register(Handler(point, exchange))
    hooks.register(Handler(point, lambda context: seen.append(context.data)))
    assert await hooks.around(TOOL_EXECUTION, "tool", "a", {"input": 1}, work) == {"result": "new"}
    assert seen == asked
