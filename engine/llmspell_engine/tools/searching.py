"""Finding tools by words, and schemas that stand by themselves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from llmspell_engine.catalog.model import Tool

_OF_DEFINITIONS = "#/$defs/"


def found(tools: Iterable[Tool], query: str) -> Sequence[Tool]:
    """The tools that all words of a query are about, the best first: in names, descriptions, parameters."""
    words = query.lower().replace("_", "-").split()
    weighed = [(_weight(tool, words), tool) for tool in tools]
    return [tool for weight, tool in sorted(weighed, key=lambda one: (-one[0], one[1].name)) if weight]


def whole(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """A schema of the catalog with the definitions that it names."""
    from llmspell_engine.catalog.loader import load

    definitions = load().definitions
    needed: dict[str, Any] = {}
    waiting = list(_references(schema))
    while waiting:
        name = waiting.pop()
        if name in definitions and name not in needed:
            needed[name] = definitions[name]
            waiting += _references(definitions[name])
    return {**schema, "$defs": {**needed, **schema.get("$defs", {})}} if needed else schema


def _weight(tool: Tool, words: Sequence[str]) -> int:
    """How much a tool is about some words; 0 where it is not about all of them."""
    total = 0
    for word in words:
        names = (tool.name, *tool.aliases)
        weight = 8 * any(word == name for name in names) + 4 * any(word in name for name in names)
        weight += 2 * (word in tool.doc.lower()) + 2 * (word == tool.category)
        weight += any(word in name.replace("_", "-") for name in tool.parameters.get("properties", {}))
        if not weight:
            return 0
        total += weight
    return total


def _references(schema: Any) -> list[str]:
    if isinstance(schema, Mapping):
        own = schema.get("$ref")
        inner = [name for one in schema.values() for name in _references(one)]
        is_named = isinstance(own, str) and own.startswith(_OF_DEFINITIONS)
        return [str(own).removeprefix(_OF_DEFINITIONS), *inner] if is_named else inner
    return [name for one in schema for name in _references(one)] if isinstance(schema, list | tuple) else []
