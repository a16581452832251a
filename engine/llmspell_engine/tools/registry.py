"""The tools there are, by name and by the names of older scripts."""

from __future__ import annotations

from typing import Any

from llmspell_engine.tools.base import Tool
from llmspell_engine.tools.uuid_generator import UuidGenerator

_TOOLS: tuple[Tool[Any], ...] = (UuidGenerator(),)
TOOLS: dict[str, Tool[Any]] = {tool.name: tool for tool in sorted(_TOOLS, key=lambda tool: tool.name)}
"""Every tool, by name and in the order of names."""
_BY_ALIAS = {alias: tool for tool in _TOOLS for alias in tool.aliases}


def tool_named(name: str) -> Tool[Any] | None:
    """The tool of a name, or of a name that older scripts use."""
    return TOOLS.get(name) or _BY_ALIAS.get(name)
