"""Which hosts may be reached, whatever way a URL takes to say them."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import anyio
import pytest
from llmspell_engine.security.permissions import Permissions, SecurityError, http_client
from support.security import permissions


def looked_up(monkeypatch: pytest.MonkeyPatch, names: dict[str, list[str]]) -> list[str]:
    """Answer look-ups of names from a table; the result is what was asked for, in order."""
    asked: list[str] = []

    async def find(host: str, port: int, **_: Any) -> list[Any]:
        asked.append(host)
        if host not in names:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in names[host]]

    monkeypatch.setattr(anyio, "getaddrinfo", find)
    return asked


NAMES = {
    "example.com": ["93.184.215.14"],
    "api.example.com": ["93.184.215.15"],
    "inside.example.com": ["10.0.0.7"],
    "mixed.example.com": ["93.184.215.14", "127.0.0.1"],
    "metadata.example.com": ["169.254.169.254"],
    "localhost": ["127.0.0.1"],
    "xn--bcher-kva.example": ["93.184.215.14"],
}
PRIVATE = "an address of a private network"
CLOUD = "a service of the machine's own network"
UNUSUAL = "an address in an unusual form"
REFUSED = [
    ("http://127.0.0.1/", PRIVATE),
    ("http://localhost/", PRIVATE),
    ("http://LOCALHOST./", PRIVATE),
    ("http://10.1.2.3/", PRIVATE),
    ("http://192.168.1.1/", PRIVATE),
    ("http://172.16.0.1/", PRIVATE),
    ("http://100.64.0.1/", PRIVATE),
    ("http://0.0.0.0/", PRIVATE),
    ("http://224.0.0.1/", PRIVATE),
    ("http://255.255.255.255/", PRIVATE),
    ("http://[::1]/", PRIVATE),
    ("http://[::]/", PRIVATE),
    ("http://[fc00::1]/", PRIVATE),
    ("http://[::ffff:127.0.0.1]/", PRIVATE),
    ("http://[::ffff:7f00:1]/", PRIVATE),
    ("http://[64:ff9b::7f00:1]/", PRIVATE),
    ("http://[2002:7f00:1::]/", PRIVATE),
    ("http://169.254.169.254/latest/meta-data/", CLOUD),
    ("http://[::ffff:169.254.169.254]/", CLOUD),
    ("http://[fe80::1]/", CLOUD),
    ("http://2130706433/", UNUSUAL),
    ("http://0x7f000001/", UNUSUAL),
    ("http://0x7f.1/", UNUSUAL),
    ("http://127.1/", UNUSUAL),
    ("http://0177.0.0.1/", "malformed"),
    ("http://017700000001/", UNUSUAL),
    ("http://inside.example.com/", PRIVATE),
    ("http://mixed.example.com/", PRIVATE),
    ("http://metadata.example.com/", CLOUD),
    ("http://example.com@127.0.0.1/", "credentials in the URL"),
    ("http://user:secret@example.com/", "credentials in the URL"),
    ("http://example.com\\@127.0.0.1/", "blanks, control characters or backslashes"),
    ("http://example.com /", "blanks, control characters or backslashes"),
    ("http://exam\nple.com/", "blanks, control characters or backslashes"),
    ("file:///etc/passwd", "the URL 'file:///etc/passwd'"),
    ("gopher://example.com/", "the URL 'gopher://example.com/'"),
    ("ftp://example.com/", "the URL 'ftp://example.com/'"),
    ("//example.com/", "the URL '//example.com/'"),
    ("http:///x", "the URL 'http:///x'"),
    ("http://" + "a" * 9000, "a URL of 9007 characters"),
    ("http://127.0.0.1:99999/", PRIVATE),
]


@pytest.mark.parametrize(("url", "why"), REFUSED)
async def test_a_url_that_is_refused(url: str, why: str, monkeypatch: pytest.MonkeyPatch) -> None:
    looked_up(monkeypatch, NAMES)
    with pytest.raises(SecurityError) as refused:
        await permissions("medium").check_url(url)
    assert why in str(refused.value)
    assert "the profile 'medium' does not allow" in str(refused.value)


@pytest.mark.parametrize(
    "given", ["", ".", "[]", "a b", "a\tb", "a\0b", "a\\b", "exa%6dple.com", "fe80::1%eth0"]
)
@pytest.mark.parametrize("profile", ["none", "medium"])
async def test_a_host_that_is_no_plain_name_is_never_looked_up(
    given: str, profile: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = looked_up(monkeypatch, NAMES)
    with pytest.raises(SecurityError, match="write its plain name or address"):
        await permissions(profile).host(given, 80)
    assert asked == []


LISTED = [
    ("medium", (), "http://example.com/", True),
    ("medium", ("127.0.0.1",), "http://127.0.0.1:8080/", True),
    ("medium", ("127.0.0.1:8080",), "http://127.0.0.1:8080/", True),
    ("medium", ("127.0.0.1:8080",), "http://127.0.0.1:8081/", False),
    ("medium", ("10.0.0.0/8",), "http://inside.example.com/", True),
    ("medium", ("inside.example.com",), "http://inside.example.com/", True),
    ("medium", ("*.example.com",), "http://inside.example.com/", False),
    ("medium", ("*",), "http://localhost/", False),
    ("medium", ("metadata.example.com",), "http://metadata.example.com/", False),
    ("medium", ("169.254.169.254",), "http://metadata.example.com/", True),
    ("medium", ("[::1]:80",), "http://[::1]/", True),
    ("low", (), "http://inside.example.com/", True),
    ("low", (), "http://169.254.169.254/", False),
    ("none", (), "http://169.254.169.254/", True),
    ("high", (), "https://example.com/", False),
    ("high", ("example.com",), "https://example.com/", True),
    ("high", ("example.com",), "https://api.example.com/", False),
    ("high", ("*.example.com",), "https://api.example.com/", True),
    ("high", ("*.example.com",), "https://example.com/", False),
    ("high", ("*.example.com",), "https://notexample.com/", False),
    ("high", ("bücher.example", "xn--bcher-kva.example"), "https://bücher.example/", True),
]


@pytest.mark.parametrize(("profile", "hosts", "url", "is_allowed"), LISTED)
async def test_what_is_listed(
    profile: str, hosts: tuple[str, ...], url: str, is_allowed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_up(monkeypatch, NAMES)
    try:
        checked = await permissions(profile, hosts=hosts).check_url(url)
    except SecurityError as error:
        assert not is_allowed, str(error)  # noqa: PT017 - a table of both
    else:
        assert is_allowed
        assert checked.addresses


CLOUDS = [
    "169.254.169.254",
    "100.100.100.200",
    "[fd00:ec2::254]",
    "[fe80::a9fe:a9fe]",
    "[::ffff:169.254.169.254]",
    "[64:ff9b::a9fe:a9fe]",
    "[2002:a9fe:a9fe::1]",
    "[2001:0:a9fe:a9fe:8000:63bf:3fff:fdd2]",
    "[2001:0:4136:e378:8000:63bf:5601:5601]",
]
"""The last are IPv6 addresses that lead to the first: mapped, translated, tunnelled."""


@pytest.mark.parametrize("address", CLOUDS)
async def test_a_profile_that_reaches_private_networks_reaches_no_service_of_a_cloud(address: str) -> None:
    with pytest.raises(SecurityError, match=CLOUD):
        await permissions("low").check_url(f"http://{address}/")


@pytest.mark.parametrize("address", ["10.0.0.7", "100.64.0.1", "[fd00:ec2::253]", "[2002:a00:7::1]"])
async def test_it_does_reach_what_is_beside_these(address: str) -> None:
    assert (await permissions("low").check_url(f"http://{address}/")).addresses == (address.strip("[]"),)


async def test_a_name_that_is_not_listed_is_not_even_looked_up(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = looked_up(monkeypatch, NAMES)
    with pytest.raises(SecurityError):
        await permissions("high").check_url("https://secret-data.example.com/")
    assert asked == []


class Site(BaseHTTPRequestHandler):
    """Answers with the host that it is asked as, or leads elsewhere."""

    def do_GET(self) -> None:
        target = self.path.partition("?to=")[2]
        self.send_response(302 if target else 200)
        if target:
            self.send_header("Location", target)
        body = (self.headers["Host"] or "").encode()
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@contextmanager
def site() -> Iterator[int]:
    """A server on this machine; its port."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)


async def fetched(allowed: Permissions, url: str) -> str:
    async with http_client(allowed, follow_redirects=True) as client:
        return (await client.get(url)).text


async def test_a_request_goes_to_the_address_that_was_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    """The second look-up of a name gives another answer: it is never made."""
    answers = {"rebound.example.com": ["127.0.0.1"]}
    asked = looked_up(monkeypatch, answers)
    with site() as port:
        url = f"http://rebound.example.com:{port}/"
        assert (
            await fetched(permissions(hosts=("rebound.example.com",)), url) == f"rebound.example.com:{port}"
        )
    assert asked == ["rebound.example.com"]


@pytest.mark.parametrize(
    "target",
    ["http://localhost:{port}/", "http://169.254.169.254/", "file:///etc/passwd", "http://2130706433/"],
)
async def test_redirects_are_checked(target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    looked_up(monkeypatch, {"start.example.com": ["127.0.0.1"], "localhost": ["127.0.0.1"]})
    with site() as port:
        url = f"http://start.example.com:{port}/?to={target.format(port=port)}"
        with pytest.raises(Exception, match=r"does not allow|unsupported protocol"):
            await fetched(permissions(hosts=("start.example.com",)), url)


async def test_proxies_of_the_environment_are_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with site() as port:
        assert (
            await fetched(permissions(hosts=("127.0.0.1",)), f"http://127.0.0.1:{port}/")
            == f"127.0.0.1:{port}"
        )


@pytest.mark.parametrize("option", ["transport", "mounts", "proxy"])
def test_what_leads_around_the_checks_is_no_option(option: str) -> None:
    with pytest.raises(TypeError, match=option):
        http_client(permissions(), **{option: None})


async def test_a_host_that_speaks_no_http(monkeypatch: pytest.MonkeyPatch) -> None:
    looked_up(monkeypatch, NAMES)
    assert await permissions().host("example.com", 25) == "93.184.215.14"
    with pytest.raises(SecurityError, match="--allow-host localhost or hosts = "):
        await permissions().host("localhost", 25)
