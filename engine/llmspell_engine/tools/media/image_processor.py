"""Facts of images, and changes of size, form and format."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import Field

from llmspell_engine.api.declare import Result
from llmspell_engine.tools.base import Outcome, Tool, ToolContext, ToolError
from llmspell_engine.tools.given import GivenPath
from llmspell_engine.tools.media.images import NEEDED, ImageFormat, format_for, open_image, write_image
from llmspell_engine.tools.parameters import Needs, ToolParameters

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageFile import ImageFile

Operation = Literal["detect", "metadata", "resize", "convert", "crop", "rotate", "thumbnail"]
Pixels = Annotated[int, Field(ge=1, le=20_000)]
_EXIF = {0x010F: "make", 0x0110: "model", 0x0112: "orientation", 0x0132: "datetime", 0x8298: "copyright"}
"""The facts of a camera that are told."""


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
    older_names: ClassVar[dict[str, str]] = {"input": "source_path"}

    operation: Operation = Field("metadata", description="What to do.")
    file_path: GivenPath | None = Field(None, description="The image to look at.")
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
    blocks = True

    def run(self, parameters: ImageParameters, context: ToolContext) -> Outcome:
        """Look at the image, or change it."""
        looking = parameters.operation in ("detect", "metadata")
        first, second = parameters.source_path or "", parameters.file_path or ""
        source = (second or first) if looking else (first or second)
        with open_image(source, context) as image:
            if parameters.operation == "detect":
                return _detect(image, source)
            if parameters.operation == "metadata":
                return _metadata(image, source)
            changed = _CHANGES[parameters.operation](image, parameters)
            kind = format_for(parameters.target_path or "", parameters.target_format, image)
        return _written(changed, kind, source, parameters, context)


def _detect(image: ImageFile, source: str) -> Outcome:
    kind = (image.format or "").lower()
    mime = image.get_format_mimetype() or "application/octet-stream"
    supported = kind in ("png", "jpeg", "gif", "webp")
    result = ImageKind(file_path=source, format=kind, mime_type=mime, supported=supported)
    return Outcome("detect", result, kind, f"{source} is {mime}")


def _metadata(image: Image, source: str) -> Outcome:
    exif = image.getexif()
    facts = ImageFacts(
        format=(image.format or "").lower(),
        width=image.width,
        height=image.height,
        mode=image.mode,
        has_alpha="A" in image.getbands() or "transparency" in image.info,
        frames=int(getattr(image, "n_frames", 1)),
        exif={name: str(exif[tag]) for tag, name in _EXIF.items() if tag in exif},
    )
    text = f"{facts.format}, {facts.width} x {facts.height} pixels, {facts.mode}"
    result = ImageMetadata(file_path=source, metadata=facts)
    return Outcome("metadata", result, text, f"Looked at {source}")


def _resize(image: Image, parameters: ImageParameters) -> Image:
    width, height = parameters.width, parameters.height
    if parameters.maintain_aspect_ratio or width is None or height is None:
        factor = min((width or 20_000) / image.width, (height or 20_000) / image.height)
        width, height = max(1, round(image.width * factor)), max(1, round(image.height * factor))
    return _plain(image).resize((width, height))


def _crop(image: Image, parameters: ImageParameters) -> Image:
    right, lower = parameters.x + (parameters.width or 1), parameters.y + (parameters.height or 1)
    if right > image.width or lower > image.height:
        raise ToolError(
            f"the piece reaches to {right} x {lower}, but the image ends at {image.width} x {image.height}",
            code="invalid_input",
        )
    return image.crop((parameters.x, parameters.y, right, lower))


def _rotate(image: Image, parameters: ImageParameters) -> Image:
    from PIL.Image import Transpose

    turns = {90: Transpose.ROTATE_270, 180: Transpose.ROTATE_180, 270: Transpose.ROTATE_90}
    return image.transpose(turns[parameters.degrees])


def _thumbnail(image: Image, parameters: ImageParameters) -> Image:
    small = _plain(image).copy()
    small.thumbnail((parameters.max_width, parameters.max_height))
    return small


def _convert(image: Image, _: ImageParameters) -> Image:
    return image.copy()


def _plain(image: Image) -> Image:
    """An image whose pixels are colours and not places in a palette, which cannot be mixed."""
    return image.convert("RGBA" if "transparency" in image.info else "RGB") if image.mode == "P" else image


_CHANGES: dict[str, Callable[[Image, ImageParameters], Image]] = {
    "resize": _resize,
    "convert": _convert,
    "crop": _crop,
    "rotate": _rotate,
    "thumbnail": _thumbnail,
}


def _written(
    image: Image, kind: ImageFormat, source: str, parameters: ImageParameters, context: ToolContext
) -> Outcome:
    target = parameters.target_path or ""
    size = write_image(image, target, kind, context)
    told = _TOLD.get(parameters.operation, ())
    facts: dict[str, Any] = {name: getattr(parameters, name) for name in told}
    result = ChangedImage(
        source_path=source,
        target_path=target,
        target_format=kind,
        width=image.width,
        height=image.height,
        size=size,
        **facts,
    )
    message = f"Wrote {target}, {image.width} x {image.height} pixels"
    return Outcome(parameters.operation, result, target, message)


_TOLD: dict[str, tuple[str, ...]] = {
    "resize": ("maintain_aspect_ratio",),
    "crop": ("x", "y"),
    "rotate": ("degrees",),
    "thumbnail": ("max_width", "max_height"),
}
"""The parameters that the result of an operation tells again."""
