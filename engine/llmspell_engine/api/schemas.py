"""The JSON Schemas of declared types, as the catalog writes them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Annotated, Any, ClassVar, get_args, get_origin

from pydantic import BaseModel, ConfigDict, TypeAdapter
from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import core_schema
from typing_extensions import TypeAliasType

from llmspell_engine.api.declare import Handle, Holds, Result, declaration
from llmspell_engine.api.docstrings import documentation

Definitions = dict[str, dict[str, Any]]


def schema_of(annotation: Any, definitions: Definitions) -> dict[str, Any] | None:
    """The schema of a declared type; None for no value. Models it names are added to ``definitions``."""
    if annotation is type(None) or annotation is None:
        return None
    held = _held(annotation)
    if held is not None:
        bare = get_args(annotation)[0]
        return {**(schema_of(bare, definitions) or {}), "x-holds": schema_of(held.item, definitions)}
    callback = _callback(annotation, definitions)
    if callback is not None:
        return callback
    waiting: list[Any] = []
    generator = type("_Generating", (_Generator,), {"callbacks": waiting})
    schema = _with_callbacks(
        adapter_of(annotation).json_schema(schema_generator=generator), _callables(annotation), waiting
    )
    return _collected(_resolved(schema, waiting, definitions), annotation, definitions)


@cache
def adapter_of(annotation: Any) -> TypeAdapter[Any]:
    """What pydantic makes of a declared type; handles are checked by their class."""
    if _is_model(annotation):
        return TypeAdapter(annotation)
    return TypeAdapter(annotation, config=ConfigDict(arbitrary_types_allowed=True))


def _is_model(annotation: Any) -> bool:
    bare = get_args(annotation)[0] if get_origin(annotation) is Annotated else annotation
    return isinstance(bare, type) and issubclass(bare, BaseModel)


def _collected(schema: dict[str, Any], annotation: Any, definitions: Definitions) -> dict[str, Any]:
    """Move the definitions of a schema to where all stand; a model or a named type becomes a reference."""
    definitions.update({name: _clean(inner) for name, inner in schema.pop("$defs", {}).items()})
    is_model = isinstance(annotation, type) and issubclass(annotation, BaseModel)
    if is_model or isinstance(annotation, TypeAliasType):
        definitions[annotation.__name__] = _clean(schema)
        return {"$ref": f"#/$defs/{annotation.__name__}"}
    return _clean(schema)


def _clean(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema without the title that is only its class's name."""
    return {key: value for key, value in schema.items() if key != "title"}


def _held(annotation: Any) -> Holds | None:
    return next((one for one in getattr(annotation, "__metadata__", ()) if isinstance(one, Holds)), None)


def _callback(annotation: Any, definitions: Definitions) -> dict[str, Any] | None:
    if get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    if get_origin(annotation) is not Callable:
        return None
    parameters, returns = get_args(annotation)
    if parameters is ...:
        return _any_function()
    return {
        "x-function": {
            "parameters": [{"schema": schema_of(one, definitions)} for one in parameters],
            "returns": schema_of(returns, definitions),
        }
    }


def _callables(annotation: Any) -> Iterator[Any]:
    """The callbacks that a type names, in order."""
    if get_origin(annotation) is Callable:
        yield annotation
        return
    for inner in get_args(annotation):
        yield from _callables(inner)


def _with_callbacks(schema: Any, callables: Iterator[Any], waiting: list[Any]) -> Any:
    """A schema that says of its callbacks which they are, which pydantic does not look at.

    Each becomes a mark of its place in ``waiting``; its own types are written when the generator is done.
    """
    if isinstance(schema, dict) and schema.get("x-function") == _any_function()["x-function"]:
        known = next(callables, None)
        if known is None:
            return schema
        waiting.append(known)
        told = {key: one for key, one in schema.items() if key != "x-function"}
        return {_WAITING: len(waiting) - 1, **told}
    if isinstance(schema, dict):
        return {key: _with_callbacks(one, callables, waiting) for key, one in schema.items()}
    return (
        [_with_callbacks(one, callables, waiting) for one in schema] if isinstance(schema, list) else schema
    )


def _resolved(schema: Any, waiting: list[Any], definitions: Definitions) -> Any:
    if isinstance(schema, dict) and _WAITING in schema:
        rest = {key: one for key, one in schema.items() if key != _WAITING}
        return {**(_callback(waiting[schema[_WAITING]], definitions) or {}), **rest}
    if isinstance(schema, dict):
        return {key: _resolved(one, waiting, definitions) for key, one in schema.items()}
    return [_resolved(one, waiting, definitions) for one in schema] if isinstance(schema, list) else schema


_WAITING = "x-callback"


def _any_function() -> dict[str, Any]:
    """A function of which nothing is known."""
    return {"x-function": {"parameters": [{"schema": {}, "variadic": True}], "returns": {}}}


class _Generator(GenerateJsonSchema):
    """Writes handles as ``x-handle``, and fields of results that may be absent as plain fields."""

    callbacks: ClassVar[list[Any]]
    """The callbacks of models, by the marks that stand for them."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False

    def is_instance_schema(self, schema: core_schema.IsInstanceSchema) -> dict[str, Any]:
        if issubclass(schema["cls"], Handle):
            return {"x-handle": declaration(schema["cls"]).__name__}
        return super().is_instance_schema(schema)

    def callable_schema(self, schema: core_schema.CallableSchema) -> dict[str, Any]:
        return _any_function()

    def model_schema(self, schema: core_schema.ModelSchema) -> dict[str, Any]:
        written = super().model_schema(schema)
        types = {one.alias or name: one.annotation for name, one in schema["cls"].model_fields.items()}
        simpler = _without_null if issubclass(schema["cls"], Result) else _without_null_default
        fields = {
            name: _with_callbacks(field, _callables(types.get(name)), self.callbacks)
            for name, field in written.get("properties", {}).items()
        }
        if "description" in written:
            written["description"] = documentation(written["description"]).text
        return {**written, "properties": {name: simpler(field) for name, field in fields.items()}}


def _without_null(field: dict[str, Any]) -> dict[str, Any]:
    """A result leaves out what it does not have, so nobody reads a null."""
    arms = [arm for arm in field.get("anyOf", ()) if arm != {"type": "null"}]
    rest = {key: value for key, value in _without_null_default(field).items() if key != "anyOf"}
    if len(arms) == 1:
        return {**arms[0], **rest}
    return {"anyOf": arms, **rest} if arms else rest


def _without_null_default(field: dict[str, Any]) -> dict[str, Any]:
    """That an option which may be left out is then absent goes without saying."""
    return {key: value for key, value in field.items() if (key, value) != ("default", None)}
