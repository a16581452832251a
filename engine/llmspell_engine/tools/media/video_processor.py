"""Film: its format, its facts, and still pictures of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar, Literal, cast

from pydantic import Field

from llmspell_engine.api.declare import Result
from llmspell_engine.tools.base import Outcome, Tool, ToolContext, ToolError, stop_if_cancelled
from llmspell_engine.tools.given import GivenPath
from llmspell_engine.tools.media import images
from llmspell_engine.tools.media.containers import NEEDED, detected, open_media, seconds_of, tags_of
from llmspell_engine.tools.parameters import Needs, ToolParameters

if TYPE_CHECKING:
    from av import VideoStream
    from av.container import InputContainer
    from PIL.Image import Image

_FILM = ("mp4", "mov", "mkv", "webm", "avi", "flv", "mpeg", "ogg")
_THUMBNAIL = (320, 320)


class VideoParameters(ToolParameters):
    """What is done to which film."""

    needs: ClassVar[Needs] = {
        **dict.fromkeys(("detect", "metadata"), ("file_path",)),
        **dict.fromkeys(("thumbnail", "extract_frame"), ("file_path", "target_path")),
    }

    operation: Literal["detect", "metadata", "thumbnail", "extract_frame"] = Field(
        "metadata", description="What to do."
    )
    file_path: GivenPath | None = Field(None, description="The film.")
    target_path: GivenPath | None = Field(
        None, description="The picture to write; the end of its name tells the format."
    )
    timestamp_seconds: Annotated[float, Field(ge=0)] = Field(
        0.0, description="The place in the film, in seconds."
    )


class VideoKind(Result):
    """What kind of film a file is."""

    file_path: str = Field(description="The file.")
    format: str = Field(description="The format, or `unknown`.")
    supported: bool = Field(description="Whether it can be read.")


class VideoFacts(Result):
    """What is known of a film."""

    format: str = Field(description="The format.")
    codec: str = Field(description="How the pictures are kept.")
    width: int = Field(description="The width in pixels.")
    height: int = Field(description="The height in pixels.")
    duration_seconds: float | None = Field(None, description="How long it lasts.")
    frame_rate: float | None = Field(None, description="Pictures a second.")
    frames: int | None = Field(None, description="How many pictures it has, where that is told.")
    bit_rate: int | None = Field(None, description="Bits a second.")
    audio_codec: str | None = Field(None, description="How the sound is kept; absent where there is none.")
    size: int = Field(description="The size of the file in bytes.")
    tags: dict[str, str] = Field(description="What it tells of itself.")


class VideoMetadata(Result):
    """The facts of a film."""

    file_path: str = Field(description="The film.")
    metadata: VideoFacts = Field(description="What is known of it.")


class StillPicture(Result):
    """A picture of a film that was written."""

    video_path: str = Field(description="The film.")
    target_path: str = Field(description="The picture.")
    timestamp_seconds: float = Field(description="Where in the film it stands.")
    width: int = Field(description="Its width in pixels.")
    height: int = Field(description="Its height in pixels.")
    success: bool = Field(description="Whether it was written.")


class VideoProcessor(Tool[VideoParameters]):
    """Tells the format and facts of films, and takes still pictures from them."""

    name = "video-processor"
    category = "media"
    security = "restricted"
    aliases = ("video_processor",)
    Parameters = VideoParameters
    returns = VideoKind | VideoMetadata | StillPicture
    blocks = True

    def run(self, parameters: VideoParameters, context: ToolContext) -> Outcome:
        """Look at the film, or take a picture of it."""
        source = parameters.file_path or ""
        if parameters.operation == "detect":
            return _detect(source, context)
        NEEDED.check(context)
        if parameters.operation == "metadata":
            return _metadata(source, context)
        images.NEEDED.check(context)
        return _picture(source, parameters, context)


def _detect(source: str, context: ToolContext) -> Outcome:
    kind = detected(source, context)
    result = VideoKind(file_path=source, format=kind, supported=kind in _FILM)
    return Outcome("detect", result, kind, f"The format of {source} is {kind}")


def _metadata(source: str, context: ToolContext) -> Outcome:
    kind = detected(source, context)
    with open_media(source, context) as container:
        stream = _pictures_in(container, source)
        sound = container.streams.audio
        facts = VideoFacts(
            format=kind if kind != "unknown" else container.format.name,
            codec=stream.codec_context.name,
            width=stream.codec_context.width,
            height=stream.codec_context.height,
            duration_seconds=seconds_of(container),
            frame_rate=round(float(stream.average_rate), 3) if stream.average_rate else None,
            frames=stream.frames or None,
            bit_rate=container.bit_rate or None,
            audio_codec=sound[0].codec_context.name if sound else None,
            size=container.size,
            tags=tags_of(container),
        )
    text = f"{facts.format}, {facts.width} x {facts.height} pixels, {facts.duration_seconds} s"
    result = VideoMetadata(file_path=source, metadata=facts)
    return Outcome("metadata", result, text, f"Looked at {source}")


def _pictures_in(container: InputContainer, given: str) -> VideoStream:
    if not container.streams.video:
        raise ToolError(f"'{given}' has no pictures", code="not_video")
    return container.streams.video[0]


def _picture(source: str, parameters: VideoParameters, context: ToolContext) -> Outcome:
    target, seconds = parameters.target_path or "", parameters.timestamp_seconds
    with open_media(source, context) as container:
        image = _image_at(container, _pictures_in(container, source), seconds)
    if image is None:
        raise ToolError(f"'{source}' ends before {seconds:g} s", code="out_of_range")
    if parameters.operation == "thumbnail":
        image.thumbnail(_THUMBNAIL)
    images.write_image(image, target, images.format_for(target, None, image), context)
    result = StillPicture(
        video_path=source,
        target_path=target,
        timestamp_seconds=seconds,
        width=image.width,
        height=image.height,
        success=True,
    )
    message = f"Wrote {target}, the picture at {seconds:g} s"
    return Outcome(parameters.operation, result, target, message)


def _image_at(container: InputContainer, stream: VideoStream, seconds: float) -> Image | None:
    """The picture that is seen at a time; None behind the end."""
    if stream.time_base and seconds > 0:
        container.seek(int(seconds / stream.time_base), stream=stream)
    for frame in container.decode(stream):
        stop_if_cancelled()
        if frame.time is not None and frame.time + _length(stream) > seconds + 1e-6:
            return cast("Image", frame.to_image())  # type: ignore[no-untyped-call]
    return None


def _length(stream: VideoStream) -> float:
    """How long a picture is seen."""
    return float(1 / stream.average_rate) if stream.average_rate else 0.0
