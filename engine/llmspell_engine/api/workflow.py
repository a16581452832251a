"""Workflows: steps told in advance, of tools, agents, functions and other workflows."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import Field

from llmspell_engine.api.declare import Global, Waiting, complete, example, member
from llmspell_engine.api.workflow_builder import WorkflowBuilder
from llmspell_engine.api.workflow_instance import ExecuteOptions, WorkflowInstance, WorkflowType
from llmspell_engine.api.workflow_options import (
    ConditionalWorkflowOptions,
    LoopWorkflowOptions,
    MapReduceWorkflowOptions,
    ParallelWorkflowOptions,
    PipelineWorkflowOptions,
    SequentialWorkflowOptions,
    WorkflowEntry,
)
from llmspell_engine.api.workflow_results import WorkflowResult
from llmspell_engine.api.workflow_steps import WorkflowName


class Workflow(Global):
    """Makes workflows: steps in an order, which run tools, ask agents, call functions, run workflows."""

    name = "Workflow"

    @abstractmethod
    @example(
        lua='local workflow = Workflow.builder():name("sum"):sequential()\n'
        '  :add_step({ name = "add", tool = "calculator", input = { input = "1 + 1" } })\n'
        "  :build()",
        javascript='const workflow = Workflow.builder().name("sum").sequential()\n'
        '  .addStep({ name: "add", tool: "calculator", input: { input: "1 + 1" } })\n'
        "  .build();",
    )
    def builder(self) -> WorkflowBuilder:
        """Start a workflow, to be described call by call."""

    @abstractmethod
    @example(
        lua="local workflow = Workflow.sequential({ steps = {\n"
        '  { name = "add", tool = "calculator", input = { input = "{{ input.a }} + 1" } },\n'
        '  { name = "tell", execute = function(_, run) return "it is " .. run.steps.add.text end },\n'
        "} })",
        javascript="const workflow = Workflow.sequential({ steps: [\n"
        '  { name: "add", tool: "calculator", input: { input: "{{ input.a }} + 1" } },\n'
        '  { name: "tell", execute: (_, run) => `it is ${run.steps.add.text}` },\n'
        "] });",
    )
    def sequential(self, config: SequentialWorkflowOptions) -> WorkflowInstance:
        """A workflow of steps in order; its output is the last one's.

        Args:
            config: the steps, and what their failures mean.
        """

    @abstractmethod
    @example(
        lua="local workflow = Workflow.parallel({ steps = {\n"
        '  { name = "left", execute = function(text) return text:upper() end },\n'
        '  { name = "right", execute = function(text) return #text end },\n'
        "} })",
        javascript="const workflow = Workflow.parallel({ steps: [\n"
        '  { name: "left", execute: (text) => text.toUpperCase() },\n'
        '  { name: "right", execute: (text) => text.length },\n'
        "] });",
    )
    def parallel(self, config: ParallelWorkflowOptions) -> WorkflowInstance:
        """A workflow of branches at the same time; its output has the last output of each by name.

        Args:
            config: the branches or steps, and how many run at a time.
        """

    @abstractmethod
    def conditional(self, config: ConditionalWorkflowOptions) -> WorkflowInstance:
        """A workflow that takes the first branch whose condition holds.

        Args:
            config: the branches with their conditions, and what is done where none holds.
        """

    @abstractmethod
    @example(
        lua='local workflow = Workflow.loop({ iterator = { collection = { "a", "b" } }, body = {\n'
        "  { name = \"shout\", execute = function(item) return item .. '!' end },\n"
        "} })",
        javascript='const workflow = Workflow.loop({ iterator: { collection: ["a", "b"] }, body: [\n'
        '  { name: "shout", execute: (item) => `${item}!` },\n'
        "] });",
    )
    def loop(self, config: LoopWorkflowOptions) -> WorkflowInstance:
        """A workflow that runs its steps again and again; its output is what the last step gave each time.

        Args:
            config: what it goes over, the steps of a round, and when to end early.
        """

    @abstractmethod
    @example(
        lua="local workflow = Workflow.map_reduce({\n"
        '  collection = "{{ input }}",\n'
        "  map = function(item) return item * item end,\n"
        "  reduce = function(squares) return squares[1] + squares[2] end,\n"
        "})",
        javascript="const workflow = Workflow.mapReduce({\n"
        '  collection: "{{ input }}",\n'
        "  map: (item) => item * item,\n"
        "  reduce: (squares) => squares[0] + squares[1],\n"
        "});",
    )
    def map_reduce(self, config: MapReduceWorkflowOptions) -> WorkflowInstance:
        """A workflow that does the same with each item of a list, many at a time, and joins the outputs.

        Args:
            config: the items, the step for each, and the step for the whole.
        """

    @abstractmethod
    @example(
        lua="local workflow = Workflow.pipeline({ stages = {\n"
        "  function(text) return text:lower() end,\n"
        '  Agent.create({ name = "echo", model = "echo" }),\n'
        "} })",
        javascript="const workflow = Workflow.pipeline({ stages: [\n"
        "  (text) => text.toLowerCase(),\n"
        '  Agent.create({ name: "echo", model: "echo" }),\n'
        "] });",
    )
    def pipeline(self, config: PipelineWorkflowOptions) -> WorkflowInstance:
        """A workflow of stages that each work on what the one before gave.

        Args:
            config: the stages: functions, agents, workflows and steps.
        """

    @abstractmethod
    def register(self, workflow_type: WorkflowType, config: Mapping[str, Any]) -> str:
        """Make a workflow of a kind; the result is its id.

        Args:
            workflow_type: the kind.
            config: the table that the function of the kind takes.
        """

    @abstractmethod
    @example(
        lua='local copy = Workflow.create(Workflow.create({ type = "pipeline", stages = {\n'
        '  { tool = "calculator", input = { input = "{{ input.a }} + 1" } },\n'
        "} }):to_table())",
        javascript='const copy = Workflow.create(Workflow.create({ type: "pipeline", stages: [\n'
        '  { tool: "calculator", input: { input: "{{ input.a }} + 1" } },\n'
        "] }).toTable());",
    )
    def create(self, config: Mapping[str, Any]) -> WorkflowInstance:
        """Make a workflow from a table that names its kind as `type`; `sequential` where it does not.

        Args:
            config: the kind, and what the function of the kind takes.
        """

    @abstractmethod
    def from_file(self, path: Annotated[str, Field(min_length=1), complete("path")]) -> WorkflowInstance:
        """Make a workflow from a file: `.yaml`, `.yml`, `.json` or `.toml`. Faults are told with their lines.

        Args:
            path: the file; it has the table that `create` takes. Agents stand there by their names.
        """

    @abstractmethod
    @example(
        lua="local workflow = Workflow.from_yaml([[\n"
        "type: sequential\n"
        "steps:\n"
        '  - { name: sum, tool: calculator, input: { input: "{{ input.a }} + 1" } }\n'
        "]])",
        javascript="const workflow = Workflow.fromYaml(`\n"
        "type: sequential\n"
        "steps:\n"
        '  - { name: sum, tool: calculator, input: { input: "{{ input.a }} + 1" } }\n'
        "`);",
    )
    def from_yaml(self, text: str) -> WorkflowInstance:
        """Make a workflow from YAML, of which JSON is a part.

        Args:
            text: the table that `create` takes.
        """

    @abstractmethod
    def save(
        self,
        workflow: WorkflowInstance | WorkflowName,
        path: Annotated[str, Field(min_length=1), complete("path")],
    ) -> None:
        """Write a workflow into a file, from which `from_file` makes it again. No file can have functions.

        Args:
            workflow: the workflow, its name or its id.
            path: the file: `.yaml`, `.yml`, `.json` or `.toml`.
        """

    @abstractmethod
    @member(waits=True)
    def execute(
        self,
        workflow: WorkflowInstance | WorkflowName,
        workflow_input: Any = None,
        options: ExecuteOptions | None = None,
    ) -> Waiting[WorkflowResult]:
        """Run a workflow and wait for its end.

        Args:
            workflow: the workflow, its name or its id.
            workflow_input: what the steps may use as `{{ input }}`, or its fields by their names.
            options: an id by which the run can be taken up again, and a time limit.
        """

    @abstractmethod
    def types(self) -> Sequence[WorkflowType]:
        """The kinds of workflows."""

    @member(deprecated="Workflow.types")
    def discover_types(self) -> Sequence[WorkflowType]:
        """The kinds of workflows."""
        return self.types()

    @abstractmethod
    def list(self) -> Sequence[WorkflowEntry]:
        """All workflows, in the order in which they were made."""

    @abstractmethod
    def get(self, workflow_id: WorkflowName) -> WorkflowInstance | None:
        """The workflow of an id or a name, or nothing. Of several with one name it is the newest.

        Args:
            workflow_id: the workflow's id or name.
        """

    @abstractmethod
    def remove(self, workflow_id: WorkflowName) -> bool:
        """Forget a workflow; whether there was one. Who still holds it may go on to use it.

        Args:
            workflow_id: the workflow's id or name.
        """

    @member(deprecated="Workflow.remove")
    def delete(self, workflow_id: WorkflowName) -> bool:
        """Forget a workflow.

        Args:
            workflow_id: the workflow's id or name.
        """
        return self.remove(workflow_id)

    @abstractmethod
    def clear(self) -> None:
        """Forget all workflows."""
