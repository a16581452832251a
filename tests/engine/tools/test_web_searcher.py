"""Searching the web, over the wire of each service."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from llmspell_engine.tools.base import ToolError
from support.tools import Case, check_case, each_case, run_tool
from support.web_server import Asked, Page, WebServer, page, web_context, web_server

SEARCH = "web-searcher"
FIG = {"title": "Figs", "url": "https://figs.example/", "snippet": "All about figs"}


@dataclass(frozen=True)
class Wire:
    """What a service answers to ``figs``, and how it is asked."""

    provider: str
    path: str
    answer: Any
    asked: dict[str, Any]
    """The query or the body, as far as it matters."""
    headers: dict[str, str]
    hit: dict[str, Any]
    kind: str = "web"


def _query(asked: Asked) -> dict[str, Any]:
    from urllib.parse import parse_qsl

    if asked.method == "POST":
        return dict(asked.json)
    return dict(parse_qsl(asked.path.partition("?")[2]))


def _entry(url: str, snippet: str, **more: Any) -> dict[str, Any]:
    return {"title": "Figs", url: FIG["url"], snippet: FIG["snippet"], **more}


WIRES = [
    Wire(
        "brave",
        "/res/v1/web/search",
        {
            "web": {
                "results": [
                    {
                        "title": "Figs",
                        "url": FIG["url"],
                        "description": "All about <strong>figs</strong>",
                        "age": "2 days ago",
                    },
                    {"title": "no place"},
                ]
            }
        },
        {"q": "figs", "count": "5", "safesearch": "strict", "search_lang": "en"},
        {"x-subscription-token": "key-of-brave"},
        {**FIG, "date": "2 days ago"},
    ),
    Wire(
        "brave",
        "/res/v1/images/search",
        {"results": [{"title": "no place"}, _entry("url", "x", properties={"url": "http://i/f.png"})]},
        {"q": "figs"},
        {},
        {**FIG, "snippet": "", "image": "http://i/f.png"},
        "images",
    ),
    Wire(
        "tavily",
        "/search",
        {"results": [_entry("url", "content", published_date="2026-03-01", score=0.9)]},
        {"query": "figs", "max_results": 5, "topic": "news"},
        {"authorization": "Bearer key-of-tavily"},
        {**FIG, "date": "2026-03-01"},
        "news",
    ),
    Wire(
        "tavily",
        "/search",
        {"results": [], "images": [{"url": "http://i/f.png", "description": "Figs"}]},
        {"include_images": True},
        {},
        {"title": "Figs", "url": "http://i/f.png", "snippet": "Figs", "image": "http://i/f.png"},
        "images",
    ),
    Wire(
        "serperdev",
        "/search",
        {"organic": [_entry("link", "snippet", date="1 Mar 2026", position=1)]},
        {"q": "figs", "num": 5, "hl": "en"},
        {"x-api-key": "key-of-serperdev"},
        {**FIG, "date": "1 Mar 2026"},
    ),
    Wire("serperdev", "/news", {"news": [_entry("link", "snippet")]}, {"q": "figs"}, {}, FIG, "news"),
    Wire(
        "serpapi",
        "/search.json",
        {"organic_results": [_entry("link", "snippet")]},
        {
            "engine": "google",
            "q": "figs",
            "num": "5",
            "hl": "en",
            "safe": "active",
            "api_key": "key-of-serpapi",
        },
        {},
        FIG,
    ),
    Wire(
        "serpapi",
        "/search.json",
        {"images_results": [_entry("link", "snippet", original="http://i/f.png")]},
        {"engine": "google_images"},
        {},
        {**FIG, "image": "http://i/f.png"},
        "images",
    ),
    Wire(
        "serpapi",
        "/search.json",
        {
            "news_results": [
                {"title": "Fruit", "highlight": _entry("link", "snippet"), "stories": [{"title": "Other"}]}
            ]
        },
        {"engine": "google_news", "q": "figs", "hl": "en", "safe": None, "num": None},
        {},
        FIG,
        "news",
    ),
    Wire(
        "google",
        "/customsearch/v1",
        {
            "items": [
                {**_entry("x", "snippet"), "link": "http://i/f.png", "image": {"contextLink": FIG["url"]}}
            ]
        },
        {"searchType": "image"},
        {},
        {**FIG, "image": "http://i/f.png"},
        "images",
    ),
    Wire(
        "google",
        "/customsearch/v1",
        {"items": [_entry("link", "snippet")]},
        {"key": "key-of-google", "cx": "engine", "q": "figs", "num": "5", "safe": "active", "lr": "lang_en"},
        {},
        FIG,
    ),
    Wire(
        "bing",
        "/v7.0/search",
        {"webPages": {"value": [{"name": "Figs", "url": FIG["url"], "snippet": FIG["snippet"]}]}},
        {"q": "figs", "count": "5", "safeSearch": "Strict", "setLang": "en"},
        {"ocp-apim-subscription-key": "key-of-bing"},
        FIG,
    ),
    Wire(
        "bing",
        "/v7.0/images/search",
        {"value": [{"name": "Figs", "hostPageUrl": FIG["url"], "contentUrl": "http://i/f.png"}]},
        {"q": "figs"},
        {},
        {**FIG, "snippet": "", "image": "http://i/f.png"},
        "images",
    ),
    Wire(
        "duckduckgo",
        "/",
        {
            "Heading": "Figs",
            "AbstractText": FIG["snippet"],
            "AbstractURL": FIG["url"],
            "Results": [],
            "RelatedTopics": [
                {"Name": "More", "Topics": [{"Text": "Fig tree - A tree", "FirstURL": "https://d/tree"}]}
            ],
        },
        {"q": "figs", "format": "json", "no_html": "1", "kp": "1"},
        {},
        FIG,
    ),
]


def _settings(site: WebServer | None = None, *keyed: str, **more: Any) -> dict[str, dict[str, Any]]:
    found = {f"{name}_api_key": f"key-of-{name}" for name in keyed}
    if site is not None:
        names = ("brave", "tavily", "serperdev", "serpapi", "google", "bing", "duckduckgo")
        found |= {f"{name}_url": f"{site.url}/{name}" for name in names}
    return {SEARCH: {**found, "google_search_engine_id": "engine", **more}}


@pytest.fixture(autouse=True)
def _no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    names = ("BRAVE", "TAVILY", "SERPERDEV", "SERPAPI", "GOOGLE_SEARCH", "BING")
    for name in names:
        monkeypatch.delenv(f"{name}_API_KEY", raising=False)


@pytest.mark.parametrize("wire", WIRES, ids=[f"{wire.provider}-{wire.kind}" for wire in WIRES])
def test_each_service_is_asked_in_its_own_way(wire: Wire, tmp_path: Path) -> None:
    with web_server({f"/{wire.provider}{wire.path}": page(wire.answer)}) as site:
        call = {"input": "figs", "provider": wire.provider, "max_results": 5, "language": "en"}
        context = web_context(tmp_path, _settings(site, wire.provider))
        done: Any = run_tool(SEARCH, {**call, "search_type": wire.kind}, context=context)
    asked = site.asked[0]
    sent = _query(asked)
    assert {name: sent.get(name) for name in wire.asked} == wire.asked
    assert {name: asked.headers.get(name) for name in wire.headers} == wire.headers
    assert done.result.results[0].model_dump(exclude_none=True) == wire.hit
    assert (done.result.provider, done.result.query) == (wire.provider, "figs")
    assert done.text.startswith(f"{wire.hit['title']}\n{wire.hit['url']}")


def test_a_service_that_fails_makes_way_for_the_next(tmp_path: Path) -> None:
    pages: dict[str, Page | list[Page]] = {
        "/brave/res/v1/web/search": page({"error": "quota"}, 429),
        "/tavily/search": page({"results": "none of the kind"}),
        "/serperdev/search": Page("<html>"),
        "/duckduckgo/": page({"RelatedTopics": [{"Text": "Figs - sweet", "FirstURL": "https://d/figs"}]}),
    }
    with web_server(pages) as site:
        settings = _settings(site, "brave", "serperdev")
        done: Any = run_tool(SEARCH, {"input": "figs"}, context=web_context(tmp_path, settings)).result
    assert done.provider == "duckduckgo"
    assert done.results[0].title == "Figs"
    assert done.failed["brave"].startswith("Brave Search answered 429")
    assert "is not JSON" in done.failed["serperdev"]


def test_when_all_fail_each_is_told_and_no_key_is(tmp_path: Path) -> None:
    with web_server({}) as site:
        settings = _settings(site, "serpapi", "google", providers=["serpapi", "google"])
        with pytest.raises(ToolError) as failed:
            run_tool(SEARCH, {"input": "figs"}, context=web_context(tmp_path, settings))
    assert failed.value.code == "search_failed"
    told = f"{failed.value} {failed.value.details}"
    assert "SerpApi answered 404" in told
    assert "Google Custom Search answered 404" in told
    assert "key-of" not in told


@each_case(
    [
        Case(
            "no key",
            {"input": "figs", "provider": "brave"},
            fails=(
                "needs_configuration",
                "the key of Brave Search is not configured: set 'brave_api_key' in "
                "[tools.settings.web-searcher] of the configuration, or the environment variable "
                "BRAVE_API_KEY",
            ),
        ),
        Case(
            "a service that was closed",
            {"input": "figs", "provider": "bing"},
            fails=("needs_configuration", "Bing Search was closed on 11 August 2025: name another service"),
        ),
        Case(
            "a key and no engine",
            {"input": "figs", "provider": "google"},
            fails=("needs_configuration", "the search engine of Google is not configured"),
        ),
        Case(
            "nobody who finds images",
            {"input": "figs", "search_type": "images"},
            fails=("needs_configuration", "no service that finds images is configured: set 'brave_api_key'"),
        ),
        Case(
            "a service that finds none of the kind",
            {"input": "figs", "provider": "duckduckgo", "search_type": "news"},
            fails=("unsupported", "DuckDuckGo does not find news"),
        ),
        Case(
            "nothing", {"input": ""}, refused="'input' must be at least 1 character long, but \"\" was given"
        ),
        Case(
            "no service",
            {"query": "x", "provider": "altavista"},
            refused='\'provider\' must be one of "tavily", "bing", "google", "brave", "duckduckgo", '
            '"serpapi", "serperdev", but "altavista" was given',
        ),
        Case(
            "too many",
            {"input": "x", "max_results": 101},
            refused="'max_results' must be at most 100, but 101 was given",
        ),
        Case(
            "wrong kind",
            {"input": "x", "search_type": "maps"},
            refused='\'search_type\' must be "web" or "news" or "images", but "maps" was given; '
            'did you mean "images"?',
        ),
        Case(
            "wrong language",
            {"input": "x", "language": "english"},
            refused="'language' must be the two letters of a language, such as `en`, that results "
            'are wanted in, but "english" was given',
        ),
        Case(
            "wrong flag",
            {"input": "x", "safe_search": 1},
            refused="'safe_search' must be true or false, but 1 was given",
        ),
    ]
)
def test_what_is_not_configured_or_wrong(case: Case, tmp_path: Path) -> None:
    settings = {SEARCH: {"google_api_key": "k"}} if case.parameters.get("provider") == "google" else {}
    check_case(SEARCH, case, tmp_path, web_context(tmp_path, settings))


def test_a_service_of_the_configuration_that_is_none(tmp_path: Path) -> None:
    context = web_context(tmp_path, {SEARCH: {"provider": "altavista"}})
    words = "names 'altavista'; there are brave, tavily"
    check_case(SEARCH, Case("", {"input": "x"}, fails=("needs_configuration", words)), tmp_path, context)


def test_the_key_of_the_environment_and_the_configured_number(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BRAVE_API_KEY", "from-outside")
    answer = {"web": {"results": [_entry("url", "description")] * 9}}
    with web_server({"/brave/res/v1/web/search": page(answer)}) as site:
        settings = _settings(site, max_results=2, safe_search=False)
        done: Any = run_tool(SEARCH, {"input": "figs"}, context=web_context(tmp_path, settings)).result
    assert done.count == 2
    assert site.asked[0].headers["x-subscription-token"] == "from-outside"
    assert {"count": "2", "safesearch": "off"}.items() <= _query(site.asked[0]).items()


def test_the_settings_that_all_services_have_are_those_of_the_one_that_is_named(tmp_path: Path) -> None:
    with web_server({"/search": page({"organic": [_entry("link", "snippet")]})}) as site:
        settings = {SEARCH: {"provider": "serperdev", "api_key": "general", "base_url": site.url}}
        context = web_context(tmp_path, settings)
        done: Any = run_tool(SEARCH, {"input": "figs"}, context=context).result
        other = Case(
            "", {"input": "figs", "provider": "brave"}, fails=("needs_configuration", "'brave_api_key'")
        )
        check_case(SEARCH, other, tmp_path, context)
    assert done.provider == "serperdev"
    assert site.asked[0].headers["x-api-key"] == "general"
