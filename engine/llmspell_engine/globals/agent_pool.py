"""Pools of agents in the hands of scripts."""

from __future__ import annotations

import time
from collections.abc import Sequence

from llmspell_engine.agents.composite import Pool
from llmspell_engine.api import agent_options as api
from llmspell_engine.api import agent_pool, agent_telling
from llmspell_engine.api.agent_options import Prompt
from llmspell_engine.globals.agent_making import AgentMaker, requests_of, result_of


class AgentPool(agent_pool.AgentPool):
    """A pool in the hands of a script."""

    def __init__(self, pool: Pool, maker: AgentMaker) -> None:
        self.agent = pool
        self.name = pool.name
        self._maker = maker

    async def execute(self, request: Prompt) -> api.AgentResult:
        begin = time.perf_counter()
        answer = await self.agent.execute(self._maker.request(request))
        return result_of(answer, (time.perf_counter() - begin) * 1000)

    async def map(self, requests: Sequence[Prompt]) -> Sequence[api.AgentResult]:
        begin = time.perf_counter()
        answers = await self.agent.map(requests_of(self._maker, requests))
        elapsed = (time.perf_counter() - begin) * 1000
        return [result_of(answer, elapsed) for answer in answers]

    def get_statistics(self) -> agent_telling.PoolStatistics:
        found = self.agent.statistics
        return agent_telling.PoolStatistics(
            size=self.agent.size,
            executions=found.executions,
            failures=found.failures,
            busy=found.busy,
            most_busy=found.most_busy,
        )
