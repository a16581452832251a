"""Where the statements of a Lua source are, and how a probe is put in front of each.

A probe stands on the line of its statement, so no line moves. It declares nothing: a function may have
200 locals and 255 upvalues of its own, and ``goto`` may jump where it could before.
"""

from __future__ import annotations

import itertools
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from llmspell_engine.debug.backend import Probe, ProbedFunction, ProbedSource
from llmspell_engine.syntax import parse
from llmspell_engine.text import Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tree_sitter import Node

    from llmspell_engine.syntax import SyntaxTree

MARK = f"probe {secrets.token_hex(8)} "
"""How the string begins that a probe calls, until a hook takes its place; no script contains it."""

_STATEMENTS = frozenset(
    {
        "variable_declaration",
        "assignment_statement",
        "function_call",
        "function_declaration",
        "return_statement",
        "break_statement",
        "goto_statement",
        "do_statement",
        "while_statement",
        "repeat_statement",
        "if_statement",
        "for_statement",
    }
)
_FUNCTIONS = frozenset({"function_declaration", "function_definition"})
_LOOPS = frozenset({"while_statement", "repeat_statement", "for_statement"})
_BLOCKS = frozenset({"chunk", "block"})

_ids = itertools.count(100)
"""The ids of probes; those below are for marks of the debugger's own."""


@dataclass(frozen=True, slots=True)
class Place:
    """A statement to probe: where the probe is put, what it covers, and the function it is in."""

    at: int
    span: Span
    function: int


def marked(probe_id: int) -> str:
    """The text of a probe: a call of its mark."""
    return f';("{MARK}{probe_id}")();'


def probe_source(path: str, text: str, write: Callable[[int], str] = marked) -> ProbedSource:
    """A source with a probe in front of each statement; unchanged where it cannot be parsed."""
    tree = parse(text, "lua")
    if tree.root.has_error:
        return ProbedSource(path, text, text, ())
    functions = [ProbedFunction(0, 1, tree.text.line_count)]
    places = sorted(_places(tree, functions), key=lambda place: place.at)
    probes = tuple(_probe(tree, place) for place in places)
    return ProbedSource(
        path,
        text,
        _with_probes(text, places, [write(probe.id) for probe in probes]),
        probes,
        tuple(functions),
    )


def _places(tree: SyntaxTree, functions: list[ProbedFunction]) -> Iterator[Place]:
    """The places to probe; a walk without recursion, since expressions may nest deep."""
    waiting = [(tree.root, 0)]
    while waiting:
        node, function = waiting.pop()
        if node.type in _FUNCTIONS:
            functions.append(ProbedFunction(len(functions), node.start_point.row + 1, node.end_point.row + 1))
            function = functions[-1].number
        elif node.type in _LOOPS and not _has_statements(node):
            yield _empty_loop(tree, node, function)
        for child in reversed(node.named_children):
            waiting.append((child, function))
            if node.type in _BLOCKS and child.type in _STATEMENTS:
                span = tree.span(child)
                yield Place(span.start, span, function)


def _has_statements(loop: Node) -> bool:
    body = loop.child_by_field_name("body")
    return body is not None and any(child.type in _STATEMENTS for child in body.named_children)


def _empty_loop(tree: SyntaxTree, loop: Node, function: int) -> Place:
    """A place inside a loop with nothing in it, so that it can be paused too."""
    opening = next(child for child in loop.children if child.type in ("do", "repeat"))
    return Place(tree.offset(opening.end_byte), tree.span(loop), function)


def _probe(tree: SyntaxTree, place: Place) -> Probe:
    start, end = tree.text.position(place.span.start), tree.text.position(place.span.end)
    return Probe(next(_ids), start.line + 1, start.column + 1, end.line + 1, end.column + 1, place.function)


def _with_probes(text: str, places: list[Place], written: list[str]) -> str:
    parts, before = [], 0
    for place, probe in zip(places, written, strict=True):
        parts += [text[before : place.at], probe]
        before = place.at
    return "".join([*parts, text[before:]])
