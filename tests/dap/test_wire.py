"""Framing: every way in which bytes may arrive, and bytes that are no message."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from llmspell_dap.wire import BODY_LIMIT, HEADER_LIMIT, Malformed, Unframer, frame

BODIES = [b'{"seq":1}', b"", '{"text":"grüße"}'.encode(), b"Content-Length: 5\r\n\r\nxxxxx"]
STREAM = b"".join(frame(body) for body in BODIES)


def read(*chunks: bytes) -> list[bytes | Malformed]:
    unframer = Unframer()
    return [found for chunk in chunks for found in unframer.feed(chunk)]


def test_a_frame_tells_its_length_in_bytes() -> None:
    assert frame("ü".encode()) == b"Content-Length: 2\r\n\r\n\xc3\xbc"


@pytest.mark.parametrize("cut", range(len(STREAM)))
def test_messages_survive_any_split(cut: int) -> None:
    assert read(STREAM[:cut], STREAM[cut:]) == BODIES


def test_messages_survive_coming_byte_by_byte() -> None:
    assert read(*(bytes([byte]) for byte in STREAM)) == BODIES


@given(st.lists(st.binary(max_size=50), max_size=5), st.lists(st.integers(0, 400), max_size=6))
def test_any_bodies_come_out_as_they_went_in(bodies: list[bytes], cuts: list[int]) -> None:
    stream = b"".join(frame(body) for body in bodies)
    ends = sorted({min(cut, len(stream)) for cut in cuts} | {0, len(stream)})
    assert read(*(stream[start:end] for start, end in pairwise(ends))) == bodies


@pytest.mark.parametrize(
    "header",
    [
        b"Content-Length: 2\r\nContent-Type: application/vscode-jsonrpc; charset=utf-8\r\n\r\n",
        b"Content-Type: x\r\nContent-Length: 2\r\n\r\n",
        b"content-length:2\r\n\r\n",
        b"CONTENT-LENGTH:   2  \r\n\r\n",
    ],
)
def test_header_fields_are_read_as_the_protocol_allows(header: bytes) -> None:
    assert read(header + b"{}") == [b"{}"]


@pytest.mark.parametrize(
    "garbage",
    [
        b"\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"Content-Length: many\r\n\r\n{}",
        b"Content-Length: -5\r\n\r\n{}",
        b"Content-Length: 1e3\r\n\r\n{}",
        b"Content-Length: %d\r\n\r\n{}" % (BODY_LIMIT + 1),
        b"x" * (HEADER_LIMIT + 100),
        b"Content-Length: 5" + b" " * (HEADER_LIMIT + 100),
    ],
)
@pytest.mark.parametrize("size", [1, 7, 100_000])
def test_what_is_no_message_is_told_and_the_next_one_is_read(garbage: bytes, size: int) -> None:
    stream = garbage + frame(b"{}") + frame(b"[]")
    found = read(*(stream[start : start + size] for start in range(0, len(stream), size)))
    assert found[-2:] == [b"{}", b"[]"]
    assert found[:-2]
    assert all(isinstance(fault, Malformed) for fault in found[:-2])


def test_half_a_message_gives_nothing() -> None:
    assert read(frame(b"{}")[:-1]) == []
