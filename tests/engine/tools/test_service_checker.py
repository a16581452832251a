"""Whether services answer."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from llmspell_engine.security.permissions import Permissions
from llmspell_engine.tools.base import ToolContext
from support.tools import Case, check_case, each_case, run_tool
from support.web_server import Page, WebServer, at, html, to, web_context, web_server

TOOL = "service-checker"
PAGES: dict[str, Page | list[Page]] = {
    "/": html("fine"),
    "/broken": html("no", 503),
    "/moved": to("/"),
    "/silent": Page(is_silent=True),
    "/cut": Page("x", promised=9),
    "/away": to("http://10.0.0.1/"),
}
UP = {"available": True, "error": None}
CASES = [
    Case(
        "a page",
        {"target": "{site}/moved", "check_type": "http"},
        gives={
            **UP,
            "status": "200",
            "target": "{site}/moved",
            "check_type": "http",
            "metadata": {"status_code": 200, "url": "{site}/", "redirects": 1},
            "timeout_seconds": 5.0,
        },
        text="available",
    ),
    Case(
        "a page that is not there",
        {"target": "{site}/no", "check_type": "http"},
        gives={**UP, "status": "404"},
    ),
    Case(
        "a server that is broken",
        {"target": "{site}/broken", "check_type": "http"},
        gives={"available": False, "status": "503", "error": None},
        text="unavailable",
    ),
    Case("a port", {"target": "{host}", "check_type": "tcp"}, gives={**UP, "status": "up"}),
    Case(
        "a name",
        {"target": "127.0.0.1", "check_type": "dns"},
        gives={**UP, "metadata": {"addresses": ["127.0.0.1"]}},
    ),
    Case(
        "silent",
        {"target": "{site}/silent", "check_type": "http", "timeout_seconds": 0.2},
        gives={
            "available": False,
            "status": "down",
            "error": "'{site}/silent' did not answer within 0.2 s",
        },
    ),
    Case(
        "an answer that is cut off",
        {"target": "{site}/cut", "check_type": "http"},
        gives={"available": False, "status": "down"},
    ),
    Case("no encryption there", {"target": "{host}", "check_type": "https"}, gives={"available": False}),
    Case("a redirect to a private network", {"target": "{site}/away", "check_type": "http"}, forbids="hosts"),
    Case("a private network", {"target": "10.0.0.1:80", "check_type": "tcp"}, forbids="hosts"),
    Case(
        "no port", {"target": "127.0.0.1", "check_type": "tcp"}, fails=("invalid_input", "give 'host:port'")
    ),
    Case("a path", {"target": "127.0.0.1:1/a", "check_type": "tcp"}, fails=("invalid_input", "host:port")),
    Case(
        "another protocol",
        {"target": "https://127.0.0.1/", "check_type": "http"},
        fails=("invalid_input", "is not of 'http'"),
    ),
    Case("no target", {"check_type": "tcp"}, refused="'target' is missing"),
    Case("no kind", {"target": "x"}, refused="'check_type' is missing"),
    Case(
        "no such kind",
        {"target": "x", "check_type": "icmp"},
        refused='\'check_type\' must be one of "tcp", "http", "https", "dns", but "icmp" was given',
    ),
    Case(
        "no time",
        {"target": "x", "check_type": "tcp", "timeout_seconds": 0},
        refused="'timeout_seconds' must be greater than 0, but 0 was given",
    ),
]


@pytest.fixture(scope="module")
def site() -> Iterator[WebServer]:
    with web_server(PAGES) as server:
        yield server


@each_case(CASES)
def test_services(case: Case, site: WebServer, tmp_path: Path) -> None:
    here = at(case, site.url)
    if here.parameters.get("target") == "{host}":
        here.parameters["target"] = site.url.removeprefix("http://")
    check_case(TOOL, here, tmp_path, web_context(tmp_path))


def test_a_port_that_nobody_listens_at(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        place = f"127.0.0.1:{taken.getsockname()[1]}"
    for kind in ("tcp", "http"):
        found: Any = run_tool(
            TOOL, {"target": place, "check_type": kind}, context=web_context(tmp_path)
        ).result
        assert (found.available, found.status) == (False, "down")
        assert place in found.error


def test_a_name_that_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere(*_: Any, **__: Any) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    monkeypatch.setattr(socket, "getaddrinfo", nowhere)
    context = ToolContext(tmp_path, permissions=Permissions(root=tmp_path))
    for kind, target in (("dns", "fig.test"), ("tcp", "fig.test:80"), ("http", "fig.test")):
        found: Any = run_tool(TOOL, {"target": target, "check_type": kind}, context=context).result
        assert (found.available, found.status) == (False, "down")
        assert "cannot be found" in found.error
