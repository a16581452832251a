"""Trying an interface over HTTP: what it answers, how fast, and whether that is what was expected."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from pydantic import Field

from llmspell_engine.api.declare import Result
from llmspell_engine.schema_patterns import bounded
from llmspell_engine.tools.api.answers import Body, body_of, encoded
from llmspell_engine.tools.base import Outcome, Tool, ToolContext, ToolError
from llmspell_engine.tools.http import Ask, Fetched, fetch
from llmspell_engine.tools.parameters import ToolParameters

_MOST_FAULTS = 20


class ApiTestParameters(ToolParameters):
    """What is asked, and what is expected."""

    only_operation: ClassVar[str] = "test"
    older_names: ClassVar[dict[str, str]] = {"url": "input"}

    input: str = Field(min_length=1, description="The URL.")
    method: Literal["GET", "POST", "PUT", "DELETE", "PATCH"] = Field("GET", description="What to do there.")
    headers: dict[str, str] | None = Field(None, description="Headers to send.")
    body: Body | None = Field(None, description="What to send: a text as it is, a list or a table as JSON.")
    expected_status: int | None = Field(
        None, ge=100, le=599, description="The status that is right; without it any from 200 to 299."
    )
    expected_headers: dict[str, str] | None = Field(
        None, description="Headers that the answer has to have, with these values."
    )
    expected_body: dict[str, Any] | None = Field(
        None, description="The JSON Schema that the answer's body has to be of."
    )
    max_response_ms: int | None = Field(None, ge=1, description="How long the answer may take.")
    timeout: float = Field(30, gt=0, le=600, description="How long it may take at all, in seconds.")


class ApiTest(Result):
    """What an interface answered."""

    passed: bool = Field(description="Whether it is what was expected.")
    failures: list[str] = Field(description="What is not, a sentence each.")
    url: str = Field(description="Where the answer came from, after redirects.")
    method: str = Field(description="What was done there.")
    status_code: int = Field(description="The status.")
    status_text: str = Field(description="The status in words.")
    response_time_ms: int = Field(description="How long it took.")
    headers: dict[str, str] = Field(description="The headers, by names in small letters.")
    content_type: str | None = Field(None, description="What kind of content it is.")
    size: int = Field(description="How many bytes the content has.")
    body: Any = Field(
        None, description="The content: what JSON means, or text, or base64 of what is no text."
    )


class ApiTester(Tool[ApiTestParameters]):
    """Calls an interface over HTTP, and reports status, time and headers, and what is not as expected."""

    name = "api-tester"
    category = "api"
    security = "restricted"
    aliases = ("api_tester",)
    Parameters = ApiTestParameters
    returns = ApiTest

    async def run(self, parameters: ApiTestParameters, context: ToolContext) -> Outcome:
        """Ask and compare."""
        from anyio import to_thread

        validator = _validator(parameters.expected_body)
        content, headers = encoded(parameters.body, parameters.headers or {})
        ask = Ask(parameters.input, parameters.method, headers, content, parameters.timeout)
        answer = await fetch(context, ask)
        result = await to_thread.run_sync(_tested, answer, parameters, validator, abandon_on_cancel=True)
        verdict = "passed" if result.passed else "failed"
        text = "\n".join([f"{verdict}: {result.status_code}", *result.failures])
        return Outcome("test", result, text, f"The test of '{result.url}' {verdict}")


def _validator(schema: dict[str, Any] | None) -> Any:
    if schema is None:
        return None
    import jsonschema

    try:
        jsonschema.Draft202012Validator.check_schema(schema)
    except jsonschema.SchemaError as error:
        raise ToolError(
            f"'expected_body' is no JSON Schema: {error.message}", code="invalid_schema"
        ) from None
    return bounded(jsonschema.Draft202012Validator)(schema)


def _tested(answer: Fetched, parameters: ApiTestParameters, validator: Any) -> ApiTest:
    body, encoding = body_of(answer)
    failures = [*_faults(answer, parameters)]
    if validator is not None:
        told = "the body is not JSON"
        failures += _faults_of_body(validator, body) if encoding == "json" else [told]
    return ApiTest(
        passed=not failures,
        failures=failures,
        url=answer.url,
        method=parameters.method,
        status_code=answer.status,
        status_text=answer.reason,
        response_time_ms=answer.elapsed_ms,
        headers=dict(answer.headers),
        content_type=answer.headers.get("content-type"),
        size=len(answer.content),
        body=body,
    )


def _faults(answer: Fetched, parameters: ApiTestParameters) -> list[str]:
    found = []
    expected = parameters.expected_status
    if not (answer.ok if expected is None else answer.status == expected):
        found.append(f"the status is {answer.status} and not {expected or 'one of success'}")
    for name, value in (parameters.expected_headers or {}).items():
        actual = answer.headers.get(name.lower())
        if actual != value:
            found.append(f"the header '{name}' is {actual!r} and not {value!r}")
    longest = parameters.max_response_ms
    if longest is not None and answer.elapsed_ms > longest:
        found.append(f"it took {answer.elapsed_ms} ms, more than {longest} ms")
    return found


def _faults_of_body(validator: Any, body: Any) -> list[str]:
    found = sorted(validator.iter_errors(body), key=lambda error: error.json_path)
    return [f"the body at {error.json_path}: {error.message}" for error in found[:_MOST_FAULTS]]
