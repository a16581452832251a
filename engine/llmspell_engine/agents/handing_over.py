"""Handing over at the wish of a script, outside of any execution."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from llmspell_engine.agents import handoff, transcript
from llmspell_engine.agents.base import AgentAnswer, AgentRequest, BaseAgent
from llmspell_engine.agents.llm import LLMAgent
from llmspell_engine.providers.base import NOTHING_USED, Message


@dataclass(frozen=True, slots=True)
class Handover:
    """What goes along to the other agent. Without a message it is asked what was asked last."""

    message: str | None = None
    history: transcript.History = "full"
    context: Mapping[str, Any] = field(default_factory=dict)
    parameters: Mapping[str, Any] = field(default_factory=dict)


async def hand_over(source: BaseAgent, target: BaseAgent, given: Handover) -> AgentAnswer:
    """The answer of the other agent, which goes on with the conversation; both remember it.

    Raises HandoffError where there is nothing to go on with, and what the other agent raises.
    """
    said = list(source.turns) if isinstance(source, LLMAgent) else []
    text, before = given.message, said
    if text is None:
        last = transcript.last_turns(said, 1)
        text = next((one.text for one in last if one.role == "user"), None)
        before = said[: len(said) - len(last)]
    if not text:
        raise handoff.HandoffError(
            f"the agent '{source.name}' was asked nothing so far that '{target.name}' could go on with;"
            " give a message"
        )
    summary = NOTHING_USED

    async def summarise(messages: Sequence[Message]) -> str:
        nonlocal summary
        assert isinstance(source, LLMAgent), "only an agent with a model remembers something"
        answer = await source.summary(messages)
        summary = answer.usage
        return answer.text

    request = AgentRequest(text, parameters=given.parameters, context=given.context)
    if isinstance(target, LLMAgent):
        # Without a message, the last turn is what the other is asked.
        turns = before if given.message is not None or given.history != "last" else []
        request = replace(request, history=await transcript.cut(turns, given.history, summarise))
    handoff.tell(source.scope, source, target, given.message)
    answer = await target.execute(request)
    if isinstance(source, LLMAgent):
        heard = [*source.turns, Message("user", text), Message("assistant", answer.text)]
        source.turns = transcript.last_turns(heard, source.settings.max_turns)
    return replace(answer, path=(source.name, *answer.path), usage=answer.usage + summary)
