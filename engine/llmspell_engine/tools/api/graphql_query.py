"""Asking interfaces in GraphQL, over HTTP. Subscriptions come as server-sent events."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field

from llmspell_engine.api.declare import Result
from llmspell_engine.tools.api.answers import json_bytes
from llmspell_engine.tools.base import Outcome, Tool, ToolContext, ToolError, counted
from llmspell_engine.tools.data_values import DataTable
from llmspell_engine.tools.http import LARGEST, Ask, Fetched, fetch, opened, told_as_tool_errors
from llmspell_engine.tools.parameters import Needs, ToolParameters

if TYPE_CHECKING:
    import httpx

_ACCEPT = "application/graphql-response+json, application/json;q=0.9"
_TYPE = "kind name ofType { " * 7 + "kind name" + " }" * 7
_INTROSPECTION = (
    "query IntrospectionQuery { __schema { queryType { name } mutationType { name } "
    "subscriptionType { name } types { kind name description "
    "fields(includeDeprecated: true) { name description isDeprecated "
    f"deprecationReason args {{ name description defaultValue type {{ {_TYPE} }} }} type {{ {_TYPE} }} }} "
    f"inputFields {{ name description defaultValue type {{ {_TYPE} }} }} interfaces {{ name }} "
    "enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason } "
    "possibleTypes { name } } directives { name description locations "
    f"args {{ name description defaultValue type {{ {_TYPE} }} }} }} }} }}"
)


class GraphqlParameters(ToolParameters):
    """What is asked of whom."""

    needs: ClassVar[Needs] = {"query": ("input",), "mutation": ("input",), "subscription": ("input",)}
    older_names: ClassVar[dict[str, str]] = {"query": "input"}

    operation: Literal["query", "mutation", "subscription", "introspection"] = Field(
        "query", description="What kind of request it is; `introspection` asks for the schema."
    )
    endpoint: str = Field(min_length=1, description="The URL of the interface.")
    input: Annotated[str, Field(min_length=1)] | None = Field(
        None, description="The document in GraphQL.", json_schema_extra={"x-example": "{ hero { name } }"}
    )
    variables: DataTable | None = Field(None, description="The values of the document's variables.")
    operation_name: str | None = Field(
        None, description="Which operation of the document to run, where it has several."
    )
    headers: dict[str, str] | None = Field(None, description="Headers to send.")
    max_events: int = Field(
        10, ge=1, le=1000, description="How many events of a subscription to wait for, at most."
    )
    timeout: float = Field(
        30, gt=0, le=600, description="How long it may take, in seconds; a subscription ends then."
    )


class GraphqlAnswer(Result):
    """What an interface answered."""

    operation: str = Field(description="What kind of request it was.")
    endpoint: str = Field(description="The URL of the interface.")
    result: Any = Field(None, description="The data; a list with that of each event of a subscription.")
    errors: list[Any] | None = Field(None, description="What failed of it, where the rest did not.")


class GraphqlQuery(Tool[GraphqlParameters]):
    """Asks an interface in GraphQL."""

    name = "graphql-query"
    category = "api"
    security = "privileged"
    aliases = ("graphql_query",)
    Parameters = GraphqlParameters
    returns = GraphqlAnswer

    async def run(self, parameters: GraphqlParameters, context: ToolContext) -> Outcome:
        """Ask, or listen for a while."""
        if parameters.operation == "subscription":
            answers = await _events(parameters, context)
            data, errors = [_data(one) for one in answers], [one for each in answers for one in _errors(each)]
            told = f"Received {counted(len(answers), 'event')}"
        else:
            answer = _read(await fetch(context, _ask(parameters, _ACCEPT)))
            data, errors = _data(answer), _errors(answer)
            told = f"'{parameters.endpoint}' answered"
        if parameters.operation == "introspection" and isinstance(data, dict):
            data = data.get("__schema")
        result = GraphqlAnswer(
            operation=parameters.operation, endpoint=parameters.endpoint, result=data, errors=errors or None
        )
        return Outcome(parameters.operation, result, json.dumps(data, ensure_ascii=False, indent=2), told)


def _ask(parameters: GraphqlParameters, accept: str) -> Ask:
    is_introspection = parameters.operation == "introspection"
    body = {
        "query": _INTROSPECTION if is_introspection else parameters.input,
        "variables": parameters.variables,
        "operationName": parameters.operation_name,
    }
    content = json_bytes({key: value for key, value in body.items() if value is not None})
    headers = {"Content-Type": "application/json", "Accept": accept, **(parameters.headers or {})}
    return Ask(parameters.endpoint, "POST", headers, content, parameters.timeout)


def _read(answer: Fetched) -> Any:
    """What the answer says. Interfaces tell what is wrong in it, also with a status of failure."""
    if not answer.media_type.endswith(("/json", "+json")):
        answer.require_ok()
    value = answer.json()
    if not isinstance(value, dict) or not value.keys() & {"data", "errors"}:
        answer.require_ok()
        raise ToolError(f"{answer.told} does not answer as GraphQL does", code="broken_answer")
    return value


def _data(answer: Any) -> Any:
    """The data of an answer. Raises ToolError where there is none."""
    if answer.get("data") is None and (errors := _errors(answer)):
        told = "; ".join(str(one.get("message", one) if isinstance(one, dict) else one) for one in errors[:5])
        raise ToolError(f"the interface refused it: {told}", code="graphql_error", details=errors)
    return answer.get("data")


def _errors(answer: Any) -> list[Any]:
    errors = answer.get("errors")
    return errors if isinstance(errors, list) else []


async def _events(parameters: GraphqlParameters, context: ToolContext) -> list[Any]:
    """The events of a subscription that come in the time that it has."""
    found: list[Any] = []
    try:
        async with opened(context, _ask(parameters, "text/event-stream")) as (response, _):
            _check_stream(response, parameters.endpoint)
            with told_as_tool_errors(f"'{parameters.endpoint}'"):
                await _collect(response, parameters, found)
    except ToolError as error:
        if error.code != "timeout" or not found:
            raise
    return found


def _check_stream(response: httpx.Response, endpoint: str) -> None:
    if "text/event-stream" not in response.headers.get("content-type", ""):
        raise ToolError(
            f"'{endpoint}' answered {response.status_code} and no stream of events; "
            "subscriptions need an interface that sends them over HTTP",
            code="unsupported",
        )


async def _collect(response: httpx.Response, parameters: GraphqlParameters, found: list[Any]) -> None:
    async for name, data in _sent(response):
        if name == "complete":
            return
        if data:
            found.append(_event(data, parameters.endpoint))
        if len(found) == parameters.max_events:
            return


def _event(data: str, endpoint: str) -> Any:
    try:
        value = json.loads(data)
    except ValueError:
        raise ToolError(f"'{endpoint}' sent an event that is not JSON", code="invalid_json") from None
    if not isinstance(value, dict):
        raise ToolError(f"'{endpoint}' sent an event that is not of GraphQL", code="broken_answer")
    return value


async def _sent(response: httpx.Response) -> AsyncIterator[tuple[str, str]]:
    """The events of a stream, each with its name and its data."""
    name, size = "message", 0
    data: list[str] = []
    async for line in response.aiter_lines():
        size += len(line)
        if size > LARGEST:
            raise ToolError("the events are larger than 10 MiB", code="too_large")
        if not line:
            if data or name != "message":
                yield name, "\n".join(data)
            name, data = "message", []
        key, _, value = line.partition(":")
        if key == "event":
            name = value.removeprefix(" ")
        elif key == "data":
            data.append(value.removeprefix(" "))
