"""Parsing with tree-sitter, and the way from its byte offsets to the engine's offsets.

Parsing never fails: a text that is no valid script gives a tree with error nodes and a list of
faults. tree-sitter counts UTF-8 bytes; everything that leaves this package counts code points.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib import import_module
from typing import TYPE_CHECKING

import tree_sitter

from llmspell_engine.syntax.fault import Fault, shortened
from llmspell_engine.syntax.tokens import tokens
from llmspell_engine.text import Span, Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmspell_engine.language import Language


@dataclass(frozen=True)
class SyntaxTree:
    """A parsed text: the tree-sitter root, the text, and the faults found in it."""

    text: Text
    language: Language
    root: tree_sitter.Node
    source: bytes = field(repr=False)
    _wide: tuple[tuple[int, ...], tuple[int, ...]] = field(repr=False)

    @property
    def is_broken(self) -> bool:
        """Whether the tree has error nodes. A tree without may have faults: the parser is lenient."""
        return self.root.has_error

    @cached_property
    def faults(self) -> tuple[Fault, ...]:
        """What is wrong, in words, in the order of the text; found when first asked for."""
        return tuple(_faults(self))

    def offset(self, byte: int) -> int:
        """The code point offset of a tree-sitter byte offset."""
        if self.text.ascii:
            return byte
        bytes_at, offsets_at = self._wide
        index = bisect_right(bytes_at, byte) - 1
        return offsets_at[index] + min(byte - bytes_at[index], _gap(offsets_at, index))

    def byte(self, offset: int) -> int:
        """The tree-sitter byte offset of a code point offset."""
        if self.text.ascii:
            return offset
        bytes_at, offsets_at = self._wide
        index = bisect_right(offsets_at, offset) - 1
        return bytes_at[index] + (offset - offsets_at[index])

    def span(self, node: tree_sitter.Node) -> Span:
        """The span of a node in code point offsets."""
        if self.text.ascii:
            return Span(node.start_byte, node.end_byte)
        return Span(self.offset(node.start_byte), self.offset(node.end_byte))

    def slice(self, node: tree_sitter.Node) -> str:
        """The source text of a node."""
        return self.source[node.start_byte : node.end_byte].decode("utf-8", "surrogatepass")


def parse(text: Text | str, language: Language) -> SyntaxTree:
    """Parse a whole text. A shebang line is blanked for the parser, offsets unchanged."""
    text = text if isinstance(text, Text) else Text(text)
    source = text.value.encode("utf-8", "surrogatepass")
    visible = _without_preamble(source)
    if language == "javascript":
        visible = _with_plain_aliases(visible)
    root = _parser(language).parse(visible).root_node
    return SyntaxTree(text, language, root, source, _wide_index(text))


@cache
def _parser(language: Language) -> tree_sitter.Parser:
    grammar = import_module(f"tree_sitter_{language}")
    return tree_sitter.Parser(tree_sitter.Language(grammar.language()))


def _without_preamble(source: bytes) -> bytes:
    """Blank a byte order mark and a ``#`` line, which the grammars do not know."""
    start = 3 if source.startswith(b"\xef\xbb\xbf") else 0
    if source[start : start + 1] != b"#" or source[start : start + 2] == b"#\xef":
        return b" " * start + source[start:] if start else source
    end = source.find(b"\n")
    end = len(source) if end < 0 else end
    return b" " * end + source[end:]


_RESERVED = (
    rb"(?:class|const|delete|do|else|enum|export|for|function|if|import|in|new|null|return|switch|this"
    rb"|throw|try|typeof|var|void|while|with)"
)
_EXPORTED_AS = re.compile(rb"\bexport\s*\{[^{}]*\bas\s+" + _RESERVED + rb"\b[^{}]*\}")
_IMPORTED_AS = re.compile(rb"\bimport\s*\{[^{}]*\b" + _RESERVED + rb"\s+as\b[^{}]*\}")
_ALIAS = re.compile(rb"(?<=\bas\s)" + _RESERVED + rb"\b|\b" + _RESERVED + rb"(?=\s+as\b)")


def _with_plain_aliases(source: bytes) -> bytes:
    """Hide that ``export { a as delete }`` has a reserved word for a name, which the grammar refuses."""
    if b" as " not in source:
        return source
    for clause in (_EXPORTED_AS, _IMPORTED_AS):
        source = clause.sub(lambda found: _ALIAS.sub(lambda word: b"_" * len(word[0]), found[0]), source)
    return source


def _wide_index(text: Text) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Pairs of byte and code point offsets just after each non-ASCII character."""
    if text.ascii:
        return (0,), (0,)
    bytes_at, offsets_at = [0], [0]
    byte = 0
    for offset, character in enumerate(text.value):
        size = 1 if character < "\x80" else 2 if character < "\u0800" else 3
        size = 4 if character > "\uffff" else size
        byte += size
        if size > 1:
            bytes_at.append(byte)
            offsets_at.append(offset + 1)
    return tuple(bytes_at), tuple(offsets_at)


def _gap(offsets_at: tuple[int, ...], index: int) -> int:
    """How many code points lie between an entry of the index and the next wide character."""
    if index + 1 < len(offsets_at):
        return offsets_at[index + 1] - 1 - offsets_at[index]
    return offsets_at[index] + (1 << 60)


def _faults(tree: SyntaxTree) -> list[Fault]:
    """Told by the language's own check; for JavaScript, what that leaves open by the error nodes."""
    if tree.language == "lua":
        from llmspell_engine.syntax.lua_check import lua_faults

        return lua_faults(tree.text)
    if not tree.is_broken:
        from llmspell_engine.syntax.javascript_flow import misplaced

        return misplaced(tree)
    from llmspell_engine.syntax.javascript_check import javascript_faults

    return javascript_faults(tree.text) or [_fault(tree, node) for node in _broken(tree.root)]


def _fault(tree: SyntaxTree, node: tree_sitter.Node) -> Fault:
    span = tree.span(node)
    if node.is_missing:
        what = "a name or value" if node.type == "identifier" else f"'{node.type}'"
        return Fault(_visible(tree, span), f"{what} expected")
    found = _first_token(tree, node)
    if found is None:
        return Fault(_visible(tree, span), "the script ends too early")
    return Fault(found, f"unexpected '{shortened(tree.text.value[found.start : found.end])}'")


def _visible(tree: SyntaxTree, span: Span) -> Span:
    """A span that an editor can underline: the character before an empty one."""
    return span if span.end > span.start else Span(max(span.start - 1, 0), max(span.end, 1))


def _first_token(tree: SyntaxTree, node: tree_sitter.Node) -> Span | None:
    """The first token of an error node; its children leave out what no rule knows."""
    span = tree.span(node)
    for token in tokens(tree.text.value, tree.language, span.start, span.end):
        return Span(token.start, token.end)
    return None


def _broken(node: tree_sitter.Node) -> Iterator[tree_sitter.Node]:
    """Error and missing nodes in the order of the text, without those inside another error."""
    cursor = node.walk()
    while True:
        found = cursor.node
        assert found is not None
        is_fault = found.is_error or found.is_missing
        if is_fault:
            yield found
        if not is_fault and found.has_error and cursor.goto_first_child():
            continue
        while not cursor.goto_next_sibling():
            if not cursor.goto_parent():
                return
