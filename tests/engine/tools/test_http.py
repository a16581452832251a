"""What all tools that fetch share: how an answer is read, how far, and where a request may go."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
from llmspell_engine.tools.base import ToolError
from llmspell_engine.tools.http import Ask, Fetched, checked_url, fetch, told_as_tool_errors
from support.web_server import Page, paths, to, web_context, web_server


def fetched(path: str, root: Path, pages: dict[str, Page], *, largest: int = 100, **asked: Any) -> Fetched:
    """What a server answers to a request."""

    async def go() -> Fetched:
        return await fetch(web_context(root), Ask(server.url + path, **asked), largest=largest)

    with web_server(dict(pages)) as server:
        return anyio.run(go)


def answer(content: bytes = b"", content_type: str = "", status: int = 200, reason: str = "") -> Fetched:
    return Fetched("u", status, reason, {"content-type": content_type}, content, 1, 0, "'u'")


@pytest.mark.parametrize(
    ("content_type", "content", "read", "is_text"),
    [
        ("", b"a", ("", None, "a"), True),
        ("Text/HTML ; charset=latin-1", b"\xe4", ("text/html", "latin-1", "ä"), True),
        ('text/plain; charset="UTF-16"', "ä".encode("utf-16"), ("text/plain", "UTF-16", "ä"), True),
        ("text/plain; charset=none-such", b"\xc3\xa4", ("text/plain", None, "ä"), True),
        # An encoding of Python that makes no text is none.
        ("text/plain; charset=base64", b"YQ==", ("text/plain", None, "YQ=="), True),
        ("text/plain; charset=idna", b"\xc3\xa4", ("text/plain", None, "ä"), True),
        ("text/plain", b"\xef\xbb\xbfa", ("text/plain", None, "a"), True),
        ("text/plain", b"a\xff", ("text/plain", None, "a\ufffd"), False),
        ("text/plain; charset=ascii", b"a\xff", ("text/plain", "ascii", "a\ufffd"), False),
        ("image/png", b"a\0", ("image/png", None, "a\0"), False),
    ],
)
def test_an_answer_is_read_in_its_encoding(
    content_type: str, content: bytes, read: tuple[str, str | None, str], is_text: bool
) -> None:
    found = answer(content, content_type)
    assert (found.media_type, found.charset, found.text) == read
    assert found.is_text is is_text


@pytest.mark.parametrize(
    ("status", "ok"), [(199, False), (200, True), (299, True), (300, False), (404, False)]
)
def test_what_is_a_success(status: int, ok: bool) -> None:
    found = answer(b"x" * 2000, status=status, reason="Odd")
    assert found.ok is ok
    if ok:
        assert found.require_ok() is found
        return
    with pytest.raises(ToolError, match=f"^'u' answered {status} Odd$") as caught:
        found.require_ok()
    assert caught.value.code == "http_error"
    assert caught.value.details == {"status_code": status, "body": "x" * 1000}


def test_json_that_is_none_is_told() -> None:
    assert answer(b'{"a": [1]}').json() == {"a": [1]}
    for content in (b"{no", b"\xff"):
        with pytest.raises(ToolError, match=r"^the answer of 'u' is not JSON: ") as caught:
            answer(content).json()
        assert caught.value.code == "invalid_json"
    with pytest.raises(ToolError, match=r"^the answer of 'u' is nested too deeply$") as caught:
        answer(b"[" * 100_000).json()
    assert caught.value.code == "too_large"


@pytest.mark.parametrize(
    ("length", "largest", "told"),
    [
        (100, 100, None),
        (101, 100, "is larger than 100 bytes"),
        (1024 * 1024, 1024 * 1024 - 1, "is larger than 1048575 bytes"),
        (1024 * 1024 + 1, 1024 * 1024, "is larger than 1 MiB"),
        (2 * 1024 * 1024 + 1, 2 * 1024 * 1024, "is larger than 2 MiB"),
    ],
)
def test_no_more_is_read_than_may_be(length: int, largest: int, told: str | None, tmp_path: Path) -> None:
    pages = {"/": Page(b"x" * length)}
    if told is None:
        assert fetched("/", tmp_path, pages, largest=largest).content == b"x" * length
        return
    with pytest.raises(ToolError) as caught:
        fetched("/", tmp_path, pages, largest=largest)
    assert caught.value.code == "too_large"
    assert told in str(caught.value)


def chain(length: int) -> dict[str, Page]:
    """Redirects one after another, and what they lead to."""
    return {f"/{at}": to(f"/{at + 1}") for at in range(length)} | {f"/{length}": Page("there")}


def test_ten_redirects_are_followed_and_no_more(tmp_path: Path) -> None:
    found = fetched("/0", tmp_path, chain(10))
    assert (found.text, found.redirects) == ("there", 10)
    assert found.url.endswith("/10")
    assert found.told == f"'{found.url}'"
    with pytest.raises(ToolError, match="is redirected more than 10 times") as caught:
        fetched("/0", tmp_path, chain(11))
    assert caught.value.code == "too_many_redirects"


def test_a_redirect_that_is_not_wanted_is_the_answer(tmp_path: Path) -> None:
    found = fetched("/0", tmp_path, chain(1), follow_redirects=False)
    assert (found.status, found.redirects, found.headers["location"]) == (302, 0, "/1")


@pytest.mark.parametrize(("status", "method", "body"), [(303, "GET", b""), (307, "POST", b"fig")])
def test_a_redirect_says_whether_the_body_goes_along(
    status: int, method: str, body: bytes, tmp_path: Path
) -> None:
    async def go(url: str) -> None:
        headers = {"X-Key": "k", "Content-Type": "text/fig"}
        await fetch(web_context(tmp_path), Ask(url, "POST", headers, b"fig"))

    with web_server({"/a": to("/b", status), "/b": Page("")}) as server:
        anyio.run(go, f"{server.url}/a")
    assert paths(server) == ["/a", "/b"]
    assert (server.asked[1].method, server.asked[1].body) == (method, body)
    # The same server may see the key again.
    assert server.asked[1].headers["x-key"] == "k"


def test_a_key_in_a_url_is_in_no_error(tmp_path: Path) -> None:
    pages = {"/": Page("no", 403), "/silent": Page(is_silent=True), "/cut": Page("a", promised=9)}
    found = fetched("/?key=secret", tmp_path, pages, named="the shop")
    with pytest.raises(ToolError, match=r"^the shop answered 403 Forbidden$"):
        found.require_ok()
    for path, seconds, told in (
        ("/silent", 0.2, "the shop did not answer within 0.2 s"),
        ("/cut", 30, "the answer of the shop broke off"),
    ):
        with pytest.raises(ToolError) as caught:
            fetched(f"{path}?key=secret", tmp_path, pages, named="the shop", seconds=seconds)
        assert told in str(caught.value)
        assert "secret" not in str(caught.value)


def test_time_counts_all_redirects_together(tmp_path: Path) -> None:
    """The last of them does not answer; the limit is that of the whole request."""
    pages = {**chain(2), "/2": Page(is_silent=True)}
    with pytest.raises(ToolError, match=r"/0' did not answer within 0\.3 s") as caught:
        fetched("/0", tmp_path, pages, seconds=0.3)
    assert caught.value.code == "timeout"


@pytest.mark.parametrize("given", ["https://x", "HTTP://x/a?b#c", "http://[::1]:80/"])
def test_what_is_a_url_of_the_web(given: str) -> None:
    assert checked_url(given).host


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("ftp://x/", "'ftp://x/' is no URL of the web; it has to begin with https://"),
        ("x", "'x' is no URL of the web"),
        ("", "'' is no URL of the web"),
        ("http://", "'http://' is no URL of the web"),
        ("https:///a", "'https:///a' is no URL of the web"),
        ("http://x:port/", "'http://x:port/' is no URL: "),
        ("http://x/\n", "is no URL: "),
    ],
)
def test_what_is_no_url_of_the_web(given: str, told: str) -> None:
    with pytest.raises(ToolError) as caught:
        checked_url(given)
    assert caught.value.code == "invalid_url"
    assert told in str(caught.value)


@pytest.mark.parametrize(
    ("error", "code", "told"),
    [
        (httpx.ConnectError("no route"), "unreachable", "u cannot be reached: no route"),
        (httpx.UnsupportedProtocol("odd"), "invalid_input", "u cannot be asked so: odd"),
        (httpx.LocalProtocolError("odd"), "invalid_input", "u cannot be asked so: odd"),
        (httpx.DecodingError("torn"), "broken_answer", "the answer of u cannot be unpacked: torn"),
        (httpx.ReadError("gone"), "broken_answer", "the answer of u broke off: gone"),
        # Some errors of connections have no words of their own.
        (httpx.ReadError(""), "broken_answer", "the answer of u broke off: ReadError"),
        (httpx.InvalidURL("odd"), "invalid_input", "u cannot be asked so: odd"),
        (TypeError("odd"), "invalid_input", "u cannot be asked so: odd"),
    ],
)
def test_failures_of_a_connection_are_sentences(error: Exception, code: str, told: str) -> None:
    with pytest.raises(ToolError) as caught, told_as_tool_errors("u"):
        raise error
    assert (caught.value.code, str(caught.value)) == (code, told)
