"""Facts of images, and changes of size, form and format."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from anyio import to_thread
from pydantic import Field

from llmspell_engine.api.declare import Result
from llmspell_engine.tools.apart.asking import apart
from llmspell_engine.tools.base import Outcome, Tool, ToolContext
from llmspell_engine.tools.given import GivenPath, keep
from llmspell_engine.tools.parameters import Needs, ToolParameters
from llmspell_engine.tools.requirements import Extra

Operation = Literal["detect", "metadata", "resize", "convert", "crop", "rotate", "thumbnail"]
Pixels = Annotated[int, Field(ge=1, le=20_000)]
ImageFormat = Literal["png", "jpeg", "gif", "webp"]
NEEDED = Extra("PIL", "media")


class ImageParameters(ToolParameters):
    """What is done to which image."""

    needs: ClassVar[Needs] = {
        **dict.fromkeys(("detect", "metadata"), (("file_path", "source_path"),)),
        "resize": (("source_path", "file_path"), "target_path", ("width", "height")),
        "convert": (("source_path", "file_path"), "target_path"),
        "crop": (("source_path", "file_path"), "target_path", "width", "height"),
        "rotate": (("source_path", "file_path"), "target_path"),
        "thumbnail": (("source_path", "file_path"), "target_path"),
    }
    older_names: ClassVar[dict[str, str]] = {
        "input": "source_path",
        "input_path": "source_path",
        "output_path": "target_path",
        "format": "target_format",
        "maintain_aspect": "maintain_aspect_ratio",
    }

    operation: Operation = Field("metadata", description="What to do.")
    file_path: GivenPath | None = Field(
        None, description="The image to look at.", json_schema_extra={"x-example": "photo.png"}
    )
    source_path: GivenPath | None = Field(None, description="The image to change.")
    target_path: GivenPath | None = Field(None, description="The image to write.")
    width: Pixels | None = Field(None, description="The width in pixels.")
    height: Pixels | None = Field(None, description="The height in pixels.")
    x: Annotated[int, Field(ge=0)] = Field(0, description="`crop`: the left edge.")
    y: Annotated[int, Field(ge=0)] = Field(0, description="`crop`: the upper edge.")
    degrees: Literal[90, 180, 270] = Field(90, description="`rotate`: how far, clockwise.")
    maintain_aspect_ratio: bool = Field(
        True, description="`resize`: keep the proportions, within width and height."
    )
    target_format: ImageFormat | None = Field(
        None, description="The format to write; told by the end of `target_path` where left out."
    )
    max_width: Pixels = Field(200, description="`thumbnail`: the largest width.")
    max_height: Pixels = Field(200, description="`thumbnail`: the largest height.")


class ImageKind(Result):
    """What kind of image a file is."""

    file_path: str = Field(description="The file.")
    format: str = Field(description="The format.")
    mime_type: str = Field(description="The media type.")
    supported: bool = Field(description="Whether it can be written too.")


class ImageFacts(Result):
    """What is known of an image."""

    format: str = Field(description="The format.")
    width: int = Field(description="The width in pixels.")
    height: int = Field(description="The height in pixels.")
    mode: str = Field(description="How colours are kept: `RGB`, `RGBA`, `L` for grey, …")
    has_alpha: bool = Field(description="Whether it has transparency.")
    frames: int = Field(description="How many pictures it has.")
    exif: dict[str, str] = Field(description="What the camera told of itself.")


class ImageMetadata(Result):
    """The facts of an image."""

    file_path: str = Field(description="The image.")
    metadata: ImageFacts = Field(description="What is known of it.")


class ChangedImage(Result):
    """An image that was written."""

    source_path: str = Field(description="The image that was read.")
    target_path: str = Field(description="The image that was written.")
    target_format: ImageFormat = Field(description="The format that was written.")
    width: int = Field(description="Its width in pixels.")
    height: int = Field(description="Its height in pixels.")
    size: int = Field(description="Its size in bytes.")
    maintain_aspect_ratio: bool | None = Field(None, description="`resize`: whether proportions were kept.")
    x: int | None = Field(None, description="`crop`: the left edge.")
    y: int | None = Field(None, description="`crop`: the upper edge.")
    degrees: int | None = Field(None, description="`rotate`: how far it was turned.")
    max_width: int | None = Field(None, description="`thumbnail`: the largest width.")
    max_height: int | None = Field(None, description="`thumbnail`: the largest height.")


class ImageProcessor(Tool[ImageParameters]):
    """Tells facts of images, resizes, crops, turns and converts them."""

    name = "image-processor"
    category = "media"
    security = "restricted"
    aliases = ("image_processor",)
    requires = (NEEDED,)
    Parameters = ImageParameters
    returns = ImageKind | ImageMetadata | ChangedImage

    async def run(self, parameters: ImageParameters, context: ToolContext) -> Outcome:
        """Have the image looked at, or changed."""
        operation = parameters.operation
        looking = operation in ("detect", "metadata")
        first, second = parameters.source_path or "", parameters.file_path or ""
        source = (second or first) if looking else (first or second)
        facts, data = await apart("images", self.name, source, parameters.model_dump(), context)
        if operation == "detect":
            kind = ImageKind(file_path=source, **facts)
            return Outcome("detect", kind, kind.format, f"{source} is {kind.mime_type}")
        if operation == "metadata":
            return _metadata(facts, source)
        target = parameters.target_path or ""
        await to_thread.run_sync(keep, data, target, context)
        told = {name: getattr(parameters, name) for name in _TOLD.get(operation, ())}
        result = ChangedImage(source_path=source, target_path=target, size=len(data), **facts, **told)
        return Outcome(operation, result, target, f"Wrote {target}, {result.width} x {result.height} pixels")


def _metadata(told: Mapping[str, Any], source: str) -> Outcome:
    facts = ImageFacts(**told)
    text = f"{facts.format}, {facts.width} x {facts.height} pixels, {facts.mode}"
    return Outcome("metadata", ImageMetadata(file_path=source, metadata=facts), text, f"Looked at {source}")


_TOLD: dict[str, tuple[str, ...]] = {
    "resize": ("maintain_aspect_ratio",),
    "crop": ("x", "y"),
    "rotate": ("degrees",),
    "thumbnail": ("max_width", "max_height"),
}
"""The parameters that the result of an operation tells again."""
