"""The keys of the model in words: for the reference, and for the file that a project begins with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from llmspell_engine.config.fields import choices_of, is_mapping, is_model, written_name
from llmspell_engine.config.origin import Keys

NAME = "NAME"
"""Stands for the names that users give."""


@dataclass(frozen=True, slots=True)
class Key:
    """A key of a table."""

    name: str
    kind: str
    """Its type, in words."""
    default: Any
    is_required: bool
    documentation: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table, or each of the tables that users name."""

    keys: Keys
    documentation: str
    entries: tuple[Key, ...]


def tables_of(model: type[BaseModel], place: Keys = ()) -> Iterator[Table]:
    """The tables of a model, each before those in it; the first is what stands before all tables."""
    inner: list[tuple[Keys, type[BaseModel]]] = []
    entries: list[Key] = []
    for name, field in model.model_fields.items():
        written = written_name(name, field)
        table = _table_in(field.annotation)
        if table is None:
            entries.append(_key(written, field))
        else:
            named = (NAME,) if any(map(is_mapping, choices_of(field.annotation))) else ()
            inner.append(((*place, written, *named), table))
    yield Table(place, _flat(model.__doc__ or ""), tuple(entries))
    for keys, table in inner:
        yield from tables_of(table, keys)


def _table_in(kind: Any) -> type[BaseModel] | None:
    for one in choices_of(kind):
        if is_model(one):
            found: type[BaseModel] = one
            return found
        arguments = get_args(one)
        if is_mapping(one) and len(arguments) == 2 and _table_in(arguments[1]):
            return _table_in(arguments[1])
    return None


def _key(name: str, field: FieldInfo) -> Key:
    default = field.get_default(call_default_factory=True, validated_data={})
    return Key(
        name,
        kind_of(field.annotation),
        None if default is PydanticUndefined else default,
        field.is_required(),
        _flat(field.description or ""),
    )


def kind_of(kind: Any) -> str:
    """A type in words: ``number``, ``list of texts``, ``"text" or "json"``."""
    words = [_word(one) for one in choices_of(kind) if one is not type(None)]
    return " or ".join(dict.fromkeys(words))


_WORDS: dict[Any, str] = {
    bool: "truth value",
    int: "integer",
    float: "number",
    str: "text",
    SecretStr: "text (secret)",
    Path: "path",
}


def _word(kind: Any) -> str:
    if get_origin(kind) is Literal:
        return " or ".join(f'"{each}"' if isinstance(each, str) else str(each) for each in get_args(kind))
    if kind in _WORDS:
        return _WORDS[kind]
    arguments = [each for each in get_args(kind) if each is not Ellipsis]
    if is_mapping(kind):
        return (
            "table of " + _many(arguments[1]) if len(arguments) == 2 and arguments[1] is not Any else "table"
        )
    return "list of " + _many(arguments[0]) if arguments else "anything"


def _many(kind: Any) -> str:
    word = kind_of(kind)
    return f"{word}s" if word in ("text", "integer", "number", "path") else word


def _flat(text: str) -> str:
    return " ".join(text.split())
