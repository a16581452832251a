"""Reading pages: picking, comparing, converting, and taking URLs apart."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.tools import Case, check_case, each_case, run_tool
from support.web_server import Page, WebServer, at, html, to, web_context, web_server

SHOP = """<!doctype html><html><head><title> The
  shop </title><meta name="description" content="Fruit"><meta property="og:type" content="shop">
<style>p { color: red }</style></head>
<body><nav><a href="/">Home</a></nav><h1>Fruit</h1>
<ul><li class="item"><a href="fig?x=1">Figs</a> <b>3</b></li>
<li class="item"><a href="/kiwi">Kiwis</a></li></ul>
<p>Fresh<br>every day</p><img src="/fig.png" alt="a fig"><img src="/fig.png"><script>steal()</script>
<a href="https://example.com/">Away</a></body></html>"""
PAGES: dict[str, Page | list[Page]] = {
    "/shop": html(SHOP),
    "/moved": to("/shop", 301),
    "/latin": Page("<p>Käse</p>".encode("latin-1"), headers={"Content-Type": "text/html; charset=latin-1"}),
    "/meta": Page(b'<meta charset="windows-1252"><p>\x80 5</p>', headers={"Content-Type": "text/html"}),
    "/unclosed": html("<p>one<p>two <b>bold"),
    "/empty": html(""),
    "/deep": html("<div>" * 3000 + "in" + "</div>" * 3000),
    "/lines": html("<p>one\ntwo</p><pre>three\nfour</pre><!-- five -->"),
    "/huge": html("<p>x</p>" * 300_000),
    "/notes.txt": Page("one\n  two\n", headers={"Content-Type": "text/plain"}),
    "/odd": Page(b"x", headers={"Content-Type": "text/html; charset=klingon"}),
}

SCRAPER = [
    Case(
        "the whole page",
        {"input": "{site}/shop"},
        gives={
            "url": "{site}/shop",
            "title": "The shop",
            "content": "Home\nFruit\nFigs 3\nKiwis\nFresh\nevery day\nAway",
            "links": None,
            "images": None,
            "meta": None,
            "selected": None,
        },
    ),
    Case("its older name", {"url": "{site}/shop", "selector": "h1"}, gives={"content": "Fruit"}),
    Case("one selector", {"input": "{site}/shop", "selector": ".item b"}, gives={"content": "3"}),
    Case("finding nothing", {"input": "{site}/shop", "selector": "table"}, gives={"content": ""}, text=""),
    Case(
        "selectors by name",
        {"input": "{site}/shop", "selectors": {"names": ".item a", "places": ".item a@href", "no": "h6"}},
        gives={"selected": {"names": ["Figs", "Kiwis"], "places": ["fig?x=1", "/kiwi"], "no": []}},
    ),
    Case(
        "links, images, meta",
        {"input": "{site}/shop", "extract_links": True, "extract_images": True, "extract_meta": True},
        gives={
            "links": [
                {"url": "{site}/", "text": "Home"},
                {"url": "{site}/fig?x=1", "text": "Figs"},
                {"url": "{site}/kiwi", "text": "Kiwis"},
                {"url": "https://example.com/", "text": "Away"},
            ],
            "images": [{"url": "{site}/fig.png", "alt": "a fig"}],
            "meta": {"description": "Fruit", "og:type": "shop"},
        },
    ),
    Case("after a redirect", {"input": "{site}/moved"}, gives={"url": "{site}/shop"}),
    Case("the encoding of the header", {"input": "{site}/latin"}, gives={"content": "Käse"}),
    Case("the encoding of the page", {"input": "{site}/meta"}, gives={"content": "€ 5"}),
    Case("an encoding that is not known", {"input": "{site}/odd"}, gives={"content": "x"}),
    Case("broken HTML", {"input": "{site}/unclosed"}, gives={"content": "one\ntwo bold", "title": None}),
    Case("an empty page", {"input": "{site}/empty"}, gives={"content": ""}),
    Case("lines of the source", {"input": "{site}/lines"}, gives={"content": "one two\nthree\nfour"}),
    Case("a deep page", {"input": "{site}/deep"}, gives={"content": "in"}),
    Case("no scripts wanted", {"input": "{site}/shop", "wait_for_js": False, "selector": "h1"}, gives={}),
    Case(
        "scripts wanted",
        {"input": "{site}/shop", "wait_for_js": True, "selector": "h1"},
        fails=("unsupported", "leave it out to read the page as it is served"),
    ),
    Case(
        "no selector",
        {"input": "{site}/shop", "selector": "p >"},
        fails=("invalid_selector", "'p >' is no CSS selector"),
    ),
    Case(
        "no selector by name",
        {"input": "{site}/shop", "selectors": {"x": "]["}},
        fails=("invalid_selector", "'][' is no CSS selector"),
    ),
    Case(
        "an empty selector",
        {"input": "http://x", "selector": ""},
        refused="'selector' must be at least 1 character long, but \"\" was given",
    ),
    Case(
        "wrong selectors",
        {"input": "http://x", "selectors": "h1"},
        refused="'selectors' must be a table, but \"h1\" was given",
    ),
    Case(
        "wrong flag",
        {"input": "http://x", "extract_links": "yes"},
        refused="'extract_links' must be true or false, but \"yes\" was given",
    ),
]
MONITOR = [
    Case(
        "first look",
        {"input": "{site}/shop", "selector": "h1"},
        gives={
            "content": "Fruit",
            "changed": False,
            "hash": hashlib.sha256(b"Fruit").hexdigest(),
            "similarity": None,
        },
        text="Fruit",
    ),
    Case(
        "nothing new",
        {"input": "{site}/shop", "selector": "h1", "previous_content": " Fruit\n"},
        gives={"changed": False, "added": [], "removed": [], "similarity": 1.0},
    ),
    Case(
        "spaces matter",
        {"input": "{site}/notes.txt", "previous_content": "one\ntwo\n", "ignore_whitespace": False},
        gives={"changed": True, "added": ["  two"], "removed": ["two"]},
        text="- two\n+   two",
    ),
    Case(
        "changed",
        {"input": "{site}/notes.txt", "previous_content": "zero\none"},
        gives={"changed": True, "added": ["two"], "removed": ["zero"], "similarity": 0.5},
    ),
    Case(
        "the part is gone",
        {"input": "{site}/shop", "selector": "table"},
        fails=("not_found", "has nothing that 'table' finds"),
    ),
    Case(
        "no selector",
        {"input": "{site}/shop", "selector": "::"},
        fails=("invalid_selector", "is no CSS selector"),
    ),
    Case(
        "wrong content",
        {"input": "http://x", "previous_content": 1},
        refused="'previous_content' must be a string, but 1 was given",
    ),
    Case(
        "wrong flag",
        {"input": "http://x", "ignore_whitespace": 1},
        refused="'ignore_whitespace' must be true or false, but 1 was given",
    ),
]
MARKDOWN = [
    Case(
        "HTML",
        {"input": "<h1>A</h1><p>b <em>c</em> <a href='/d'>d</a></p><ul><li>e</ul><script>f</script>"},
        gives={"markdown": "# A\n\nb *c* [d](/d)\n\n- e", "url": None, "truncated": False},
    ),
    Case(
        "a page",
        {"input": "{site}/shop", "selector": "ul"},
        gives={
            "url": "{site}/shop",
            "title": "The shop",
            "markdown": "- [Figs](fig?x=1) **3**\n- [Kiwis](/kiwi)",
        },
    ),
    Case("without links", {"input": "<a href='/d'>d</a>", "links": False}, gives={"markdown": "d"}),
    Case("without images", {"input": "a <img src='/d'>", "images": False}, gives={"markdown": "a"}),
    Case(
        "the main part",
        {"input": "<nav>menu</nav><p>news</p><footer>law</footer>", "main_only": True},
        gives={"markdown": "news"},
    ),
    Case(
        "cut off",
        {"input": "<p>0123456789</p>", "max_length": 4},
        gives={"markdown": "0123", "truncated": True, "length": 10},
        text="0123",
    ),
    Case("code", {"input": "<pre><code>a = 1\nb</code></pre>"}, gives={"markdown": "```\na = 1\nb\n```"}),
    Case("plain text", {"input": "http is a protocol"}, gives={"markdown": "http is a protocol"}),
    Case("a page in another encoding", {"input": "{site}/latin"}, gives={"markdown": "Käse"}),
    Case("nothing found", {"input": "<p>", "selector": "b"}, fails=("not_found", "nothing that 'b' finds")),
    Case("no selector", {"input": "<p>", "selector": "["}, fails=("invalid_selector", "'[' is no CSS")),
    Case(
        "wrong length",
        {"input": "<p>", "max_length": 0},
        refused="'max_length' must be at least 1, but 0 was given",
    ),
]
URLS = [
    Case(
        "all parts",
        {"input": "https://ann:pw@Bücher.example:8443/a%20b/c?x=1&x=%202&y#top"},
        gives={
            "scheme": "https",
            "host": "bücher.example",
            "ascii_host": "xn--bcher-kva.example",
            "port": 8443,
            "path": "/a b/c",
            "segments": ["a b", "c"],
            "query": {"x": ["1", " 2"], "y": [""]},
            "fragment": "top",
            "username": "ann",
            "has_password": True,
            "is_secure": True,
            "is_ip_address": False,
            "metadata": None,
        },
    ),
    Case("not decoded", {"url": "http://x/?a=%20", "decode_params": False}, gives={"query": {"a": ["%20"]}}),
    Case(
        "an address",
        {"input": "http://[::1]/"},
        gives={"is_ip_address": True, "port": 80, "is_secure": False},
    ),
    Case("another scheme", {"input": "ftp://h/f"}, gives={"scheme": "ftp", "port": 21}),
    Case(
        "with the server",
        {"input": "{site}/moved", "fetch_metadata": True},
        gives={
            "metadata": {
                "status_code": 200,
                "final_url": "{site}/shop",
                "redirects": 1,
                "content_type": "text/html; charset=utf-8",
                "content_length": len(SHOP),
                "title": "The shop",
            }
        },
    ),
    Case(
        "a page that is not there",
        {"input": "{site}/no", "fetch_metadata": True},
        gives={
            "metadata": {"status_code": 404, "final_url": "{site}/no", "redirects": 0, "content_length": 21}
        },
    ),
    Case("no scheme", {"input": "example.com/a"}, fails=("invalid_url", "it has no scheme")),
    Case("no host", {"input": "https:///a"}, fails=("invalid_url", "it has no host")),
    Case("no port", {"input": "https://a:b/"}, fails=("invalid_url", "is no URL: Invalid port")),
    Case(
        "wrong flag",
        {"input": "x", "fetch_metadata": "no"},
        refused="'fetch_metadata' must be true or false, but \"no\" was given",
    ),
]


@pytest.fixture(scope="module")
def site() -> Iterator[WebServer]:
    with web_server(PAGES) as server:
        yield server


def _check(tool: str, case: Case, site: WebServer, root: Path) -> None:
    check_case(tool, at(case, site.url), root, web_context(root))


@each_case(SCRAPER)
def test_scraping(case: Case, site: WebServer, tmp_path: Path) -> None:
    _check("web-scraper", case, site, tmp_path)


@each_case(MONITOR)
def test_monitoring(case: Case, site: WebServer, tmp_path: Path) -> None:
    _check("webpage-monitor", case, site, tmp_path)


@each_case(MARKDOWN)
def test_markdown(case: Case, site: WebServer, tmp_path: Path) -> None:
    _check("html-to-markdown", case, site, tmp_path)


@each_case(URLS)
def test_urls(case: Case, site: WebServer, tmp_path: Path) -> None:
    _check("url-analyzer", case, site, tmp_path)


def test_a_page_that_changes_is_told_with_what_the_monitor_gave_before(tmp_path: Path) -> None:
    pages = {"/": [html("<p>Open</p><p>Mo-Fr</p>"), html("<p>Open</p><p>Mo-Sa</p>")]}
    with web_server(pages) as site:
        context, call = web_context(tmp_path), {"input": f"{site.url}/"}
        first: Any = run_tool("webpage-monitor", call, context=context).result
        again = {**call, "previous_content": first.content}
        second: Any = run_tool("webpage-monitor", again, context=context).result
    assert (second.changed, second.removed, second.added) == (True, ["Mo-Fr"], ["Mo-Sa"])


@pytest.mark.parametrize("tool", ["web-scraper", "webpage-monitor", "html-to-markdown"])
def test_reading_a_huge_page_ends_with_the_time_limit(tool: str, site: WebServer, tmp_path: Path) -> None:
    before = threading.active_count()
    case = Case("", {"input": f"{site.url}/huge"}, fails=("timeout", "took longer than 0.5 s"))
    check_case(tool, case, tmp_path, web_context(tmp_path, seconds=0.5))
    give_up = time.monotonic() + 30
    while threading.active_count() > before and time.monotonic() < give_up:
        time.sleep(0.01)  # The thread looks for its end by itself; there is nothing to wait on.
    assert threading.active_count() <= before
