"""Sentences for what the validation finds: where it is, what it is, and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from llmspell_engine.config.origin import Keys, Origin
from llmspell_engine.config.wording import dotted, origin_of, unknown

if TYPE_CHECKING:
    from pydantic import BaseModel
    from pydantic_core import ErrorDetails

_KEPT = ("missing", "extra_forbidden")
"""Faults whose last key is not among the values."""


def told(fault: ErrorDetails, keys: Keys, origins: Mapping[Keys, Origin], model: type[BaseModel]) -> str:
    """The sentence for what the validation found at some keys."""
    return f"{origin_of(origins, keys).place}: {_what(fault, keys, model)}"


def keys_of(fault: ErrorDetails, values: Any) -> Keys:
    """The keys of a fault; the names of types that the validation tried are left out."""
    keys: Keys = ()
    parts = [str(part) for part in fault["loc"]]
    for at, part in enumerate(parts):
        inside = _child(values, part)
        if inside is not _NOTHING:
            keys, values = (*keys, part), inside
        elif at == len(parts) - 1 and fault["type"] in _KEPT:
            keys = (*keys, part)
    return keys


_NOTHING = object()


def _child(values: Any, key: str) -> Any:
    if isinstance(values, Mapping):
        return values.get(key, _NOTHING)
    if isinstance(values, list) and key.isdigit() and int(key) < len(values):
        return values[int(key)]
    return _NOTHING


def _what(fault: ErrorDetails, keys: Keys, model: type[BaseModel]) -> str:
    from llmspell_engine.config.fields import names_at

    if fault["type"] == "extra_forbidden":
        return unknown(keys, names_at(model, keys[:-1]) or ())
    if fault["type"] == "missing":
        return f"'{dotted(keys)}' is missing"
    return f"'{dotted(keys)}': {_plain(fault['msg'])}"


def _plain(message: str) -> str:
    """What the validation says, in the words of configuration files."""
    for beginning in ("Input ", "Value error, ", "String ", "Tuple ", "List "):
        message = message.removeprefix(beginning)
    for theirs, ours in _WORDS.items():
        message = message.replace(theirs, ours)
    return message


_WORDS = {
    "a valid array": "a list",
    "a valid tuple": "a list",
    "an object": "a table",
    "a valid dictionary": "a table",
}
