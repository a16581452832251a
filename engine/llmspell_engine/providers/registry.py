"""Finding the provider of a model. A service's provider is made when a model of it is first asked for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from llmspell_engine.providers.base import Provider, ProviderError
from llmspell_engine.providers.services import ALIASES, SERVICES, service_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from llmspell_engine.providers.settings import ProviderSettings


class Providers:
    """The providers of an engine, by name.

    ``settings`` are those of services, and of further providers that are of some service's type; with None,
    there are only the providers given.
    """

    def __init__(
        self, providers: Iterable[Provider], settings: Mapping[str, ProviderSettings] | None = None
    ) -> None:
        self._providers = {provider.name: provider for provider in providers}
        self._opened: list[Provider] = []
        self._settings = settings

    @property
    def is_open(self) -> bool:
        """Whether there is something to close."""
        return bool(self._opened)

    async def close(self) -> None:
        """Let go of the connections of the services."""
        opened, self._opened = self._opened, []
        for provider in opened:
            del self._providers[provider.name]
            await provider.close()

    def resolve(self, model: str, provider: str | None = None) -> tuple[Provider, str]:
        """The provider and its own name of a model: ``provider/model``, or a model with the provider apart.

        A model without a provider is looked for in those that list their models, then by how its name begins.
        Raises ProviderError listing what exists.
        """
        owner, slash, rest = model.partition("/")
        if provider is None and slash:
            return self._checked(owner, rest)
        if provider is not None:
            return self._checked(provider, model.removeprefix(f"{provider}/"))
        for candidate in self._providers.values():
            if model in candidate.models:
                return candidate, model
        if self._settings is not None and (service := service_of(model)):
            return self._checked(service, model)
        raise ProviderError(f"there is no model '{model}'; known models are {self._known()}")

    def _checked(self, name: str, model: str) -> tuple[Provider, str]:
        provider = self._providers.get(name) or self._open(ALIASES.get(name, name))
        if provider is None:
            known = ", ".join(f"'{each}'" for each in self._names())
            if name == "scripted":
                raise ProviderError("scripted models need their answers: llmspell run … --scripted FILE")
            raise ProviderError(
                f"there is no provider '{name}' for the model '{name}/{model}'; providers are {known}"
            )
        if provider.models and model not in provider.models:
            raise ProviderError(
                f"the provider '{name}' has no model '{model}'; known models are {self._known()}"
            )
        return provider, model

    def _open(self, name: str) -> Provider | None:
        """The provider of a service, made now; None where neither services nor settings know the name."""
        if name in self._providers:
            return self._providers[name]
        if self._settings is None or name not in self._names():
            return None
        from llmspell_engine.providers.resilience import ResilientProvider
        from llmspell_engine.providers.settings import ProviderSettings
        from llmspell_engine.providers.wire import WireProvider

        settings = self._settings.get(name) or ProviderSettings()
        kind = settings.type or name
        if kind not in SERVICES:
            raise ProviderError(
                f"the provider '{name}' has no type; set type in [providers.{name}], for instance to"
                " 'openai-compatible'"
            )
        provider = ResilientProvider(WireProvider(name, SERVICES[kind], settings), settings)
        self._opened.append(provider)
        self._providers[name] = provider
        return provider

    def _names(self) -> list[str]:
        if self._settings is None:
            return sorted(self._providers)
        return sorted({*self._providers, *SERVICES, *self._settings})

    def _known(self) -> str:
        return ", ".join(
            f"'{provider.name}/{model}'" for provider in self._providers.values() for model in provider.models
        )


def standard_providers(
    scripted: Path | None = None, settings: Mapping[str, ProviderSettings] | None = None
) -> Providers:
    """Echo, the services known by name, and those set up.

    ``scripted`` is the file of the scripted models' answers.
    """
    from llmspell_engine.providers.echo import EchoProvider
    from llmspell_engine.providers.scripted import ScriptedProvider

    own: list[Provider] = [EchoProvider(), *([ScriptedProvider(scripted)] if scripted else [])]
    return Providers(own, settings or {})
