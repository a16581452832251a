"""QR codes."""

from __future__ import annotations

import io
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from llmspell_engine.api.declare import Result
from llmspell_engine.tools.base import Outcome, Tool, ToolContext, ToolError, counted
from llmspell_engine.tools.given import GivenPath, keep
from llmspell_engine.tools.parameters import ToolParameters
from llmspell_engine.tools.requirements import Extra

QrFormat = Literal["svg", "png", "text"]
_LEVELS = {"low": "L", "medium": "M", "quartile": "Q", "high": "H"}


class QrParameters(ToolParameters):
    """What the code says and how it is drawn."""

    only_operation: ClassVar[str] = "create"

    input: Annotated[str, Field(min_length=1, max_length=4296)] = Field(description="What the code says.")
    target_path: GivenPath | None = Field(
        None, description="The file to write; the drawing is in the result where left out."
    )
    format: QrFormat = Field("svg", description="How it is drawn; `png` needs `target_path`.")
    error_correction: Literal["low", "medium", "quartile", "high"] = Field(
        "medium", description="How much of it may be damaged and still be read."
    )
    scale: Annotated[int, Field(ge=1, le=100)] = Field(4, description="The size of a square, in pixels.")
    border: Annotated[int, Field(ge=0, le=20)] = Field(4, description="The empty squares around it.")


class QrResult(Result):
    """A QR code."""

    version: int = Field(description="The size of the code, from 1 to 40.")
    format: QrFormat = Field(description="How it was drawn.")
    width: int = Field(description="Its width in pixels; in squares with `text`.")
    image: str | None = Field(None, description="The drawing; absent with `target_path`.")
    target_path: str | None = Field(None, description="The file that was written.")


class QrCode(Tool[QrParameters]):
    """Draws QR codes as SVG, PNG or text."""

    name = "qr-code"
    category = "media"
    aliases = ("qr_code",)
    requires = (Extra("segno", "media"),)
    Parameters = QrParameters
    returns = QrResult
    blocks = True

    def run(self, parameters: QrParameters, context: ToolContext) -> Outcome:
        """Draw the code."""
        import segno

        target, kind = parameters.target_path, parameters.format
        if kind == "png" and target is None:
            raise ToolError("a PNG is no text; name the file for it in 'target_path'", code="invalid_input")
        try:
            code = segno.make_qr(parameters.input, error=_LEVELS[parameters.error_correction])
        except segno.DataOverflowError:
            raise ToolError("the text is too long for a QR code", code="too_long") from None
        data = _drawn(code, parameters)
        if target is not None:
            keep(data, target, context)
        scale = 1 if kind == "text" else parameters.scale
        drawing = None if target is not None else data.decode()
        result = QrResult(
            version=code.version,
            format=kind,
            width=code.symbol_size(scale, parameters.border)[0],
            image=drawing,
            target_path=target,
        )
        return Outcome("create", result, drawing or target or "", f"Drew {counted(len(data), 'byte')}")


def _drawn(code: Any, parameters: QrParameters) -> bytes:
    if parameters.format == "text":
        rows = code.matrix_iter(scale=1, border=parameters.border)
        return "\n".join("".join("██" if dark else "  " for dark in row) for row in rows).encode()
    stream = io.BytesIO()
    code.save(stream, kind=parameters.format, border=parameters.border, scale=parameters.scale)
    return stream.getvalue()
