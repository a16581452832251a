"""What results of agents and tools have in common."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from llmspell_engine.api.declare import Result


class OutputMetadata(Result):
    """How a result came about."""

    model: str | None = Field(None, description="The model that answered.")
    token_count: int | None = Field(None, ge=0, description="Tokens of the request and the answer together.")
    input_tokens: int | None = Field(None, ge=0, description="Tokens of the request.")
    output_tokens: int | None = Field(None, ge=0, description="Tokens of the answer.")
    cost: float | None = Field(None, description="What it cost, in US dollars, where that is known.")
    finish_reason: str | None = Field(None, description="Why the answer ended: `stop`, `length`, …")
    execution_time_ms: int = Field(0, ge=0, description="How long it took, in milliseconds.")
    operation: str | None = Field(None, description="The tool operation that ran.")
    response: dict[str, Any] | None = Field(
        None, description="Further facts that a tool or a provider tells."
    )
