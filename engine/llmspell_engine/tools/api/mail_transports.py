"""Handing mail over to what delivers it, as ``[tools.settings.email-sender]`` says.

``smtp_host``, ``smtp_port`` and ``smtp_tls`` are for a server of mail, ``ses_region`` for Amazon SES, both
with ``username`` and ``password``; ``api_key`` is for SendGrid.
"""

from __future__ import annotations

import base64
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from mimetypes import guess_type
from typing import Any

from llmspell_engine.tools.api.answers import json_bytes
from llmspell_engine.tools.base import ToolContext, ToolError
from llmspell_engine.tools.http import Ask, fetch
from llmspell_engine.tools.requirements import Setting

_TOOL = "email-sender"
_SENDGRID_KEY = Setting(_TOOL, "api_key", "the key of SendGrid", "SENDGRID_API_KEY")
_SMTP_HOST = Setting(_TOOL, "smtp_host", "the server of mail", "SMTP_HOST")
_SES_USER = Setting(_TOOL, "username", "the SMTP user of Amazon SES", "SES_SMTP_USERNAME")
_SES_PASSWORD = Setting(_TOOL, "password", "the SMTP password of Amazon SES", "SES_SMTP_PASSWORD")
_SES_REGION = Setting(_TOOL, "ses_region", "the region of Amazon SES", "AWS_REGION")


@dataclass(frozen=True, slots=True)
class Mail:
    """Mail to send, whole and in its parts."""

    message: EmailMessage
    sender: Address
    groups: Mapping[str, Sequence[Address]]
    """The recipients, by ``to``, ``cc`` and ``bcc``."""
    body: str
    is_html: bool
    files: Mapping[str, bytes]
    seconds: float

    @property
    def recipients(self) -> list[str]:
        """The addresses of all recipients, each once, however it is capitalised."""
        found: dict[str, str] = {}
        for group in self.groups.values():
            for one in group:
                found.setdefault(one.addr_spec.lower(), one.addr_spec)
        return list(found.values())


@dataclass(frozen=True, slots=True)
class _Server:
    """A server of mail."""

    host: str
    port: int
    tls: str
    """``tls`` from the first byte, ``starttls`` after a word in the clear, or ``none``."""
    username: str | None
    password: str | None


async def send_by_smtp(mail: Mail, context: ToolContext, provider: str) -> dict[str, str]:
    """Hand mail to a server of mail. Gives the recipients that it refused, and why. Raises ToolError."""
    import aiosmtplib

    server = _ses(context) if provider == "ses" else _smtp(context)
    try:
        connection = await _connected(server, context, mail.seconds)
        refused, _ = await aiosmtplib.send(
            mail.message,
            sender=mail.sender.addr_spec,
            recipients=mail.recipients,
            hostname=server.host,
            port=None,
            sock=connection,
            username=server.username,
            password=server.password,
            use_tls=server.tls == "tls",
            start_tls=server.tls == "starttls",
            timeout=mail.seconds,
        )
    except aiosmtplib.SMTPRecipientsRefused as error:
        details = {one.recipient: f"{one.code} {one.message}" for one in error.recipients}
        raise ToolError(
            "the server of mail takes it for none of them", code="refused", details=details
        ) from None
    except aiosmtplib.SMTPAuthenticationError as error:
        raise ToolError(f"'{server.host}' does not know the user: {error}", code="unauthorized") from None
    except aiosmtplib.SMTPResponseException as error:
        raise ToolError(f"'{server.host}' refused the mail: {error}", code="refused") from None
    except (aiosmtplib.SMTPTimeoutError, TimeoutError):
        told = f"'{server.host}' did not answer within {mail.seconds:g} s"
        raise ToolError(told, code="timeout") from None
    except (aiosmtplib.SMTPException, OSError, ValueError) as error:
        raise ToolError(f"'{server.host}:{server.port}': {error}", code="unreachable") from None
    return {address: f"{told.code} {told.message}" for address, told in refused.items()}


async def _connected(server: _Server, context: ToolContext, seconds: float) -> socket.socket:
    """A connection to the very address that was checked. Raises SecurityError, OSError and TimeoutError."""
    import asyncio

    from anyio import fail_after

    with fail_after(seconds):
        address = await context.permissions.host(server.host, server.port)
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        connection = socket.socket(family, socket.SOCK_STREAM)
        connection.setblocking(False)
        try:
            await asyncio.get_running_loop().sock_connect(connection, (address, server.port))
        except BaseException:
            connection.close()
            raise
    return connection


def _smtp(context: ToolContext) -> _Server:
    _SMTP_HOST.check(context)
    settings = context.settings.get(_TOOL, {})
    tls = settings.get("smtp_tls", "starttls")
    if tls not in ("starttls", "tls", "none"):
        raise ToolError(
            f'\'smtp_tls\' in [tools.settings.{_TOOL}] is {tls!r}; it has to be "starttls", "tls" or "none"',
            code="needs_configuration",
        )
    username = Setting(_TOOL, "username", "the user of the server of mail", "SMTP_USERNAME").value(context)
    password = Setting(_TOOL, "password", "the password of the server of mail", "SMTP_PASSWORD").value(
        context
    )
    port = int(settings.get("smtp_port") or (465 if tls == "tls" else 587))
    return _Server(str(_SMTP_HOST.value(context)), port, tls, username, password)


def _ses(context: ToolContext) -> _Server:
    """Amazon SES takes mail over SMTP, with credentials that are made for this."""
    for needed in (_SES_REGION, _SES_USER, _SES_PASSWORD):
        needed.check(context)
    host = f"email-smtp.{_SES_REGION.value(context)}.amazonaws.com"
    return _Server(host, 587, "starttls", _SES_USER.value(context), _SES_PASSWORD.value(context))


async def send_by_sendgrid(mail: Mail, context: ToolContext, provider: str) -> dict[str, str]:
    """Hand mail to SendGrid, which takes it for all recipients or none. Raises ToolError."""
    _SENDGRID_KEY.check(context)
    base = str(context.settings.get(_TOOL, {}).get("base_url") or "https://api.sendgrid.com").rstrip("/")
    headers = {
        "Authorization": f"Bearer {_SENDGRID_KEY.value(context)}",
        "Content-Type": "application/json",
    }
    content = json_bytes(_sendgrid_body(mail))
    ask = Ask(f"{base}/v3/mail/send", "POST", headers, content, mail.seconds, follow_redirects=False)
    answer = await fetch(context, ask)
    if not answer.ok:
        told = f"SendGrid refused the mail with {answer.status}: {answer.text[:500]}"
        raise ToolError(told, code="unauthorized" if answer.status in (401, 403) else "refused")
    return {}


def _sendgrid_body(mail: Mail) -> dict[str, Any]:
    groups = _each_once(mail.groups)
    kind = "text/html" if mail.is_html else "text/plain"
    body: dict[str, Any] = {
        "personalizations": [groups],
        "from": _named(mail.sender),
        "subject": str(mail.message["Subject"]),
        "content": [{"type": kind, "value": mail.body}],
        "headers": {"Message-ID": str(mail.message["Message-ID"])},
    }
    if (reply_to := mail.message["Reply-To"]) is not None:
        body["reply_to"] = _named(reply_to.addresses[0])
    if mail.files:
        body["attachments"] = [
            {
                "filename": name,
                "type": guess_type(name)[0] or "application/octet-stream",
                "content": base64.b64encode(content).decode(),
            }
            for name, content in mail.files.items()
        ]
    return body


def _each_once(groups: Mapping[str, Sequence[Address]]) -> dict[str, list[dict[str, str]]]:
    """The recipients by how they get it. SendGrid refuses mail that has an address twice."""
    found: dict[str, list[dict[str, str]]] = {}
    seen: set[str] = set()
    for name, group in groups.items():
        for one in group:
            if (address := one.addr_spec.lower()) not in seen:
                seen.add(address)
                found.setdefault(name, []).append(_named(one))
    return found


def _named(address: Address) -> dict[str, str]:
    shown = {"name": address.display_name} if address.display_name else {}
    return {"email": address.addr_spec, **shown}
