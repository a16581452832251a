"""Suppression comments: ``llmspell: ignore CODE``, ``ignore-next-line CODE``, ``ignore-file CODE``.

They stand in line or block comments of either language and take codes or names, with commas or
spaces between; without any they cover every rule. After ``--`` may follow a reason::

    local old = Agent.createAsync{} -- llmspell: ignore LS109, unused-local -- kept for the demo
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from llmspell_engine.diagnostics import Edit, Fix
from llmspell_engine.text import Span

if TYPE_CHECKING:
    from collections.abc import Iterable

    from llmspell_engine.diagnostics import Diagnostic
    from llmspell_engine.syntax import SyntaxTree

Reach = Literal["line", "file"]

_DIRECTIVE = re.compile(r"llmspell:[ \t]*ignore(?P<where>-next-line|-file)?(?![\w-])(?P<words>[^\r\n]*)")
_WORDS = frozenset({"string", "template_string", "comment", "regex"})
_WORD = re.compile(r"[A-Za-z][\w-]*")


@dataclass(frozen=True, slots=True)
class Entry:
    """One code or name in a comment, or ``word`` empty for all rules."""

    word: str
    span: Span


@dataclass(frozen=True, slots=True)
class Suppression:
    """One comment: what it covers, and where."""

    comment: Span
    """All of the comment."""
    span: Span
    """The directive, from ``llmspell:`` to the last word."""
    reach: Reach
    line: int
    """The line it covers, from 0, where ``reach`` is ``line``."""
    entries: tuple[Entry, ...]


def suppressions(tree: SyntaxTree) -> tuple[Suppression, ...]:
    """All suppression comments of a file, in order."""
    if "llmspell:" not in tree.text.value:
        return ()
    found = (_read(tree, match) for match in _DIRECTIVE.finditer(tree.text.value))
    return tuple(one for one in found if one is not None)


def covering(tree: SyntaxTree, comments: Iterable[Suppression], diagnostic: Diagnostic) -> list[Entry]:
    """The entries that suppress a diagnostic: those of its first line, and of its file."""
    line = tree.text.line_of(diagnostic.span.start)
    return [
        entry
        for comment in comments
        if comment.reach == "file" or comment.line == line
        for entry in comment.entries
        if not entry.word or entry.word.upper() == diagnostic.code or entry.word.lower() == diagnostic.name
    ]


def suppress(tree: SyntaxTree, diagnostic: Diagnostic) -> Fix | None:
    """A change that accepts a finding by a comment at the end of its line; None inside a long string."""
    line = tree.text.line_of(diagnostic.span.start)
    end = tree.text.line_span(line).end
    title = f"Ignore {diagnostic.code} ({diagnostic.name}) on this line"
    for comment in suppressions(tree):
        if comment.reach == "line" and comment.line == line and comment.entries[0].word:
            at = comment.span.end
            return Fix(title, (Edit(Span(at, at), f", {diagnostic.code}"),), safe=True)
    if _is_inside_words(tree, end):
        return None
    sign = "--" if tree.language == "lua" else "//"
    return Fix(title, (Edit(Span(end, end), f" {sign} llmspell: ignore {diagnostic.code}"),), safe=True)


def _is_inside_words(tree: SyntaxTree, offset: int) -> bool:
    """Whether text added at an offset would fall into a string or a comment."""
    byte = tree.byte(offset)
    node = tree.root.descendant_for_byte_range(byte, byte)
    while node is not None:
        if (
            node.type in _WORDS
            and node.start_byte < byte
            and (byte < node.end_byte or node.type == "comment")
        ):
            return True
        node = node.parent
    return False


def _read(tree: SyntaxTree, match: re.Match[str]) -> Suppression | None:
    comment = _comment_around(tree, match.start())
    if comment is None:
        return None
    start, end = match.start("words"), min(match.end("words"), comment.end)
    words = tree.text.value[start:end].split("--", 1)[0].split("*/", 1)[0].split("]]", 1)[0]
    entries = [
        Entry(word[0], Span(start + word.start(), start + word.end())) for word in _WORD.finditer(words)
    ]
    last = entries[-1].span.end if entries else match.start("words")
    span = Span(match.start(), last)
    line = tree.text.line_of(match.start())
    if match["where"] == "-next-line":
        line = tree.text.line_of(max(comment.end - 1, comment.start)) + 1
    reach: Reach = "file" if match["where"] == "-file" else "line"
    return Suppression(comment, span, reach, line, tuple(entries) or (Entry("", span),))


def _comment_around(tree: SyntaxTree, offset: int) -> Span | None:
    """The comment in which an offset lies; None when the words stand in a string or in code."""
    byte = tree.byte(offset)
    node = tree.root.descendant_for_byte_range(byte, byte + 1)
    while node is not None:
        if node.type == "comment":
            return tree.span(node)
        node = node.parent
    return None
