"""Waiting for messages that others deliver over HTTP."""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal
from urllib.parse import parse_qs

from pydantic import Field

from llmspell_engine.api.declare import Result
from llmspell_engine.tools.api.http_server import Request, Response, serve_connection
from llmspell_engine.tools.api.listening import (
    Inbox,
    ListenParameters,
    accept_until_full,
    as_text,
    checked_address,
    now,
    place_of,
)
from llmspell_engine.tools.base import Outcome, Tool, ToolContext, counted
from llmspell_engine.tools.signatures import HEADER, is_signed

if TYPE_CHECKING:
    from anyio.abc import SocketStream


class WebhookListenParameters(ListenParameters):
    """Where to listen, for what, and for how long."""

    only_operation: ClassVar[str] = "listen"

    path: Annotated[str, Field(pattern="^/")] = Field("/", description="The path that messages come to.")
    signature_header: str = Field(
        HEADER, min_length=1, description="The header that the signature stands in, with `secret`."
    )
    token: Annotated[str, Field(min_length=1)] | None = Field(
        None, description="A token that senders have to give as `Authorization: Bearer`."
    )
    response_status: int = Field(200, ge=200, le=299, description="The status to answer messages with.")
    response_body: str = Field("", description="The text to answer messages with.")


class WebhookMessage(Result):
    """A message that came."""

    method: str = Field(description="How it was sent, `POST`.")
    path: str = Field(description="Where to.")
    query: dict[str, list[str]] = Field(description="The parameters of the query.")
    headers: dict[str, str] = Field(description="The headers, by names in small letters.")
    body: Any = Field(
        None, description="What it says: what JSON means, or text, or base64 of what is no text."
    )
    encoding: Literal["json", "text", "base64"] = Field(description="How the body is given.")
    received_at: str = Field(description="When it came.")


class WebhookMessages(Result):
    """The messages that came."""

    messages: list[WebhookMessage] = Field(description="The messages, in their order.")
    count: int = Field(description="How many these are.")
    rejected: int = Field(description="How many requests were refused: unsigned, too large, to other paths.")
    timed_out: bool = Field(description="Whether the time was over before all had come.")
    url: str = Field(description="Where was listened.")


class WebhookListener(Tool[WebhookListenParameters]):
    """Waits for messages that others deliver over HTTP, to this machine only where not asked otherwise."""

    name = "webhook-listener"
    category = "api"
    security = "privileged"
    aliases = ("webhook_listener",)
    Parameters = WebhookListenParameters
    returns = WebhookMessages

    async def run(self, parameters: WebhookListenParameters, context: ToolContext) -> Outcome:
        """Listen until all messages have come, or the time is over."""
        from anyio import move_on_after

        address = await checked_address(parameters, context)
        inbox = _Inbox(parameters)
        with move_on_after(parameters.timeout):
            await accept_until_full(address, inbox, inbox.serve)
        result = inbox.result()
        bodies = (one.body if isinstance(one.body, str) else json.dumps(one.body) for one in result.messages)
        told = f"Received {counted(result.count, 'message')} at {result.url}"
        return Outcome("listen", result, "\n".join(bodies), told)


class _Inbox(Inbox[WebhookListenParameters, WebhookMessage]):
    """What came so far."""

    async def serve(self, stream: SocketStream) -> None:
        """Take what comes over one connection."""
        unread = await serve_connection(stream, self.take, self.parameters.max_bytes)
        self.rejected += unread

    def take(self, request: Request) -> Response:
        """Take a message, or refuse it."""
        refused = self._refused(request)
        if refused is not None:
            self.rejected += 1
            return refused
        self.messages.append(_message(request))
        sent = self.full.set if self.is_full else None
        return Response(self.parameters.response_status, self.parameters.response_body, sent=sent)

    def _refused(self, request: Request) -> Response | None:
        if request.target.partition("?")[0] != self.parameters.path:
            return Response(404, "there is nothing here")
        if request.method not in ("POST", "PUT", "PATCH"):
            return Response(405, "messages are sent with POST", {"Allow": "POST, PUT, PATCH"})
        if self.is_full:
            return Response(503, "no more messages are taken", {"Connection": "close"})
        if not self._is_known(request):
            return Response(401, "the message is not signed as it has to be")
        return None

    def _is_known(self, request: Request) -> bool:
        """Whether who sent a message knows the secret and the token, where there are such."""
        secret, token = self.parameters.secret, self.parameters.token
        given = request.headers.get(self.parameters.signature_header.lower(), "")
        if secret is not None and not is_signed(secret, request.body, given):
            return False
        stated = request.headers.get("authorization", "")
        return token is None or hmac.compare_digest(stated.encode(), f"Bearer {token}".encode())

    def result(self) -> WebhookMessages:
        """What came."""
        return WebhookMessages(
            **self.facts(), url=f"http://{place_of(self.parameters)}{self.parameters.path}"
        )


def _message(request: Request) -> WebhookMessage:
    path, _, query = request.target.partition("?")
    body, encoding = _body(request.body, request.headers)
    return WebhookMessage(
        method=request.method,
        path=path,
        query=parse_qs(query, keep_blank_values=True),
        headers=dict(request.headers),
        body=body,
        encoding=encoding,
        received_at=now(),
    )


def _body(content: bytes, headers: Mapping[str, str]) -> tuple[Any, Literal["json", "text", "base64"]]:
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind.endswith(("/json", "+json")):
        try:
            return json.loads(content), "json"
        except (ValueError, RecursionError):
            pass
    return as_text(content)
