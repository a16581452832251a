"""Waiting for messages: others send them while the tool listens."""

from __future__ import annotations

import http.client
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from llmspell_engine.security.permissions import Permissions
from llmspell_engine.security.profiles import PROFILES
from llmspell_engine.tools.base import ToolContext, ToolError
from llmspell_engine.tools.signatures import signature
from support.tools import Case, check_case, each_case, run_tool
from support.web_server import web_context

HOOK, SOCKET = "webhook-listener", "socket-listener"
Send = Callable[[int], Any]


def free_port(kind: socket.SocketKind = socket.SOCK_STREAM) -> int:
    with socket.socket(socket.AF_INET, kind) as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@contextmanager
def sending(port: int, *sends: Send) -> Iterator[list[Any]]:
    """Send one after the other on a thread, and hear what each is answered."""
    answers: list[Any] = []

    def work() -> None:
        answers.extend(send(port) for send in sends)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield answers
    finally:
        thread.join(20)
        assert not thread.is_alive()


def connected(port: int) -> socket.socket:
    """A connection, as soon as somebody listens."""
    give_up = time.monotonic() + 15
    while True:
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=15)
        except ConnectionRefusedError:
            if time.monotonic() > give_up:
                raise
            time.sleep(0.01)  # Somebody else has to begin listening; there is nothing to wait on.


def post(body: bytes = b"{}", path: str = "/", method: str = "POST", **headers: str) -> Send:
    """Send a message over HTTP, and give the status and the text of the answer."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}

    def send(port: int) -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=15)
        connection.sock = connected(port)
        connection.request(method, path, body, named)
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return answer.status, text

    return send


def line(data: bytes) -> Send:
    """Send bytes over TCP and close, and give what is answered."""

    def send(port: int) -> bytes:
        with connected(port) as connection:
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
            found = b""
            while piece := connection.recv(1000):
                found += piece
            return found

    return send


def heard(tool: str, sends: Sequence[Send], root: Path, **given: Any) -> tuple[Any, list[Any]]:
    """What a tool gives that listens while messages are sent, and what the senders are answered."""
    port = free_port()
    call = {"port": port, "timeout": 20, **given}
    with sending(port, *sends) as answers:
        done = run_tool(tool, call, context=web_context(root)).result
    return done, answers


def test_a_message(tmp_path: Path) -> None:
    send = post(b'{"a": 1}', "/hook?x=1", Content_Type="application/json", X_Event="push")
    call = {"path": "/hook", "response_status": 202, "response_body": "thanks"}
    found, answers = heard(HOOK, [send], tmp_path, **call)
    assert answers == [(202, "thanks")]
    message = found.messages[0].model_dump()
    assert message.pop("received_at").endswith("Z")
    assert message.pop("headers")["x-event"] == "push"
    assert message == {
        "method": "POST",
        "path": "/hook",
        "query": {"x": ["1"]},
        "body": {"a": 1},
        "encoding": "json",
    }
    assert (found.count, found.rejected, found.timed_out) == (1, 0, False)


@pytest.mark.parametrize(
    ("body", "kind", "read"),
    [
        (b"plain", "text/plain", ("plain", "text")),
        (b"\xff\x00", "x/y", ("/wA=", "base64")),
        (b"{no", "application/json", ("{no", "text")),
        (b"", "application/json", ("", "text")),
    ],
)
def test_what_messages_say(body: bytes, kind: str, read: tuple[str, str], tmp_path: Path) -> None:
    found, _ = heard(HOOK, [post(body, Content_Type=kind)], tmp_path)
    assert (found.messages[0].body, found.messages[0].encoding) == read


def test_what_is_refused_does_not_count(tmp_path: Path) -> None:
    body, secret = b'{"a": 1}', "s3"
    signed = signature(secret, body)
    sends = [
        post(body),
        post(body, X_Hub_Signature_256=signature("other", body)),
        post(body + b" ", X_Hub_Signature_256=signed),
        post(body, "/other", X_Hub_Signature_256=signed),
        post(body, method="GET", X_Hub_Signature_256=signed),
        post(b"x" * 300, X_Hub_Signature_256=signature(secret, b"x" * 300)),
        post(body, X_Hub_Signature_256=signed),
        post(body, X_Hub_Signature_256=signed.removeprefix("sha256=").upper()),
    ]
    found, answers = heard(HOOK, sends, tmp_path, secret=secret, max_messages=2, max_bytes=100)
    assert [status for status, _ in answers] == [401, 401, 401, 404, 405, 413, 200, 200]
    assert (found.count, found.rejected) == (2, 6)


def test_a_token(tmp_path: Path) -> None:
    sends = [post(), post(Authorization="Bearer no"), post(Authorization="Bearer fig")]
    found, answers = heard(HOOK, sends, tmp_path, token="fig")
    assert [status for status, _ in answers] == [401, 401, 200]
    assert found.count == 1


def test_what_is_no_http_and_senders_that_hang_up(tmp_path: Path) -> None:
    half = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf"
    sends = [line(b"nonsense\r\n\r\n"), line(half), line(b""), post()]
    found, answers = heard(HOOK, sends, tmp_path)
    assert answers[0].startswith(b"HTTP/1.1 400 ")
    assert answers[1].startswith(b"HTTP/1.1 400 ")
    assert answers[2] == b""
    assert (found.count, found.rejected) == (1, 2)


def test_several_over_one_connection(tmp_path: Path) -> None:
    one = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n"
    found, answers = heard(HOOK, [line(one + b"1" + one + b"2")], tmp_path, max_messages=2)
    assert answers[0].count(b"HTTP/1.1 200 OK") == 2
    assert [message.body for message in found.messages] == ["1", "2"]


@pytest.mark.parametrize("tool", [HOOK, SOCKET])
def test_when_nobody_sends_the_time_is_over(tool: str, tmp_path: Path) -> None:
    found, _ = heard(tool, [], tmp_path, timeout=0.05)
    assert (found.count, found.timed_out) == (0, True)


@pytest.mark.parametrize("tool", [HOOK, SOCKET])
def test_what_came_by_then_is_given(tool: str, tmp_path: Path) -> None:
    send = post(b"a") if tool == HOOK else line(b"a\n")
    found, _ = heard(tool, [send], tmp_path, max_messages=2, timeout=3)
    assert (found.count, found.timed_out) == (1, True)


@pytest.mark.parametrize(("tool", "given"), [(HOOK, {}), (SOCKET, {}), (SOCKET, {"protocol": "udp"})])
def test_a_port_that_is_taken(tool: str, given: dict[str, Any], tmp_path: Path) -> None:
    kind = socket.SOCK_DGRAM if given else socket.SOCK_STREAM
    with socket.socket(socket.AF_INET, kind) as taken:
        taken.bind(("127.0.0.1", 0))
        if not given:
            taken.listen()
        call = {"port": taken.getsockname()[1], "timeout": 1, **given}
        with pytest.raises(ToolError, match="cannot be listened at") as failed:
            run_tool(tool, call, context=web_context(tmp_path))
    assert failed.value.code == "cannot_listen"


@pytest.mark.parametrize("tool", [HOOK, SOCKET])
def test_only_this_machine_is_listened_to_unless_allowed(tool: str, tmp_path: Path) -> None:
    call = {"port": free_port(), "timeout": 0.05}
    plain = Permissions(root=tmp_path)
    context = ToolContext(tmp_path, permissions=plain)
    check_case(tool, Case("", call, gives={"count": 0}), tmp_path, context)
    check_case(tool, Case("", {**call, "address": "0.0.0.0"}, forbids="hosts"), tmp_path, context)
    allowed = replace(plain, hosts=("0.0.0.0",))
    check_case(
        tool,
        Case("", {**call, "address": "0.0.0.0"}, gives={"count": 0}),
        tmp_path,
        ToolContext(tmp_path, permissions=allowed),
    )
    strict = ToolContext(tmp_path, permissions=Permissions(rules=PROFILES["high"], root=tmp_path))
    check_case(tool, Case("", call, forbids="hosts"), tmp_path, strict)


def test_lines(tmp_path: Path) -> None:
    found, answers = heard(
        SOCKET, [line("one\r\nzwö\n\xff".encode("latin-1") + b"\n")], tmp_path, max_messages=3, reply="ok."
    )
    assert answers == [b"ok.ok.ok."]
    assert [(one.data, one.encoding) for one in found.messages] == [
        ("one", "text"),
        ("enf2", "base64"),
        ("/w==", "base64"),
    ]
    assert found.messages[0].sender.startswith("127.0.0.1:")


def test_a_last_line_without_its_end(tmp_path: Path) -> None:
    found, _ = heard(SOCKET, [line(b"one\ntwo")], tmp_path, max_messages=2)
    assert [one.data for one in found.messages] == ["one", "two"]


def test_all_of_a_connection(tmp_path: Path) -> None:
    found, answers = heard(SOCKET, [line(b"a\nb")], tmp_path, framing="connection", reply="got")
    assert (found.messages[0].data, answers) == ("a\nb", [b"got"])


@pytest.mark.parametrize("framing", ["line", "connection"])
def test_messages_that_are_refused(framing: str, tmp_path: Path) -> None:
    right = signature("s3", b"fig").removeprefix("sha256=").encode() + b" fig"
    sends = [line(b"fig\n"), line(b"0" * 64 + b" fig"), line(b"x" * 300), line(right)]
    found, _ = heard(SOCKET, sends, tmp_path, secret="s3", max_bytes=100, framing=framing)
    assert [one.data for one in found.messages] == ["fig"]
    assert found.rejected == 3


def test_datagrams(tmp_path: Path) -> None:
    port = free_port(socket.SOCK_DGRAM)

    def send(_: int) -> bytes:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            sender.connect(("127.0.0.1", port))
            sender.settimeout(0.1)
            give_up = time.monotonic() + 15
            while time.monotonic() < give_up:  # What is sent before anybody listens is lost.
                with suppress(TimeoutError, ConnectionRefusedError):
                    sender.send(b"fig")
                    return sender.recv(100)
        return b""

    call = {"port": port, "protocol": "udp", "reply": "ok", "timeout": 20}
    with sending(port, send) as answers:
        found: Any = run_tool(SOCKET, call, context=web_context(tmp_path)).result
    assert ([one.data for one in found.messages], answers) == (["fig"], [b"ok"])


WRONG = [
    Case("no port", {}, refused="'port' is missing"),
    Case("a port that is none", {"port": 0}, refused="'port' must be at least 1, but 0 was given"),
    Case("no time", {"port": 1, "timeout": 0}, refused="'timeout' must be greater than 0, but 0 was given"),
    Case(
        "no messages",
        {"port": 1, "max_messages": 0},
        refused="'max_messages' must be at least 1, but 0 was given",
    ),
    Case("a name", {"port": 1, "address": "localhost"}, fails=("invalid_input", "'localhost' is no address")),
    Case(
        "an empty secret",
        {"port": 1, "secret": ""},
        refused="'secret' must be at least 1 character long, but \"\" was given",
    ),
]


@pytest.mark.parametrize("tool", [HOOK, SOCKET])
@each_case(WRONG)
def test_wrong_calls(tool: str, case: Case, tmp_path: Path) -> None:
    check_case(tool, case, tmp_path, web_context(tmp_path))


@each_case(
    [
        Case(
            "wrong status",
            {"port": 1, "response_status": 500},
            refused="'response_status' must be at most 299, but 500 was given",
        ),
        Case(
            "wrong path",
            {"port": 1, "path": "hook"},
            refused="'path' must be the path that messages come to, but \"hook\" was given",
        ),
    ]
)
def test_wrong_calls_of_webhooks(case: Case, tmp_path: Path) -> None:
    check_case(HOOK, case, tmp_path)


@each_case(
    [
        Case(
            "no such protocol",
            {"port": 1, "protocol": "sctp"},
            refused='\'protocol\' must be "tcp" or "udp", but "sctp" was given',
        ),
        Case(
            "no such framing",
            {"port": 1, "framing": "frame"},
            refused='\'framing\' must be "line" or "connection", but "frame" was given',
        ),
    ]
)
def test_wrong_calls_of_sockets(case: Case, tmp_path: Path) -> None:
    check_case(SOCKET, case, tmp_path)


def test_what_one_tool_calls_another_hears(tmp_path: Path) -> None:
    def send(port: int) -> Any:
        connected(port).close()
        call = {"input": f"http://127.0.0.1:{port}/", "payload": {"a": [1]}, "secret": "s3"}
        return run_tool("webhook-caller", call, context=web_context(tmp_path)).result

    found, answers = heard(HOOK, [send], tmp_path, secret="s3")
    assert answers[0].status_code == 200
    assert found.messages[0].body == {"a": [1]}
