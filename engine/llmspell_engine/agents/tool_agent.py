"""A tool that is run as an agent: no model is asked."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from llmspell_engine.agents.base import (
    AgentAnswer,
    AgentError,
    AgentRequest,
    AgentScope,
    BaseAgent,
    ToolUse,
)
from llmspell_engine.agents.tools import AgentTool, WrappedAgent, as_text, called
from llmspell_engine.providers.base import NOTHING_USED

USUAL_INPUT = "input"
"""The parameter that takes the text where a tool has one of this name."""


@dataclass(frozen=True, slots=True)
class ToolAgentSettings:
    """What an agent is made of beside its tool.

    Attributes:
        parameters: what the tool is given each time, unless the request says otherwise.
        takes_text: the parameter that the text of a request goes into.
    """

    name: str | None = None
    description: str | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    takes_text: str | None = None
    capabilities: Sequence[str] = ()


class ToolAgent(BaseAgent):
    """Runs one tool with what it is asked. A text that is a JSON object is taken as parameters."""

    kind: ClassVar[str] = "tool"

    def __init__(self, tool: AgentTool, scope: AgentScope, settings: ToolAgentSettings) -> None:
        about = settings.description or tool.definition.description
        super().__init__(settings.name or tool.name, about, scope, settings.capabilities)
        takes_text = settings.takes_text
        known = tool.definition.parameters.get("properties", {})
        if takes_text is not None and known and takes_text not in known:
            raise AgentError(
                f"the tool '{tool.name}' has no parameter '{takes_text}' for the text; there is"
                f" {', '.join(known)}"
            )
        self._tool = tool
        self._parameters = dict(settings.parameters)
        self._takes_text = takes_text or _usual(tool.definition.parameters)

    @property
    def tools(self) -> Mapping[str, AgentTool]:
        """See the base class."""
        return {self._tool.name: self._tool}

    @property
    def parts(self) -> tuple[BaseAgent, ...]:
        """See the base class."""
        return (self._tool.agent,) if isinstance(self._tool, WrappedAgent) else ()

    async def _perform(self, request: AgentRequest) -> AgentAnswer:
        arguments = self._arguments(request)
        begin = time.perf_counter()
        result = await called(self, self._tool, arguments, request.context)
        elapsed = (time.perf_counter() - begin) * 1000
        return AgentAnswer(
            text=_text(result),
            usage=NOTHING_USED,
            agent=self.name,
            path=(self.name,),
            data=result,
            tool_uses=(ToolUse(self._tool.name, arguments, result, _succeeded(result), elapsed),),
        )

    def _arguments(self, request: AgentRequest) -> dict[str, Any]:
        arguments = {**self._parameters, **request.parameters}
        if (written := _object(request.text)) is not None:
            return {**self._parameters, **written, **request.parameters}
        if request.text and self._takes_text and self._takes_text not in request.parameters:
            arguments[self._takes_text] = request.text
        return arguments


def _usual(schema: Mapping[str, Any]) -> str | None:
    """Where a text belongs: the usual parameter, or the first that must be given and takes a text."""
    known = schema.get("properties", {})
    if USUAL_INPUT in known:
        return USUAL_INPUT
    required = schema.get("required", ())
    texts = [name for name, field in known.items() if field.get("type") == "string" and "enum" not in field]
    return next((name for name in texts if name in required), texts[0] if texts else None)


def _object(text: str) -> dict[str, Any] | None:
    if not text.lstrip().startswith("{"):
        return None
    try:
        found = json.loads(text)
    except json.JSONDecodeError:
        return None
    return found if isinstance(found, dict) else None


def _text(result: Any) -> str:
    """A tool's own words for its result, where it has some."""
    told = result.get("text") if isinstance(result, dict) else None
    return told if isinstance(told, str) and told else as_text(result)


def _succeeded(result: Any) -> bool:
    return not (isinstance(result, dict) and result.get("success") is False)
