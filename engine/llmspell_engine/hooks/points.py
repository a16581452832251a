"""The hook points: where handlers may step in, in the order of what they are about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

HookPoint = Literal[
    "BeforeAgentInit",
    "AfterAgentInit",
    "BeforeAgentExecution",
    "AfterAgentExecution",
    "AgentError",
    "BeforeAgentShutdown",
    "AfterAgentShutdown",
    "BeforeModelCall",
    "AfterModelCall",
    "ModelError",
    "BeforeToolDiscovery",
    "AfterToolDiscovery",
    "BeforeToolExecution",
    "AfterToolExecution",
    "ToolValidation",
    "ToolError",
    "BeforeWorkflowStart",
    "WorkflowStageTransition",
    "BeforeWorkflowStage",
    "AfterWorkflowStage",
    "WorkflowCheckpoint",
    "WorkflowRollback",
    "AfterWorkflowComplete",
    "WorkflowError",
    "BeforeStateRead",
    "AfterStateRead",
    "BeforeStateWrite",
    "AfterStateWrite",
    "StateConflict",
    "StateMigration",
    "SystemStartup",
    "SystemShutdown",
    "ConfigurationChange",
    "ResourceLimitExceeded",
    "SecurityViolation",
    "SessionStart",
    "SessionEnd",
    "SessionCheckpoint",
    "SessionRestore",
    "SessionSave",
    "BeforeEventEmit",
    "AfterEventEmit",
    "EventHandlerError",
    "PerformanceThresholdExceeded",
    "MemoryUsageHigh",
    "CpuUsageHigh",
]
HOOK_POINTS: tuple[HookPoint, ...] = get_args(HookPoint)


@dataclass(frozen=True, slots=True)
class Stage:
    """A piece of work that handlers may step in before, after, and where it fails."""

    before: HookPoint
    after: HookPoint
    error: HookPoint | None = None


AGENT_INIT = Stage("BeforeAgentInit", "AfterAgentInit")
AGENT_EXECUTION = Stage("BeforeAgentExecution", "AfterAgentExecution", "AgentError")
AGENT_SHUTDOWN = Stage("BeforeAgentShutdown", "AfterAgentShutdown")
MODEL_CALL = Stage("BeforeModelCall", "AfterModelCall", "ModelError")
TOOL_EXECUTION = Stage("BeforeToolExecution", "AfterToolExecution", "ToolError")
WORKFLOW = Stage("BeforeWorkflowStart", "AfterWorkflowComplete", "WorkflowError")
WORKFLOW_STAGE = Stage("BeforeWorkflowStage", "AfterWorkflowStage")
STATE_READ = Stage("BeforeStateRead", "AfterStateRead")
STATE_WRITE = Stage("BeforeStateWrite", "AfterStateWrite")
EVENT_EMIT = Stage("BeforeEventEmit", "AfterEventEmit")
