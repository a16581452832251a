"""Reading the compiled catalog: JSON into frozen values, once a process."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from llmspell_engine.catalog.model import Catalog, Entity, Member, Model, Parameter, Standard, Tool
from llmspell_engine.language import LANGUAGES, Language

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
        tools={name: _tool(name, one) for name, one in data["tools"].items()},
        models={name: Model(name, one["doc"], one.get("context")) for name, one in data["models"].items()},
        providers=tuple(data["providers"]),
        standards=standards,
    )


def _data(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((_HERE / name).read_bytes())
    return found


def _entities(data: dict[str, Any], languages: tuple[Language, ...]) -> dict[str, Entity]:
    return {name: _entity(name, one, languages) for name, one in data.items()}


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
