"""Sound: its format, its facts, and other formats of it.

WAV is read with the standard library; other formats need PyAV, which brings FFmpeg.
"""

from __future__ import annotations

import io
import wave
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from llmspell_engine.api.declare import Result
from llmspell_engine.tools.base import Outcome, Tool, ToolContext, ToolError, stop_if_cancelled
from llmspell_engine.tools.files import open_file
from llmspell_engine.tools.given import GivenPath, keep
from llmspell_engine.tools.media.containers import (
    NEEDED,
    detected,
    open_media,
    seconds_of,
    tags_of,
    told_when_broken,
)
from llmspell_engine.tools.parameters import Needs, ToolParameters

if TYPE_CHECKING:
    from av import AudioStream
    from av.container import InputContainer, OutputContainer

AudioFormat = Literal["wav", "mp3", "flac", "ogg"]
_CODECS: dict[AudioFormat, str] = {
    "wav": "pcm_s16le",
    "mp3": "libmp3lame",
    "flac": "flac",
    "ogg": "libopus",
}
_SOUND = ("wav", "mp3", "flac", "ogg", "m4a", "aac", "aiff", "au", "mp4", "webm", "mkv")
_RATES: dict[AudioFormat, tuple[int, ...]] = {
    "mp3": (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000),
    "ogg": (8000, 12000, 16000, 24000, 48000),
}
"""The rates of formats that do not have every rate."""


class AudioParameters(ToolParameters):
    """What is done to which sound."""

    needs: ClassVar[Needs] = {
        **dict.fromkeys(("detect", "metadata"), (("file_path", "source_path"),)),
        "convert": (("source_path", "file_path"), "target_path"),
    }

    operation: Literal["detect", "metadata", "convert"] = Field("metadata", description="What to do.")
    file_path: GivenPath | None = Field(None, description="The sound to look at.")
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
    blocks = True

    def run(self, parameters: AudioParameters, context: ToolContext) -> Outcome:
        """Look at the sound, or convert it."""
        looked_at = parameters.file_path or parameters.source_path or ""
        match parameters.operation:
            case "detect":
                return _detect(looked_at, context)
            case "metadata":
                return _metadata(looked_at, context)
            case _:
                source = parameters.source_path or parameters.file_path or ""
                return _convert(source, parameters.target_path or "", parameters.target_format, context)


def _detect(given: str, context: ToolContext) -> Outcome:
    kind = detected(given, context)
    result = AudioKind(file_path=given, format=kind, supported=kind in _SOUND)
    return Outcome("detect", result, kind, f"The format of {given} is {kind}")


def _metadata(given: str, context: ToolContext) -> Outcome:
    kind = detected(given, context)
    facts = (_wave_facts(given, context) if kind == "wav" else None) or _facts(given, kind, context)
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


def _facts(given: str, kind: str, context: ToolContext) -> AudioFacts:
    NEEDED.check(context)
    with open_media(given, context) as container:
        stream = _sound_in(container, given)
        return AudioFacts(
            format=kind if kind != "unknown" else container.format.name,
            codec=stream.codec_context.name,
            duration_seconds=seconds_of(container),
            sample_rate=stream.codec_context.sample_rate,
            channels=stream.codec_context.channels,
            bit_rate=container.bit_rate or None,
            size=container.size,
            tags=tags_of(container),
        )


def _sound_in(container: InputContainer, given: str) -> AudioStream:
    if not container.streams.audio:
        raise ToolError(f"'{given}' has no sound", code="not_audio")
    return container.streams.audio[0]


def _convert(source: str, target: str, wanted: AudioFormat | None, context: ToolContext) -> Outcome:
    NEEDED.check(context)
    kind = wanted or _format_for(target)
    made = io.BytesIO()
    with open_media(source, context) as given:
        sound = _sound_in(given, source)
        import av

        with told_when_broken(source), av.open(made, "w", format=kind) as end:
            _recode(given, sound, end, kind)
    keep(made.getvalue(), target, context)
    size = len(made.getvalue())
    result = ConvertedAudio(
        source_path=source, target_path=target, target_format=kind, size=size, success=True
    )
    return Outcome("convert", result, target, f"Wrote {target} as {kind}")


def _format_for(target: str) -> AudioFormat:
    ending = target.rpartition(".")[2].lower()
    for kind in _CODECS:
        if kind == ending:
            return kind
    known = ", ".join(_CODECS)
    raise ToolError(f"'{target}' tells no format that is written ({known})", code="unknown_format")


def _recode(given: InputContainer, sound: AudioStream, end: OutputContainer, kind: AudioFormat) -> None:
    """Decode and encode, frame by frame, in the rate and the channels of the source where it has such."""
    from av import AudioResampler, AudioStream

    rate = sound.codec_context.sample_rate
    rate = min(_RATES.get(kind, (rate,)), key=lambda known: abs(known - rate))
    written = end.add_stream(_CODECS[kind], rate=rate)
    assert isinstance(written, AudioStream)
    layout = "mono" if sound.codec_context.channels == 1 else "stereo"
    written.layout = layout
    form = written.codec_context.codec.audio_formats
    resampler = AudioResampler(format=form[0] if form else "s16", layout=layout, rate=rate)
    for frame in given.decode(sound):
        stop_if_cancelled()
        for fitting in resampler.resample(frame):
            end.mux(written.encode(fitting))
    for fitting in resampler.resample(None):
        end.mux(written.encode(fitting))
    end.mux(written.encode(None))
