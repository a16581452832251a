"""The agent that asks a model: its conversation, the tool-calling loop, handing over, structured answers."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, ClassVar, cast

from llmspell_engine.agents import execution, handoff, model_calls, structured, transcript
from llmspell_engine.agents.base import (
    AgentAnswer,
    AgentChunk,
    AgentError,
    AgentRequest,
    AgentScope,
    BaseAgent,
)
from llmspell_engine.agents.errors import AgentTimeoutError
from llmspell_engine.agents.model_calls import Retries
from llmspell_engine.agents.prompts import render
from llmspell_engine.agents.tool_calls import call_tools
from llmspell_engine.agents.tools import AgentTool, WrappedAgent, as_text
from llmspell_engine.agents.turn import Turn
from llmspell_engine.providers.base import (
    Chunk,
    Message,
    ModelAnswer,
    ModelRequest,
    Provider,
    ProviderError,
)

if TYPE_CHECKING:
    from anyio import Lock

REMEMBERED_TURNS = 100
"""How many turns an agent remembers where its settings do not say."""


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
    retries: Retries = field(default_factory=Retries)
    capabilities: Sequence[str] = ()


class LLMAgent(BaseAgent):
    """Answers with a model. Executions run one after the other, for they share a conversation."""

    kind: ClassVar[str] = "llm"

    def __init__(self, provider: Provider, model: str, settings: LLMSettings, scope: AgentScope) -> None:
        super().__init__(settings.name, settings.description, scope, settings.capabilities)
        self.provider = provider
        self.model = model
        self.settings = settings
        self.turns: list[Message] = []
        self._tools = {tool.name: tool for tool in settings.tools}
        self._lock: Lock | None = None
        if settings.schema is not None:
            structured.check_schema(settings.schema)

    @property
    def model_name(self) -> str:
        """The model, with who serves it."""
        return f"{self.provider.name}/{self.model}"

    @property
    def tools(self) -> Mapping[str, AgentTool]:
        """See the base class."""
        return self._tools

    @property
    def parts(self) -> Sequence[BaseAgent]:
        """See the base class."""
        return [tool.agent for tool in self._tools.values() if isinstance(tool, WrappedAgent)]

    async def _perform(self, request: AgentRequest) -> AgentAnswer:
        lock = await self._our_turn()
        try:
            answer: AgentAnswer | None = None
            async for chunk in self._rounds(request, streamed=False):
                answer = chunk.answer
            assert answer is not None, "a run ends with its answer"
            return answer
        finally:
            lock.release()

    async def _perform_streamed(self, request: AgentRequest) -> AsyncGenerator[AgentChunk]:
        lock = await self._our_turn()
        try:
            async with aclosing(self._rounds(request, streamed=True)) as chunks:
                async for chunk in chunks:
                    yield chunk
        finally:
            lock.release()

    async def _our_turn(self) -> Lock:
        """The lock, taken when the agent's executions before this one are over, within a limit of time."""
        import anyio

        before = execution.callers()[:-1]
        if (self.id, self.name) in before:
            path = " -> ".join(name for _, name in before[before.index((self.id, self.name)) :])
            raise AgentError(
                f"the agent '{self.name}' is asked while it answers ({path} -> {self.name}): it would wait"
                " for itself; let it ask another agent"
            )
        lock = self._lock = self._lock or anyio.Lock()
        try:
            lock.acquire_nowait()
        except anyio.WouldBlock:
            deadline = time.monotonic() + self.settings.max_seconds
            await self._within(deadline, lock.acquire(), "waited for its turn")
        return lock

    async def _rounds(self, request: AgentRequest, *, streamed: bool) -> AsyncGenerator[AgentChunk]:
        """Ask, let tools run, ask again, until there is an answer: the only piece of what is not streamed."""
        deadline = time.monotonic() + self.settings.max_seconds
        text = render(request.text, {**self.settings.variables, **request.parameters})
        turn = Turn.begun(self, request, text)
        while True:
            answer: ModelAnswer | None = None
            if streamed:
                async with aclosing(self._asked_streamed(turn, deadline)) as chunks:
                    async for chunk in chunks:
                        if chunk.text:
                            yield AgentChunk(chunk.text, turn.speaker.name)
                        answer = chunk.answer or answer
                assert answer is not None, "a stream ends with the whole answer"
            else:
                answer = await self._asked(turn, deadline)
            turn.count(answer.usage)
            turn.add(Message("assistant", answer.text, answer.media, tool_calls=answer.tool_calls))
            handover = await self._handover(turn, answer, deadline)
            if handover is not None:
                self._note_handoff(turn, handover)
                if isinstance(handover.target, LLMAgent):
                    await self._within(deadline, _hand_over(turn, handover, handover.target))
                    continue
                async with aclosing(self._passed_on(turn, handover, streamed, deadline)) as pieces:
                    async for piece in pieces:
                        yield piece
                return
            if not answer.tool_calls and (final := _final(turn, answer)) is not None:
                turn.remember()
                yield AgentChunk(agent=turn.speaker.name, answer=final)
                return

    async def _handover(
        self, turn: Turn, answer: ModelAnswer, deadline: float
    ) -> handoff.HandoffRequest | None:
        """Whom an answer hands over to, after the tools that it calls have run."""
        if answer.tool_calls:
            found = await self._within(deadline, call_tools(turn, answer.tool_calls))
            return cast("handoff.HandoffRequest | None", found)
        return handoff.answered(turn.speaker.settings.handoffs, answer.text)

    async def _asked(self, turn: Turn, deadline: float) -> ModelAnswer:
        """One round, tried again after errors that may pass."""
        speaker, failed = turn.speaker, 0
        request = speaker.model_request(turn.messages, turn.request)
        while True:
            try:
                work = model_calls.complete(self.scope, speaker.name, speaker.provider, request)
                return cast("ModelAnswer", await self._within(deadline, work))
            except ProviderError as problem:
                failed += 1
                await self._pause(turn, problem, failed, deadline)

    async def _asked_streamed(self, turn: Turn, deadline: float) -> AsyncGenerator[Chunk]:
        """One round in pieces, tried again as long as nothing of it was seen."""
        speaker, failed, is_seen = turn.speaker, 0, False
        request = speaker.model_request(turn.messages, turn.request)
        while True:
            try:
                stream = model_calls.stream(self.scope, speaker.name, speaker.provider, request)
                async with aclosing(stream) as chunks:
                    while (chunk := await self._within(deadline, anext(chunks, None))) is not None:
                        is_seen = True
                        yield chunk
            except ProviderError as problem:
                if is_seen:
                    raise
                failed += 1
                await self._pause(turn, problem, failed, deadline)
            else:
                return

    async def _pause(self, turn: Turn, problem: ProviderError, failed: int, deadline: float) -> None:
        """Wait before the next try. Raises the problem where there is none."""
        import anyio

        wait = turn.speaker.settings.retries.wait(problem, failed)
        if wait is None:
            raise problem
        await self._within(deadline, anyio.sleep(wait))

    async def _within(self, deadline: float, work: Any, did: str = "worked") -> Any:
        """The result of work that has to be done in time. A generator must not yield inside a time limit."""
        import anyio

        with anyio.move_on_after(max(deadline - time.monotonic(), 0)):
            return await work
        limit = f"{self.settings.max_seconds:g} seconds; raise max_execution_time_secs"
        took = "took" if did == "worked" else did
        raise AgentTimeoutError(f"the agent '{self.name}' {took} longer than {limit}")

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

    async def summary(self, messages: Sequence[Message]) -> ModelAnswer:
        """What the model makes of what was said, for somebody who takes over."""
        asked = [*transcript.paired(messages), Message("user", transcript.SUMMARISE)]
        request = replace(self.model_request(asked, AgentRequest("")), tools=(), schema=None)
        return await model_calls.complete(self.scope, self.name, self.provider, request)

    def _note_handoff(self, turn: Turn, request: handoff.HandoffRequest) -> None:
        """Refuse to hand over where that may not be, and tell of it otherwise."""
        target = request.target
        target.lifecycle.check(target.name)
        handoff.check_length([*turn.path, target.name], turn.first.settings.max_handoffs)
        handoff.tell(self.scope, turn.speaker, target, request.message)

    async def _passed_on(
        self, turn: Turn, request: handoff.HandoffRequest, streamed: bool, deadline: float
    ) -> AsyncGenerator[AgentChunk]:
        """The answer of an agent without a model, which gets the message and what is known."""
        target = request.target
        asked = replace(turn.request, text=request.message or turn.asked_last(), history=None)
        answer: AgentAnswer | None = None
        if streamed:
            async with aclosing(target.stream(asked)) as chunks:
                while (chunk := await self._within(deadline, anext(chunks, None))) is not None:
                    answer = chunk.answer or answer
                    if chunk.text:
                        yield chunk
        else:
            answer = await self._within(deadline, target.execute(asked))
        assert answer is not None, "a stream ends with the whole answer"
        turn.count(answer.usage)
        turn.add(Message("assistant", answer.text, answer.media))
        turn.remember()
        path = [*turn.path, *(() if answer.path[:1] == (target.name,) else (target.name,)), *answer.path]
        whole = turn.answer(answer.text, data=answer.data, media=answer.media, details=answer.details)
        yield AgentChunk(
            agent=target.name,
            answer=replace(
                whole,
                agent=answer.agent or target.name,
                model=answer.model,
                path=tuple(path),
                tool_uses=(*turn.uses, *answer.tool_uses),
            ),
        )


async def _hand_over(turn: Turn, request: handoff.HandoffRequest, target: LLMAgent) -> None:
    """Let the other agent speak. It gets as much of the conversation as was agreed."""
    speaker = turn.speaker

    async def summarise(messages: Sequence[Message]) -> str:
        answer = await speaker.summary(messages)
        turn.count(answer.usage)
        return answer.text

    knows: Sequence[Message] = ()
    message = request.message
    if target not in turn.heard:
        knows = await transcript.cut(turn.messages, request.history, summarise)
        if not knows and not message:
            message = turn.asked_last()
    turn.passed_to(target, knows, message)


def _final(turn: Turn, answer: ModelAnswer) -> AgentAnswer | None:
    """The answer, with its data; None where it does not fit the schema and was sent back."""
    schema, data = turn.speaker.settings.schema, None
    if schema is not None:
        try:
            data = structured.parsed(answer.text, schema)
        except structured.OutputError as problem:
            _send_back(turn, problem)
            return None
    return turn.answer(
        answer.text,
        data=data,
        media=answer.media,
        finish_reason=answer.finish_reason,
        details=answer.details,
    )


def _send_back(turn: Turn, problem: structured.OutputError) -> None:
    if turn.repairs >= turn.speaker.settings.output_retries:
        raise structured.OutputError(f"the agent '{turn.speaker.name}': {problem}") from None
    turn.repairs += 1
    turn.add(Message("user", structured.repair(problem)))
