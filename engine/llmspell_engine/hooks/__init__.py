"""Hook points, and what handlers do there."""

from llmspell_engine.hooks.base import NO_HOOKS, Component, HookCancelledError, HookContext, Hooks, plain
from llmspell_engine.hooks.handlers import Filter, Handler
from llmspell_engine.hooks.names import POINT_NAMES, HookError, point_named
from llmspell_engine.hooks.points import HOOK_POINTS, HookPoint, Stage
from llmspell_engine.hooks.registry import HookRegistry

__all__ = [
    "HOOK_POINTS",
    "NO_HOOKS",
    "POINT_NAMES",
    "Component",
    "Filter",
    "Handler",
    "HookCancelledError",
    "HookContext",
    "HookError",
    "HookPoint",
    "HookRegistry",
    "Hooks",
    "Stage",
    "plain",
    "point_named",
]
