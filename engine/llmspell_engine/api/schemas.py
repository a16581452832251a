"""The JSON Schemas of declared types, as the catalog writes them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, get_args, get_origin

from pydantic import BaseModel, ConfigDict, TypeAdapter
from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import core_schema

from llmspell_engine.api.declare import Handle, Result, declaration

Definitions = dict[str, dict[str, Any]]


def schema_of(annotation: Any, definitions: Definitions) -> dict[str, Any] | None:
    """The schema of a declared type; None for no value. Models it names are added to ``definitions``."""
    if annotation is type(None) or annotation is None:
        return None
    callback = _callback(annotation, definitions)
    if callback is not None:
        return callback
    return _collected(_adapter(annotation).json_schema(schema_generator=_Generator), annotation, definitions)


def _adapter(annotation: Any) -> TypeAdapter[Any]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return TypeAdapter(annotation)
    return TypeAdapter(annotation, config=ConfigDict(arbitrary_types_allowed=True))


def _collected(schema: dict[str, Any], annotation: Any, definitions: Definitions) -> dict[str, Any]:
    """Move the definitions of a schema to where all stand; a model itself becomes a reference."""
    definitions.update({name: _clean(inner) for name, inner in schema.pop("$defs", {}).items()})
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        definitions[annotation.__name__] = _clean(schema)
        return {"$ref": f"#/$defs/{annotation.__name__}"}
    return _clean(schema)


def _clean(schema: dict[str, Any]) -> dict[str, Any]:
    """The titles that are made of class names tell nothing."""
    return {key: value for key, value in schema.items() if key != "title"}


def _callback(annotation: Any, definitions: Definitions) -> dict[str, Any] | None:
    if get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    if get_origin(annotation) is not Callable:
        return None
    parameters, returns = get_args(annotation)
    return {
        "x-function": {
            "parameters": [{"schema": schema_of(one, definitions)} for one in parameters],
            "returns": schema_of(returns, definitions),
        }
    }


class _Generator(GenerateJsonSchema):
    """Writes handles as ``x-handle``, and fields of results that may be absent as plain fields."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False

    def is_instance_schema(self, schema: core_schema.IsInstanceSchema) -> dict[str, Any]:
        if issubclass(schema["cls"], Handle):
            return {"x-handle": declaration(schema["cls"]).__name__}
        return super().is_instance_schema(schema)

    def model_schema(self, schema: core_schema.ModelSchema) -> dict[str, Any]:
        written = super().model_schema(schema)
        if issubclass(schema["cls"], Result):
            fields = written.get("properties", {})
            written["properties"] = {name: _without_null(field) for name, field in fields.items()}
        return written


def _without_null(field: dict[str, Any]) -> dict[str, Any]:
    """A result leaves out what it does not have, so nobody reads a null."""
    arms = [arm for arm in field.get("anyOf", ()) if arm != {"type": "null"}]
    rest = {key: value for key, value in field.items() if key not in ("anyOf", "default")}
    if len(arms) == 1:
        return {**arms[0], **rest}
    return {"anyOf": arms, **rest} if arms else rest
