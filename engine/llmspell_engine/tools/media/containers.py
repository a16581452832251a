"""Files of sound and film: telling their format by how they begin."""

from __future__ import annotations

from llmspell_engine.tools.base import ToolContext
from llmspell_engine.tools.files import open_file
from llmspell_engine.tools.requirements import Extra

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
