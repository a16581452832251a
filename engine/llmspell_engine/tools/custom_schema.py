"""Checking what tools of scripts are given against the JSON Schema that they state."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from llmspell_engine.api.faults import shown
from llmspell_engine.api.validation import ArgumentError
from llmspell_engine.schema_patterns import bounded
from llmspell_engine.tools.error import ToolError

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator, ValidationError

    from llmspell_engine.language import Language

_NOUNS = {
    "string": "a string",
    "number": "a number",
    "integer": "an integer",
    "boolean": "a boolean",
    "array": "a list",
    "object": "a table",
    "null": "nothing",
}
_MOST_FAULTS = 3


class CustomSchema:
    """What a tool takes, as a JSON Schema of a table."""

    def __init__(self, tool: str, schema: Mapping[str, Any], language: Language) -> None:
        """Raises ToolError for a schema that is none."""
        self._tool = tool
        self._language = language
        self.schema = _as_schema(schema)
        self._validator = _validator(tool, self.schema)

    def checked(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """The parameters with the defaults of those that are left out. Raises ArgumentError."""
        fitting = _fitted(dict(given), self.schema)
        found = sorted(self._validator.iter_errors(fitting), key=_rank)
        faults = list(dict.fromkeys(map(self._told, found)))
        if faults:
            more = f"; and {len(faults) - _MOST_FAULTS} more" if len(faults) > _MOST_FAULTS else ""
            raise ArgumentError(f"{self._tool}: {'; '.join(faults[:_MOST_FAULTS])}{more}")
        checked: dict[str, Any] = fitting
        return checked

    def _told(self, fault: ValidationError) -> str:
        place = self._place(fault.absolute_path)
        wanted: Any = fault.validator_value
        match fault.validator:
            case "required":
                missing = next(name for name in wanted if fault.message.startswith(repr(name)))
                return f"'{f'{place}.' if place else ''}{missing}' is missing"
            case "additionalProperties" if wanted is False:
                return "; ".join(_unknown(fault, place))
            case "type":
                kinds = [wanted] if isinstance(wanted, str) else list(wanted)
                expected = " or ".join(_NOUNS.get(kind, kind) for kind in kinds)
            case "enum":
                expected = "one of " + ", ".join(map(json.dumps, wanted))
            case _:
                return f"'{place}': {fault.message}" if place else fault.message
        must = f"'{place}' must be" if place else "expected"
        return f"{must} {expected}, but {shown(fault.instance, self._language)} was given"

    def _place(self, steps: Any) -> str:
        path = ""
        for step in steps:
            if isinstance(step, int):
                path += f"[{step + 1 if self._language == 'lua' else step}]"
            else:
                path += ("." if path else "") + str(step)
        return path


def _rank(fault: ValidationError) -> tuple[int, str]:
    """Slips in names first, for others follow from them; one order, whatever that of a schema's keys."""
    kinds = ("additionalProperties", "required")
    kind = str(fault.validator)
    return kinds.index(kind) if kind in kinds else len(kinds), f"{list(fault.absolute_path)} {fault.message}"


def _unknown(fault: ValidationError, place: str) -> Iterator[str]:
    schema: Any = fault.schema
    given: Any = fault.instance
    known = list(schema.get("properties", {}))
    for name in given:
        if name not in known:
            near = get_close_matches(name, known, n=1, cutoff=0.6)
            hint = (
                f"did you mean '{near[0]}'?" if near else f"there is {', '.join(known) or 'nothing to set'}"
            )
            yield f"there is no '{f'{place}.' if place else ''}{name}'; {hint}"


def _as_schema(given: Mapping[str, Any]) -> dict[str, Any]:
    """The schema with what Lua cannot tell apart put right: an empty table is a list where one belongs."""
    return {"type": "object", **_repaired(given)}


def _repaired(given: Any) -> Any:
    if isinstance(given, Mapping):
        return {
            key: []
            if key in ("required", "enum", "anyOf", "oneOf", "allOf") and one == {}
            else _repaired(one)
            for key, one in given.items()
        }
    return [_repaired(one) for one in given] if isinstance(given, list | tuple) else given


def _validator(tool: str, schema: dict[str, Any]) -> Draft202012Validator:
    from jsonschema import Draft202012Validator, SchemaError

    if schema.get("type") != "object":
        raise ToolError(
            f"the parameters of the tool '{tool}' are a table: the 'type' of their JSON Schema is 'object'",
            code="invalid_schema",
        )
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        where = ".".join(str(step) for step in error.absolute_path)
        place = f" at '{where}'" if where else ""
        raise ToolError(
            f"the parameters of the tool '{tool}' are no JSON Schema{place}: {error.message}",
            code="invalid_schema",
        ) from None
    return bounded(Draft202012Validator)(schema)  # type: ignore[no-any-return]


def _fitted(value: Any, schema: Any) -> Any:
    """A value in the form that its schema has, with defaults: its kind is left as it is."""
    if not isinstance(schema, Mapping):
        return value
    kind = schema.get("type")
    if isinstance(value, float) and value.is_integer() and kind == "integer":
        return int(value)
    if kind == "array" and isinstance(value, Mapping) and not value:
        return []
    if isinstance(value, list | tuple):
        return [_fitted(one, schema.get("items")) for one in value]
    if isinstance(value, Mapping):
        known = schema.get("properties", {})
        defaults = {
            name: one["default"]
            for name, one in known.items()
            if isinstance(one, Mapping) and "default" in one and name not in value
        }
        return {**{name: _fitted(one, known.get(name)) for name, one in value.items()}, **defaults}
    return value
