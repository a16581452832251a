"""From the options that scripts give to agents."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from llmspell_engine.agents.base import AgentAnswer, AgentError, AgentRequest, AgentScope, BaseAgent
from llmspell_engine.agents.basic import BasicAgent
from llmspell_engine.agents.handoff import Handoff
from llmspell_engine.agents.llm import REMEMBERED_TURNS, LLMAgent, LLMSettings, ModelSettings
from llmspell_engine.agents.model_calls import Retries
from llmspell_engine.agents.tools import AgentTool, EngineTool, FunctionTool, WrappedAgent
from llmspell_engine.agents.transcript import History
from llmspell_engine.api.agent_builder import AgentOptions, AgentToolOptions, HandoffOptions
from llmspell_engine.api.agent_options import (
    AgentInput,
    AgentResult,
    MediaInput,
    ResultMedium,
    ScriptTool,
    ToolUse,
)
from llmspell_engine.api.output import OutputMetadata
from llmspell_engine.lazy import lazy
from llmspell_engine.providers import Media, ToolDefinition

if TYPE_CHECKING:
    from llmspell_engine.globals.services import Run
    from llmspell_engine.tools.base import ToolContext

LARGEST_MEDIUM = 20 * 1024 * 1024
"""Bytes of a picture, sound or document."""


class AgentMaker:
    """Makes agents of one run. ``find`` gives the agent of a handle or a name."""

    def __init__(self, run: Run, find: Callable[[Any], BaseAgent]) -> None:
        self._run = run
        self._find = find
        self.contexts = run.contexts
        self.scope = scope_of(run)

    @lazy
    def context(self) -> ToolContext:
        """What the agents' tools may touch."""
        from llmspell_engine.globals.tool import tool_context

        return tool_context(self._run)

    def found(self, given: Any) -> BaseAgent:
        """The agent of a handle or a name. Raises AgentError."""
        return self._find(given)

    def agent(self, options: AgentOptions) -> LLMAgent | BasicAgent:
        """The agent of some options. Raises ProviderError for an unknown model, ToolError for a tool."""
        options = prompted(options)
        key = options.api_key.get_secret_value() if options.api_key else None
        provider, model = self._run.services.providers.resolve(
            options.model, options.provider, base_url=options.base_url, api_key=key
        )
        if options.type == "basic":
            return BasicAgent(options.name, options.description, self.scope, options.capabilities)
        return LLMAgent(provider, model, self._settings(options), self.scope)

    def request(self, prompt: AgentInput | str) -> AgentRequest:
        """What an agent is asked. Raises AgentError for media that cannot be read."""
        if isinstance(prompt, str):
            return AgentRequest(prompt)
        given = [*prompt.media, *([MediaInput(path=prompt.image)] if prompt.image else [])]
        media = [self._medium(one) for one in given]
        return AgentRequest(
            prompt.text, media, prompt.parameters, prompt.context, capability=prompt.capability
        )

    def function(self, function: Callable[..., Any]) -> Callable[[Any], Any]:
        """A function of the script as one that the loop may await."""

        async def call(argument: Any) -> Any:
            return await self._run.scheduler.call(function, argument)

        return call

    def tool(self, name: str) -> AgentTool:
        """The tool of a name, be it one that the script made. Raises ToolError."""
        if (made := self._run.tools.get(name)) is not None:
            return made.tool
        from llmspell_engine.globals.tool import known_tool

        return EngineTool(known_tool(name, self.context), self.context)

    def history(self, given: Any) -> History:
        """How much of a conversation is handed over; a function of the script as one that the loop awaits."""
        if not callable(given):
            return cast("History", given)

        async def kept(said: list[dict[str, Any]]) -> Any:
            turns = [{"role": one["role"], "text": one["text"]} for one in said]
            return await self._run.scheduler.call(given, turns)

        return kept

    def _settings(self, options: AgentOptions) -> LLMSettings:
        custom = options.custom_config
        limits = options.resource_limits
        given = options.system_prompt
        prompt = given if isinstance(given, str) and given else (custom.system_prompt if custom else None)
        turns = options.max_conversation_length or (custom.max_conversation_length if custom else None)
        names = [self.tool(name) for name in options.allowed_tools]
        return LLMSettings(
            name=options.name,
            description=options.description,
            system_prompt=prompt,
            variables=options.variables,
            model=ModelSettings(
                options.temperature,
                options.max_tokens,
                options.top_p,
                options.stop,
                options.seed,
                options.timeout_seconds,
            ),
            tools=[*names, *(self._tool(tool) for tool in options.tools)],
            handoffs=[self._handoff(one) for one in options.handoffs],
            schema=options.output_schema,
            output_retries=options.output_retries,
            max_turns=turns or REMEMBERED_TURNS,
            max_tool_calls=limits.max_tool_calls,
            max_seconds=limits.max_execution_time_secs,
            max_handoffs=options.max_handoffs,
            retries=Retries(**options.retries.model_dump()) if options.retries else Retries(),
            capabilities=options.capabilities,
        )

    def _tool(self, tool: Any) -> AgentTool:
        if isinstance(tool, str):
            return self.tool(tool)
        from llmspell_engine.globals.made_tools import MadeToolHandle
        from llmspell_engine.globals.tool import ToolHandle

        if isinstance(tool, ToolHandle | MadeToolHandle):
            return tool.agent_tool
        if isinstance(tool, ScriptTool):
            definition = ToolDefinition(tool.name, tool.description, tool.parameters)
            return FunctionTool(definition, self.function(tool.handler))
        if isinstance(tool, AgentToolOptions):
            return WrappedAgent(self._find(tool.agent), tool.name, tool.description)
        return WrappedAgent(self._find(tool))

    def _handoff(self, given: Any) -> Handoff:
        if isinstance(given, HandoffOptions):
            return Handoff(self._find(given.agent), given.description, self.history(given.history))
        return Handoff(self._find(given))

    def _medium(self, given: MediaInput) -> Media:
        sources = [one for one in (given.path, given.url, given.data) if one is not None]
        if len(sources) != 1:
            raise AgentError("a medium has exactly one of path, url and data")
        from mimetypes import guess_type

        name = given.path or given.url or ""
        told = given.media_type or guess_type(name)[0]
        media_type = told or {"image": "image/png", "audio": "audio/wav", "video": "video/mp4"}.get(
            given.type, "application/pdf"
        )
        if given.url:
            return Media(given.type, media_type, url=given.url)
        data = self._read(given.path) if given.path else _decoded(given.data or b"")
        if len(data) > LARGEST_MEDIUM:
            raise AgentError(f"a medium has {len(data)} bytes; at most {LARGEST_MEDIUM} can be sent")
        return Media(given.type, media_type, data=data)

    def _read(self, given: str) -> bytes:
        path: Path = self.context.path(given)
        try:
            return path.read_bytes()
        except OSError as problem:
            raise AgentError(f"'{given}' cannot be read: {problem.strerror}") from None


def prompted(options: AgentOptions) -> AgentOptions:
    """Options whose system prompt is a text: that of the template which was given, with its variables."""
    if options.system_prompt is None or isinstance(options.system_prompt, str):
        return options
    from llmspell_engine.globals.prompt import with_template

    return with_template(options)


def scope_of(run: Run) -> AgentScope:
    """What the agents and workflows of a run need of it."""
    services = run.services
    return AgentScope(run.meter, services.tracer, run.hooks, services.events, services.state, run.language)


def result_of(answer: AgentAnswer, elapsed_ms: float) -> AgentResult:
    """An answer as scripts get it."""
    usage = answer.usage
    return AgentResult(
        text=answer.text,
        success=True,
        response=answer.text,
        content=answer.text,
        data=answer.data,
        agent=answer.agent,
        path=list(answer.path),
        tool_calls=[
            ToolUse(
                tool=use.tool,
                arguments=dict(use.arguments),
                result=use.result,
                success=use.success,
                duration_ms=use.duration_ms,
            )
            for use in answer.tool_uses
        ],
        media=[
            ResultMedium(type=one.kind, media_type=one.media_type, data=one.data, url=one.url)
            for one in answer.media
        ],
        metadata=OutputMetadata(
            model=answer.model,
            token_count=usage.tokens,
            input_tokens=usage.input_tokens,
            output_tokens=usage.output_tokens,
            cost=usage.cost,
            finish_reason=answer.finish_reason,
            execution_time_ms=round(elapsed_ms),
            response=dict(answer.details) or None,
        ),
    )


def requests_of(maker: AgentMaker, prompts: Sequence[AgentInput | str]) -> list[AgentRequest]:
    """What several prompts ask."""
    return [maker.request(prompt) for prompt in prompts]


def _decoded(data: str | bytes) -> bytes:
    if isinstance(data, bytes):
        return data
    import base64
    import binascii

    try:
        return base64.b64decode(data, validate=True)
    except binascii.Error:
        raise AgentError("the data of a medium is not Base64") from None
