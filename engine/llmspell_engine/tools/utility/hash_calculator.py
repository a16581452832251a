"""Digests of texts and files."""

from __future__ import annotations

import base64
import hashlib
import hmac
from pathlib import Path
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from llmspell_engine.api.declare import Result, complete
from llmspell_engine.tools.base import Outcome, Tool, ToolContext, ToolError
from llmspell_engine.tools.files import open_file
from llmspell_engine.tools.parameters import Needs, ToolParameters

Algorithm = Literal["md5", "sha1", "sha256", "sha512"]
Coding = Literal["hex", "base64"]


class HashParameters(ToolParameters):
    """What is hashed."""

    needs: ClassVar[Needs] = {"hash": (("input", "file"),), "verify": (("input", "file"), "expected_hash")}
    older_names: ClassVar[dict[str, str]] = {"data": "input"}

    operation: Literal["hash", "verify"] = Field(description="Compute a digest, or compare with one.")
    algorithm: Algorithm = Field("sha256", description="How the digest is computed.")
    input_type: Literal["string", "file"] = Field(
        "string", description="Whether `input` or `file` is hashed."
    )
    input: str | None = Field(None, description="The text to hash, as UTF-8.")
    file: Annotated[str, Field(min_length=1), complete("path")] | None = Field(
        None, description="The file to hash, with `input_type` `file`."
    )
    format: Coding = Field("hex", description="How the digest is written.")
    expected_hash: Annotated[str, Field(min_length=1)] | None = Field(
        None, description="The digest to compare with."
    )
    expected_format: Coding = Field("hex", description="How `expected_hash` is written.")


class Digest(Result):
    """A digest."""

    algorithm: Algorithm = Field(description="How it was computed.")
    hash: str = Field(description="The digest.")
    format: Coding = Field(description="How it is written.")


class Verification(Result):
    """Whether a digest is the one that was expected."""

    verified: bool = Field(description="Whether the digests are equal.")
    algorithm: Algorithm = Field(description="How the digest was computed.")
    expected: str | None = Field(None, description="The digest that was expected, when it is another one.")
    actual: str | None = Field(None, description="The digest that was computed, when it is another one.")


class HashCalculator(Tool[HashParameters]):
    """Computes or checks digests of texts and files."""

    name = "hash-calculator"
    category = "utility"
    security = "restricted"
    aliases = ("hash_calculator",)
    Parameters = HashParameters
    returns = Digest | Verification

    def run(self, parameters: HashParameters, context: ToolContext) -> Outcome:
        """Compute a digest, and compare it when asked."""
        digest = _digest(parameters, context)
        if parameters.operation == "verify":
            return _verify(parameters, digest)
        written = _written(digest, parameters.format)
        result = Digest(algorithm=parameters.algorithm, hash=written, format=parameters.format)
        return Outcome("hash", result, written, f"Computed the {parameters.algorithm} digest")


def _digest(parameters: HashParameters, context: ToolContext) -> bytes:
    if parameters.input_type == "file":
        if parameters.file is None:
            raise ToolError("'file' is missing; 'input_type' is \"file\"", code="invalid_input")
        return _digest_of_file(context.path(parameters.file), parameters.file, parameters.algorithm)
    if parameters.input is None:
        raise ToolError("'input' is missing; give 'input_type' \"file\" to hash a file", code="invalid_input")
    made = hashlib.new(parameters.algorithm, parameters.input.encode(), usedforsecurity=False)
    return made.digest()


def _digest_of_file(path: Path, given: str, algorithm: Algorithm) -> bytes:
    with open_file(path, given) as stream:
        return hashlib.file_digest(stream, algorithm).digest()


def _verify(parameters: HashParameters, digest: bytes) -> Outcome:
    expected = _read(parameters.expected_hash or "", parameters.expected_format)
    if hmac.compare_digest(expected, digest):
        result = Verification(verified=True, algorithm=parameters.algorithm)
        return Outcome("verify", result, "verified", "The digest is the expected one")
    actual = _written(digest, parameters.expected_format)
    result = Verification(
        verified=False,
        algorithm=parameters.algorithm,
        expected=parameters.expected_hash,
        actual=actual,
    )
    return Outcome("verify", result, "not verified", "The digest is not the expected one")


def _read(written: str, coding: Coding) -> bytes:
    try:
        return bytes.fromhex(written) if coding == "hex" else base64.b64decode(written, validate=True)
    except ValueError:
        raise ToolError(f"'{written}' is no digest in {coding}", code="invalid_input") from None


def _written(digest: bytes, coding: Coding) -> str:
    return digest.hex() if coding == "hex" else base64.b64encode(digest).decode()
