"""Content of web pages by CSS selectors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import Field

from llmspell_engine.api.declare import Result
from llmspell_engine.tools.base import Outcome, Tool, ToolContext, ToolError
from llmspell_engine.tools.html import absolute, parsed, selected, text_of, title_of
from llmspell_engine.tools.http import Ask, Fetched, fetch
from llmspell_engine.tools.parameters import ToolParameters

if TYPE_CHECKING:
    from bs4 import BeautifulSoup, Tag

Selector = Annotated[str, Field(min_length=1)]


class ScrapeParameters(ToolParameters):
    """Which page, and what of it."""

    only_operation: ClassVar[str] = "scrape"
    older_names: ClassVar[dict[str, str]] = {"url": "input"}

    input: str = Field(min_length=1, description="The URL of the page.")
    selector: Selector | None = Field(
        None, description="A CSS selector: `content` is the text of what it finds, not of the whole page."
    )
    selectors: dict[str, str] | None = Field(
        None,
        description="CSS selectors by names for `selected`; `@` and a name at the end take that attribute.",
        json_schema_extra={"x-example": {"titles": "h2", "links": "h2 a@href"}},
    )
    extract_links: bool = Field(False, description="Whether links are listed.")
    extract_images: bool = Field(False, description="Whether images are listed.")
    extract_meta: bool = Field(False, description="Whether the page's meta tags are listed.")
    wait_for_js: bool = Field(
        False,
        description="Of older scripts: a page whose scripts have to run first is refused, for none are run.",
    )
    timeout: float = Field(30, gt=0, le=600, description="How long it may take, in seconds.")


class PageLink(Result):
    """A link of a page."""

    url: str = Field(description="Where it leads.")
    text: str = Field(description="What is to be clicked.")


class PageImage(Result):
    """An image of a page."""

    url: str = Field(description="Where it is.")
    alt: str = Field(description="What it shows, as the page tells it.")


class ScrapedPage(Result):
    """What was found in a page."""

    url: str = Field(description="Where the page came from, after redirects.")
    title: str | None = Field(None, description="Its title.")
    content: str = Field(description="The text of the page, or of what `selector` found.")
    selected: dict[str, list[str]] | None = Field(None, description="What each of `selectors` found.")
    links: list[PageLink] | None = Field(None, description="Its links, each once.")
    images: list[PageImage] | None = Field(None, description="Its images, each once.")
    meta: dict[str, str] | None = Field(None, description="Its meta tags by their names.")


class WebScraper(Tool[ScrapeParameters]):
    """Fetches a web page and picks content with CSS selectors."""

    name = "web-scraper"
    category = "web"
    security = "restricted"
    aliases = ("web_scraper",)
    Parameters = ScrapeParameters
    returns = ScrapedPage

    async def run(self, parameters: ScrapeParameters, context: ToolContext) -> Outcome:
        """Fetch and pick."""
        from anyio import to_thread

        if parameters.wait_for_js:
            raise ToolError(
                "scripts of pages are not run, so 'wait_for_js' cannot be true: leave it out to read the "
                "page as it is served, or fetch what its scripts would with http-requester",
                code="unsupported",
            )
        answer = await fetch(context, Ask(parameters.input, seconds=parameters.timeout))
        result = await to_thread.run_sync(_scraped, answer.require_ok(), parameters, abandon_on_cancel=True)
        return Outcome("scrape", result, result.content, f"Read '{result.url}'")


def _scraped(answer: Fetched, parameters: ScrapeParameters) -> ScrapedPage:
    page = parsed(answer.content, answer.charset)
    found: dict[str, Any] = {"url": answer.url, "title": title_of(page)}
    if parameters.selectors is not None:
        found["selected"] = {name: _picked(page, one) for name, one in parameters.selectors.items()}
    if parameters.extract_links:
        found["links"] = _links(page, answer.url)
    if parameters.extract_images:
        found["images"] = _images(page, answer.url)
    if parameters.extract_meta:
        found["meta"] = _meta(page)
    parts: list[Tag] = selected(page, parameters.selector) if parameters.selector else [page.body or page]
    return ScrapedPage(**found, content="\n".join(map(text_of, parts)))


def _picked(page: BeautifulSoup, selector: str) -> list[str]:
    path, at, attribute = selector.rpartition("@")
    if not at or not attribute.replace("-", "").isalnum():
        return [" ".join(one.get_text().split()) for one in selected(page, selector)]
    return [_attribute(one, attribute) for one in selected(page, path.strip()) if one.has_attr(attribute)]


def _attribute(tag: Tag, name: str) -> str:
    value = tag.get(name) or ""
    return value if isinstance(value, str) else " ".join(value)


def _links(page: BeautifulSoup, base: str) -> list[PageLink]:
    found: dict[str, PageLink] = {}
    for tag in page.find_all("a", href=True):
        url = absolute(base, _attribute(tag, "href"))
        found.setdefault(url, PageLink(url=url, text=" ".join(tag.get_text().split())))
    return list(found.values())


def _images(page: BeautifulSoup, base: str) -> list[PageImage]:
    found: dict[str, PageImage] = {}
    for tag in page.find_all("img", src=True):
        url = absolute(base, _attribute(tag, "src"))
        found.setdefault(url, PageImage(url=url, alt=_attribute(tag, "alt")))
    return list(found.values())


def _meta(page: BeautifulSoup) -> dict[str, str]:
    found: dict[str, str] = {}
    for tag in page.find_all("meta", content=True):
        name = _attribute(tag, "name") or _attribute(tag, "property")
        if name:
            found.setdefault(name, _attribute(tag, "content"))
    return found
