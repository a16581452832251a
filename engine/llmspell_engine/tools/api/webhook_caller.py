"""Delivering messages to webhooks."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field

from llmspell_engine.api.declare import Result
from llmspell_engine.tools.api.answers import Body, body_of, json_bytes
from llmspell_engine.tools.base import Outcome, Tool, ToolContext, ToolError, counted
from llmspell_engine.tools.http import Ask, Fetched, fetch
from llmspell_engine.tools.parameters import ToolParameters
from llmspell_engine.tools.retries import Retries, tried
from llmspell_engine.tools.signatures import HEADER, signature


class WebhookCallParameters(ToolParameters):
    """What is delivered where."""

    only_operation: ClassVar[str] = "call"
    older_names: ClassVar[dict[str, str]] = {
        "url": "input",
        "retry_count": "max_retries",
        "retry_delay": "retry_delay_ms",
    }

    input: str = Field(min_length=1, description="The URL of the webhook.")
    payload: Body = Field({}, description="What to deliver; it is sent as JSON.")
    headers: dict[str, str] | None = Field(None, description="Headers to send.")
    method: Literal["POST", "PUT", "PATCH"] = Field("POST", description="How to send it.")
    secret: str | None = Field(
        None, min_length=1, description="A secret shared with the receiver, which the message is signed with."
    )
    signature_header: str = Field(
        HEADER, min_length=1, description="The header that the signature stands in."
    )
    max_retries: int = Field(3, ge=0, le=10, description="How often to try again.")
    retry_delay_ms: int = Field(
        500, ge=0, le=60_000, description="How long to wait before that; twice as long after each attempt."
    )
    timeout: float = Field(30, gt=0, le=600, description="How long each attempt may take, in seconds.")


class WebhookDelivery(Result):
    """A message that was delivered."""

    status_code: int = Field(description="The status that the receiver answered.")
    attempts: int = Field(description="How many attempts it took.")
    response_time_ms: int = Field(description="How long the last one took.")
    headers: dict[str, str] = Field(description="The headers of the answer, by names in small letters.")
    response: Any = Field(None, description="What was answered: what JSON means, or text.")


class WebhookCaller(Tool[WebhookCallParameters]):
    """Delivers JSON to a webhook, signed and with retries where wanted."""

    name = "webhook-caller"
    category = "api"
    security = "restricted"
    aliases = ("webhook_caller",)
    Parameters = WebhookCallParameters
    returns = WebhookDelivery

    async def run(self, parameters: WebhookCallParameters, context: ToolContext) -> Outcome:
        """Deliver, and again where the receiver cannot take it now."""
        content = json_bytes(parameters.payload)
        headers = {"Content-Type": "application/json", **(parameters.headers or {})}
        if parameters.secret is not None:
            headers[parameters.signature_header] = signature(parameters.secret, content)
        ask = Ask(parameters.input, parameters.method, headers, content, parameters.timeout)
        retries = Retries(parameters.max_retries + 1, parameters.retry_delay_ms / 1000)
        answer, attempts = await tried(lambda: fetch(context, ask), retries)
        result = _delivered(answer, attempts)
        return Outcome("call", result, answer.text, f"Delivered in {counted(attempts, 'attempt')}")


def _delivered(answer: Fetched, attempts: int) -> WebhookDelivery:
    body, _ = body_of(answer)
    if not answer.ok:
        raise ToolError(
            f"{answer.told} took it in none of {counted(attempts, 'attempt')}: "
            f"it answered {answer.status} {answer.reason}".rstrip(),
            code="not_delivered",
            details={"status_code": answer.status, "attempts": attempts, "body": body},
        )
    return WebhookDelivery(
        status_code=answer.status,
        attempts=attempts,
        response_time_ms=answer.elapsed_ms,
        headers=dict(answer.headers),
        response=body,
    )
