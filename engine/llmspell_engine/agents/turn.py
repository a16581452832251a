"""One execution of an agent with a model: who speaks, what was said, what was used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from llmspell_engine.agents import transcript
from llmspell_engine.agents.base import AgentAnswer, AgentRequest, ToolUse
from llmspell_engine.providers.base import NOTHING_USED, Media, Message, Usage

if TYPE_CHECKING:
    from llmspell_engine.agents.llm import LLMAgent


@dataclass(slots=True)
class Turn:
    """One execution. Every agent that takes part has heard what it was handed over, and all that follows."""

    speaker: LLMAgent
    request: AgentRequest
    heard: dict[LLMAgent, list[Message]]
    path: list[str]
    uses: list[ToolUse] = field(default_factory=list)
    repairs: int = 0
    usage: Usage = NOTHING_USED

    @classmethod
    def begun(cls, agent: LLMAgent, request: AgentRequest, text: str) -> Turn:
        """The execution of a request, whose prompt was made a text."""
        before = agent.turns if request.history is None else request.history
        return cls(agent, request, {agent: [*before, Message("user", text, request.media)]}, [agent.name])

    @property
    def messages(self) -> list[Message]:
        """What the agent that speaks has heard."""
        return self.heard[self.speaker]

    @property
    def first(self) -> LLMAgent:
        """The agent that was asked."""
        return next(iter(self.heard))

    def add(self, *messages: Message) -> None:
        """Let all that take part hear something."""
        for heard in self.heard.values():
            heard.extend(messages)

    def passed_to(self, agent: LLMAgent, knows: Sequence[Message], message: str | None) -> None:
        """Let another agent speak; one that has not taken part so far knows what is given."""
        self.heard.setdefault(agent, list(knows))
        self.speaker = agent
        self.path.append(agent.name)
        if message:
            self.add(Message("user", message))

    def asked_last(self) -> str:
        """What a user said last."""
        return next(one.text for one in reversed(self.messages) if one.role == "user")

    def count(self, usage: Usage) -> None:
        """Add what a model call used."""
        self.usage += usage

    def remember(self) -> None:
        """Let every agent that took part remember what it has heard."""
        for agent, heard in self.heard.items():
            agent.turns = transcript.last_turns(heard, agent.settings.max_turns)

    def answer(
        self,
        text: str,
        *,
        data: Any = None,
        media: Sequence[Media] = (),
        finish_reason: str = "stop",
        details: Mapping[str, Any] | None = None,
    ) -> AgentAnswer:
        """The answer of the agent that speaks."""
        return AgentAnswer(
            text=text,
            usage=self.usage,
            model=self.speaker.model_name,
            agent=self.speaker.name,
            path=tuple(self.path),
            data=data,
            media=media,
            tool_uses=tuple(self.uses),
            finish_reason=finish_reason,
            details=details or {},
        )
