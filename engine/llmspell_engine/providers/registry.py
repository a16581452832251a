"""Finding the provider of a model. A service's provider is made when a model of it is first asked for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from llmspell_engine.observability.secrets import keep_secret
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
        self._own: dict[tuple[str, str | None, str | None], Provider] = {}
        self._settings = settings

    @property
    def is_open(self) -> bool:
        """Whether there is something to close."""
        return bool(self._opened or self._own)

    def names(self) -> list[str]:
        """All that scripts can name, in alphabetical order, but for plug-ins that nothing is set for."""
        return self._names()

    def all_names(self) -> list[str]:
        """The same with all installed plug-ins, which are looked for only to be told."""
        from llmspell_engine.providers.own import entry_point_names

        return self._names() if self._settings is None else sorted({*self._names(), *entry_point_names()})

    def given(self, name: str) -> Provider | None:
        """A provider that exists already; None where it would be made when it is first asked."""
        return self._providers.get(name)

    def settings_of(self, name: str) -> ProviderSettings | None:
        """How a service is reached; None where no service has the name."""
        if self._settings is None or name not in self._names() or not self._is_reached(name):
            return None
        from llmspell_engine.providers.settings import ProviderSettings

        return self._settings.get(name) or ProviderSettings()

    async def close(self) -> None:
        """Let go of the connections of the services."""
        opened, self._opened = self._opened, []
        own, self._own = list(self._own.values()), {}
        for provider in opened:
            del self._providers[provider.name]
        for provider in [*opened, *own]:
            await provider.close()

    def resolve(
        self,
        model: str,
        provider: str | None = None,
        *,
        base_url: str | None = None,
        api_key: str | None = None,
    ) -> tuple[Provider, str]:
        """The provider and its own name of a model: ``provider/model``, or a model with the provider apart.

        A model without a provider is looked for in those that list their models, then by how its name begins.
        With an address or a key given, it is a provider made for these, and shared by all who give the same;
        the keys of the settings and of the environment are not sent to an address that is given here.
        Raises ProviderError listing what exists.
        """
        if api_key:
            keep_secret(api_key)
        if base_url is not None or api_key is not None:
            return self._resolve_own(model, provider, base_url, api_key)
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
        provider = self._providers.get(name) or self._open(self._named(name))
        if provider is None:
            if name == "scripted":
                raise ProviderError("scripted models need their answers: llmspell run … --scripted FILE")
            raise ProviderError(
                f"there is no provider '{name}' for the model '{name}/{model}'; {self._advice(name, model)}"
            )
        if provider.models and model not in provider.models:
            raise ProviderError(
                f"the provider '{name}' has no model '{model}'; known models are {self._known()}"
            )
        return provider, model

    def _advice(self, name: str, model: str) -> str:
        """What may have been meant by a provider that does not exist, else what there is."""
        from difflib import get_close_matches

        known = self.all_names()
        if near := get_close_matches(name, known, n=1, cutoff=0.8):
            return f"did you mean '{near[0]}/{model}'?"
        return "providers are " + ", ".join(f"'{each}'" for each in known)

    def limit(self, settings: Mapping[str, ProviderSettings]) -> None:
        """Go by other settings from now on; providers in use take over limits, timeouts and keys."""
        from llmspell_engine.providers.resilience import ResilientProvider
        from llmspell_engine.providers.settings import ProviderSettings
        from llmspell_engine.providers.wire import WireProvider

        self._settings = settings
        for provider in [*self._opened, *self._own.values()]:
            if isinstance(provider, ResilientProvider):
                changed = settings.get(provider.name) or ProviderSettings()
                provider.limit(changed)
                if isinstance(provider.provider, WireProvider):
                    provider.provider.limit(changed)

    def _resolve_own(
        self, model: str, provider: str | None, base_url: str | None, api_key: str | None
    ) -> tuple[Provider, str]:
        owner, slash, rest = model.partition("/")
        if provider is not None:
            rest = model.removeprefix(f"{provider}/")
        elif not slash:
            owner, rest = service_of(model) or "openai-compatible", model
        name = self._named(provider or owner)
        if not self._is_known(name) or not self._is_reached(name):
            raise ProviderError(
                f"the provider '{name}' takes no base_url and no api_key for the model '{model}'; name a"
                f" service of models, for instance 'openai-compatible/{rest}'"
            )
        key = (name, base_url, api_key)
        if key not in self._own:
            self._own[key] = self._made(name, base_url=base_url, api_key=api_key)
        return self._own[key], rest

    def _is_reached(self, name: str) -> bool:
        """Whether a provider is a service over a wire."""
        return name not in self._providers or any(each.name == name for each in self._opened)

    def _open(self, name: str) -> Provider | None:
        """The provider of a service, made now; None where neither services nor settings know the name."""
        if name in self._providers:
            return self._providers[name]
        if not self._is_known(name):
            return None
        provider = self._made(name)
        self._opened.append(provider)
        self._providers[name] = provider
        return provider

    def _made(self, name: str, *, base_url: str | None = None, api_key: str | None = None) -> Provider:
        from llmspell_engine.providers.making import make_provider
        from llmspell_engine.providers.settings import ProviderSettings

        settings = (self._settings or {}).get(name) or ProviderSettings()
        return make_provider(name, settings, base_url=base_url, api_key=api_key)

    def _named(self, name: str) -> str:
        """The name of a provider that may be given by another; what is set up by a name has it."""
        return name if name in (self._settings or {}) else ALIASES.get(name, name)

    def _is_known(self, name: str) -> bool:
        """Whether a provider of this name can be made."""
        if self._settings is None:
            return False
        if name in SERVICES or name in self._settings:
            return True
        from llmspell_engine.providers.own import entry_points_of

        return bool(entry_points_of(name))

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

    own: list[Provider] = [EchoProvider()]
    if scripted:
        from llmspell_engine.providers.scripted import ScriptedProvider

        own.append(ScriptedProvider(scripted))
    return Providers(own, settings or {})
