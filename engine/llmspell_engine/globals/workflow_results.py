"""What came of runs, as scripts get it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from llmspell_engine.api import workflow_instance as api
from llmspell_engine.api.agent_options import ToolUse

if TYPE_CHECKING:
    from llmspell_engine.workflows.results import StepResult, WorkflowOutcome


def result_of(outcome: WorkflowOutcome) -> api.WorkflowResult:
    """The account of a run."""
    steps, facts, usage = outcome.steps, outcome.facts, outcome.usage
    done = [step for step in steps if step.success and not step.skipped]
    return api.WorkflowResult(
        text=sentence(outcome),
        success=outcome.success,
        partial_success=outcome.status == "completed" and not outcome.success,
        status=outcome.status,
        output=outcome.output,
        data=outcome.output,
        outputs=outputs_of(steps),
        step_results=[step_of(step) for step in steps],
        step_timings={step.path: step.duration_ms for step in steps},
        error=outcome.error,
        failed_step=outcome.failed_step,
        last_completed_step=done[-1].name if done else None,
        compensations=[step_of(step) for step in outcome.compensations],
        cleanup_results=[step_of(step) for step in outcome.cleanup],
        branch_taken=facts.get("branch_taken"),
        iterations=facts.get("iterations"),
        iteration_outputs=facts.get("iteration_outputs"),
        final_state=dict(outcome.state),
        tool_calls=[
            ToolUse(
                tool=use.tool,
                arguments=dict(use.arguments),
                result=use.result,
                success=use.success,
                duration_ms=use.duration_ms,
            )
            for step in steps
            for use in step.tool_uses
        ],
        run_id=outcome.run_id,
        duration_ms=outcome.duration_ms,
        metadata=api.WorkflowMetadata(
            token_count=usage.tokens,
            input_tokens=usage.input_tokens,
            output_tokens=usage.output_tokens,
            cost=usage.cost,
            execution_time_ms=round(outcome.duration_ms),
            extra=_facts_of(outcome),
        ),
    )


def step_of(step: StepResult) -> api.WorkflowStepResult:
    """What came of a step."""
    return api.WorkflowStepResult.model_validate(
        {
            "name": step.name,
            "type": step.kind,
            "path": step.path,
            "success": step.success,
            "output": step.output,
            "text": step.text,
            "error": step.error,
            "duration_ms": step.duration_ms,
            "attempts": step.attempts,
            "skipped": step.skipped,
            "restored": step.restored,
            "token_count": step.usage.tokens or None,
            "cost": step.usage.cost if step.usage.tokens else None,
        }
    )


def outputs_of(steps: Sequence[StepResult]) -> dict[str, Any]:
    """What steps gave, by name; the newest where one ran several times."""
    done = (step for step in steps if step.success and not step.skipped)
    return {step.name: step.output for step in done if step.output is not None}


def sentence(outcome: WorkflowOutcome) -> str:
    """What happened."""
    done = sum(step.success and not step.skipped for step in outcome.steps)
    steps = f"{done} step{'' if done == 1 else 's'}"
    if outcome.success:
        return f"The workflow '{outcome.workflow}' completed successfully: {steps}."
    if outcome.status == "completed":
        return f"The workflow '{outcome.workflow}' completed: {steps} done, '{outcome.failed_step}' failed."
    at = f" at the step '{outcome.failed_step}'" if outcome.failed_step else ""
    word = "was cancelled" if outcome.status == "cancelled" else f"failed{at}"
    return f"The workflow '{outcome.workflow}' {word}: {steps} done."


def _facts_of(outcome: WorkflowOutcome) -> api.WorkflowFacts:
    steps = outcome.steps
    failed = sum(not step.success for step in steps)
    skipped = sum(step.skipped for step in steps)
    facts: Mapping[str, Any] = outcome.facts
    return api.WorkflowFacts.model_validate(
        {
            "workflow_name": outcome.workflow,
            "workflow_type": outcome.kind,
            "execution_id": outcome.run_id,
            "total_steps": len(steps),
            "successful_steps": len(steps) - failed - skipped,
            "failed_steps": failed,
            "skipped_steps": skipped,
            "resumed_steps": outcome.resumed,
            "success_rate": (len(steps) - failed) / len(steps) if steps else 1.0,
            "agent_outputs": outputs_of([step for step in steps if step.kind == "agent"]),
            "break_reason": facts.get("break_reason"),
            "branches_taken": facts.get("branches_taken"),
        }
    )
