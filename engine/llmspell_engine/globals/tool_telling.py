"""What traces are told of the tools that run, whoever has made them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmspell_engine.observability.content import of_tool_result, wants_content

if TYPE_CHECKING:
    from llmspell_engine.api import tool as api
    from llmspell_engine.observability import Span


def tell_result(span: Span, result: api.ToolResult) -> None:
    """State what came of a tool: its failure if it tells of one, and its result where that is recorded."""
    if result.error is not None:
        span.set(**{"error.type": result.error.code})
    if wants_content():
        span.set(**of_tool_result(result.model_dump(exclude_none=True, mode="json", exclude={"metadata"})))
