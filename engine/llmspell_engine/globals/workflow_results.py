"""What came of runs, as scripts get it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from llmspell_engine.api import workflow_results as api
from llmspell_engine.api.agent_options import ResultMedium, ToolUse

if TYPE_CHECKING:
    from llmspell_engine.providers.base import Media
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
        media=_media_of(outcome.media),
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
            "error_type": step.error_type,
            "duration_ms": step.duration_ms,
            "attempts": step.attempts,
            "skipped": step.skipped,
            "restored": step.restored,
            "token_count": step.usage.tokens or None,
            "cost": step.usage.cost if step.usage.tokens else None,
            "media": _media_of(step.media),
        }
    )


def _media_of(media: Sequence[Media]) -> list[ResultMedium]:
    return [
        ResultMedium(type=one.kind, media_type=one.media_type, data=one.data, url=one.url) for one in media
    ]


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
    facts = outcome.facts
    rounds, numbers = facts.get("iterations"), facts.get("numbers") or (None, None, None)
    return api.WorkflowFacts.model_validate(
        {
            **{name: value for name, value in facts.items() if name in api.WorkflowFacts.model_fields},
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
            "error_type": outcome.error_type,
            "continue_on_error": outcome.on_error == "continue",
            "total_iterations": rounds,
            "completed_iterations": rounds,
            "aggregated_results_count": rounds,
            "range_start": numbers[0],
            "range_end": numbers[1],
            "range_step": numbers[2],
        }
    )
