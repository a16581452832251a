"""Sound, looked at and converted with PyAV, which brings FFmpeg."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import av
from av import AudioResampler, AudioStream

from llmspell_engine.tools.apart.containers import open_media, seconds_of, tags_of, told_when_broken
from llmspell_engine.tools.error import ToolError

if TYPE_CHECKING:
    from av.container import InputContainer, OutputContainer

_CODECS = {"wav": "pcm_s16le", "mp3": "libmp3lame", "flac": "flac", "ogg": "libopus"}
_RATES = {
    "mp3": (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000),
    "ogg": (8000, 12000, 16000, 24000, 48000),
}
"""The rates of formats that do not have every rate."""


def perform(path: str, arguments: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    """The facts of sound, or the bytes of it in another format."""
    name = arguments["name"]
    with open_media(path, name) as container:
        stream = _sound_in(container, name)
        if arguments["operation"] == "metadata":
            return _facts(container, stream), b""
        kind, made = arguments["target_format"], io.BytesIO()
        with told_when_broken(name), av.open(made, "w", format=kind) as end:
            _recode(container, stream, end, kind)
        return {}, made.getvalue()


def _sound_in(container: InputContainer, name: str) -> AudioStream:
    if not container.streams.audio:
        raise ToolError(f"'{name}' has no sound", code="not_audio")
    return container.streams.audio[0]


def _facts(container: InputContainer, stream: AudioStream) -> dict[str, Any]:
    return {
        "format": container.format.name,
        "codec": stream.codec_context.name,
        "duration_seconds": seconds_of(container),
        "sample_rate": stream.codec_context.sample_rate,
        "channels": stream.codec_context.channels,
        "bit_rate": container.bit_rate or None,
        "size": container.size,
        "tags": tags_of(container),
    }


def _recode(given: InputContainer, sound: AudioStream, end: OutputContainer, kind: str) -> None:
    """Decode and encode, frame by frame, in the rate and the channels of the source where it has such."""
    rate = sound.codec_context.sample_rate
    rate = min(_RATES.get(kind, (rate,)), key=lambda known: abs(known - rate))
    written = end.add_stream(_CODECS[kind], rate=rate)
    assert isinstance(written, AudioStream)
    layout = "mono" if sound.codec_context.channels == 1 else "stereo"
    written.layout = layout
    form = written.codec_context.codec.audio_formats
    resampler = AudioResampler(format=form[0] if form else "s16", layout=layout, rate=rate)
    for frame in given.decode(sound):
        for fitting in resampler.resample(frame):
            end.mux(written.encode(fitting))
    for fitting in resampler.resample(None):
        end.mux(written.encode(fitting))
    end.mux(written.encode(None))
