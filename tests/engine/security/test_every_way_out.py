"""Every tool that reaches a host asks for it once, and goes to the address that was allowed."""

from __future__ import annotations

import inspect
import re
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import anyio
import pytest
from llmspell_engine.security.permissions import Permissions, SecurityError
from llmspell_engine.tools.base import ToolContext, ToolError
from llmspell_engine.tools.registry import all_tools, tool_named
from support.security import permissions

WEB: dict[str, dict[str, Any]] = {
    "http-requester": {"input": "{url}"},
    "api-tester": {"input": "{url}"},
    "webhook-caller": {"input": "{url}", "max_retries": 0},
    "web-scraper": {"input": "{url}"},
    "webpage-monitor": {"input": "{url}"},
    "html-to-markdown": {"input": "{url}"},
    "rss-reader": {"input": "{url}"},
    "sitemap-crawler": {"input": "{url}"},
    "robots-checker": {"input": "{url}"},
    "url-analyzer": {"input": "{url}", "fetch_metadata": True},
    "graphql-query": {"endpoint": "{url}", "input": "{ a }"},
    "service-checker": {"target": "{url}", "check_type": "http"},
}
"""Tools that take a URL."""
DATABASES = ("postgresql", "mysql")
OTHERS = {
    "database-connector",
    "email-sender",
    "dns-lookup",
    "socket-listener",
    "webhook-listener",
    "web-searcher",
}
"""Tools that reach hosts otherwise: by an address of a database, of the configuration, of a name server, or
the own one. Each has tests of what it may reach beside its own."""
_REACHES = re.compile(
    r"\b(?:fetch|opened|http_client|on_server|checked_address|allowed_name|check_url|connected|sent)\(|permissions\.host\(|check_service|mail_transports|search_providers"
)
TRICKS = [
    "http://127.0.0.1:{port}/",
    "http://localhost:{port}/",
    "http://localhost.:{port}/",
    "http://LOCALHOST:{port}/",
    "http://2130706433:{port}/",
    "http://0x7f000001:{port}/",
    "http://0177.0.0.1:{port}/",
    "http://127.1:{port}/",
    "http://0.0.0.0:{port}/",
    "http://[::1]:{port}/",
    "http://[::ffff:127.0.0.1]:{port}/",
    "http://[::ffff:7f00:1]:{port}/",
    "http://[64:ff9b::127.0.0.1]:{port}/",
    "http://user@127.0.0.1:{port}/",
    "http://example.com@127.0.0.1:{port}/",
    "http://example.com%40127.0.0.1:{port}/",
    "http://%31%32%37.0.0.1:{port}/",
    "http://127\u30020\u30020\u30021:{port}/",
    "http://\uff11\uff12\uff17.0.0.1:{port}/",
    "http://\u2460\u2461\u2466.0.0.1:{port}/",
    "http://127.0.0.1\\@example.com:{port}/",
]
"""Ways to write this machine."""


@contextmanager
def listening() -> Iterator[tuple[int, list[str]]]:
    """A port of this machine, and who has come to it; nobody gets an answer."""
    came: list[str] = []
    server = socket.create_server(("127.0.0.1", 0))

    def take() -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            came.append(connection.getsockname()[0])
            connection.close()

    thread = threading.Thread(target=take, daemon=True)
    thread.start()
    try:
        yield server.getsockname()[1], came
    finally:
        server.shutdown(socket.SHUT_RDWR)
        server.close()
        thread.join(10)


@pytest.fixture(scope="module")
def machine() -> Iterator[tuple[int, list[str]]]:
    with listening() as found:
        yield found


def failure(name: str, given: dict[str, Any], allowed: Permissions, root: Path) -> str:
    """What a tool says that does not do what was asked, raised or told."""
    tool = tool_named(name)
    assert tool is not None
    try:
        done = anyio.run(tool.completed, given, ToolContext(root, permissions=allowed, seconds=10))
    except (SecurityError, ToolError) as error:
        return str(error)
    return done.error.message if done.error else str(done.model_dump(exclude_none=True))


def filled(given: dict[str, Any], url: str) -> dict[str, Any]:
    return {key: url if value == "{url}" else value for key, value in given.items()}


def database(dialect: str, host: str, port: int) -> dict[str, Any]:
    url = f"{dialect}://someone@{host}:{port}/db"
    return {"operation": "query", "query": "SELECT 1", "database": url, "timeout": 5}


@pytest.mark.parametrize("url", TRICKS)
@pytest.mark.parametrize("tool", WEB)
def test_no_tool_reaches_this_machine_however_it_is_written(
    tool: str, url: str, machine: tuple[int, list[str]], tmp_path: Path
) -> None:
    port, came = machine
    told = failure(
        tool, filled(WEB[tool], url.replace("{port}", str(port))), permissions(root=tmp_path), tmp_path
    )
    assert re.search(r"the profile 'medium' does not allow|is no URL", told), told
    assert came == []


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "0x7f.1", "[::1]", "[::ffff:127.0.0.1]", "2130706433"]
)
@pytest.mark.parametrize("dialect", DATABASES)
def test_no_database_of_this_machine_is_reached(
    dialect: str, host: str, machine: tuple[int, list[str]], tmp_path: Path
) -> None:
    port, came = machine
    told = failure("database-connector", database(dialect, host, port), permissions(root=tmp_path), tmp_path)
    assert "the profile 'medium' does not allow" in told
    assert came == []


def rebinding(monkeypatch: pytest.MonkeyPatch, name: str, answers: list[str]) -> list[str]:
    """Answer each look-up of a name with the next of the addresses; the result is what was answered."""
    answered: list[str] = []
    real = socket.getaddrinfo

    def find(host: Any, port: Any, *arguments: Any, **options: Any) -> Any:
        told = host.decode() if isinstance(host, bytes) else host
        if told == name:
            host = answers[min(len(answered), len(answers) - 1)]
            answered.append(host)
        return real(host, port, *arguments, **options)

    monkeypatch.setattr(socket, "getaddrinfo", find)
    return answered


NAME = "rebound.example.com"
CALLS: list[tuple[str, dict[str, Any]]] = [
    *((tool, filled(given, f"http://{NAME}:{{port}}/")) for tool, given in WEB.items()),
    ("service-checker", {"target": f"{NAME}:{{port}}", "check_type": "tcp"}),
    *(("database-connector", database(dialect, NAME, 0)) for dialect in DATABASES),
]


@pytest.mark.parametrize(("tool", "given"), CALLS, ids=[f"{name} {i}" for i, (name, _) in enumerate(CALLS)])
def test_a_name_that_leads_elsewhere_when_asked_again_is_not_asked_again(
    tool: str, given: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the first answer is one that may be reached, the second would lead to another address."""
    answered = rebinding(monkeypatch, NAME, ["127.0.0.1", "127.0.0.2"])
    with listening() as (port, came):
        here = {
            key: value.replace("{port}", str(port)).replace(":0/db", f":{port}/db")
            if isinstance(value, str)
            else value
            for key, value in given.items()
        }
        failure(tool, here, permissions(root=tmp_path, hosts=(NAME,)), tmp_path)
    assert set(came) == {"127.0.0.1"}, (came, answered)
    assert len(answered) == len(came), "each connection is to the address of a look-up of its own"
    assert "127.0.0.2" not in answered


@pytest.mark.parametrize(("tool", "given"), CALLS, ids=[f"{name} {i}" for i, (name, _) in enumerate(CALLS)])
def test_a_name_that_leads_to_this_machine_too_is_not_reached(
    tool: str,
    given: dict[str, Any],
    machine: tuple[int, list[str]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rebinding(monkeypatch, NAME, ["127.0.0.1"])
    port, came = machine
    here = {
        key: value.replace("{port}", str(port)).replace(":0/db", f":{port}/db")
        if isinstance(value, str)
        else value
        for key, value in given.items()
    }
    told = failure(tool, here, permissions(root=tmp_path), tmp_path)
    assert f"the host '{NAME}' at 127.0.0.1, an address of a private network" in told
    assert came == []


def test_every_tool_that_reaches_hosts_is_in_these_tables() -> None:
    reaching = {
        tool.name
        for tool in all_tools()
        if _REACHES.search(inspect.getsource(sys.modules[type(tool).__module__]))
    }
    assert reaching - {"file-watcher"} == {*WEB, *OTHERS}
