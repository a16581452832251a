"""Who answers prompts: one small protocol and the providers behind it."""

from llmspell_engine.providers.base import Message, ModelAnswer, ModelRequest, Provider, ProviderError
from llmspell_engine.providers.registry import Providers, standard_providers

__all__ = [
    "Message",
    "ModelAnswer",
    "ModelRequest",
    "Provider",
    "ProviderError",
    "Providers",
    "standard_providers",
]
