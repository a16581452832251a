"""Base64 in both directions."""

from __future__ import annotations

import base64
import re
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from llmspell_engine.api.declare import Result, complete
from llmspell_engine.tools.base import Outcome, Tool, ToolContext, ToolError, counted
from llmspell_engine.tools.files import read_file, write_file
from llmspell_engine.tools.parameters import Needs, ToolParameters

Variant = Literal["standard", "url-safe"]
File = Annotated[str, Field(min_length=1), complete("path")]


class Base64Parameters(ToolParameters):
    """What is encoded or decoded."""

    needs: ClassVar[Needs] = {"encode": (("input", "input_file"),), "decode": (("input", "input_file"),)}

    operation: Literal["encode", "decode"] = Field(description="The direction.")
    input: str | None = Field(None, description="The text; not needed with `input_file`.")
    input_file: File | None = Field(None, description="The file to read in place of `input`.")
    output_file: File | None = Field(None, description="The file to write the result to.")
    variant: Variant = Field("standard", description="The alphabet: with `+/`, or with `-_`.")
    binary_input: bool = Field(False, description="Whether `input` is bytes in hexadecimal, to encode.")


class Coded(Result):
    """What was encoded or decoded."""

    output: str | None = Field(
        None, description="The result: text, or hexadecimal where it is no text; absent with `output_file`."
    )
    variant: Variant = Field(description="The alphabet.")
    binary: bool = Field(description="Whether `output` is bytes in hexadecimal.")
    output_file: str | None = Field(None, description="The file that was written.")
    size: int = Field(description="The size of the result, in bytes.")


class Base64Encoder(Tool[Base64Parameters]):
    """Encodes and decodes Base64, plain or URL-safe, of texts and files."""

    name = "base64-encoder"
    category = "utility"
    aliases = ("base64_encoder",)
    Parameters = Base64Parameters
    returns = Coded

    def run(self, parameters: Base64Parameters, context: ToolContext) -> Outcome:
        """Encode or decode."""
        data = _given(parameters, context)
        made = _encode(data, parameters.variant) if parameters.operation == "encode" else _decode(data)
        if parameters.output_file is not None:
            return _kept(made, parameters, parameters.output_file, context)
        text, binary = _as_text(made)
        result = Coded(output=text, variant=parameters.variant, binary=binary, size=len(made))
        return Outcome(
            parameters.operation,
            result,
            text,
            f"{parameters.operation.capitalize()}d to {counted(len(made), 'byte')}",
        )


def _given(parameters: Base64Parameters, context: ToolContext) -> bytes:
    if parameters.input_file is not None:
        return read_file(context.path(parameters.input_file), parameters.input_file)
    text = parameters.input or ""
    if not (parameters.binary_input and parameters.operation == "encode"):
        return text.encode()
    try:
        return bytes.fromhex(text)
    except ValueError:
        raise ToolError("'input' is not hexadecimal, as 'binary_input' says", code="invalid_input") from None


def _encode(data: bytes, variant: Variant) -> bytes:
    return base64.urlsafe_b64encode(data) if variant == "url-safe" else base64.b64encode(data)


def _decode(data: bytes) -> bytes:
    """Decode either alphabet; white space and missing padding do not matter."""
    text = re.sub(rb"\s+", b"", data).translate(bytes.maketrans(b"-_", b"+/")).rstrip(b"=")
    try:
        return base64.b64decode(text + b"=" * (-len(text) % 4), validate=True)
    except ValueError:
        raise ToolError("'input' is not Base64", code="invalid_input") from None


def _as_text(data: bytes) -> tuple[str, bool]:
    try:
        return data.decode(), False
    except UnicodeDecodeError:
        return data.hex(), True


def _kept(made: bytes, parameters: Base64Parameters, output_file: str, context: ToolContext) -> Outcome:
    write_file(context.path(output_file, writes=True), output_file, made)
    result = Coded(variant=parameters.variant, binary=False, output_file=output_file, size=len(made))
    message = f"Wrote {counted(len(made), 'byte')} to {output_file}"
    return Outcome(parameters.operation, result, output_file, message)
