"""The global ``Agent``: agents by name, their builder, and their conversations."""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from llmspell_engine.agents.base import AgentError
from llmspell_engine.api import agent as api
from llmspell_engine.api.output import OutputMetadata
from llmspell_engine.api.tool import ToolInfo, ToolResult
from llmspell_engine.api.validation import validate
from llmspell_engine.globals.tool import info_of, known_tool, run_tool
from llmspell_engine.providers import Message, ModelRequest
from llmspell_engine.tools.base import ToolContext

if TYPE_CHECKING:
    from llmspell_engine.globals.services import Run
    from llmspell_engine.language import Language
    from llmspell_engine.providers import Provider

_REMEMBERED_TURNS = 100
"""How many turns an agent remembers where its options do not say."""


class AgentInstance(api.AgentInstance):
    """An agent with its conversation."""

    def __init__(
        self, options: api.AgentOptions, provider: Provider, model: str, registry: Agent, context: ToolContext
    ) -> None:
        self.id = str(uuid.uuid4())
        self.name = options.name or f"agent-{self.id[:8]}"
        self.options = options
        self.model = f"{provider.name}/{model}"
        self._provider = provider
        self._own_model = model
        self._registry = registry
        self._context = context
        self._tools = [known_tool(name).name for name in options.allowed_tools]
        self._turns: list[Message] = []
        self._state: Literal["ready", "running", "destroyed"] = "ready"

    async def execute(self, request: api.AgentInput) -> api.AgentResult:
        if self._state == "destroyed":
            raise AgentError(f"the agent '{self.name}' was destroyed")
        begin = time.perf_counter()
        self._state = "running"
        try:
            return await self._answer(request.text, begin)
        finally:
            self._state = "ready"

    def get_config(self) -> api.AgentConfig:
        options = self.options
        return api.AgentConfig(
            name=self.name,
            type=options.type,
            model=self._own_model,
            provider=self._provider.name,
            description=options.description,
            system_prompt=self._system_prompt,
            temperature=options.temperature,
            max_tokens=options.max_tokens,
            max_conversation_length=self._custom("max_conversation_length"),
            allowed_tools=self._tools,
            resource_limits=options.resource_limits,
        )

    def get_state(self) -> Literal["ready", "running", "destroyed"]:
        return self._state

    def discover_tools(self) -> Sequence[str]:
        return self._tools

    def has_tool(self, tool_name: str) -> bool:
        return tool_name in self._tools

    def get_tool_metadata(self, tool_name: str) -> ToolInfo | None:
        return info_of(known_tool(tool_name)) if tool_name in self._tools else None

    def invoke_tool(self, tool_name: str, parameters: Mapping[str, Any]) -> ToolResult:
        tool = known_tool(tool_name)
        if tool.name not in self._tools:
            raise AgentError(f"the agent '{self.name}' may not call the tool '{tool.name}'; allow it first")
        return run_tool(tool.name, parameters, self._context)

    def destroy(self) -> None:
        self._state = "destroyed"
        self._registry.forget(self)

    @property
    def _system_prompt(self) -> str | None:
        prompt = self._custom("system_prompt")
        return prompt if isinstance(prompt, str) else None

    def _custom(self, name: str) -> Any:
        """An option, or the one of older scripts where it is not given."""
        own = getattr(self.options, name)
        custom = self.options.custom_config
        return own if own is not None or custom is None else getattr(custom, name)

    async def _answer(self, prompt: str, begin: float) -> api.AgentResult:
        if self.options.type == "basic":
            return _result(prompt, self.model, len(prompt.split()) * 2, begin, {})
        asked = Message("user", prompt)
        answer = await self._provider.complete(
            ModelRequest(
                self._own_model,
                [*self._preamble(), *self._turns, asked],
                self.options.temperature,
                self.options.max_tokens,
            )
        )
        self._remember(asked, Message("assistant", answer.text))
        return _result(answer.text, self.model, answer.usage.tokens, begin, dict(answer.details))

    def _preamble(self) -> list[Message]:
        return [Message("system", self._system_prompt)] if self._system_prompt else []

    def _remember(self, *turn: Message) -> None:
        kept = self._custom("max_conversation_length") or _REMEMBERED_TURNS
        self._turns = [*self._turns, *turn][-2 * kept :]


class AgentBuilder(api.AgentBuilder):
    """Collects options, and checks them as one when the agent is built."""

    def __init__(self, registry: Agent, language: Language) -> None:
        self._registry = registry
        self._language = language
        self._options: dict[str, Any] = {}

    def _set(self, name: str, value: Any) -> AgentBuilder:
        self._options[name] = value
        return self

    def name(self, name: str) -> AgentBuilder:
        return self._set("name", name)

    def description(self, text: str) -> AgentBuilder:
        return self._set("description", text)

    def model(self, model: str) -> AgentBuilder:
        return self._set("model", model)

    def provider(self, name: str) -> AgentBuilder:
        return self._set("provider", name)

    def system_prompt(self, text: str) -> AgentBuilder:
        return self._set("system_prompt", text)

    def temperature(self, value: float) -> AgentBuilder:
        return self._set("temperature", value)

    def max_tokens(self, count: int) -> AgentBuilder:
        return self._set("max_tokens", count)

    def max_conversation_length(self, count: int) -> AgentBuilder:
        return self._set("max_conversation_length", count)

    def allow_tool(self, tool_name: str) -> AgentBuilder:
        return self._set("allowed_tools", [*self._options.get("allowed_tools", ()), tool_name])

    def allowed_tools(self, tool_names: Sequence[str]) -> AgentBuilder:
        return self._set("allowed_tools", list(tool_names))

    def max_execution_time(self, seconds: int) -> AgentBuilder:
        return self._limit("max_execution_time_secs", seconds)

    def max_tool_calls(self, count: int) -> AgentBuilder:
        return self._limit("max_tool_calls", count)

    def resource_limits(self, limits: api.ResourceLimits) -> AgentBuilder:
        return self._set("resource_limits", limits.model_dump())

    def type(self, agent_type: api.AgentKind) -> AgentBuilder:
        return self._set("type", agent_type)

    def custom_config(self, config: api.CustomConfig) -> AgentBuilder:
        return self._set("custom_config", config)

    def build(self) -> AgentInstance:
        where = "AgentBuilder.build"
        options = validate(api.AgentOptions, self._options, where=where, language=self._language)
        return self._registry.create(options)

    def _limit(self, name: str, value: int) -> AgentBuilder:
        return self._set("resource_limits", {**self._options.get("resource_limits", {}), name: value})


class Agent(api.Agent):
    """The agents of a run, by name."""

    def __init__(self, run: Run) -> None:
        self._providers = run.services.providers
        self._language = run.language
        self._context = ToolContext(root=run.services.root, language=run.language)
        self._agents: dict[str, AgentInstance] = {}

    def builder(self) -> AgentBuilder:
        return AgentBuilder(self, self._language)

    def create(self, options: api.AgentOptions) -> AgentInstance:
        if options.name in self._agents:
            raise AgentError(f"there is an agent '{options.name}' already; destroy it or choose another name")
        provider, model = self._providers.resolve(options.model, options.provider)
        agent = AgentInstance(options, provider, model, self, self._context)
        self._agents[agent.name] = agent
        return agent

    def get(self, name: str) -> AgentInstance | None:
        return self._agents.get(name)

    def list(self) -> Sequence[api.AgentSummary]:
        return [
            api.AgentSummary(name=agent.name, model=agent.model, description=agent.options.description)
            for agent in self._agents.values()
        ]

    def forget(self, agent: AgentInstance) -> None:
        """Free an agent's name."""
        self._agents.pop(agent.name, None)


def _result(text: str, model: str, tokens: int, begin: float, details: dict[str, Any]) -> api.AgentResult:
    return api.AgentResult(
        text=text,
        success=True,
        metadata=OutputMetadata(
            model=model,
            token_count=tokens,
            execution_time_ms=round((time.perf_counter() - begin) * 1000),
            response=details or None,
        ),
    )
