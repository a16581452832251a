"""Where a step stands in a run: what it sees of the input, of steps before it, and of the shared data."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from llmspell_engine.workflows.handlers import RunHandlers
from llmspell_engine.workflows.results import OnError, StepResult
from llmspell_engine.workflows.seen import Seen

if TYPE_CHECKING:
    from llmspell_engine.agents.base import AgentScope, BaseAgent
    from llmspell_engine.workflows.journal import Journal
    from llmspell_engine.workflows.step import Step


@dataclass(slots=True, eq=False, weakref_slot=True)
class Run:
    """One run of a workflow; shared by all its steps.

    Attributes:
        context: the facts that agents of one task share; those that steps ask are told.
        state: the shared data; the workflow's own table, which later runs go on with.
        facts: what the kind of the workflow tells of the run, as far as it is.
        kept_as: the name under which State keeps outputs, where the workflow has one of its own.
        undo: the steps that can be undone, with what came of each and where, in the order they ended.
        tolerated: the steps whose failures are none of the run's, by their places.
    """

    owner: BaseAgent
    id: str
    journal: Journal
    tell: Callable[[str, Mapping[str, Any]], None]
    input: Any
    state: dict[str, Any]
    on_error: OnError = "fail"
    kept_as: str | None = None
    context: Mapping[str, Any] = field(default_factory=dict)
    results: list[StepResult] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)
    undo: list[Undo] = field(default_factory=list)
    tolerated: set[str] = field(default_factory=set)
    handlers: RunHandlers = field(default_factory=RunHandlers)

    @property
    def workflow(self) -> str:
        """The name of the workflow."""
        return self.owner.name

    @property
    def scope(self) -> AgentScope:
        """What steps need of the run of the script."""
        return self.owner.scope


class Facts(dict[str, Any]):
    """What functions are told of a run, with the run, by which it is known what they were told before."""

    __slots__ = ("run",)

    def __init__(self, run: Run, told: Mapping[str, Any]) -> None:
        super().__init__(told)
        self.run = run


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a run.

    Attributes:
        given: what a step without an input of its own is given.
        results: those that templates see by the names of their steps.
    """

    run: Run
    given: Any
    prefix: str = ""
    local: Mapping[str, Any] = field(default_factory=dict)
    results: Seen = field(default_factory=Seen)

    def inside(self, part: str, *, apart: bool = False, **local: Any) -> Place:
        """The place of a round, a branch or an item. With ``apart`` its steps are not seen outside."""
        seen = self.results.copy() if apart else self.results
        return replace(self, prefix=f"{self.prefix}{part}/", local={**self.local, **local}, results=seen)

    def with_local(self, **local: Any) -> Place:
        """The same place with further variables."""
        return replace(self, local={**self.local, **local})

    def giving(self, value: Any) -> Place:
        """The same place, where steps are given a value instead of the input of the workflow."""
        return replace(self, given=value)

    async def keep(self, step: Step, result: StepResult) -> None:
        """Let later steps see a result, and write it down."""
        self._see(step, result)
        if step.settings.output_key and result.success and not result.skipped:
            self.run.state[step.settings.output_key] = result.output
        await self.run.journal.write(result, self.run.state, self.run.kept_as)
        hooks = self.run.scope.hooks
        if self.run.journal.is_kept and hooks.listens("WorkflowCheckpoint"):
            data = {"run_id": self.run.id, "step": result.name, "path": result.path}
            await hooks.reach("WorkflowCheckpoint", "workflow", self.run.workflow, data)

    def restore(self, step: Step) -> StepResult | None:
        """What came of a step in an earlier try of the run, if it was done then."""
        found = self.run.journal.restored(f"{self.prefix}{step.name}")
        if found is not None:
            self._see(step, found)
            if step.compensation is None and found.success and not found.skipped:
                self.run.undo.extend(step.action.undoable(self, step.name))
        return found

    async def decide(self, what: str, decide: Callable[[], Awaitable[Any]], *, at_once: bool = True) -> Any:
        """A decision, which a run that is taken up again does not make anew."""
        path = f"{self.prefix}?{what}"
        return await self.run.journal.decide(path, decide, self.run.state, at_once=at_once)

    def variables(self) -> Mapping[str, Any]:
        """What templates may name: local names first, then steps, then fields of the input."""
        given = self.run.input if isinstance(self.run.input, Mapping) else {}
        return {
            **{str(name): value for name, value in given.items()},
            **self.results.plain_views(),
            "input": self.run.input,
            "steps": self.results.views(),
            "state": self.run.state,
            "context": self.run.context,
            "run_id": self.run.id,
            **self.local,
        }

    def facts(self, **more: Any) -> Facts:
        """What functions are told of the run."""
        told = {"workflow": self.run.workflow, "run_id": self.run.id, "input": self.run.input}
        shared = {"state": self.run.state, "context": dict(self.run.context)}
        return Facts(self.run, {**told, **shared, "steps": self.results.accounts, **self.local, **more})

    def _see(self, step: Step, result: StepResult) -> None:
        self.results.add(step.name, result)
        self.run.results.append(result)
        if step.compensation is not None and result.success and not result.skipped:
            self.run.undo.append(Undo(step, result, self))


@dataclass(frozen=True, slots=True)
class Undo:
    """A step that can be undone, with what came of it, and where it stood."""

    step: Step
    result: StepResult
    place: Place
