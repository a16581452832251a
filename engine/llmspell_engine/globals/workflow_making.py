"""From the tables that scripts give to workflows."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from llmspell_engine.api import workflow_options as api
from llmspell_engine.api.validation import validate
from llmspell_engine.api.workflow_steps import ActionOptions, RetryStrategy
from llmspell_engine.globals.agent_making import scope_of
from llmspell_engine.globals.workflow_kinds import OPTIONS, checked_kind
from llmspell_engine.globals.workflow_steps import RETRY_STRATEGY, Others, StepMaker, retry_of
from llmspell_engine.workflows import templates
from llmspell_engine.workflows.collections import Collection, numbers
from llmspell_engine.workflows.conditional import Choice, Conditional
from llmspell_engine.workflows.conditions import Not
from llmspell_engine.workflows.handlers import RunHandlers
from llmspell_engine.workflows.loop import Loop
from llmspell_engine.workflows.map_reduce import MapReduce
from llmspell_engine.workflows.parallel import Branch, Parallel
from llmspell_engine.workflows.pipeline import Pipeline
from llmspell_engine.workflows.results import WorkflowError
from llmspell_engine.workflows.sequential import Sequential
from llmspell_engine.workflows.workflow import Workflow, WorkflowSettings

if TYPE_CHECKING:
    from llmspell_engine.globals.services import Run
    from llmspell_engine.globals.workflow_files import WorkflowText
    from llmspell_engine.language import Language
    from llmspell_engine.workflows.body import Body
    from llmspell_engine.workflows.conditions import Condition
    from llmspell_engine.workflows.results import OnError
    from llmspell_engine.workflows.step import Retry

_POLICIES: dict[str, OnError] = {"continue": "continue", "compensate": "compensate"}


class WorkflowMaker:
    """Makes workflows of one run. ``named`` gives the workflow of a handle, a name or an id."""

    def __init__(self, run: Run, named: Callable[[Any], Workflow | None]) -> None:
        self._run = run
        self._named = named
        self._scope = scope_of(run)

    def workflow(self, options: api.CommonOptions, where: str, text: WorkflowText | None = None) -> Workflow:
        """The workflow of some options, which may stand in a text.

        Raises WorkflowError that begins with ``where``, or with a line of the text.
        """
        strategy = options.error_strategy
        where = text.at(options) if text else where
        steps = StepMaker(
            self._run, where, Others(self._named, partial(self._inside, text)), _retry_of(strategy), text
        )
        body = self._body(options, steps, where)
        settings = WorkflowSettings(
            options.description,
            _POLICIES.get(strategy, "fail") if isinstance(strategy, str) else "fail",
            options.timeout_ms,
            steps.steps(options.cleanup, "cleanup"),
            options.name is not None,
            _pre_condition(options, steps, where),
            _handlers(options, steps),
        )
        made = Workflow(options.name or f"workflow-{str(uuid.uuid4())[:8]}", body, self._scope, settings)
        made.state.update(options.shared_data)
        return made

    def _inside(
        self, text: WorkflowText | None, step: ActionOptions, table: Mapping[str, Any], where: str
    ) -> Workflow:
        """The workflow that stands in a step as a table."""
        if text is not None:
            return self.workflow(text.options(table, (*text.keys(step), "workflow"))[1], where, text)
        return self.workflow(
            options_of(table, f"{where}: workflow", self._run.language), f"{where}: workflow"
        )

    def _body(self, options: api.CommonOptions, steps: StepMaker, where: str) -> Body:
        match options:
            case api.SequentialWorkflowOptions():
                return Sequential(steps.steps(options.steps))
            case api.ParallelWorkflowOptions():
                return self._parallel(options, steps, where)
            case api.ConditionalWorkflowOptions():
                return self._conditional(options, steps, where)
            case api.LoopWorkflowOptions():
                return self._loop(options, steps, where)
            case api.MapReduceWorkflowOptions():
                return self._map_reduce(options, steps, where)
            case api.PipelineWorkflowOptions():
                return self._pipeline(options, steps, where)
        raise AssertionError(f"no kind takes {type(options).__name__}")

    def _parallel(self, options: api.ParallelWorkflowOptions, steps: StepMaker, where: str) -> Body:
        taken: set[str] = set()
        branches = [
            Branch(
                one.name or f"branch_{number}",
                steps.branch(one.steps, f"branch_{number}_step", taken),
                one.required,
            )
            for number, one in enumerate(options.branches, 1)
        ]
        steps.take(taken)
        single = steps.steps(options.steps)
        branches += [Branch(step.name, [step]) for step in single]
        if not branches:
            raise WorkflowError(f"{where}: it has nothing to do; give 'branches' or 'steps'")
        names = [branch.name for branch in branches]
        _check_apart(names, where)
        steps.take(set(names))
        then = steps.steps(options.post_steps, "post_step")
        return Parallel(branches, options.max_concurrency, then, fail_fast=options.fail_fast is not False)

    def _conditional(self, options: api.ConditionalWorkflowOptions, steps: StepMaker, where: str) -> Body:
        first = steps.steps(options.steps)
        choices = []
        for number, branch in enumerate(options.branches, 1):
            name = branch.name or f"branch_{number}"
            condition = steps.condition(branch.condition, f"{where}: the branch '{name}': condition")
            choices.append(Choice(name, steps.steps(branch.steps, f"{name}_step"), condition))
        if options.default_branch is not None:
            default = options.default_branch
            choices.append(Choice(default.name, steps.steps(default.steps, f"{default.name}_step")))
        _check_apart([choice.name for choice in choices], where)
        return Conditional(choices, first, all_matching=options.execute_all_matching)

    def _loop(self, options: api.LoopWorkflowOptions, steps: StepMaker, where: str) -> Body:
        iterator = options.iterator
        given = [iterator.range, iterator.collection, iterator.while_condition]
        if len([one for one in given if one is not None]) != 1:
            raise WorkflowError(
                f"{where}: 'iterator' has exactly one of range, collection and while_condition"
            )
        condition = None
        if iterator.while_condition is not None:
            condition = steps.condition(iterator.while_condition, f"{where}: while_condition")
        breaks = [
            steps.condition(one, f"{where}: break_conditions[{number}]")
            for number, one in enumerate(options.break_conditions, 1)
        ]
        if options.continue_condition is not None:
            breaks.append(Not(steps.condition(options.continue_condition, f"{where}: continue_condition")))
        if options.batch_size is not None and iterator.while_condition is not None:
            raise WorkflowError(
                f"{where}: 'batch_size' is for a collection or a range, not for while_condition"
            )
        most = options.max_iterations or iterator.max_iterations
        items = self._items(iterator, steps, where)
        if items is not None and options.batch_size is not None:
            items = replace(items, batch_size=options.batch_size)
        return Loop(steps.steps(options.body), items, condition, breaks, most)

    def _items(self, iterator: api.IteratorOptions, steps: StepMaker, where: str) -> Collection | None:
        counted = iterator.range
        if counted is not None:
            try:
                return numbers(counted.start, counted.end, counted.step)
            except WorkflowError as error:
                raise WorkflowError(f"{where}: {error}") from None
        return None if iterator.collection is None else _collection(iterator.collection, steps, where)

    def _pipeline(self, options: api.PipelineWorkflowOptions, steps: StepMaker, where: str) -> Body:
        return Pipeline(
            steps.steps(options.stages, "stage"),
            None if options.collection is None else _collection(options.collection, steps, where),
            options.max_concurrency,
            fail_fast=options.fail_fast is not False,
        )

    def _map_reduce(self, options: api.MapReduceWorkflowOptions, steps: StepMaker, where: str) -> Body:
        mapper = steps.step(options.map, "map")
        reducer = None if options.reduce is None else steps.step(options.reduce, "reduce")
        return MapReduce(
            _collection(options.collection, steps, where),
            mapper,
            reducer,
            options.max_concurrency,
            fail_fast=options.fail_fast is not False,
        )


def options_of(table: Mapping[str, Any], where: str, language: Language) -> api.CommonOptions:
    """The options of a table that names its kind as ``type``. Raises WorkflowError and ArgumentError."""
    given = dict(table)
    kind = checked_kind(given.pop("type", None), where)
    return validate(OPTIONS[kind], given, where=where, language=language)


def _retry_of(strategy: object) -> Retry | None:
    """How often steps are tried that say nothing themselves."""
    if isinstance(strategy, RetryStrategy):
        return retry_of(strategy)
    return RETRY_STRATEGY if strategy == "retry" else None


def _pre_condition(options: api.CommonOptions, steps: StepMaker, where: str) -> Condition | None:
    given = options.pre_condition
    return None if given is None else steps.condition(given, f"{where}: pre_condition")


def _handlers(options: api.CommonOptions, steps: StepMaker) -> RunHandlers:
    of_branch = options.on_branch_complete if isinstance(options, api.ParallelWorkflowOptions) else None
    of_round = options.on_iteration_complete if isinstance(options, api.LoopWorkflowOptions) else None
    return RunHandlers(
        steps.watching(options.on_step_start),
        steps.watching(options.on_step_complete),
        steps.watching(options.on_error),
        steps.watching(of_branch),
        steps.watching(of_round),
    )


def _collection(given: Any, steps: StepMaker, where: str) -> Collection:
    if callable(given):
        return Collection(None, function=steps.told(given))
    templates.check(given, f"{where}: collection")
    return Collection(given)


def _check_apart(names: list[str], where: str) -> None:
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise WorkflowError(f"{where}: two branches are called '{twice}'; give each a name of its own")
