"""Contexts, which agents are told, and memory that they share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from llmspell_engine.api.declare import Options

Inheritance = Literal["isolate", "copy", "share", "inherit"]
"""How a context sees its parent's data: not at all, as a copy, as its own, or through its own."""
ContextKey = Annotated[str, Field(min_length=1)]


class ContextScope(Options):
    """What a context or a shared value belongs to."""

    type: Literal["global", "session", "workflow", "agent", "user"] = Field(description="The sort of owner.")
    id: Annotated[str, Field(min_length=1)] | None = Field(
        None, description="Which one; all but `global` have one."
    )


Scope = Literal["global"] | ContextScope


class ContextOptions(Options):
    """What a context begins with."""

    conversation_id: str | None = Field(None, description="The conversation it belongs to; a fact of it.")
    user_id: str | None = Field(None, description="Whom it is for; a fact of it.")
    session_id: str | None = Field(None, description="The session it belongs to; a fact of it.")
    scope: Scope = Field("global", description="Whose shared memory is told along with it.")
    inheritance: Inheritance = Field(
        "inherit", description="How its children see its data where they do not say."
    )
    data: Mapping[str, Any] = Field({}, description="The facts it holds.")
