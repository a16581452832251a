"""What can be set for a provider of models.

Pydantic is imported by whoever has settings, never by an engine that runs without.
"""

from __future__ import annotations

from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, NonNegativeInt, PositiveFloat, PositiveInt, SecretStr

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


class ProviderSettings(BaseModel):
    """How one provider is reached and how much it is asked."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

    type: ProviderType | None = None
    """Which service it is; the provider's own name where that is one."""
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
    max_retries: NonNegativeInt = 2
    """How often a request is tried again after an error that may pass."""
    backoff_seconds: PositiveFloat = 0.5
    """The longest wait before the first retry; it doubles with each further one."""
    backoff_max_seconds: PositiveFloat = 30.0
    """The longest wait before any retry; where the server asks for a longer one, there is no retry."""
    requests_per_minute: PositiveInt | None = None
    """How many requests are started a minute; further ones wait."""
    max_concurrent: PositiveInt | None = None
    """How many requests are under way at once; further ones wait."""
    headers: dict[str, SecretStr] = Field(default_factory=dict)
    """Further headers of each request."""
