"""Agents and pools of agents in the hands of scripts."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from llmspell_engine.agents.base import AgentError, AgentRequest, BaseAgent
from llmspell_engine.agents.llm import LLMAgent
from llmspell_engine.api import agent_instance
from llmspell_engine.api import agent_options as api
from llmspell_engine.globals.agent_making import AgentMaker, result_of
from llmspell_engine.globals.agent_states import AgentStates
from llmspell_engine.providers import Message

if TYPE_CHECKING:
    from llmspell_engine.agents.tools import AgentTool
    from llmspell_engine.api import agent_telling
    from llmspell_engine.api.agent_builder import AgentOptions
    from llmspell_engine.api.agent_options import Prompt
    from llmspell_engine.api.tool_results import ToolInfo, ToolResult
    from llmspell_engine.globals.services import Run
    from llmspell_engine.globals.stream import Stream

_STATE_SCOPE = "agent"


class AgentInstance(AgentStates, agent_instance.AgentInstance):
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

    @property
    def model(self) -> str | None:
        """The model that answers; agents made of agents have none of their own."""
        agent = self.agent
        return f"{agent.provider.name}/{agent.model}" if isinstance(agent, LLMAgent) else None

    async def execute(self, request: Prompt) -> api.AgentResult:
        return await self._answer(self._asked(request))

    async def execute_with_context(self, request: Prompt, context_id: str) -> api.AgentResult:
        asked, facts = self._asked(request), self._maker.contexts.facts(context_id)
        return await self._answer(replace(asked, context={**facts, **asked.context}))

    async def handoff(
        self,
        target: agent_instance.AnyAgent,
        message: str | None = None,
        options: agent_instance.HandoverOptions | None = None,
    ) -> api.AgentResult:
        from llmspell_engine.agents.handing_over import Handover, hand_over

        asked = options or agent_instance.HandoverOptions()
        given = Handover(message, self._maker.history(asked.history), asked.context, asked.parameters)
        begin = time.perf_counter()
        answer = await hand_over(self.agent, self._maker.found(target), given)
        return result_of(answer, (time.perf_counter() - begin) * 1000)

    def stream(self, request: Prompt) -> Stream:
        from llmspell_engine.globals.stream import Stream

        asked = self._asked(request)
        return Stream(lambda: self._chunks(asked), self._run.services.loop)

    async def invoke_stream(
        self, request: Prompt, callback: Callable[[agent_telling.AgentChunk], Any]
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

    def get_config(self) -> agent_telling.AgentConfig:
        from llmspell_engine.api import agent_telling

        options = self.options
        if options is None:
            return agent_telling.AgentConfig(
                name=self.name,
                type=self.agent.kind,
                description=self.agent.description,
                allowed_tools=self._tools,
                capabilities=list(self.agent.capabilities),
            )
        custom = options.custom_config
        agent = self.agent
        model, provider = (agent.model, agent.provider.name) if isinstance(agent, LLMAgent) else (None, None)
        return agent_telling.AgentConfig(
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
            capabilities=options.capabilities,
            base_url=options.base_url,
        )

    def discover_tools(self) -> Sequence[str]:
        return self._tools

    def has_tool(self, tool_name: str) -> bool:
        return tool_name in self._tools

    def get_tool_metadata(self, tool_name: str) -> ToolInfo | None:
        tool = self.agent.tools.get(tool_name)
        return None if tool is None else _described(tool)

    def get_all_tool_metadata(self) -> Mapping[str, ToolInfo]:
        return {name: _described(tool) for name, tool in self.agent.tools.items()}

    async def invoke_tool(self, tool_name: str, parameters: Mapping[str, Any]) -> ToolResult:
        from llmspell_engine.agents.tools import called
        from llmspell_engine.globals.made_tools import tool_result

        tool = self.agent.tools.get(tool_name)
        if tool is None:
            name = self._maker.tool(tool_name).name
            raise AgentError(f"the agent '{self.name}' may not call the tool '{name}'; allow it first")
        return tool_result(tool.name, await called(self.agent, tool, parameters, {}))

    def get_conversation(self) -> Sequence[api.ConversationTurn]:
        return [api.ConversationTurn(role=turn.role, text=turn.text) for turn in self._turns]

    def clear_conversation(self) -> None:
        if isinstance(self.agent, LLMAgent):
            self.agent.turns = []

    def save_state(self) -> None:
        import json

        kept = [{"role": turn.role, "text": turn.text} for turn in self._turns if not turn.tool_calls]
        self._run.services.state.save(_STATE_SCOPE, self.name, json.dumps(kept, ensure_ascii=False))

    def load_state(self) -> bool:
        import json

        text = self._run.services.state.load(_STATE_SCOPE, self.name)
        if text is None or not isinstance(self.agent, LLMAgent):
            return False
        self.agent.turns = [
            Message(turn["role"], turn["text"]) for turn in json.loads(text) if turn["role"] != "tool"
        ]
        return True

    def delete_state(self) -> None:
        self._run.services.state.delete(_STATE_SCOPE, self.name)

    @property
    def _tools(self) -> list[str]:
        return list(self.agent.tools)

    @property
    def _turns(self) -> Sequence[Message]:
        return self.agent.turns if isinstance(self.agent, LLMAgent) else ()

    def _asked(self, request: Prompt) -> AgentRequest:
        self.agent.lifecycle.check(self.name)
        return self._maker.request(request)

    async def _answer(self, request: AgentRequest) -> api.AgentResult:
        begin = time.perf_counter()
        answer = await self.agent.execute(request)
        return result_of(answer, (time.perf_counter() - begin) * 1000)

    async def _chunks(self, request: AgentRequest) -> AsyncGenerator[agent_telling.AgentChunk]:
        from llmspell_engine.api import agent_telling

        async with aclosing(self.agent.stream(request)) as chunks:
            async for chunk in chunks:
                if chunk.text:
                    yield agent_telling.AgentChunk(text=chunk.text, agent=chunk.agent)


def _described(tool: AgentTool) -> ToolInfo:
    from llmspell_engine.agents.tools import EngineTool
    from llmspell_engine.globals.run_tools import RunTool
    from llmspell_engine.globals.tool import info_of, known_tool

    return info_of(known_tool(tool.name) if isinstance(tool, EngineTool) else RunTool(tool).described)
