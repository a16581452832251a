"""Waiting without standing still: the engine's event loop, and what a script has going on it."""

from llmspell_engine.scheduling.cause import CAUSE, Cause, new_cause
from llmspell_engine.scheduling.loop import EngineLoop, Operation
from llmspell_engine.scheduling.scheduler import Call, Cancelled, Done, GivenUp, Scheduler

__all__ = [
    "CAUSE",
    "Call",
    "Cancelled",
    "Cause",
    "Done",
    "EngineLoop",
    "GivenUp",
    "Operation",
    "Scheduler",
    "new_cause",
]
