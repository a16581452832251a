"""The tools that a model asks for in a round: run at the same time, within the agent's limit."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from llmspell_engine.agents import handoff
from llmspell_engine.agents.base import AgentError, ToolUse
from llmspell_engine.agents.tools import as_read, called
from llmspell_engine.providers.base import Message, ToolCall

if TYPE_CHECKING:
    from llmspell_engine.agents.llm import LLMAgent
    from llmspell_engine.agents.turn import Turn


async def call_tools(turn: Turn, calls: Sequence[ToolCall]) -> handoff.HandoffRequest | None:
    """Run what a model asked for, at the same time; whom it hands over to, which comes last."""
    import anyio

    speaker = turn.speaker
    used = len(turn.uses) + len(calls)
    if used > speaker.settings.max_tool_calls:
        limit = speaker.settings.max_tool_calls
        raise AgentError(
            f"the agent '{speaker.name}' wants more than {limit} tool calls; raise max_tool_calls"
        )
    requests = [_requested(speaker, call) for call in calls]
    results: dict[int, str] = {}

    async def work(index: int, call: ToolCall) -> None:
        results[index] = await _call_tool(turn, call)

    async with anyio.create_task_group() as group:
        for index, call in enumerate(calls):
            if isinstance(requests[index], str):
                results[index] = str(requests[index])
            elif requests[index] is None:
                group.start_soon(work, index, call)
            else:
                results[index] = "The conversation goes on with the other agent."
    for index, call in enumerate(calls):
        turn.add(Message("tool", results[index], tool_call_id=call.id, tool_name=call.name))
    return next((one for one in requests if isinstance(one, handoff.HandoffRequest)), None)


async def _call_tool(turn: Turn, call: ToolCall) -> str:
    """A tool's result as the model reads it; what fails is told to the model, too."""
    speaker = turn.speaker
    tool = speaker.tools.get(call.name)
    begin = time.perf_counter()
    result: Any
    if tool is None:
        known = ", ".join(speaker.tools) or "none"
        return f"Error: there is no tool '{call.name}'; there is {known}"
    try:
        result = await called(speaker, tool, call.arguments, turn.request.context)
        success = True
    except Exception as problem:  # noqa: BLE001 - the model is to hear of it, and to do better
        result, success = f"Error: {problem}", False
    elapsed = (time.perf_counter() - begin) * 1000
    turn.uses.append(ToolUse(call.name, call.arguments, result, success, elapsed))
    return as_read(result)


def _requested(speaker: LLMAgent, call: ToolCall) -> handoff.HandoffRequest | str | None:
    """Whether a call hands over; what is wrong with it goes back to the model."""
    try:
        return handoff.called(speaker.settings.handoffs, call.name, call.arguments)
    except handoff.HandoffError as problem:
        return f"Error: {problem}"
