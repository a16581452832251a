"""Opening, changing and writing images with Pillow, its failures as sentences."""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Literal

from llmspell_engine.tools.base import ToolContext, ToolError
from llmspell_engine.tools.given import bytes_of, keep
from llmspell_engine.tools.requirements import Extra

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageFile import ImageFile

NEEDED = Extra("PIL", "media")
ImageFormat = Literal["png", "jpeg", "gif", "webp"]
READ = ("PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF")
"""The formats that are read: well-tried ones only, since images come from anywhere."""
MOST_PIXELS = 100_000_000
_ENDINGS: dict[str, ImageFormat] = {"jpg": "jpeg", "jpeg": "jpeg", "png": "png", "gif": "gif", "webp": "webp"}


@contextmanager
def open_image(given: str, context: ToolContext) -> Iterator[ImageFile]:
    """An image of a file, decoded only as far as it is looked at. Raises ToolError where it is none."""
    from PIL import Image, UnidentifiedImageError

    data = bytes_of(given, context)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            opened = Image.open(io.BytesIO(data), formats=READ)
    except (UnidentifiedImageError, Image.DecompressionBombError):
        raise ToolError(
            f"'{given}' is no image in a format that is read ({', '.join(READ)})", code="not_an_image"
        ) from None
    with opened:
        if opened.width * opened.height > MOST_PIXELS:
            raise ToolError(
                f"'{given}' has {opened.width} x {opened.height} pixels; at most {MOST_PIXELS} are read",
                code="too_large",
            )
        try:
            yield opened
        except (OSError, SyntaxError, ValueError, EOFError) as error:
            # Pillow reads the pixels only when they are wanted, and says so in many ways.
            raise ToolError(f"'{given}' is a broken image: {error}", code="broken_image") from None


def format_for(target: str, wanted: ImageFormat | None, image: Image) -> ImageFormat:
    """The format to write: what is asked for, or what the file name ends with, or the image's own."""
    found = wanted or _ENDINGS.get(target.rpartition(".")[2].lower())
    return found or _ENDINGS.get((image.format or "").lower(), "png")


def write_image(image: Image, target: str, kind: ImageFormat, context: ToolContext) -> int:
    """Write an image, and tell its size in bytes."""
    stream = io.BytesIO()
    if kind == "jpeg" and image.mode not in ("RGB", "L", "CMYK"):
        image = flattened(image)
    image.save(stream, kind.upper())
    keep(stream.getvalue(), target, context)
    return len(stream.getvalue())


def flattened(image: Image) -> Image:
    """An image without transparency, on white."""
    import PIL.Image

    whole = image.convert("RGBA")
    ground = PIL.Image.new("RGBA", whole.size, "white")
    return PIL.Image.alpha_composite(ground, whole).convert("RGB")
