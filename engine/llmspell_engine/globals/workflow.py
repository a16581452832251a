"""The global ``Workflow``: making workflows, and finding them again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from llmspell_engine.api import workflow as api
from llmspell_engine.api import workflow_instance, workflow_results
from llmspell_engine.api import workflow_options as options_api
from llmspell_engine.api.validation import validate
from llmspell_engine.catalog.spelling import spelled
from llmspell_engine.globals.workflow_builder import WorkflowBuilder
from llmspell_engine.globals.workflow_instance import WorkflowInstance
from llmspell_engine.globals.workflow_kinds import OPTIONS, checked_kind
from llmspell_engine.globals.workflow_making import WorkflowMaker, options_of
from llmspell_engine.workflows.body import KINDS
from llmspell_engine.workflows.results import WorkflowError
from llmspell_engine.workflows.workflow import Workflow as EngineWorkflow

if TYPE_CHECKING:
    from llmspell_engine.globals.services import Run
    from llmspell_engine.globals.workflow_files import WorkflowText


class Workflow(api.Workflow):
    """The workflows of a run, by id."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._workflows: dict[str, WorkflowInstance] = run.agents.workflows
        self._maker = WorkflowMaker(run, self._named)

    def builder(self) -> WorkflowBuilder:
        return WorkflowBuilder(self._made, self._run.language)

    def sequential(self, config: options_api.SequentialWorkflowOptions) -> WorkflowInstance:
        return self._made(config, "Workflow.sequential")

    def parallel(self, config: options_api.ParallelWorkflowOptions) -> WorkflowInstance:
        return self._made(config, "Workflow.parallel")

    def conditional(self, config: options_api.ConditionalWorkflowOptions) -> WorkflowInstance:
        return self._made(config, "Workflow.conditional")

    def loop(self, config: options_api.LoopWorkflowOptions) -> WorkflowInstance:
        return self._made(config, "Workflow.loop")

    def map_reduce(self, config: options_api.MapReduceWorkflowOptions) -> WorkflowInstance:
        return self._made(
            config, "Workflow.map_reduce" if self._run.language == "lua" else "Workflow.mapReduce"
        )

    def pipeline(self, config: options_api.PipelineWorkflowOptions) -> WorkflowInstance:
        return self._made(config, "Workflow.pipeline")

    def register(self, workflow_type: workflow_instance.WorkflowType, config: Mapping[str, Any]) -> str:
        where = "Workflow.register"
        model = OPTIONS[checked_kind(workflow_type, where)]
        options = validate(model, dict(config), where=where, language=self._run.language)
        return self._made(options, where).id

    def create(self, config: Mapping[str, Any]) -> WorkflowInstance:
        where = "Workflow.create"
        return self._made(options_of(config, where, self._run.language), where)

    def from_file(self, path: str) -> WorkflowInstance:
        from llmspell_engine.globals.workflow_files import read

        text = read(path, self._run.services.permissions)
        return self._made(text.options(text.table)[1], "Workflow.from_file", text)

    def from_yaml(self, text: str) -> WorkflowInstance:
        from llmspell_engine.globals.workflow_files import parsed

        where = f"Workflow.{spelled('from_yaml', self._run.language)}"
        found = parsed(Path("text.yaml"), text, where)
        return self._made(found.options(found.table)[1], where, found)

    def save(self, workflow: workflow_instance.WorkflowInstance | str, path: str) -> None:
        from llmspell_engine.globals.workflow_files import check_suffix
        from llmspell_engine.globals.workflow_tables import WorkflowTables, write

        where = "Workflow.save"
        found = self._found(workflow)
        check_suffix(Path(path), path)
        write(
            WorkflowTables(where, "lua", for_file=True).table(found.options),
            self._run.services.permissions.writable(path),
            where,
        )

    async def execute(
        self,
        workflow: workflow_instance.WorkflowInstance | str,
        workflow_input: Any = None,
        options: workflow_instance.ExecuteOptions | None = None,
    ) -> workflow_results.WorkflowResult:
        return await self._found(workflow).execute(workflow_input, options)

    def _found(self, workflow: workflow_instance.WorkflowInstance | str) -> WorkflowInstance:
        found = workflow if isinstance(workflow, WorkflowInstance) else self.get(str(workflow))
        if found is None:
            known = ", ".join(f"'{each.name}'" for each in self._workflows.values()) or "none yet"
            raise WorkflowError(f"there is no workflow '{workflow}'; there is {known}")
        return found

    def types(self) -> Sequence[workflow_instance.WorkflowType]:
        return KINDS

    def list(self) -> Sequence[options_api.WorkflowEntry]:
        return [
            options_api.WorkflowEntry(
                id=each.id, name=each.name, type=each.type, description=each.agent.description
            )
            for each in self._workflows.values()
        ]

    def get(self, workflow_id: str) -> WorkflowInstance | None:
        if workflow_id in self._workflows:
            return self._workflows[workflow_id]
        return next((each for each in reversed(self._workflows.values()) if each.name == workflow_id), None)

    def remove(self, workflow_id: str) -> bool:
        found = self.get(workflow_id)
        return found is not None and self._workflows.pop(found.id, None) is not None

    def clear(self) -> None:
        self._workflows.clear()

    def _made(
        self, options: options_api.CommonOptions, where: str, text: WorkflowText | None = None
    ) -> WorkflowInstance:
        made = WorkflowInstance(self._maker.workflow(options, where, text), options, self._run)
        self._workflows[made.id] = made
        return made

    def _named(self, given: Any) -> EngineWorkflow | None:
        found = given if isinstance(given, WorkflowInstance) else self.get(str(given))
        return found.agent if found is not None and not isinstance(found, str) else None
