"""A tool in Python for the example python_tool: type hints say what it takes, its docstring what it does."""

from __future__ import annotations

from typing import Annotated

from llmspell_engine.tools import ToolError, tool
from pydantic import Field


@tool(category="data")
def reading_time(text: str, words_per_minute: Annotated[int, Field(ge=1)] = 200) -> dict[str, float]:
    """Tells how long it takes to read a text.

    Args:
        text: the text.
        words_per_minute: how quickly it is read.
    """
    words = len(text.split())
    if not words:
        raise ToolError("there is nothing to read", code="empty")
    return {"words": words, "seconds": round(words * 60 / words_per_minute, 1)}
