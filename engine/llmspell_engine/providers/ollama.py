"""Ollama's own HTTP API: which models a server has, what they are, and downloading more.

Asking models goes over the provider ``ollama`` like any other; this is for looking after them.
"""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from llmspell_engine.providers.base import ConnectionFailedError, MalformedAnswerError, ProviderError

if TYPE_CHECKING:
    import httpx

HOST_VARIABLE = "OLLAMA_HOST"
DEFAULT_URL = "http://localhost:11434"
_PORT = 11434
_SECONDS = 10.0
"""How long a server may take to answer, and to go on with a download."""
_PULL_SECONDS = 120.0
Tell = Callable[["Progress"], Awaitable[Any]]


@dataclass(slots=True)
class Progress:
    """How far a download is. It has parts, each with a size that is known once it begins."""

    model: str
    status: str = ""
    parts: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Bytes that are there and bytes in all, by part."""

    @property
    def done(self) -> int:
        """Bytes that are there."""
        return sum(done for done, _ in self.parts.values())

    @property
    def total(self) -> int | None:
        """Bytes in all, of the parts known so far; None before the first."""
        return sum(total for _, total in self.parts.values()) if self.parts else None

    @property
    def percent(self) -> float:
        """How much is done; a model that was there already is whole."""
        if self.status == "success":
            return 100.0
        return round(100 * self.done / self.total, 1) if self.total else 0.0

    def take(self, line: Mapping[str, Any]) -> None:
        """Take over what a line of the server says."""
        self.status = str(line.get("status", ""))
        if "digest" in line and "total" in line:
            self.parts[line["digest"]] = (int(line.get("completed", 0)), int(line["total"]))


@dataclass(frozen=True, slots=True)
class Ollama:
    """One server. On the engine's loop only; each call has a connection of its own."""

    url: str

    async def version(self) -> str:
        """The server's version. Raises ProviderError."""
        return str((await self._get("/api/version")).get("version", ""))

    async def models(self) -> list[Mapping[str, Any]]:
        """The models that are there, as the server tells of them. Raises ProviderError."""
        return list((await self._get("/api/tags")).get("models") or ())

    async def loaded(self) -> set[str]:
        """The names of the models that are in memory. Raises ProviderError."""
        return {str(each.get("name")) for each in (await self._get("/api/ps")).get("models") or ()}

    async def details(self, model: str) -> Mapping[str, Any]:
        """What a model is. Raises ProviderError, also where it is not there."""
        async with self._client() as client:
            return self._read(await client.post("/api/show", json={"model": model}), model)

    async def pull(self, model: str, tell: Tell | None = None) -> Progress:
        """Download a model and tell how it goes on. Raises ProviderError.

        Cancelling it ends the connection; the server goes on from there when it is asked again.
        """
        progress = Progress(model)
        async with (
            self._client(_PULL_SECONDS) as client,
            client.stream("POST", "/api/pull", json={"model": model}) as answer,
        ):
            if not answer.is_success:
                await answer.aread()
                self._read(answer, model)
            async for line in answer.aiter_lines():
                if not line.strip():
                    continue
                said = self._parsed(line)
                if "error" in said:
                    raise ProviderError(f"the model '{model}' cannot be pulled: {said['error']}")
                progress.take(said)
                if tell is not None:
                    await tell(progress)
        if progress.status != "success":
            raise ConnectionFailedError(
                f"{self._where} ended the download of '{model}' before it was whole; pull it again to go on",
                is_passing=True,
            )
        return progress

    async def _get(self, path: str) -> Mapping[str, Any]:
        async with self._client() as client:
            return self._read(await client.get(path))

    @asynccontextmanager
    async def _client(self, seconds: float = _SECONDS) -> AsyncIterator[httpx.AsyncClient]:
        import httpx

        try:
            async with httpx.AsyncClient(base_url=self.url, timeout=seconds) as client:
                yield client
        except httpx.TimeoutException as error:
            raise ConnectionFailedError(
                f"{self._where} does not go on: nothing came for {seconds:g} seconds", is_passing=True
            ) from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise ConnectionFailedError(
                f"{self._where} cannot be reached; start it with 'ollama serve', or say where it is with"
                f" base_url in [providers.ollama] or the variable {HOST_VARIABLE}",
                is_passing=True,
            ) from error

    def _read(self, answer: httpx.Response, model: str | None = None) -> Mapping[str, Any]:
        if answer.status_code == 404 and model is not None:
            raise ProviderError(
                f"{self._where} has no model '{model}'; LocalLLM.list() tells what it has, and"
                f" LocalLLM.pull('{model}') downloads it",
                status=404,
            )
        if not answer.is_success:
            said = _error_of(answer.text)
            raise ProviderError(
                f"{self._where} answered with status {answer.status_code}{said}", status=answer.status_code
            )
        return self._parsed(answer.text)

    def _parsed(self, text: str) -> Mapping[str, Any]:
        try:
            value = json.loads(text)
        except ValueError:
            value = None
        if not isinstance(value, dict):
            raise MalformedAnswerError(
                f"{self._where} gave an answer that is not Ollama's: {text[:100]!r}; is it another server?"
            )
        return value

    @property
    def _where(self) -> str:
        return f"the Ollama server at {self.url}"


def server_url(configured: str | None, variable: str | None = None) -> str:
    """Where the server is: by the configuration, whose address may be that of its ``/v1``, or OLLAMA_HOST."""
    if configured:
        return configured.rstrip("/").removesuffix("/v1")
    host = (os.environ.get(HOST_VARIABLE, "") if variable is None else variable).strip().rstrip("/")
    return _url_of(host) if host else DEFAULT_URL


def _url_of(host: str) -> str:
    """The address that a host of the variable means, which may lack its scheme and its port."""
    from urllib.parse import urlsplit

    parts = urlsplit(host if "://" in host else f"http://{host}")
    # A server that listens everywhere is asked at the loopback.
    name = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(parts.hostname or "", parts.hostname)  # noqa: S104
    shown = f"[{name}]" if name and ":" in name else name or "127.0.0.1"
    default = _PORT if "://" not in host else {"http": 80, "https": 443}.get(parts.scheme, _PORT)
    return f"{parts.scheme}://{shown}:{parts.port or default}{parts.path}"


def _error_of(text: str) -> str:
    try:
        value = json.loads(text)
    except ValueError:
        return ""
    said = value.get("error") if isinstance(value, dict) else None
    return f": {said}" if said else ""
