"""JSON: queries in the language of jq, and checks against JSON Schema.

The libraries are imported by what needs them, so that scripts which use other tools start fast.
"""

from __future__ import annotations

import json
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from llmspell_engine.api.declare import Result
from llmspell_engine.schema_patterns import bounded
from llmspell_engine.tools.base import Outcome, Tool, ToolContext, ToolError, counted
from llmspell_engine.tools.data.queries_apart import may_not_end, queried_apart
from llmspell_engine.tools.data_values import Data
from llmspell_engine.tools.files import lines_of
from llmspell_engine.tools.parameters import Needs, ToolParameters

_NO_ENVIRONMENT = "{} as $ENV | def env: {}; "
"""Put before each query: the environment may hold keys, which are no business of a query."""


class JsonParameters(ToolParameters):
    """What is asked of which JSON."""

    needs: ClassVar[Needs] = {"query": ("input",), "validate": ("input", "schema_"), "stream": ("input",)}
    older_names: ClassVar[dict[str, str]] = {"json_data": "input"}

    operation: Literal["query", "validate", "stream"] = Field(
        "query", description="Query, check against a schema, or query each line of JSON lines."
    )
    input: Data = Field(
        None,
        description="The value, or JSON text; JSON lines to stream.",
        json_schema_extra={"x-example": '{"a": 1}'},
    )
    query: Annotated[str, Field(min_length=1)] = Field(
        ".", description="The query, as jq reads it.", json_schema_extra={"x-example": ".items[].name"}
    )
    schema_: dict[str, Any] | None = Field(
        None, alias="schema", description="The JSON Schema to check against."
    )


class QueryResult(Result):
    """What a query found."""

    result: Any = Field(None, description="The value it found; a list when there is not exactly one.")
    count: int = Field(description="How many values it found.")


class SchemaFault(Result):
    """Where a value is not what a schema asks for."""

    path: str = Field(description="The place in the value, such as `$.items[0]`.")
    message: str = Field(description="What is wrong there.")


class SchemaCheck(Result):
    """Whether a value is what a schema asks for."""

    valid: bool = Field(description="Whether it is.")
    errors: list[SchemaFault] = Field(description="Where it is not.")


class JsonProcessor(Tool[JsonParameters]):
    """Queries JSON with jq, and checks it against JSON Schema."""

    name = "json-processor"
    category = "data"
    aliases = ("json_processor",)
    Parameters = JsonParameters
    returns = QueryResult | SchemaCheck

    def run(self, parameters: JsonParameters, context: ToolContext) -> Outcome:
        """Query or check."""
        match parameters.operation:
            case "query":
                return _found("query", _query(parameters.query, [_value(parameters.input)]))
            case "validate":
                return _validate(_value(parameters.input), parameters.schema_ or {})
            case _:
                return _found("stream", _query(parameters.query, _lines(parameters.input)))


def _value(given: Any) -> Any:
    """A text that is JSON stands for its value."""
    if not isinstance(given, str):
        return given
    try:
        return json.loads(given)
    except ValueError as error:
        raise ToolError(f"'input' is not JSON: {error}", code="invalid_json") from None


def _lines(given: Any) -> list[Any]:
    if isinstance(given, list):
        return given
    if not isinstance(given, str):
        raise ToolError("'input' must be JSON lines or a list to stream", code="invalid_input")
    return [_value(line) for line in lines_of(given) if line.strip()]


def _query(query: str, values: list[Any]) -> list[Any]:
    program = _compiled(query)
    if may_not_end(query):
        return queried_apart(_NO_ENVIRONMENT + query, values)
    try:
        return [found for value in values for found in program.input_value(value)]
    except ValueError as error:
        raise ToolError(f"the query fails: {error}", code="query_failed") from None


def _compiled(query: str) -> Any:
    import jq

    try:
        return jq.compile(_NO_ENVIRONMENT + query)
    except ValueError as error:
        reason = str(error).removeprefix("jq: error: ").partition(" at <top-level>")[0]
        raise ToolError(f"'{query}' is no jq query: {reason}", code="invalid_query") from None


def _found(operation: str, values: list[Any]) -> Outcome:
    single = values[0] if len(values) == 1 else values
    text = "\n".join(json.dumps(value, ensure_ascii=False) for value in values)
    result = QueryResult(result=single, count=len(values))
    return Outcome(operation, result, text, f"Found {counted(len(values), 'value')}")


def _validate(value: Any, schema: dict[str, Any]) -> Outcome:
    import jsonschema

    checker = jsonschema.validators.validator_for(schema, default=jsonschema.Draft202012Validator)
    try:
        checker.check_schema(schema)
    except jsonschema.SchemaError as error:
        raise ToolError(f"'schema' is no JSON Schema: {error.message}", code="invalid_schema") from None
    errors = [
        SchemaFault(path=fault.json_path, message=fault.message)
        for fault in sorted(bounded(checker)(schema).iter_errors(value), key=lambda fault: fault.json_path)
    ]
    text = "\n".join(f"{fault.path}: {fault.message}" for fault in errors) or "valid"
    message = "The value is valid" if not errors else f"The value has {counted(len(errors), 'fault')}"
    return Outcome("validate", SchemaCheck(valid=not errors, errors=errors), text, message)
