"""Sending mail, to a real server of mail on the loopback interface."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from llmspell_engine.security.permissions import Permissions
from llmspell_engine.tools.base import ToolContext, ToolError
from support.tools import Case, check_case, each_case, run_tool
from support.web_server import Page, page, web_context, web_server

TOOL = "email-sender"
MAIL = {"to": "Bo <bo@example.com>", "subject": "Figs", "body": "Figs are in.\n"}


@dataclass
class Desk:
    """Takes mail, but not for everybody, and remembers what came."""

    came: list[Envelope] = field(default_factory=list)
    port: int = 0

    async def handle_RCPT(  # noqa: N802 (as the server names it)
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address.startswith("nobody"):
            return "550 there is no such person"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if b"spam" in (envelope.original_content or b""):
            return "554 no spam, please"
        self.came.append(envelope)
        return "250 OK"

    def last(self) -> EmailMessage:
        """The mail that came last."""
        found = message_from_bytes(self.came[-1].original_content or b"", policy=policy.default)
        assert isinstance(found, EmailMessage)
        return found


def _knows(server: SMTP, session: Session, envelope: Envelope, mechanism: str, given: Any) -> AuthResult:
    known = isinstance(given, LoginPassword) and (given.login, given.password) == (b"ann", b"pw")
    return AuthResult(success=known, handled=False)


@contextmanager
def mail_server(**options: Any) -> Iterator[Desk]:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        desk = Desk(port=taken.getsockname()[1])
    controller = Controller(desk, "127.0.0.1", desk.port, **options)
    controller.start()
    try:
        yield desk
    finally:
        controller.stop()


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    with mail_server() as desk:
        yield desk


@pytest.fixture
def certificate(tmp_path: Path) -> ssl.SSLContext:
    """What a server shows that signed its certificate itself."""
    key, shown = tmp_path / "key.pem", tmp_path / "certificate.pem"
    argv = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=127.0.0.1",
    ]
    subprocess.run([*argv, "-keyout", key, "-out", shown], check=True, capture_output=True, timeout=30)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(shown, key)
    return context


def _context(root: Path, port: int, **more: Any) -> ToolContext:
    settings = {"smtp_host": "127.0.0.1", "smtp_port": port, "smtp_tls": "none", "from": "shop@example.com"}
    return web_context(root, {TOOL: {**settings, **more}})


def test_mail(desk: Desk, tmp_path: Path) -> None:
    done: Any = run_tool(TOOL, MAIL, context=_context(tmp_path, desk.port))
    assert done.operation == "send_email"
    assert done.result.recipients == ["bo@example.com"]
    message, envelope = desk.last(), desk.came[-1]
    assert (envelope.mail_from, envelope.rcpt_tos) == ("shop@example.com", ["bo@example.com"])
    assert {name: str(message[name]) for name in ("From", "To", "Subject", "Message-ID")} == {
        "From": "shop@example.com",
        "To": "Bo <bo@example.com>",
        "Subject": "Figs",
        "Message-ID": done.result.message_id,
    }
    assert message["Date"].datetime is not None
    assert message.get_content().splitlines() == ["Figs are in."]


def test_all_that_mail_may_have(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "figs.txt").write_text("3 figs")
    (tmp_path / "fig.bin").write_bytes(b"\x00\xff")
    call = {
        "from": "Änn <ann@example.com>",
        "to": ["bo@example.com", "nobody@example.com"],
        "cc": ["cy@example.com"],
        "bcc": ["di@example.com"],
        "reply_to": "desk@example.com",
        "subject": "Früchte",
        "body": "<p>Ü</p>",
        "html": True,
        "attachments": ["figs.txt", "fig.bin"],
    }
    done: Any = run_tool(TOOL, call, context=_context(tmp_path, desk.port)).result
    assert done.recipients == ["bo@example.com", "cy@example.com", "di@example.com"]
    assert done.refused == {"nobody@example.com": "550 there is no such person"}
    message = desk.last()
    assert str(message["From"]) == "Änn <ann@example.com>"
    assert (str(message["Cc"]), str(message["Reply-To"])) == ("cy@example.com", "desk@example.com")
    assert str(message["Subject"]) == "Früchte"
    assert "di@example.com" not in message.as_string()
    body, text, binary = message.walk() if not message.is_multipart() else list(message.walk())[1:]
    assert (body.get_content_type(), body.get_content().strip()) == ("text/html", "<p>Ü</p>")
    assert (text.get_filename(), text.get_content()) == ("figs.txt", "3 figs")
    assert (binary.get_filename(), binary.get_content()) == ("fig.bin", b"\x00\xff")


CASES = [
    Case(
        "for nobody",
        {**MAIL, "to": "nobody@example.com"},
        fails=("refused", "takes it for none of them"),
    ),
    Case("refused", {**MAIL, "body": "spam"}, fails=("refused", "no spam, please")),
    Case("no address", {**MAIL, "to": "bo"}, fails=("invalid_address", "'to' has 'bo', which is no address")),
    Case(
        "two in one",
        {**MAIL, "to": "a@example.com, b@example.com"},
        fails=("invalid_address", "'to' has 'a@example.com, b@example.com'"),
    ),
    Case(
        "a header in an address",
        {**MAIL, "cc": ["a@example.com\r\nBcc: b@example.com"]},
        fails=("invalid_address", "'cc' has"),
    ),
    Case(
        "a header in the subject",
        {**MAIL, "subject": "a\r\nBcc: b@example.com"},
        fails=("invalid_input", "the mail cannot be written"),
    ),
    Case("no sender", {**MAIL, "from": "x@"}, fails=("invalid_address", "'from' has 'x@'")),
    Case("a file that is not there", {**MAIL, "attachments": ["no.txt"]}, fails=("not_found", "'no.txt'")),
    Case("a file outside", {**MAIL, "attachments": ["/etc/passwd"]}, forbids="read"),
    Case("nobody named", {"subject": "a", "body": "b"}, refused="'to' is missing"),
    Case("no subject", {"to": "a@b.c", "body": "b"}, refused="'subject' is missing"),
    Case("no body", {"to": "a@b.c", "subject": "b"}, refused="'body' is missing"),
    Case("wrong flag", {**MAIL, "html": 1}, refused="'html' must be true or false, but 1 was given"),
    Case(
        "no such way",
        {**MAIL, "provider": "pigeon"},
        refused='\'provider\' must be "smtp" or "sendgrid" or "ses", but "pigeon" was given',
    ),
    Case(
        "no key of SendGrid",
        {**MAIL, "provider": "sendgrid"},
        fails=("needs_configuration", "the key of SendGrid is not configured: set 'api_key' in"),
    ),
    Case(
        "nothing of SES",
        {**MAIL, "provider": "ses"},
        fails=("needs_configuration", "the region of Amazon SES is not configured: set 'ses_region' in"),
    ),
]


@pytest.fixture(autouse=True)
def _no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    names = (
        "SENDGRID_API_KEY",
        "SES_SMTP_USERNAME",
        "SES_SMTP_PASSWORD",
        "AWS_REGION",
        "SMTP_HOST",
        "SMTP_USERNAME",
        "SMTP_PASSWORD",
        "EMAIL_FROM",
    )
    for name in names:
        monkeypatch.delenv(name, raising=False)


@each_case(CASES)
def test_what_is_refused_or_fails(case: Case, desk: Desk, tmp_path: Path) -> None:
    before = len(desk.came)
    check_case(TOOL, case, tmp_path, _context(tmp_path, desk.port))
    assert len(desk.came) == before


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({}, "the sender's address is not configured: set 'from' in [tools.settings.email-sender]"),
        ({"from": "a@example.com"}, "the server of mail is not configured: set 'smtp_host' in"),
        ({"from": "a@example.com", "smtp_host": "h", "smtp_tls": "ssl"}, "'smtp_tls' in [tools.settings"),
    ],
)
def test_what_is_not_configured(settings: dict[str, Any], words: str, tmp_path: Path) -> None:
    context = web_context(tmp_path, {TOOL: settings})
    check_case(TOOL, Case("", MAIL, fails=("needs_configuration", words)), tmp_path, context)


def test_servers_that_are_not_allowed_or_not_there(tmp_path: Path) -> None:
    with mail_server() as gone:
        port = gone.port
    context = _context(tmp_path, port)
    check_case(TOOL, Case("", MAIL, fails=("unreachable", f"'127.0.0.1:{port}'")), tmp_path, context)
    closed = ToolContext(tmp_path, settings=context.settings, permissions=Permissions(root=tmp_path))
    check_case(TOOL, Case("", MAIL, forbids="hosts"), tmp_path, closed)


def test_a_server_that_says_nothing(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        context = _context(tmp_path, silent.getsockname()[1])
        case = Case("", {**MAIL, "timeout": 0.3}, fails=("timeout", "did not answer within 0.3 s"))
        check_case(TOOL, case, tmp_path, context)


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
def test_names_and_passwords(tmp_path: Path) -> None:
    with mail_server(authenticator=_knows, auth_required=True, auth_require_tls=False) as desk:
        known = _context(tmp_path, desk.port, username="ann", password="pw")
        run_tool(TOOL, MAIL, context=known)
        assert len(desk.came) == 1
        wrong = _context(tmp_path, desk.port, username="ann", password="no")
        case = Case("", MAIL, fails=("unauthorized", "does not know the user"))
        check_case(TOOL, case, tmp_path, wrong)
        check_case(TOOL, Case("", MAIL, fails=("refused", "530")), tmp_path, _context(tmp_path, desk.port))


def test_a_server_without_encryption_gets_no_mail_unless_that_is_configured(
    desk: Desk, tmp_path: Path
) -> None:
    before = len(desk.came)
    context = _context(tmp_path, desk.port, smtp_tls="starttls")
    case = Case("", MAIL, fails=("unreachable", "STARTTLS"))
    check_case(TOOL, case, tmp_path, context)
    assert len(desk.came) == before


@pytest.mark.skipif(shutil.which("openssl") is None, reason="there is no program to make certificates")
def test_a_certificate_that_nobody_vouches_for_is_refused(
    tmp_path: Path, certificate: ssl.SSLContext
) -> None:
    with mail_server(tls_context=certificate, require_starttls=True) as desk:
        context = _context(tmp_path, desk.port, smtp_tls="starttls")
        with pytest.raises(ToolError, match="certificate verify failed"):
            run_tool(TOOL, MAIL, context=context)
        assert desk.came == []


def test_sendgrid(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("hi")
    twice = ["cy@example.com", "BO@example.com"]
    call = {**MAIL, "provider": "sendgrid", "cc": twice, "attachments": ["a.txt"]}
    with web_server({"/v3/mail/send": Page("", 202)}) as site:
        settings = {"from": "Ann <ann@example.com>", "api_key": "key", "base_url": site.url}
        done: Any = run_tool(
            TOOL, {**call, "reply_to": "desk@example.com"}, context=web_context(tmp_path, {TOOL: settings})
        ).result
    assert (done.provider, done.recipients) == ("sendgrid", ["bo@example.com", "cy@example.com"])
    asked = site.asked[0]
    assert asked.headers["authorization"] == "Bearer key"
    assert asked.json == {
        "personalizations": [
            {"to": [{"email": "bo@example.com", "name": "Bo"}], "cc": [{"email": "cy@example.com"}]}
        ],
        "from": {"email": "ann@example.com", "name": "Ann"},
        "subject": "Figs",
        "content": [{"type": "text/plain", "value": "Figs are in.\n"}],
        "headers": {"Message-ID": done.message_id},
        "reply_to": {"email": "desk@example.com"},
        "attachments": [{"filename": "a.txt", "type": "text/plain", "content": "aGk="}],
    }


@pytest.mark.parametrize(("status", "code"), [(401, "unauthorized"), (400, "refused")])
def test_sendgrid_refuses(status: int, code: str, tmp_path: Path) -> None:
    with web_server({"/v3/mail/send": page({"errors": [{"message": "bad"}]}, status)}) as site:
        settings = {
            "from": "a@example.com",
            "api_key": "secret-key",
            "base_url": site.url,
            "provider": "sendgrid",
        }
        with pytest.raises(ToolError, match=f"SendGrid refused the mail with {status}") as failed:
            run_tool(TOOL, MAIL, context=web_context(tmp_path, {TOOL: settings}))
    assert failed.value.code == code
    assert "secret-key" not in str(failed.value)
