"""Archives behind one face: what is in them, and the bytes of each member.

A broken archive raises ToolError, whichever library finds it broken.
"""

from __future__ import annotations

import gzip
import lzma
import tarfile
import zipfile
import zlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Literal, cast

from llmspell_engine.tools.base import ToolError, stop_if_cancelled

Format = Literal["zip", "tar", "tar.gz", "tar.bz2", "tar.xz", "gz"]
ENDINGS: dict[str, Format] = {
    ".zip": "zip",
    ".tar": "tar",
    ".tar.gz": "tar.gz",
    ".tgz": "tar.gz",
    ".tar.bz2": "tar.bz2",
    ".tbz2": "tar.bz2",
    ".tar.xz": "tar.xz",
    ".txz": "tar.xz",
    ".gz": "gz",
}
"""The formats by the ends of file names, longer ends first where one is part of another."""
_BROKEN = (
    zipfile.BadZipFile,
    tarfile.TarError,
    gzip.BadGzipFile,
    lzma.LZMAError,
    zlib.error,
    EOFError,
    NotImplementedError,
)

_SMALLEST_GZIP = 18
"""The bytes of a packed file that is empty."""


@dataclass(frozen=True, slots=True)
class FileToPack:
    """A file that an archive is to hold."""

    path: Path
    name: str
    """What it is called there."""
    is_named: bool
    """Whether it was asked for itself; what was found in a folder may be gone when its turn comes."""


@dataclass(frozen=True, slots=True)
class Member:
    """A file or folder in an archive."""

    name: str
    size: int
    """Its size in bytes, as the archive tells it, which need not be true."""
    kind: Literal["file", "directory", "other"]
    raw: Any
    """What the library of the format knows it by."""


class Archive(ABC):
    """An archive that is open for reading."""

    @abstractmethod
    def members(self) -> list[Member]:
        """What is in it, in its own order."""

    @abstractmethod
    def open(self, member: Member) -> IO[bytes]:
        """The bytes of a file in it."""


class _Zip(Archive):
    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive

    def members(self) -> list[Member]:
        return [Member(one.filename, one.file_size, _zip_kind(one), one) for one in self._archive.infolist()]

    def open(self, member: Member) -> IO[bytes]:
        return self._archive.open(member.raw)


def _zip_kind(info: zipfile.ZipInfo) -> Literal["file", "directory", "other"]:
    """Zip keeps the kind of a Unix file in its attributes; a link is no file."""
    unix = info.external_attr >> 16 & 0o170000
    if info.is_dir():
        return "directory"
    return "file" if unix in (0, 0o100000) else "other"


class _Tar(Archive):
    def __init__(self, archive: tarfile.TarFile) -> None:
        self._archive = archive

    def members(self) -> list[Member]:
        return [Member(one.name, one.size, _tar_kind(one), one) for one in self._archive]

    def open(self, member: Member) -> IO[bytes]:
        stream = self._archive.extractfile(member.raw)
        assert stream is not None, "only files are opened"
        return stream


def _tar_kind(info: tarfile.TarInfo) -> Literal["file", "directory", "other"]:
    if info.isdir():
        return "directory"
    return "file" if info.isreg() else "other"


class _Gzip(Archive):
    """One packed file, which has the archive's name without its end."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def members(self) -> list[Member]:
        # The size stands in the last four bytes, modulo 4 GiB.
        with self._path.open("rb") as stream:
            if stream.seek(0, 2) < _SMALLEST_GZIP:
                raise EOFError("it is shorter than any")
            stream.seek(-4, 2)
            size = int.from_bytes(stream.read(4), "little")
        return [Member(self._path.name.removesuffix(".gz"), size, "file", None)]

    def open(self, member: Member) -> IO[bytes]:
        return cast("IO[bytes]", gzip.open(self._path))


def format_of(given: str) -> Format:
    """The format that a file name tells. Raises ToolError."""
    name = given.lower()
    for ending in sorted(ENDINGS, key=len, reverse=True):
        if name.endswith(ending):
            return ENDINGS[ending]
    known = ", ".join(ENDINGS)
    raise ToolError(f"'{given}' does not end like an archive ({known})", code="unknown_format")


@contextmanager
def told_when_broken(given: str) -> Iterator[None]:
    """Turn what libraries raise about a broken archive into a ToolError."""
    try:
        yield
    except _BROKEN as error:
        why = str(error).partition("\n")[0].rstrip(":")
        raise ToolError(f"'{given}' is broken or no archive: {why}", code="broken_archive") from None
    except RuntimeError as error:
        if "password" not in str(error):
            raise
        raise ToolError(
            f"'{given}' is encrypted, and is to be unpacked by other means", code="encrypted"
        ) from None


@contextmanager
def open_archive(path: Path, given: str) -> Iterator[Archive]:
    """An archive to read."""
    kind = format_of(given)
    with told_when_broken(given):
        if kind == "zip":
            with zipfile.ZipFile(path) as archive:
                yield _Zip(archive)
        elif kind == "gz":
            with gzip.open(path) as stream:
                stream.read(1)
            yield _Gzip(path)
        else:
            with tarfile.open(path, "r:*") as opened:
                yield _Tar(opened)


def write_archive(target: Path, kind: Format, files: list[FileToPack], level: int) -> dict[str, int]:
    """Pack files. Gives the sizes of those that were there, by their names in the archive."""
    if kind == "gz" and len(files) != 1:
        raise ToolError("a .gz holds one file; name the archive .tar.gz for more", code="invalid_input")
    sizes: dict[str, int] = {}
    with _writer(target, kind, level) as pack:
        for file in files:
            stop_if_cancelled()
            try:
                size = file.path.stat().st_size
                pack(file)
            except FileNotFoundError:
                if file.is_named:
                    raise
            else:
                sizes[file.name] = size
    return sizes


@contextmanager
def _writer(target: Path, kind: Format, level: int) -> Iterator[Callable[[FileToPack], None]]:
    """What packs a file into a new archive, or finds it gone before anything of it is packed."""
    if kind == "zip":
        # A file that is older than the format can tell counts as one of its first year.
        with zipfile.ZipFile(
            target, "w", zipfile.ZIP_DEFLATED, compresslevel=level, strict_timestamps=False
        ) as archive:
            yield lambda file: archive.write(file.path, file.name)
    elif kind == "gz":
        with gzip.open(target, "wb", compresslevel=level) as packed:
            yield lambda file: _copy(file.path, cast("IO[bytes]", packed))
    else:
        with _tar_writer(target, kind, level) as tar:
            yield lambda file: tar.add(file.path, file.name, recursive=False)


def _copy(path: Path, end: IO[bytes]) -> None:
    with path.open("rb") as source:
        while chunk := source.read(1 << 20):
            stop_if_cancelled()
            end.write(chunk)


def _tar_writer(target: Path, kind: Format, level: int) -> tarfile.TarFile:
    match kind:
        case "tar.gz":
            return tarfile.open(target, "w:gz", compresslevel=level)
        case "tar.bz2":
            return tarfile.open(target, "w:bz2", compresslevel=max(1, level))
        case "tar.xz":
            return tarfile.open(target, "w:xz", preset=cast("Any", level))
        case _:
            return tarfile.open(target, "w")
