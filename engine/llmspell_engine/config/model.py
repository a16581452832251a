"""What can be configured. Pydantic is imported only where a file exists."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, NonNegativeFloat, NonNegativeInt

from llmspell_engine.providers.settings import ProviderSettings


class RunSettings(BaseModel):
    """What each run may use; options of the command line win."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    max_calls: NonNegativeInt | None = None
    """How many model calls it may make."""
    max_tokens: NonNegativeInt | None = None
    """How many tokens it may use."""
    max_cost: NonNegativeFloat | None = None
    """What its model calls may cost, in US dollars."""


class Config(BaseModel):
    """A whole file."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    run: RunSettings = Field(default_factory=RunSettings)
    """What each run may use."""
    providers: dict[str, ProviderSettings] = Field(default_factory=dict)
    """How providers of models are reached, by name."""
