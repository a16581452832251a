"""Finding the provider of a model."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from llmspell_engine.providers.base import Provider, ProviderError

if TYPE_CHECKING:
    from pathlib import Path


class Providers:
    """The providers of an engine, by name."""

    def __init__(self, providers: Iterable[Provider]) -> None:
        self._providers = {provider.name: provider for provider in providers}

    def resolve(self, model: str, provider: str | None = None) -> tuple[Provider, str]:
        """The provider and its own name of a model: ``provider/model``, or a model with the provider apart.

        A model without a provider is looked for in those that list their models.
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
        raise ProviderError(f"there is no model '{model}'; known models are {self._known()}")

    def _checked(self, name: str, model: str) -> tuple[Provider, str]:
        provider = self._providers.get(name)
        if provider is None:
            known = ", ".join(f"'{each}'" for each in sorted(self._providers))
            raise ProviderError(
                f"there is no provider '{name}' for the model '{name}/{model}'; providers are {known}"
            )
        if provider.models and model not in provider.models:
            raise ProviderError(
                f"the provider '{name}' has no model '{model}'; known models are {self._known()}"
            )
        return provider, model

    def _known(self) -> str:
        return ", ".join(
            f"'{provider.name}/{model}'" for provider in self._providers.values() for model in provider.models
        )


def standard_providers(scripted: Path | None = None) -> Providers:
    """The providers that need no configuration; ``scripted`` is the file of the scripted models' answers."""
    from llmspell_engine.providers.echo import EchoProvider
    from llmspell_engine.providers.scripted import ScriptedProvider

    return Providers([EchoProvider(), *([ScriptedProvider(scripted)] if scripted else [])])
