"""Files of sound and film, opened with PyAV."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import av

from llmspell_engine.tools.error import ToolError

if TYPE_CHECKING:
    from av.container import InputContainer

_NO_MEMORY = 12


@contextmanager
def open_media(path: str, name: str) -> Iterator[InputContainer]:
    """A file of sound or film to read. Raises ToolError where it is none, or breaks off."""
    with Path(path).open("rb") as stream, told_when_broken(name), av.open(stream, "r") as container:
        yield container


@contextmanager
def told_when_broken(name: str) -> Iterator[None]:
    """Turn what PyAV raises about a file into a ToolError."""
    try:
        yield
    except av.FFmpegError as error:
        if error.errno == _NO_MEMORY:
            raise MemoryError from None
        raise ToolError(
            f"'{name}' is broken, or no sound or film: {error.strerror}", code="broken_media"
        ) from None


def tags_of(container: InputContainer) -> dict[str, str]:
    """What a file tells of itself: title, artist, …; names in small letters."""
    streams = {key: value for stream in container.streams for key, value in stream.metadata.items()}
    return {key.lower(): value for key, value in sorted({**streams, **container.metadata}.items())}


def seconds_of(container: InputContainer) -> float | None:
    """How long it lasts."""
    return None if container.duration is None else round(container.duration / av.time_base, 3)
