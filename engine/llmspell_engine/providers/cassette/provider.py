"""Providers that answer from a cassette, or ask the real one and record what it says."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from llmspell_engine.providers.base import (
    Capabilities,
    Chunk,
    ModelAnswer,
    ModelRequest,
    Provider,
    ProviderError,
)
from llmspell_engine.providers.cassette.coding import (
    Plain,
    media_of,
    plain_answer,
    plain_error,
    plain_request,
    read_answer,
    read_error,
)
from llmspell_engine.providers.cassette.tape import Cassette, CassetteError, Recorded
from llmspell_engine.providers.registry import Providers

if TYPE_CHECKING:
    from llmspell_engine.providers.settings import ProviderSettings


class CassetteProvider:
    """One provider before a cassette; ``inner`` is None where it is known by name only."""

    def __init__(self, name: str, inner: Provider | None, cassette: Cassette) -> None:
        self.name = name
        self._inner = inner
        self._cassette = cassette

    @property
    def models(self) -> Sequence[str]:
        """See the protocol."""
        return self._inner.models if self._inner else ()

    @property
    def capabilities(self) -> Capabilities:
        """See the protocol."""
        return self._inner.capabilities if self._inner else Capabilities(multimodal=True)

    async def complete(self, request: ModelRequest) -> ModelAnswer:
        """See the protocol."""
        asked = plain_request(self.name, request, streamed=False)
        recorded = self._cassette.find(asked)
        if recorded is not None:
            return self._answer(recorded)
        try:
            answer = await self._real().complete(request)
        except ProviderError as error:
            self._record(request, asked, {"error": plain_error(error)})
            raise
        self._record(request, asked, {"answer": plain_answer(answer)}, answer)
        return answer

    async def stream(self, request: ModelRequest) -> AsyncGenerator[Chunk]:
        """See the protocol."""
        asked = plain_request(self.name, request, streamed=True)
        recorded = self._cassette.find(asked)
        chunks = self._recording(request, asked) if recorded is None else self._replayed(recorded)
        async with aclosing(chunks):
            async for chunk in chunks:
                yield chunk

    async def close(self) -> None:
        """See the protocol."""
        if self._inner:
            await self._inner.close()

    def _answer(self, recorded: Recorded) -> ModelAnswer:
        if "error" in recorded.outcome:
            raise read_error(recorded.outcome["error"])
        return read_answer(recorded.outcome["answer"], self._cassette.bytes_of)

    async def _replayed(self, recorded: Recorded) -> AsyncGenerator[Chunk]:
        for text in recorded.outcome.get("chunks", ()):
            yield Chunk(text)
        if not {"answer", "error"} & recorded.outcome.keys():
            raise CassetteError(
                f"{self._cassette.path}:{recorded.line}: this stream was closed here when it was recorded;"
                " record it again with --record in another file"
            )
        yield Chunk(answer=self._answer(recorded))

    async def _recording(self, request: ModelRequest, asked: Plain) -> AsyncGenerator[Chunk]:
        texts: list[str] = []
        outcome: dict[str, Any] = {"chunks": texts}
        answer: ModelAnswer | None = None
        try:
            async with aclosing(self._real().stream(request)) as chunks:
                async for chunk in chunks:
                    if chunk.text:
                        texts.append(chunk.text)
                    if chunk.answer:
                        answer = chunk.answer
                        outcome["answer"] = plain_answer(answer)
                    yield chunk
        except GeneratorExit:
            self._record(request, asked, outcome, answer)
            raise
        except ProviderError as error:
            self._record(request, asked, {**outcome, "error": plain_error(error)})
            raise
        self._record(request, asked, outcome, answer)

    def _real(self) -> Provider:
        assert self._inner is not None, "a provider that only has a name is replayed"
        return self._inner

    def _record(
        self, request: ModelRequest, asked: Plain, outcome: Plain, answer: ModelAnswer | None = None
    ) -> None:
        media = [*media_of(request.messages), *(answer.media if answer else ())]
        self._cassette.add(asked, outcome, media)


class CassetteProviders(Providers):
    """Finds providers as others do, and puts the cassette before them."""

    def __init__(self, inner: Providers, cassette: Cassette) -> None:
        super().__init__(())
        self._inner = inner
        self._cassette = cassette

    @property
    def is_open(self) -> bool:
        """See Providers."""
        return self._inner.is_open

    def names(self) -> list[str]:
        """See Providers."""
        return self._inner.names()

    def all_names(self) -> list[str]:
        """See Providers."""
        return self._inner.all_names()

    def given(self, name: str) -> Provider | None:
        """See Providers."""
        return self._inner.given(name)

    def settings_of(self, name: str) -> ProviderSettings | None:
        """See Providers."""
        return self._inner.settings_of(name)

    def limit(self, settings: Mapping[str, ProviderSettings]) -> None:
        """See Providers."""
        self._inner.limit(settings)

    async def close(self) -> None:
        """See Providers."""
        await self._inner.close()

    def resolve(
        self,
        model: str,
        provider: str | None = None,
        *,
        base_url: str | None = None,
        api_key: str | None = None,
    ) -> tuple[Provider, str]:
        """See Providers. A replay needs a provider's name alone, so it need not be configured."""
        try:
            found, own_name = self._inner.resolve(model, provider, base_url=base_url, api_key=api_key)
        except ProviderError:
            owner, slash, rest = model.partition("/")
            if self._cassette.mode != "replay" or not (provider or slash):
                raise
            name = model.removeprefix(f"{provider}/") if provider else rest
            return CassetteProvider(provider or owner, None, self._cassette), name
        return CassetteProvider(found.name, found, self._cassette), own_name
