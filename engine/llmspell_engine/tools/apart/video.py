"""Film, looked at with PyAV, and still pictures of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from llmspell_engine.tools.apart.containers import open_media, seconds_of, tags_of
from llmspell_engine.tools.error import ToolError

if TYPE_CHECKING:
    from av import VideoStream
    from av.container import InputContainer
    from PIL.Image import Image

_THUMBNAIL = (320, 320)


def perform(path: str, arguments: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    """The facts of a film, or those of a picture of it and the bytes of the picture."""
    name = arguments["name"]
    with open_media(path, name) as container:
        stream = _pictures_in(container, name)
        if arguments["operation"] == "metadata":
            return _facts(container, stream), b""
        image = _image_at(container, stream, arguments["timestamp_seconds"])
    if image is None:
        raise ToolError(f"'{name}' ends before {arguments['timestamp_seconds']:g} s", code="out_of_range")
    from llmspell_engine.tools.apart.images import format_for, written

    if arguments["operation"] == "thumbnail":
        image.thumbnail(_THUMBNAIL)
    return written(image, format_for(arguments["target_path"], None, image))


def _pictures_in(container: InputContainer, name: str) -> VideoStream:
    if not container.streams.video:
        raise ToolError(f"'{name}' has no pictures", code="not_video")
    return container.streams.video[0]


def _facts(container: InputContainer, stream: VideoStream) -> dict[str, Any]:
    sound = container.streams.audio
    return {
        "format": container.format.name,
        "codec": stream.codec_context.name,
        "width": stream.codec_context.width,
        "height": stream.codec_context.height,
        "duration_seconds": seconds_of(container),
        "frame_rate": round(float(stream.average_rate), 3) if stream.average_rate else None,
        "frames": stream.frames or None,
        "bit_rate": container.bit_rate or None,
        "audio_codec": sound[0].codec_context.name if sound else None,
        "size": container.size,
        "tags": tags_of(container),
    }


def _image_at(container: InputContainer, stream: VideoStream, seconds: float) -> Image | None:
    """The picture that is seen at a time; None behind the end."""
    if stream.time_base and seconds > 0:
        container.seek(int(seconds / stream.time_base), stream=stream)
    for frame in container.decode(stream):
        if frame.time is not None and frame.time + _length(stream) > seconds + 1e-6:
            return cast("Image", frame.to_image())  # type: ignore[no-untyped-call]
    return None


def _length(stream: VideoStream) -> float:
    """How long a picture is seen."""
    return float(1 / stream.average_rate) if stream.average_rate else 0.0
