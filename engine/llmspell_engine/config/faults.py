"""Sentences for what is wrong with values: where it is, what it is, and what to do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from llmspell_engine.config.origin import DEFAULT, Keys, Origin

if TYPE_CHECKING:
    from pydantic import BaseModel
    from pydantic_core import ErrorDetails

_KEPT = ("missing", "extra_forbidden")
"""Faults whose last key is not among the values."""


def told(
    fault: ErrorDetails, values: Mapping[str, Any], origins: Mapping[Keys, Origin], model: type[BaseModel]
) -> str:
    """The sentence for what the validation found."""
    keys = _keys_of(fault, values)
    return f"{origin_of(origins, keys).place}: {_what(fault, keys, model)}"


def origin_of(origins: Mapping[Keys, Origin], keys: Keys) -> Origin:
    """Where a value comes from, else the nearest table around it."""
    return next((origins[keys[:n]] for n in range(len(keys), -1, -1) if keys[:n] in origins), DEFAULT)


def unknown(keys: Keys, known: Iterable[str]) -> str:
    """The sentence for a key that does not exist."""
    known = list(known)
    near = nearest_of(keys[-1], known)
    advice = f"; did you mean '{near}'?" if near else f"; there is {', '.join(known)}" if known else ""
    return f"there is no '{dotted(keys)}'{advice}"


def nearest_of(word: str, known: Iterable[str]) -> str | None:
    """The known name that is most likely meant."""
    spelled = {_bare(name): name for name in known}
    near = get_close_matches(_bare(word), spelled, n=1)
    return spelled[near[0]] if near else None


def dotted(keys: Keys) -> str:
    """Keys as people read them: ``tools.disabled[0]``."""
    return "".join(f"[{key}]" if key.isdigit() and at else f".{key}" for at, key in enumerate(keys))[1:]


def _bare(word: str) -> str:
    return word.lower().replace("-", "_")


def _keys_of(fault: ErrorDetails, values: Any) -> Keys:
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
    message = fault["msg"].removeprefix("Input ").removeprefix("Value error, ")
    return f"'{dotted(keys)}': {message}"
