"""Requests over HTTP, tests of interfaces, and messages to webhooks."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from llmspell_engine.tools.base import ToolError
from support.tools import Case, check_case, each_case, run_tool
from support.web_server import Asked, Page, WebServer, at, page, paths, to, web_context, web_server

HTTP, TEST, CALL = "http-requester", "api-tester", "webhook-caller"
FIG = {"name": "fig", "price": 3}
PAGES: dict[str, Page | list[Page]] = {
    "/fig": page(FIG, X_Stock="7"),
    "/made": page({"id": 1}, 201),
    "/text": Page("a fig", headers={"Content-Type": "text/plain"}),
    "/bytes": Page(b"\x00\xff", headers={"Content-Type": "application/octet-stream"}),
    "/wrong-json": Page("{no", headers={"Content-Type": "application/json"}),
    "/none": Page(status=204),
    "/refused": page({"error": "no such fig"}, 422),
    "/moved": to("/fig", 307),
}
REQUESTS = [
    Case(
        "JSON",
        {"input": "{site}/fig"},
        gives={
            "status_code": 200,
            "ok": True,
            "body": FIG,
            "encoding": "json",
            "url": "{site}/fig",
            "attempts": 1,
        },
        text='{"name": "fig", "price": 3}',
    ),
    Case("its older name", {"url": "{site}/text"}, gives={"body": "a fig", "encoding": "text"}, text="a fig"),
    Case("bytes", {"input": "{site}/bytes"}, gives={"body": "AP8=", "encoding": "base64"}),
    Case(
        "what says that it is JSON", {"input": "{site}/wrong-json"}, gives={"body": "{no", "encoding": "text"}
    ),
    Case("nothing", {"input": "{site}/none", "method": "DELETE"}, gives={"status_code": 204, "body": ""}),
    Case("no body", {"input": "{site}/fig", "method": "HEAD"}, gives={"status_code": 200, "body": ""}),
    Case(
        "a status of failure is an answer",
        {"input": "{site}/refused", "method": "POST", "body": {}},
        gives={"status_code": 422, "ok": False, "body": {"error": "no such fig"}},
    ),
    Case("a redirect", {"input": "{site}/moved"}, gives={"status_code": 200, "url": "{site}/fig"}),
    Case(
        "a redirect that is not followed",
        {"input": "{site}/moved", "follow_redirects": False},
        gives={"status_code": 307, "url": "{site}/moved"},
    ),
    Case(
        "no name",
        {"input": "{site}/fig", "auth": {"type": "basic"}},
        fails=("invalid_input", "'auth.username' is missing; 'auth.type' is \"basic\""),
    ),
    Case(
        "no token",
        {"input": "{site}/fig", "auth": {"type": "Bearer"}},
        fails=("invalid_input", "'auth.token' is missing"),
    ),
    Case(
        "a header with a line end",
        {"input": "{site}/fig", "headers": {"X-A": "b\r\nX-C: d"}},
        fails=("invalid_input", "cannot be asked so"),
    ),
    Case(
        "a header that is no text",
        {"input": "{site}/fig", "headers": {"X-Ä": "b"}},
        fails=("invalid_input", "cannot be asked so"),
    ),
    Case(
        "a table in the query",
        {"input": "{site}/fig", "query": {"a": {"b": 1}}},
        fails=("invalid_input", "'query.a' has to be a plain value"),
    ),
    Case(
        "what JSON has no word for",
        {"input": "{site}/fig", "method": "POST", "body": {"a": float("nan")}},
        fails=("invalid_input", "cannot be written as JSON"),
    ),
    Case(
        "no such method",
        {"input": "http://x", "method": "get"},
        refused='\'method\' must be one of "GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", '
        'but "get" was given',
    ),
    Case(
        "wrong header",
        {"input": "http://x", "headers": {"A": 1}},
        refused="'headers.A' must be a string, but 1 was given",
    ),
    Case(
        "wrong kind of auth",
        {"input": "http://x", "auth": {"kind": "basic"}},
        refused="there is no 'auth.kind'; there is type, username, password, token, key, header, headers; "
        "'auth.type' is missing",
    ),
    Case(
        "too many attempts",
        {"input": "http://x", "retry": {"max_attempts": 11}},
        refused="'retry.max_attempts' must be at most 10, but 11 was given",
    ),
]
TESTS = [
    Case(
        "right",
        {
            "input": "{site}/fig",
            "expected_status": 200,
            "expected_headers": {"X-Stock": "7"},
            "expected_body": {"required": ["price"]},
            "max_response_ms": 20_000,
        },
        gives={
            "passed": True,
            "failures": [],
            "method": "GET",
            "status_code": 200,
            "status_text": "OK",
            "body": FIG,
            "size": 27,
            "content_type": "application/json",
        },
    ),
    Case(
        "all wrong",
        {
            "url": "{site}/refused",
            "method": "PUT",
            "body": "x",
            "expected_headers": {"X-Stock": "7"},
            "expected_body": {"properties": {"error": {"type": "number"}}, "required": ["id"]},
        },
        gives={
            "passed": False,
            "failures": [
                "the status is 422 and not one of success",
                "the header 'X-Stock' is None and not '7'",
                "the body at $: 'id' is a required property",
                "the body at $.error: 'no such fig' is not of type 'number'",
            ],
        },
    ),
    Case(
        "not JSON",
        {"input": "{site}/text", "expected_body": {}, "expected_status": 201},
        gives={"failures": ["the status is 200 and not 201", "the body is not JSON"]},
    ),
    Case(
        "a failure that is expected",
        {"input": "{site}/refused", "expected_status": 422},
        gives={"passed": True},
    ),
    Case(
        "no schema",
        {"input": "{site}/fig", "expected_body": {"type": "fig"}},
        fails=("invalid_schema", "'expected_body' is no JSON Schema"),
    ),
    Case(
        "no status",
        {"input": "http://x", "expected_status": 42},
        refused="'expected_status' must be at least 100, but 42 was given",
    ),
    Case(
        "wrong schema",
        {"input": "http://x", "expected_body": "object"},
        refused="'expected_body' must be a table, but \"object\" was given",
    ),
]
CALLS = [
    Case(
        "delivered",
        {"input": "{site}/made", "payload": {"a": 1}},
        gives={"status_code": 201, "attempts": 1, "response": {"id": 1}},
    ),
    Case("nothing to say", {"url": "{site}/none"}, gives={"status_code": 204, "response": ""}),
    Case(
        "refused for good",
        {"input": "{site}/refused", "retry_delay_ms": 0},
        fails=("not_delivered", "took it in none of 1 attempt: it answered 422"),
    ),
    Case(
        "no such method",
        {"input": "http://x", "method": "GET"},
        refused='\'method\' must be "POST" or "PUT" or "PATCH", but "GET" was given',
    ),
    Case(
        "too many retries",
        {"input": "http://x", "max_retries": 11},
        refused="'max_retries' must be at most 10, but 11 was given",
    ),
    Case(
        "an empty secret",
        {"input": "http://x", "secret": ""},
        refused="'secret' must be at least 1 character long, but \"\" was given",
    ),
]


@pytest.fixture(scope="module")
def site() -> Iterator[WebServer]:
    with web_server(PAGES) as server:
        yield server


@each_case(REQUESTS)
def test_requests(case: Case, site: WebServer, tmp_path: Path) -> None:
    check_case(HTTP, at(case, site.url), tmp_path, web_context(tmp_path))


@each_case(TESTS)
def test_interfaces(case: Case, site: WebServer, tmp_path: Path) -> None:
    check_case(TEST, at(case, site.url), tmp_path, web_context(tmp_path))


@each_case(CALLS)
def test_webhooks(case: Case, site: WebServer, tmp_path: Path) -> None:
    check_case(CALL, at(case, site.url), tmp_path, web_context(tmp_path))


def _asked(tool: str, parameters: dict[str, Any], root: Path) -> Asked:
    with web_server({"/": page({})}) as site:
        run_tool(tool, {"input": f"{site.url}/?b=2", **parameters}, context=web_context(root))
        return site.asked[0]


BASIC = base64.b64encode(b"ann:pw").decode()


@pytest.mark.parametrize(
    ("auth", "header", "value"),
    [
        ({"type": "basic", "username": "ann", "password": "pw"}, "authorization", f"Basic {BASIC}"),
        ({"type": "Bearer", "token": "t"}, "authorization", "Bearer t"),
        ({"type": "ApiKey", "key": "k"}, "x-api-key", "k"),
        ({"type": "api_key", "key": "k", "header": "X-Fig"}, "x-fig", "k"),
        ({"type": "Custom", "headers": {"X-One": "1"}}, "x-one", "1"),
        ({"type": "None"}, "authorization", None),
    ],
)
def test_who_asks(auth: dict[str, Any], header: str, value: str | None, tmp_path: Path) -> None:
    assert _asked(HTTP, {"auth": auth}, tmp_path).headers.get(header) == value


@pytest.mark.parametrize(
    ("body", "kind", "sent"),
    [
        ({"a": "ü"}, "application/json", '{"a": "ü"}'),
        ([1, 2], "application/json", "[1, 2]"),
        ("plain", "text/plain; charset=utf-8", "plain"),
    ],
)
def test_what_is_sent(body: Any, kind: str, sent: str, tmp_path: Path) -> None:
    asked = _asked(HTTP, {"method": "POST", "body": body, "query": {"a": [1, 2], "c": "ä"}}, tmp_path)
    assert (asked.method, asked.headers["content-type"], asked.body.decode()) == ("POST", kind, sent)
    assert asked.path == "/?b=2&a=1&a=2&c=%C3%A4"
    assert asked.headers["user-agent"].startswith("llmspell/")
    given = {"method": "PUT", "body": body, "headers": {"content-type": "x/y"}}
    assert _asked(HTTP, given, tmp_path).headers["content-type"] == "x/y"


@pytest.mark.parametrize(
    ("method", "call"),
    [
        ("http-requester", {"retry": {"max_attempts": 3, "delay_ms": 1}}),
        ("webhook-caller", {"retry_delay_ms": 1}),
    ],
)
def test_what_may_pass_is_tried_again(method: str, call: dict[str, Any], tmp_path: Path) -> None:
    busy = Page("busy", 503, {"Retry-After": "0"})
    with web_server({"/": [busy, Page("half", promised=100), page("fine")]}) as site:
        done: Any = run_tool(method, {"input": f"{site.url}/", **call}, context=web_context(tmp_path)).result
    assert (done.status_code, done.attempts, len(site.asked)) == (200, 3, 3)


def test_what_does_not_pass_is_told_after_the_last_attempt(tmp_path: Path) -> None:
    with web_server({"/": Page("busy", 503), "/cut": Page("", promised=9)}) as site:
        context = web_context(tmp_path)
        call = {"input": f"{site.url}/", "max_retries": 2, "retry_delay_ms": 1}
        with pytest.raises(ToolError) as failed:
            run_tool(CALL, call, context=context)
        assert failed.value.details == {"status_code": 503, "attempts": 3, "body": "busy"}
        retry = {"max_attempts": 2, "delay_ms": 1, "statuses": [418]}
        done: Any = run_tool(HTTP, {"input": f"{site.url}/", "retry": retry}, context=context).result
        assert (done.status_code, done.attempts) == (503, 1)
        with pytest.raises(ToolError) as failed:
            run_tool(HTTP, {"input": f"{site.url}/cut", "retry": retry}, context=context)
        assert failed.value.code == "broken_answer"
    assert paths(site) == ["/", "/", "/", "/", "/cut", "/cut"]


def test_keys_stay_with_the_server_they_are_for(tmp_path: Path) -> None:
    """A redirect to another origin is followed without the headers that may hold keys."""
    with web_server({"/": page({}), "/same": page({})}) as other, web_server({}) as first:
        first.pages |= {"/away": to(f"{other.url}/", 307), "/same": to("/end"), "/end": page({})}
        auth = {
            "auth": {"type": "api_key", "key": "secret"},
            "headers": {"Accept": "x/y", "Authorization": "z"},
        }
        context = web_context(tmp_path)
        for path in ("/away", "/same"):
            call = {"input": first.url + path, "method": "POST", "body": {"a": 1}, **auth}
            run_tool(HTTP, call, context=context)
    assert other.asked[0].json == {"a": 1}
    assert other.asked[0].headers["accept"] == "x/y"
    assert not other.asked[0].headers.keys() & {"x-api-key", "authorization"}
    assert first.asked[-1].headers["x-api-key"] == "secret"


def test_webhooks_are_signed(tmp_path: Path) -> None:
    asked = _asked(CALL, {"payload": {"a": "ü"}, "secret": "s3"}, tmp_path)
    assert json.loads(asked.body) == {"a": "ü"}
    expected = hmac.new(b"s3", asked.body, hashlib.sha256).hexdigest()
    assert asked.headers["x-hub-signature-256"] == f"sha256={expected}"
    other = _asked(CALL, {"secret": "s3", "signature_header": "X-Sig", "method": "PUT"}, tmp_path)
    assert (other.method, other.headers["x-sig"][:7]) == ("PUT", "sha256=")
