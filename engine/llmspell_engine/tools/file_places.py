"""Places of files that stay what they were when they were checked.

A path that may be touched is what it leads to, so none of its parts is a link. One that has become a link
since then is not followed: folders are entered one by one, and what is in them is named by the folder that
was entered. Systems that cannot do so take the path as it stands.
"""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_IS_ABLE = os.open in os.supports_dir_fd and hasattr(os, "O_NOFOLLOW")
_LINKS = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
_FOLDER = getattr(os, "O_PATH", os.O_RDONLY) | getattr(os, "O_DIRECTORY", 0) | _LINKS
_FILE = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | _LINKS
_END = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_NONBLOCK", 0) | _LINKS
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _LINKS


class LinkFoundError(OSError):
    """A part of a path has become a link since the path was checked."""


def opened(path: Path) -> int:
    """A descriptor to read a file from. Raises OSError."""
    return _opened(path, _FILE)


def opened_to_append(path: Path) -> int:
    """A descriptor to write at the end of a file, which may be new. Raises OSError."""
    return _opened(path, _END)


def _opened(path: Path, flags: int) -> int:
    if not _IS_ABLE:
        return os.open(path, flags, 0o666)
    with _folder(path.parent) as folder:
        return _entered(path.name, flags, folder)


@contextmanager
def replaced(path: Path, prefix: str, mode: int) -> Iterator[int]:
    """A descriptor of a new file that takes the place of another one where nothing is raised."""
    if not _IS_ABLE:
        yield from _replaced(path, prefix, mode, None)
        return
    with _folder(path.parent) as folder:
        yield from _replaced(path, prefix, mode, folder)


def _replaced(path: Path, prefix: str, mode: int, folder: int | None) -> Iterator[int]:
    name = f"{prefix}{secrets.token_hex(4)}"
    inside = {} if folder is None else {"dir_fd": folder}
    both = {} if folder is None else {"src_dir_fd": folder, "dst_dir_fd": folder}
    where = path.parent if folder is None else Path()
    descriptor = os.open(where / name, _NEW, 0o600, **inside)
    try:
        yield descriptor
        if hasattr(os, "fchmod"):
            os.fchmod(descriptor, mode)
        os.replace(where / name, where / path.name, **both)  # noqa: PTH105 - pathlib knows no descriptors
    except BaseException:
        with suppress(OSError):
            os.unlink(where / name, **inside)
        raise
    finally:
        os.close(descriptor)


@contextmanager
def _folder(path: Path) -> Iterator[int]:
    """A descriptor of a folder, by a way without links."""
    found = os.open(path.anchor, _FOLDER)
    try:
        for part in path.parts[1:]:
            inner = _entered(part, _FOLDER, found)
            os.close(found)
            found = inner
        yield found
    finally:
        os.close(found)


def _entered(name: str, flags: int, folder: int) -> int:
    try:
        return os.open(name, flags, 0o666, dir_fd=folder)
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.EMLINK) or _is_link(name, folder):
            raise LinkFoundError(error.errno, "it has become a link since it was checked") from None
        raise


def _is_link(name: str, folder: int) -> bool:
    try:
        os.readlink(name, dir_fd=folder)
    except OSError:
        return False
    return True
