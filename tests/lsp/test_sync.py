"""Edits in any unit of columns leave the server with the text the editor has."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from llmspell_engine.text import Encoding, Position, Span, Text, width
from llmspell_lsp import from_lsp, to_lsp
from lsprotocol import types

TEXTS = st.text(st.sampled_from("ab é漢😀\u0301\n\r"), max_size=40)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
@given(data=st.data())
def test_random_edits_equal_the_whole_text(encoding: Encoding, data: st.DataObject) -> None:
    text = Text(data.draw(TEXTS))
    expected = text.value
    changes: list[types.TextDocumentContentChangeEvent] = []
    for _ in range(data.draw(st.integers(0, 5))):
        span, new = data.draw(_spans(expected)), data.draw(TEXTS)
        where = to_lsp.range_of(Text(expected), span, encoding)
        changes.append(types.TextDocumentContentChangePartial(where, new))
        span = from_lsp.span(Text(expected), where, encoding)
        expected = expected[: span.start] + new + expected[span.end :]
    assert from_lsp.edited(text, changes, encoding).value == expected


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
@given(data=st.data())
def test_ranges_come_back_as_the_spans_they_were_made_of(encoding: Encoding, data: st.DataObject) -> None:
    value = data.draw(TEXTS)
    text, span = Text(value), data.draw(_spans(value))
    ends = (span.start, span.end)
    inside_line_end = any(value[at - 1 : at + 1] == "\r\n" for at in ends)
    back = from_lsp.span(text, to_lsp.range_of(text, span, encoding), encoding)
    assert inside_line_end or back == span


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
def test_a_column_past_the_end_is_the_end(encoding: Encoding) -> None:
    text = Text("é😀\nb")
    for line, end in ((0, 2), (1, 4), (9, 4)):
        assert from_lsp.offset(text, types.Position(line, 999), encoding) == end
    assert text.position(2, encoding) == Position(0, width("é😀", encoding))


def _spans(value: str) -> st.SearchStrategy[Span]:
    ends = st.tuples(st.integers(0, len(value)), st.integers(0, len(value)))
    return ends.map(lambda pair: Span(min(pair), max(pair)))
