"""A client of HTTP that goes where it may and to no other place.

The name is looked up once, when it is checked; the connection then goes to that address. Were it looked
up again, the answer could be another one by then. The name still stands in the header ``Host`` and is what
the certificate is checked against.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx

if TYPE_CHECKING:
    from llmspell_engine.security.permissions import Permissions

_SECONDS = 30.0
_MOST_REDIRECTS = 10


def make_client(permissions: Permissions, options: dict[str, Any]) -> httpx.AsyncClient:
    """A client with the options of httpx, but for those that would lead around the checks."""
    for name in ("transport", "mounts", "proxy", "app"):
        if name in options:
            raise TypeError(f"a checked client takes no '{name}'")
    given = {"timeout": _SECONDS, "max_redirects": _MOST_REDIRECTS, **options, "trust_env": False}
    verify = given.pop("verify", True)
    return httpx.AsyncClient(transport=CheckedTransport(permissions, verify), **given)


class CheckedTransport(httpx.AsyncBaseTransport):
    """Checks each request, and sends it to the address that was checked."""

    def __init__(self, permissions: Permissions, verify: Any = True) -> None:
        self._permissions = permissions
        # Connections are told apart by address: kept, one would serve two names of the same address.
        limits = httpx.Limits(max_keepalive_connections=0)
        self._inner = httpx.AsyncHTTPTransport(verify=verify, limits=limits, trust_env=False)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request. Raises SecurityError before anything is sent."""
        try:
            checked = await self._permissions.check_url(str(request.url))
        except OSError as error:
            why = error.strerror or str(error)
            raise httpx.ConnectError(
                f"'{request.url.host}' cannot be found: {why}", request=request
            ) from error
        for address in checked.addresses[:-1]:
            try:
                return await self._sent(request, checked.url, address)
            except (httpx.ConnectError, httpx.ConnectTimeout):
                continue  # Nothing was sent, so the next address of the name may be tried.
        return await self._sent(request, checked.url, checked.addresses[-1])

    async def _sent(self, request: httpx.Request, url: httpx.URL, address: str) -> httpx.Response:
        pinned = httpx.Request(
            request.method,
            url.copy_with(host=address),
            headers=request.headers,
            stream=request.stream,
            extensions={**request.extensions, "sni_hostname": url.raw_host.decode("ascii")},
        )
        return await self._inner.handle_async_request(pinned)

    async def aclose(self) -> None:
        """Close what is open."""
        await self._inner.aclose()
