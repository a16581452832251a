"""Making workflows call by call."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence
from typing import Any

from llmspell_engine.api.declare import Handle, example, member
from llmspell_engine.api.workflow_conditions import Condition, StepAccount, StepContext
from llmspell_engine.api.workflow_instance import Key, Milliseconds, WorkflowInstance
from llmspell_engine.api.workflow_options import Collection, Count, ErrorStrategy, RangeOptions
from llmspell_engine.api.workflow_steps import FailureHandler, RetryStrategy, Stage, StepOptions, WorkflowName


class WorkflowBuilder(Handle):
    """A workflow in the making: every method but `build` sets something and gives the builder back."""

    @abstractmethod
    def sequential(self) -> WorkflowBuilder:
        """Steps in order. It is what a workflow is that is not told otherwise."""

    @abstractmethod
    def parallel(self) -> WorkflowBuilder:
        """Branches at the same time: each `add_step` is one, or `add_branch` with several steps."""

    @abstractmethod
    def conditional(self) -> WorkflowBuilder:
        """Branches of which conditions choose: `condition` with `add_then_step` and `add_else_step`, or
        `add_branch`."""

    @abstractmethod
    def loop(self) -> WorkflowBuilder:
        """Steps again and again: `with_range`, `with_collection` or `with_while`, and `add_step`."""

    def loop_workflow(self) -> WorkflowBuilder:
        """The same as `loop`."""
        return self.loop()

    @abstractmethod
    def map_reduce(self) -> WorkflowBuilder:
        """One step for each item of a list, and one for the whole: `with_collection`, `map`, `reduce`."""

    @abstractmethod
    def pipeline(self) -> WorkflowBuilder:
        """Stages that each work on what the one before gave: `add_stage`."""

    @abstractmethod
    def name(self, name: WorkflowName) -> WorkflowBuilder:
        """Name the workflow; a name is made up otherwise.

        Args:
            name: the workflow's name.
        """

    @abstractmethod
    def description(self, text: str) -> WorkflowBuilder:
        """Say what the workflow is for.

        Args:
            text: a sentence.
        """

    @abstractmethod
    def error_strategy(self, strategy: ErrorStrategy | RetryStrategy) -> WorkflowBuilder:
        """Set what a failing step means that does not say so itself.

        Args:
            strategy: end the run, go on, try three times, or undo what was done; a table says how often.
        """

    @abstractmethod
    def on_error(self, handler: FailureHandler) -> WorkflowBuilder:
        """Have a function asked where a step fails that has no `on_error`.

        Args:
            handler: gets the error, the step's name and what it may want to know of the run; what it gives
                is what `on_error` of a step may.
        """

    @abstractmethod
    def on_step_start(self, handler: Callable[[str, StepContext], Any]) -> WorkflowBuilder:
        """Call a function before each step.

        Args:
            handler: gets the step's name.
        """

    @abstractmethod
    def on_step_complete(self, handler: Callable[[str, StepAccount, StepContext], Any]) -> WorkflowBuilder:
        """Call a function after each step.

        Args:
            handler: gets the step's name and what came of it, also where it failed.
        """

    @abstractmethod
    def pre_condition(self, condition: Condition) -> WorkflowBuilder:
        """Let runs fail before their first step where a condition does not hold.

        Args:
            condition: a record, an expression, or a function.
        """

    @abstractmethod
    def timeout_ms(self, ms: Milliseconds) -> WorkflowBuilder:
        """Limit how long a run may take.

        Args:
            ms: the limit, in milliseconds.
        """

    @abstractmethod
    @example(
        lua='flow:add_step({ name = "sum", tool = "calculator", input = { input = "{{ n }} * 2" } })',
        javascript='flow.addStep({ name: "sum", tool: "calculator", input: { input: "{{ n }} * 2" } });',
    )
    def add_step(self, step: StepOptions) -> WorkflowBuilder:
        """Append a step; in a parallel workflow a branch of one step, in a loop a step of each round.

        Args:
            step: what it does and with what.
        """

    @abstractmethod
    def add_post_step(self, step: StepOptions) -> WorkflowBuilder:
        """Append a step of a parallel workflow that runs when all branches have ended.

        Args:
            step: what it does; it is given the table of the branches' outputs.
        """

    @abstractmethod
    def add_stage(self, stage: Stage) -> WorkflowBuilder:
        """Append a stage to a pipeline.

        Args:
            stage: a step, an agent, a workflow, or a function of what the stage before gave.
        """

    @abstractmethod
    @example(
        lua='flow:condition("{{ input.score >= 50 }}")',
        javascript='flow.condition("{{ input.score >= 50 }}");',
    )
    def condition(self, condition: Condition) -> WorkflowBuilder:
        """Set what decides between the then and the else steps of a conditional workflow.

        Args:
            condition: a record, an expression, or a function.
        """

    @abstractmethod
    def add_then_step(self, step: StepOptions) -> WorkflowBuilder:
        """Append a step that runs where the condition holds.

        Args:
            step: what it does and with what.
        """

    @abstractmethod
    def add_else_step(self, step: StepOptions) -> WorkflowBuilder:
        """Append a step that runs where no condition holds.

        Args:
            step: what it does and with what.
        """

    @abstractmethod
    def add_branch(self, condition: Condition, steps: Sequence[StepOptions]) -> WorkflowBuilder:
        """Append a branch to a conditional workflow, or to a parallel one, where the text is its name.

        Args:
            condition: when it is taken; of a parallel workflow the branch's name.
            steps: its steps, in order.
        """

    @abstractmethod
    def with_range(self, numbers: RangeOptions) -> WorkflowBuilder:
        """Let a loop count; `{{ item }}` is the number.

        Args:
            numbers: the first number, the end, which is not one of them, and the step.
        """

    @abstractmethod
    def with_collection(self, items: Collection) -> WorkflowBuilder:
        """Let a loop, a map or a pipeline go over a list; `{{ item }}` is the item.

        Args:
            items: the list, or a template that gives one.
        """

    @abstractmethod
    def with_while(self, condition: Condition) -> WorkflowBuilder:
        """Let a loop go on as long as a condition holds.

        Args:
            condition: a record, an expression, or a function; looked at before each round.
        """

    @member(deprecated="with_while")
    def loop_condition(self, condition: Condition) -> WorkflowBuilder:
        """Let a loop go on as long as a condition holds.

        Args:
            condition: a record, an expression, or a function.
        """
        return self.with_while(condition)

    @abstractmethod
    def break_when(self, condition: Condition) -> WorkflowBuilder:
        """End a loop after a round where a condition holds; any of those that were set.

        Args:
            condition: a record, an expression, or a function.
        """

    @abstractmethod
    def max_iterations(self, count: Count) -> WorkflowBuilder:
        """Limit how often a loop goes round.

        Args:
            count: the limit; 1000 for loops that have no list.
        """

    @abstractmethod
    def batch_size(self, count: Count) -> WorkflowBuilder:
        """Let a round of a loop take several items or numbers at once; `{{ item }}` is a list then.

        Args:
            count: how many.
        """

    @abstractmethod
    def map(self, step: Stage) -> WorkflowBuilder:
        """Set what is done with each item of a map-reduce workflow.

        Args:
            step: a step, an agent, a workflow, or a function of the item.
        """

    @abstractmethod
    def reduce(self, step: Stage) -> WorkflowBuilder:
        """Set what makes a whole of what the items gave.

        Args:
            step: a step, an agent, a workflow, or a function of the list.
        """

    @abstractmethod
    def max_concurrency(self, count: Count) -> WorkflowBuilder:
        """Limit how many branches or items are worked on at a time.

        Args:
            count: the limit.
        """

    @abstractmethod
    def let_others_finish(self) -> WorkflowBuilder:
        """Let the other branches or items come to their ends when one fails; it ends them otherwise."""

    @abstractmethod
    def add_cleanup_step(self, step: StepOptions) -> WorkflowBuilder:
        """Append a step that runs at the end in any case, also when the run is cancelled.

        Args:
            step: what it does and with what.
        """

    @abstractmethod
    def shared_data(self, key: Key, value: Any) -> WorkflowBuilder:
        """Set a value of the shared data at the beginning.

        Args:
            key: the value's name.
            value: what to keep.
        """

    @abstractmethod
    def build(self) -> WorkflowInstance:
        """Make the workflow. What is missing or does not belong to its kind is told."""
