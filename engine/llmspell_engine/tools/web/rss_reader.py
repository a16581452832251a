"""News of RSS, Atom and RDF feeds."""

from __future__ import annotations

import calendar
from datetime import UTC, datetime
from typing import Any, ClassVar

from pydantic import Field

from llmspell_engine.api.declare import Result
from llmspell_engine.tools.base import Outcome, Tool, ToolContext, ToolError, counted
from llmspell_engine.tools.html import parsed, text_of
from llmspell_engine.tools.http import Ask, Fetched, fetch
from llmspell_engine.tools.parameters import ToolParameters


class FeedParameters(ToolParameters):
    """Which feed."""

    only_operation: ClassVar[str] = "read"
    older_names: ClassVar[dict[str, str]] = {"url": "input"}

    input: str = Field(min_length=1, description="The URL of the feed.")
    max_items: int = Field(20, ge=1, le=1000, description="How many items at most, from the first.")
    timeout: float = Field(30, gt=0, le=600, description="How long it may take, in seconds.")


class FeedItem(Result):
    """A piece of news."""

    id: str | None = Field(None, description="What tells it apart, the same each time.")
    title: str = Field(description="Its title.")
    link: str | None = Field(None, description="Where it is.")
    published: str | None = Field(None, description="When it was published, as `2026-03-01T12:30:00Z`.")
    updated: str | None = Field(None, description="When it was changed.")
    author: str | None = Field(None, description="Who wrote it.")
    summary: str = Field(description="What it says, without HTML.")
    tags: list[str] = Field(description="What it is filed under.")
    enclosures: list[str] = Field(description="Where its files are, as of a podcast.")


class Feed(Result):
    """A feed."""

    url: str = Field(description="Where it came from, after redirects.")
    format: str = Field(description="Its format, such as `rss20` or `atom10`.")
    title: str = Field(description="Its title.")
    description: str = Field(description="What it is about.")
    link: str | None = Field(None, description="The page it belongs to.")
    items: list[FeedItem] = Field(description="The news, in the order of the feed.")
    count: int = Field(description="How many items the feed has, also those that are not given here.")
    malformed: bool = Field(description="Whether it is not whole, or no right XML: items may be missing.")


class RssReader(Tool[FeedParameters]):
    """Reads the news of an RSS or Atom feed."""

    name = "rss-reader"
    category = "web"
    security = "restricted"
    aliases = ("rss_reader",)
    Parameters = FeedParameters
    returns = Feed

    async def run(self, parameters: FeedParameters, context: ToolContext) -> Outcome:
        """Fetch and read."""
        from anyio import to_thread

        answer = await fetch(context, Ask(parameters.input, seconds=parameters.timeout))
        feed = await to_thread.run_sync(
            _feed, answer.require_ok(), parameters.max_items, abandon_on_cancel=True
        )
        text = "\n".join(f"{item.title} ({item.link})" if item.link else item.title for item in feed.items)
        return Outcome("read", feed, text, f"Read {counted(len(feed.items), 'item')} of '{feed.url}'")


def _feed(answer: Fetched, most: int) -> Feed:
    from xml.sax import SAXException

    import feedparser

    found = feedparser.parse(answer.content, response_headers=dict(answer.headers))
    if not found.get("version"):
        why = found.get("bozo_exception", "it is of another format")
        raise ToolError(f"'{answer.url}' is no feed: {why}", code="invalid_feed")
    return Feed(
        url=answer.url,
        format=found.version,
        title=_plain(found.feed.get("title")),
        description=_plain(found.feed.get("subtitle")),
        link=found.feed.get("link"),
        items=[_item(entry) for entry in found.entries[:most]],
        count=len(found.entries),
        malformed=isinstance(found.get("bozo_exception"), SAXException),
    )


def _item(entry: dict[str, Any]) -> FeedItem:
    return FeedItem(
        id=entry.get("id"),
        title=_plain(entry.get("title")),
        link=entry.get("link"),
        published=_moment(entry.get("published_parsed")),
        updated=_moment(dict.get(entry, "updated_parsed")),  # Its own ``get`` would take another field.
        author=entry.get("author"),
        summary=_plain(entry.get("summary")),
        tags=[tag["term"] for tag in entry.get("tags", ()) if tag.get("term")],
        enclosures=[one["href"] for one in entry.get("enclosures", ()) if one.get("href")],
    )


def _plain(html: str | None) -> str:
    return text_of(parsed(html)) if html and ("<" in html or "&" in html) else (html or "").strip()


def _moment(parsed_time: Any) -> str | None:
    if parsed_time is None:
        return None
    try:
        moment = datetime.fromtimestamp(calendar.timegm(parsed_time), UTC)
    except (OverflowError, ValueError, OSError):
        return None
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
