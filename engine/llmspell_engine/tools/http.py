"""HTTP for tools: what is allowed only, bounded in time and size, failures as sentences."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from email.message import Message
from typing import TYPE_CHECKING

import httpx

from llmspell_engine.security.permissions import http_client
from llmspell_engine.tools.base import ToolContext, ToolError

if TYPE_CHECKING:
    from pydantic import JsonValue

LARGEST = 10 * 1024 * 1024
"""Bytes of an answer that is read."""
SECONDS = 30.0
"""How long a request may take where nothing else is said."""
_MOST_REDIRECTS = 10
_AGENT = "llmspell/0.1"
_HARMLESS = frozenset({"accept", "accept-encoding", "accept-language", "content-type", "host", "user-agent"})
"""Headers that every server may see. Others may hold keys, and stay with the server they were meant for."""


@dataclass(frozen=True, slots=True)
class Ask:
    """A request that a tool wants to be made."""

    url: str
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes | None = None
    seconds: float = SECONDS
    """How long it may take, redirects and the reading of the answer included."""
    follow_redirects: bool = True
    named: str | None = None
    """What errors call it, where the URL holds a key."""

    @property
    def told(self) -> str:
        """What errors call it."""
        return self.named or f"'{self.url}'"


@dataclass(frozen=True, slots=True)
class Fetched:
    """What a server answered."""

    url: str
    """Where the answer came from, after redirects."""
    status: int
    reason: str
    headers: Mapping[str, str]
    """By names in small letters."""
    content: bytes
    elapsed_ms: int
    redirects: int
    told: str
    """What errors call where it came from."""

    @property
    def ok(self) -> bool:
        """Whether the status is one of success."""
        return 200 <= self.status < 300

    @property
    def media_type(self) -> str:
        """What the server says the content is, ``text/html``."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def charset(self) -> str | None:
        """The encoding of the content, where the server says one that is known."""
        header = Message()
        header["Content-Type"] = self.headers.get("content-type", "")
        named = str(header.get_param("charset", "") or "")
        return named if _is_encoding(named) else None

    @property
    def text(self) -> str:
        """The content as text; what is no text in its encoding is replaced."""
        return self.content.decode(self.charset or "utf-8", "replace").removeprefix("\ufeff")

    @property
    def is_text(self) -> bool:
        """Whether the content can be read as text without loss."""
        try:
            return "\0" not in self.content.decode(self.charset or "utf-8")
        except UnicodeDecodeError:
            return False

    def json(self) -> JsonValue:
        """The content as JSON. Raises ToolError."""
        try:
            value: JsonValue = json.loads(self.content)
        except ValueError as error:
            raise ToolError(f"the answer of {self.told} is not JSON: {error}", code="invalid_json") from None
        except RecursionError:
            raise ToolError(f"the answer of {self.told} is nested too deeply", code="too_large") from None
        return value

    def require_ok(self) -> Fetched:
        """Itself. Raises ToolError where the status is not one of success."""
        if self.ok:
            return self
        raise ToolError(
            f"{self.told} answered {self.status} {self.reason}".rstrip(),
            code="http_error",
            details={"status_code": self.status, "body": self.text[:1000]},
        )


async def fetch(context: ToolContext, ask: Ask, *, largest: int = LARGEST) -> Fetched:
    """Make a request and read the answer, whatever its status. Raises ToolError and SecurityError."""
    begin = time.perf_counter()
    async with opened(context, ask) as (response, redirects):
        with told_as_tool_errors(ask.told):
            content = await _content(response, largest, ask.told)
        return Fetched(
            url=str(response.url),
            status=response.status_code,
            reason=response.reason_phrase,
            headers={name.lower(): value for name, value in response.headers.items()},
            content=content,
            elapsed_ms=round((time.perf_counter() - begin) * 1000),
            redirects=redirects,
            told=ask.named or f"'{response.url}'",
        )


@asynccontextmanager
async def opened(context: ToolContext, ask: Ask) -> AsyncIterator[tuple[httpx.Response, int]]:
    """An answer whose body is still to be read, and how many redirects led to it.

    Raises ToolError and SecurityError.
    """
    from anyio import fail_after

    checked_url(ask.url)
    headers = {"user-agent": _AGENT, **{name.lower(): value for name, value in ask.headers.items()}}
    try:
        with fail_after(ask.seconds):
            async with http_client(context.permissions, timeout=None) as client:
                with told_as_tool_errors(ask.told):
                    request = client.build_request(ask.method, ask.url, headers=headers, content=ask.content)
                    response, redirects = await _followed(client, request, ask)
                try:
                    yield response, redirects
                finally:
                    await response.aclose()
    except TimeoutError:
        raise ToolError(f"{ask.told} did not answer within {ask.seconds:g} s", code="timeout") from None


def checked_url(given: str) -> httpx.URL:
    """A URL of the web. Raises ToolError where it is none."""
    try:
        url = httpx.URL(given)
    except (httpx.InvalidURL, ValueError) as error:
        raise ToolError(f"'{given}' is no URL: {error}", code="invalid_url") from None
    if url.scheme not in ("http", "https") or not url.host:
        raise ToolError(f"'{given}' is no URL of the web; it has to begin with https://", code="invalid_url")
    return url


@contextmanager
def told_as_tool_errors(told: str) -> Iterator[None]:
    """Turn failures of a connection into ToolErrors that say what was asked."""
    try:
        yield
    except httpx.ConnectError as error:
        raise ToolError(f"{told} cannot be reached: {error}", code="unreachable") from None
    except (httpx.LocalProtocolError, httpx.UnsupportedProtocol) as error:
        raise ToolError(f"{told} cannot be asked so: {error}", code="invalid_input") from None
    except httpx.DecodingError as error:
        raise ToolError(f"the answer of {told} cannot be unpacked: {error}", code="broken_answer") from None
    except httpx.TransportError as error:
        why = str(error) or type(error).__name__
        raise ToolError(f"the answer of {told} broke off: {why}", code="broken_answer") from None
    except (httpx.InvalidURL, ValueError, TypeError) as error:
        raise ToolError(f"{told} cannot be asked so: {error}", code="invalid_input") from None


async def _followed(
    client: httpx.AsyncClient, request: httpx.Request, ask: Ask
) -> tuple[httpx.Response, int]:
    for redirects in range(_MOST_REDIRECTS + 1):
        response = await client.send(request, stream=True)
        if not ask.follow_redirects or response.next_request is None:
            return response, redirects
        await response.aclose()
        request = _without_secrets(response.next_request, request.url)
    raise ToolError(f"{ask.told} is redirected more than {_MOST_REDIRECTS} times", code="too_many_redirects")


def _without_secrets(following: httpx.Request, before: httpx.URL) -> httpx.Request:
    """The request of a redirect, to another server without what was meant for the first."""
    origins = [(url.scheme, url.host, url.port) for url in (following.url, before)]
    if origins[0] != origins[1]:
        for name in [name for name in following.headers if name.lower() not in _HARMLESS]:
            if not name.lower().startswith("content-") and name.lower() != "transfer-encoding":
                del following.headers[name]
    return following


async def _content(response: httpx.Response, largest: int, told: str) -> bytes:
    found = bytearray()
    async for chunk in response.aiter_bytes():
        found += chunk
        if len(found) > largest:
            limit = f"{largest // 1024 // 1024} MiB" if largest >= 1024 * 1024 else f"{largest} bytes"
            raise ToolError(f"the answer of {told} is larger than {limit}", code="too_large")
    return bytes(found)


def _is_encoding(name: str) -> bool:
    """Whether any bytes can be read so. Of no bytes at all, Python does not even look for the encoding."""
    try:
        return isinstance(bytes(range(256)).decode(name, "replace"), str)
    except (LookupError, ValueError):
        return False
