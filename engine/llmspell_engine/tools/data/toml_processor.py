"""TOML: reading, writing and checking."""

from __future__ import annotations

import re
import tomllib
from typing import Any, ClassVar, Literal

from pydantic import Field

from llmspell_engine.tools.base import Outcome, Tool, ToolContext, ToolError
from llmspell_engine.tools.data import documents
from llmspell_engine.tools.data.documents import (
    DocumentCheck,
    DocumentError,
    ParsedDocument,
    WrittenDocument,
)
from llmspell_engine.tools.data_values import Data
from llmspell_engine.tools.given import GivenPath, given_text
from llmspell_engine.tools.parameters import Needs, ToolParameters


class TomlParameters(ToolParameters):
    """What is done with which document."""

    needs: ClassVar[Needs] = {
        **dict.fromkeys(("parse", "validate"), (("input", "path"),)),
        "generate": ("value",),
        "set": (("input", "path"), "key", "value"),
    }

    operation: Literal["parse", "generate", "validate", "set"] = Field(
        "parse",
        description="Make the text a value, make a value text, check the text, or set a key in it and leave "
        "all else as it stands, comments too.",
    )
    input: str | None = Field(None, description="The TOML.", json_schema_extra={"x-example": "a = 1"})
    path: GivenPath | None = Field(None, description="The file to read in place of `input`.")
    value: Data = Field(None, description="`generate`: the table to write; `set`: the new value.")
    key: str | None = Field(
        None, description="`set`: the key, from the top.", json_schema_extra={"x-example": "tool.name"}
    )
    target_path: GivenPath | None = Field(None, description="The file to write.")
    schema_: dict[str, Any] | None = Field(
        None, alias="schema", description="`validate`: a JSON Schema that the value has to fulfil."
    )


class TomlProcessor(Tool[TomlParameters]):
    """Reads, writes, changes and checks TOML."""

    name = "toml-processor"
    category = "data"
    aliases = ("toml_processor",)
    Parameters = TomlParameters
    returns = ParsedDocument | WrittenDocument | DocumentCheck
    blocks = True

    def run(self, parameters: TomlParameters, context: ToolContext) -> Outcome:
        """Read, write, change or check."""
        if parameters.operation == "generate":
            return documents.generated(_dump(parameters.value), parameters.target_path, context)
        text = given_text(parameters.input, parameters.path, context)
        match parameters.operation:
            case "parse":
                return documents.parsed(_load(text))
            case "set":
                _load(text)
                changed = _changed(text, parameters.key or "", parameters.value)
                made = documents.generated(changed, parameters.target_path, context)
                return Outcome("set", made.result, made.text, f"Set {parameters.key}")
            case _:
                return _validate(text, parameters.schema_ or {})


def _load(text: str) -> Any:
    try:
        return documents.plain(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        told = re.fullmatch(r"(.*) \(at (?:line (\d+), column (\d+)|end of document)\)", str(error))
        message, line, column = told.groups() if told else (str(error), None, None)
        place = (int(line), int(column)) if line and column else (text.count("\n") + 1, 1)
        raise DocumentError("TOML", message, *place) from None
    except RecursionError:
        raise DocumentError("TOML", "it is nested too deeply", None, None) from None


def _validate(text: str, schema: dict[str, Any]) -> Outcome:
    try:
        value = _load(text)
    except DocumentError as error:
        return documents.checked([error.fault])
    return documents.checked(documents.faults_of(value, schema))


def _dump(value: Any) -> str:
    import tomlkit

    if not isinstance(value, dict):
        raise ToolError("a TOML document is a table; 'value' is none", code="invalid_input")
    return tomlkit.dumps(_without_nothing(value))


def _changed(text: str, key: str, value: Any) -> str:
    """The text with a key set."""
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    document = tomlkit.parse(text)
    *path, last = key.split(".")
    table: Any = document
    for step in path:
        table = table.setdefault(step, tomlkit.table())
        if not isinstance(table, dict):
            raise ToolError(f"'{step}' of '{key}' is no table", code="invalid_input")
    if not last:
        raise ToolError(f"'{key}' is no key", code="invalid_input")
    try:
        table[last] = _without_nothing(value)
    except (TOMLKitError, ValueError) as error:
        raise ToolError(f"'{key}' cannot be set: {error}", code="invalid_input") from None
    return tomlkit.dumps(document)


def _without_nothing(value: Any) -> Any:
    """TOML has no null: what is nothing is left out."""
    if isinstance(value, dict):
        return {key: _without_nothing(one) for key, one in value.items() if one is not None}
    if isinstance(value, list):
        return [_without_nothing(one) for one in value if one is not None]
    return int(value) if isinstance(value, float) and value.is_integer() else value
