"""The tools there are. A tool's module is imported when the tool is wanted itself, to run it: what there
is to know of it otherwise, its older names too, stands in the catalog.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Any

from llmspell_engine.catalog.loader import load
from llmspell_engine.tools.base import Tool, ToolContext

_FOLDERS = ("filesystem", "web", "api", "analysis", "data", "system", "media", "utility")
"""The folders of tools, each with a table ``TOOLS`` of what is in it."""


def all_tools() -> tuple[Tool[Any], ...]:
    """Every tool, in the order of names."""
    return tuple(_tool(name) for name in sorted(_classes()))


def tool_named(name: str) -> Tool[Any] | None:
    """The tool of a name, or of a name that older scripts use."""
    described = load().tool(name)
    return _tool(described.name) if described else None


def find_tool(name: str, context: ToolContext) -> Tool[Any] | None:
    """The tool of a name, of the engine or of users."""
    return tool_named(name) or (context.own.get(name) if context.own else None)


@cache
def _tool(name: str) -> Tool[Any]:
    module, _, class_name = _classes()[name].rpartition(".")
    made: Tool[Any] = getattr(import_module(module), class_name)()
    return made


@cache
def _classes() -> dict[str, str]:
    """Where each tool's class is, by the tool's name."""
    found: dict[str, str] = {}
    for folder in _FOLDERS:
        package = f"{__package__}.{folder}"
        found |= {name: f"{package}.{place}" for name, place in import_module(package).TOOLS.items()}
    return found
