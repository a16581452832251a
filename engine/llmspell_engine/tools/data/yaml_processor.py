"""YAML: reading, writing and checking."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

import yaml
from pydantic import Field

from llmspell_engine.tools.base import Outcome, Tool, ToolContext
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

_LONGEST_READ_AGAIN = 1_000_000
"""The characters of a faulty text that is read again, for a better word on its fault."""


class YamlParameters(ToolParameters):
    """What is done with which document."""

    needs: ClassVar[Needs] = {
        **dict.fromkeys(("parse", "validate"), (("input", "path"),)),
        "generate": ("value",),
    }

    operation: Literal["parse", "generate", "validate"] = Field(
        "parse", description="Make the text a value, make a value text, or check the text."
    )
    input: str | None = Field(None, description="The YAML.", json_schema_extra={"x-example": "a: 1"})
    path: GivenPath | None = Field(None, description="The file to read in place of `input`.")
    value: Data = Field(None, description="`generate`: the value to write.")
    target_path: GivenPath | None = Field(None, description="`generate`: the file to write.")
    schema_: dict[str, Any] | None = Field(
        None, alias="schema", description="`validate`: a JSON Schema that the value has to fulfil."
    )
    multiple: bool = Field(
        False, description="Whether the text has several documents, between `---`; the value is a list then."
    )
    indent: Annotated[int, Field(ge=2, le=9)] = Field(2, description="`generate`: blanks of a level.")


class YamlProcessor(Tool[YamlParameters]):
    """Reads, writes and checks YAML."""

    name = "yaml-processor"
    category = "data"
    aliases = ("yaml_processor",)
    Parameters = YamlParameters
    returns = ParsedDocument | WrittenDocument | DocumentCheck
    blocks = True

    def run(self, parameters: YamlParameters, context: ToolContext) -> Outcome:
        """Read, write or check."""
        if parameters.operation == "generate":
            return documents.generated(_dump(parameters), parameters.target_path, context)
        text = given_text(parameters.input, parameters.path, context)
        if parameters.operation == "parse":
            return documents.parsed(_load(text, parameters.multiple))
        try:
            value = _load(text, parameters.multiple)
        except DocumentError as error:
            return documents.checked([error.fault])
        return documents.checked(documents.faults_of(value, parameters.schema_ or {}))


def _load(text: str, multiple: bool) -> Any:
    try:
        return documents.plain(_read(text, multiple))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = (mark.line + 1, mark.column + 1) if mark else (None, None)
        raise DocumentError("YAML", error.problem or str(error.context), *place) from None
    except (yaml.YAMLError, ValueError) as error:
        raise DocumentError("YAML", str(error).splitlines()[0], None, None) from None
    except RecursionError:
        raise DocumentError("YAML", "it is nested too deeply, or holds itself", None, None) from None


def _read(text: str, multiple: bool) -> Any:
    """The value of a text. The parser in C is five times as fast, and the other one says more of faults."""
    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

    def load(by: Any) -> Any:
        return list(yaml.load_all(text, by)) if multiple else yaml.load(text, by)  # noqa: S506 - both are safe

    try:
        return load(loader)
    except yaml.YAMLError:
        if len(text) > _LONGEST_READ_AGAIN:
            raise
    return load(yaml.SafeLoader)


class _Dumper(yaml.SafeDumper):
    """Puts texts with line breaks of other kinds in quotes, where they are not taken for blanks."""

    def represent_str(self, data: str) -> yaml.ScalarNode:
        style = '"' if any(mark in data for mark in "\x85\u2028\u2029") else None
        return self.represent_scalar("tag:yaml.org,2002:str", data, style=style)


_Dumper.add_representer(str, _Dumper.represent_str)


def _dump(parameters: YamlParameters) -> str:
    several = parameters.multiple and isinstance(parameters.value, list)
    return str(
        yaml.dump_all(
            parameters.value if several else [parameters.value],
            Dumper=_Dumper,
            explicit_start=several,
            sort_keys=False,
            allow_unicode=True,
            indent=parameters.indent,
        )
    )
