"""What YAML, TOML and XML have in common: text becomes a value, a value text, and both are checked."""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping
from typing import Any

from pydantic import Field

from llmspell_engine.api.declare import Result
from llmspell_engine.schema_patterns import bounded
from llmspell_engine.tools.base import Outcome, ToolContext, ToolError, counted
from llmspell_engine.tools.given import keep

MOST_VALUES = 1_000_000


class ParsedDocument(Result):
    """A document as a value."""

    value: Any = Field(None, description="The value.")


class WrittenDocument(Result):
    """A value as a document."""

    output: str | None = Field(None, description="The text; absent where it was written to a file.")
    target_path: str | None = Field(None, description="The file that was written.")
    size: int = Field(description="The size of the text in bytes.")


class DocumentFault(Result):
    """What is wrong with a document."""

    message: str = Field(description="What is wrong.")
    path: str | None = Field(None, description="The place in the value, such as `$.items[0]`.")
    line: int | None = Field(None, description="The line, from 1.")
    column: int | None = Field(None, description="The column, from 1.")


class DocumentCheck(Result):
    """Whether a document is right."""

    valid: bool = Field(description="Whether it is.")
    errors: list[DocumentFault] = Field(description="What is wrong.")


class DocumentError(ToolError):
    """A text is no document. Knows the place."""

    def __init__(self, name: str, message: str, line: int | None, column: int | None) -> None:
        place = f" (line {line}, column {column})" if line is not None else ""
        super().__init__(f"the text is no {name}: {message}{place}", code=f"invalid_{name.lower()}")
        self.fault = DocumentFault(message=message, line=line, column=column)


def parsed(value: Any) -> Outcome:
    """What reading a document comes to."""
    text = json.dumps(value, ensure_ascii=False, indent=2)
    return Outcome("parse", ParsedDocument(value=value), text, "Read the document")


def generated(text: str, target: str | None, context: ToolContext) -> Outcome:
    """What writing a document comes to."""
    data = text.encode()
    if target is not None:
        keep(data, target, context)
    result = WrittenDocument(output=None if target is not None else text, target_path=target, size=len(data))
    return Outcome("generate", result, target or text, f"Wrote {counted(len(data), 'byte')}")


def checked(errors: list[DocumentFault]) -> Outcome:
    """What checking a document comes to."""
    lines = [f"{one.path or 'line ' + str(one.line)}: {one.message}" for one in errors]
    message = "The document is valid" if not errors else f"The document has {counted(len(errors), 'fault')}"
    result = DocumentCheck(valid=not errors, errors=errors)
    return Outcome("validate", result, "\n".join(lines) or "valid", message)


def faults_of(value: Any, schema: dict[str, Any]) -> list[DocumentFault]:
    """Where a value is not what a JSON Schema asks for. Raises ToolError where that is none."""
    import jsonschema

    kind = jsonschema.validators.validator_for(schema, default=jsonschema.Draft202012Validator)
    try:
        kind.check_schema(schema)
    except jsonschema.SchemaError as error:
        raise ToolError(f"'schema' is no JSON Schema: {error.message}", code="invalid_schema") from None
    found = sorted(bounded(kind)(schema).iter_errors(value), key=lambda fault: fault.json_path)
    return [DocumentFault(path=fault.json_path, message=fault.message) for fault in found]


def plain(value: Any) -> Any:
    """A value of a document as JSON has it: dates are texts, keys too.

    A small YAML can stand for a value that fills the memory; so the values are counted.
    """
    return _Plain().of(value)


def too_large() -> ToolError:
    """What is raised where a document has too many values."""
    return ToolError(f"the document has more than {MOST_VALUES} values", code="too_large")


class _Plain:
    def __init__(self) -> None:
        self._left = MOST_VALUES

    def of(self, value: Any) -> Any:
        self._left -= 1
        if self._left < 0:
            raise too_large()
        if isinstance(value, Mapping):
            return {_key(key): self.of(one) for key, one in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.of(one) for one in value]
        if isinstance(value, set):
            # Python keeps no order in sets, and another one in each process.
            return sorted((self.of(one) for one in value), key=json.dumps)
        if isinstance(value, (datetime.datetime, datetime.date, datetime.time)):
            return value.isoformat()
        if isinstance(value, bytes):
            return value.hex()
        return value


def _key(key: Any) -> str:
    if isinstance(key, bool) or key is None:
        return json.dumps(key)
    return key if isinstance(key, str) else str(plain(key))
