"""The agent that asks a model: its conversation, the tool-calling loop, handing over, structured answers."""

from __future__ import annotations

import time
import uuid
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from llmspell_engine.agents import handoff, structured
from llmspell_engine.agents.base import (
    AgentAnswer,
    AgentChunk,
    AgentError,
    AgentRequest,
    BaseAgent,
    ToolUse,
)
from llmspell_engine.agents.prompts import render
from llmspell_engine.agents.tools import AgentTool, as_text
from llmspell_engine.providers.base import (
    Chunk,
    Message,
    ModelAnswer,
    ModelRequest,
    Provider,
    ToolCall,
    Usage,
)

if TYPE_CHECKING:
    from anyio import Lock

    from llmspell_engine.observability import Tracer
    from llmspell_engine.providers.metering import Meter

REMEMBERED_TURNS = 100
"""How many turns an agent remembers where its settings do not say."""


class AgentTimeoutError(AgentError):
    """An agent took longer than it may."""

    kind = "TimeoutError"


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """How a model is asked; None leaves it to the provider."""

    temperature: float | None = None
    max_tokens: int | None = None
    top_p: float | None = None
    stop: Sequence[str] = ()
    seed: int | None = None
    timeout: float | None = None


@dataclass(frozen=True, slots=True)
class LLMSettings:
    """What an agent is made of. Seconds, counts of calls, turns and handoffs."""

    name: str | None = None
    description: str | None = None
    system_prompt: str | None = None
    variables: Mapping[str, Any] = field(default_factory=dict)
    model: ModelSettings = field(default_factory=ModelSettings)
    tools: Sequence[AgentTool] = ()
    handoffs: Sequence[handoff.Handoff] = ()
    schema: Mapping[str, Any] | None = None
    output_retries: int = 1
    max_turns: int = REMEMBERED_TURNS
    max_tool_calls: int = 100
    max_seconds: float = 300
    max_handoffs: int = 10


@dataclass(slots=True)
class Metrics:
    """What an agent has done so far."""

    executions: int = 0
    failures: int = 0
    total_ms: float = 0.0


@dataclass(slots=True)
class _Turn:
    """One execution: the agent that speaks, what was said, what was used."""

    speaker: LLMAgent
    request: AgentRequest
    messages: list[Message]
    speakers: list[LLMAgent]
    uses: list[ToolUse] = field(default_factory=list)
    repairs: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost: float | None = 0.0

    @property
    def path(self) -> list[str]:
        """The names of who spoke, in order."""
        return [agent.name for agent in self.speakers]

    def count(self, usage: Usage) -> None:
        """Add what a model call used; the cost is known as long as that of each call is."""
        self.input_tokens += usage.input_tokens
        self.output_tokens += usage.output_tokens
        self.cost = None if self.cost is None or usage.cost is None else self.cost + usage.cost


class LLMAgent(BaseAgent):
    """Answers with a model. Executions run one after the other, for they share a conversation."""

    def __init__(
        self, provider: Provider, model: str, settings: LLMSettings, meter: Meter, tracer: Tracer
    ) -> None:
        self.id = str(uuid.uuid4())
        self.name = settings.name or f"agent-{self.id[:8]}"
        self.description = settings.description
        self.provider = provider
        self.model = model
        self.settings = settings
        self.metrics = Metrics()
        self.turns: list[Message] = []
        self._meter = meter
        self._tracer = tracer
        self._tools = {tool.name: tool for tool in settings.tools}
        self._lock: Lock | None = None
        if settings.schema is not None:
            structured.check_schema(settings.schema)

    @property
    def tools(self) -> Mapping[str, AgentTool]:
        """What it may call, by name."""
        return self._tools

    async def execute(self, request: AgentRequest) -> AgentAnswer:
        """See the base class."""
        async with aclosing(self._run(request, streamed=False)) as chunks:
            async for chunk in chunks:
                if chunk.answer:
                    return chunk.answer
        raise AssertionError("a run ends with its answer")

    async def stream(self, request: AgentRequest) -> AsyncGenerator[AgentChunk]:
        """See the base class."""
        async with aclosing(self._run(request, streamed=True)) as chunks:
            async for chunk in chunks:
                yield chunk

    async def _run(self, request: AgentRequest, *, streamed: bool) -> AsyncGenerator[AgentChunk]:
        import anyio

        self._lock = self._lock or anyio.Lock()
        limit = self.settings.max_seconds
        begin = time.perf_counter()
        self.metrics.executions += 1
        is_over = False
        try:
            async with self._lock:
                deadline = time.monotonic() + limit
                with self._tracer.span("agent", f"agent {self.name}", **{"gen_ai.agent.name": self.name}):
                    async with aclosing(self._rounds(self._begin(request), streamed, deadline)) as chunks:
                        async for chunk in chunks:
                            is_over = chunk.answer is not None
                            yield chunk
        finally:
            self.metrics.failures += not is_over
            self.metrics.total_ms += (time.perf_counter() - begin) * 1000

    def _begin(self, request: AgentRequest) -> _Turn:
        text = render(request.text, {**self.settings.variables, **request.parameters})
        asked = Message("user", text, request.media)
        return _Turn(self, request, [*self.turns, asked], [self])

    async def _rounds(self, turn: _Turn, streamed: bool, deadline: float) -> AsyncGenerator[AgentChunk]:
        """Ask, let tools run, ask again, until there is an answer."""
        while True:
            answer: ModelAnswer | None = None
            async with aclosing(self._asked(turn, streamed, deadline)) as chunks:
                async for chunk in chunks:
                    if chunk.text:
                        yield AgentChunk(chunk.text, turn.speaker.name)
                    answer = chunk.answer or answer
            assert answer is not None, "a stream ends with the whole answer"
            turn.count(answer.usage)
            turn.messages.append(
                Message("assistant", answer.text, answer.media, tool_calls=answer.tool_calls)
            )
            if answer.tool_calls:
                await self._before(deadline, self._call_tools(turn, answer.tool_calls))
            elif request := handoff.answered(turn.speaker.settings.handoffs, answer.text):
                _hand_over(turn, request)
            else:
                try:
                    data = _data(turn, answer)
                except structured.OutputError as problem:
                    _send_back(turn, problem)
                    continue
                _remember(turn)
                yield AgentChunk(agent=turn.speaker.name, answer=_answer(turn, answer, data))
                return

    async def _asked(self, turn: _Turn, streamed: bool, deadline: float) -> AsyncGenerator[Chunk]:
        request = turn.speaker.model_request(turn.messages, turn.request)
        provider = turn.speaker.provider
        if not streamed:
            yield Chunk(answer=await self._before(deadline, self._meter.complete(provider, request)))
            return
        async with aclosing(self._meter.stream(provider, request)) as chunks:
            while True:
                try:
                    chunk = await self._before(deadline, anext(chunks))
                except StopAsyncIteration:
                    return
                yield chunk

    async def _before(self, deadline: float, work: Any) -> Any:
        """The result of work that has to be done in time. A generator must not yield inside a time limit."""
        import anyio

        try:
            with anyio.fail_after(max(deadline - time.monotonic(), 0)):
                return await work
        except TimeoutError:
            raise AgentTimeoutError(
                f"the agent '{self.name}' took longer than {self.settings.max_seconds:g} seconds;"
                " raise max_execution_time_secs"
            ) from None

    def model_request(self, messages: Sequence[Message], request: AgentRequest) -> ModelRequest:
        """What the model is asked in a round."""
        settings = self.settings
        definitions = [tool.definition for tool in self._tools.values()]
        return ModelRequest(
            self.model,
            [*self._preamble(request), *messages],
            tools=[*definitions, *(one.definition for one in settings.handoffs)],
            schema=settings.schema,
            temperature=settings.model.temperature,
            max_tokens=settings.model.max_tokens,
            top_p=settings.model.top_p,
            stop=settings.model.stop,
            seed=settings.model.seed,
            timeout=settings.model.timeout,
        )

    def _preamble(self, request: AgentRequest) -> list[Message]:
        parts = []
        if self.settings.system_prompt:
            variables = {**self.settings.variables, **request.parameters}
            parts.append(render(self.settings.system_prompt, variables, "the system prompt"))
        if request.context:
            parts.append(f"What is known so far:\n{as_text(dict(request.context))}")
        if self.settings.schema is not None and not self.provider.capabilities.structured:
            parts.append(structured.instruction(self.settings.schema))
        return [Message("system", "\n\n".join(parts))] if parts else []

    async def _call_tools(self, turn: _Turn, calls: Sequence[ToolCall]) -> None:
        """Run what a model asked for, at the same time; handing over comes last."""
        import anyio

        speaker = turn.speaker
        used = len(turn.uses) + len(calls)
        if used > speaker.settings.max_tool_calls:
            limit = speaker.settings.max_tool_calls
            raise AgentError(
                f"the agent '{speaker.name}' wants more than {limit} tool calls; raise max_tool_calls"
            )
        requests = [_requested(speaker, call) for call in calls]
        results: dict[int, str] = {}

        async def work(index: int, call: ToolCall) -> None:
            results[index] = await self._call_tool(turn, call)

        async with anyio.create_task_group() as group:
            for index, call in enumerate(calls):
                if isinstance(requests[index], str):
                    results[index] = str(requests[index])
                elif requests[index] is None:
                    group.start_soon(work, index, call)
                else:
                    results[index] = "The conversation goes on with the other agent."
        turn.messages += [
            Message("tool", results[index], tool_call_id=call.id, tool_name=call.name)
            for index, call in enumerate(calls)
        ]
        for request in requests:
            if isinstance(request, handoff.HandoffRequest):
                return _hand_over(turn, request)
        return None

    async def _call_tool(self, turn: _Turn, call: ToolCall) -> str:
        """A tool's result as the model reads it; what fails is told to the model, too."""
        tool = turn.speaker.tools.get(call.name)
        begin = time.perf_counter()
        result: Any
        if tool is None:
            known = ", ".join(turn.speaker.tools) or "none"
            return f"Error: there is no tool '{call.name}'; there is {known}"
        try:
            with self._tracer.span("tool", f"tool {call.name}", **{"gen_ai.tool.name": call.name}):
                result, success = await tool.call(call.arguments), True
        except Exception as problem:  # noqa: BLE001 - the model is to hear of it, and to do better
            result, success = f"Error: {problem}", False
        elapsed = (time.perf_counter() - begin) * 1000
        turn.uses.append(ToolUse(call.name, call.arguments, result, success, elapsed))
        return as_text(result)


def _requested(speaker: LLMAgent, call: ToolCall) -> handoff.HandoffRequest | str | None:
    """Whether a call hands over; what is wrong with it goes back to the model."""
    try:
        return handoff.called(speaker.settings.handoffs, call.name, call.arguments)
    except handoff.HandoffError as problem:
        return f"Error: {problem}"


def _hand_over(turn: _Turn, request: handoff.HandoffRequest) -> None:
    """Let the other agent speak. It gets the conversation so far."""
    target = request.target
    if not isinstance(target, LLMAgent):
        raise handoff.HandoffError(f"the agent '{target.name}' has no model that could go on")
    turn.speakers.append(target)
    handoff.check_length(turn.path, turn.speakers[0].settings.max_handoffs)
    turn.speaker = target
    if request.message:
        turn.messages.append(Message("user", request.message))


def _data(turn: _Turn, answer: ModelAnswer) -> Any:
    schema = turn.speaker.settings.schema
    return None if schema is None else structured.parsed(answer.text, schema)


def _send_back(turn: _Turn, problem: structured.OutputError) -> None:
    if turn.repairs >= turn.speaker.settings.output_retries:
        raise structured.OutputError(f"the agent '{turn.speaker.name}': {problem}") from None
    turn.repairs += 1
    turn.messages.append(Message("user", structured.repair(problem)))


def _remember(turn: _Turn) -> None:
    """Every agent that took part remembers the whole conversation."""
    for agent in dict.fromkeys(turn.speakers):
        agent.turns = _last_turns(turn.messages, agent.settings.max_turns)


def _last_turns(messages: Sequence[Message], count: int) -> list[Message]:
    """The last turns, each beginning with what a user said: no tool's answer stands without its call."""
    begins = [index for index, message in enumerate(messages) if message.role == "user"]
    return list(messages[begins[-count] :]) if len(begins) > count else list(messages)


def _answer(turn: _Turn, answer: ModelAnswer, data: Any) -> AgentAnswer:
    return AgentAnswer(
        text=answer.text,
        usage=Usage(turn.input_tokens, turn.output_tokens, turn.cost),
        model=f"{turn.speaker.provider.name}/{turn.speaker.model}",
        agent=turn.speaker.name,
        path=tuple(turn.path),
        data=data,
        media=answer.media,
        tool_uses=tuple(turn.uses),
        finish_reason=answer.finish_reason,
        details=answer.details,
    )
