"""Trees, and the way from bytes to code points."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
import tree_sitter
from hypothesis import given
from hypothesis import strategies as st
from llmspell_engine.syntax import parse

if TYPE_CHECKING:
    from llmspell_engine.language import Language


@pytest.mark.parametrize(
    ("language", "source"),
    [
        ("lua", "local a = 'ü🙂' local b = 1"),
        ("lua", "\ufefflocal a = 'ü🙂' local b = 1"),
        ("lua", "#!/usr/bin/env ü\nlocal a = '漢' local b = 1"),
        ("javascript", "const a = 'ü🙂'; const b = 1"),
        ("javascript", "#!/usr/bin/env ü\nconst a = '漢'; const b = 1"),
    ],
)
def test_nodes_have_code_point_spans(language: Language, source: str) -> None:
    tree = parse(source, language)
    found = {tree.slice(node): tree.span(node) for node in _named(tree.root)}
    at = source.rindex("b")
    assert (found["b"].start, found["b"].end) == (at, at + 1)
    for text, span in found.items():
        assert source[span.start : span.end] == text


@given(st.text(alphabet="a='ü🙂漢\n -[]", max_size=40))
def test_bytes_and_offsets_agree(source: str) -> None:
    tree = parse(source, "lua")
    for offset in range(len(source) + 1):
        byte = len(source[:offset].encode())
        assert tree.byte(offset) == byte
        assert tree.offset(byte) == offset


@given(st.text(max_size=60), st.sampled_from(["lua", "javascript"]))
def test_parsing_never_fails(source: str, language: Language) -> None:
    tree = parse(source, language)
    assert tree.root.end_byte <= len(tree.source)
    assert isinstance(tree.faults, tuple)


@pytest.mark.parametrize("language", ["lua", "javascript"])
@pytest.mark.parametrize("opening", ["(", "{", "[", "f(", "{a={", "not ", "a.", "-", "function() ", "'"])
def test_deep_nesting_is_a_fault_and_no_crash(language: Language, opening: str) -> None:
    tree = parse("x = " + opening * 3000, language)
    assert tree.faults


def test_surrogates_in_a_text_are_carried() -> None:
    tree = parse("x = '\ud800'", "lua")
    assert tree.span(tree.root).end == 7


def _named(node: tree_sitter.Node) -> Iterator[tree_sitter.Node]:
    yield node
    for child in node.named_children:
        yield from _named(child)
