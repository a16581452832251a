"""A provider over HTTP, spoken by pydantic-ai's model layer, which is imported by the first request."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from llmspell_engine.providers.base import (
    AuthenticationError,
    Capabilities,
    Chunk,
    ModelAnswer,
    ModelRequest,
    ProviderError,
)
from llmspell_engine.providers.faults import Faults, UnknownModelError
from llmspell_engine.providers.keys import find_key, places
from llmspell_engine.providers.wires import WireKind, wire_of

if TYPE_CHECKING:
    from pydantic_ai.messages import ModelResponse
    from pydantic_ai.models import Model

    from llmspell_engine.providers.services import Service
    from llmspell_engine.providers.settings import ProviderSettings
    from llmspell_engine.providers.wires.base import Wire

_CHANGEABLE = ("timeout_seconds", "connect_timeout_seconds", "api_key", "api_key_env")
"""Settings that may change while the provider is in use."""


@dataclass(slots=True)
class WireProvider:
    """Asks the models of one service. On the engine's loop only."""

    name: str
    service: Service
    settings: ProviderSettings
    own_key: str | None = None
    """The key to use instead of the one that is set up; empty where none is to be sent."""
    _wire: Wire | None = None
    _retired: list[Wire] = field(default_factory=list)
    _names: list[str] | None = None
    """The models that the server lists, once they were needed."""

    @property
    def models(self) -> Sequence[str]:
        """See the protocol."""
        return self.settings.models

    @property
    def capabilities(self) -> Capabilities:
        """See the protocol."""
        return Capabilities(multimodal=self.kind.takes_media)

    async def complete(self, request: ModelRequest) -> ModelAnswer:
        """See the protocol."""
        import anyio

        async with self._told(request):
            from pydantic_ai.direct import model_request

            from llmspell_engine.providers.conversion import to_messages

            model = self._model(request)
            with anyio.fail_after(self._timeout(request)):
                response = await model_request(model, to_messages(request.messages), **_how(request, model))
            return self._answer(request, response)

    async def stream(self, request: ModelRequest) -> AsyncGenerator[Chunk]:
        """See the protocol."""
        import anyio

        async with self._told(request):
            from pydantic_ai.direct import model_request_stream

            from llmspell_engine.providers.conversion import to_messages

            model = self._model(request)
            timeout = self._timeout(request)
            opening = model_request_stream(model, to_messages(request.messages), **_how(request, model))
            with anyio.fail_after(timeout):
                stream = await opening.__aenter__()
            try:
                events = aiter(stream)
                while True:
                    with anyio.fail_after(timeout):
                        event = await anext(events, None)
                    if event is None:
                        break
                    if text := _text(event):
                        yield Chunk(text)
            finally:
                with anyio.CancelScope(shield=True):
                    await opening.__aexit__(None, None, None)
            response = stream.get()
            if response.finish_reason is None:
                raise self._faults().cut_off()
            yield Chunk(answer=self._answer(request, response))

    def limit(self, settings: ProviderSettings) -> None:
        """Go by other timeouts and another key from the next request on; the address stays."""
        changes = {name: getattr(settings, name) for name in _CHANGEABLE}
        if all(getattr(self.settings, name) == value for name, value in changes.items()):
            return
        self.settings = self.settings.model_copy(update=changes)
        if self._wire is not None:
            self._retired.append(self._wire)  # requests may be under way on it
            self._wire = None

    async def close(self) -> None:
        """See the protocol."""
        wires, self._retired = [*self._retired, *([self._wire] if self._wire else [])], []
        self._wire = None
        for wire in wires:
            await wire.close()

    async def list_models(self) -> Sequence[str]:
        """The models that the server lists. Raises ProviderError."""
        async with self._told(ModelRequest("", ())):
            return await self._opened().model_names()

    @property
    def kind(self) -> WireKind:
        """The API over which it is asked. Raises ProviderError where its package is missing."""
        return wire_of(self.name, self.service, self.settings)

    @property
    def base_url(self) -> str:
        """Where its server is. Raises ProviderError where nobody says."""
        found = self.settings.base_url or self.service.own_host() or self.service.address(self.kind.name)
        if found is None:
            raise ProviderError(
                f"the provider '{self.name}' needs the address of its server:"
                f" set base_url in [providers.{self.name}]"
            )
        return found

    def _model(self, request: ModelRequest) -> Model[Any]:
        if request.extra and not self.kind.takes_extra:
            raise ProviderError(
                f"the provider '{self.name}' takes no further settings over its own API, and was given"
                f' {", ".join(sorted(request.extra))}; set wire = "openai" in [providers.{self.name}]'
            )
        if not self.kind.takes_media and any(message.media for message in request.messages):
            raise ProviderError(
                f"the provider '{self.name}' takes texts alone over its own API, and was given media;"
                f' set wire = "openai" in [providers.{self.name}], or ask another provider'
            )
        return self._opened().model(request.model)

    def _opened(self) -> Wire:
        if self._wire is None:
            from llmspell_engine.providers.wires.base import Connection

            headers = {name: value.get_secret_value() for name, value in self.settings.headers.items()}
            connection = Connection(
                self.base_url, self._key(), headers, self.settings.connect_timeout_seconds
            )
            self._wire = self.kind.load()(connection)
        return self._wire

    def _key(self) -> str:
        if self.own_key is not None:
            return self.own_key or "none"  # the SDKs insist on one
        service = self.service
        try:
            return find_key(self.name, service.key_variable, self.settings, service.other_key_variables)
        except AuthenticationError:
            if service.needs_key:
                raise
            return "none"

    def _answer(self, request: ModelRequest, response: ModelResponse) -> ModelAnswer:
        from llmspell_engine.providers.conversion import to_answer
        from llmspell_engine.providers.pricing import cost_of

        if not response.parts and response.finish_reason is None:
            raise self._faults().empty()
        own, table = self.settings.prices, self.service.prices
        return to_answer(response, lambda usage, name: cost_of(usage, request.model, name, own, table))

    def _timeout(self, request: ModelRequest) -> float:
        return request.timeout or self.settings.timeout_seconds

    def _faults(self) -> Faults:
        variable = self.settings.api_key_env or self.service.key_variable
        advice = places(self.name, variable)
        if self.own_key is not None:
            advice = "give the right api_key beside base_url"
        try:
            key = self._key()
        except AuthenticationError:
            key = ""
        secrets = [key, *(value.get_secret_value() for value in self.settings.headers.values())]
        return Faults(
            self.name, self.base_url, advice, [each for each in secrets if each not in ("", "none")]
        )

    @asynccontextmanager
    async def _told(self, request: ModelRequest) -> AsyncIterator[None]:
        """Tell what goes wrong in the project's own terms."""
        try:
            yield
        except (ProviderError, GeneratorExit):
            raise
        except TimeoutError as error:
            raise self._faults().late(self._timeout(request)) from error
        except Exception as error:  # noqa: BLE001 - SDKs raise what they please; each is told
            faults = self._faults()
            told = faults.told(error, request.model, self.settings.connect_timeout_seconds)
            if isinstance(told, UnknownModelError):
                told = faults.unknown(request.model, await self._known_names(), told)
            raise told from faults.cause(error)

    async def _known_names(self) -> Sequence[str]:
        """The models that the server lists; none where it does not tell. Asked once."""
        if self._names is None:
            try:
                self._names = await self._opened().model_names()
            except Exception:  # noqa: BLE001 - it is only for a better message
                self._names = []
        return self._names


def _how(request: ModelRequest, model: Model[Any]) -> dict[str, Any]:
    from llmspell_engine.providers.conversion import to_parameters, to_settings

    return {
        "model_settings": to_settings(request),
        "model_request_parameters": to_parameters(request, model),
    }


def _text(event: Any) -> str:
    from pydantic_ai.messages import PartDeltaEvent, PartStartEvent, TextPart, TextPartDelta

    if isinstance(event, PartStartEvent) and isinstance(event.part, TextPart):
        return event.part.content
    if isinstance(event, PartDeltaEvent) and isinstance(event.delta, TextPartDelta):
        return event.delta.content_delta
    return ""
