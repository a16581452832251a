"""Making providers: what kind one is, and what it is wrapped in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmspell_engine.providers.base import Provider, ProviderError
from llmspell_engine.providers.resilience import ResilientProvider
from llmspell_engine.providers.services import SERVICES

if TYPE_CHECKING:
    from llmspell_engine.providers.settings import ProviderSettings


def make_provider(
    name: str, settings: ProviderSettings, *, base_url: str | None = None, api_key: str | None = None
) -> Provider:
    """A provider by its name and settings, with the limits of these. Raises ProviderError.

    ``base_url`` and ``api_key`` come before those of the settings, whose key is not sent to another address.
    """
    if base_url is not None:
        settings = settings.model_copy(update={"base_url": base_url, "models": ()})
    if settings.class_ is not None or settings.file is not None:
        from llmspell_engine.providers.own import own_provider

        return ResilientProvider(own_provider(name, _with_key(settings, api_key)), settings)
    kind = settings.type or name
    if kind in SERVICES:
        from llmspell_engine.providers.wire import WireProvider

        own_key = api_key if api_key is not None or base_url is None else ""
        return ResilientProvider(WireProvider(name, SERVICES[kind], settings, own_key), settings)
    from llmspell_engine.providers.own import entry_points_of, plugged_provider

    if not entry_points_of(name):
        raise ProviderError(
            f"the provider '{name}' has no type; set type in [providers.{name}], for instance to"
            " 'openai-compatible', or class or file for a provider of your own"
        )
    return ResilientProvider(plugged_provider(name, _with_key(settings, api_key)), settings)


def _with_key(settings: ProviderSettings, api_key: str | None) -> ProviderSettings:
    if api_key is None:
        return settings
    from pydantic import SecretStr

    return settings.model_copy(update={"api_key": SecretStr(api_key)})
