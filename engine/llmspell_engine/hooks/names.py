"""The names that hook points have: their own, the same in snake_case, and short ones."""

from __future__ import annotations

import re

from llmspell_engine.hooks.points import HOOK_POINTS, HookPoint

_SHORT: dict[str, tuple[HookPoint, HookPoint]] = {
    "agent": ("BeforeAgentExecution", "AfterAgentExecution"),
    "llm": ("BeforeModelCall", "AfterModelCall"),
    "model": ("BeforeModelCall", "AfterModelCall"),
    "tool": ("BeforeToolExecution", "AfterToolExecution"),
    "workflow": ("BeforeWorkflowStart", "AfterWorkflowComplete"),
    "step": ("BeforeWorkflowStage", "AfterWorkflowStage"),
}
_SNAKE: dict[str, HookPoint] = {
    re.sub(r"(?<!^)(?=[A-Z])", "_", point).lower(): point for point in HOOK_POINTS
}
_ALIASES: dict[str, HookPoint] = {
    f"{when}{sign}{what}": points[at]
    for sign in ("_", "-")
    for what, points in _SHORT.items()
    for at, when in enumerate(("pre", "post"))
}
POINT_NAMES: dict[str, HookPoint] = {**{point: point for point in HOOK_POINTS}, **_SNAKE, **_ALIASES}
"""Every name, and the point that it means."""


class HookError(Exception):
    """A hook cannot be registered or used so; the message says why."""

    kind = "HookError"


def point_named(name: str) -> HookPoint:
    """The point of a name. Raises HookError with a name that is near."""
    point = POINT_NAMES.get(name)
    if point is not None:
        return point
    from difflib import get_close_matches

    near = get_close_matches(name, POINT_NAMES, n=1, cutoff=0.6)
    hint = f"did you mean '{near[0]}'?" if near else "such as 'BeforeToolExecution' or 'pre_tool'"
    raise HookError(f"there is no hook point '{name}'; {hint}")
