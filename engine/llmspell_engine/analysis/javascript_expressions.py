"""Expressions of JavaScript that hold no statements."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmspell_engine.analysis.javascript_patterns import PatternWalk
from llmspell_engine.analysis.javascript_values import constant_value, string_value
from llmspell_engine.analysis.nodes import Field, Literal, Operation
from llmspell_engine.text import Span

if TYPE_CHECKING:
    import tree_sitter

    from llmspell_engine.analysis.nodes import Expression


class ExpressionWalk(PatternWalk):
    """The part of the JavaScript walk that lowers constants, operators, members, calls and arrays."""

    def values_in(self, node: tree_sitter.Node) -> list[Expression]:
        """The values directly inside a node."""
        return [self.expression(child) for child in node.named_children if child.type != "comment"]

    def constant(self, node: tree_sitter.Node) -> Literal:
        """``null``, ``undefined``, booleans and numbers."""
        start, end = self.place(node)
        return Literal(start, end, constant_value(self.value[start:end]))

    def quoted(self, node: tree_sitter.Node) -> Literal:
        """A string in quotes."""
        start, end = self.place(node)
        source = self.value[start:end]
        closed = len(source) > 1 and source[-1] == source[0]
        inner = source[1:-1] if closed else source[1:]
        return self.string(node, string_value(inner), Span(start + 1, start + 1 + len(inner)))

    def template(self, node: tree_sitter.Node) -> Expression:
        """A template: a constant when nothing is inserted."""
        parts = [child for child in node.named_children if child.type == "template_substitution"]
        if not parts:
            return self.quoted(node)
        return self.operation(node, "template", [value for part in parts for value in self.values_in(part)])

    def parenthesized(self, node: tree_sitter.Node) -> Expression | None:
        """``(a)`` is ``a`` here."""
        inner = [child for child in node.named_children if child.type != "comment"]
        if len(inner) == 1:
            return self.visit(inner[0])
        return self.inside(node)

    def binary(self, node: tree_sitter.Node) -> Operation:
        """``a + b + c`` nests to the left; its spine is followed without recursion."""
        sign = self._sign(node)
        operands: list[Expression] = []
        pending = [node]
        while pending:
            found = pending.pop()
            if found is node or (found.type == "binary_expression" and self._sign(found) == sign):
                pending.extend(reversed(found.named_children))
            elif found.type != "comment":
                operands.append(self.expression(found))
        return self.operation(node, sign, operands)

    def unary(self, node: tree_sitter.Node) -> Expression:
        """``-1`` is a constant; ``!a``, ``typeof a``, ``-a`` are operations."""
        sign = self._sign(node)
        operands = self.values_in(node)
        if sign == "-" and len(operands) == 1 and isinstance(operands[0], Literal):
            value = operands[0].value
            if isinstance(value, int | float) and not isinstance(value, bool):
                return Literal(*self.place(node), -value)
        return self.operation(node, sign, operands)

    def _sign(self, node: tree_sitter.Node) -> str:
        sign = node.child_by_field_name("operator")
        return sign.type if sign is not None else ""

    def member_expression(self, node: tree_sitter.Node) -> Expression:
        """``a.b``, ``a?.b``."""
        owner, name = node.child_by_field_name("object"), node.child_by_field_name("property")
        if owner is None or name is None:
            return self.inside(node) or self.operation(node, "error", ())
        optional = node.child_by_field_name("optional_chain") is not None
        return self.member(node, self.expression(owner), name, "?." if optional else ".")

    def subscript(self, node: tree_sitter.Node) -> Expression:
        """``a[b]``."""
        owner, key = node.child_by_field_name("object"), node.child_by_field_name("index")
        if owner is None or key is None:
            return self.inside(node) or self.operation(node, "error", ())
        return self.index(node, self.expression(owner), self.expression(key))

    def call_expression(self, node: tree_sitter.Node) -> Expression:
        """``f(x)``, ``f`x```, ``import("m")``."""
        callee, arguments = node.child_by_field_name("function"), node.child_by_field_name("arguments")
        if callee is None or arguments is None:
            return self.inside(node) or self.operation(node, "error", ())
        target = self.expression(callee)
        start = self.place(arguments)[0]
        if arguments.type == "template_string":
            return self.call(node, target, [self.template(arguments)], "template", start)
        found = self.call(node, target, self.values_in(arguments), "parentheses", start)
        if callee.type == "import" and found.arguments:
            self.imported(found.arguments[0], is_dynamic=True)
        return found

    def new_expression(self, node: tree_sitter.Node) -> Expression:
        """``new F(x)``."""
        callee, arguments = node.child_by_field_name("constructor"), node.child_by_field_name("arguments")
        if callee is None:
            return self.inside(node) or self.operation(node, "error", ())
        target = self.expression(callee)
        given = self.values_in(arguments) if arguments is not None else []
        start = self.place(arguments)[0] if arguments is not None else self.place(node)[1]
        return self.call(node, target, given, "new", start)

    def array(self, node: tree_sitter.Node) -> Expression:
        """``[a, b]``."""
        fields: list[Field] = []
        for position, child in enumerate(c for c in node.named_children if c.type != "comment"):
            start, end = self.place(child)
            entry = Field(start, end, None, start, start, self.expression(child), position=position)
            entry.is_spread = child.type == "spread_element"
            fields.append(entry)
        return self.table(node, fields, "array")
