"""Patterns of JavaScript: what declarations, parameters and assignments take apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmspell_engine.analysis.nodes import Function, MemberAccess, Operation
from llmspell_engine.analysis.walk import Walk

if TYPE_CHECKING:
    import tree_sitter

    from llmspell_engine.analysis.nodes import Expression
    from llmspell_engine.analysis.scopes import DeclarationKind, Scope
    from llmspell_engine.syntax import SyntaxTree

_PATTERNS = frozenset(
    {"object_pattern", "array_pattern", "assignment_pattern", "object_assignment_pattern", "rest_pattern"}
)


class PatternWalk(Walk):
    """The part of the JavaScript walk that gives names, in patterns or alone, the values they take."""

    def __init__(self, tree: SyntaxTree, outer: Scope | None = None) -> None:
        super().__init__(tree, outer)
        self.function: Function | None = None
        """The innermost function around."""

    def bind(
        self, pattern: tree_sitter.Node, value: Expression | None, kind: DeclarationKind, word: str
    ) -> None:
        """Declare the names of a pattern, each with the part of ``value`` it takes."""
        if pattern.type in ("identifier", "shorthand_property_identifier_pattern"):
            scope = self.scope.function_scope if word == "var" else self.scope
            if word == "var" and kind == "loop":
                kind = "local"
            made = self.declare(pattern, kind, scope.start, scope=scope, attribute=word)
            made.function = self.function if kind == "parameter" else None
            if kind == "parameter" and self.function is not None:
                self.function.parameters.append(made)
            if value is not None:
                made.values.append(value)
            return
        for part, taken in self.parts(pattern, value):
            self.bind(part, taken, kind, word)

    def assign_pattern(self, pattern: tree_sitter.Node, value: Expression | None) -> Expression | None:
        """Assign to the names and members of a pattern."""
        if pattern.type in ("identifier", "shorthand_property_identifier_pattern"):
            target: Expression | None = self.refer(pattern, "write")
        elif pattern.type in _PATTERNS:
            for part, taken in self.parts(pattern, value):
                self.assign_pattern(part, taken)
            return None
        else:
            target = self.visit(pattern)
        if target is not None:
            self.assign(target, value)
        return target

    def parts(
        self, pattern: tree_sitter.Node, value: Expression | None
    ) -> list[tuple[tree_sitter.Node, Expression | None]]:
        """The patterns inside a pattern, one level down."""
        if pattern.type in ("assignment_pattern", "object_assignment_pattern"):
            left, right = pattern.child_by_field_name("left"), pattern.child_by_field_name("right")
            fallback = self.visit(right) if right is not None else None
            if left is None:
                return []
            if left.type == "shorthand_property_identifier_pattern":
                value = self._taken(value, left)
            return [(left, value if value is not None else fallback)]
        if pattern.type == "rest_pattern":
            return [(child, None) for child in pattern.named_children]
        if pattern.type == "object_pattern":
            return [part for child in pattern.named_children for part in self._object_part(child, value)]
        if pattern.type == "array_pattern":
            return self._array_parts(pattern, value)
        self.visit(pattern)
        return []

    def _object_part(
        self, child: tree_sitter.Node, value: Expression | None
    ) -> list[tuple[tree_sitter.Node, Expression | None]]:
        if child.type == "shorthand_property_identifier_pattern":
            return [(child, self._taken(value, child))]
        if child.type == "pair_pattern":
            key, inner = child.child_by_field_name("key"), child.child_by_field_name("value")
            if key is not None and key.type == "computed_property_name":
                self.visit(key)
            if inner is None or key is None:
                return []
            return [(inner, self._taken(value, key) if key.type == "property_identifier" else None)]
        if child.type in ("object_assignment_pattern", "rest_pattern"):
            return [(child, value if child.type != "rest_pattern" else None)]
        self.visit(child)
        return []

    def _array_parts(
        self, pattern: tree_sitter.Node, value: Expression | None
    ) -> list[tuple[tree_sitter.Node, Expression | None]]:
        found: list[tuple[tree_sitter.Node, Expression | None]] = []
        position = 0
        for child in pattern.children:
            if child.type == ",":
                position += 1
            elif child.is_named and child.type != "comment":
                taken = self._item(value, position) if child.type != "rest_pattern" else None
                found.append((child, taken))
        return found

    def _item(self, value: Expression | None, position: int) -> Operation | None:
        if value is None:
            return None
        made = Operation(value.start, value.end, "item", (value,), position)
        value.parent = value.parent or made
        return made

    def _taken(self, value: Expression | None, key: tree_sitter.Node) -> Expression | None:
        """``value.key``, standing where the key stands in the pattern."""
        if value is None:
            return None
        start, end = self.place(key)
        made = MemberAccess(start, end, value, self.value[start:end], start, end, ".")
        self.program.member_accesses.append(made)
        return made

    def assignment(self, node: tree_sitter.Node) -> Expression | None:
        """``a = b``, ``a.b = c``, ``({a} = b)``: its value is what is assigned."""
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        value = self.visit(right) if right is not None else None
        if left is not None:
            self.assign_pattern(left, value)
        for child in node.named_children:
            if child.is_error:
                self.visit(child)
        return value

    def augmented(self, node: tree_sitter.Node) -> Expression | None:
        """``a += b``, ``a ??= b``."""
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        value = self.visit(right) if right is not None else None
        target: Expression | None = None
        if left is not None and left.type == "identifier":
            target = self.refer(left, "update")
        elif left is not None:
            target = self.visit(left)
        operands = [found for found in (target, value) if found is not None]
        operator = node.child_by_field_name("operator")
        return self.operation(node, operator.type if operator is not None else "=", operands)

    def update(self, node: tree_sitter.Node) -> Expression:
        """``a++``."""
        argument = node.child_by_field_name("argument")
        if argument is None:
            return self.operation(node, "++", ())
        is_name = argument.type == "identifier"
        found = self.refer(argument, "update") if is_name else self.expression(argument)
        return self.operation(node, "++", (found,))
