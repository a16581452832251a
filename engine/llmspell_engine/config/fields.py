"""Questions of the model: which keys a table has, what type a key has, what a text means for it."""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, SecretStr, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from llmspell_engine.config.origin import Keys


def type_at(root: Any, keys: Keys) -> Any:
    """The type of what keys lead to; None where they lead nowhere, Any where anything may be."""
    found = root
    for key in keys:
        found = next((inner for one in choices_of(found) if (inner := _child(one, key)) is not None), None)
        if found is None or found is Any:
            return found
    return found


def names_at(root: Any, keys: Keys) -> list[str] | None:
    """The keys that a table may have; None where it may have any."""
    for one in choices_of(type_at(root, keys)):
        if isinstance(one, type) and issubclass(one, BaseModel):
            if takes_others(one):
                return None
            return [written_name(name, field) for name, field in one.model_fields.items()]
    return None


def meant(kind: Any, text: str) -> Any:
    """What a text from the environment means for a type: itself, else the value that it writes."""
    if kind is None or kind is Any or _fits(kind, text):
        return text
    value = _written(text)
    if _is_list(kind) and not isinstance(value, list):
        parts = [part.strip() for part in text.split(",")]
        inner = type_at(kind, ("0",))
        return [meant(inner, part) for part in parts if part]
    return value


def paths_of(value: Any, keys: Keys = ()) -> Iterator[tuple[Keys, Path]]:
    """The paths in a validated value, with the keys that lead to them."""
    if isinstance(value, Path):
        yield keys, value
    for key, each in items_of(value):
        yield from paths_of(each, (*keys, key))


def plain(value: Any) -> Any:
    """A validated value as files may have it, with secrets masked."""
    from llmspell_engine.observability.secrets import MASK

    if isinstance(value, SecretStr):
        return MASK
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, BaseModel | Mapping):
        return {key: plain(each) for key, each in items_of(value)}
    return [plain(each) for each in value] if isinstance(value, list | tuple) else value


def secrets_of(value: Any) -> Iterator[str]:
    """The secrets in a validated value."""
    if isinstance(value, SecretStr):
        yield value.get_secret_value()
    for _, each in items_of(value):
        yield from secrets_of(each)


def items_of(value: Any) -> Iterator[tuple[str, Any]]:
    """What a validated table or list holds, by the keys that files use."""
    if isinstance(value, BaseModel):
        fields = type(value).model_fields
        yield from ((written_name(name, field), getattr(value, name)) for name, field in fields.items())
        yield from ((key, _hidden(key, each)) for key, each in (value.model_extra or {}).items())
    elif isinstance(value, Mapping):
        yield from ((str(key), each) for key, each in value.items())
    elif isinstance(value, list | tuple):
        yield from ((str(at), each) for at, each in enumerate(value))


def _hidden(key: str, value: Any) -> Any:
    """A value under a key that is not declared: a secret where the key is called like one."""
    from llmspell_engine.observability.secrets import is_secret_name

    return SecretStr(value) if isinstance(value, str) and is_secret_name(key) else value


def _child(kind: Any, key: str) -> Any:
    if kind is Any:
        return Any
    if is_model(kind):
        fields = kind.model_fields.items()
        field = next((field for name, field in fields if written_name(name, field) == key), None)
        if field is None:
            return Any if takes_others(kind) else None
        return field.rebuild_annotation()
    arguments = get_args(kind)
    if is_mapping(kind):
        return arguments[1] if arguments else Any
    if _is_list(kind):
        return arguments[0] if arguments else Any
    return None


def written_name(name: str, field: FieldInfo) -> str:
    """How files call a field; some names are words of Python."""
    return field.alias or name


def choices_of(kind: Any) -> Iterator[Any]:
    """The types that a type is one of, without what is annotated to them."""
    origin = get_origin(kind)
    if origin is Annotated:
        yield from choices_of(get_args(kind)[0])
    elif origin in (Union, types.UnionType):
        for each in get_args(kind):
            yield from choices_of(each)
    elif kind is not None:
        yield kind


def is_model(kind: Any) -> bool:
    """Whether a type is a table with known keys."""
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def takes_others(model: type[BaseModel]) -> bool:
    """Whether a table may have keys besides those that are known."""
    return model.model_config.get("extra") == "allow"


def is_mapping(kind: Any) -> bool:
    """Whether a type is a table with any keys."""
    origin = get_origin(kind) or kind
    return isinstance(origin, type) and issubclass(origin, Mapping)


def _is_list(kind: Any) -> bool:
    for one in choices_of(kind):
        origin = get_origin(one) or one
        if isinstance(origin, type) and origin is not str and issubclass(origin, Sequence | AbstractSet):
            return True
    return False


def _fits(kind: Any, text: str) -> bool:
    import json

    try:
        TypeAdapter(kind).validate_json(json.dumps(text), strict=True)
    except ValidationError:
        return False
    return True


def _written(text: str) -> Any:
    """The value that a text writes, in TOML or JSON; itself where it writes none."""
    import json
    import tomllib

    try:
        return tomllib.loads(f"value = {text}")["value"]
    except (tomllib.TOMLDecodeError, KeyError):
        pass
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text
