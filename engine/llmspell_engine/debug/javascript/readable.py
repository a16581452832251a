"""Whether an address can be read, asked without reading it: a wrong one must not end the process."""

from __future__ import annotations

import ctypes
import os
import sys

_MOST = 20_000


class Readable:
    """Asks the operating system to copy bytes into a pipe: it refuses where this process may not read.

    It refuses by itself after very many questions: wrong pointers may form a circle. Where there is no
    such call every address counts as readable. Close it after use.
    """

    def __init__(self) -> None:
        self._asked = 0
        self._out, self._in = os.pipe()
        self._write = None if sys.platform == "win32" else ctypes.CDLL(None).write
        if self._write is not None:
            self._write.argtypes = (ctypes.c_int, ctypes.c_void_p, ctypes.c_size_t)
            self._write.restype = ctypes.c_ssize_t

    def holds(self, address: int, size: int) -> bool:
        """Whether a few bytes at an address can be read."""
        self._asked += 1
        if self._write is None or self._asked > _MOST:
            return self._asked <= _MOST
        if self._write(self._in, address, size) != size:
            return False
        os.read(self._out, size)
        return True

    def close(self) -> None:
        """Let go of the pipe."""
        os.close(self._out)
        os.close(self._in)
