"""Asking in GraphQL."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.tools import Case, check_case, each_case, run_tool
from support.web_server import Page, WebServer, at, page, web_context, web_server

TOOL = "graphql-query"


def events(*parts: str, promised: int | None = None) -> Page:
    return Page("".join(parts), headers={"Content-Type": "text/event-stream"}, promised=promised)


def told(value: Any, name: str = "next") -> str:
    return f"event: {name}\ndata: {json.dumps(value)}\n\n"


PAGES: dict[str, Page | list[Page]] = {
    "/": page({"data": {"hero": {"name": "R2"}}}),
    "/partly": page({"data": {"a": 1}, "errors": [{"message": "no b", "path": ["b"]}]}),
    "/refused": page({"errors": [{"message": "no field x"}, {"message": "nor y"}]}, 400),
    "/schema": page({"data": {"__schema": {"queryType": {"name": "Query"}}}}),
    "/other": page([1, 2]),
    "/html": Page("<html>", headers={"Content-Type": "text/html"}),
    "/down": Page("down", 503),
    "/cut": Page('{"data": ', headers={"Content-Type": "application/json"}, promised=99),
    "/half": Page('{"data": ', headers={"Content-Type": "application/json"}),
    "/events": events(
        ": hello\n\n", told({"data": {"n": 1}}), told({"data": {"n": 2}}), "event: complete\n\n"
    ),
    "/events-wrong": events("event: next\ndata: {no\n\n"),
    "/events-other": events(told([1])),
    "/events-refused": events(told({"errors": [{"message": "no such stream"}]})),
    "/events-cut": events(told({"data": {"n": 1}}), promised=1000),
    "/silent": Page(is_silent=True),
}
ASK = {"input": "{ hero { name } }"}
LISTEN = {"operation": "subscription", "input": "subscription { n }"}
CASES = [
    Case(
        "a query",
        {**ASK, "endpoint": "{site}/"},
        gives={
            "operation": "query",
            "endpoint": "{site}/",
            "result": {"hero": {"name": "R2"}},
            "errors": None,
        },
    ),
    Case("its older name", {"query": "{ hero }", "endpoint": "{site}/"}, gives={"operation": "query"}),
    Case(
        "a mutation",
        {"operation": "mutation", "input": "mutation { x }", "endpoint": "{site}/"},
        gives={"operation": "mutation"},
    ),
    Case(
        "partly",
        {**ASK, "endpoint": "{site}/partly"},
        gives={"result": {"a": 1}, "errors": [{"message": "no b", "path": ["b"]}]},
    ),
    Case(
        "the schema",
        {"operation": "introspection", "endpoint": "{site}/schema"},
        gives={"result": {"queryType": {"name": "Query"}}},
    ),
    Case(
        "events",
        {**LISTEN, "endpoint": "{site}/events"},
        gives={"result": [{"n": 1}, {"n": 2}], "operation": "subscription"},
    ),
    Case("one event", {**LISTEN, "endpoint": "{site}/events", "max_events": 1}, gives={"result": [{"n": 1}]}),
    Case("refused", {**ASK, "endpoint": "{site}/refused"}, fails=("graphql_error", "no field x; nor y")),
    Case("something else", {**ASK, "endpoint": "{site}/other"}, fails=("broken_answer", "as GraphQL does")),
    Case("a page", {**ASK, "endpoint": "{site}/html"}, fails=("invalid_json", "is not JSON")),
    Case("down", {**ASK, "endpoint": "{site}/down"}, fails=("http_error", "answered 503")),
    Case("cut off", {**ASK, "endpoint": "{site}/cut"}, fails=("broken_answer", "broke off")),
    Case("half", {**ASK, "endpoint": "{site}/half"}, fails=("invalid_json", "is not JSON")),
    Case("silent", {**ASK, "endpoint": "{site}/silent", "timeout": 0.2}, fails=("timeout", "within 0.2 s")),
    Case("no events", {**LISTEN, "endpoint": "{site}/"}, fails=("unsupported", "no stream of events")),
    Case("wrong events", {**LISTEN, "endpoint": "{site}/events-wrong"}, fails=("invalid_json", "not JSON")),
    Case(
        "other events",
        {**LISTEN, "endpoint": "{site}/events-other"},
        fails=("broken_answer", "not of GraphQL"),
    ),
    Case(
        "refused events",
        {**LISTEN, "endpoint": "{site}/events-refused"},
        fails=("graphql_error", "no such stream"),
    ),
    Case("events cut off", {**LISTEN, "endpoint": "{site}/events-cut"}, fails=("broken_answer", "broke off")),
    Case("a private network", {**ASK, "endpoint": "http://10.0.0.1/"}, forbids="hosts"),
    Case("no URL", {**ASK, "endpoint": "here"}, fails=("invalid_url", "'here' is no URL of the web")),
    Case("no endpoint", {**ASK}, refused="'endpoint' is missing"),
    Case(
        "no document", {"endpoint": "http://x"}, refused="'input' is missing; the operation 'query' needs it"
    ),
    Case(
        "wrong variables",
        {**ASK, "endpoint": "http://x", "variables": "a"},
        refused="'variables' must be a table, but \"a\" was given",
    ),
    Case(
        "no such operation",
        {**ASK, "endpoint": "http://x", "operation": "delete"},
        refused='\'operation\' must be one of "query", "mutation", "subscription", "introspection", '
        'but "delete" was given',
    ),
]


@pytest.fixture(scope="module")
def site() -> Iterator[WebServer]:
    with web_server(PAGES) as server:
        yield server


@each_case(CASES)
def test_graphql(case: Case, site: WebServer, tmp_path: Path) -> None:
    check_case(TOOL, at(case, site.url), tmp_path, web_context(tmp_path))


def test_what_is_sent(tmp_path: Path) -> None:
    call = {**ASK, "variables": {"a": 1}, "operation_name": "Q", "headers": {"X-Key": "k"}}
    with web_server(PAGES) as site:
        run_tool(TOOL, {**call, "endpoint": f"{site.url}/"}, context=web_context(tmp_path))
        schema = {"operation": "introspection", "endpoint": f"{site.url}/schema"}
        run_tool(TOOL, schema, context=web_context(tmp_path))
    asked, introspection = site.asked
    assert asked.json == {"query": ASK["input"], "variables": {"a": 1}, "operationName": "Q"}
    assert (asked.method, asked.headers["x-key"]) == ("POST", "k")
    query = introspection.json["query"]
    assert query.count("{") == query.count("}")
    assert "__schema" in query


def test_events_that_came_before_the_time_was_over_are_given(tmp_path: Path) -> None:
    import socket
    import threading

    with socket.create_server(("127.0.0.1", 0)) as server:
        head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"
        over = threading.Event()

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(65536)
                connection.sendall((head + told({"data": {"n": 1}})).encode())
                over.wait(20)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            endpoint = f"http://127.0.0.1:{server.getsockname()[1]}/"
            call = {**LISTEN, "endpoint": endpoint, "timeout": 1}
            done: Any = run_tool(TOOL, call, context=web_context(tmp_path)).result
        finally:
            over.set()
            thread.join(10)
    assert done.result == [{"n": 1}]
