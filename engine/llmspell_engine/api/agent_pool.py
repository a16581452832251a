"""Pools of agents as scripts hold them."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from llmspell_engine.api.agent_options import AgentResult, Prompt
from llmspell_engine.api.declare import Handle, Result, Waiting, example, member


class PoolStatistics(Result):
    """What a pool did so far."""

    size: int = Field(description="How many prompts it answers at a time.")
    executions: int = Field(description="How many it has answered, or tried to.")
    failures: int = Field(description="How many of them failed.")
    busy: int = Field(description="How many it is answering now.")
    most_busy: int = Field(description="The most that it answered at a time.")


class AgentPool(Handle):
    """Answers many prompts with few agents at a time."""

    name: Annotated[str, Field(description="The pool's name.")]

    @abstractmethod
    @member(waits=True)
    def execute(self, request: Prompt) -> Waiting[AgentResult]:
        """Let an agent that is free answer; wait for one.

        Args:
            request: the prompt, or a table with the prompt as `text`.
        """

    @abstractmethod
    @member(waits=True)
    @example(
        lua='local answers = pool:map({ "one", "two" })\nprint(answers[2].text)',
        javascript='const answers = await pool.map(["one", "two"]);\nconsole.log(answers[1].text);',
    )
    def map(self, requests: Sequence[Prompt]) -> Waiting[Sequence[AgentResult]]:
        """Answer several prompts; the answers in the order of the prompts. The first error ends the rest.

        Args:
            requests: prompts, or tables with the prompt as `text`.
        """

    @abstractmethod
    def get_statistics(self) -> PoolStatistics:
        """What the pool did so far."""
