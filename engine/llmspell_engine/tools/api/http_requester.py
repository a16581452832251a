"""Requests over HTTP."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from typing import Any, ClassVar, Literal

import httpx
from pydantic import Field

from llmspell_engine.api.declare import Options, Result
from llmspell_engine.tools.api.answers import Body, Coding, body_of, encoded
from llmspell_engine.tools.base import Outcome, Tool, ToolContext, ToolError
from llmspell_engine.tools.http import Ask, Fetched, checked_url, fetch
from llmspell_engine.tools.parameters import ToolParameters
from llmspell_engine.tools.retries import PASSING, Retries, tried

AuthType = Literal[
    "None", "Basic", "Bearer", "ApiKey", "Custom", "none", "basic", "bearer", "api_key", "custom"
]


class HttpAuth(Options):
    """Who asks."""

    type: AuthType = Field(
        description="How: `basic` with a name and a password, `bearer` with a token, `api_key` with a key in "
        "a header, `custom` with headers of one's own, `none`."
    )
    username: str | None = Field(None, description="The name, with `basic`.")
    password: str | None = Field(None, description="The password, with `basic`.")
    token: str | None = Field(None, description="The token, with `bearer`.")
    key: str | None = Field(None, description="The key, with `api_key`.")
    header: str = Field("X-API-Key", min_length=1, description="The header that the key stands in.")
    headers: dict[str, str] | None = Field(None, description="The headers, with `custom`.")


class HttpRetry(Options):
    """How often to try again."""

    max_attempts: int = Field(
        3, ge=1, le=10, description="How many attempts at most, the first one included."
    )
    delay_ms: int = Field(
        500, ge=0, le=60_000, description="How long to wait before the second; twice as long after each."
    )
    max_delay_ms: int = Field(
        30_000, ge=0, le=600_000, description="How long to wait at most, also where the server asks for more."
    )
    statuses: list[int] = Field(
        sorted(PASSING), description="The statuses after which to try again, beside broken connections."
    )


class HttpParameters(ToolParameters):
    """What is asked of whom."""

    only_operation: ClassVar[str] = "request"
    older_names: ClassVar[dict[str, str]] = {"url": "input"}

    input: str = Field(min_length=1, description="The URL.")
    method: Literal["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"] = Field(
        "GET", description="What to do there."
    )
    headers: dict[str, str] = Field({}, description="Headers to send.")
    query: dict[str, Any] | None = Field(None, description="Parameters to add to the query of the URL.")
    body: Body | None = Field(None, description="What to send: a text as it is, a list or a table as JSON.")
    auth: HttpAuth | None = Field(None, description="Who asks.")
    retry: HttpRetry | None = Field(None, description="How often to try again; once without it.")
    follow_redirects: bool = Field(True, description="Whether redirects are followed.")
    timeout: float = Field(30, gt=0, le=600, description="How long each attempt may take, in seconds.")


class HttpAnswer(Result):
    """What a server answered."""

    status_code: int = Field(description="The status.")
    ok: bool = Field(description="Whether the status is one of success, 200 to 299.")
    headers: dict[str, str] = Field(description="The headers, by names in small letters.")
    body: Any = Field(
        None, description="The content: what JSON means, or text, or base64 of what is no text."
    )
    encoding: Coding = Field(description="How the content is given.")
    url: str = Field(description="Where it came from, after redirects.")
    elapsed_ms: int = Field(description="How long the last attempt took.")
    attempts: int = Field(description="How many attempts there were.")
    timestamp: str = Field(description="When it was there.")


class HttpRequester(Tool[HttpParameters]):
    """Makes requests over HTTP, with authentication and retries."""

    name = "http-requester"
    category = "api"
    aliases = ("http_requester", "http-request", "http_request")
    Parameters = HttpParameters
    returns = HttpAnswer

    async def run(self, parameters: HttpParameters, context: ToolContext) -> Outcome:
        """Ask, and again where that is wanted. A status of failure is an answer, too."""
        ask = _ask(parameters)
        answer, attempts = await tried(lambda: fetch(context, ask), _retries(parameters.retry))
        result = _answer(answer, attempts)
        told = f"'{answer.url}' answered {answer.status} {answer.reason}".rstrip()
        return Outcome("request", result, answer.text if answer.is_text else str(result.body), told)


def _ask(parameters: HttpParameters) -> Ask:
    url = checked_url(parameters.input)
    if parameters.query:
        url = url.copy_merge_params(_plain(parameters.query))
    given = {**parameters.headers, **(_credentials(parameters.auth) if parameters.auth else {})}
    content, headers = encoded(parameters.body, given)
    return Ask(str(url), parameters.method, headers, content, parameters.timeout, parameters.follow_redirects)


def _plain(query: dict[str, Any]) -> httpx.QueryParams:
    """The parameters of a query, lists as several of one name."""
    for name, value in query.items():
        inner = value if isinstance(value, list) else [value]
        if any(isinstance(one, (dict, list)) for one in inner):
            raise ToolError(f"'query.{name}' has to be a plain value or a list of them", code="invalid_input")
    return httpx.QueryParams(query)


def _credentials(auth: HttpAuth) -> dict[str, str]:
    match auth.type.lower().replace("_", ""):
        case "basic":
            pair = f"{_needed(auth, 'username')}:{auth.password or ''}"
            return {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}
        case "bearer":
            return {"Authorization": f"Bearer {_needed(auth, 'token')}"}
        case "apikey":
            return {auth.header: _needed(auth, "key")}
        case "custom":
            return auth.headers or {}
        case _:
            return {}


def _needed(auth: HttpAuth, name: str) -> str:
    value = getattr(auth, name)
    if not value:
        raise ToolError(f"'auth.{name}' is missing; 'auth.type' is \"{auth.type}\"", code="invalid_input")
    return str(value)


def _retries(given: HttpRetry | None) -> Retries:
    if given is None:
        return Retries()
    return Retries(
        given.max_attempts, given.delay_ms / 1000, given.max_delay_ms / 1000, frozenset(given.statuses)
    )


def _answer(answer: Fetched, attempts: int) -> HttpAnswer:
    body, encoding = body_of(answer)
    return HttpAnswer(
        status_code=answer.status,
        ok=answer.ok,
        headers=dict(answer.headers),
        body=body,
        encoding=encoding,
        url=answer.url,
        elapsed_ms=answer.elapsed_ms,
        attempts=attempts,
        timestamp=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    )
