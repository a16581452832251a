"""Handing over from agent to agent, without a workflow.

The model calls ``transfer_to_<agent>``, which every agent with handoffs is offered, or answers with a
JSON object ``{"handoff": "<agent>", "message": "…"}``. The conversation goes on with the other agent; one
that asks no model (a pipeline, a tool, a workflow) gets the message, and its answer is the answer.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from llmspell_engine.agents.base import AgentError, AgentScope, BaseAgent
from llmspell_engine.agents.tools import tool_name
from llmspell_engine.agents.transcript import History
from llmspell_engine.events import EventError
from llmspell_engine.providers.base import ToolDefinition

PREFIX = "transfer_to_"
_PARAMETERS: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "reason": {"type": "string", "description": "Why the other can do it better."},
        "message": {"type": "string", "description": "What the other should know or do."},
    },
}


class HandoffError(AgentError):
    """Agents handed over too often, or to one that is not there."""

    kind = "HandoffError"


@dataclass(frozen=True, slots=True)
class Handoff:
    """Someone to hand over to, and how much of the conversation they get."""

    agent: BaseAgent
    description: str | None = None
    history: History = "full"

    @property
    def definition(self) -> ToolDefinition:
        """The tool by which a model hands over."""
        about = self.description or self.agent.description or ""
        text = f"Hand the conversation over to {self.agent.name}. {about}".strip()
        return ToolDefinition(PREFIX + tool_name(self.agent.name), text, _PARAMETERS)


@dataclass(frozen=True, slots=True)
class HandoffRequest:
    """What a model asked for."""

    target: BaseAgent
    message: str | None = None
    history: History = "full"


def called(handoffs: Sequence[Handoff], name: str, arguments: Mapping[str, Any]) -> HandoffRequest | None:
    """What a tool call asks for, if it hands over. Raises HandoffError for an unknown agent."""
    if not name.startswith(PREFIX) or not handoffs:
        return None
    message = arguments.get("message")
    return _request(handoffs, name.removeprefix(PREFIX), message if isinstance(message, str) else None)


def answered(handoffs: Sequence[Handoff], text: str) -> HandoffRequest | None:
    """What an answer asks for, if it hands over. Raises HandoffError for an unknown agent."""
    if not handoffs or not text.lstrip().startswith("{"):
        return None
    try:
        value = json.loads(text)
    except json.JSONDecodeError:
        return None
    if not isinstance(value, dict) or not isinstance(value.get("handoff"), str):
        return None
    message = value.get("message")
    return _request(handoffs, value["handoff"], message if isinstance(message, str) else None)


def tell(scope: AgentScope, source: BaseAgent, target: BaseAgent, message: str | None) -> None:
    """Publish that one agent hands over to another."""
    data = {"agent": source.name, "target": target.name, **({"message": message} if message else {})}
    with suppress(EventError):
        scope.events.publish("agent.handoff", data, scope.language)


def check_length(path: Sequence[str], most: int) -> None:
    """Raise HandoffError where agents handed over more often than they may."""
    if len(path) - 1 > most:
        raise HandoffError(
            f"agents handed over more than {most} times: {' -> '.join(path)}; raise max_handoffs, or let an"
            " agent answer"
        )


def _request(handoffs: Sequence[Handoff], name: str, message: str | None) -> HandoffRequest:
    by_name = {tool_name(one.agent.name): one for one in handoffs}
    found = by_name.get(tool_name(name))
    if found is not None:
        return HandoffRequest(found.agent, message, found.history)
    near = get_close_matches(name, by_name, n=1)
    hint = f"did you mean '{near[0]}'?" if near else f"there is {', '.join(by_name)}"
    raise HandoffError(f"there is no agent '{name}' to hand over to; {hint}")
