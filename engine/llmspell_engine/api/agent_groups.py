"""Options of what is made of several agents."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from llmspell_engine.api.agent_builder import AgentOptions
from llmspell_engine.api.agent_instance import AnyAgent
from llmspell_engine.api.agent_options import GivenName
from llmspell_engine.api.declare import Options
from llmspell_engine.api.older import WithOlderNames


class PipelineOptions(Options):
    """Agents in a row."""

    name: GivenName | None = Field(None, description="The name of the whole; made up when left out.")
    description: str | None = Field(None, description="What it is for.")
    steps: Annotated[list[AnyAgent | Callable[[str], Any]], Field(min_length=1)] = Field(
        description="Agents, their names, and functions from text to text."
    )


RoutingStrategy = Literal["first", "round_robin", "fallback", "all", "capability", "sequential", "parallel"]


class RoutingOptions(WithOlderNames):
    """How one of several agents is chosen."""

    older_names: ClassVar[dict[str, str]] = {"routing_strategy": "strategy"}
    without_effect: ClassVar[tuple[str, ...]] = ("description",)

    strategy: RoutingStrategy = Field(
        "fallback",
        description="Which agent answers, or all: with `sequential` each works on what the one before gave;"
        " `parallel` is another word for `all`.",
    )
    fallback_agent: AnyAgent | None = Field(
        None, description="Who answers where no agent is capable, with the strategy `capability`."
    )


class PoolOptions(Options):
    """Agents made alike, for many prompts."""

    name: GivenName | None = Field(None, description="The pool's name; made up when left out.")
    agent: AgentOptions = Field(description="How each is made; their names are numbered.")
    size: Annotated[int, Field(ge=1, le=10_000)] = Field(
        4, description="How many prompts are answered at a time."
    )
