"""What environment variables set: ``LLMSPELL_SECTION__KEY``, and the older ``LLMSPELL_LOG``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from llmspell_engine.config.model import Config
    from llmspell_engine.config.origin import Keys, Layer

PREFIX = "LLMSPELL_"
SEPARATOR = "__"
LOG_VARIABLE = "LLMSPELL_LOG"


def concerns(environment: Mapping[str, str]) -> bool:
    """Whether any variable sets something. Costs nothing."""
    return any(_is_setting(name) or name == LOG_VARIABLE for name in environment)


def layer_of(
    environment: Mapping[str, str], below: Mapping[str, Any], model: type[Config]
) -> tuple[Layer, list[str]]:
    """What variables set, and a sentence for each that fits nothing. ``below`` has the names given so far."""
    from llmspell_engine.config.origin import Layer, Origin

    values: dict[str, Any] = {}
    origins: dict[Keys, Origin] = {}
    faults: list[str] = []
    for name, text in sorted(environment.items(), key=lambda each: (each[0] != LOG_VARIABLE, each[0])):
        if name == LOG_VARIABLE:
            if not _is_level(text):
                continue
            keys: Keys = ("log", "level")
        elif _is_setting(name):
            found = _keys_of(name, below, model)
            if isinstance(found, str):
                faults.append(found)
                continue
            keys = found
        else:
            continue
        origins.update({keys[:depth]: Origin("variable", name) for depth in range(1, len(keys) + 1)})
        _put(values, keys, text.lower() if name == LOG_VARIABLE else text)
    texts = frozenset(keys for keys in origins if not isinstance(_at(values, keys), dict))
    return Layer(values, origins, texts), faults


def _is_setting(name: str) -> bool:
    return name.upper().startswith(PREFIX) and SEPARATOR in name[len(PREFIX) :]


def _is_level(text: str) -> bool:
    return text.lower() in ("trace", "debug", "info", "warn", "error")


def _keys_of(variable: str, below: Mapping[str, Any], model: type[Config]) -> Keys | str:
    """The keys that a variable names, or what is wrong with it."""
    from llmspell_engine.config.fields import names_at, type_at
    from llmspell_engine.config.wording import nearest_of

    keys: Keys = ()
    words = variable[len(PREFIX) :].split(SEPARATOR)
    for at, word in enumerate(words):
        known = names_at(model, keys)
        there = _at(below, keys)
        given = list(there) if isinstance(there, Mapping) else []
        name = next((each for each in known or given if _as_variable(each) == word.upper()), None)
        if name is None and known is None and type_at(model, (*keys, word.lower())) is not None:
            name = word.lower()
        if name is None or not word:
            near = nearest_of(word, map(_as_variable, known or []))
            right = PREFIX + SEPARATOR.join([*words[:at], near or "", *words[at + 1 :]])
            advice = f"; did you mean {right}?" if near else f"; there is {', '.join(known)}" if known else ""
            return f"{variable}: there is no '{'.'.join((*keys, word.lower()))}'{advice}"
        keys = (*keys, name)
    return keys


def _as_variable(name: str) -> str:
    return name.upper().replace("-", "_")


def _at(values: Any, keys: Keys) -> Any:
    for key in keys:
        values = values.get(key) if isinstance(values, Mapping) else None
    return values


def _put(values: dict[str, Any], keys: Keys, value: Any) -> None:
    *tables, last = keys
    for key in tables:
        inner = values.setdefault(key, {})
        if not isinstance(inner, dict):
            inner = values[key] = {}
        values = inner
    values[last] = value
