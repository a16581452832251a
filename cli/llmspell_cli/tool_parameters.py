"""What a tool is given on the command line, and what to say where that is wrong.

Parameters are ``NAME=VALUE``, behind ``--param`` or without it, or one object in JSON.
"""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from llmspell_cli.running.outcome import UsageError

if TYPE_CHECKING:
    from llmspell_engine.catalog.model import Tool

Schema = Mapping[str, Any]


def parameters_of(words: Sequence[str], named: Sequence[str], text: str | None, tool: Tool) -> dict[str, Any]:
    """The parameters of words, of ``--param`` and of ``--json``. Raises UsageError."""
    objects = [word for word in words if word.lstrip().startswith("{")]
    pairs = [*named, *(word for word in words if word not in objects)]
    if text is None and not objects:
        return {name: _value(name, value, tool) for name, value in map(_pair, pairs)}
    if pairs or len(objects) + (text is not None) > 1:
        raise UsageError("parameters are given either as NAME=VALUE or as one object in JSON, not as both")
    return _object("the JSON", objects[0]) if text is None else _object(*_text_of(text), given=text)


def advice(tool: Tool) -> str:
    """How a tool is run, with an example that is right."""
    told = [f"{name}={_quoted(value)}" for name, value in example_of(tool).items()]
    return (
        f"usage: llmspell tools invoke {tool.name} [NAME=VALUE ... | JSON]\n"
        f"for example: {' '.join(['llmspell tools invoke', tool.name, *told])}\n"
        f"llmspell tools info {tool.name} tells what it takes"
    )


def example_of(tool: Tool) -> dict[str, Any]:
    """Parameters that a tool takes: what it needs, and the operation that it is needed for."""
    schema = tool.parameters
    properties: Mapping[str, Schema] = schema.get("properties", {})
    made = {name: _example(properties[name]) for name in schema.get("required", ())}
    for condition in schema.get("allOf", ()):
        (selector, expected) = next(iter(condition["if"]["properties"].items()))
        if made.get(selector, properties[selector].get("default")) == expected["const"]:
            made |= {name: _example(properties[name]) for name in _needs(condition["then"])}
    return made


def _needs(then: Schema) -> Iterator[str]:
    yield from then.get("required", ())
    for choice in then.get("allOf", ()):
        yield choice["anyOf"][0]["required"][0]


def _example(schema: Schema) -> Any:
    """A value that a parameter takes."""
    for key in ("x-example", "const", "default"):
        if schema.get(key) is not None:
            return schema[key]
    if "enum" in schema:
        return schema["enum"][0]
    if "anyOf" in schema:
        described = {key: value for key, value in schema.items() if key != "anyOf"}
        return _example({**schema["anyOf"][0], **described})
    if schema.get("x-complete") == "path":
        return "notes.txt"
    if schema.get("type") == "string" and "URL" in schema.get("description", ""):
        return "https://example.com"
    made = _OF_TYPES.get(schema.get("type", ""), "some text")
    return [_example(schema.get("items", {}))] if made == [] and schema.get("minItems") else made


_OF_TYPES: Mapping[str, Any] = {"integer": 8080, "number": 1, "boolean": True, "array": [], "object": {}}


def _quoted(value: Any) -> str:
    return shlex.quote(value if isinstance(value, str) else json.dumps(value))


def _pair(given: str) -> tuple[str, str]:
    name, equals, value = given.partition("=")
    if not name or not equals:
        raise UsageError(f"parameters are NAME=VALUE or an object in JSON, and '{given}' is neither")
    return name, value


def _value(name: str, text: str, tool: Tool) -> Any:
    """A value as the parameter takes it: a text as it is, everything else as the JSON that it is."""
    schema = tool.parameters.get("properties", {}).get(name, {})
    arms = [arm.get("type") for arm in schema.get("anyOf", [schema])]
    if "string" in arms:
        return text
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _object(where: str, text: str | bytes, *, given: str = "") -> dict[str, Any]:
    try:
        found = json.loads(text)
    except RecursionError:
        raise UsageError(f"{where} is nested too deeply") from None
    except ValueError as error:
        hint = f"; --json @{given} reads that file" if _is_file(given) else ""
        raise UsageError(f"{where} is no JSON: {error}{hint}") from None
    if not isinstance(found, dict):
        raise UsageError("parameters are a JSON object: names with their values")
    return found


def _is_file(given: str) -> bool:
    try:
        return Path(given).is_file()
    except (OSError, ValueError):
        return False


def _text_of(given: str) -> tuple[str, str | bytes]:
    """Where JSON comes from, and what it is. Raises UsageError."""
    if given == "-":
        return "standard input", b"" if sys.stdin is None else sys.stdin.buffer.read()
    if not given.startswith("@"):
        return "--json", given
    try:
        return f"'{given[1:]}'", Path(given[1:]).read_bytes()
    except OSError as error:
        raise UsageError(f"cannot read '{given[1:]}': {(error.strerror or str(error)).lower()}") from None
