"""Sending mail: over SMTP, which is also how Amazon SES takes it, or by the interface of SendGrid."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import formatdate, getaddresses, make_msgid
from typing import Annotated, Any, ClassVar, Literal

from anyio import to_thread
from pydantic import Field

from llmspell_engine.api.declare import Result, complete
from llmspell_engine.tools.api.mail_transports import Mail, send_by_sendgrid, send_by_smtp
from llmspell_engine.tools.base import Outcome, Tool, ToolContext, ToolError
from llmspell_engine.tools.files import read_file
from llmspell_engine.tools.parameters import ToolParameters
from llmspell_engine.tools.requirements import Setting

_LARGEST = 20 * 1024 * 1024
"""Bytes of all attachments; most servers take no more."""
_FROM = Setting("email-sender", "from", "the sender's address", "EMAIL_FROM")
Recipients = Annotated[str, Field(min_length=1)] | Annotated[list[str], Field(min_length=1, max_length=100)]


class EmailParameters(ToolParameters):
    """What is sent to whom."""

    only_operation: ClassVar[str] = "send_email"

    from_: Annotated[str, Field(min_length=1)] | None = Field(
        None, alias="from", description="The sender's address; without it the one that is configured."
    )
    to: Recipients = Field(
        description="The address of the recipient, `Ann <ann@example.com>`, or several.",
        json_schema_extra={"x-example": "ann@example.com"},
    )
    cc: list[str] | None = Field(None, description="Who else gets it, for all to see.")
    bcc: list[str] | None = Field(None, description="Who else gets it, for nobody to see.")
    reply_to: str | None = Field(None, description="Where answers go.")
    subject: str = Field(
        min_length=1, max_length=998, description="The subject.", json_schema_extra={"x-example": "Hello"}
    )
    body: str = Field(description="The text.", json_schema_extra={"x-example": "How are you?"})
    html: bool = Field(False, description="Whether the text is HTML.")
    attachments: list[Annotated[str, Field(min_length=1), complete("path")]] | None = Field(
        None, description="Files to attach."
    )
    provider: Literal["smtp", "sendgrid", "ses"] | None = Field(
        None, description="How to send it; without it as is configured, else `smtp`."
    )
    timeout: float = Field(60, gt=0, le=600, description="How long it may take, in seconds.")


class SentEmail(Result):
    """Mail that was handed over to be delivered."""

    message_id: str = Field(description="What tells it apart from all other mail.")
    provider: str = Field(description="How it was sent.")
    recipients: list[str] = Field(description="The addresses that it was taken for.")
    refused: dict[str, str] = Field(description="The addresses that it was not taken for, and why.")


class EmailSender(Tool[EmailParameters]):
    """Sends mail over SMTP, SendGrid or Amazon SES."""

    name = "email-sender"
    category = "api"
    security = "restricted"
    aliases = ("email_sender",)
    Parameters = EmailParameters
    returns = SentEmail

    async def run(self, parameters: EmailParameters, context: ToolContext) -> Outcome:
        """Write the mail and hand it over."""
        settings = context.settings.get("email-sender", {})
        provider = parameters.provider or settings.get("provider") or "smtp"
        mail = await to_thread.run_sync(_mail, parameters, context, abandon_on_cancel=True)
        send = send_by_sendgrid if provider == "sendgrid" else send_by_smtp
        refused = await send(mail, context, provider)
        taken = [address for address in mail.recipients if address not in refused]
        result = SentEmail(
            message_id=str(mail.message["Message-ID"]), provider=provider, recipients=taken, refused=refused
        )
        text = f"sent to {', '.join(taken)}"
        return Outcome("send_email", result, text, f"Sent '{parameters.subject}' to {', '.join(taken)}")


def _mail(parameters: EmailParameters, context: ToolContext) -> Mail:
    if parameters.from_ is None:
        _FROM.check(context)
    sender = _address(parameters.from_ or str(_FROM.value(context)), "from")
    to = [parameters.to] if isinstance(parameters.to, str) else parameters.to
    groups = {"to": _all(to, "to"), "cc": _all(parameters.cc, "cc"), "bcc": _all(parameters.bcc, "bcc")}
    message = EmailMessage()
    try:
        message["From"] = sender
        message["To"] = groups["to"]
        if groups["cc"]:
            message["Cc"] = groups["cc"]
        if parameters.reply_to is not None:
            message["Reply-To"] = _address(parameters.reply_to, "reply_to")
        message["Subject"] = parameters.subject
    except (ValueError, MessageError) as error:
        raise ToolError(f"the mail cannot be written: {error}", code="invalid_input") from None
    message["Date"] = formatdate(usegmt=True)
    message["Message-ID"] = make_msgid(domain=sender.domain)
    message.set_content(parameters.body, subtype="html" if parameters.html else "plain")
    files = _files(parameters.attachments or (), context)
    for name, content in files.items():
        _attach(message, name, content)
    return Mail(message, sender, groups, parameters.body, parameters.html, files, parameters.timeout)


def _all(given: Sequence[str] | None, name: str) -> list[Address]:
    return [_address(one, name) for one in given or ()]


def _address(given: str, name: str) -> Address:
    """An address with the name of whose it is. Raises ToolError."""
    found = getaddresses([given])
    shown, plain = found[0] if len(found) == 1 else ("", "")
    user, at, domain = plain.rpartition("@")
    is_plain = not any(sign in given for sign in "\r\n\0")
    if not (is_plain and user and at and domain):
        raise ToolError(f"'{name}' has {given!r}, which is no address of mail", code="invalid_address")
    try:
        return Address(display_name=shown, username=user, domain=domain)
    except (ValueError, MessageError, IndexError):
        raise ToolError(
            f"'{name}' has {given!r}, which is no address of mail", code="invalid_address"
        ) from None


def _files(paths: Sequence[str], context: ToolContext) -> Mapping[str, bytes]:
    found: dict[str, bytes] = {}
    for given in paths:
        path = context.permissions.readable(given)
        found[path.name] = read_file(path, given)
        if sum(map(len, found.values())) > _LARGEST:
            raise ToolError("the attachments are larger than 20 MiB", code="too_large")
    return found


def _attach(message: EmailMessage, name: str, content: bytes) -> None:
    from mimetypes import guess_type

    kind: Any = guess_type(name)[0] or "application/octet-stream"
    main, _, sub = kind.partition("/")
    message.add_attachment(content, maintype=main, subtype=sub, filename=name)
