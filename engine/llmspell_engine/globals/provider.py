"""The global ``Provider``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from llmspell_engine.api import provider as api
from llmspell_engine.providers.description import Description, answers, describe

if TYPE_CHECKING:
    from llmspell_engine.globals.services import Run


class Provider(api.Provider):
    """Tells of the run's providers."""

    def __init__(self, run: Run) -> None:
        self._providers = run.services.providers

    def list(self) -> Sequence[api.ProviderInfo]:
        found = (describe(self._providers, name) for name in self._providers.all_names())
        return [_info(each) for each in found if each is not None]

    def get(self, name: str) -> api.ProviderInfo | None:
        found = describe(self._providers, name)
        return _info(found) if found else None

    def get_capabilities(self, name: str) -> api.ProviderCapabilities | None:
        found = describe(self._providers, name)
        return _capabilities(found) if found else None

    async def is_available(self, name: str, options: api.AvailabilityOptions | None = None) -> bool:
        found = describe(self._providers, name)
        if found is None or not found.is_ready:
            return False
        return await answers(self._providers, name) if options and options.ping else True


def _info(found: Description) -> api.ProviderInfo:
    return api.ProviderInfo(
        name=found.name,
        type=found.type,
        enabled=found.is_ready,
        has_key=found.has_key,
        base_url=found.base_url,
        models=[*found.models],
        capabilities=_capabilities(found),
    )


def _capabilities(found: Description) -> api.ProviderCapabilities:
    can = found.capabilities
    return api.ProviderCapabilities(
        supports_streaming=can.streaming,
        supports_multimodal=can.multimodal,
        supports_tools=can.tools,
        supports_structured=can.structured,
        max_context_tokens=can.max_context_tokens,
        available_models=[*found.models],
    )
