"""Pools of agents as scripts hold them."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from llmspell_engine.api.agent_options import AgentResult, Prompt
from llmspell_engine.api.declare import Handle, Waiting, example, member
from llmspell_engine.api.later import later

if TYPE_CHECKING:
    from llmspell_engine.api.agent_telling import PoolStatistics

__getattr__ = later(__name__, agent_telling=("PoolStatistics",))


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
