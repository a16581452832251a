"""Wrong values, derived from a JSON Schema: for each parameter, at any depth, values that it cannot take.

A table of parameters that is right is made from the schema as well, and spoilt in one place at a time. What
an error has to say of each follows from the schema too: what is allowed there, and what was given.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from llmspell_engine.catalog.model import spelled
from llmspell_engine.language import Language

Schema = Mapping[str, Any]
Steps = tuple[str | int, ...]
_PHRASES = {
    "string": ("a string",),
    "integer": ("an integer", "a number"),
    "number": ("a number",),
    "boolean": ("true or false",),
    "array": ("a list",),
    "object": ("a table", "an object"),
    "function": ("a function",),
    "handle": ("a handle", "handle of"),
}
"""How an error calls the types of JSON."""
_OF_EACH_TYPE: dict[str, Any] = {
    "boolean": True,
    "number": 2.5,
    "string": "no such",
    "array": [["x"]],
    "object": {"no": {"such": 1}},
}
_DEEPEST = 3


@dataclass(frozen=True, slots=True)
class Wrong:
    """A table that is wrong in one place, and what its error has to say."""

    about: str
    table: dict[str, Any]
    place: Steps
    says: tuple[str, ...]
    """All of these words."""
    says_one_of: tuple[str, ...] = ("",)
    """And one of these."""

    def path(self, language: Language) -> str:
        """The place as the script writes it."""
        found = ""
        for step in self.place:
            if isinstance(step, int):
                found += f"[{step + 1 if language == 'lua' else step}]"
            else:
                found += ("." if found else "") + spelled(step, language)
        return found

    def is_told(self, message: str, language: Language) -> bool:
        """Whether an error says where the fault is, what was given, and what is allowed."""
        return (
            f"'{self.path(language)}'" in message
            and all(words in message for words in self.says)
            and any(words in message for words in self.says_one_of)
        )


class Wrongs:
    """Derives wrong tables from the schema of a table of parameters."""

    def __init__(self, schema: Schema, definitions: Mapping[str, Schema]) -> None:
        self._schema = schema
        self._definitions = definitions

    def all(self) -> Iterator[Wrong]:
        """Each kind of fault at each place."""
        right = self.right(self._schema)
        for name, schema in _properties(self._schema).items():
            for about, steps, value, says, one_of in self._spoilt((name,), schema):
                yield Wrong(about, {**right, name: value}, steps, says, one_of)
        yield from self._missing()
        yield from self._unknown(right)

    @classmethod
    def of_argument(cls, name: str, schema: Schema, definitions: Mapping[str, Schema]) -> Iterator[Wrong]:
        """What an argument cannot be, under its name in the table."""
        whole = cls({"properties": {name: schema}}, definitions)
        for about, steps, value, says, one_of in whole._spoilt((name,), schema):
            yield Wrong(about, {name: value}, steps, says, one_of)

    def right(self, schema: Schema) -> dict[str, Any]:
        """A table with what is required, and the needs of the first operation."""
        properties = _properties(schema)
        found = {name: self._some(properties[name]) for name in schema.get("required", ())}
        operations = properties.get("operation", {}).get("enum")
        selected = {"operation": operations[0]} if operations else {}
        found = {**found, **selected}
        for needed in _needs(schema, found):
            found.setdefault(needed[0], self._some(properties[needed[0]]))
        return found

    # What is missing, and what nobody knows

    def _missing(self) -> Iterator[Wrong]:
        right = self.right(self._schema)
        for name in self._schema.get("required", ()):
            table = {key: value for key, value in right.items() if key != name}
            yield Wrong("missing", table, (name,), ("is missing",))
        required = {name: right[name] for name in self._schema.get("required", ())}
        for chosen in _conditions(self._schema):
            needs = list(_needs(self._schema, chosen))
            whole = {**required, **chosen, **{needed[0]: self._of(needed[0]) for needed in needs}}
            for needed in needs:
                table = {name: value for name, value in whole.items() if name not in needed}
                operation = next(iter(chosen.values()))
                says = ("is missing", f"'{operation}' needs it")
                yield Wrong(f"missing for {operation}", table, (needed[0],), says)

    def _of(self, name: str) -> Any:
        return self._some(_properties(self._schema)[name])

    def _unknown(self, right: Mapping[str, Any]) -> Iterator[Wrong]:
        longest = max(_properties(self._schema), key=len)
        yield Wrong("unknown", {**right, "unheard_of": 1}, ("unheard_of",), ("there is no",))
        yield Wrong("nearly known", {**right, f"{longest}s": 1}, (f"{longest}s",), ("there is no", "did you"))

    # What is given wrongly

    def _spoilt(
        self, steps: Steps, schema: Schema
    ) -> Iterator[tuple[str, Steps, Any, tuple[str, ...], tuple[str, ...]]]:
        arms = [one for one in self._arms(schema) if one.get("type") != "null"]
        types = {name for arm in arms for name in _types(arm)}
        if not types or not all(_types(arm) for arm in arms):
            return
        for kind, value in _OF_EACH_TYPE.items():
            is_fitting = kind in types or (kind == "string" and any("enum" in arm for arm in arms))
            if not is_fitting:
                yield (
                    f"a {kind}",
                    steps,
                    value,
                    (*_shown(value), "must be"),
                    tuple(phrase for name in types for phrase in _PHRASES[name]) + _choices(arms),
                )
        if len(arms) == 1 and len(steps) <= _DEEPEST:
            yield from self._beyond(steps, arms[0])
            yield from self._within(steps, arms[0])

    def _beyond(
        self, steps: Steps, arm: Schema
    ) -> Iterator[tuple[str, Steps, Any, tuple[str, ...], tuple[str, ...]]]:
        for about, value, says in _beyond(arm):
            # A long list of choices, such as that of the hook points, may be told by examples.
            one_of = (*_choices([arm]), "such as") if about == "unheard of" else ("",)
            yield about, steps, value, says, one_of

    def _within(
        self, steps: Steps, arm: Schema
    ) -> Iterator[tuple[str, Steps, Any, tuple[str, ...], tuple[str, ...]]]:
        items, values = arm.get("items"), arm.get("additionalProperties")
        if arm.get("type") == "array" and items:
            for about, inner, value, *says in self._spoilt((*steps, 0), items):
                padding = [self._some(items)] * max(arm.get("minItems", 1) - 1, 0)
                yield f"{about} in a list", inner, [value, *padding], *says
        if arm.get("type") == "object" and isinstance(values, Mapping):
            for about, inner, value, *says in self._spoilt((*steps, "some"), values):
                yield f"{about} under a key", inner, {"some": value}, *says
        required = {name: self._some(_properties(arm)[name]) for name in arm.get("required", ())}
        for name, schema in _properties(arm).items():
            for about, inner, value, *says in self._spoilt((*steps, name), schema):
                yield about, inner, {**required, name: value}, *says
        if _properties(arm) and arm.get("additionalProperties") is False:
            table = {**required, "unheard_of": 1}
            yield "unknown inside", (*steps, "unheard_of"), table, ("there is no",), ("",)

    # Values

    def _some(self, schema: Schema) -> Any:
        """A value that a schema allows."""
        if schema.get("default") is not None:
            return schema["default"]
        for arm in self._arms(schema):
            if "enum" in arm:
                return arm["enum"][0]
            match arm.get("type"):
                case "string":
                    return arm.get("x-example", "x" * max(arm.get("minLength", 1), 1))
                case "integer" | "number":
                    return max(arm.get("minimum", 1), arm.get("exclusiveMinimum", 0) + 1)
                case "boolean":
                    return True
                case "array":
                    return [self._some(arm.get("items", {}))] * max(arm.get("minItems", 1), 1)
                case "object":
                    required = arm.get("required", ())
                    return {name: self._some(_properties(arm)[name]) for name in required}
        return "x"

    def _arms(self, schema: Schema) -> Sequence[Schema]:
        if "$ref" in schema:
            return self._arms(self._definitions[schema["$ref"].rpartition("/")[2]])
        if "anyOf" in schema:
            return [found for one in schema["anyOf"] for found in self._arms(one)]
        return [schema]


def _properties(schema: Schema) -> dict[str, Schema]:
    found: Mapping[str, Schema] = schema.get("properties", {})
    return {name: one for name, one in found.items() if not one.get("deprecated")}


def _types(schema: Schema) -> tuple[str, ...]:
    if "x-function" in schema:
        return ("function",)
    if "x-handle" in schema:
        return ("handle",)
    kind = schema.get("type")
    found = (kind,) if isinstance(kind, str) else tuple(kind or ())
    # Every integer is a number.
    return (*found, "integer") if "number" in found else found


def _conditions(schema: Schema) -> Iterator[dict[str, Any]]:
    """What each condition of a schema is about: ``{"operation": "read"}``."""
    for one in schema.get("allOf", ()):
        yield {name: value["const"] for name, value in one["if"]["properties"].items()}


def _needs(schema: Schema, table: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    """What a table's operation needs: each a name, or several of which one will do."""
    for one, chosen in zip(schema.get("allOf", ()), _conditions(schema), strict=True):
        if all(table.get(name) == value for name, value in chosen.items()):
            then = one["then"]
            yield from ((name,) for name in then.get("required", ()))
            for choice in then.get("allOf", ()):
                yield tuple(arm["required"][0] for arm in choice["anyOf"])


def _beyond(arm: Schema) -> Iterator[tuple[str, Any, tuple[str, ...]]]:
    """Values just outside of what a schema allows, and what is said of them."""
    whole = arm.get("type") == "integer"
    step = 1 if whole else 0.5
    for name, offset, words in (
        ("minimum", -step, "at least"),
        ("maximum", step, "at most"),
        ("exclusiveMinimum", 0, "greater than"),
        ("exclusiveMaximum", 0, "less than"),
    ):
        if name in arm:
            # Numbers of JavaScript are no finer than this where they are large.
            value = arm[name] + offset * max(1, abs(arm[name]) // 10**6)
            yield f"beyond its {name}", value, (f"{words} {_in_full(arm[name])},",)
    if arm.get("minLength"):
        yield "too short", "x" * (arm["minLength"] - 1), (f"at least {arm['minLength']} character",)
    if "maxLength" in arm:
        yield "too long", "x" * (arm["maxLength"] + 1), (f"at most {arm['maxLength']} characters",)
    if whole and "enum" not in arm:
        yield "a fraction", max(arm.get("minimum", 0), 0) + 0.5, ("an integer",)
    if arm.get("minItems") and arm.get("minItems", 0) > 1:
        yield "too few", [1], (f"at least {arm['minItems']} elements",)
    if "enum" in arm and all(isinstance(one, str) for one in arm["enum"]):
        longest = max(arm["enum"], key=len)
        yield "unheard of", "xyzzyx", ('"xyzzyx" was given', "must be")
        yield "nearly right", f"{longest}q", ("did you mean", longest)


def _in_full(limit: float) -> str:
    return str(int(limit)) if float(limit).is_integer() else str(limit)


def _choices(arms: Sequence[Schema]) -> tuple[str, ...]:
    constants = [arm["const"] for arm in arms if "const" in arm]
    return tuple(json.dumps(one) for arm in arms for one in arm.get("enum", constants)[:1])


def _shown(value: Any) -> tuple[str, ...]:
    """How an error shows a value that was given; tables and lists go by what they are."""
    if isinstance(value, dict | list):
        return ("was given",)
    return (f"{json.dumps(value)} was given",)
