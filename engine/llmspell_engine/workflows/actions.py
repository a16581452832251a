"""What a step does: it runs a tool, asks an agent, calls a function, or runs another workflow."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, ClassVar

from llmspell_engine.agents.base import AgentRequest, BaseAgent, ToolUse
from llmspell_engine.agents.tools import AgentTool, WrappedAgent, as_text, called
from llmspell_engine.providers.base import NO_USAGE, Media, Usage
from llmspell_engine.worded import Worded
from llmspell_engine.workflows.results import WorkflowError

if TYPE_CHECKING:
    from llmspell_engine.workflows.context import Facts, Place, Undo
    from llmspell_engine.workflows.workflow import Workflow

Function = Callable[[Any, "Facts"], Awaitable[Any]]
ToRequest = Callable[[Any], AgentRequest]


@dataclass(frozen=True, slots=True)
class Done:
    """What an action gave."""

    output: Any
    text: str
    data: Any = None
    usage: Usage = NO_USAGE
    tool_uses: Sequence[ToolUse] = ()
    media: Sequence[Media] = ()
    state: Mapping[str, Any] = field(default_factory=dict)
    """What it wants kept in the shared data."""
    undo: Sequence[Undo] = ()
    """What was done inside of it that can be undone."""


class Action(ABC):
    """Something that a step can do."""

    kind: ClassVar[str]

    @abstractmethod
    async def perform(self, given: Any, place: Place, step: str) -> Done:
        """Do it with an input whose templates are filled in. Any error is the step's."""

    @property
    def agents(self) -> Sequence[BaseAgent]:
        """The agents that do it."""
        return ()

    def undoable(self, place: Place, step: str) -> Sequence[Undo]:
        """What an earlier try of the run did inside of it that can be undone."""
        return ()

    def definition(self) -> object:
        """What is remembered of it, to tell a changed workflow: its kind."""
        return self.kind


class ToolAction(Action):
    """Runs a tool. Its output is what ``Tool.execute`` gives; a result without success is an error."""

    kind = "tool"

    def __init__(self, tool: AgentTool) -> None:
        self._tool = tool

    @property
    def agents(self) -> Sequence[BaseAgent]:
        """See the base class."""
        return [self._tool.agent] if isinstance(self._tool, WrappedAgent) else []

    async def perform(self, given: Any, place: Place, step: str) -> Done:
        """See the base class."""
        if not isinstance(given, Mapping):
            raise WorkflowError(
                f"the tool '{self._tool.name}' takes a table of parameters, but the input is {_shown(given)};"
                " write input = { … }"
            )
        result = await called(place.run.owner, self._tool, given, place.run.context)
        if not isinstance(result, Mapping):
            return Done(result, as_text(result), result)
        if result.get("success") is False:
            raise WorkflowError(_reason(result))
        return Done(result, text_of(result), result.get("result", result))


class AgentAction(Action):
    """Asks an agent. Its output is the answer's data where there is some, and its text otherwise."""

    kind = "agent"

    def __init__(self, agent: BaseAgent, to_request: ToRequest | None = None) -> None:
        self._agent = agent
        self._to_request = to_request or request_of

    @property
    def agents(self) -> Sequence[BaseAgent]:
        """See the base class."""
        return [self._agent]

    async def perform(self, given: Any, place: Place, step: str) -> Done:
        """See the base class."""
        if given is None or given == "":
            raise WorkflowError(
                f"the agent '{self._agent.name}' is asked nothing; write input = \"…\", or give the workflow"
                " an input"
            )
        request = self._to_request(str(given) if isinstance(given, Worded) else given)
        request = replace(request, context={**place.run.context, **request.context})
        answer = await self._agent.execute(request)
        output = answer.text if answer.data is None else answer.data
        return Done(output, answer.text, answer.data, answer.usage, answer.tool_uses, answer.media)


class FunctionAction(Action):
    """Calls a function with the input and with what it may want to know of the run.

    A table with ``success`` tells how it went: ``error`` is the reason of a failure, ``output`` what it
    gives, ``state`` what is to be kept in the shared data.
    """

    kind = "function"

    def __init__(self, function: Function) -> None:
        self._function = function

    async def perform(self, given: Any, place: Place, step: str) -> Done:
        """See the base class."""
        value = await self._function(given, place.facts(step=step))
        state: Mapping[str, Any] = {}
        if isinstance(value, Mapping) and isinstance(value.get("success"), bool):
            if not value["success"]:
                raise WorkflowError(_reason(value))
            kept = value.get("state")
            state = kept if isinstance(kept, Mapping) else {}
            value = value.get("output", value)
        return Done(value, text_of(value), value, state=state)


class WorkflowAction(Action):
    """Runs another workflow, whose steps are written into the journal of the outer one."""

    kind = "workflow"

    def __init__(self, workflow: Workflow) -> None:
        self._workflow = workflow

    @property
    def agents(self) -> Sequence[BaseAgent]:
        """See the base class."""
        return [self._workflow]

    async def perform(self, given: Any, place: Place, step: str) -> Done:
        """See the base class."""
        outcome = await self._workflow.run_inside(given, place, step)
        uses = tuple(use for one in outcome.steps for use in one.tool_uses)
        return Done(
            outcome.output,
            outcome.text,
            outcome.output,
            outcome.usage,
            uses,
            outcome.media,
            undo=outcome.undo,
        )

    def undoable(self, place: Place, step: str) -> Sequence[Undo]:
        """See the base class."""
        return self._workflow.undoable_inside(place, step)

    def definition(self) -> object:
        """See the base class."""
        return [self.kind, self._workflow.definition()]


def text_of(output: Any) -> str:
    """An output as a reader or a model takes it: a table says so itself, by its ``text``."""
    text = output.get("text") if isinstance(output, Mapping) else None
    return text if isinstance(text, str) else as_text(output)


def request_of(given: Any) -> AgentRequest:
    """What an agent is asked with an input: a table's ``text``, or the input as text."""
    if isinstance(given, Mapping) and isinstance(given.get("text"), str):
        parameters, context = given.get("parameters"), given.get("context")
        return AgentRequest(
            given["text"],
            parameters=parameters if isinstance(parameters, Mapping) else {},
            context=context if isinstance(context, Mapping) else {},
        )
    return AgentRequest(as_text(given))


def _reason(result: Mapping[str, Any]) -> str:
    error = result.get("error")
    told = error.get("message") if isinstance(error, Mapping) else error
    return str(told or result.get("message") or "it told of a failure without saying why")


def _shown(value: Any) -> str:
    return "nothing" if value is None else f"{as_text(value)[:40]!r}"
