"""The builder of agents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from llmspell_engine.api import agent_builder
from llmspell_engine.api import agent_options as api
from llmspell_engine.api.validation import validate

if TYPE_CHECKING:
    from pydantic import SecretStr

    from llmspell_engine.api.prompt import PromptTemplate
    from llmspell_engine.globals.agent_instance import AgentInstance
    from llmspell_engine.language import Language


class Registry(Protocol):
    """Who makes and registers agents."""

    def create(self, options: agent_builder.AgentOptions) -> AgentInstance:
        """Make an agent and register it."""


class AgentBuilder(agent_builder.AgentBuilder):
    """Collects options, and checks them as one when the agent is built."""

    def __init__(self, registry: Registry, language: Language) -> None:
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

    def system_prompt(self, text: PromptTemplate | str) -> AgentBuilder:
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

    def variables(self, variables: Mapping[str, Any]) -> AgentBuilder:
        return self._set("variables", variables)

    def tool(self, tool: agent_builder.AgentTool) -> AgentBuilder:
        return self._set("tools", [*self._options.get("tools", ()), tool])

    def handoffs(self, agents: Sequence[agent_builder.Handover]) -> AgentBuilder:
        return self._set("handoffs", list(agents))

    def output_schema(self, schema: api.Schema) -> AgentBuilder:
        return self._set("output_schema", schema)

    def timeout(self, seconds: float) -> AgentBuilder:
        return self._set("timeout_seconds", seconds)

    def base_url(self, url: str) -> AgentBuilder:
        return self._set("base_url", url)

    def api_key(self, key: SecretStr) -> AgentBuilder:
        return self._set("api_key", key)

    def retries(self, retries: api.AgentRetries) -> AgentBuilder:
        return self._set("retries", retries.model_dump())

    def capabilities(self, names: Sequence[str]) -> AgentBuilder:
        return self._set("capabilities", list(names))

    def capability(self, name: str) -> AgentBuilder:
        return self._set("capabilities", [*self._options.get("capabilities", ()), name])

    def build(self) -> AgentInstance:
        where = "AgentBuilder.build"
        options = validate(agent_builder.AgentOptions, self._options, where=where, language=self._language)
        return self._registry.create(options)

    def _limit(self, name: str, value: int) -> AgentBuilder:
        return self._set("resource_limits", {**self._options.get("resource_limits", {}), name: value})
