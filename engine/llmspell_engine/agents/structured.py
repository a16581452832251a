"""Answers as data: told to the model as a schema, checked, and sent back once where they do not fit."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from llmspell_engine.agents.base import AgentError
from llmspell_engine.schema_patterns import bounded

_FENCED = re.compile(r"```(?:json)?\s(.*?)```", re.DOTALL)


class OutputError(AgentError):
    """An answer does not fit the schema that was asked for."""

    kind = "OutputError"


def instruction(schema: Mapping[str, Any]) -> str:
    """What a model is told that cannot be given a schema otherwise."""
    written = json.dumps(schema, ensure_ascii=False, sort_keys=True)
    return f"Answer with one JSON value that fits this JSON Schema, and nothing else:\n{written}"


def parsed(text: str, schema: Mapping[str, Any]) -> Any:
    """The value of an answer. Raises OutputError saying what does not fit, and where."""
    try:
        value = json.loads(_bare(text))
    except json.JSONDecodeError as error:
        raise OutputError(f"the answer is no JSON: {error.msg} at line {error.lineno}") from None
    problem = _first_problem(value, schema)
    if problem:
        raise OutputError(problem)
    return value


def check_schema(schema: Mapping[str, Any]) -> None:
    """Raise OutputError where a schema is none."""
    from jsonschema import Draft202012Validator, SchemaError

    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        place = ".".join(map(str, error.absolute_path))
        raise OutputError(f"the output schema is no JSON Schema: {place or 'it'}: {error.message}") from None


def repair(problem: OutputError) -> str:
    """What a model is told of an answer that does not fit."""
    return f"That answer does not fit: {problem}. Answer again with one JSON value that fits the schema."


def _bare(text: str) -> str:
    fenced = _FENCED.search(text)
    return (fenced[1] if fenced else text).strip()


def _first_problem(value: Any, schema: Mapping[str, Any]) -> str | None:
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import best_match

    error = best_match(bounded(Draft202012Validator)(schema).iter_errors(value))
    if error is None:
        return None
    place = error.json_path.removeprefix("$").removeprefix(".")
    return f"'{place}': {error.message}" if place else str(error.message)
