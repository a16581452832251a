"""Providers of models: which there are, and what they can do."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence

from pydantic import Field

from llmspell_engine.api.agent_options import ProviderName
from llmspell_engine.api.declare import Global, Options, Result, Waiting, example, member


class ProviderCapabilities(Result):
    """What a provider can do."""

    supports_streaming: bool = Field(description="Whether answers come piece by piece.")
    supports_multimodal: bool = Field(description="Whether prompts may have pictures and other media.")
    supports_tools: bool = Field(description="Whether its models can call tools.")
    supports_structured: bool = Field(description="Whether answers can be made to fit a JSON Schema.")
    max_context_tokens: int | None = Field(None, description="The longest conversation, in tokens.")
    available_models: list[str] = Field(
        description="The only models that it takes; empty where it takes any."
    )


class ProviderInfo(Result):
    """A provider as it is set up. Its key is never told."""

    name: str = Field(description="What scripts call it, before the `/` of a model.")
    type: str = Field(description="The service that it is of.")
    enabled: bool = Field(description="Whether it can be asked: it needs no key, or there is one.")
    has_key: bool = Field(description="Whether a key is found.")
    base_url: str | None = Field(None, description="Where its server is.")
    models: list[str] = Field(description="The only models that it takes; empty where it takes any.")
    capabilities: ProviderCapabilities = Field(description="What it can do.")


class AvailabilityOptions(Options):
    """How thoroughly a provider is looked at."""

    ping: bool = Field(False, description="Ask its server, with one request that costs nothing.")


class Provider(Global):
    """The providers of models that scripts can name."""

    name = "Provider"

    @abstractmethod
    @example(
        lua="for _, provider in ipairs(Provider.list()) do\n"
        "  if provider.enabled then print(provider.name, provider.base_url) end\n"
        "end",
        javascript="for (const provider of Provider.list()) {\n"
        "  if (provider.enabled) console.log(provider.name, provider.baseUrl);\n"
        "}",
    )
    def list(self) -> Sequence[ProviderInfo]:
        """All providers, in alphabetical order."""

    @abstractmethod
    def get(self, name: ProviderName) -> ProviderInfo | None:
        """A provider, or nothing.

        Args:
            name: its name.
        """

    @abstractmethod
    def get_capabilities(self, name: ProviderName) -> ProviderCapabilities | None:
        """What a provider can do, or nothing where there is none.

        Args:
            name: its name.
        """

    @abstractmethod
    @member(waits=True)
    @example(
        lua='local model = Provider.is_available("ollama", { ping = true }) and "ollama/llama3.2" or "echo"',
        javascript='const isThere = await Provider.isAvailable("ollama", { ping: true });',
    )
    def is_available(self, name: ProviderName, options: AvailabilityOptions | None = None) -> Waiting[bool]:
        """Whether a provider can be asked: there is one, and a key if it needs one.

        Args:
            name: its name.
            options: whether its server is asked too.
        """

    @member(name="getCapabilities", deprecated="Provider.get_capabilities", languages=("lua",))
    def get_capabilities_older(self, name: ProviderName) -> ProviderCapabilities | None:
        """What a provider can do, or nothing where there is none.

        Args:
            name: its name.
        """
        return self.get_capabilities(name)

    @member(name="isAvailable", deprecated="Provider.is_available", languages=("lua",), waits=True)
    def is_available_older(self, name: ProviderName) -> Waiting[bool]:
        """Whether a provider can be asked.

        Args:
            name: its name.
        """
        return self.is_available(name)
