"""Files of sound and film: telling their format, and opening them with PyAV."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from llmspell_engine.tools.base import ToolContext, ToolError
from llmspell_engine.tools.files import open_file
from llmspell_engine.tools.requirements import Extra

if TYPE_CHECKING:
    from av.container import InputContainer

NEEDED = Extra("av", "media")
_RIFF = {b"WAVE": "wav", b"AVI ": "avi"}
_BRANDS = {b"M4A ": "m4a", b"M4B ": "m4a", b"qt  ": "mov"}
_STARTS: tuple[tuple[bytes, str], ...] = (
    (b"ID3", "mp3"),
    (b"fLaC", "flac"),
    (b"OggS", "ogg"),
    (b".snd", "au"),
    (b"FORM", "aiff"),
    (b"FLV\x01", "flv"),
    (b"\x00\x00\x01\xba", "mpeg"),
)


def format_of(start: bytes) -> str:
    """The format that the first bytes of a file tell; ``unknown`` where they tell none."""
    if start[:4] == b"RIFF":
        return _RIFF.get(start[8:12], "unknown")
    if start[4:8] == b"ftyp":
        return _BRANDS.get(start[8:12], "mp4")
    if start[:4] == b"\x1a\x45\xdf\xa3":
        return "webm" if b"webm" in start else "mkv"
    if len(start) > 1 and start[0] == 0xFF and start[1] & 0xE0 == 0xE0:
        # Frames of MPEG audio begin with eleven bits; the layer tells AAC from MP3.
        return "mp3" if start[1] & 0x06 else "aac"
    return next((name for sign, name in _STARTS if start.startswith(sign)), "unknown")


def detected(given: str, context: ToolContext) -> str:
    """The format of a file."""
    with open_file(context.permissions.readable(given), given) as stream:
        return format_of(stream.read(64))


@contextmanager
def open_media(given: str, context: ToolContext) -> Iterator[InputContainer]:
    """A file of sound or film to read. Raises ToolError where it is none, or breaks off."""
    import av

    path = context.permissions.readable(given)
    with open_file(path, given) as stream, told_when_broken(given), av.open(stream, "r") as container:
        yield container


@contextmanager
def told_when_broken(given: str) -> Iterator[None]:
    """Turn what PyAV raises about a file into a ToolError."""
    import av

    try:
        yield
    except av.FFmpegError as error:
        raise ToolError(f"'{given}' is broken, or no sound or film: {error}", code="broken_media") from None


def tags_of(container: InputContainer) -> dict[str, str]:
    """What a file tells of itself: title, artist, …; names in small letters."""
    streams = {key: value for stream in container.streams for key, value in stream.metadata.items()}
    return {key.lower(): value for key, value in sorted({**streams, **container.metadata}.items())}


def seconds_of(container: InputContainer) -> float | None:
    """How long it lasts."""
    import av

    return None if container.duration is None else round(container.duration / av.time_base, 3)
