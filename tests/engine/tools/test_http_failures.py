"""What holds of every tool that fetches: how it fails when a server, or the way to it, does."""

from __future__ import annotations

import gzip
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from llmspell_engine.security.permissions import Permissions
from llmspell_engine.tools.base import ToolContext
from support.tools import Case, check_case, each_case
from support.web_server import Page, WebServer, at, html, to, web_context, web_server

LARGE = b"<p>" + b"x" * (11 * 1024 * 1024)
PAGES: dict[str, Page | list[Page]] = {
    "/": html("<p>fine</p>"),
    "/broken": html("no", 500),
    "/gone": html("no", 404),
    "/cut": Page("half", promised=1000),
    "/silent": Page(is_silent=True),
    "/large": Page(LARGE),
    "/packed-large": Page(gzip.compress(LARGE), headers={"Content-Encoding": "gzip"}),
    "/packed-wrong": Page(b"no gzip", headers={"Content-Encoding": "gzip"}),
    "/private": to("http://10.0.0.1/"),
    "/cloud": to("http://169.254.169.254/latest/meta-data/"),
    "/file": to("file:///etc/passwd"),
    "/loop": to("/loop"),
}
FETCHING: dict[str, dict[str, Any]] = {
    "http-requester": {},
    "api-tester": {},
    "webhook-caller": {"max_retries": 0},
    "web-scraper": {},
    "webpage-monitor": {},
    "html-to-markdown": {},
    "rss-reader": {},
    "sitemap-crawler": {},
    "url-analyzer": {"fetch_metadata": True},
}
FAILURES = [
    Case("broken off", {"input": "{site}/cut"}, fails=("broken_answer", "'{site}/cut' broke off")),
    Case(
        "silent",
        {"input": "{site}/silent", "timeout": 0.2},
        fails=("timeout", "'{site}/silent' did not answer within 0.2 s"),
    ),
    Case("too large", {"input": "{site}/large"}, fails=("too_large", "'{site}/large' is larger than 10 MiB")),
    Case("too large, packed", {"input": "{site}/packed-large"}, fails=("too_large", "is larger than 10 MiB")),
    Case("packed wrongly", {"input": "{site}/packed-wrong"}, fails=("broken_answer", "cannot be unpacked")),
    Case("redirect to a private network", {"input": "{site}/private"}, forbids="hosts"),
    Case("redirect to the machine's cloud", {"input": "{site}/cloud"}, forbids="hosts"),
    Case("redirect to a file", {"input": "{site}/file"}, forbids="urls"),
    Case(
        "redirects without end", {"input": "{site}/loop"}, fails=("too_many_redirects", "more than 10 times")
    ),
    Case("credentials in the URL", {"input": "http://user:pass@127.0.0.1/"}, forbids="urls"),
]
OF_THE_WEB = FETCHING.keys() - {"html-to-markdown", "url-analyzer"}
"""Tools whose input is a URL of the web and nothing else."""
ANSWERS = {"http-requester", "api-tester", "url-analyzer"}
"""Tools to which a status of failure is an answer."""


@pytest.fixture(scope="module")
def site() -> Iterator[WebServer]:
    with web_server(PAGES) as server:
        yield server


@pytest.mark.parametrize("tool", FETCHING)
@each_case(FAILURES)
def test_failures_on_the_way(tool: str, case: Case, site: WebServer, tmp_path: Path) -> None:
    here = at(case, site.url)
    whole = Case(**{**_fields(here), "parameters": {**FETCHING[tool], **here.parameters}})
    check_case(tool, whole, tmp_path, web_context(tmp_path))


@pytest.mark.parametrize("tool", sorted(OF_THE_WEB))
def test_another_protocol(tool: str, tmp_path: Path) -> None:
    call = {**FETCHING[tool], "input": "ftp://example.com/"}
    words = "'ftp://example.com/' is no URL of the web; it has to begin with https://"
    check_case(tool, Case("", call, fails=("invalid_url", words)), tmp_path, web_context(tmp_path))


@pytest.mark.parametrize("tool", FETCHING)
def test_a_server_that_is_not_there(tool: str, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/"
    case = Case("", {**FETCHING[tool], "input": url}, fails=("unreachable", f"'{url}' cannot be reached"))
    check_case(tool, case, tmp_path, web_context(tmp_path))


@pytest.mark.parametrize("tool", sorted(FETCHING.keys() - ANSWERS))
@pytest.mark.parametrize(("path", "status"), [("/broken", "500"), ("/gone", "404")])
def test_a_status_of_failure(tool: str, path: str, status: str, site: WebServer, tmp_path: Path) -> None:
    code = "not_delivered" if tool == "webhook-caller" else "http_error"
    case = Case("", {**FETCHING[tool], "input": site.url + path}, fails=(code, f"answered {status}"))
    check_case(tool, case, tmp_path, web_context(tmp_path))


@pytest.mark.parametrize("tool", [*FETCHING, "robots-checker"])
def test_the_machine_itself_is_not_reached_unless_allowed(tool: str, site: WebServer, tmp_path: Path) -> None:
    before = len(site.asked)
    given = FETCHING.get(tool, {})
    context = ToolContext(tmp_path, permissions=Permissions(root=tmp_path))
    check_case(tool, Case("", {**given, "input": site.url}, forbids="hosts"), tmp_path, context)
    assert len(site.asked) == before


@pytest.mark.parametrize("tool", [*FETCHING, "robots-checker"])
def test_the_time_limit_of_all_tools_holds(tool: str, site: WebServer, tmp_path: Path) -> None:
    """The limit of the run, not the one of the call."""
    given = {**FETCHING.get(tool, {}), "input": f"{site.url}/silent"}
    if tool == "robots-checker":
        site.pages["/robots.txt"] = Page(is_silent=True)
    case = Case("", given, fails=("timeout", "it took longer than 0.2 s"))
    check_case(tool, case, tmp_path, web_context(tmp_path, seconds=0.2))


@pytest.mark.parametrize("tool", FETCHING)
@each_case(
    [
        Case("no input", {}, refused="'input' is missing"),
        Case("empty", {"input": ""}, refused="'input' must be at least 1 character long, but \"\" was given"),
        Case("no text", {"input": 3}, refused="'input' must be a string, but 3 was given"),
        Case(
            "no time",
            {"input": "http://x/", "timeout": 0},
            refused="'timeout' must be greater than 0, but 0 was given",
        ),
    ]
)
def test_wrong_parameters(tool: str, case: Case, tmp_path: Path) -> None:
    check_case(tool, case, tmp_path)


def _fields(case: Case) -> dict[str, Any]:
    return {name: getattr(case, name) for name in Case.__slots__}
