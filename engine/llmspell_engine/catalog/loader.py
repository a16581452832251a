"""Reading the compiled catalog: JSON, once a process, and of it frozen values, each when it is asked for."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Generic, TypeVar

from llmspell_engine.catalog.model import Catalog, Entity, Member, Model, Parameter, Standard, Tool
from llmspell_engine.language import LANGUAGES, Language

T = TypeVar("T")
_HERE = Path(__file__).parent


@cache
def load() -> Catalog:
    """The script API as it is shipped, with the standard library of each language."""
    return catalog_of(_data("catalog.json"), _Standards())


@cache
def standard(language: Language) -> Standard:
    """What a language itself has in a script."""
    data = _data(f"standard_{language}.json")
    return Standard(
        globals=_entities(data["globals"], (language,)),
        prototypes=_entities(data["prototypes"], (language,)),
        absent=data["absent"],
    )


class _Standards(Mapping[Language, Standard]):
    """What the languages have, each read when it is first asked for: a run has one language."""

    def __getitem__(self, language: Language) -> Standard:
        return standard(language)

    def __iter__(self) -> Iterator[Language]:
        return iter(LANGUAGES)

    def __len__(self) -> int:
        return len(LANGUAGES)


def catalog_of(data: dict[str, Any], standards: Mapping[Language, Standard]) -> Catalog:
    """The catalog that compiled data stands for."""
    return Catalog(
        globals=_entities(data["globals"], LANGUAGES),
        handles=_entities(data["handles"], LANGUAGES),
        definitions=data["$defs"],
        tools=_Made(data["tools"], _tool),
        models={name: Model(name, one["doc"], one.get("context")) for name, one in data["models"].items()},
        providers=tuple(data["providers"]),
        standards=standards,
    )


def _data(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((_HERE / name).read_bytes())
    return found


class _Made(Mapping[str, T], Generic[T]):
    """What ``make`` makes of the data of a name, in the order of the data: a script names few of them."""

    def __init__(self, data: Mapping[str, Any], make: Callable[[str, Any], T]) -> None:
        self._data = data
        self._make = make
        self._made: dict[str, T] = {}

    def __getitem__(self, name: str) -> T:
        found = self._made.get(name)
        if found is None:
            # Two threads may both make it; all get the one that was first.
            found = self._made.setdefault(name, self._make(name, self._data[name]))
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self._data)

    def __len__(self) -> int:
        return len(self._data)


def _entities(data: dict[str, Any], languages: tuple[Language, ...]) -> Mapping[str, Entity]:
    return _Made(data, lambda name, one: _entity(name, one, languages))


def _entity(name: str, data: dict[str, Any], languages: tuple[Language, ...]) -> Entity:
    spoken = tuple(data.get("languages", languages))
    members = {key: _member(key, one, spoken) for key, one in data.get("members", {}).items()}
    call = _member(name, data["call"], spoken) if "call" in data else None
    iterates = data.get("iterates", False)
    return Entity(name, data["kind"], data["doc"], members, call, data.get("schema"), spoken, iterates)


def _member(name: str, data: dict[str, Any], languages: tuple[Language, ...]) -> Member:
    return Member(
        name=name,
        kind=data.get("kind", "function"),
        doc=data["doc"],
        parameters=tuple(_parameter(one) for one in data.get("parameters", ())),
        returns=data.get("returns"),
        languages=tuple(data.get("languages", languages)),
        deprecated=data.get("deprecated"),
        waits=data.get("waits", False),
        examples=data.get("examples", {}),
    )


def _parameter(data: dict[str, Any]) -> Parameter:
    return Parameter(
        data["name"],
        data["schema"],
        data.get("optional", False),
        data.get("variadic", False),
        data.get("doc", ""),
    )


def _tool(name: str, data: dict[str, Any]) -> Tool:
    return Tool(
        name=name,
        category=data["category"],
        doc=data["doc"],
        security=data["security"],
        parameters=data["parameters"],
        returns=data["returns"],
        aliases=tuple(data["aliases"]),
    )
