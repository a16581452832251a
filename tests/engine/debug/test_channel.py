"""The wire between a debuggee and its client: what is sent is what arrives, however the bytes were split."""

from __future__ import annotations

import asyncio
from itertools import groupby, pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from llmspell_engine.debug import channel
from llmspell_engine.debug.channel import Answer, Call, decode, encode, lines, together
from llmspell_engine.debug.model import Exited, Output, ScriptThread, Stopped, ThreadChanged

printed = st.builds(
    Output,
    st.sampled_from(["stdout", "stderr"]),
    st.text(st.characters(), max_size=8),
    st.sampled_from([None, "/a.lua", "/b.js"]),
    st.sampled_from([None, 1, 2]),
    st.sampled_from([None, 1]),
    st.sampled_from([0, 0, 0, 7]),
)
others = st.sampled_from(
    [
        Exited(3),
        Stopped(1, "pause"),
        ThreadChanged(ScriptThread(1, "main"), started=True),
        Answer(1, ("a", (1, None))),
        Answer(2, error="no"),
        Call(4, "resume", (1, "over")),
    ]
)
values = st.lists(st.one_of(printed, printed, others), max_size=30)


@given(value=st.one_of(printed, others))
def test_a_value_arrives_as_it_was_sent(value: Any) -> None:
    line = encode(value)
    assert line.endswith(b"\n")
    assert b"\n" not in line[:-1]
    assert decode(line) == value


@given(sent=values)
def test_texts_of_one_place_come_together_and_all_else_as_it_was(sent: list[Any]) -> None:
    got = list(together(sent))
    assert [_apart(key, some) for key, some in groupby(got, _kind)] == [
        _apart(key, some) for key, some in groupby(sent, _kind)
    ]
    places = [_kind(value) for value in got]
    assert not any(first == second for first, second in pairwise(places) if first is not None)


@given(data=st.lists(st.binary(max_size=5).map(lambda part: part.replace(b"\0", b"\n")), max_size=20))
def test_lines_are_the_same_however_the_bytes_come(data: list[bytes]) -> None:
    whole = b"".join(data)
    assert asyncio.run(_read(data)) == whole.split(b"\n")[:-1]


def test_a_line_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channel, "LINE_LIMIT", 10)
    assert asyncio.run(_read([b"0123456789\n0123", b"456789\n"])) == [b"0123456789", b"0123456789"]
    with pytest.raises(ValueError, match="a line of more than 10 bytes"):
        asyncio.run(_read([b"0123456", b"789", b"0"]))


def _kind(value: Any) -> Any:
    """Where a text was printed; None for what stands alone."""
    if isinstance(value, Output) and not value.reference:
        return value.category, value.path, value.line, value.column
    return None


def _apart(kind: Any, some: Any) -> Any:
    return list(some) if kind is None else (kind, "".join(value.text for value in some))


async def _read(data: list[bytes]) -> list[bytes]:
    reader = asyncio.StreamReader()

    async def feed() -> None:
        for part in data:
            reader.feed_data(part)
            await asyncio.sleep(0)
        reader.feed_eof()

    feeding = asyncio.create_task(feed())
    found = [line async for some in lines(reader) for line in some]
    await feeding
    return found
