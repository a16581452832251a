"""From the steps that scripts write to those of the engine."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from llmspell_engine.agents.base import AgentRequest, BaseAgent
from llmspell_engine.agents.tools import as_text
from llmspell_engine.api.agent_instance import AgentInstance
from llmspell_engine.api.agent_options import AgentInput
from llmspell_engine.api.agent_pool import AgentPool
from llmspell_engine.api.validation import validate
from llmspell_engine.api.workflow_instance import WorkflowInstance
from llmspell_engine.api.workflow_steps import ActionOptions, StepOptions, StepRetry
from llmspell_engine.globals.agent_making import AgentMaker
from llmspell_engine.globals.workflow_conditions import condition_of
from llmspell_engine.globals.workflow_telling import Teller
from llmspell_engine.tools.base import ToolError
from llmspell_engine.workflows import templates
from llmspell_engine.workflows.actions import Action, AgentAction, FunctionAction, ToolAction, WorkflowAction
from llmspell_engine.workflows.body import KINDS
from llmspell_engine.workflows.conditions import Every, Not
from llmspell_engine.workflows.handlers import StepHandlers
from llmspell_engine.workflows.results import WorkflowError
from llmspell_engine.workflows.step import NO_INPUT, Computed, Retry, Step, StepSettings
from llmspell_engine.workflows.workflow import Workflow

if TYPE_CHECKING:
    from llmspell_engine.agents.tools import AgentTool
    from llmspell_engine.globals.services import Run
    from llmspell_engine.globals.workflow_files import WorkflowText
    from llmspell_engine.workflows.conditions import Condition
    from llmspell_engine.workflows.context import Facts

_SELECTORS = {"tool": "tool", "agent": "agent", "execute": "function", "workflow": "workflow"}
_EXAMPLES = {"tool": '"calculator"', "agent": '"writer"', "workflow": '"other"'}
_TEMPLATE_TOOLS = ("template-creator", "template_engine")
_TAKEN = ("input", "steps", "state", "item", "index", "previous", "run_id", "attempt", "undone", "context")
"""Names that templates use for something else than steps."""
RETRY_STRATEGY = Retry(3, 1000)
"""What the strategy ``retry`` means."""


@dataclass(frozen=True, slots=True)
class Others:
    """Where steps have other workflows from.

    Attributes:
        named: gives the workflow of a handle, a name or an id.
        inside: makes the one that stands in a step as a table.
    """

    named: Callable[[Any], Workflow | None]
    inside: Callable[[ActionOptions, Mapping[str, Any], str], Workflow]


@runtime_checkable
class _OfAgent(Protocol):
    """A handle in which an agent is."""

    agent: BaseAgent


class StepMaker:
    """Makes the steps of one workflow.

    ``where`` begins the messages, or the place in ``text`` does; ``retry`` is for steps without one.
    """

    def __init__(
        self,
        run: Run,
        where: str,
        workflows: Others,
        retry: Retry | None = None,
        text: WorkflowText | None = None,
    ) -> None:
        self._run = run
        self._where = where
        self._workflows = workflows
        self._text = text
        self._retry = retry or Retry()
        self._names: set[str] = set()
        self._agents = AgentMaker(run, self._agent)
        self._teller = Teller(run.language)

    def steps(self, given: Sequence[Any], noun: str = "step") -> list[Step]:
        """Several steps; those without a name are numbered."""
        return [self.step(one, f"{noun}_{number}") for number, one in enumerate(given, 1)]

    def branch(self, given: Sequence[Any], noun: str, taken: set[str]) -> list[Step]:
        """The steps of one of several branches, whose names other branches may have too.

        ``taken`` collects the names of all branches, which steps after them cannot have.
        """
        outside, self._names = self._names, set(self._names)
        made = self.steps(given, noun)
        taken |= self._names
        self._names = outside
        return made

    def take(self, names: set[str]) -> None:
        """Let no step that comes have these names."""
        self._names |= names

    def step(self, given: Any, name: str) -> Step:
        """A step of options, a handle or a function. Raises WorkflowError naming step and field."""
        options = _options_of(given)
        name = options.name or name
        where = f"{self._text.at(options) if self._text else self._where}: the step '{name}'"
        self._take(name, where)
        compensation = options.compensate
        return Step(
            name,
            self._action(options, where),
            self._input(options, where),
            self._settings(options, where),
            None if compensation is None else self._compensation(compensation, name, where),
        )

    def condition(self, given: Any, where: str) -> Condition:
        """A condition. Raises WorkflowError naming what is missing."""
        return condition_of(given, where, self.told, self._asked)

    def _asked(self, given: Any, where: str) -> Action:
        return AgentAction(self._agent(given, where), self._request)

    def told(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """A function of the script that is told of the run last, as one that the loop may await."""

        async def call(*told: Any) -> Any:
            *first, facts = told
            accounts = [self._teller.account(one) if isinstance(one, Mapping) else one for one in first]
            return await self._run.scheduler.call(function, *accounts, self._teller.told(facts))

        return call

    def watching(self, function: Callable[..., Any] | None) -> Callable[..., Any] | None:
        """The same, where there is one."""
        return None if function is None else self.told(function)

    def _take(self, name: str, where: str) -> None:
        if name in _TAKEN:
            raise WorkflowError(f"{where}: templates mean something else by '{name}'; choose another name")
        if name in self._names:
            raise WorkflowError(f"{where} stands there twice; give each step a name of its own")
        self._names.add(name)

    def _compensation(self, given: Any, name: str, where: str) -> Step:
        options = given if isinstance(given, ActionOptions) else ActionOptions(execute=given)
        inner = f"{where}: compensate"
        return Step(
            options.name or f"undo_{name}",
            self._action(options, inner),
            self._input(options, inner),
            StepSettings(options.timeout_ms, self._retry_of(options, inner)),
        )

    def _action(self, options: ActionOptions, where: str) -> Action:
        selector = self._selector(options, where)
        match selector:
            case "tool":
                return ToolAction(self._tool(str(options.tool), where))
            case "agent":
                return AgentAction(self._agent(options.agent, where), self._request)
            case "workflow":
                return WorkflowAction(self._workflow(options, where))
            case _:
                return FunctionAction(self._function(options.execute, is_older=options.type == "custom"))

    def _selector(self, options: ActionOptions, where: str) -> str:
        """Which of the fields that say what a step does is given, and fits its type."""
        given = [name for name in _SELECTORS if getattr(options, name) is not None]
        wanted = "workflow" if options.type in KINDS else options.type
        wanted = "function" if wanted == "custom" else wanted
        field = next((name for name, kind in _SELECTORS.items() if kind == wanted), None)
        if field is not None and given != [field]:
            other = f", not '{given[0]}'" if given and field not in given else ""
            extra = next((name for name in given if name != field), None)
            if field in given and extra:
                raise WorkflowError(f"{where}: a step of the type '{options.type}' takes no '{extra}'")
            raise WorkflowError(
                f"{where}: '{field}' is missing; a step of the type '{options.type}' needs"
                f" {self._written(field)}{other}"
            )
        if len(given) != 1:
            told = f"'{given[0]}' and '{given[1]}' exclude each other" if given else "it does nothing"
            raise WorkflowError(f"{where}: {told}; write one of tool, agent, execute and workflow")
        return given[0]

    def _tool(self, name: str, where: str) -> AgentTool:
        try:
            return self._agents.tool(name)
        except ToolError as error:
            raise WorkflowError(f"{where}: 'tool': {error}") from None

    def _agent(self, given: Any, where: str = "") -> BaseAgent:
        if isinstance(given, _OfAgent):
            return given.agent
        handle = self._run.agents.find(given)
        if handle is None:
            raise WorkflowError(f"{where}: 'agent': {_missing('agent', given, list(self._run.agents))}")
        agent: BaseAgent = handle.agent
        return agent

    def _workflow(self, options: ActionOptions, where: str) -> Workflow:
        given = options.workflow
        if isinstance(given, Mapping):
            return self._workflows.inside(options, given, where)
        found = self._workflows.named(given)
        if found is None:
            raise WorkflowError(f"{where}: 'workflow': there is no workflow '{given}'; make it before")
        return found

    def _request(self, given: Any) -> AgentRequest:
        if not isinstance(given, Mapping) or "text" not in given:
            return self._agents.request(as_text(given))
        options = validate(AgentInput, given, where="input", language=self._run.language)
        return self._agents.request(options)

    def _function(self, function: Any, *, is_older: bool) -> Callable[..., Any]:
        async def call(given: Any, facts: Facts) -> Any:
            return await self._run.scheduler.call(function, given, self._teller.told(facts))

        async def call_as_older(given: Any, facts: Facts) -> Any:
            return await self._run.scheduler.call(function, self._teller.told_as_older(facts), given)

        return call_as_older if is_older else call

    def _input(self, options: ActionOptions, where: str) -> Any:
        if "input" not in options.model_fields_set:
            return NO_INPUT
        if callable(options.input):
            return Computed(self.told(options.input))
        given = _kept_apart(options)
        templates.check(given, f"{where}: input")
        return given

    def _settings(self, options: StepOptions, where: str) -> StepSettings:
        return StepSettings(
            options.timeout_ms,
            self._retry_of(options, where),
            None if callable(options.on_error) else options.on_error,
            self._conditions(options, where),
            options.output_key,
            self._handlers(options),
        )

    def _handlers(self, options: StepOptions) -> StepHandlers:
        return StepHandlers(
            self.watching(options.before_execute),
            self.watching(options.after_execute),
            self.watching(options.on_retry),
            self.told(options.on_error) if callable(options.on_error) else None,
        )

    def _conditions(self, options: StepOptions, where: str) -> Condition | None:
        parts: list[Condition] = []
        if options.condition is not None:
            parts.append(self.condition(options.condition, f"{where}: condition"))
        if options.skip_if is not None:
            parts.append(Not(self.condition(options.skip_if, f"{where}: skip_if")))
        return Every(parts) if len(parts) > 1 else parts[0] if parts else None

    def _retry_of(self, options: ActionOptions, where: str) -> Retry:
        if options.retry is not None and options.retry_count is not None:
            raise WorkflowError(f"{where}: 'retry' and 'retry_count' exclude each other; write one of them")
        if options.retry is not None:
            return retry_of(options.retry)
        return self._retry if options.retry_count is None else Retry(options.retry_count + 1)

    def _written(self, field: str) -> str:
        sign = " = " if self._run.language == "lua" else ": "
        function = "function(input) … end" if self._run.language == "lua" else "(input) => …"
        return f"{field}{sign}{_EXAMPLES.get(field, function)}"


def _kept_apart(options: ActionOptions) -> Any:
    """The input, where a template that the tool is to fill in with values of its own is left to it."""
    given = options.input
    if not isinstance(given, Mapping) or str(options.tool) not in _TEMPLATE_TOOLS:
        return given
    values = [given[name] for name in ("context", "variables") if given.get(name)]
    texts = {name: given[name] for name in ("input", "template") if isinstance(given.get(name), str)}
    own = {name: text for name, text in texts.items() if any(_is_for(text, one) for one in values)}
    return {**given, **{name: templates.verbatim(text) for name, text in own.items()}}


def _is_for(text: str, values: Any) -> bool:
    """Whether a template is for these values; which ones there are may only turn out in the run."""
    return not isinstance(values, Mapping) or templates.names_one_of(text, [str(name) for name in values])


def _options_of(given: Any) -> StepOptions:
    if isinstance(given, StepOptions):
        return given
    if isinstance(given, WorkflowInstance):
        return StepOptions(workflow=given)
    if isinstance(given, AgentInstance | AgentPool):
        return StepOptions(agent=given)
    return StepOptions(execute=given)


def retry_of(options: StepRetry) -> Retry:
    """How often a step is tried, from what scripts write."""
    return Retry(options.attempts, options.backoff_ms, options.factor)


def _missing(what: str, name: Any, known: Sequence[str]) -> str:
    near = get_close_matches(str(name), known, n=1, cutoff=0.6)
    hint = f"did you mean '{near[0]}'?" if near else f"there is {', '.join(known) or 'none yet'}"
    return f"there is no {what} {json.dumps(name)}; {hint}"
