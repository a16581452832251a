"""Hook points, and what handlers do there."""

from llmspell_engine.hooks.base import NO_HOOKS, Component, HookCancelledError, HookContext, Hooks, plain
from llmspell_engine.hooks.points import HOOK_POINTS, HookPoint, Stage

__all__ = [
    "HOOK_POINTS",
    "NO_HOOKS",
    "Component",
    "HookCancelledError",
    "HookContext",
    "HookPoint",
    "Hooks",
    "Stage",
    "plain",
]
