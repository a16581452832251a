"""The tools that scripts run by name: a folder a category, a file each, on the base class in ``base``.

Users who write tools in Python import from here: ``from llmspell_engine.tools import tool``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from llmspell_engine.tools.base import Outcome, Tool, ToolContext, ToolError, stop_if_cancelled
    from llmspell_engine.tools.parameters import ToolParameters
    from llmspell_engine.tools.python import tool

__all__ = ["Outcome", "Tool", "ToolContext", "ToolError", "ToolParameters", "stop_if_cancelled", "tool"]


def __getattr__(name: str) -> Any:
    """Import what is asked for: who looks at the catalog of tools alone waits for nothing."""
    from importlib import import_module

    if name not in __all__:
        raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
    room = {"tool": "python", "ToolParameters": "parameters"}.get(name, "base")
    return getattr(import_module(f"{__name__}.{room}"), name)
