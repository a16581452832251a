"""Agents and pools of agents in the hands of scripts."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, cast

from llmspell_engine.agents.base import AgentAnswer, AgentError, AgentRequest, BaseAgent
from llmspell_engine.agents.composite import Pool
from llmspell_engine.agents.llm import LLMAgent
from llmspell_engine.agents.tools import EngineTool
from llmspell_engine.api import agent_builder, agent_instance
from llmspell_engine.api import agent_options as api
from llmspell_engine.api.tool import ToolInfo, ToolResult
from llmspell_engine.globals.agent_making import AgentMaker, requests_of, result_of
from llmspell_engine.globals.stream import Stream
from llmspell_engine.globals.tool import info_of, known_tool, run_tool
from llmspell_engine.providers import Message

if TYPE_CHECKING:
    from llmspell_engine.api.agent_builder import AgentOptions
    from llmspell_engine.api.agent_instance import Prompt
    from llmspell_engine.globals.services import Run

_STATE_SCOPE = "agent"


class AgentInstance(agent_instance.AgentInstance):
    """An agent of a run. ``forget`` frees its name."""

    def __init__(
        self,
        agent: BaseAgent,
        options: AgentOptions | None,
        run: Run,
        maker: AgentMaker,
        forget: Callable[[AgentInstance], None],
    ) -> None:
        self.agent = agent
        self.id = agent.id
        self.name = agent.name
        self.options = options
        self._run = run
        self._maker = maker
        self._forget = forget
        self._running = 0
        self._is_destroyed = False

    @property
    def model(self) -> str | None:
        """The model that answers; agents made of agents have none of their own."""
        agent = self.agent
        return f"{agent.provider.name}/{agent.model}" if isinstance(agent, LLMAgent) else None

    async def execute(self, request: Prompt) -> api.AgentResult:
        asked = self._asked(request)
        begin = time.perf_counter()
        self._running += 1
        try:
            answer = await self._answer(asked)
        finally:
            self._running -= 1
        return result_of(answer, (time.perf_counter() - begin) * 1000)

    def stream(self, request: Prompt) -> Stream:
        asked = self._asked(request)
        return Stream(lambda: self._chunks(asked), self._run.services.loop)

    async def invoke_stream(
        self, request: Prompt, callback: Callable[[api.AgentChunk], Any]
    ) -> api.AgentResult | None:
        begin = time.perf_counter()
        async with aclosing(self.agent.stream(self._asked(request))) as chunks:
            async for chunk in chunks:
                if chunk.answer:
                    return result_of(chunk.answer, (time.perf_counter() - begin) * 1000)
                piece = {"text": chunk.text, "agent": chunk.agent}
                if await self._run.scheduler.call(callback, piece) is False:
                    return None
        return None

    def get_config(self) -> api.AgentConfig:
        options = self.options
        if options is None:
            return api.AgentConfig(
                name=self.name, type="llm", description=self.agent.description, allowed_tools=[]
            )
        custom = options.custom_config
        agent = self.agent
        model, provider = (agent.model, agent.provider.name) if isinstance(agent, LLMAgent) else (None, None)
        return api.AgentConfig(
            name=self.name,
            type=options.type,
            model=model,
            provider=provider,
            description=options.description,
            system_prompt=options.system_prompt or (custom.system_prompt if custom else None),
            temperature=options.temperature,
            max_tokens=options.max_tokens,
            max_conversation_length=options.max_conversation_length
            or (custom.max_conversation_length if custom else None),
            allowed_tools=self._tools,
            resource_limits=options.resource_limits,
        )

    def get_state(self) -> api.AgentState:
        if self._is_destroyed:
            return "destroyed"
        return "running" if self._running else "ready"

    def discover_tools(self) -> Sequence[str]:
        return self._tools

    def has_tool(self, tool_name: str) -> bool:
        return tool_name in self._tools

    def get_tool_metadata(self, tool_name: str) -> ToolInfo | None:
        is_known = tool_name in self._tools and isinstance(self._llm.tools[tool_name], EngineTool)
        return info_of(known_tool(tool_name)) if is_known else None

    def invoke_tool(self, tool_name: str, parameters: Mapping[str, Any]) -> ToolResult:
        tool = known_tool(tool_name)
        if tool.name not in self._tools:
            raise AgentError(f"the agent '{self.name}' may not call the tool '{tool.name}'; allow it first")
        return run_tool(tool.name, parameters, self._maker.context)

    def get_conversation(self) -> Sequence[api.ConversationTurn]:
        return [api.ConversationTurn(role=turn.role, text=turn.text) for turn in self._turns]

    def clear_conversation(self) -> None:
        if isinstance(self.agent, LLMAgent):
            self.agent.turns = []

    def save_state(self) -> None:
        kept = [{"role": turn.role, "text": turn.text} for turn in self._turns if not turn.tool_calls]
        self._run.services.state.save(_STATE_SCOPE, self.name, json.dumps(kept, ensure_ascii=False))

    def load_state(self) -> bool:
        text = self._run.services.state.load(_STATE_SCOPE, self.name)
        if text is None or not isinstance(self.agent, LLMAgent):
            return False
        self.agent.turns = [
            Message(turn["role"], turn["text"]) for turn in json.loads(text) if turn["role"] != "tool"
        ]
        return True

    def delete_state(self) -> None:
        self._run.services.state.delete(_STATE_SCOPE, self.name)

    def get_metrics(self) -> api.AgentMetrics:
        found = self.agent.metrics
        average = found.total_ms / found.executions if found.executions else 0.0
        return api.AgentMetrics(executions=found.executions, failures=found.failures, average_ms=average)

    def destroy(self) -> None:
        self._is_destroyed = True
        self._forget(self)

    @property
    def _llm(self) -> LLMAgent:
        return cast("LLMAgent", self.agent)

    @property
    def _tools(self) -> list[str]:
        return list(self.agent.tools) if isinstance(self.agent, LLMAgent) else []

    @property
    def _turns(self) -> Sequence[Message]:
        return self.agent.turns if isinstance(self.agent, LLMAgent) else ()

    def _asked(self, request: Prompt) -> AgentRequest:
        if self._is_destroyed:
            raise AgentError(f"the agent '{self.name}' was destroyed")
        return self._maker.request(request)

    async def _answer(self, request: AgentRequest) -> AgentAnswer:
        return await self.agent.execute(request)

    async def _chunks(self, request: AgentRequest) -> AsyncGenerator[api.AgentChunk]:
        async with aclosing(self.agent.stream(request)) as chunks:
            async for chunk in chunks:
                if chunk.text:
                    yield api.AgentChunk(text=chunk.text, agent=chunk.agent)


class AgentPool(agent_builder.AgentPool):
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

    def get_statistics(self) -> agent_builder.PoolStatistics:
        found = self.agent.statistics
        return agent_builder.PoolStatistics(
            size=self.agent.size,
            executions=found.executions,
            failures=found.failures,
            busy=found.busy,
            most_busy=found.most_busy,
        )
