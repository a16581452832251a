"""The services that are known by name: where they are, which wire they speak, where their key is."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Literal

WireName = Literal["openai", "anthropic", "google", "groq", "mistral", "cohere"]


@dataclass(frozen=True, slots=True)
class Service:
    """A service of models, as it is without settings."""

    base_url: str | None
    """Where its OpenAI-compatible API is; None where the settings must say."""
    key_variable: str
    other_key_variables: tuple[str, ...] = ()
    """Further names under which the key is found."""
    native: WireName | None = None
    """Its own API, where that is another."""
    native_url: str | None = None
    """Where its own API is."""
    is_compatible: bool = True
    """Whether its OpenAI-compatible API stands for its own where the SDK is missing."""
    prices: str | None = None
    """Its name in the table of prices."""
    needs_key: bool = True
    host_variable: str | None = None
    """The environment variable that may say where a server of one's own is."""
    model_prefixes: tuple[str, ...] = ()
    """How the names of its models begin where nobody else's do."""

    def own_host(self) -> str | None:
        """Where its OpenAI-compatible API is by the environment, where that says so."""
        if self.host_variable is None or not os.environ.get(self.host_variable):
            return None
        from llmspell_engine.providers.ollama import server_url

        return f"{server_url(None)}/v1"

    def address(self, wire: WireName) -> str | None:
        """Where it is asked over a wire."""
        return self.native_url if wire == self.native else self.base_url


SERVICES = {
    "openai": Service(
        "https://api.openai.com/v1",
        "OPENAI_API_KEY",
        prices="openai",
        model_prefixes=("gpt-", "o1", "o3", "o4-", "chatgpt-"),
    ),
    "anthropic": Service(
        "https://api.anthropic.com/v1",
        "ANTHROPIC_API_KEY",
        native="anthropic",
        native_url="https://api.anthropic.com",
        is_compatible=False,  # the service offers it for comparing models only
        prices="anthropic",
        model_prefixes=("claude-",),
    ),
    "google": Service(
        "https://generativelanguage.googleapis.com/v1beta/openai",
        "GOOGLE_API_KEY",
        ("GEMINI_API_KEY",),
        native="google",
        native_url="https://generativelanguage.googleapis.com",
        prices="google",
        model_prefixes=("gemini-",),
    ),
    "groq": Service(
        "https://api.groq.com/openai/v1",
        "GROQ_API_KEY",
        native="groq",
        native_url="https://api.groq.com",
        prices="groq",
    ),
    "mistral": Service(
        "https://api.mistral.ai/v1",
        "MISTRAL_API_KEY",
        native="mistral",
        native_url="https://api.mistral.ai",
        prices="mistral",
        model_prefixes=("mistral-", "codestral-", "ministral-"),
    ),
    "cohere": Service(
        "https://api.cohere.ai/compatibility/v1",
        "CO_API_KEY",
        ("COHERE_API_KEY",),
        native="cohere",
        native_url="https://api.cohere.com",
        prices="cohere",
        model_prefixes=("command-",),
    ),
    "deepseek": Service(
        "https://api.deepseek.com",
        "DEEPSEEK_API_KEY",
        prices="deepseek",
        model_prefixes=("deepseek-",),
    ),
    "xai": Service("https://api.x.ai/v1", "XAI_API_KEY", prices="x-ai", model_prefixes=("grok-",)),
    "openrouter": Service("https://openrouter.ai/api/v1", "OPENROUTER_API_KEY", prices="openrouter"),
    "ollama": Service(
        "http://localhost:11434/v1", "OLLAMA_API_KEY", needs_key=False, host_variable="OLLAMA_HOST"
    ),
    "openai-compatible": Service(None, "OPENAI_COMPATIBLE_API_KEY", needs_key=False),
}
ALIASES = {"gemini": "google", "grok": "xai", "local": "ollama"}


def service_of(model: str) -> str | None:
    """The service whose models' names begin like this one; None where none's do."""
    return next((name for name, each in SERVICES.items() if model.startswith(each.model_prefixes)), None)
