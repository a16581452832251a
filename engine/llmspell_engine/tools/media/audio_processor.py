"""Sound: its format, its facts, and other formats of it.

The head of a WAV is read with the standard library; other formats need PyAV, which brings FFmpeg.
"""

from __future__ import annotations

import wave
from typing import ClassVar, Literal

from anyio import to_thread
from pydantic import Field

from llmspell_engine.api.declare import Result
from llmspell_engine.tools.apart.asking import apart
from llmspell_engine.tools.base import Outcome, Tool, ToolContext, ToolError
from llmspell_engine.tools.files import open_file
from llmspell_engine.tools.given import GivenPath, keep
from llmspell_engine.tools.media.containers import NEEDED, detected
from llmspell_engine.tools.parameters import Needs, ToolParameters

AudioFormat = Literal["wav", "mp3", "flac", "ogg"]
_WRITTEN: tuple[AudioFormat, ...] = ("wav", "mp3", "flac", "ogg")
_SOUND = ("wav", "mp3", "flac", "ogg", "m4a", "aac", "aiff", "au", "mp4", "webm", "mkv")


class AudioParameters(ToolParameters):
    """What is done to which sound."""

    needs: ClassVar[Needs] = {
        **dict.fromkeys(("detect", "metadata"), (("file_path", "source_path"),)),
        "convert": (("source_path", "file_path"), "target_path"),
    }
    older_names: ClassVar[dict[str, str]] = {
        "input_path": "source_path",
        "output_path": "target_path",
        "format": "target_format",
    }

    operation: Literal["detect", "metadata", "convert"] = Field("metadata", description="What to do.")
    file_path: GivenPath | None = Field(
        None, description="The sound to look at.", json_schema_extra={"x-example": "song.wav"}
    )
    source_path: GivenPath | None = Field(None, description="The sound to convert.")
    target_path: GivenPath | None = Field(None, description="The sound to write.")
    target_format: AudioFormat | None = Field(
        None, description="The format to write; told by the end of `target_path` where left out."
    )


class AudioKind(Result):
    """What kind of sound a file is."""

    file_path: str = Field(description="The file.")
    format: str = Field(description="The format, or `unknown`.")
    supported: bool = Field(description="Whether it can be read.")


class AudioFacts(Result):
    """What is known of a sound."""

    format: str = Field(description="The format.")
    codec: str = Field(description="How the sound is kept.")
    duration_seconds: float | None = Field(None, description="How long it lasts.")
    sample_rate: int = Field(description="Samples a second.")
    channels: int = Field(description="How many channels it has.")
    bit_rate: int | None = Field(None, description="Bits a second.")
    size: int = Field(description="The size of the file in bytes.")
    tags: dict[str, str] = Field(description="What it tells of itself: title, artist, …")


class AudioMetadata(Result):
    """The facts of a sound."""

    file_path: str = Field(description="The file.")
    metadata: AudioFacts = Field(description="What is known of it.")


class ConvertedAudio(Result):
    """A sound that was written."""

    source_path: str = Field(description="The sound that was read.")
    target_path: str = Field(description="The sound that was written.")
    target_format: AudioFormat = Field(description="Its format.")
    size: int = Field(description="Its size in bytes.")
    success: bool = Field(description="Whether it was written.")


class AudioProcessor(Tool[AudioParameters]):
    """Tells the format and facts of sound files, and converts them."""

    name = "audio-processor"
    category = "media"
    security = "restricted"
    aliases = ("audio_processor",)
    Parameters = AudioParameters
    returns = AudioKind | AudioMetadata | ConvertedAudio

    async def run(self, parameters: AudioParameters, context: ToolContext) -> Outcome:
        """Look at the sound, or have it converted."""
        looked_at = parameters.file_path or parameters.source_path or ""
        match parameters.operation:
            case "detect":
                return await to_thread.run_sync(_detect, looked_at, context)
            case "metadata":
                return await _metadata(looked_at, context)
            case _:
                source = parameters.source_path or parameters.file_path or ""
                return await _convert(source, parameters.target_path or "", parameters.target_format, context)


def _detect(given: str, context: ToolContext) -> Outcome:
    kind = detected(given, context)
    result = AudioKind(file_path=given, format=kind, supported=kind in _SOUND)
    return Outcome("detect", result, kind, f"The format of {given} is {kind}")


async def _metadata(given: str, context: ToolContext) -> Outcome:
    kind = await to_thread.run_sync(detected, given, context)
    facts = await to_thread.run_sync(_wave_facts, given, context) if kind == "wav" else None
    if facts is None:
        NEEDED.check(context)
        told, _ = await apart("audio", AudioProcessor.name, given, {"operation": "metadata"}, context)
        facts = AudioFacts(**{**told, "format": told["format"] if kind == "unknown" else kind})
    text = f"{facts.format}, {facts.duration_seconds} s, {facts.sample_rate} Hz, {facts.channels} channels"
    result = AudioMetadata(file_path=given, metadata=facts)
    return Outcome("metadata", result, text, f"Looked at {given}")


def _wave_facts(given: str, context: ToolContext) -> AudioFacts | None:
    """The facts of a WAV with plain samples; None for other kinds of it, and for broken ones."""
    path = context.permissions.readable(given)
    try:
        with open_file(path, given) as stream, wave.open(stream) as sound:
            rate, channels, width = sound.getframerate(), sound.getnchannels(), sound.getsampwidth()
            return AudioFacts(
                format="wav",
                codec=f"pcm_{'u' if width == 1 else 's'}{width * 8}{'le' if width > 1 else ''}",
                duration_seconds=round(sound.getnframes() / rate, 3),
                sample_rate=rate,
                channels=channels,
                bit_rate=rate * channels * width * 8,
                size=path.stat().st_size,
                tags={},
            )
    except (wave.Error, EOFError, ZeroDivisionError):
        return None


async def _convert(source: str, target: str, wanted: AudioFormat | None, context: ToolContext) -> Outcome:
    NEEDED.check(context)
    kind = wanted or _format_for(target)
    asked = {"operation": "convert", "target_format": kind}
    _, data = await apart("audio", AudioProcessor.name, source, asked, context)
    await to_thread.run_sync(keep, data, target, context)
    result = ConvertedAudio(
        source_path=source, target_path=target, target_format=kind, size=len(data), success=True
    )
    return Outcome("convert", result, target, f"Wrote {target} as {kind}")


def _format_for(target: str) -> AudioFormat:
    ending = target.rpartition(".")[2].lower()
    for kind in _WRITTEN:
        if kind == ending:
            return kind
    known = ", ".join(_WRITTEN)
    raise ToolError(f"'{target}' tells no format that is written ({known})", code="unknown_format")
