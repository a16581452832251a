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
from bisect import bisect_right
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from llmspell_engine.debug.backend import Probe, ProbedFunction, ProbedSource
from llmspell_engine.debug.javascript.declarations import Function, functions_of
from llmspell_engine.syntax import SyntaxTree, parse
from llmspell_engine.text import Position, Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    import tree_sitter

REGISTRY = "llmspell.debugger"
"""The registered symbol under which a module finds what its statements call."""

_MOST_FLAGS = 8000
"""A module has at most 65,535 variables; in longer sources several statements share a flag."""


@dataclass(frozen=True)
class JavaScriptSource(ProbedSource):
    """A probed source with what is needed to read its frames."""

    key: int = 0
    """The number by which the running module names itself."""
    prefix: str = ""
    insertions: tuple[tuple[int, str], ...] = ()
    """Offsets in the original and what stands in front of them now, in order."""
    scopes: tuple[Function, ...] = ()
    """The functions with their names and blocks, outer before inner; number 0 is the module."""
    debugger_statements: frozenset[int] = frozenset()
    """The probes of ``debugger`` statements, which always report themselves."""
    flags: dict[int, str] = field(default_factory=dict)
    """The flag's name of each probe."""

    @cached_property
    def lines(self) -> dict[int, _LineMap]:
        """For each line (from 1) with insertions, how its columns map back."""
        found: dict[int, _LineMap] = {}
        for offset, text in self.insertions:
            place = self.index.position(offset, "utf-8")
            found.setdefault(place.line + 1, _LineMap()).add(place.column, len(text))
        return found

    @cached_property
    def index(self) -> Text:
        """The original with its lines."""
        return Text(self.original)

    @cached_property
    def tree(self) -> SyntaxTree:
        """The syntax of the original."""
        return parse(self.original, "javascript")

    def column(self, line: int, column: int) -> int:
        """The column in the original of a column in the probed text, both from 1 and in UTF-8 bytes."""
        mapped = self.lines.get(line)
        return mapped.back(column - 1) + 1 if mapped else column

    def is_inserted(self, line: int, column: int) -> bool:
        """Whether a place of the probed text, from 1 and in UTF-8 bytes, was put in."""
        mapped = self.lines.get(line)
        return mapped is not None and mapped.is_inserted(column - 1)

    def characters(self, line: int, column: int) -> int:
        """A column of the original in code points, of one in UTF-8 bytes, both from 1."""
        if self.index.ascii:
            return column
        offset = self.index.offset(Position(line - 1, column - 1), "utf-8")
        return self.index.position(offset).column + 1

    def offset(self, line: int, column: int) -> int:
        """The offset in the original of a line and column of the original, both from 1."""
        return self.index.offset(Position(line - 1, column - 1))

    def without_probes(self, text: str) -> str:
        """A part of the probed text as the script wrote it."""
        return self._inserted.sub("", text)

    @cached_property
    def _inserted(self) -> re.Pattern[str]:
        return _inserted(self.prefix)


class _LineMap:
    """The insertions of one line: where each begins in the probed line, and how long they are by then."""

    def __init__(self) -> None:
        self._begins: list[int] = []
        self._before: list[int] = []
        self._after: list[int] = []
        self._total = 0

    def add(self, column: int, length: int) -> None:
        self._begins.append(column + self._total)
        self._before.append(self._total)
        self._total += length
        self._after.append(self._total)

    def back(self, column: int) -> int:
        """The original column; every place inside an insertion is the place where it was put.

        But its last character stands for the one before: on a first line the compiler now and then
        gives a statement the column before its own.
        """
        index = bisect_right(self._begins, column) - 1
        if index < 0:
            return column
        return max(self._begins[index] - self._before[index], column - self._after[index]) - (
            column == self._last(index)
        )

    def is_inserted(self, column: int) -> bool:
        """Whether a place is inside an insertion, before its last character."""
        index = bisect_right(self._begins, column) - 1
        return index >= 0 and column < self._last(index)

    def _last(self, index: int) -> int:
        return self._begins[index] + self._after[index] - self._before[index] - 1


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
        if node.type == "program" or node.type in _BLOCKS:
            yield from self._statements(node, function)
        elif node.type == "arrow_function":
            yield from self._arrow(node, function)
        elif node.type == "throw_statement":
            yield from self._throw(node, function)
        else:
            for child in node.children:
                if _is_bare_body(node, child):
                    yield from self._braced(child, function)
                else:
                    yield _Visit(child, function)

    def _statements(self, node: tree_sitter.Node, function: int) -> Iterator[_Work]:
        prologue = node.type == "program" or _is_function_body(node)
        receives = node.parent is not None and node.parent.type == "method_definition"
        for child in node.children:
            prologue = prologue and (_is_directive(child) or not child.is_named or child.type == "comment")
            if _is_statement(child) and not prologue:
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

_BLOCKS = frozenset({"statement_block", "switch_case", "switch_default"})
_BODIES = {
    "if_statement": "consequence",
    "for_statement": "body",
    "for_in_statement": "body",
    "while_statement": "body",
    "do_statement": "body",
}
_UNPROBED = frozenset(
    {"function_declaration", "generator_function_declaration", "import_statement", "statement_block"}
)


def _is_statement(node: tree_sitter.Node) -> bool:
    """Whether a child of a block is a statement that can be stopped at."""
    if node.type == "export_statement":
        return _exported(node) not in {"function_declaration", "generator_function_declaration", None}
    if node.type in _UNPROBED:
        return False
    return node.type.endswith(("_statement", "_declaration")) and node.type != "empty_statement"


def _exported(node: tree_sitter.Node) -> str | None:
    """The kind of what an export statement declares or evaluates, None where it only lists names."""
    part = node.child_by_field_name("declaration") or node.child_by_field_name("value")
    if part is None or part.type in {"function_expression", "generator_function"}:
        return None
    return part.type


def _is_bare_body(parent: tree_sitter.Node, child: tree_sitter.Node) -> bool:
    """Whether a node is the body of a construct and has no braces."""
    if not child.is_named or child.type in {"statement_block", "comment"}:
        return False
    if parent.type == "else_clause":
        return True
    name = _BODIES.get(parent.type)
    return name is not None and parent.child_by_field_name(name) == child


def _is_function_body(node: tree_sitter.Node) -> bool:
    return (
        node.type == "statement_block"
        and node.parent is not None
        and ("function" in node.parent.type or node.parent.type == "method_definition")
    )


def _is_directive(node: tree_sitter.Node) -> bool:
    return (
        node.type == "expression_statement"
        and node.named_child_count == 1
        and node.named_children[0].type == "string"
    )


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


def _inserted(prefix: str) -> re.Pattern[str]:
    """Everything that is ever inserted into a function's text."""
    name = re.escape(prefix)
    check = rf"{name}\d+&&{name}\(\d+(?:,\(\)=>this)?\)"
    comment = rf"/\*{name}\*/"
    opening = rf"{comment}(?:\{{{check}; ?|\({check}, ?|{name}\.thrown\(\()"
    closing = rf"{comment}[}})]|/\*{name}!\*/\)\)"
    return re.compile(rf"{opening}|{closing}|{check}; ?")
