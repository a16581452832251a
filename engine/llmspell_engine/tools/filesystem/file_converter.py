"""Changing how a text is written in a file: its encoding, its line ends, its indentation."""

from __future__ import annotations

import codecs
import re
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from llmspell_engine.api.declare import Result
from llmspell_engine.tools.base import Outcome, Tool, ToolContext, ToolError
from llmspell_engine.tools.given import GivenPath, bytes_of, keep
from llmspell_engine.tools.parameters import Needs, ToolParameters

LineEnding = Literal["lf", "crlf", "cr"]
_ENDS: dict[LineEnding, str] = {"lf": "\n", "crlf": "\r\n", "cr": "\r"}
Encoding = Annotated[str, Field(min_length=1, max_length=40)]


class ConverterParameters(ToolParameters):
    """What is changed in which file."""

    needs: ClassVar[Needs] = {"encoding": ("to_encoding",), "line_endings": ("line_ending",)}

    operation: Literal["encoding", "line_endings", "indentation"] = Field(
        description="What to change.", json_schema_extra={"x-example": "line_endings"}
    )
    path: GivenPath = Field(description="The file.")
    target_path: GivenPath | None = Field(
        None, description="The file to write; the file itself where left out."
    )
    from_encoding: Encoding | None = Field(
        None, description="The encoding of the file, such as `latin-1`; found out where left out."
    )
    to_encoding: Encoding | None = Field(None, description="`encoding`: the new encoding.")
    line_ending: LineEnding | None = Field(
        None, description="`line_endings`: the new end of lines.", json_schema_extra={"x-example": "lf"}
    )
    convert_to_spaces: bool = Field(
        True, description="`indentation`: make tabs into spaces; otherwise spaces into tabs."
    )
    tab_size: Annotated[int, Field(ge=1, le=16)] = Field(
        4, description="`indentation`: the columns of a tab."
    )


class Converted(Result):
    """A file that was changed."""

    input_path: str = Field(description="The file that was read.")
    output_path: str = Field(description="The file that was written.")
    operation: str = Field(description="What was changed.")
    from_encoding: str = Field(description="The encoding of the file that was read.")
    to_encoding: str = Field(description="The encoding of the file that was written.")
    size: int = Field(description="Its size in bytes.")


class FileConverter(Tool[ConverterParameters]):
    """Changes the encoding, the line ends or the indentation of a text file."""

    name = "file-converter"
    category = "filesystem"
    security = "restricted"
    aliases = ("file_converter",)
    Parameters = ConverterParameters
    returns = Converted
    blocks = True

    def run(self, parameters: ConverterParameters, context: ToolContext) -> Outcome:
        """Read, change and write."""
        operation = parameters.operation
        data = bytes_of(parameters.path, context)
        source = _known(parameters.from_encoding) if parameters.from_encoding else _detected(data, parameters)
        text = _decoded(data, source, parameters.path)
        wanted = parameters.to_encoding if operation == "encoding" else None
        target = _known(wanted) if wanted else source
        made = _encoded(_changed(text, parameters), target, parameters.path)
        output = parameters.target_path or parameters.path
        keep(made, output, context)
        result = Converted(
            input_path=parameters.path,
            output_path=output,
            operation=operation,
            from_encoding=source,
            to_encoding=target,
            size=len(made),
        )
        message = f"Changed the {operation.replace('_', ' ')} of {parameters.path}"
        return Outcome(operation, result, output, message)


def _known(encoding: str) -> str:
    """The usual name of an encoding of text."""
    try:
        name = codecs.lookup(encoding).name
        "".encode(name)
    except (LookupError, ValueError):
        raise ToolError(
            f"'{encoding}' is no encoding of text; utf-8, utf-16, latin-1, cp1252 are some",
            code="unknown_encoding",
        ) from None
    return name


def _detected(data: bytes, parameters: ConverterParameters) -> str:
    try:
        data.decode()
    except UnicodeDecodeError:
        pass
    else:
        return "utf-8-sig" if data.startswith(codecs.BOM_UTF8) else "utf-8"
    from charset_normalizer import from_bytes

    best = from_bytes(data).best()
    if best is None:
        raise ToolError(
            f"'{parameters.path}' is no text in an encoding that can be told; give 'from_encoding'",
            code="not_text",
        )
    return codecs.lookup(best.encoding).name


def _decoded(data: bytes, encoding: str, given: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise ToolError(
            f"'{given}' is no text in {encoding}: {error.reason} at byte {error.start}", code="not_text"
        ) from None
    except UnicodeError as error:
        raise ToolError(f"'{given}' is no text in {encoding}: {error}", code="not_text") from None


def _encoded(text: str, encoding: str, given: str) -> bytes:
    try:
        return text.encode(encoding)
    except UnicodeEncodeError as error:
        line = text.count("\n", 0, error.start) + 1
        raise ToolError(
            f"'{given}' has '{text[error.start]}' in line {line}, which {encoding} cannot write",
            code="not_encodable",
        ) from None
    except UnicodeError as error:
        # Encodings of names of hosts say no place.
        raise ToolError(f"{encoding} cannot write '{given}': {error}", code="not_encodable") from None


def _changed(text: str, parameters: ConverterParameters) -> str:
    if parameters.line_ending and parameters.operation == "line_endings":
        return re.sub(r"\r\n|\r|\n", _ENDS[parameters.line_ending], text)
    if parameters.operation == "indentation":
        size, spaces = parameters.tab_size, parameters.convert_to_spaces
        return re.sub(r"^[ \t]+", lambda found: _indent(found[0], size, spaces), text, flags=re.MULTILINE)
    return text


def _indent(given: str, size: int, spaces: bool) -> str:
    width = len(given.expandtabs(size))
    return " " * width if spaces else "\t" * (width // size) + " " * (width % size)
