"""What a URL is made of."""

from __future__ import annotations

from ipaddress import ip_address
from typing import ClassVar
from urllib.parse import parse_qsl, unquote

import httpx
from pydantic import Field

from llmspell_engine.api.declare import Result
from llmspell_engine.tools.base import Outcome, Tool, ToolContext, ToolError
from llmspell_engine.tools.html import parsed, title_of
from llmspell_engine.tools.http import Ask, Fetched, fetch
from llmspell_engine.tools.parameters import ToolParameters

_PORTS = {"http": 80, "https": 443, "ftp": 21, "ws": 80, "wss": 443}


class UrlParameters(ToolParameters):
    """Which URL."""

    only_operation: ClassVar[str] = "analyze"
    older_names: ClassVar[dict[str, str]] = {"url": "input"}

    input: str = Field(min_length=1, description="The URL.")
    fetch_metadata: bool = Field(False, description="Whether the server is asked about it.")
    decode_params: bool = Field(True, description="Whether percent signs in the query are decoded.")
    timeout: float = Field(30, gt=0, le=600, description="How long asking the server may take, in seconds.")


class UrlMetadata(Result):
    """What the server says of a URL."""

    status_code: int = Field(description="The status of the answer.")
    final_url: str = Field(description="Where redirects led.")
    redirects: int = Field(description="How many there were.")
    content_type: str | None = Field(None, description="What kind of content it is.")
    content_length: int = Field(description="How many bytes the content has.")
    last_modified: str | None = Field(None, description="When it was changed, as the server tells it.")
    title: str | None = Field(None, description="The title, where it is a page with one.")


class UrlParts(Result):
    """What a URL is made of."""

    url: str = Field(description="The URL in its normal form.")
    scheme: str = Field(description="How it is fetched, `https`.")
    host: str = Field(description="The host, in Unicode.")
    ascii_host: str = Field(description="The host as the network knows it.")
    port: int | None = Field(None, description="The port, also where it is the one that goes without saying.")
    path: str = Field(description="The path, decoded.")
    segments: list[str] = Field(description="The parts of the path.")
    query: dict[str, list[str]] = Field(description="The parameters of the query, each with its values.")
    fragment: str | None = Field(None, description="What follows `#`.")
    username: str | None = Field(None, description="The user's name in it.")
    has_password: bool = Field(description="Whether a password stands in it.")
    is_secure: bool = Field(description="Whether it is fetched encrypted.")
    is_ip_address: bool = Field(description="Whether the host is an address and not a name.")
    metadata: UrlMetadata | None = Field(None, description="What the server says, with `fetch_metadata`.")


class UrlAnalyzer(Tool[UrlParameters]):
    """Splits a URL into its parts, and asks the server about it when wanted."""

    name = "url-analyzer"
    category = "web"
    aliases = ("url_analyzer",)
    Parameters = UrlParameters
    returns = UrlParts

    async def run(self, parameters: UrlParameters, context: ToolContext) -> Outcome:
        """Split and ask."""
        parts = _parts(parameters)
        if parameters.fetch_metadata:
            metadata = await _metadata(parameters, context)
            parts = parts.model_copy(update={"metadata": metadata})
        return Outcome("analyze", parts, parts.url, f"Read the URL '{parts.url}'")


def _parts(parameters: UrlParameters) -> UrlParts:
    url = _url(parameters.input)
    username, _, password = url.userinfo.decode("ascii", "replace").partition(":")
    return UrlParts(
        url=str(url),
        scheme=url.scheme,
        host=url.host,
        ascii_host=url.raw_host.decode("ascii"),
        port=url.port or _PORTS.get(url.scheme),
        path=url.path,
        segments=[
            unquote(part) for part in url.raw_path.decode("ascii").partition("?")[0].split("/") if part
        ],
        query=_query(url.query.decode("ascii", "replace"), parameters.decode_params),
        fragment=url.fragment or None,
        username=unquote(username) or None,
        has_password=bool(password),
        is_secure=url.scheme in ("https", "wss"),
        is_ip_address=_is_address(url.host),
    )


def _url(given: str) -> httpx.URL:
    try:
        url = httpx.URL(given.strip())
    except (httpx.InvalidURL, ValueError) as error:
        raise ToolError(f"'{given}' is no URL: {error}", code="invalid_url") from None
    if not url.scheme or not url.host:
        missing = "scheme, such as https://" if not url.scheme else "host"
        raise ToolError(f"'{given}' is no whole URL: it has no {missing}", code="invalid_url")
    return url


def _query(text: str, decode: bool) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    pairs = parse_qsl(text, keep_blank_values=True) if decode else _undecoded(text)
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found


def _undecoded(text: str) -> list[tuple[str, str]]:
    split = (pair.partition("=") for pair in text.split("&") if pair)
    return [(name, value) for name, _, value in split]


def _is_address(host: str) -> bool:
    try:
        return bool(ip_address(host))
    except ValueError:
        return False


async def _metadata(parameters: UrlParameters, context: ToolContext) -> UrlMetadata:
    from anyio import to_thread

    answer = await fetch(context, Ask(parameters.input.strip(), seconds=parameters.timeout))
    title = None
    if "html" in answer.media_type:
        title = await to_thread.run_sync(_title, answer, abandon_on_cancel=True)
    return UrlMetadata(
        status_code=answer.status,
        final_url=answer.url,
        redirects=answer.redirects,
        content_type=answer.headers.get("content-type"),
        content_length=len(answer.content),
        last_modified=answer.headers.get("last-modified"),
        title=title,
    )


def _title(answer: Fetched) -> str | None:
    return title_of(parsed(answer.content, answer.charset))
