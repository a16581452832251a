"""The pages that a site lists in its sitemaps."""

from __future__ import annotations

import zlib
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from llmspell_engine.api.declare import Result
from llmspell_engine.security.permissions import SecurityError
from llmspell_engine.tools.base import Outcome, Tool, ToolContext, ToolError, counted
from llmspell_engine.tools.html import absolute
from llmspell_engine.tools.http import LARGEST, Ask, Fetched, fetch
from llmspell_engine.tools.parameters import ToolParameters

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_LARGEST = 50 * 1024 * 1024
"""Bytes of a sitemap, unpacked: what the protocol allows."""
_MOST_SITEMAPS = 200


class SitemapParameters(ToolParameters):
    """Which sitemap, and how far."""

    only_operation: ClassVar[str] = "crawl"
    older_names: ClassVar[dict[str, str]] = {"url": "input"}

    input: str = Field(min_length=1, description="The URL of the sitemap: XML, a text, or either in gzip.")
    follow_sitemaps: bool = Field(True, description="Whether the sitemaps that an index names are read too.")
    max_urls: int = Field(1000, ge=1, le=50_000, description="How many pages at most.")
    timeout: float = Field(30, gt=0, le=600, description="How long each sitemap may take, in seconds.")


class SitemapPage(Result):
    """A page of a site."""

    url: str = Field(description="Where it is.")
    last_modified: str | None = Field(None, description="When it was changed, as the sitemap writes it.")
    change_frequency: str | None = Field(None, description="How often it changes, `daily`.")
    priority: float | None = Field(None, description="How important it is among those of the site, 0 to 1.")


class SitemapFault(Result):
    """A sitemap that could not be read."""

    sitemap: str = Field(description="Where it is.")
    message: str = Field(description="Why not, in a sentence.")


class SitemapPages(Result):
    """The pages that sitemaps list."""

    urls: list[SitemapPage] = Field(description="The pages, each once.")
    count: int = Field(description="How many these are.")
    sitemaps: list[str] = Field(description="The sitemaps that were read, or named where none is followed.")
    errors: list[SitemapFault] = Field(description="The sitemaps of an index that could not be read.")
    truncated: bool = Field(description="Whether there is more than was read.")


class SitemapCrawler(Tool[SitemapParameters]):
    """Reads a sitemap and lists the pages of the site."""

    name = "sitemap-crawler"
    category = "web"
    aliases = ("sitemap_crawler",)
    Parameters = SitemapParameters
    returns = SitemapPages

    async def run(self, parameters: SitemapParameters, context: ToolContext) -> Outcome:
        """Read the sitemap and those it names."""
        crawl = _Crawl(parameters, context)
        await crawl.read(parameters.input)
        while crawl.waiting and not crawl.is_full:
            sitemap = crawl.waiting.popleft()
            try:
                await crawl.read(sitemap)
            except (ToolError, SecurityError) as error:
                crawl.errors.append(SitemapFault(sitemap=sitemap, message=str(error)))
        result = crawl.result()
        text = "\n".join(page.url for page in result.urls)
        return Outcome("crawl", result, text, f"Found {counted(result.count, 'page')}")


@dataclass(slots=True)
class _Crawl:
    """What was found so far, and where still to look."""

    parameters: SitemapParameters
    context: ToolContext
    pages: dict[str, SitemapPage] = field(default_factory=dict)
    sitemaps: list[str] = field(default_factory=list)
    errors: list[SitemapFault] = field(default_factory=list)
    waiting: deque[str] = field(default_factory=deque)
    has_more: bool = False

    @property
    def is_full(self) -> bool:
        """Whether enough was read. What is left over then is told."""
        read = len(self.sitemaps) + len(self.errors)
        return len(self.pages) >= self.parameters.max_urls or read >= _MOST_SITEMAPS

    async def read(self, sitemap: str) -> None:
        """Read one sitemap. Raises ToolError and SecurityError."""
        from anyio import to_thread

        answer = await fetch(self.context, Ask(sitemap, seconds=self.parameters.timeout), largest=LARGEST)
        entries, indexed = await to_thread.run_sync(_entries, answer.require_ok(), abandon_on_cancel=True)
        self.sitemaps.append(sitemap)
        for page in entries:
            if len(self.pages) < self.parameters.max_urls or page.url in self.pages:
                self.pages.setdefault(page.url, page)
            else:
                self.has_more = True
        known = {*self.sitemaps, *self.waiting}
        new = [one for one in dict.fromkeys(indexed) if one not in known]
        (self.waiting if self.parameters.follow_sitemaps else self.sitemaps).extend(new)

    def result(self) -> SitemapPages:
        """What was found."""
        return SitemapPages(
            urls=list(self.pages.values()),
            count=len(self.pages),
            sitemaps=self.sitemaps,
            errors=self.errors,
            truncated=self.has_more or bool(self.waiting),
        )


def _entries(answer: Fetched) -> tuple[list[SitemapPage], list[str]]:
    """The pages and the further sitemaps that a sitemap names."""
    content = _unpacked(answer)
    if not content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        lines = (line.strip() for line in content.decode("utf-8", "replace").splitlines())
        return [SitemapPage(url=line) for line in lines if line.startswith(("http://", "https://"))], []
    root = _root(content, answer.url)
    kind = _name(root)
    if kind == "sitemapindex":
        places = [_texts(one).get("loc", "") for one in root if _name(one) == "sitemap"]
        return [], [absolute(answer.url, place) for place in places if place]
    if kind != "urlset":
        raise ToolError(f"'{answer.url}' is no sitemap: it is XML with <{kind}>", code="invalid_sitemap")
    found = (_page(_texts(one)) for one in root if _name(one) == "url")
    return [page for page in found if page.url], []


def _unpacked(answer: Fetched) -> bytes:
    if not answer.content.startswith(b"\x1f\x8b"):
        return answer.content
    unpacker = zlib.decompressobj(wbits=31)
    try:
        content = unpacker.decompress(answer.content, _LARGEST)
    except zlib.error as error:
        raise ToolError(f"'{answer.url}' cannot be unpacked: {error}", code="broken_answer") from None
    if unpacker.unconsumed_tail:
        raise ToolError(f"'{answer.url}' is larger than 50 MiB, unpacked", code="too_large")
    if not unpacker.eof:
        raise ToolError(f"'{answer.url}' cannot be unpacked: it is cut off", code="broken_answer")
    return content


def _root(content: bytes, url: str) -> Element:
    from xml.etree.ElementTree import ParseError

    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    try:
        root: Element = fromstring(content)
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise ToolError(f"'{url}' is no sitemap: {error}", code="invalid_sitemap") from None
    return root


def _name(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _texts(element: Element) -> dict[str, str]:
    return {_name(one): (one.text or "").strip() for one in element}


def _page(texts: dict[str, str]) -> SitemapPage:
    return SitemapPage(
        url=texts.get("loc", ""),
        last_modified=texts.get("lastmod"),
        change_frequency=texts.get("changefreq"),
        priority=_number(texts.get("priority", "")),
    )


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
