"""A provider over HTTP, spoken by pydantic-ai's model layer, which is imported by the first request.

The SDKs' own retries are off: :mod:`~llmspell_engine.providers.resilience` does them for every wire alike.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from llmspell_engine.providers.base import (
    AuthenticationError,
    Capabilities,
    Chunk,
    ConnectionFailedError,
    MalformedAnswerError,
    ModelAnswer,
    ModelRequest,
    ModelTimeoutError,
    ProviderError,
    RateLimitError,
)
from llmspell_engine.providers.keys import find_key, places

if TYPE_CHECKING:
    from pydantic_ai.models import Model

    from llmspell_engine.providers.services import Service
    from llmspell_engine.providers.settings import ProviderSettings

_PASSING = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})


@dataclass(slots=True)
class WireProvider:
    """Asks the models of one service. On the engine's loop only."""

    name: str
    service: Service
    settings: ProviderSettings
    capabilities: Capabilities = field(default_factory=lambda: Capabilities(multimodal=True))
    own_key: str | None = None
    """The key to use instead of the one that is set up; empty where none is to be sent."""
    _client: Any = None

    @property
    def models(self) -> Sequence[str]:
        """See the protocol."""
        return self.settings.models

    async def complete(self, request: ModelRequest) -> ModelAnswer:
        """See the protocol."""
        import anyio

        with self._told(request):
            from pydantic_ai.direct import model_request

            from llmspell_engine.providers.conversion import to_answer, to_messages

            model = self._model(request.model)
            with anyio.fail_after(self._timeout(request)):
                response = await model_request(
                    model, to_messages(request.messages), **_how(request, model, self)
                )
            return to_answer(response, self.service.prices)

    async def stream(self, request: ModelRequest) -> AsyncGenerator[Chunk]:
        """See the protocol."""
        import anyio

        with self._told(request):
            from pydantic_ai.direct import model_request_stream

            from llmspell_engine.providers.conversion import to_answer, to_messages

            model = self._model(request.model)
            timeout = self._timeout(request)
            opening = model_request_stream(model, to_messages(request.messages), **_how(request, model, self))
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
                raise self._cut_off()
            yield Chunk(answer=to_answer(response, self.service.prices))

    async def close(self) -> None:
        """See the protocol."""
        client, self._client = self._client, None
        if client is not None:
            await client.close()

    def _model(self, name: str) -> Model[Any]:
        if self._client is None:
            self._client = self._open()
        if self.service.wire == "anthropic":
            from pydantic_ai.models.anthropic import AnthropicModel
            from pydantic_ai.providers.anthropic import AnthropicProvider

            return AnthropicModel(name, provider=AnthropicProvider(anthropic_client=self._client))
        from pydantic_ai.models.openai import OpenAIChatModel
        from pydantic_ai.profiles.openai import OpenAIModelProfile
        from pydantic_ai.providers.openai import OpenAIProvider

        provider = OpenAIProvider(openai_client=self._client)
        strict = OpenAIModelProfile(openai_chat_streaming_requires_finish_reason=True)
        return OpenAIChatModel(name, provider=provider, profile=strict)

    def _open(self) -> Any:
        key = self._key()
        timeout = self.settings.timeout_seconds
        if self.service.wire == "anthropic":
            try:
                from anthropic import AsyncAnthropic
            except ImportError:
                raise ProviderError(
                    f"the provider '{self.name}' needs a package: pip install 'llmspell[anthropic]'"
                ) from None
            return AsyncAnthropic(api_key=key, base_url=self.base_url, max_retries=0, timeout=timeout)
        from openai import AsyncOpenAI

        return AsyncOpenAI(api_key=key, base_url=self.base_url, max_retries=0, timeout=timeout)

    @property
    def base_url(self) -> str:
        """Where its server is. Raises ProviderError where nobody says."""
        found = self.settings.base_url or self.service.base_url
        if found is None:
            raise ProviderError(
                f"the provider '{self.name}' needs the address of its server:"
                f" set base_url in [providers.{self.name}]"
            )
        return found

    def headers(self) -> dict[str, str]:
        """Further headers of each request."""
        return {name: value.get_secret_value() for name, value in self.settings.headers.items()}

    def _key(self) -> str:
        if self.own_key is not None:
            return self.own_key or "none"  # the SDK insists on one
        try:
            return find_key(self.name, self.service.key_variable, self.settings)
        except AuthenticationError:
            if self.service.needs_key:
                raise
            return "none"  # the SDK insists on one

    def _timeout(self, request: ModelRequest) -> float:
        return request.timeout or self.settings.timeout_seconds

    def _where(self) -> str:
        return f"the provider '{self.name}' at {self.base_url}"

    @contextmanager
    def _told(self, request: ModelRequest) -> Iterator[None]:
        """Tell what goes wrong in the project's own terms."""
        try:
            yield
        except (ProviderError, GeneratorExit):
            raise
        except TimeoutError as error:
            raise self._late(request) from error
        except Exception as error:  # noqa: BLE001 - SDKs raise what they please; each is told
            told = self._error(request, error)
            # What a server says about a wrong key may hold the key.
            raise told from (None if isinstance(told, AuthenticationError) else error)

    def _late(self, request: ModelRequest) -> ModelTimeoutError:
        seconds = self._timeout(request)
        return ModelTimeoutError(
            f"{self._where()} did not answer within {seconds:g} seconds; ask again, or raise"
            f" timeout_seconds in [providers.{self.name}]",
            is_passing=True,
        )

    def _cut_off(self) -> ConnectionFailedError:
        return ConnectionFailedError(
            f"{self._where()} ended the stream before the answer was whole", is_passing=True
        )

    def _error(self, request: ModelRequest, error: Exception) -> ProviderError:
        from pydantic_ai import exceptions

        if isinstance(error, exceptions.ModelHTTPError):
            return self._refused(request, error.status_code, error.retry_after, _said(error.body))
        if isinstance(error, exceptions.ModelTimeoutError):
            return self._late(request)
        if isinstance(error, exceptions.ModelConnectionError):
            return ConnectionFailedError(
                f"{self._where()} cannot be reached, or ended the connection; is the server running?",
                is_passing=True,
            )
        if isinstance(error, exceptions.UserError):
            return ProviderError(f"{self._where()} cannot be asked this: {error}")
        if "ended without a `finish_reason`" in str(error):
            return self._cut_off()
        return MalformedAnswerError(
            f"{self._where()} gave an answer that cannot be read: {str(error)[:200]}", is_passing=True
        )

    def _refused(
        self, request: ModelRequest, status: int, retry_after: float | None, said: str
    ) -> ProviderError:
        where = self._where()
        if status in (401, 403):
            variable = self.settings.api_key_env or self.service.key_variable
            advice = places(self.name, variable)
            return AuthenticationError(f"{where} does not accept the key; {advice}", status=status)
        if status == 429:
            return RateLimitError(
                f"{where} refuses more requests for now{said}",
                status=status,
                retry_after=retry_after,
                is_passing=True,
            )
        if status == 404:
            return ProviderError(f"{where} has no model '{request.model}'{said}", status=status)
        return ProviderError(
            f"{where} answered with status {status}{said}",
            status=status,
            retry_after=retry_after,
            is_passing=status in _PASSING,
        )


def _how(request: ModelRequest, model: Model[Any], provider: WireProvider) -> dict[str, Any]:
    from llmspell_engine.providers.conversion import to_parameters, to_settings

    return {
        "model_settings": to_settings(request, provider.headers()),
        "model_request_parameters": to_parameters(request, model),
    }


def _text(event: Any) -> str:
    from pydantic_ai.messages import PartDeltaEvent, PartStartEvent, TextPart, TextPartDelta

    if isinstance(event, PartStartEvent) and isinstance(event.part, TextPart):
        return event.part.content
    if isinstance(event, PartDeltaEvent) and isinstance(event.delta, TextPartDelta):
        return event.delta.content_delta
    return ""


def _said(body: object) -> str:
    """The server's own message, if there is one."""
    inner = body.get("error", body) if isinstance(body, dict) else body
    message = inner.get("message") if isinstance(inner, dict) else inner
    return f": {message[:300]}" if isinstance(message, str) and message else ""
