"""Agents made of agents: in a row, chosen by a rule, and many at a time."""

from __future__ import annotations

import itertools
import re
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from llmspell_engine.agents.base import (
    AgentAnswer,
    AgentChunk,
    AgentError,
    AgentRequest,
    AgentScope,
    BaseAgent,
    ToolUse,
)
from llmspell_engine.providers.base import NOTHING_USED

if TYPE_CHECKING:
    from anyio import Semaphore

Strategy = Literal["first", "round_robin", "fallback", "all", "capability"]
Function = Callable[[str], Awaitable[Any]]
Choose = Callable[[AgentRequest], Awaitable[Any]]


class Pipeline(BaseAgent):
    """Each step works on what the one before it gave."""

    kind: ClassVar[str] = "pipeline"

    def __init__(
        self,
        name: str | None,
        description: str | None,
        scope: AgentScope,
        steps: Sequence[BaseAgent | Function],
    ) -> None:
        super().__init__(name, description, scope)
        self._steps = steps

    @property
    def parts(self) -> Sequence[BaseAgent]:
        """See the base class."""
        return [step for step in self._steps if isinstance(step, BaseAgent)]

    async def _perform(self, request: AgentRequest) -> AgentAnswer:
        answers, text = await self._through(self._steps, request)
        return _combined(self.name, answers, text)

    async def _perform_streamed(self, request: AgentRequest) -> AsyncGenerator[AgentChunk]:
        """See the base class: what is heard are the pieces of the last step."""
        last = self._steps[-1]
        if not isinstance(last, BaseAgent):
            async with aclosing(super()._perform_streamed(request)) as whole:
                async for chunk in whole:
                    yield chunk
            return
        answers, text = await self._through(self._steps[:-1], request)
        async with aclosing(last.stream(replace(request, text=text))) as chunks:
            async for chunk in chunks:
                if chunk.answer is None:
                    yield chunk
                else:
                    answers.append(chunk.answer)
        yield AgentChunk(agent=self.name, answer=_combined(self.name, answers, answers[-1].text))

    async def _through(
        self, steps: Sequence[BaseAgent | Function], request: AgentRequest
    ) -> tuple[list[AgentAnswer], str]:
        """The answers of some steps, and the text that the last of them gave."""
        answers: list[AgentAnswer] = []
        text = request.text
        for step in steps:
            if isinstance(step, BaseAgent):
                answers.append(await step.execute(replace(request, text=text)))
                text = answers[-1].text
            else:
                text = str(await step(text))
        return answers, text


class Router(BaseAgent):
    """Lets one of several agents answer, or all of them.

    ``first`` asks the first, ``round_robin`` each in its turn, ``fallback`` the next where one fails, ``all``
    every one at the same time, their answers joined; ``capability`` the one that can do what the request asks
    for or its text names, or the agent ``otherwise``. A function may choose instead: it gives a name.
    """

    kind: ClassVar[str] = "composite"

    def __init__(
        self,
        name: str | None,
        scope: AgentScope,
        agents: Sequence[BaseAgent],
        strategy: Strategy | Choose,
        otherwise: BaseAgent | None = None,
    ) -> None:
        super().__init__(name, None, scope, _all_capabilities(agents))
        self._agents = agents
        self._strategy = strategy
        self._otherwise = otherwise
        self._next = itertools.cycle(agents)

    @property
    def parts(self) -> Sequence[BaseAgent]:
        """See the base class."""
        others = [self._otherwise] if self._otherwise and self._otherwise not in self._agents else []
        return [*self._agents, *others]

    async def _perform(self, request: AgentRequest) -> AgentAnswer:
        if self._strategy == "fallback":
            return await self._fall_back(request)
        if self._strategy == "all":
            answers = await all_answers([(agent, request) for agent in self._agents], len(self._agents))
            return _combined(self.name, answers, "\n\n".join(answer.text for answer in answers))
        return await (await self._chosen(request)).execute(request)

    async def _perform_streamed(self, request: AgentRequest) -> AsyncGenerator[AgentChunk]:
        """See the base class: the pieces of the agent that answers; one piece where all do."""
        if self._strategy == "all":
            pieces = super()._perform_streamed(request)
        elif self._strategy == "fallback":
            pieces = self._fall_back_streamed(request)
        else:
            pieces = (await self._chosen(request)).stream(request)
        async with aclosing(pieces) as chunks:
            async for chunk in chunks:
                yield chunk

    async def _chosen(self, request: AgentRequest) -> BaseAgent:
        """The one agent that is to answer."""
        match self._strategy:
            case "first":
                return self._agents[0]
            case "round_robin":
                return next(self._next)
            case "capability":
                return self._capable(request)
            case choose:
                assert callable(choose), "the other strategies let several answer"
                return self._named(await choose(request))

    def _named(self, name: Any) -> BaseAgent:
        found = next((agent for agent in self._agents if agent.name == name), None)
        if found is None:
            known = ", ".join(f"'{agent.name}'" for agent in self._agents)
            raise AgentError(f"'{self.name}': the routing chose '{name}', but there is {known}")
        return found

    def _capable(self, request: AgentRequest) -> BaseAgent:
        """The agent that can do what is asked for. Raises AgentError listing what there is."""
        wanted = [request.capability] if request.capability else _named_in(request.text, self.capabilities)
        for capability in wanted:
            for agent in self._agents:
                if capability in agent.capabilities:
                    return agent
        if self._otherwise is not None:
            return self._otherwise
        known = ", ".join(f"'{each}'" for each in self.capabilities) or "none"
        asked = f"'{request.capability}'" if request.capability else "what the prompt asks for"
        raise AgentError(
            f"no agent of '{self.name}' is capable of {asked}; its agents' capabilities are {known}; name one"
            " as capability, or set fallback_agent"
        )

    async def _fall_back(self, request: AgentRequest) -> AgentAnswer:
        problem: Exception | None = None
        for agent in self._agents:
            try:
                return await agent.execute(request)
            except Exception as failure:  # noqa: BLE001 - the next one is asked
                problem = failure
        raise self._none_could(problem) from problem

    async def _fall_back_streamed(self, request: AgentRequest) -> AsyncGenerator[AgentChunk]:
        problem: Exception | None = None
        for agent in self._agents:
            is_seen = False
            try:
                async with aclosing(agent.stream(request)) as chunks:
                    async for chunk in chunks:
                        is_seen = True
                        yield chunk
            except Exception as failure:
                if is_seen:
                    raise
                problem = failure
            else:
                return
        raise self._none_could(problem) from problem

    def _none_could(self, problem: Exception | None) -> AgentError:
        return AgentError(f"none of the agents of '{self.name}' could answer: {problem}")


@dataclass(slots=True)
class PoolStatistics:
    """What a pool did so far."""

    executions: int = 0
    failures: int = 0
    busy: int = 0
    most_busy: int = 0


class Pool(BaseAgent):
    """Several agents made alike; each prompt is answered by one that is free."""

    kind: ClassVar[str] = "pool"

    def __init__(
        self, name: str | None, description: str | None, scope: AgentScope, members: Sequence[BaseAgent]
    ) -> None:
        super().__init__(name, description, scope, _all_capabilities(members))
        self._members = members
        self._free = list(members)
        self._limit: Semaphore | None = None
        self.statistics = PoolStatistics()

    @property
    def size(self) -> int:
        """How many prompts are answered at a time."""
        return len(self._members)

    @property
    def parts(self) -> Sequence[BaseAgent]:
        """See the base class."""
        return self._members

    async def _perform(self, request: AgentRequest) -> AgentAnswer:
        async with self._member() as agent:
            return await agent.execute(request)

    async def _perform_streamed(self, request: AgentRequest) -> AsyncGenerator[AgentChunk]:
        """See the base class: the pieces of the member that answers."""
        async with self._member() as agent, aclosing(agent.stream(request)) as chunks:
            async for chunk in chunks:
                yield chunk

    @asynccontextmanager
    async def _member(self) -> AsyncIterator[BaseAgent]:
        """A member for the time of one answer, once one is free."""
        import anyio

        self._limit = self._limit or anyio.Semaphore(self.size)
        statistics = self.statistics
        async with self._limit:
            agent = self._free.pop()
            statistics.executions += 1
            statistics.busy += 1
            statistics.most_busy = max(statistics.most_busy, statistics.busy)
            try:
                yield agent
            except GeneratorExit:
                # Who reads a stream may stop when it has enough.
                raise
            except BaseException:
                statistics.failures += 1
                raise
            finally:
                statistics.busy -= 1
                self._free.append(agent)

    async def map(self, requests: Sequence[AgentRequest]) -> list[AgentAnswer]:
        """The answers to several prompts, in their order. The first error ends the rest."""
        return await all_answers([(self, request) for request in requests], self.size)


async def all_answers(work: Sequence[tuple[BaseAgent, AgentRequest]], at_once: int) -> list[AgentAnswer]:
    """Ask several at the same time; their answers in order. The first error ends the others and is raised."""
    import anyio

    limit = anyio.Semaphore(at_once)
    answers: dict[int, AgentAnswer] = {}

    async def ask(index: int, agent: BaseAgent, request: AgentRequest) -> None:
        async with limit:
            answers[index] = await agent.execute(request)

    try:
        async with anyio.create_task_group() as group:
            for index, (agent, request) in enumerate(work):
                group.start_soon(ask, index, agent, request)
    except BaseExceptionGroup as failures:
        raise _first(failures) from None
    return [answers[index] for index in range(len(work))]


def _all_capabilities(agents: Sequence[BaseAgent]) -> list[str]:
    return list(dict.fromkeys(capability for agent in agents for capability in agent.capabilities))


def _named_in(text: str, capabilities: Sequence[str]) -> list[str]:
    """The capabilities that a text names, in the order of the text; the longest where they overlap."""
    longest = sorted(capabilities, key=len, reverse=True)
    if not longest:
        return []
    pattern = "|".join(re.escape(each).replace("_", "[ _-]").replace("\\-", "[ _-]") for each in longest)
    found = re.findall(rf"(?<!\w)({pattern})(?!\w)", text, re.IGNORECASE)
    plain = {_plain(each): each for each in capabilities}
    return [plain[_plain(each)] for each in found]


def _plain(name: str) -> str:
    return re.sub(r"[ _-]", " ", name.lower())


def _first(failures: BaseExceptionGroup[BaseException]) -> BaseException:
    first = failures.exceptions[0]
    return _first(first) if isinstance(first, BaseExceptionGroup) else first


def _combined(name: str, answers: Sequence[AgentAnswer], text: str) -> AgentAnswer:
    """The answer of a whole: the usage is the sum of the parts'."""
    uses: tuple[ToolUse, ...] = tuple(use for answer in answers for use in answer.tool_uses)
    last = answers[-1] if answers else None
    return AgentAnswer(
        text=text,
        usage=sum((answer.usage for answer in answers), NOTHING_USED),
        model=last.model if last else None,
        agent=name,
        path=tuple(step for answer in answers for step in (answer.path or (answer.agent,))),
        data=last.data if last and last.text == text else None,
        tool_uses=uses,
    )
