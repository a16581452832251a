"""The agent without a model: it answers with what it is asked."""

from __future__ import annotations

from typing import ClassVar

from llmspell_engine.agents.base import AgentAnswer, AgentRequest, BaseAgent


class BasicAgent(BaseAgent):
    """Answers with the prompt. For trying out what is around agents."""

    kind: ClassVar[str] = "basic"

    async def _perform(self, request: AgentRequest) -> AgentAnswer:
        return AgentAnswer(request.text, agent=self.name, path=(self.name,))
