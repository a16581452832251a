"""The services of web search: how each is asked, and what its answers hold.

Each has an entry in ``PROVIDERS``. What they call the same things is all that is told apart here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import unescape
from typing import Any, Literal
from urllib.parse import urlencode

from llmspell_engine.tools.http import Ask

Kind = Literal["web", "news", "images"]
ProviderName = Literal["tavily", "bing", "google", "brave", "duckduckgo", "serpapi", "serperdev"]


@dataclass(frozen=True, slots=True)
class Search:
    """What is searched for, and as whom."""

    words: str
    kind: Kind
    count: int
    safe: bool
    language: str | None
    base_url: str
    key: str
    engine: str
    """The search engine of Google's service."""


@dataclass(frozen=True, slots=True)
class Hit:
    """What was found."""

    title: str
    url: str
    snippet: str = ""
    date: str | None = None
    image: str | None = None


@dataclass(frozen=True, slots=True)
class Provider:
    """A service."""

    title: str
    base_url: str
    ask: Callable[[Search], Ask]
    read: Callable[[Any, Kind], Iterator[Hit]]
    variable: str | None = None
    """The environment variable of its key; None where it needs none."""
    kinds: Sequence[Kind] = ("web", "news", "images")
    most: int = 100
    """How many it gives at once."""
    ended: str | None = None
    """When its owner closed it: it is asked only where a place is configured that answers as it did."""


def _get(url: str, query: Mapping[str, Any], **headers: str) -> Ask:
    given = {name: value for name, value in query.items() if value is not None}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Ask(f"{url}?{urlencode(given)}", headers={"accept": "application/json", **named})


def _post(url: str, body: Mapping[str, Any], **headers: str) -> Ask:
    given = {name: value for name, value in body.items() if value is not None}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Ask(url, "POST", {"content-type": "application/json", **named}, json.dumps(given).encode())


def _hits(entries: Any, names: str) -> Iterator[Hit]:
    """The hits of a list. ``names`` are those of its title, place, snippet, date and image, ``-`` for none.

    What has no place to go to is no hit.
    """
    title, url, snippet, date, image = names.split()
    for entry in entries if isinstance(entries, list) else ():
        if isinstance(entry, Mapping) and entry.get(url):
            told = {name: str(entry.get(key) or "") for name, key in (("title", title), ("snippet", snippet))}
            yield Hit(
                url=str(entry[url]),
                date=str(entry[date]) if entry.get(date) else None,
                image=str(entry[image]) if entry.get(image) else None,
                **told,
            )


def _ask_brave(search: Search) -> Ask:
    query = {
        "q": search.words,
        "count": search.count,
        "safesearch": "strict" if search.safe else "off",
        "search_lang": search.language,
    }
    return _get(f"{search.base_url}/res/v1/{search.kind}/search", query, x_subscription_token=search.key)


def _read_brave(answer: Any, kind: Kind) -> Iterator[Hit]:
    entries = answer.get("web", {}).get("results") if kind == "web" else answer.get("results")
    flat = [
        {
            **one,
            "title": _unmarked(one.get("title")),
            "description": _unmarked(one.get("description")),
            "image": (one.get("properties") or {}).get("url"),
        }
        for one in entries or ()
    ]
    return _hits(flat, "title url description age image")


def _unmarked(text: Any) -> str:
    """Text without the marks of HTML that show which words were found."""
    return unescape(re.sub(r"</?strong>", "", str(text or "")))


def _ask_serper(search: Search) -> Ask:
    body = {"q": search.words, "num": search.count, "hl": search.language}
    page = "search" if search.kind == "web" else search.kind
    return _post(f"{search.base_url}/{page}", body, x_api_key=search.key)


def _read_serper(answer: Any, kind: Kind) -> Iterator[Hit]:
    entries = answer.get("organic" if kind == "web" else kind)
    return _hits(entries, "title link snippet date imageUrl")


def _ask_serpapi(search: Search) -> Ask:
    query = {
        "engine": {"web": "google", "news": "google_news", "images": "google_images"}[search.kind],
        "q": search.words,
        "num": search.count if search.kind == "web" else None,
        "hl": search.language,
        # There is no such filter of news, and parameters that are not known are errors.
        "safe": None if search.kind == "news" else "active" if search.safe else "off",
        "api_key": search.key,
    }
    return _get(f"{search.base_url}/search.json", query)


def _read_serpapi(answer: Any, kind: Kind) -> Iterator[Hit]:
    entries = answer.get({"web": "organic_results", "news": "news_results", "images": "images_results"}[kind])
    if kind == "news":
        # Several articles on one thing come as one entry, with the foremost of them in it.
        entries = [one.get("highlight") or (one.get("stories") or [one])[0] for one in entries or ()]
    return _hits(entries, "title link snippet date original")


def _ask_tavily(search: Search) -> Ask:
    body = {
        "query": search.words,
        "max_results": search.count,
        "topic": "news" if search.kind == "news" else "general",
        "include_images": search.kind == "images",
        "include_image_descriptions": search.kind == "images",
    }
    return _post(f"{search.base_url}/search", body, authorization=f"Bearer {search.key}")


def _read_tavily(answer: Any, kind: Kind) -> Iterator[Hit]:
    if kind == "images":
        return _hits(answer.get("images"), "description url description - url")
    return _hits(answer.get("results"), "title url content published_date -")


def _ask_google(search: Search) -> Ask:
    query = {
        "key": search.key,
        "cx": search.engine,
        "q": search.words,
        "num": search.count,
        "safe": "active" if search.safe else "off",
        "lr": f"lang_{search.language}" if search.language else None,
        "searchType": "image" if search.kind == "images" else None,
    }
    return _get(f"{search.base_url}/customsearch/v1", query)


def _read_google(answer: Any, kind: Kind) -> Iterator[Hit]:
    entries = answer.get("items") or ()
    if kind == "images":
        # The link of an image is the image itself; the page that shows it stands beside.
        entries = [
            {
                **one,
                "link": (one.get("image") or {}).get("contextLink", one.get("link")),
                "at": one.get("link"),
            }
            for one in entries
        ]
    return _hits(list(entries), "title link snippet - at")


def _ask_bing(search: Search) -> Ask:
    query = {
        "q": search.words,
        "count": search.count,
        "safeSearch": "Strict" if search.safe else "Off",
        "setLang": search.language,
    }
    page = "search" if search.kind == "web" else f"{search.kind}/search"
    return _get(f"{search.base_url}/v7.0/{page}", query, ocp_apim_subscription_key=search.key)


def _read_bing(answer: Any, kind: Kind) -> Iterator[Hit]:
    if kind == "web":
        entries = answer.get("webPages", {}).get("value")
        return _hits(entries, "name url snippet dateLastCrawled -")
    if kind == "news":
        return _hits(answer.get("value"), "name url description datePublished -")
    return _hits(answer.get("value"), "name hostPageUrl - datePublished contentUrl")


def _ask_duckduckgo(search: Search) -> Ask:
    query = {
        "q": search.words,
        "format": "json",
        "no_html": 1,
        "skip_disambig": 1,
        "kp": 1 if search.safe else -2,
        "kl": f"wt-{search.language}" if search.language else None,
    }
    return _get(f"{search.base_url}/", query)


def _read_duckduckgo(answer: Any, kind: Kind) -> Iterator[Hit]:
    """What the service of instant answers knows: it has no list of all pages."""
    if answer.get("AbstractURL") and answer.get("AbstractText"):
        yield Hit(str(answer.get("Heading", "")), str(answer["AbstractURL"]), str(answer["AbstractText"]))
    topics = [*answer.get("Results", ()), *answer.get("RelatedTopics", ())]
    for topic in topics:
        for entry in topic.get("Topics", [topic]):
            text = str(entry.get("Text", ""))
            if entry.get("FirstURL"):
                yield Hit(text.partition(" - ")[0], str(entry["FirstURL"]), text)


PROVIDERS: Mapping[ProviderName, Provider] = {
    "brave": Provider(
        "Brave Search", "https://api.search.brave.com", _ask_brave, _read_brave, "BRAVE_API_KEY", most=20
    ),
    "tavily": Provider(
        "Tavily", "https://api.tavily.com", _ask_tavily, _read_tavily, "TAVILY_API_KEY", most=20
    ),
    "serperdev": Provider(
        "Serper", "https://google.serper.dev", _ask_serper, _read_serper, "SERPERDEV_API_KEY"
    ),
    "serpapi": Provider("SerpApi", "https://serpapi.com", _ask_serpapi, _read_serpapi, "SERPAPI_API_KEY"),
    "google": Provider(
        "Google Custom Search",
        "https://www.googleapis.com",
        _ask_google,
        _read_google,
        "GOOGLE_SEARCH_API_KEY",
        ("web", "images"),
        10,
    ),
    "bing": Provider(
        "Bing Search",
        "https://api.bing.microsoft.com",
        _ask_bing,
        _read_bing,
        "BING_API_KEY",
        most=50,
        ended="on 11 August 2025",
    ),
    "duckduckgo": Provider(
        "DuckDuckGo", "https://api.duckduckgo.com", _ask_duckduckgo, _read_duckduckgo, kinds=("web",)
    ),
}
"""In the order in which they are tried where no other is configured."""
