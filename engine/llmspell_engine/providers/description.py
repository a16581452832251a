"""What is known of providers without asking a model: their kind, their address, whether a key is found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from llmspell_engine.providers.base import AuthenticationError, Capabilities, ProviderError
from llmspell_engine.providers.keys import find_key
from llmspell_engine.providers.services import ALIASES, SERVICES, Service

if TYPE_CHECKING:
    from llmspell_engine.providers.registry import Providers
    from llmspell_engine.providers.settings import ProviderSettings

PING_SECONDS = 5.0
_NATIVE_MODELS = {
    "anthropic": "/v1/models",
    "google": "/v1beta/models",
    "groq": "/openai/v1/models",
    "mistral": "/v1/models",
    "cohere": "/v1/models",
}
"""Where services list their models, from the addresses of their own APIs."""


@dataclass(frozen=True, slots=True)
class Description:
    """A provider as it is set up."""

    name: str
    type: str
    """The service it is of; its own name where it is none over a wire."""
    base_url: str | None
    """None where it is not asked over a wire."""
    needs_key: bool
    has_key: bool
    models: Sequence[str]
    """The only models that it takes; empty where it takes any."""
    capabilities: Capabilities

    @property
    def is_ready(self) -> bool:
        """Whether it can be asked as far as can be told without asking."""
        return self.has_key or not self.needs_key


def describe(providers: Providers, name: str) -> Description | None:
    """A provider by its name; None where there is none."""
    name = name if name in providers.names() else ALIASES.get(name, name)
    settings = providers.settings_of(name)
    service = _service(name, settings)
    made = providers.given(name)
    if service is None or settings is None:
        if made is None:
            return _own(name, settings)
        return Description(name, name, None, False, False, tuple(made.models), made.capabilities)
    return Description(
        name,
        settings.type or name,
        settings.base_url or service.own_host() or service.base_url,
        service.needs_key,
        _key(name, service, settings) is not None,
        settings.models,
        made.capabilities if made else Capabilities(multimodal=True),
    )


async def answers(providers: Providers, name: str) -> bool:
    """Whether a provider's server lists its models, with the key that would be used. One small request."""
    known = describe(providers, name)
    if known is None:
        return False
    settings = providers.settings_of(known.name)
    service = _service(known.name, settings)
    if service is None or settings is None:
        return True
    import httpx

    try:
        url = _models_url(known.name, service, settings)
        headers = _headers(service, settings, _key(known.name, service, settings))
        async with httpx.AsyncClient(timeout=PING_SECONDS) as client:
            answer = await client.get(url, headers=headers)
    except (httpx.HTTPError, httpx.InvalidURL, ProviderError):
        return False
    return answer.is_success


def _own(name: str, settings: ProviderSettings | None) -> Description | None:
    """A provider of a user's own, whose code is not run before it is asked."""
    from llmspell_engine.providers.own import entry_points_of

    is_named = settings is not None and (settings.class_ is not None or settings.file is not None)
    if not is_named and not entry_points_of(name):
        return None
    url, models = (settings.base_url, settings.models) if settings else (None, ())
    return Description(name, name, url, False, False, models, Capabilities())


def _service(name: str, settings: ProviderSettings | None) -> Service | None:
    return SERVICES.get((settings.type if settings else None) or name)


def _key(name: str, service: Service, settings: ProviderSettings) -> str | None:
    try:
        return find_key(name, service.key_variable, settings, service.other_key_variables)
    except AuthenticationError:
        return None


def _models_url(name: str, service: Service, settings: ProviderSettings) -> str:
    from llmspell_engine.providers.wires import wire_of

    wire = wire_of(name, service, settings).name
    base = settings.base_url or service.own_host() or service.address(wire)
    if base is None:
        raise ProviderError(f"the provider '{name}' has no base_url")
    base, path = base.rstrip("/"), _NATIVE_MODELS.get(wire)
    if path is None:
        return f"{base}/models"
    # An address may have the version at its end, as the wires take it.
    return base.removesuffix("/v2").removesuffix(path.removesuffix("/models")) + path


def _headers(service: Service, settings: ProviderSettings, key: str | None) -> dict[str, str]:
    headers = {name: value.get_secret_value() for name, value in settings.headers.items()}
    if key is None:
        return headers
    if service.native == "anthropic":
        return {"x-api-key": key, "anthropic-version": "2023-06-01", **headers}
    if service.native == "google":
        return {"x-goog-api-key": key, "authorization": f"Bearer {key}", **headers}
    return {"authorization": f"Bearer {key}", **headers}
