"""Whether a service answers."""

from __future__ import annotations

import socket
import time
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

import httpx
from pydantic import Field

from llmspell_engine.api.declare import Result
from llmspell_engine.tools.base import Outcome, Tool, ToolContext, ToolError
from llmspell_engine.tools.http import Ask, fetch
from llmspell_engine.tools.parameters import ToolParameters


class ServiceParameters(ToolParameters):
    """What is checked."""

    only_operation: ClassVar[str] = "check"

    target: str = Field(
        min_length=1,
        description="The service: `host:port` with `tcp`, a URL or host with `http`, else a host.",
        json_schema_extra={"x-example": "example.com:443"},
    )
    check_type: Literal["tcp", "http", "https", "dns"] = Field(
        description="How: a connection, a request, the look-up of the name."
    )
    timeout_seconds: float = Field(5, gt=0, le=300, description="How long it may take, in seconds.")
    timeout_ms: Annotated[int, Field(gt=0, le=300_000)] | None = Field(
        None, description="How long it may take, in milliseconds; counts before `timeout_seconds`."
    )

    @property
    def limit(self) -> float:
        """How long it may take, in seconds, by whichever is given."""
        return self.timeout_seconds if self.timeout_ms is None else self.timeout_ms / 1000


class ServiceStatus(Result):
    """Whether a service answers."""

    target: str = Field(description="The service.")
    check_type: str = Field(description="How it was checked.")
    available: bool = Field(description="Whether it answers.")
    response_time_ms: int = Field(description="How long it took.")
    status: str = Field(description="`up`, `down`, or the status of HTTP.")
    error: str | None = Field(None, description="Why it does not answer, in a sentence.")
    metadata: dict[str, Any] = Field(description="What else was learnt: addresses, or the status of HTTP.")
    timeout_seconds: float = Field(description="How long it might have taken.")


class ServiceChecker(Tool[ServiceParameters]):
    """Checks whether a host or a URL answers."""

    name = "service-checker"
    category = "system"
    security = "restricted"
    aliases = ("service_checker",)
    Parameters = ServiceParameters
    returns = ServiceStatus

    async def run(self, parameters: ServiceParameters, context: ToolContext) -> Outcome:
        """Try. A service that does not answer is a result and no failure."""
        begin = time.perf_counter()
        status, error = "down", None
        metadata: Mapping[str, Any] = {}
        try:
            status, metadata = await _checked(parameters, context)
        except (ToolError, OSError) as failure:
            if isinstance(failure, ToolError) and failure.code.startswith("invalid"):
                raise
            error = _sentence(failure, parameters)
        available = error is None and not status.startswith("5")
        result = ServiceStatus(
            target=parameters.target,
            check_type=parameters.check_type,
            available=available,
            response_time_ms=round((time.perf_counter() - begin) * 1000),
            status=status,
            error=error,
            metadata=dict(metadata),
            timeout_seconds=parameters.limit,
        )
        verb = "is" if available else "is not"
        return Outcome(
            "check",
            result,
            "available" if available else "unavailable",
            f"'{result.target}' {verb} available",
        )


async def _checked(parameters: ServiceParameters, context: ToolContext) -> tuple[str, Mapping[str, Any]]:
    """The status, and what else was learnt. Raises ToolError, OSError and SecurityError."""
    from anyio import fail_after

    if parameters.check_type in ("http", "https"):
        return await _answer(parameters, context)
    with fail_after(parameters.limit):
        if parameters.check_type == "tcp":
            return await _connection(parameters.target, context)
        return await _addresses(parameters.target, context)


async def _answer(parameters: ServiceParameters, context: ToolContext) -> tuple[str, Mapping[str, Any]]:
    target = parameters.target
    url = target if "://" in target else f"{parameters.check_type}://{target}"
    if not url.startswith(f"{parameters.check_type}://"):
        raise ToolError(f"'{target}' is not of '{parameters.check_type}'", code="invalid_input")
    answer = await fetch(context, Ask(url, seconds=parameters.limit))
    metadata = {"status_code": answer.status, "url": answer.url, "redirects": answer.redirects}
    return str(answer.status), metadata


async def _connection(target: str, context: ToolContext) -> tuple[str, Mapping[str, Any]]:
    from anyio import connect_tcp

    try:
        place = httpx.URL(f"tcp://{target}")
    except (httpx.InvalidURL, ValueError):
        place = None
    if place is None or not place.host or place.port is None or place.raw_path not in (b"", b"/"):
        raise ToolError(f"'{target}' is no place to connect to; give 'host:port'", code="invalid_input")
    address = await context.permissions.host(place.host, place.port)
    async with await connect_tcp(address, place.port):
        return "up", {"address": address, "port": place.port}


async def _addresses(target: str, context: ToolContext) -> tuple[str, Mapping[str, Any]]:
    """Look a name up by the system, with what it holds in its file of hosts."""
    from anyio import getaddrinfo

    from llmspell_engine.security.addresses import allowed_name

    name = allowed_name(context.permissions, target, 0)
    try:
        found = await getaddrinfo(name, None, type=socket.SOCK_STREAM)
    except UnicodeError:
        raise ToolError(f"'{target}' is no name of a host", code="invalid_input") from None
    return "up", {"addresses": list(dict.fromkeys(entry[4][0] for entry in found))}


def _sentence(failure: Exception, parameters: ServiceParameters) -> str:
    if isinstance(failure, TimeoutError):
        return f"'{parameters.target}' did not answer within {parameters.limit:g} s"
    if isinstance(failure, socket.gaierror):
        return f"the host of '{parameters.target}' cannot be found"
    return str(failure) if isinstance(failure, ToolError) else f"'{parameters.target}': {failure}"
