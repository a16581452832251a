"""Telling what goes wrong on a wire in the project's own terms, with no key in it."""

from __future__ import annotations

import json
import traceback
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from difflib import get_close_matches

from llmspell_engine.observability.secrets import MASK
from llmspell_engine.providers.base import (
    AuthenticationError,
    ConnectionFailedError,
    MalformedAnswerError,
    ModelTimeoutError,
    ProviderError,
    RateLimitError,
)

_PASSING = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})
_SHOWN = 300
_SHOWN_NAMES = 5


class UnknownModelError(ProviderError):
    """The server has no model of that name."""


@dataclass(frozen=True, slots=True)
class Faults:
    """Tells the faults of one provider's requests."""

    provider: str
    base_url: str
    key_advice: str
    """Where its key may be put."""
    secrets: Sequence[str]
    """What is in no message."""

    @property
    def where(self) -> str:
        """The provider, in messages."""
        return f"the provider '{self.provider}' at {self.base_url}"

    def late(self, seconds: float) -> ModelTimeoutError:
        """There was no answer in time."""
        return ModelTimeoutError(
            f"{self.where} did not answer within {seconds:g} seconds; ask again, or raise"
            f" timeout_seconds in [providers.{self.provider}]",
            is_passing=True,
        )

    def unreached(self, seconds: float) -> ModelTimeoutError:
        """There was no connection in time."""
        return ModelTimeoutError(
            f"{self.where} took no connection within {seconds:g} seconds; is the server running? If it is"
            f" slow, raise connect_timeout_seconds in [providers.{self.provider}]",
            is_passing=True,
        )

    def cut_off(self) -> ConnectionFailedError:
        """A stream had no end."""
        return ConnectionFailedError(
            f"{self.where} ended the stream before the answer was whole", is_passing=True
        )

    def empty(self) -> MalformedAnswerError:
        """There was an answer with nothing in it, not even a reason for that."""
        return MalformedAnswerError(
            f"{self.where} gave an answer that cannot be read: it has no content", is_passing=True
        )

    def told(self, error: Exception, model: str, connect_timeout: float) -> ProviderError:
        """An error of pydantic-ai, of an SDK or of its HTTP client."""
        from pydantic_ai import exceptions

        if isinstance(error, exceptions.ModelHTTPError):
            return self._refused(error, model)
        # No SDK is told how long an answer may take, so what it calls late is the connection.
        if isinstance(error, exceptions.ModelTimeoutError):
            return self.unreached(connect_timeout)
        if isinstance(error, exceptions.ModelConnectionError) or _is_transport(error):
            return ConnectionFailedError(
                f"{self.where} cannot be reached, or ended the connection; is the server running?",
                is_passing=True,
            )
        if isinstance(error, exceptions.UserError | NotImplementedError):
            return ProviderError(f"{self.where} cannot be asked this: {self._masked(str(error))}")
        if "ended without a `finish_reason`" in str(error):
            return self.cut_off()
        return MalformedAnswerError(
            f"{self.where} gave an answer that cannot be read: {self._masked(str(error))[:200]}",
            is_passing=True,
        )

    def unknown(self, model: str, names: Iterable[str], error: UnknownModelError) -> ProviderError:
        """There is no such model; ``names`` are those that there are, as far as is known."""
        near = get_close_matches(model, list(names), n=_SHOWN_NAMES, cutoff=0.5)
        hint = f"; it has {', '.join(repr(each) for each in near)}" if near else ""
        return ProviderError(f"{error}{hint}", status=error.status)

    def cause(self, error: Exception) -> Exception | None:
        """The error for the log; None where it would give a secret away."""
        text = "".join(traceback.format_exception(error))
        return None if any(secret in text for secret in self.secrets) else error

    def _refused(self, error: object, model: str) -> ProviderError:
        from pydantic_ai.exceptions import ModelHTTPError

        assert isinstance(error, ModelHTTPError)
        status, said = error.status_code, self._masked(_said(error.body))
        if status in (401, 403) or "API_KEY_INVALID" in str(error.body):
            return AuthenticationError(
                f"{self.where} does not accept the key; {self.key_advice}", status=status
            )
        if status == 429:
            return RateLimitError(
                f"{self.where} refuses more requests for now{said}",
                status=status,
                retry_after=error.retry_after,
                is_passing=True,
            )
        if status == 404 or (status == 400 and "invalid_model" in str(error.body)):
            return UnknownModelError(f"{self.where} has no model '{model}'{said}", status=status)
        return ProviderError(
            f"{self.where} answered with status {status}{said}",
            status=status,
            retry_after=error.retry_after,
            is_passing=status in _PASSING,
        )

    def _masked(self, text: str) -> str:
        for secret in self.secrets:
            text = text.replace(secret, MASK)
        return text


def _is_transport(error: Exception) -> bool:
    """Whether an HTTP client raised it, of which there are two."""
    names = {each.__name__ for each in type(error).__mro__ if each.__module__.split(".")[0] in _CLIENTS}
    return "TransportError" in names


_CLIENTS = frozenset({"httpx", "httpx2"})


def _said(body: object) -> str:
    """The server's own message, if there is one."""
    if isinstance(body, str) and body.startswith("{"):
        with suppress(ValueError):
            body = json.loads(body)
    inner = body.get("error", body) if isinstance(body, dict) else body
    message = inner.get("message") if isinstance(inner, dict) else inner
    return f": {message[:_SHOWN]}" if isinstance(message, str) and message else ""
