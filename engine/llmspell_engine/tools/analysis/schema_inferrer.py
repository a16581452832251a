"""The JSON Schema that values have."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import date, datetime
from ipaddress import IPv4Address
from typing import Annotated, Any, ClassVar
from uuid import UUID

from pydantic import Field

from llmspell_engine.api.declare import Result
from llmspell_engine.tools.base import Outcome, Tool, ToolContext, ToolError, counted, stop_if_cancelled
from llmspell_engine.tools.data_values import Data, DataList
from llmspell_engine.tools.parameters import ToolParameters

_DEEPEST = 100
_TYPES = {bool: "boolean", int: "integer", float: "number", str: "string", type(None): "null"}
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_URI = re.compile(r"[a-z][a-z0-9+.-]*://\S+", re.IGNORECASE)


class InferParameters(ToolParameters):
    """What a schema is wanted of."""

    only_operation: ClassVar[str] = "infer"

    input: Data = Field(None, description="The value, or JSON text, of one sample.")
    samples: Annotated[DataList, Field(min_length=1, max_length=100_000)] | None = Field(
        None, description="Several samples of the same, in place of `input`."
    )
    detect_formats: bool = Field(
        True,
        description="Whether dates, times, addresses of mail and the web, and UUIDs are told as `format`.",
    )
    max_enum: int = Field(
        0, ge=0, le=100, description="Up to how many different texts are told as `enum`, where they repeat."
    )
    title: str | None = Field(None, description="The title of the schema.")


class InferredSchema(Result):
    """A schema that all samples have."""

    json_schema: dict[str, Any] = Field(description="The JSON Schema, of the draft 2020-12.")
    samples: int = Field(description="How many samples it was made of.")


class SchemaInferrer(Tool[InferParameters]):
    """Finds the JSON Schema that values have."""

    name = "schema-inferrer"
    category = "analysis"
    aliases = ("schema_inferrer",)
    Parameters = InferParameters
    returns = InferredSchema
    blocks = True

    def run(self, parameters: InferParameters, context: ToolContext) -> Outcome:
        """Look at all samples together."""
        samples = _samples(parameters)
        try:
            inferred = _schema(samples, parameters, 0)
        except RecursionError:
            raise ToolError("the samples are nested too deeply", code="too_deep") from None
        head = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
        schema = {**head, **({"title": parameters.title} if parameters.title else {}), **inferred}
        result = InferredSchema(json_schema=schema, samples=len(samples))
        told = f"Made a schema of {counted(len(samples), 'sample')}"
        return Outcome("infer", result, json.dumps(schema, ensure_ascii=False, indent=2), told)


def _samples(parameters: InferParameters) -> list[Any]:
    if (parameters.input is None) == (parameters.samples is None):
        raise ToolError("give one of 'input' and 'samples'", code="invalid_input")
    if parameters.samples is not None:
        return parameters.samples
    if not isinstance(parameters.input, str):
        return [parameters.input]
    try:
        return [json.loads(parameters.input)]
    except ValueError as error:
        raise ToolError(f"'input' is not JSON: {error}", code="invalid_json") from None


def _schema(values: Sequence[Any], parameters: InferParameters, depth: int) -> dict[str, Any]:
    """The schema of values that stand at the same place."""
    if depth > _DEEPEST:
        raise ToolError(f"the samples are nested more than {_DEEPEST} levels deep", code="too_deep")
    stop_if_cancelled()
    schema: dict[str, Any] = {}
    if kinds := _kinds(values):
        schema["type"] = kinds[0] if len(kinds) == 1 else kinds
    texts = [value for value in values if isinstance(value, str)]
    if texts:
        schema |= _of_texts(texts, parameters, is_only=kinds == ["string"])
    if tables := [value for value in values if isinstance(value, dict)]:
        schema |= _of_tables(tables, parameters, depth)
    if any(isinstance(value, list) for value in values):
        items = [one for value in values if isinstance(value, list) for one in value]
        schema["items"] = _schema(items, parameters, depth + 1) if items else {}
    return schema


def _kinds(values: Sequence[Any]) -> list[str]:
    found = {_kind(value) for value in values}
    if "number" in found:
        found.discard("integer")
    return sorted(found, key=lambda kind: (kind == "null", kind))


def _kind(value: Any) -> str:
    if isinstance(value, dict):
        return "object"
    return "array" if isinstance(value, list) else _TYPES.get(type(value), "string")


def _of_tables(tables: Sequence[dict[str, Any]], parameters: InferParameters, depth: int) -> dict[str, Any]:
    names = dict.fromkeys(str(name) for table in tables for name in table)
    properties = {
        name: _schema([table[name] for table in tables if name in table], parameters, depth + 1)
        for name in names
    }
    required = [name for name in names if all(name in table for table in tables)]
    return {"properties": properties, **({"required": required} if required else {})}


def _of_texts(texts: Sequence[str], parameters: InferParameters, *, is_only: bool) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if parameters.detect_formats and (named := _format(texts)):
        found["format"] = named
    different = dict.fromkeys(texts)
    if is_only and len(different) <= parameters.max_enum and len(texts) > len(different):
        found["enum"] = list(different)
    return found


def _format(texts: Sequence[str]) -> str | None:
    """The format that all texts have."""
    return next((name for name, fits in _FORMATS.items() if all(map(fits, texts))), None)


def _is_read(read: Any, text: str) -> bool:
    try:
        read(text)
    except ValueError:
        return False
    return True


_FORMATS = {
    "uuid": lambda text: len(text) == 36 and _is_read(UUID, text),
    "date": lambda text: len(text) == 10 and "-" in text and _is_read(date.fromisoformat, text),
    "date-time": lambda text: "T" in text and len(text) > 16 and _is_read(datetime.fromisoformat, text),
    "ipv4": lambda text: _is_read(IPv4Address, text),
    "email": lambda text: bool(_EMAIL.fullmatch(text)),
    "uri": lambda text: bool(_URI.fullmatch(text)),
}
