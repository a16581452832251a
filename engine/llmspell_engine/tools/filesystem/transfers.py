"""Copying, moving, appending and deleting so that a failure half-way leaves nothing that is half there.

What is new is made beside its place under a name of its own, and gets there in one step.
"""

from __future__ import annotations

import errno
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import RawIOBase
from pathlib import Path
from typing import Any

from llmspell_engine.tools.base import ToolError, stop_if_cancelled
from llmspell_engine.tools.file_places import opened_to_append
from llmspell_engine.tools.files import beside

_CHUNK = 1 << 20
_ACROSS_DISKS = errno.EXDEV


def copy(start: Path, end: Path) -> None:
    """Copy a file, a link or a folder with all that is in it."""
    with _beside(end) as made:
        if start.is_dir() and not start.is_symlink():
            shutil.copytree(start, made, symlinks=True, copy_function=_copied)
        else:
            _copied(str(start), str(made))
        stop_if_cancelled()
        made.replace(end)


def move(start: Path, end: Path) -> None:
    """Move a file, a link or a folder, to another disk too."""
    try:
        start.rename(end)
    except OSError as error:
        if error.errno != _ACROSS_DISKS:
            raise
        copy(start, end)
        delete(start)


def append(path: Path, data: bytes) -> int:
    """Write at the end of a file, which may be new; its size then. What cannot be written whole is not."""
    stop_if_cancelled()
    is_new = not path.exists()
    with os.fdopen(opened_to_append(path), "ab", buffering=0) as stream:
        before = os.fstat(stream.fileno()).st_size
        try:
            _write_whole(stream, data)
        except BaseException:
            if is_new:
                path.unlink(missing_ok=True)
            else:
                stream.truncate(before)
            raise
        return os.fstat(stream.fileno()).st_size


def _write_whole(stream: RawIOBase, data: bytes) -> None:
    left = memoryview(data)
    while left:
        left = left[stream.write(left) or 0 :]


def delete(path: Path) -> None:
    """Delete a file, a link, or a folder with all that is in it. Raises ToolError where some of it stays."""
    stop_if_cancelled()
    if path.is_symlink() or not path.is_dir():
        path.unlink()
        return
    stays: list[str] = []

    def note(_function: object, place: str, problem: Any) -> None:
        error = problem[1] if isinstance(problem, tuple) else problem
        name = Path(place).relative_to(path.parent)
        stays.append(f"'{name}': {getattr(error, 'strerror', None) or error}")

    # What it is called changed in Python 3.12.
    told: dict[str, Any] = {"onexc" if sys.version_info >= (3, 12) else "onerror": note}
    shutil.rmtree(path, **told)
    if stays:
        raise ToolError(f"not all of it could be deleted: {stays[0]}", code="forbidden", details=stays[:100])


@contextmanager
def _beside(end: Path) -> Iterator[Path]:
    """A place beside another one, for what is to get there."""
    folder = Path(tempfile.mkdtemp(dir=end.parent, prefix=beside(end)))
    try:
        yield folder / "made"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _copied(start: str, end: str) -> str:
    """Copy a file with its mode, or a link as a link."""
    stop_if_cancelled()
    if os.path.islink(start):  # noqa: PTH114 - shutil passes texts
        Path(end).symlink_to(os.readlink(start))  # noqa: PTH115
        return end
    if not Path(start).is_file():
        raise ToolError(f"'{Path(start).name}' is neither a file nor a folder", code="not_a_file")
    with Path(start).open("rb") as source, Path(end).open("wb") as target:
        while chunk := source.read(_CHUNK):
            stop_if_cancelled()
            target.write(chunk)
    shutil.copymode(start, end)
    return end
