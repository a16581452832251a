"""Tools that wait for the network, as scripts of both languages call them."""

# ruff: noqa: E501 (scripts read best on one line)

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from llmspell_engine.language import LANGUAGES, Language
from support.globals import Pair, check_pair
from support.security import permissions_for_servers
from support.web_server import Page, WebServer, html, page, placed, web_server

PAGES: dict[str, Page | list[Page]] = {
    "/fig": page({"name": "fig", "sizes": [1, 2]}),
    "/shop": html("<title>Shop</title><h1>Figs</h1><a href='/fig'>one</a>"),
    "/busy": page({}, 503),
}
PAIRS = [
    Pair(
        "results are tables, with fields in the language's spelling",
        "local r = Tool.execute('http-requester', { input = '{site}/fig', retry = { max_attempts = 1 } }) print(r.success, r.result.status_code, r.result.body.name, #r.result.body.sizes, r.text)",
        "const r = await Tool.execute('http-requester', { input: '{site}/fig', retry: { maxAttempts: 1 } }); say(r.success, r.result.statusCode, r.result.body.name, r.result.body.sizes.length, r.text)",
        'true\t200\tfig\t2\t{"name": "fig", "sizes": [1, 2]}\n',
    ),
    Pair(
        "older names of tools and parameters",
        "local r = Tool.get('web_scraper'):execute({ url = '{site}/shop', extract_links = true, selectors = { h = 'h1' } }) print(r.result.title, r.result.links[1].url, r.result.selected.h[1])",
        "const r = await Tool.get('web_scraper').execute({ url: '{site}/shop', extractLinks: true, selectors: { h: 'h1' } }); say(r.result.title, r.result.links[0].url, r.result.selected.h[0])",
        "Shop\t{site}/fig\tFigs\n",
    ),
    Pair(
        "many at once",
        "local t = {} for i = 1, 3 do t[i] = Async.run(function() return Tool.execute('http-requester', { input = '{site}/fig' }).result.status_code end) end print(table.concat(Promise.all(t):await(), ' '))",
        "say((await Promise.all([1, 2, 3].map(() => Tool.execute('http-requester', { input: '{site}/fig' })))).map((r) => r.result.statusCode).join(' '))",
        "200 200 200\n",
    ),
    Pair(
        "failures are errors that scripts catch",
        "local ok, e = pcall(Tool.execute, 'web-scraper', { input = '{site}/busy' }) print(ok, tostring(e):match('web%-scraper: .*'))",
        "try { await Tool.execute('web-scraper', { input: '{site}/busy' }) } catch (e) { say(false, e.message) }",
        "false\tweb-scraper: '{site}/busy' answered 503 Service Unavailable\n",
    ),
    Pair(
        "what the profile refuses is told with how to allow it",
        "local ok, e = pcall(Tool.execute, 'http-requester', { input = 'http://10.0.0.1/' }) print(ok, tostring(e):match('%-%-allow%-host 10%.0%.0%.1'))",
        "try { await Tool.execute('http-requester', { input: 'http://10.0.0.1/' }) } catch (e) { say(false, e.message.match(/--allow-host 10\\.0\\.0\\.1/)[0]) }",
        "false\t--allow-host 10.0.0.1\n",
    ),
    Pair(
        "a result of one is the input of another",
        "local p = Tool.execute('web-scraper', { input = '{site}/shop' }) local k = Tool.execute('keyword-extractor', { input = p.text, max_words = 1, language = 'none' }) print(k.text)",
        "const p = await Tool.execute('web-scraper', { input: '{site}/shop' }); const k = await Tool.execute('keyword-extractor', { input: p.text, maxWords: 1, language: 'none' }); say(k.text)",
        "figs, one\n",
    ),
]


@pytest.fixture(scope="module")
def site() -> Iterator[WebServer]:
    with web_server(PAGES) as server:
        yield server


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("pair", PAIRS, ids=[pair.name for pair in PAIRS])
def test_scripts_use_tools_of_the_network(pair: Pair, language: Language, site: WebServer) -> None:
    texts = {name: placed(getattr(pair, name), site.url) for name in ("lua", "javascript", "expect")}
    check_pair(replace(pair, **texts), language, permissions=permissions_for_servers())
