"""Pieces of JavaScript that are entered one after the other, each a module of its own.

What a piece declares at its outermost level becomes a property of the global object, where the next pieces
find it and may declare it anew. Constants and imports stay declared in their module, whose functions keep
them; their properties cannot be assigned to once the piece has ended. What a piece comes to is its default
export. The text stays on its lines; where it moved within one, :meth:`Piece.column` knows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from llmspell_engine.syntax import parse

if TYPE_CHECKING:
    import tree_sitter

    from llmspell_engine.syntax import SyntaxTree

_VALUE, _VALUE_END = "export default (0,", ")"
_FUNCTIONS = ("function_declaration", "generator_function_declaration")

Use = Literal["assigned", "declared", "function", "constant"]
"""What a piece does with a name: ``a = 1``; ``let``, ``var``, ``class``; ``function``; ``const``, imports."""


@dataclass(slots=True)
class Piece:
    """A piece as it is compiled.

    Attributes:
        text: the module's text.
        names: its global names by what it does with them.
        inserted: by line from 1, where in the original line something was put in, and how much.
    """

    text: str
    names: dict[Use, list[str]] = field(default_factory=dict)
    inserted: dict[int, list[tuple[int, int]]] = field(default_factory=dict)

    def column(self, line: int, column: int) -> int:
        """The column in the original text of one in the module, both from 1."""
        at = column - 1
        for place, length in self.inserted.get(line, ()):
            if at <= place:
                break
            at = max(place, at - length)
        return at + 1


def piece_of(text: str) -> Piece:
    """A piece from its text; one with faults stays as it is, for QuickJS to say what is wrong."""
    if text.lstrip().startswith("{") and not parse(f"({text}\n)", "javascript").faults:
        return _edited(text, _Edits([(0, _VALUE), (len(text), _VALUE_END)]))
    tree = parse(text, "javascript")
    if tree.faults:
        return Piece(text)
    return _edited(text, _edits(tree))


@dataclass(slots=True)
class _Edits:
    inserts: list[tuple[int, str]] = field(default_factory=list)
    """What to put in, and where."""
    blanks: list[tuple[int, int, str]] = field(default_factory=list)
    """What to write over: from, to, and what its blanks end in."""
    names: dict[Use, list[str]] = field(default_factory=dict)

    def name(self, use: Use, *names: str) -> None:
        """Tell what the piece does with names."""
        self.names.setdefault(use, []).extend(names)


def _edits(tree: SyntaxTree) -> _Edits:
    edits = _Edits()
    statements = [each for each in tree.root.named_children if each.type not in ("comment", "hash_bang_line")]
    for statement in statements:
        _edit(tree, statement, edits)
    if statements and statements[-1].type == "expression_statement":
        span = tree.span(statements[-1].named_children[0])
        edits.inserts += [(span.start, _VALUE), (span.end, _VALUE_END)]
    return edits


def _edit(tree: SyntaxTree, statement: tree_sitter.Node, edits: _Edits) -> None:
    match statement.type:
        case "lexical_declaration" | "variable_declaration":
            _declare_variables(tree, statement, edits)
        case "class_declaration":
            name = _name(tree, statement)
            edits.name("declared", name)
            span = tree.span(statement)
            edits.inserts += [(span.start, f";{name}="), (span.end, ";")]
        case "import_statement":
            names = [tree.slice(each) for each in _imported(statement)]
            edits.name("constant", *names)
            edits.inserts.append((tree.span(statement).end, _globals(names)))
        case "export_statement":
            _edit_export(tree, statement, edits)
        case "expression_statement":
            edits.name("assigned", *_assigned(tree, statement.named_children[0]))
        case kind if kind in _FUNCTIONS:
            edits.name("function", _name(tree, statement))
            edits.inserts.append((tree.span(statement).end, _globals([_name(tree, statement)])))


def _edit_export(tree: SyntaxTree, statement: tree_sitter.Node, edits: _Edits) -> None:
    """What a declaration exports has nobody who would import it: only the declaration counts."""
    declaration = statement.child_by_field_name("declaration")
    if declaration is None or any(each.type == "default" for each in statement.children):
        return
    start = tree.span(statement).start
    edits.blanks.append((start, start + len("export"), ""))
    _edit(tree, declaration, edits)


def _declare_variables(tree: SyntaxTree, statement: tree_sitter.Node, edits: _Edits) -> None:
    """``let {a} = f()`` becomes an assignment, ``;({a} = f())``, at the same place; a constant stays one."""
    declarators = [each for each in statement.named_children if each.type == "variable_declarator"]
    keyword = tree.span(statement.children[0])
    names = [tree.slice(name) for each in declarators for name in _declared(each)]
    if tree.slice(statement.children[0]) == "const":
        edits.name("constant", *names)
        edits.inserts.append((tree.span(statement).end, _globals(names)))
        return
    edits.name("declared", *names)
    edits.blanks.append((keyword.start, keyword.end, ";("))
    for declarator in declarators:
        if declarator.child_by_field_name("value") is None and statement.type == "lexical_declaration":
            edits.inserts.append((tree.span(declarator).end, "=void 0"))
    edits.inserts.append((tree.span(declarators[-1]).end, ");"))


def _declared(declarator: tree_sitter.Node) -> Iterator[tree_sitter.Node]:
    pattern = declarator.child_by_field_name("name")
    assert pattern is not None, "a declarator declares something"
    yield from _bound(pattern)


def _bound(pattern: tree_sitter.Node) -> Iterator[tree_sitter.Node]:
    """The names that a pattern binds: without the keys and the default values in it."""
    if pattern.type in ("identifier", "shorthand_property_identifier_pattern"):
        yield pattern
        return
    value = pattern.child_by_field_name("value") if pattern.type == "pair_pattern" else None
    left = pattern.child_by_field_name("left") if pattern.type.endswith("assignment_pattern") else None
    for part in [value or left] if value or left else pattern.named_children:
        if part is not None:
            yield from _bound(part)


def _imported(statement: tree_sitter.Node) -> Iterator[tree_sitter.Node]:
    clause = next((each for each in statement.named_children if each.type == "import_clause"), None)
    for part in clause.named_children if clause else ():
        if part.type == "named_imports":
            for specifier in part.named_children:
                name = specifier.child_by_field_name("alias") or specifier.child_by_field_name("name")
                if name is not None:
                    yield name
        else:
            yield part if part.type == "identifier" else part.named_children[-1]


def _assigned(tree: SyntaxTree, expression: tree_sitter.Node) -> list[str]:
    """The name in ``name = value``: as in other consoles, it need not be declared."""
    left = expression.child_by_field_name("left") if expression.type == "assignment_expression" else None
    return [tree.slice(left)] if left is not None and left.type == "identifier" else []


def _name(tree: SyntaxTree, declaration: tree_sitter.Node) -> str:
    name = declaration.child_by_field_name("name")
    assert name is not None, "a declaration has a name"
    return tree.slice(name)


def _globals(names: list[str]) -> str:
    return ";" + "".join(f"globalThis.{name}={name};" for name in names)


def _edited(text: str, edits: _Edits) -> Piece:
    letters = list(text)
    for start, end, ending in edits.blanks:
        letters[start:end] = " " * (end - start - len(ending)) + ending
    piece, at, parts = Piece("", edits.names), 0, []
    for place, what in sorted(edits.inserts, key=lambda one: one[0]):
        parts += ["".join(letters[at:place]), what]
        at = place
        line_start = text.rfind("\n", 0, place) + 1
        line = text.count("\n", 0, place) + 1
        piece.inserted.setdefault(line, []).append((place - line_start, len(what)))
    piece.text = "".join((*parts, *letters[at:]))
    return piece
