"""Rows of an SQLite file that were read lately, given again as long as no process has changed the file.

Whether any has is seen without asking SQLite. The file's connections, in whichever process, share the index
of the write-ahead log in memory, and it begins with a header, written twice, that each commit changes. SQLite
itself goes by it: a connection that finds the header as it was takes its pages for those of the file. So what
was read under a header is what would be read again under the same one. It holds a count of changes, the last
frame, and the sums and salts of the log, so that a log which begins anew has another header too; see
https://www.sqlite.org/walformat.html, "WAL-Index File Format".

The header is looked at where SQLite has put it. The file is not opened for that: a process that closes any
descriptor of a file loses its locks on it, SQLite's among them. Where the place cannot be told for sure, as
elsewhere than on Linux, nothing is kept and each read goes to SQLite. Who calls holds the store's lock.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

Row = tuple[str | None, float | None]
"""The text of a row, and when its time is up."""
_ABSENT: Row = (None, None)
_HEADER_SIZE = 48
_FORMAT = 3007000
"""The version of the index, which it begins with; it has been the same since there are such logs."""
_READS_BEFORE = 10
"""After how many reads the header is looked for, which takes as long as some thirty of them."""
_MOST_SIZE = 2_000_000
_ROW_SIZE = 200
"""What a row is taken for beside its text."""
_MAPPED = r"^([0-9a-f]+)-[0-9a-f]+ (\S+) ([0-9a-f]+) \S+ (\d+) +{}$"
"""What the system says of a file's part in memory: where, with which access, from where in which file."""


class RecentRows:
    """The rows of one connection to a file. ``before`` is its number before the connection was made."""

    def __init__(self, file: Path, before: int | None) -> None:
        # SQLite follows links, so its name for the index is that beside the file itself.
        self._index = Path(f"{file.resolve()}-shm")
        index = number_of(self._index)
        self._number = index if before in (None, number_of(file)) else None
        """The number of the index; None where the file may have been replaced by another meanwhile."""
        self._header: Any = None
        self._reads = 0
        self._seen = b""
        """The header under which the rows were read."""
        self._rows: dict[tuple[str, str], Row] = {}
        self._size = 0

    def find(self, address: tuple[str, str]) -> Row | None:
        """The row of an address as it is now, or None where that is to be read."""
        if self._header is None:
            return None
        header = self._header.raw
        if header == self._seen:
            return self._rows.get(address)
        self._forget()
        self._seen = header
        return None

    def keep(self, address: tuple[str, str], row: Row | None) -> Row:
        """Keep what was read after :meth:`find`, unless there was a change in between; the row."""
        row = row or _ABSENT
        if self._header is None:
            self._reads += 1
            if self._reads == _READS_BEFORE:
                self._header = _header_of(self._index, self._number)
        elif self._header.raw == self._seen and self._seen[:_HEADER_SIZE] == self._seen[_HEADER_SIZE:]:
            self._size += _ROW_SIZE + sum(map(len, address)) + len(row[0] or "")
            if self._size > _MOST_SIZE:
                self._forget()
            else:
                self._rows[address] = row
        return row

    def end(self) -> None:
        """Look at the header no more: the connection is about to be closed, and with it goes the memory."""
        self._header = None
        self._forget()

    def _forget(self) -> None:
        self._rows.clear()
        self._size = 0


def number_of(file: Path) -> int | None:
    """The number by which the system knows a file, whatever its name becomes; None where there is none."""
    try:
        return file.stat().st_ino
    except OSError:
        return None


def _header_of(index: Path, number: int | None) -> Any:
    """Both copies of the header as SQLite has them in memory, or None."""
    if sys.platform != "linux" or number is None:
        return None
    import ctypes

    address = _address_of(index, number)
    if address is None:
        return None
    header = (ctypes.c_char * (2 * _HEADER_SIZE)).from_address(address)
    return header if int.from_bytes(header.raw[:4], sys.byteorder) == _FORMAT else None


def _address_of(file: Path, number: int) -> int | None:
    """Where the beginning of a file stands in this process's memory; None where that is not sure.

    A file that was renamed or deleted since, or that another took the place of, has another name or number.
    """
    try:
        maps = Path("/proc/self/maps").read_text("utf-8", "surrogateescape")
    except OSError:
        return None
    found = re.findall(_MAPPED.format(re.escape(str(file))), maps, re.MULTILINE)
    begins = [one[0] for one in found if (one[1], int(one[2], 16), int(one[3])) == ("rw-s", 0, number)]
    return int(begins[0], 16) if len(begins) == 1 else None
