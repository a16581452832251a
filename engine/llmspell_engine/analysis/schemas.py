"""Reading JSON Schemas of the catalog: alternatives, properties, values. Pure functions."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from llmspell_engine.catalog.model import spelled

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from llmspell_engine.catalog.model import Catalog, Schema
    from llmspell_engine.language import Language

_DEEPEST = 8
"""How many references and unions are followed into one schema, should it refer to itself."""


def alternatives(catalog: Catalog, schema: Schema, depth: int = 0) -> list[Schema]:
    """The schemas a value may match, with references resolved and unions taken apart."""
    resolved = catalog.resolve(schema)
    arms = [*resolved.get("anyOf", ()), *resolved.get("oneOf", ())]
    if not arms or depth > _DEEPEST:
        return [merged(catalog, resolved, depth)]
    return [found for arm in arms for found in alternatives(catalog, arm, depth + 1)]


def merged(catalog: Catalog, schema: Schema, depth: int = 0) -> Schema:
    """The schema with its ``allOf`` parts folded in; conditions stay, for :func:`needed`."""
    parts = [part for part in schema.get("allOf", ()) if "if" not in part]
    if not parts or depth > _DEEPEST:
        return schema
    whole: dict[str, Any] = {key: value for key, value in schema.items() if key != "allOf"}
    conditions = [part for part in schema["allOf"] if "if" in part]
    if conditions:
        whole["allOf"] = conditions
    for part in parts:
        other = merged(catalog, catalog.resolve(part), depth + 1)
        properties = {**other.get("properties", {}), **whole.get("properties", {})}
        required = [*whole.get("required", ()), *other.get("required", ())]
        whole = {**other, **whole}
        if properties:
            whole["properties"] = properties
        if required:
            whole["required"] = required
    return whole


def without_null(schema: Schema) -> Schema:
    """The schema of what is there, when a schema only adds that it may be missing."""
    arms = schema.get("anyOf") or schema.get("oneOf")
    if not arms or "$ref" in schema:
        return schema
    left = [arm for arm in arms if arm.get("type") != "null"]
    if len(left) == len(arms):
        return schema
    return left[0] if len(left) == 1 else {"anyOf": left}


def definition_name(catalog: Catalog, schema: Schema) -> str:
    """The name under which the catalog defines a schema; empty for an inline one."""
    return next((name for name, one in catalog.definitions.items() if one is schema), "")


def needed(schema: Schema, given: Mapping[str, object]) -> list[tuple[str, ...]]:
    """What an object must have: always (``x-needs``), or under conditions (``if``) that surely hold.

    ``given`` are its constant entries and, as :data:`UNSURE`, those whose value is not known. Each result
    names properties of which one must be given.
    """
    found: list[tuple[str, ...]] = [tuple(names) for names in schema.get("x-needs", ())]
    for part in schema.get("allOf", ()):
        if "if" in part and _holds(part["if"], given):
            found += [(name,) for name in part["then"].get("required", ())]
            for choice in part["then"].get("allOf", ()):
                found.append(tuple(name for arm in choice["anyOf"] for name in arm["required"]))
    return found


UNSURE = object()
"""Stands for a value that is not known."""


def _holds(condition: Schema, given: Mapping[str, object]) -> bool:
    if any(name not in given for name in condition.get("required", ())):
        return False
    constants = condition.get("properties", {}).items()
    return all(given.get(name, one.get("const")) == one.get("const") for name, one in constants)


def either(one: Schema, other: Schema) -> Schema:
    """The schema of what one of two schemas allows, described as the first is."""
    if one == other:
        return one
    arms = [*one.get("anyOf", [one]), *other.get("anyOf", [other])]
    told = {key: one[key] for key in ("description", "x-complete", "x-names") if key in one}
    return {**told, "anyOf": [arm for index, arm in enumerate(arms) if arm not in arms[:index]]}


def objects(catalog: Catalog, schema: Schema) -> list[Schema]:
    """The alternatives that are objects."""
    return [arm for arm in alternatives(catalog, schema) if is_object(arm)]


def is_object(schema: Schema) -> bool:
    """Whether a resolved schema describes a table with fields."""
    return "object" in kinds(schema) or "properties" in schema


def is_generic(schema: Schema) -> bool:
    """Whether a schema says nothing of its fields: any value, or any object."""
    return not (schema.keys() & _SPECIFIC) and kinds(schema) <= {"object"}


_SPECIFIC = {
    "$ref",
    "properties",
    "anyOf",
    "oneOf",
    "allOf",
    "x-handle",
    "x-function",
    "x-promise",
    "enum",
    "const",
    "items",
}


def kinds(schema: Schema) -> set[str]:
    """The JSON types a schema names."""
    kind = schema.get("type")
    if kind is None:
        return set()
    return {kind} if isinstance(kind, str) else set(kind)


def narrowed(arms: list[Schema], constants: Mapping[str, object]) -> list[Schema]:
    """The arms that the given constant properties do not rule out; all when they rule out each."""
    fitting = [arm for arm in arms if not any(_excludes(arm, *pair) for pair in constants.items())]
    return fitting or arms


def with_most(arms: list[Schema], keys: list[str], language: Language) -> list[Schema]:
    """The arms that know most of the given keys; all of those that may have others, or that a value tells."""
    if any(arm.get("additionalProperties") is not False for arm in arms) or _are_tagged(arms):
        return arms
    known = [sum(any(key in pair for pair in _names(arm, language)) for key in keys) for arm in arms]
    return [arm for arm, count in zip(arms, known, strict=True) if count == max(known)]


def _are_tagged(arms: list[Schema]) -> bool:
    """Whether a property with values of its own tells the arms apart."""
    tags = ({name for name, one in arm.get("properties", {}).items() if allowed_values(one)} for arm in arms)
    return bool(set.intersection(*tags))


def _names(schema: Schema, language: Language) -> list[tuple[str, str]]:
    return [(spelling, declared) for spelling, declared, _ in spelled_properties(schema, language)]


def _excludes(arm: Schema, name: str, value: object) -> bool:
    allowed = allowed_values(arm.get("properties", {}).get(name, {}))
    return bool(allowed) and value not in allowed


def allowed_values(schema: Schema) -> list[Any]:
    """The values of an ``enum`` or ``const``; empty when any is allowed."""
    if "const" in schema:
        return [schema["const"]]
    return list(schema.get("enum", ()))


def values(catalog: Catalog, schema: Schema) -> list[Any]:
    """All constants a schema lists in any of its alternatives, booleans too."""
    found: list[Any] = []
    for arm in alternatives(catalog, schema):
        listed = allowed_values(arm) or ([True, False] if kinds(arm) == {"boolean"} else [])
        found += [value for value in listed if value not in found or isinstance(value, bool)]
    return found


_WORDS_FIRST = re.compile(r"\^\(((?:[\w-]+\|)+[\w-]+)\)")


def pattern_words(catalog: Catalog, schema: Schema) -> list[str]:
    """The words that a pattern begins with a choice of: ``^(global|agent)(:.+)?$``."""
    patterns = (str(arm.get("pattern", "")) for arm in alternatives(catalog, schema))
    found = (_WORDS_FIRST.match(pattern) for pattern in patterns)
    return [word for match in found if match for word in match[1].split("|")]


def completion_source(catalog: Catalog, schema: Schema) -> str | None:
    """What fills a string: the ``x-complete`` of the schema or of an alternative."""
    return _marked(catalog, schema, "x-complete")


def named_source(catalog: Catalog, schema: Schema) -> str | None:
    """What a string gives its name: the ``x-names`` of the schema or of an alternative."""
    return _marked(catalog, schema, "x-names")


def _marked(catalog: Catalog, schema: Schema, mark: str) -> str | None:
    own = schema.get(mark)
    if own is not None:
        return str(own)
    arms = (arm.get(mark) for arm in alternatives(catalog, schema))
    return next((str(found) for found in arms if found is not None), None)


def items(catalog: Catalog, schema: Schema) -> Schema | None:
    """The schema of the elements when a list is allowed."""
    for arm in alternatives(catalog, schema):
        if "array" in kinds(arm) or "items" in arm:
            found = arm.get("items", {})
            return found if isinstance(found, dict) else {}
    return None


def spelled_properties(schema: Schema, language: Language) -> Iterator[tuple[str, str, Schema]]:
    """The properties of an object schema: spelling of the language, declared name, schema."""
    for name, inner in schema.get("properties", {}).items():
        yield spelled(name, language), name, inner


def label(catalog: Catalog, schema: Schema | None, language: Language) -> str:
    """A type in one line, as documentation writes it: ``string``, ``AgentOptions``, ``"a" | "b"``."""
    if schema is None:
        return "nil" if language == "lua" else "void"
    return _label(schema, language, 0) or "any"


def _label(schema: Schema, language: Language, depth: int) -> str:
    if "$ref" in schema:
        return str(schema["$ref"]).rsplit("/", 1)[-1]
    if "x-handle" in schema:
        return _handle_label(schema, language, depth)
    if "x-promise" in schema:
        brought = schema["x-promise"]
        return f"Promise<{'void' if brought is None else _label(brought, language, depth + 1) or 'any'}>"
    if "x-function" in schema:
        return _function_label(schema["x-function"], language, depth)
    listed = allowed_values(schema)
    if listed:
        return " | ".join(constant(value, language) for value in listed)
    arms = [*schema.get("anyOf", ()), *schema.get("oneOf", ())]
    if arms and depth < _DEEPEST:
        return " | ".join(dict.fromkeys(_label(arm, language, depth + 1) or "any" for arm in arms))
    if "items" in schema and depth < _DEEPEST:
        return f"{_label(schema['items'], language, depth + 1) or 'any'}[]"
    if schema.get("additionalProperties") and "properties" not in schema and depth < _DEEPEST:
        return _mapping_label(schema["additionalProperties"], language, depth)
    return " | ".join(_kind_label(kind, language) for kind in _ordered_kinds(schema))


def _handle_label(schema: Schema, language: Language, depth: int) -> str:
    held = _label(schema["x-holds"], language, depth + 1) if "x-holds" in schema else ""
    return f"{schema['x-handle']}<{held}>" if held else str(schema["x-handle"])


def _mapping_label(values: Any, language: Language, depth: int) -> str:
    """A table whose keys are free; ``table`` alone where its values are as well."""
    held = _label(values, language, depth + 1) if isinstance(values, dict) else ""
    if not held:
        return _kind_label("object", language)
    return f"table<string, {held}>" if language == "lua" else f"Record<string, {held}>"


def _ordered_kinds(schema: Schema) -> list[str]:
    kind = schema.get("type", [])
    return [kind] if isinstance(kind, str) else list(kind)


def _kind_label(kind: str, language: Language) -> str:
    if kind == "null":
        return "nil" if language == "lua" else "null"
    if kind == "array":
        return "any[]"
    if kind == "object":
        return "table" if language == "lua" else "object"
    return "number" if kind == "integer" and language == "javascript" else kind


def _function_label(schema: Mapping[str, Any], language: Language, depth: int) -> str:
    inside = ", ".join(
        f"{spelled(str(one.get('name', f'arg{index + 1}')), language)}: "
        f"{_label(one.get('schema', one), language, depth + 1) or 'any'}"
        for index, one in enumerate(schema.get("parameters", ()))
    )
    returned = schema.get("returns")
    result = _label(returned, language, depth + 1) or "any" if returned else ""
    if language == "lua":
        return f"fun({inside})" + (f": {result}" if result else "")
    return f"({inside}) => {result or 'void'}"


def constant(value: object, language: Language) -> str:
    """A constant as the language writes it."""
    if value is None:
        return "nil" if language == "lua" else "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
    return str(value)
