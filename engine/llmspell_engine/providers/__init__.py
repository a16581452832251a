"""Who answers prompts: one small protocol and the providers behind it."""

from llmspell_engine.providers.base import (
    Capabilities,
    Chunk,
    Media,
    Message,
    ModelAnswer,
    ModelRequest,
    Provider,
    ProviderError,
    ToolCall,
    ToolDefinition,
    Usage,
)
from llmspell_engine.providers.registry import Providers, standard_providers

__all__ = [
    "Capabilities",
    "Chunk",
    "Media",
    "Message",
    "ModelAnswer",
    "ModelRequest",
    "Provider",
    "ProviderError",
    "Providers",
    "ToolCall",
    "ToolDefinition",
    "Usage",
    "standard_providers",
]
