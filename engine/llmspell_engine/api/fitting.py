"""Bringing what a script passed into the form that declared types have.

Only the form changes, never the meaning: keys get their snake_case spelling, whole numbers that
crossed as floats (Lua's ``8 / 2``, every JavaScript number) become integers where a whole number is
asked for, and Lua's empty table becomes a list where a list is asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from llmspell_engine.api.older import WithOlderNames
from llmspell_engine.catalog.spelling import snake

_ATOMS: frozenset[type] = frozenset((str, bool, int, type(None)))
"""Types whose values have one form only."""


def fitted(annotation: Any, value: Any) -> Any:
    """The value in the form of a declared type, as far as its kind allows; others as they are."""
    if type(value) in _ATOMS:
        return value
    kinds = tuple(kinds_of(annotation))
    if isinstance(value, float):
        return int(value) if int in kinds and float not in kinds and value.is_integer() else value
    if isinstance(value, Mapping):
        return _fitted_mapping(kinds, value)
    if isinstance(value, list):
        element = next((get_args(kind)[0] for kind in kinds if _is_list(kind)), Any)
        return [fitted(element, one) for one in value]
    return value


def _fitted_mapping(kinds: tuple[Any, ...], value: Mapping[Any, Any]) -> Any:
    models = [kind for kind in kinds if _is_model(kind)]
    if models:
        return _fitted_fields(next((one for one in models if _is_meant(one, value)), models[0]), value)
    if not value and any(_is_list(kind) for kind in kinds):
        return []
    element = next((get_args(kind)[-1] for kind in kinds if _is_mapping(kind)), Any)
    return {key: fitted(element, one) for key, one in value.items()}


def _is_meant(model: type[BaseModel], value: Mapping[Any, Any]) -> bool:
    """Whether the constants of a model, of which one tells the arms of a union apart, are those given."""
    return any(value.get(name) in allowed for name, allowed in _constants(model))


@cache
def _constants(model: type[BaseModel]) -> tuple[tuple[str, tuple[Any, ...]], ...]:
    return tuple(
        (name, get_args(field.annotation))
        for name, field in model.model_fields.items()
        if get_origin(field.annotation) is Literal
    )


def _fitted_fields(model: type[BaseModel], value: Mapping[Any, Any]) -> dict[str, Any]:
    fields = _fields(model)
    result: dict[str, Any] = {}
    for key, one in value.items():
        name = key if key in fields or snake(str(key)) not in fields else snake(key)
        result[str(name)] = fitted(fields[name], one) if name in fields else one
    return result


@cache
def _fields(model: type[BaseModel]) -> Mapping[str, Any]:
    """The types of a model's fields, by what scripts call them and by what older ones do."""
    fields = {key_of(model, name): field.annotation for name, field in model.model_fields.items()}
    if not issubclass(model, WithOlderNames):
        return fields
    elements = {older: get_args(fields[name])[0] for older, name in model.older_elements.items()}
    renamed = {older: fields[name] for older, name in model.older_names.items()}
    return {**fields, **renamed, **elements, **dict.fromkeys(model.without_effect, Any)}


def key_of(model: type[BaseModel], field: str) -> str:
    """What scripts call a field, in snake_case: its alias where Python reserves the name (``from``)."""
    declared = model.model_fields.get(field)
    return (declared.alias if declared else None) or field


def models_of(annotation: Any) -> Iterator[type[BaseModel]]:
    """The models that an annotation names, as elements and values too."""
    for kind in kinds_of(annotation):
        if _is_model(kind):
            yield kind
        elif _is_list(kind) or _is_mapping(kind):
            yield from models_of(get_args(kind)[-1])


def kinds_of(annotation: Any) -> Iterator[Any]:
    """The types that an annotation allows, without what annotates them."""
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from kinds_of(get_args(annotation)[0])
    elif origin in (Union, UnionType):
        for one in get_args(annotation):
            yield from kinds_of(one)
    else:
        yield annotation


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _is_list(kind: Any) -> bool:
    return get_origin(kind) in (list, Sequence)


def _is_mapping(kind: Any) -> bool:
    return get_origin(kind) in (dict, Mapping)
