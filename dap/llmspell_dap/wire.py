"""Framing: bytes in, message bodies out, and the other way round. Knows no message.

A message is a header block (``Content-Length: N``, other fields ignored), an empty line, and N bytes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

HEADER_LIMIT = 8 * 1024
"""More bytes than this without an end of the header block are not a header."""
BODY_LIMIT = 64 * 1024 * 1024
"""A longer message is refused: no request of the protocol comes near."""

_HEADER_END = b"\r\n\r\n"
_LENGTH = re.compile(rb"^content-length[ \t]*:[ \t]*(\d{1,12})[ \t]*$", re.IGNORECASE | re.MULTILINE)
_NEXT_HEADER = re.compile(rb"content-length[ \t]*:", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Malformed:
    """Bytes that are no message; reading goes on at the next header."""

    reason: str


class Unframer:
    """Cuts a stream of bytes into messages, however the bytes were split on their way."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._length: int | None = None
        """The length of the body that is being read; None while a header is."""
        self._lost = False
        """Whether bytes that are no message are being skipped, up to the next header."""

    def feed(self, data: bytes) -> Iterator[bytes | Malformed]:
        """Take what arrived; give the bodies that are complete, and what was not a message."""
        self._buffer += data
        while (found := self._next()) is not None:
            self._lost = isinstance(found, Malformed)
            yield found

    def _next(self) -> bytes | Malformed | None:
        """The next message or fault; None where more bytes are needed."""
        if self._lost and not self._skip_to_header():
            return None
        if self._length is None:
            header = self._header()
            if not isinstance(header, int):
                return header
            self._length = header
        if len(self._buffer) < self._length:
            return None
        body = self._take(self._length)
        self._length = None
        return body

    def _header(self) -> int | Malformed | None:
        """The length that the next header block tells."""
        end = self._buffer.find(_HEADER_END)
        if end < 0:
            return None if len(self._buffer) <= HEADER_LIMIT else self._drop_one("a header without an end")
        block = bytes(self._buffer[:end])
        lengths = _LENGTH.findall(block.replace(b"\r\n", b"\n"))
        if not lengths:
            return self._drop_one("a header without a valid Content-Length")
        length = int(lengths[-1])
        if length > BODY_LIMIT:
            return self._drop_one(f"a message of {length} bytes, which is more than {BODY_LIMIT}")
        self._take(end + len(_HEADER_END))
        return length

    def _drop_one(self, reason: str) -> Malformed:
        """Give the header up: skipping starts behind its first byte, so that it is not found again."""
        self._take(1)
        return Malformed(reason)

    def _skip_to_header(self) -> bool:
        """Drop bytes up to a field that tells a length; keep what may be the beginning of one."""
        match = _NEXT_HEADER.search(self._buffer)
        if match is None:
            self._take(max(len(self._buffer) - len(b"content-length"), 0))
            return False
        self._take(match.start())
        self._lost = False
        return True

    def _take(self, count: int) -> bytes:
        taken = bytes(self._buffer[:count])
        del self._buffer[:count]
        return taken


def frame(body: bytes) -> bytes:
    """A message as it goes over the wire."""
    return b"Content-Length: %d\r\n\r\n%s" % (len(body), body)
