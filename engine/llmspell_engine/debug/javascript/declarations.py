"""The functions of a JavaScript source and the names each declares, block by block.

The interpreter knows the variables of a running function by name and slot, not where each may be
seen: two blocks of one function may declare the same name. The order in which a name is declared is
the same here and there, so the n-th slot of a name belongs to its n-th declaration.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from llmspell_engine.text import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    import tree_sitter

    from llmspell_engine.syntax import SyntaxTree


@dataclass(frozen=True, slots=True)
class Declaration:
    """A name and where it may be seen."""

    name: str
    scope: Span


@dataclass(frozen=True, slots=True)
class Function:
    """A function, or the whole source (the first). Spans are offsets in the original text."""

    node_id: int
    name: str
    """As a person would call it: its own name, or that of what it is assigned to; may be empty."""
    span: Span
    declarations: tuple[Declaration, ...]
    """In the order of the text, parameters too; a ``var`` once."""
    handled: tuple[Span, ...]
    """The blocks of ``try`` statements that have a ``catch``."""

    def scope(self, name: str, occurrence: int, offset: int) -> Span | None:
        """Where the n-th variable of a name (from 0) may be seen, None if not at an offset.

        An unknown name may be seen. A variable too many is the engine's own copy.
        """
        found = [each for each in self.declarations if each.name == name]
        if occurrence >= len(found):
            return None if found else self.span
        scope = found[occurrence].scope
        is_inside = scope.start <= offset < scope.end or (offset == scope.end == self.span.end)
        return scope if is_inside else None


def functions_of(tree: SyntaxTree) -> tuple[Function, ...]:
    """The source itself and its functions, outer before inner."""
    walk = _Walk(tree)
    walk.run(tree.root)
    return tuple(each.done(is_module=index == 0) for index, each in enumerate(walk.functions))


@dataclass(slots=True)
class _Open:
    node_id: int
    name: str
    span: Span
    declarations: list[Declaration] = field(default_factory=list)
    handled: list[Span] = field(default_factory=list)
    variables: set[str] = field(default_factory=set)

    def done(self, *, is_module: bool) -> Function:
        # The variables of a module itself are no slots of its function: only those of its blocks are.
        declared = (each for each in self.declarations if not (is_module and each.scope == self.span))
        return Function(self.node_id, self.name, self.span, tuple(declared), tuple(self.handled))


class _Walk:
    def __init__(self, tree: SyntaxTree) -> None:
        self._tree = tree
        self.functions: list[_Open] = []

    def run(self, root: tree_sitter.Node) -> None:
        """Walk over a tree, with a stack of its own: a chain of a thousand operators is a deep tree."""
        waiting = self._opened(root)
        while waiting:
            node, opened, block = waiting.pop()
            if node.type in _FUNCTIONS:
                if node.type in _DECLARED_FUNCTIONS:
                    self._declare_function(node, opened, block)
                waiting += self._opened(node)
                continue
            if node.type in _BLOCKS:
                block = self._block(node)
            self._declarations(node, opened, block)
            waiting += [(child, opened, block) for child in reversed(node.children)]

    def _opened(self, node: tree_sitter.Node) -> list[tuple[tree_sitter.Node, _Open, Span]]:
        """Begin a function; what is to be visited in it, last first."""
        opened = _Open(node.id, self._name(node), self._span(node))
        self.functions.append(opened)
        for child in node.children if node.type != "program" else ():
            if child.type in {"formal_parameters", "identifier"}:
                self._parameters(child, node, opened)
        return [(child, opened, opened.span) for child in reversed(node.children)]

    def _block(self, node: tree_sitter.Node) -> Span:
        """The span of a block. A loop's own variables are not there yet where the loop begins."""
        span = self._span(node)
        return Span(span.start + 1, span.end) if node.type in _LOOPS else span

    def _parameters(self, child: tree_sitter.Node, node: tree_sitter.Node, opened: _Open) -> None:
        if child == node.child_by_field_name("name"):
            return
        has_defaults = _has_defaults(child)
        for parameter in child.named_children if child.type == "formal_parameters" else (child,):
            is_pattern = _target(parameter).type in _PATTERNS
            for name in self._names(parameter):
                opened.variables.add(name)
                opened.declarations += _of_parameter(name, opened.span, is_pattern, has_defaults)

    def _declarations(self, node: tree_sitter.Node, opened: _Open, block: Span) -> None:
        """What one node declares."""
        match node.type:
            case "lexical_declaration":
                for declarator in node.named_children:
                    self._declare(declarator.child_by_field_name("name"), opened, block)
            case "variable_declaration":
                for declarator in node.named_children:
                    self._declare_variable(declarator.child_by_field_name("name"), opened)
            case "for_in_statement":
                self._declare_each(node, opened, block)
            case "catch_clause":
                self._declare(node.child_by_field_name("parameter"), opened, block)
            case "class_declaration":
                # The class knows itself by a constant of its own.
                self._declare(node.child_by_field_name("name"), opened, self._span(node))
                self._declare(node.child_by_field_name("name"), opened, block)
            case "try_statement":
                self._handle(node, opened)

    def _declare_each(self, node: tree_sitter.Node, opened: _Open, block: Span) -> None:
        kind = node.child_by_field_name("kind")
        if kind is not None and kind.type == "var":
            self._declare_variable(node.child_by_field_name("left"), opened)
        elif kind is not None:
            self._declare(node.child_by_field_name("left"), opened, block)

    def _handle(self, node: tree_sitter.Node, opened: _Open) -> None:
        body = node.child_by_field_name("body")
        if body is not None and node.child_by_field_name("handler") is not None:
            opened.handled.append(self._span(body))

    def _declare(self, pattern: tree_sitter.Node | None, opened: _Open, scope: Span) -> None:
        for name in self._names(pattern):
            opened.declarations.append(Declaration(name, scope))

    def _declare_function(self, node: tree_sitter.Node, opened: _Open, block: Span) -> None:
        """A function is a ``var`` where it stands directly in another one's body."""
        body, name = node.parent, node.child_by_field_name("name")
        if body is not None and body.parent is not None and body.parent.id == opened.node_id:
            self._declare_variable(name, opened)
        else:
            self._declare(name, opened, block)

    def _declare_variable(self, pattern: tree_sitter.Node | None, opened: _Open) -> None:
        for name in self._names(pattern):
            if name not in opened.variables:
                opened.variables.add(name)
                opened.declarations.append(Declaration(name, opened.span))

    def _names(self, pattern: tree_sitter.Node | None) -> Iterator[str]:
        """The names that a binding pattern declares."""
        if pattern is None:
            return
        if pattern.type in {"identifier", "shorthand_property_identifier_pattern"}:
            yield self._tree.slice(pattern)
        elif pattern.type == "pair_pattern":
            yield from self._names(pattern.child_by_field_name("value"))
        elif pattern.type in {"assignment_pattern", "object_assignment_pattern"}:
            yield from self._names(pattern.child_by_field_name("left"))
        elif pattern.type.endswith("_pattern") or pattern.type == "formal_parameters":
            for child in pattern.named_children:
                yield from self._names(child)

    def _name(self, node: tree_sitter.Node) -> str:
        """The name of a function, its own or by what it is given to."""
        own = node.child_by_field_name("name")
        if own is None and node.parent is not None:
            part = _NAMING.get(node.parent.type)
            own = node.parent.child_by_field_name(part) if part else None
        return self._tree.slice(own) if own is not None else ""

    def _span(self, node: tree_sitter.Node) -> Span:
        return self._tree.span(node)


def _of_parameter(name: str, span: Span, is_pattern: bool, has_defaults: bool) -> list[Declaration]:
    """The variables that a parameter makes.

    Where any parameter has a default value, the engine keeps a second variable for each, which only the
    default values see: behind the one of a plain parameter, in front of the one out of a pattern.
    """
    own = Declaration(name, span)
    if not has_defaults:
        return [own]
    unseen = Declaration(name, Span(span.start, span.start))
    return [unseen, own] if is_pattern else [own, unseen]


def _target(parameter: tree_sitter.Node) -> tree_sitter.Node:
    """What a parameter binds: without its default value, or the dots of a rest parameter."""
    wraps = parameter.type in {"assignment_pattern", "rest_pattern"}
    return parameter.named_children[0] if wraps and parameter.named_children else parameter


def _has_defaults(node: tree_sitter.Node) -> bool:
    return node.type in {"assignment_pattern", "object_assignment_pattern"} or any(
        _has_defaults(each) for each in node.named_children
    )


_PATTERNS = frozenset({"object_pattern", "array_pattern"})
_DECLARED_FUNCTIONS = frozenset({"function_declaration", "generator_function_declaration"})
_FUNCTIONS = _DECLARED_FUNCTIONS | {
    "function_expression",
    "generator_function",
    "arrow_function",
    "method_definition",
    "class_static_block",
}
_NAMING = {
    "variable_declarator": "name",
    "assignment_expression": "left",
    "pair": "key",
    "field_definition": "property",
}
_LOOPS = frozenset({"for_statement", "for_in_statement"})
_BLOCKS = _LOOPS | {"statement_block", "switch_body", "catch_clause"}
