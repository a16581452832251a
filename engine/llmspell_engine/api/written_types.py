"""Types of the catalog as the stub languages write them: LuaCATS and TypeScript."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from llmspell_engine.catalog.model import Schema, spelled

if TYPE_CHECKING:
    from llmspell_engine.catalog.model import Entity, Parameter
    from llmspell_engine.language import Language


@dataclass(frozen=True, slots=True)
class TypeStyle:
    """How a stub language writes what types are made of."""

    language: Language
    anything: str
    nothing: str
    """The result of a function without one."""
    kinds: dict[str, str]
    mapping: Callable[[str], str]
    """A table whose values are all of one type."""
    listed: Callable[[str], str]
    """A table of anything that is a list as well, whose elements are of one type."""
    record: Callable[[Iterable[tuple[str, bool, str]]], str]
    """A table with known fields: name, whether it may be left out, type."""
    function: Callable[[str, str], str]
    """Parameters and result."""
    promise: Callable[[str], str]
    """What comes later; languages whose calls wait have no such results."""


LUA = TypeStyle(
    language="lua",
    anything="any",
    nothing="",
    kinds={"string": "string", "number": "number", "integer": "integer", "boolean": "boolean",
           "null": "nil", "object": "table", "array": "any[]"},
    mapping=lambda value: f"table<string, {value}>",
    listed=lambda item: f"{{ [integer]: {item}, [string]: any }}",
    record=lambda fields: "{ " + ", ".join(f"{n}{'?' if o else ''}: {t}" for n, o, t in fields) + " }",
    function=lambda parameters, result: f"fun({parameters})" + (f": {result}" if result else ""),
    promise=lambda brought: brought,
)  # fmt: skip
TYPESCRIPT = TypeStyle(
    language="javascript",
    anything="any",
    nothing="void",
    kinds={"string": "string", "number": "number", "integer": "number", "boolean": "boolean",
           "null": "null", "object": "Record<string, any>", "array": "any[]"},
    mapping=lambda value: f"Record<string, {value}>",
    listed=lambda item: f"{item}[] & Record<string, any>",
    record=lambda fields: "{ " + "; ".join(f"{n}{'?' if o else ''}: {t}" for n, o, t in fields) + " }",
    function=lambda parameters, result: f"({parameters}) => {result}",
    promise=lambda brought: f"Promise<{brought}>",
)  # fmt: skip


def written(schema: Schema | None, style: TypeStyle) -> str:
    """A type in the words of a stub language."""
    if schema is None:
        return style.nothing
    if "$ref" in schema:
        return str(schema["$ref"]).rsplit("/", 1)[-1]
    if "x-handle" in schema:
        return _handle(schema, style)
    if "x-item" in schema:
        return "T"
    if "x-promise" in schema:
        return style.promise(written(schema["x-promise"], style))
    if "x-function" in schema:
        return _function(schema["x-function"], style)
    constants = [schema["const"]] if "const" in schema else schema.get("enum", [])
    if constants:
        return " | ".join(json.dumps(one) for one in constants)
    if arms := [*schema.get("anyOf", ()), *schema.get("oneOf", ())]:
        return " | ".join(dict.fromkeys(_arm(one, style) for one in arms))
    return _plain(schema, style)


def _arm(schema: Schema, style: TypeStyle) -> str:
    """A type of a union; a function in parentheses, or its result would be the rest of the union."""
    return f"({written(schema, style)})" if "x-function" in schema else written(schema, style)


def _handle(schema: Schema, style: TypeStyle) -> str:
    held = f"<{written(schema['x-holds'], style)}>" if "x-holds" in schema else ""
    return f"{schema['x-handle']}{held}"


def _plain(schema: Schema, style: TypeStyle) -> str:
    kind = schema.get("type")
    if isinstance(kind, list):
        return " | ".join(style.kinds[one] for one in kind)
    if kind == "array" and "items" in schema:
        items = written(schema["items"], style)
        return f"({items})[]" if " " in items else f"{items}[]"
    if kind == "object" and schema.get("properties"):
        return style.record(fields(schema, style))
    if kind == "object" and "items" in schema:
        return style.listed(written(schema["items"], style))
    if kind == "object" and isinstance(schema.get("additionalProperties"), dict):
        return style.mapping(written(schema["additionalProperties"], style))
    return style.kinds[kind] if kind else style.anything


def fields(schema: Schema, style: TypeStyle) -> list[tuple[str, bool, str]]:
    """The fields of a table: name, whether it may be left out, type."""
    required = schema.get("required", ())
    return [
        (spelled(name, style.language), name not in required, written(without_null(one), style))
        for name, one in schema.get("properties", {}).items()
    ]


def without_null(schema: Schema) -> Schema:
    """A type without the null that only says that it may be left out."""
    arms = [one for one in schema.get("anyOf", ()) if one != {"type": "null"}]
    if len(arms) == len(schema.get("anyOf", ())):
        return schema
    rest = {key: value for key, value in schema.items() if key != "anyOf"}
    return {**arms[0], **rest} if len(arms) == 1 else {**rest, "anyOf": arms}


_RESERVED: dict[Language, frozenset[str]] = {
    "lua": frozenset({"end", "function", "in", "local", "not", "repeat", "then", "until"}),
    "javascript": frozenset({"arguments", "default", "delete", "function", "in", "new", "switch", "with"}),
}
"""Words that a declaration may use for a parameter and a stub may not."""


def parameter_name(parameter: Parameter, style: TypeStyle) -> str:
    """A parameter's name as a stub may write it."""
    name = spelled(parameter.name, style.language)
    return f"{name}_" if name in _RESERVED[style.language] else name


def holds_items(entity: Entity) -> bool:
    """Whether what a handle's members give is told where the handle is given: it has a type parameter."""
    return any(_speaks_of_items(one.returns) for one in entity.members.values())


def _speaks_of_items(schema: object) -> bool:
    if isinstance(schema, list):
        return any(_speaks_of_items(one) for one in schema)
    return isinstance(schema, dict) and ("x-item" in schema or any(map(_speaks_of_items, schema.values())))


def pascal(name: str) -> str:
    """A name such as ``text-manipulator`` as a type is called: ``TextManipulator``."""
    return "".join(word[:1].upper() + word[1:] for word in re.split(r"\W+|_", name))


def _function(schema: Schema, style: TypeStyle) -> str:
    parameters = ", ".join(
        f"{spelled(one.get('name', f'value{index}'), style.language)}: {written(one['schema'], style)}"
        for index, one in enumerate(schema["parameters"], 1)
    )
    return style.function(parameters, written(schema.get("returns"), style))
