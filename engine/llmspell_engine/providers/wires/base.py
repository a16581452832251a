"""What a wire is: the HTTP API of a service, spoken by its SDK through pydantic-ai's model layer.

The SDKs' own retries are off: :mod:`~llmspell_engine.providers.resilience` does them for every wire alike.
Nor do they limit how long an answer takes: :class:`~llmspell_engine.providers.wire.WireProvider` does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import httpx2
    from pydantic_ai.models import Model

_LISTING_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Connection:
    """Where a server is, and how it is asked."""

    base_url: str
    key: str
    headers: Mapping[str, str]
    """Further headers of each request."""
    connect_timeout: float
    """How long opening a connection may take, in seconds."""

    def __repr__(self) -> str:
        return f"Connection({self.base_url})"  # the rest is secret

    @property
    def root(self) -> str:
        """The address without a slash at its end, and without the version that SDKs add themselves."""
        return self.base_url.rstrip("/").removesuffix("/v1")


class Wire(Protocol):
    """An open client of a service. On the engine's loop only."""

    def __init__(self, connection: Connection) -> None: ...

    def model(self, name: str) -> Model[Any]:
        """A model that asks over this wire."""

    async def model_names(self) -> list[str]:
        """The models that the server lists. Raises what HTTP clients raise."""

    async def close(self) -> None:
        """Let go of connections."""


class ConnectTimeout:
    """A hook of HTTP clients that limits how long each request may open its connection.

    For SDKs that send their own time limit with each request, and have no word for the connection alone.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    async def __call__(self, request: httpx2.Request) -> None:
        """Limit a request that is about to be sent."""
        request.extensions["timeout"] = {**request.extensions.get("timeout", {}), "connect": self._seconds}


async def listed(url: str, headers: Mapping[str, str], rows: str, name: str) -> list[str]:
    """The names of models that a server lists: the field ``name`` of each of its ``rows``."""
    import httpx2

    async with httpx2.AsyncClient(timeout=_LISTING_SECONDS) as client:
        response = await client.get(url, headers=dict(headers))
        response.raise_for_status()
        return [str(each[name]) for each in response.json()[rows]]
