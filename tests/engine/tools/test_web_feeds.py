"""Sitemaps, feeds of news, and what sites ask of robots."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.tools import Case, check_case, each_case, run_tool
from support.web_server import Page, WebServer, at, html, to, web_context, web_server


def xml(text: str) -> Page:
    return Page(text, headers={"Content-Type": "application/xml"})


URLSET = '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
INDEX = '<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
BOMB = '<!DOCTYPE b [<!ENTITY a "aaaaaaaaaa"><!ENTITY c "&a;&a;">]><urlset><url><loc>&c;</loc></url></urlset>'
RSS = """<?xml version="1.0"?><rss version="2.0"><channel><title>News &amp; more</title><link>{site}/</link>
<description>What is new</description>
<item><guid>1</guid><title>First</title><link>{site}/1</link><author>ann@example.com (Ann)</author>
<pubDate>Sun, 01 Mar 2026 12:30:00 +0200</pubDate><category>fruit</category>
<description>&lt;p&gt;Figs are &lt;b&gt;in&lt;/b&gt;.&lt;/p&gt;&lt;script&gt;x()&lt;/script&gt;</description>
<enclosure url="{site}/1.mp3" type="audio/mpeg" length="3"/></item>
<item><title>Second</title><pubDate>when it is done</pubDate></item></channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title>A</title><id>f</id><updated>2026-03-01T00:00:00Z</updated>
<entry><id>e</id><title>T</title><link href="{site}/t"/><updated>2026-03-02T10:00:00Z</updated>
<summary>S</summary></entry></feed>"""
ROBOTS = """User-agent: *
Disallow: /private/
Allow: /private/open
Disallow: /*.pdf$
Crawl-delay: 2

User-agent: bad
Disallow: /

Sitemap: {site}/sitemap.xml"""
PAGES: dict[str, Page | list[Page]] = {
    "/sitemap.xml": xml(
        f"{URLSET}<url><loc>{{site}}/a</loc><lastmod>2026-03-01</lastmod><changefreq>daily</changefreq>"
        "<priority>0.8</priority></url><url><loc> {site}/b </loc><priority>high</priority></url>"
        "<url><lastmod>2026</lastmod></url></urlset>"
    ),
    "/index.xml": xml(
        f"{INDEX}<sitemap><loc>/sitemap.xml</loc></sitemap><sitemap><loc>{{site}}/more.xml.gz</loc></sitemap>"
        "<sitemap><loc>{site}/gone.xml</loc></sitemap><sitemap><loc>http://10.0.0.1/s.xml</loc></sitemap>"
        "<sitemap><loc>{site}/index.xml</loc></sitemap></sitemapindex>"
    ),
    "/list.txt": Page("http://x/1\n\nno url\nhttp://x/2\nhttp://x/1\n"),
    "/more.xml.gz": Page(gzip.compress(f"{URLSET}<url><loc>http://x/c</loc></url></urlset>".encode())),
    "/cut.xml.gz": Page(gzip.compress(b"x" * 5000)[:30]),
    "/bomb.xml.gz": Page(gzip.compress(b"<" * (51 * 1024 * 1024))),
    "/bomb.xml": xml(BOMB),
    "/page": html("<html><body>no sitemap</body></html>"),
    "/half.xml": xml(f"{URLSET}<url><loc>http"),
    "/rss": xml(RSS),
    "/atom": xml(ATOM),
    "/half-rss": xml(RSS[:440]),
    "/empty": Page(""),
    "/robots.txt": Page(ROBOTS),
}

SITEMAPS = [
    Case(
        "pages",
        {"input": "{site}/sitemap.xml"},
        gives={
            "urls": [
                {
                    "url": "{site}/a",
                    "last_modified": "2026-03-01",
                    "change_frequency": "daily",
                    "priority": 0.8,
                },
                {"url": "{site}/b"},
            ],
            "count": 2,
            "sitemaps": ["{site}/sitemap.xml"],
            "errors": [],
            "truncated": False,
        },
        text="{site}/a\n{site}/b",
    ),
    Case(
        "an index, with sitemaps that fail and one that names itself",
        {"input": "{site}/index.xml"},
        gives={
            "count": 3,
            "sitemaps": ["{site}/index.xml", "{site}/sitemap.xml", "{site}/more.xml.gz"],
        },
    ),
    Case(
        "an index that is not followed",
        {"input": "{site}/index.xml", "follow_sitemaps": False},
        gives={
            "count": 0,
            "sitemaps": [
                "{site}/index.xml",
                "{site}/sitemap.xml",
                "{site}/more.xml.gz",
                "{site}/gone.xml",
                "http://10.0.0.1/s.xml",
            ],
        },
    ),
    Case(
        "no more than wanted",
        {"input": "{site}/index.xml", "max_urls": 1},
        gives={
            "urls": [
                {
                    "url": "{site}/a",
                    "last_modified": "2026-03-01",
                    "change_frequency": "daily",
                    "priority": 0.8,
                }
            ],
            "truncated": True,
        },
    ),
    Case(
        "a text", {"url": "{site}/list.txt"}, gives={"urls": [{"url": "http://x/1"}, {"url": "http://x/2"}]}
    ),
    Case("a page", {"input": "{site}/page"}, fails=("invalid_sitemap", "XML with <html>")),
    Case("cut off", {"input": "{site}/half.xml"}, fails=("invalid_sitemap", "is no sitemap: ")),
    Case("packed and cut off", {"input": "{site}/cut.xml.gz"}, fails=("broken_answer", "it is cut off")),
    Case("packed too large", {"input": "{site}/bomb.xml.gz"}, fails=("too_large", "larger than 50 MiB")),
    Case("entities that explode", {"input": "{site}/bomb.xml"}, fails=("invalid_sitemap", "Entities")),
    Case(
        "wrong number",
        {"input": "http://x", "max_urls": 0},
        refused="'max_urls' must be at least 1, but 0 was given",
    ),
    Case(
        "wrong flag",
        {"input": "http://x", "follow_sitemaps": "all"},
        refused="'follow_sitemaps' must be true or false, but \"all\" was given",
    ),
]
FEEDS = [
    Case(
        "RSS",
        {"input": "{site}/rss"},
        gives={
            "format": "rss20",
            "malformed": False,
            "title": "News & more",
            "description": "What is new",
            "link": "{site}/",
            "count": 2,
            "items": [
                {
                    "id": "1",
                    "title": "First",
                    "link": "{site}/1",
                    "published": "2026-03-01T10:30:00Z",
                    "author": "ann@example.com (Ann)",
                    "summary": "Figs are in.",
                    "tags": ["fruit"],
                    "enclosures": ["{site}/1.mp3"],
                },
                {"title": "Second", "summary": "", "tags": [], "enclosures": []},
            ],
        },
        text="First ({site}/1)\nSecond",
    ),
    Case(
        "Atom",
        {"url": "{site}/atom"},
        gives={
            "format": "atom10",
            "items": [
                {
                    "id": "e",
                    "title": "T",
                    "link": "{site}/t",
                    "updated": "2026-03-02T10:00:00Z",
                    "summary": "S",
                    "tags": [],
                    "enclosures": [],
                }
            ],
        },
    ),
    Case(
        "no more than wanted",
        {"input": "{site}/rss", "max_items": 1},
        gives={"count": 2},
        text="First ({site}/1)",
    ),
    Case(
        "cut off: what came is read",
        {"input": "{site}/half-rss"},
        gives={"format": "rss20", "count": 1, "malformed": True},
    ),
    Case("a page", {"input": "{site}/page"}, fails=("invalid_feed", "'{site}/page' is no feed")),
    Case("nothing", {"input": "{site}/empty"}, fails=("invalid_feed", "'{site}/empty' is no feed")),
    Case(
        "wrong number",
        {"input": "http://x", "max_items": 1001},
        refused="'max_items' must be at most 1000, but 1001 was given",
    ),
]
ROBOTS_TXT = [
    Case(
        "allowed",
        {"input": "{site}/page?x#y"},
        gives={
            "allowed": True,
            "robots_url": "{site}/robots.txt",
            "found": True,
            "crawl_delay": 2.0,
            "sitemaps": ["{site}/sitemap.xml"],
        },
        text="allowed",
    ),
    Case("not allowed", {"input": "{site}/private/x"}, gives={"allowed": False}, text="not allowed"),
    Case("the longer rule", {"url": "{site}/private/open"}, gives={"allowed": True}),
    Case("by a pattern", {"input": "{site}/a/b.pdf"}, gives={"allowed": False}),
    Case("another robot", {"input": "{site}/page", "user_agent": "bad"}, gives={"allowed": False}),
    Case("no URL", {"input": "page"}, fails=("invalid_url", "'page' is no URL of the web")),
    Case(
        "no robot",
        {"input": "http://x", "user_agent": ""},
        refused="'user_agent' must be at least 1 character long, but \"\" was given",
    ),
]


@pytest.fixture(scope="module")
def site() -> Iterator[WebServer]:
    with web_server(PAGES) as server:
        yield server


def _check(tool: str, case: Case, site: WebServer, root: Path) -> None:
    check_case(tool, at(case, site.url), root, web_context(root))


@each_case(SITEMAPS)
def test_sitemaps(case: Case, site: WebServer, tmp_path: Path) -> None:
    _check("sitemap-crawler", case, site, tmp_path)


def test_what_fails_of_an_index_is_told(site: WebServer, tmp_path: Path) -> None:
    call = {"input": f"{site.url}/index.xml"}
    found: Any = run_tool("sitemap-crawler", call, context=web_context(tmp_path)).result
    told = {one.sitemap: one.message for one in found.errors}
    assert told.pop("http://10.0.0.1/s.xml").startswith("the profile 'medium' does not allow the host")
    assert told == {f"{site.url}/gone.xml": f"'{site.url}/gone.xml' answered 404 Not Found"}


@each_case(FEEDS)
def test_feeds(case: Case, site: WebServer, tmp_path: Path) -> None:
    _check("rss-reader", case, site, tmp_path)


@each_case(ROBOTS_TXT)
def test_robots(case: Case, site: WebServer, tmp_path: Path) -> None:
    _check("robots-checker", case, site, tmp_path)


@pytest.mark.parametrize(
    ("rules", "allowed", "found"),
    [
        (Page("", 404), True, False),
        (Page("", 503), False, False),
        (Page(b"\xff\xfe\x00nonsense"), True, True),
        (to("http://10.0.0.1/robots.txt"), None, None),
        (Page("x" * 600_000), None, None),
    ],
)
def test_rules_that_cannot_be_read(rules: Page, allowed: bool | None, found: bool, tmp_path: Path) -> None:
    with web_server({"/robots.txt": rules}) as site:
        call = {"input": f"{site.url}/page"}
        case = Case("", call, gives={"allowed": allowed, "found": found})
        if allowed is None:
            is_large = rules.status == 200
            case = (
                Case("", call, fails=("too_large", "larger than"))
                if is_large
                else Case("", call, forbids="hosts")
            )
        check_case("robots-checker", case, tmp_path, web_context(tmp_path))
