"""The global ``LocalLLM``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from llmspell_engine.api import local_llm as api
from llmspell_engine.providers.base import ProviderError
from llmspell_engine.providers.ollama import Ollama, Progress, server_url

if TYPE_CHECKING:
    from llmspell_engine.globals.services import Run

BACKEND = "ollama"


class LocalLLM(api.LocalLLM):
    """Speaks to the Ollama server of the run."""

    def __init__(self, run: Run) -> None:
        self._run = run

    async def status(self) -> api.LocalStatus:
        server = self._server()
        try:
            version, count = await server.version(), len(await server.models())
        except ProviderError as error:
            down = api.LocalBackend(running=False, ready=False, models=0, error=str(error))
            return api.LocalStatus(ollama=down)
        up = api.LocalBackend(running=True, ready=count > 0, models=count, version=version)
        return api.LocalStatus(ollama=up)

    async def list(self, backend: api.Backend = "ollama") -> Sequence[api.LocalModel]:
        return [api.LocalModel(**_known(each)) for each in await self._server().models()]

    async def info(self, model_id: str) -> api.LocalModelInfo:
        server = self._server()
        name = _name(model_id)
        told = await server.details(name)
        listed = {str(each.get("name")): each for each in await server.models()}
        full = next((each for each in (name, f"{name}:latest") if each in listed), name)
        details, facts = told.get("details") or {}, told.get("model_info") or {}
        architecture = facts.get("general.architecture") or details.get("family")
        known = _known({**listed.get(full, {}), "name": full, "details": details})
        return api.LocalModelInfo(
            **known,
            format=details.get("format") or "",
            loaded=full in await server.loaded(),
            parameter_count=details.get("parameter_size"),
            architecture=architecture,
            context_length=facts.get(f"{architecture}.context_length"),
            capabilities=[*(told.get("capabilities") or ())],
        )

    async def pull(
        self, model_id: str, on_progress: Callable[[api.PullProgress], Any] | None = None
    ) -> api.PullProgress:
        if on_progress is None:
            return _progress(await self._server().pull(_name(model_id)))
        from llmspell_engine.runtime.binding import Binder

        binder = Binder(self._run.language)

        async def tell(progress: Progress) -> None:
            await self._run.scheduler.call(on_progress, binder.result(_progress(progress)))

        return _progress(await self._server().pull(_name(model_id), tell))

    def _server(self) -> Ollama:
        settings = self._run.services.providers.settings_of(BACKEND)
        return Ollama(server_url(settings.base_url if settings else None))


def _name(model_id: str) -> str:
    return model_id.removesuffix(f"@{BACKEND}")


def _known(told: Mapping[str, Any]) -> dict[str, Any]:
    """What is known of a model in any list."""
    return {
        "id": told.get("name", ""),
        "backend": BACKEND,
        "size_bytes": told.get("size") or 0,
        "quantization": (told.get("details") or {}).get("quantization_level") or None,
        "modified_at": told.get("modified_at"),
    }


def _progress(progress: Progress) -> api.PullProgress:
    return api.PullProgress(
        model_id=progress.model,
        status=progress.status,
        percent_complete=progress.percent,
        bytes_downloaded=progress.done,
        bytes_total=progress.total,
    )
