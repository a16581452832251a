"""What can be set for a provider of models.

Pydantic is imported by whoever has settings, never by an engine that runs without.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    NonNegativeFloat,
    NonNegativeInt,
    PositiveFloat,
    PositiveInt,
    SecretStr,
    model_validator,
)

ProviderType = Literal[
    "openai",
    "anthropic",
    "google",
    "groq",
    "mistral",
    "cohere",
    "deepseek",
    "xai",
    "openrouter",
    "ollama",
    "openai-compatible",
]
PROVIDER_TYPES: tuple[ProviderType, ...] = get_args(ProviderType)


class Price(BaseModel):
    """What a model costs, in US dollars."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    input_per_million: NonNegativeFloat
    """A million tokens of what it is asked."""
    output_per_million: NonNegativeFloat
    """A million tokens of what it answers."""


class ProviderSettings(BaseModel):
    """How one provider is reached and how much it is asked."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, use_attribute_docstrings=True, populate_by_name=True
    )

    type: ProviderType | None = None
    """Which service it is; the provider's own name where that is one."""
    wire: Literal["native", "openai"] | None = None
    """Which of the service's APIs is asked: its own, or its OpenAI-compatible one. Where not given, its own
    if the package for it is there."""
    class_: Annotated[str, Field(min_length=1)] | None = Field(default=None, alias="class")
    """A provider of your own: `package.module:Class`, or the name of a class in `file`."""
    file: Path | None = None
    """The Python file of a provider of your own; a path is relative to this file."""
    options: dict[str, Any] = Field(default_factory=dict)
    """What a provider of your own is given besides; anything."""
    base_url: str | None = None
    """Where its server is, with the version in the path; the service's own address where not given."""
    api_key: SecretStr | None = None
    """The key. Asked for last: the environment and the keyring come first."""
    api_key_env: str | None = None
    """The environment variable that holds the key, instead of the service's usual one."""
    models: tuple[str, ...] = ()
    """The only models that it takes; any where empty."""
    timeout_seconds: PositiveFloat = 120.0
    """How long one attempt may take without an answer; in a stream, without a piece of it."""
    connect_timeout_seconds: PositiveFloat = 10.0
    """How long opening a connection may take."""
    total_timeout_seconds: PositiveFloat | None = None
    """How long a request may take with all its attempts and waits; a stream, until its end."""
    max_retries: NonNegativeInt = 2
    """How often a request is tried again after an error that may pass."""
    backoff_seconds: PositiveFloat = 0.5
    """The longest wait before the first retry; it doubles with each further one."""
    backoff_max_seconds: PositiveFloat = 30.0
    """The longest wait before any retry; where the server asks for a longer one, there is no retry."""
    requests_per_minute: PositiveInt | None = None
    """How many requests are started a minute; further ones wait."""
    tokens_per_minute: PositiveInt | None = None
    """How many tokens are used a minute; further requests wait. Estimated before a request, from the length
    of its texts and `max_tokens`, and put right after it."""
    max_concurrent: PositiveInt | None = None
    """How many requests are under way at once; further ones wait."""
    headers: dict[str, SecretStr] = Field(default_factory=dict)
    """Further headers of each request."""
    prices: dict[str, Price] = Field(default_factory=dict)
    """What its models cost, by name, where the table of prices is wrong or silent."""

    @model_validator(mode="after")
    def _is_one_kind(self) -> ProviderSettings:
        if self.type is not None and (self.class_ is not None or self.file is not None):
            raise ValueError("give either 'type', or 'class' and 'file'")
        return self
