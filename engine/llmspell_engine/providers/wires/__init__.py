"""The wires: one module each, imported when a model is first asked over it.

::

    WireProvider ─ Wire ─ pydantic-ai's model ─ the service's SDK ─ HTTP
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING

from llmspell_engine.providers.base import ProviderError

if TYPE_CHECKING:
    from llmspell_engine.providers.services import Service, WireName
    from llmspell_engine.providers.settings import ProviderSettings
    from llmspell_engine.providers.wires.base import Wire


@dataclass(frozen=True, slots=True)
class WireKind:
    """What is known of a wire before it is opened."""

    name: WireName
    class_name: str
    package: str
    """The package of its SDK."""
    takes_media: bool = True
    takes_extra: bool = True
    """Whether settings that the project does not know are passed on."""

    @property
    def is_installed(self) -> bool:
        """Whether its SDK is there."""
        try:
            return find_spec(self.package) is not None
        except ModuleNotFoundError:  # of a package inside another
            return False

    def load(self) -> type[Wire]:
        """Its class. Raises ImportError."""
        module = import_module(f"{__name__}.{self.name}")
        found: type[Wire] = getattr(module, self.class_name)
        return found


WIRES: dict[WireName, WireKind] = {
    "openai": WireKind("openai", "OpenAIWire", "openai"),
    "anthropic": WireKind("anthropic", "AnthropicWire", "anthropic"),
    "google": WireKind("google", "GoogleWire", "google.genai", takes_extra=False),
    "groq": WireKind("groq", "GroqWire", "groq"),
    "mistral": WireKind("mistral", "MistralWire", "mistralai", takes_extra=False),
    "cohere": WireKind("cohere", "CohereWire", "cohere", takes_media=False, takes_extra=False),
}


def wire_of(provider: str, service: Service, settings: ProviderSettings) -> WireKind:
    """The wire over which a provider is asked. Raises ProviderError where its SDK is missing.

    It is the service's own where its SDK is there, and where the address is not that of an
    OpenAI-compatible API.
    """
    if service.native is None or settings.wire == "openai":
        return WIRES["openai"]
    native = WIRES[service.native]
    if settings.wire is None and service.is_compatible and _is_compatible(service, settings.base_url):
        return WIRES["openai"]
    if native.is_installed:
        return native
    if settings.wire is None and service.is_compatible:
        return WIRES["openai"]
    raise ProviderError(f"the provider '{provider}' needs a package: pip install 'llmspell[{native.name}]'")


def _is_compatible(service: Service, base_url: str | None) -> bool:
    """Whether an address of the settings ends as that of the service's OpenAI-compatible API."""
    from urllib.parse import urlsplit

    if base_url is None or service.base_url is None:
        return False
    return base_url.rstrip("/").endswith(urlsplit(service.base_url).path)
