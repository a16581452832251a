"""Images, looked at and changed with Pillow."""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from PIL import Image, UnidentifiedImageError

from llmspell_engine.tools.error import ToolError

if TYPE_CHECKING:
    from PIL.ImageFile import ImageFile

READ = ("PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF")
"""The formats that are read: well-tried ones only, since images come from anywhere."""
WRITTEN = frozenset({"png", "jpeg", "gif", "webp"})
MOST_PIXELS = 100_000_000
_ENDINGS = {"jpg": "jpeg", **{kind: kind for kind in WRITTEN}}
_EXIF = {0x010F: "make", 0x0110: "model", 0x0112: "orientation", 0x0132: "datetime", 0x8298: "copyright"}
"""The facts of a camera that are told."""


def perform(path: str, arguments: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    """The facts of an image, or those of a changed one and the bytes of it."""
    with _opened(path, arguments["name"]) as image:
        if arguments["operation"] == "detect":
            kind = (image.format or "").lower()
            mime = image.get_format_mimetype() or "application/octet-stream"
            return {"format": kind, "mime_type": mime, "supported": kind in WRITTEN}, b""
        if arguments["operation"] == "metadata":
            return _facts(image), b""
        changed = _CHANGES[arguments["operation"]](image, arguments)
        kind = format_for(arguments["target_path"] or "", arguments["target_format"], image)
        return written(changed, kind)


@contextmanager
def _opened(path: str, name: str) -> Iterator[ImageFile]:
    """An image, decoded only as far as it is looked at. Raises ToolError where it is none."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            opened = Image.open(path, formats=READ)
    except Image.DecompressionBombError:
        raise _too_large(name, "more pixels than an image should have") from None
    except UnidentifiedImageError:
        raise ToolError(
            f"'{name}' is no image in a format that is read ({', '.join(READ)})", code="not_an_image"
        ) from None
    with opened:
        if opened.width * opened.height > MOST_PIXELS:
            raise _too_large(name, f"{opened.width} x {opened.height} pixels")
        try:
            yield opened
        except (OSError, SyntaxError, ValueError, EOFError) as error:
            # Pillow reads the pixels only when they are wanted, and says so in many ways.
            raise ToolError(f"'{name}' is a broken image: {error}", code="broken_image") from None


def _too_large(name: str, told: str) -> ToolError:
    return ToolError(f"'{name}' has {told}; at most {MOST_PIXELS} are read", code="too_large")


def format_for(target: str, wanted: str | None, image: Image.Image) -> str:
    """The format to write: what is asked for, or what the file name ends with, or the image's own."""
    found = wanted or _ENDINGS.get(target.rpartition(".")[2].lower())
    return found or _ENDINGS.get((image.format or "").lower(), "png")


def written(image: Image.Image, kind: str) -> tuple[dict[str, Any], bytes]:
    """An image as a file, and its facts."""
    stream = io.BytesIO()
    if kind == "jpeg" and image.mode not in ("RGB", "L", "CMYK"):
        image = _flattened(image)
    image.save(stream, kind.upper())
    return {"target_format": kind, "width": image.width, "height": image.height}, stream.getvalue()


def _flattened(image: Image.Image) -> Image.Image:
    """An image without transparency, on white."""
    whole = image.convert("RGBA")
    ground = Image.new("RGBA", whole.size, "white")
    return Image.alpha_composite(ground, whole).convert("RGB")


def _facts(image: Image.Image) -> dict[str, Any]:
    exif = image.getexif()
    return {
        "format": (image.format or "").lower(),
        "width": image.width,
        "height": image.height,
        "mode": image.mode,
        "has_alpha": "A" in image.getbands() or "transparency" in image.info,
        "frames": int(getattr(image, "n_frames", 1)),
        "exif": {name: str(exif[tag]) for tag, name in _EXIF.items() if tag in exif},
    }


def _resize(image: Image.Image, given: dict[str, Any]) -> Image.Image:
    width, height = given["width"], given["height"]
    if given["maintain_aspect_ratio"] or width is None or height is None:
        factor = min((width or 20_000) / image.width, (height or 20_000) / image.height)
        width, height = max(1, round(image.width * factor)), max(1, round(image.height * factor))
    return _plain(image).resize((width, height))


def _crop(image: Image.Image, given: dict[str, Any]) -> Image.Image:
    right, lower = given["x"] + (given["width"] or 1), given["y"] + (given["height"] or 1)
    if right > image.width or lower > image.height:
        raise ToolError(
            f"the piece reaches to {right} x {lower}, but the image ends at {image.width} x {image.height}",
            code="invalid_input",
        )
    return image.crop((given["x"], given["y"], right, lower))


def _rotate(image: Image.Image, given: dict[str, Any]) -> Image.Image:
    turns = {
        90: Image.Transpose.ROTATE_270,
        180: Image.Transpose.ROTATE_180,
        270: Image.Transpose.ROTATE_90,
    }
    return image.transpose(turns[given["degrees"]])


def _thumbnail(image: Image.Image, given: dict[str, Any]) -> Image.Image:
    small = _plain(image).copy()
    small.thumbnail((given["max_width"], given["max_height"]))
    return small


def _convert(image: Image.Image, _: dict[str, Any]) -> Image.Image:
    return image.copy()


def _plain(image: Image.Image) -> Image.Image:
    """An image whose pixels are colours and not places in a palette, which cannot be mixed."""
    return image.convert("RGBA" if "transparency" in image.info else "RGB") if image.mode == "P" else image


_CHANGES: dict[str, Callable[[Image.Image, dict[str, Any]], Image.Image]] = {
    "resize": _resize,
    "convert": _convert,
    "crop": _crop,
    "rotate": _rotate,
    "thumbnail": _thumbnail,
}
