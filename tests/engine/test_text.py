"""Positions: every encoding, every line end, every kind of character."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from llmspell_engine.text import Encoding, Position, Span, Text, width

ENCODINGS: tuple[Encoding, ...] = ("utf-8", "utf-16", "utf-32")
MIXED = "a\r\nü🙂b\nc\rd\n"
CHARACTERS = st.text(alphabet="ab \t\r\nüß€漢🙂𐍈\u0301\u200d", max_size=60)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", [""]),
        ("a", ["a"]),
        ("a\n", ["a", ""]),
        ("a\nb", ["a", "b"]),
        ("a\r\nb", ["a", "b"]),
        ("a\rb", ["a", "b"]),
        ("\n\n", ["", "", ""]),
        ("\r\n\r\n", ["", "", ""]),
        ("\n\r", ["", "", ""]),
        ("a\u2028b", ["a\u2028b"]),
        ("a\x0bb\x0cc\x85d", ["a\x0bb\x0cc\x85d"]),
        (MIXED, ["a", "ü🙂b", "c", "d", ""]),
    ],
)
def test_lines(text: str, lines: list[str]) -> None:
    found = Text(text)
    spans = [found.line_span(line) for line in range(found.line_count)]
    assert [text[span.start : span.end] for span in spans] == lines


@pytest.mark.parametrize(
    ("encoding", "columns"),
    [("utf-8", [0, 2, 6, 7]), ("utf-16", [0, 1, 3, 4]), ("utf-32", [0, 1, 2, 3])],
)
def test_columns_of_each_encoding(encoding: Encoding, columns: list[int]) -> None:
    text = Text("ü🙂b")
    assert [text.position(offset, encoding).column for offset in range(4)] == columns
    assert [text.offset(Position(0, column), encoding) for column in columns] == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("position", "encoding", "offset"),
    [
        (Position(0, 99), "utf-16", 1),
        (Position(99, 0), "utf-16", len(MIXED)),
        (Position(-1, 5), "utf-16", 0),
        (Position(0, -3), "utf-32", 0),
        (Position(1, 2), "utf-16", 4),
        (Position(1, 1), "utf-8", 3),
        (Position(1, 3), "utf-8", 4),
        (Position(1, 99), "utf-8", 6),
        (Position(4, 0), "utf-8", len(MIXED)),
    ],
)
def test_positions_past_an_end_or_inside_a_character_are_clamped(
    position: Position, encoding: Encoding, offset: int
) -> None:
    assert Text(MIXED).offset(position, encoding) == offset


def test_offsets_past_the_end_are_clamped() -> None:
    assert Text("ab\nc").position(99) == Position(1, 1)
    assert Text("ab\nc").position(-5) == Position(0, 0)


def test_no_such_line() -> None:
    with pytest.raises(IndexError):
        Text("a").line_span(1)


@pytest.mark.parametrize(
    ("text", "encoding", "expected"),
    [
        ("abc", "utf-8", 3),
        ("ü🙂", "utf-8", 6),
        ("ü🙂", "utf-16", 3),
        ("ü🙂", "utf-32", 2),
        ("\ud800", "utf-8", 3),
    ],
)
def test_width(text: str, encoding: Encoding, expected: int) -> None:
    assert width(text, encoding) == expected


def test_replace() -> None:
    assert Text("local a = 1").replace(Span(6, 7), "agent").value == "local agent = 1"
    assert Text("ab").replace(Span(1, 1), "🙂\n").starts == (0, 3)


def test_a_span_holds_its_ends() -> None:
    assert [Span(2, 4).contains(offset) for offset in range(1, 6)] == [False, True, True, True, False]


@given(CHARACTERS, st.sampled_from(ENCODINGS))
def test_positions_and_offsets_agree(value: str, encoding: Encoding) -> None:
    text = Text(value)
    for offset in range(len(value) + 1):
        inside_line_end = value[offset - 1 : offset + 1] == "\r\n" and offset > 0
        if not inside_line_end:
            assert text.offset(text.position(offset, encoding), encoding) == offset


@given(CHARACTERS)
def test_lines_and_columns_agree_with_encoding_the_line(value: str) -> None:
    text = Text(value)
    for offset in range(len(value)):
        position = text.position(offset, "utf-16")
        start = text.starts[position.line]
        assert position.column == len(value[start:offset].encode("utf-16-le")) // 2
        assert text.position(offset, "utf-8").column == len(value[start:offset].encode())


@given(CHARACTERS)
def test_lines_join_to_the_text(value: str) -> None:
    text = Text(value)
    ends = [*text.starts[1:], len(value)]
    assert "".join(value[start:end] for start, end in zip(text.starts, ends, strict=True)) == value
    assert all(text.line_of(start) == line for line, start in enumerate(text.starts))


@given(CHARACTERS, st.data())
def test_replacing_equals_building_anew(value: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(value)))
    end = data.draw(st.integers(start, len(value)))
    new = data.draw(CHARACTERS)
    assert Text(value).replace(Span(start, end), new) == Text(value[:start] + new + value[end:])
