"""Film: its format, its facts, and still pictures of it."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from anyio import to_thread
from pydantic import Field

from llmspell_engine.api.declare import Result
from llmspell_engine.tools.apart.asking import apart
from llmspell_engine.tools.base import Outcome, Tool, ToolContext
from llmspell_engine.tools.given import GivenPath, keep
from llmspell_engine.tools.media import image_processor
from llmspell_engine.tools.media.containers import NEEDED, detected
from llmspell_engine.tools.parameters import Needs, ToolParameters

_FILM = ("mp4", "mov", "mkv", "webm", "avi", "flv", "mpeg", "ogg")


class VideoParameters(ToolParameters):
    """What is done to which film."""

    needs: ClassVar[Needs] = {
        **dict.fromkeys(("detect", "metadata"), ("file_path",)),
        **dict.fromkeys(("thumbnail", "extract_frame"), ("file_path", "target_path")),
    }
    older_names: ClassVar[dict[str, str]] = {
        "input_path": "file_path",
        "output_path": "target_path",
        "timestamp": "timestamp_seconds",
    }

    operation: Literal["detect", "metadata", "thumbnail", "extract_frame"] = Field(
        "metadata", description="What to do."
    )
    file_path: GivenPath | None = Field(
        None, description="The film.", json_schema_extra={"x-example": "film.mp4"}
    )
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

    async def run(self, parameters: VideoParameters, context: ToolContext) -> Outcome:
        """Look at the film, or have a picture taken of it."""
        source = parameters.file_path or ""
        if parameters.operation == "detect":
            return await to_thread.run_sync(_detect, source, context)
        NEEDED.check(context)
        if parameters.operation == "metadata":
            return await _metadata(source, context)
        image_processor.NEEDED.check(context)
        return await _picture(source, parameters, context)


def _detect(source: str, context: ToolContext) -> Outcome:
    kind = detected(source, context)
    result = VideoKind(file_path=source, format=kind, supported=kind in _FILM)
    return Outcome("detect", result, kind, f"The format of {source} is {kind}")


async def _metadata(source: str, context: ToolContext) -> Outcome:
    kind = await to_thread.run_sync(detected, source, context)
    told, _ = await apart("video", VideoProcessor.name, source, {"operation": "metadata"}, context)
    facts = VideoFacts(**{**told, "format": told["format"] if kind == "unknown" else kind})
    text = f"{facts.format}, {facts.width} x {facts.height} pixels, {facts.duration_seconds} s"
    result = VideoMetadata(file_path=source, metadata=facts)
    return Outcome("metadata", result, text, f"Looked at {source}")


async def _picture(source: str, parameters: VideoParameters, context: ToolContext) -> Outcome:
    target, seconds = parameters.target_path or "", parameters.timestamp_seconds
    asked = parameters.model_dump()
    facts, data = await apart("video", VideoProcessor.name, source, asked, context)
    await to_thread.run_sync(keep, data, target, context)
    result = StillPicture(
        video_path=source,
        target_path=target,
        timestamp_seconds=seconds,
        width=facts["width"],
        height=facts["height"],
        success=True,
    )
    message = f"Wrote {target}, the picture at {seconds:g} s"
    return Outcome(parameters.operation, result, target, message)
