"""Probes in JavaScript source: a flag in front of every statement, nothing moved to another line.

``total += n;`` becomes ``$p12&&$p(12); total += n;`` where ``$p12`` is a variable of the module, false
until the statement is armed: reading it is all that a probe costs while the script runs freely.
Bodies without braces get some, arrow functions with an expression a comma; ``throw`` hands its value
over. What is inserted can be told from the script's own text by its prefix, which is chosen so that
it does not occur in the source: that is how functions show their own text (``toString``).
"""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from llmspell_engine.debug.backend import Probe, ProbedFunction
from llmspell_engine.debug.javascript.declarations import functions_of
from llmspell_engine.debug.javascript.source import JavaScriptSource
from llmspell_engine.debug.javascript.statements import (
    BLOCKS,
    is_bare_body,
    is_directive,
    is_function_body,
    is_statement,
)
from llmspell_engine.syntax import SyntaxTree, parse

if TYPE_CHECKING:
    from collections.abc import Iterator

    import tree_sitter

REGISTRY = "llmspell.debugger"
"""The registered symbol under which a module finds what its statements call."""

_MOST_FLAGS = 8000
"""A module has at most 65,535 variables; in longer sources several statements share a flag."""


class Prober:
    """Probes sources. Numbers are unique within it; the same text of a path is probed once.

    Callable from any thread: the debugger's core asks for a file before the script has loaded it.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[tuple[str, str], JavaScriptSource] = {}
        self._next_probe = 1
        self.by_key: list[JavaScriptSource] = []

    def probe(self, path: str, text: str) -> JavaScriptSource:
        """The probed source of a text."""
        with self._lock:
            known = self._known.get((path, text))
            if known is None:
                known = self._known[path, text] = self._probe(path, text)
            return known

    def _probe(self, path: str, text: str) -> JavaScriptSource:
        key = len(self.by_key)
        tree = parse(text, "javascript")
        if tree.root.has_error:
            source = JavaScriptSource(path, text, text, (), key=key)
        else:
            source = _Placement(tree, path, key, self._next_probe).source()
        self._next_probe += len(source.probes)
        self.by_key.append(source)
        return source


class _Placement:
    """One walk over a tree that decides what is inserted where."""

    def __init__(self, tree: SyntaxTree, path: str, key: int, first: int) -> None:
        self._tree, self._path, self._key, self._first = tree, path, key, first
        self._prefix = _free_prefix(tree.text.value)
        self._comment = f"/*{self._prefix}*/"
        self._functions = functions_of(tree)
        self._numbers = {each.node_id: number for number, each in enumerate(self._functions)}
        self._at: list[tuple[int, str]] = []
        self._places: list[tuple[tree_sitter.Node, int]] = []
        self._debugger: set[int] = set()
        self._owners: set[int] = {0}

    def source(self) -> JavaScriptSource:
        """The probed source."""
        self._walk(self._tree.root)
        flags = {probe: self._flag(probe) for probe in self._ids()}
        # A closing insertion stands before an opening one at the same place: sorting keeps the order
        # in which they were made, and a statement's end is noted before the next one's beginning.
        insertions = sorted(self._at, key=lambda each: each[0])
        insertions.insert(0, (_after_shebang(self._tree.text.value), self._header(flags)))
        text = self._tree.text.value
        return JavaScriptSource(
            self._path,
            text,
            _inserted_into(text, insertions),
            tuple(self._probe(number) for number in range(len(self._places))),
            tuple(self._lines_of(number) for number in sorted(self._owners)),
            key=self._key,
            prefix=self._prefix,
            insertions=tuple(insertions),
            scopes=self._functions,
            debugger_statements=frozenset(self._debugger),
            flags=flags,
        )

    def _ids(self) -> range:
        return range(self._first, self._first + len(self._places))

    def _flag(self, probe: int) -> str:
        return f"{self._prefix}{self._first + (probe - self._first) % _MOST_FLAGS}"

    def _header(self, flags: dict[int, str]) -> str:
        declared = "".join(f"{flag}=0," for flag in dict.fromkeys(flags.values()))
        return f"var {declared}{self._prefix}=globalThis[Symbol.for('{REGISTRY}')]({self._key});"

    def _probe(self, number: int) -> Probe:
        node, function = self._places[number]
        span, text = self._tree.span(node), self._tree.text
        start, end = text.position(span.start), text.position(span.end)
        return Probe(
            self._first + number, start.line + 1, start.column + 1, end.line + 1, end.column + 1, function
        )

    def _lines_of(self, number: int) -> ProbedFunction:
        text = self._tree.text
        if number == 0:
            return ProbedFunction(0, 1, text.line_count)
        span = self._functions[number].span
        return ProbedFunction(number, text.line_of(span.start) + 1, text.line_of(span.end) + 1)

    # The walk, which keeps its own stack: a chain of a thousand operators is a deep tree.

    def _walk(self, root: tree_sitter.Node) -> None:
        waiting: list[_Work] = [_Visit(root, 0)]
        while waiting:
            work = waiting.pop()
            if isinstance(work, _Visit):
                waiting.extend(reversed(list(self._parts(work.node, work.function))))
            elif isinstance(work, _Insert):
                self._at.append((self._tree.offset(work.byte), work.text))
            else:
                text = f"{work.before}{self._mark(work)}{work.after}{self._space(work.node)}"
                self._at.append((self._tree.offset(work.node.start_byte), text))

    def _parts(self, node: tree_sitter.Node, function: int) -> Iterator[_Work]:
        """What a node needs, in the order of the text."""
        function = self._numbers.get(node.id, function)
        if node.type == "program" or node.type in BLOCKS:
            yield from self._statements(node, function)
        elif node.type == "arrow_function":
            yield from self._arrow(node, function)
        elif node.type == "throw_statement":
            yield from self._throw(node, function)
        else:
            for child in node.children:
                if is_bare_body(node, child):
                    yield from self._braced(child, function)
                else:
                    yield _Visit(child, function)

    def _statements(self, node: tree_sitter.Node, function: int) -> Iterator[_Work]:
        prologue = node.type == "program" or is_function_body(node)
        receives = node.parent is not None and node.parent.type == "method_definition"
        for child in node.children:
            prologue = prologue and (is_directive(child) or not child.is_named or child.type == "comment")
            if is_statement(child) and not prologue:
                yield _Mark(child, function, "", ";", receives=receives)
                receives = False
            yield _Visit(child, function)

    def _braced(self, node: tree_sitter.Node, function: int) -> Iterator[_Work]:
        yield _Mark(node, function, f"{self._comment}{{", ";")
        yield _Visit(node, function)
        yield _Insert(node.end_byte, f"{self._comment}}}")

    def _arrow(self, node: tree_sitter.Node, function: int) -> Iterator[_Work]:
        body = node.child_by_field_name("body")
        for child in node.children:
            if child != body or child.type == "statement_block":
                yield _Visit(child, function)
                continue
            yield _Mark(child, function, f"{self._comment}(", ",")
            yield _Visit(child, function)
            yield _Insert(child.end_byte, f"{self._comment})")

    def _throw(self, node: tree_sitter.Node, function: int) -> Iterator[_Work]:
        value = next((each for each in node.named_children if each.type != "comment"), None)
        for child in node.children:
            if child != value:
                yield _Visit(child, function)
                continue
            yield _Insert(child.start_byte, f"{self._comment}{self._prefix}.thrown((")
            yield _Visit(child, function)
            yield _Insert(child.end_byte, f"/*{self._prefix}!*/))")

    def _mark(self, mark: _Mark) -> str:
        """The check of a new probe.

        A method's first one mentions ``this``, so that the interpreter keeps it where it can be read.
        """
        number = self._first + len(self._places)
        self._places.append((mark.node, mark.function))
        self._owners.add(mark.function)
        if mark.node.type == "debugger_statement":
            self._debugger.add(number)
        receiver = ",()=>this" if mark.receives else ""
        return f"{self._flag(number)}&&{self._prefix}({number}{receiver})"

    def _space(self, node: tree_sitter.Node) -> str:
        """A space where the statement has one before it: the compiler takes some positions from there."""
        before = self._tree.source[node.start_byte - 1 : node.start_byte]
        return " " if not before or before.isspace() else ""


@dataclass(frozen=True, slots=True)
class _Visit:
    """A node to be looked at, in a function."""

    node: tree_sitter.Node
    function: int


@dataclass(frozen=True, slots=True)
class _Mark:
    """A probe in front of a node."""

    node: tree_sitter.Node
    function: int
    before: str
    after: str
    receives: bool = False


@dataclass(frozen=True, slots=True)
class _Insert:
    """A text to be put in."""

    byte: int
    text: str


_Work = _Visit | _Mark | _Insert


def _free_prefix(text: str) -> str:
    """A name that begins no name of the text."""
    prefix = "$p"
    while prefix in text:
        prefix += "_"
    return prefix


def _after_shebang(text: str) -> int:
    """Where the header goes: at the start of the text, or of the line after a shebang."""
    if not text.startswith("#!"):
        return 0
    end = re.search(r"\r\n|[\n\r]", text)
    return end.end() if end else len(text)


def _inserted_into(text: str, insertions: list[tuple[int, str]]) -> str:
    parts, at = [], 0
    for offset, inserted in insertions:
        parts += [text[at:offset], inserted]
        at = offset
    return "".join([*parts, text[at:]])
