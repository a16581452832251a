"""Reading standard input the way scripts ask for it: by line, by number, by count, or all of it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from llmspell_engine.runtime.base import Streams

_INTEGERS = 2**64
"""How many whole numbers Lua has."""
_LONGEST_INTEGER = 200
"""The characters of a number that Lua reads at most; Python reads no whole number of many more."""
_NUMBER = re.compile(r"\s*([-+]?(?:0[xX][0-9a-fA-F]+|\d+\.?\d*(?:[eE][-+]?\d+)?|\.\d+(?:[eE][-+]?\d+)?))")


class Reader:
    """Buffers the lines that the stream gives."""

    def __init__(self, streams: Streams) -> None:
        self._streams = streams
        self._buffer = ""

    def read(self, form: str) -> str | int | float | None:
        """Read ``l`` (a line), ``L`` (and its end), ``n`` (a number), ``a`` (the rest) or a count.

        None at the end of the input. Raises ValueError for another form.
        """
        if form[:1] == "a":
            return self._rest()
        if form[:1] in ("l", "L"):
            return self._line(keep_end=form[0] == "L")
        if form[:1] == "n":
            return self._number()
        if form.isdigit():
            return self._count(int(form))
        raise ValueError(f"invalid format '{form}': read takes 'l', 'L', 'n', 'a' or a number")

    def _more(self) -> bool:
        line = self._streams.read_line()
        self._buffer += line or ""
        return bool(line)

    def _line(self, *, keep_end: bool) -> str | None:
        if not self._buffer and not self._more():
            return None
        line, end, self._buffer = self._buffer.partition("\n")
        return line + end if keep_end else line

    def _rest(self) -> str:
        lines = [self._buffer]
        while line := self._streams.read_line():
            lines.append(line)
        self._buffer = ""
        return "".join(lines)

    def _count(self, count: int) -> str | None:
        """So many bytes: Lua, which alone asks for them, knows no characters."""
        length = len(self._buffer)
        if length < count:
            length = len(_bytes(self._buffer))
        lines = [self._buffer]
        while length < max(count, 1) and (line := self._streams.read_line()):
            lines.append(line)
            length += len(_bytes(line))
        self._buffer = "".join(lines)
        if not self._buffer:
            return None
        head, rest = _bytes(self._buffer[:count]), self._buffer[count:]
        self._buffer = _text(head[count:]) + rest
        return _text(head[:count])

    def _number(self) -> int | float | None:
        while not self._buffer.strip() and self._more():
            pass
        match = _NUMBER.match(self._buffer)
        if not match:
            return None
        self._buffer = self._buffer[match.end() :]
        return _number_of(match[1])


def _number_of(word: str) -> int | float:
    """The number that Lua reads: whole ones that do not fit are floats, and those in base 16 wrap around."""
    if word.lower().lstrip("+-").startswith("0x"):
        return (int(word, 16) + _INTEGERS // 2) % _INTEGERS - _INTEGERS // 2
    if any(mark in word for mark in ".eE") or len(word) > _LONGEST_INTEGER:
        return float(word)
    number = int(word)
    return number if -_INTEGERS // 2 <= number < _INTEGERS // 2 else float(number)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")
