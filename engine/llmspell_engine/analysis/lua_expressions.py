"""Expressions of Lua, but for functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmspell_engine.analysis.lua_values import constant_value, string_value
from llmspell_engine.analysis.nodes import Field, Literal, Name, Operation
from llmspell_engine.analysis.walk import Walk
from llmspell_engine.text import Span

if TYPE_CHECKING:
    import tree_sitter

    from llmspell_engine.analysis.nodes import CallStyle, Expression


class LuaExpressionWalk(Walk):
    """The part of the Lua walk that lowers constants, operators, members, calls and tables."""

    def expressions(self, node: tree_sitter.Node) -> list[Expression]:
        """The values of an expression list or of arguments."""
        return [self.expression(child) for child in node.named_children if child.type != "comment"]

    def other(self, node: tree_sitter.Node) -> Operation:
        """``...``."""
        return self.operation(node, self.text(node), ())

    def constant(self, node: tree_sitter.Node) -> Literal:
        """``nil``, booleans and numbers."""
        start, end = self.place(node)
        return Literal(start, end, constant_value(self.value[start:end]))

    def quoted(self, node: tree_sitter.Node) -> Literal:
        """A string in quotes or long brackets."""
        start, end = self.place(node)
        value, content = string_value(self.value[start:end])
        return self.string(node, value, Span(start + content.start, start + content.end))

    def parenthesized(self, node: tree_sitter.Node) -> Expression | None:
        """``(a)`` is ``a`` here."""
        inner = [child for child in node.named_children if child.type != "comment"]
        if len(inner) == 1:
            return self.visit(inner[0])
        return self.inside(node)

    def binary(self, node: tree_sitter.Node) -> Operation:
        """``a .. b .. c`` nests to the right or left; the spine is followed without recursion."""
        operands: list[Expression] = []
        pending = [node]
        while pending:
            found = pending.pop()
            if found.type == "binary_expression" and (found is node or _same_sign(found, node)):
                pending.extend(reversed(found.named_children))
            elif found.type != "comment":
                operands.append(self.expression(found))
        return self.operation(node, _sign(node), operands)

    def unary(self, node: tree_sitter.Node) -> Expression:
        """``-1`` is a constant; ``not a``, ``#a``, ``-a`` are operations."""
        sign = _sign(node)
        operands = [self.expression(child) for child in node.named_children if child.type != "comment"]
        if sign == "-" and len(operands) == 1 and isinstance(operands[0], Literal):
            value = operands[0].value
            if isinstance(value, int | float) and not isinstance(value, bool):
                return Literal(*self.place(node), -value)
        return self.operation(node, sign, operands)

    def dot_index(self, node: tree_sitter.Node) -> Expression:
        """``a.b``."""
        return self._member(node, "field", ".")

    def method_index(self, node: tree_sitter.Node) -> Expression:
        """``a:b``, the callee of a method call."""
        return self._member(node, "method", ":")

    def _member(self, node: tree_sitter.Node, field: str, separator: str) -> Expression:
        owner, name = node.child_by_field_name("table"), node.child_by_field_name(field)
        if owner is None or name is None:
            return self.inside(node) or self.other(node)
        return self.member(node, self.expression(owner), name, ":" if separator == ":" else ".")

    def bracket_index(self, node: tree_sitter.Node) -> Expression:
        """``a[b]``."""
        owner, key = node.child_by_field_name("table"), node.child_by_field_name("field")
        if owner is None or key is None:
            return self.inside(node) or self.other(node)
        return self.index(node, self.expression(owner), self.expression(key))

    def function_call(self, node: tree_sitter.Node) -> Expression:
        """``f(x)``, ``f{…}``, ``f"x"``, ``a:b(x)``."""
        callee, arguments = node.child_by_field_name("name"), node.child_by_field_name("arguments")
        if callee is None or arguments is None:
            return self.inside(node) or self.other(node)
        target = self.expression(callee)
        found = self.call(
            node, target, self.expressions(arguments), self._style(arguments), self.place(arguments)[0]
        )
        parent = node.parent
        found.is_statement = parent is not None and parent.type in _STATEMENT_PARENTS
        if isinstance(target, Name) and target.name == "require" and found.arguments:
            self.imported(found.arguments[0], is_dynamic=True)
        return found

    def _style(self, arguments: tree_sitter.Node) -> CallStyle:
        first = arguments.child(0)
        if first is None or first.type == "(":
            return "parentheses"
        return "table" if first.type == "table_constructor" else "string"

    def constructor(self, node: tree_sitter.Node) -> Expression:
        """``{ a = 1, ["b"] = 2, 3 }``."""
        fields: list[Field] = []
        position = 0
        for child in node.named_children:
            if child.type != "field":
                self.visit(child)
                continue
            found = self._field(child, position)
            if found is None:
                continue
            position += found.position is not None
            fields.append(found)
        return self.table(node, fields, "table")

    def _field(self, node: tree_sitter.Node, position: int) -> Field | None:
        name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
        for child in node.named_children:
            if child.is_error:
                self.visit(child)
        start, end = self.place(node)
        if value is None:
            return None
        if name is None:
            return Field(start, end, None, start, start, self.expression(value), position=position)
        if name.type == "identifier":
            key_start, key_end = self.place(name)
            bracketed = self.value[start:key_start].startswith("[")
            if not bracketed:
                key = self.value[key_start:key_end]
                return Field(start, end, key, key_start, key_end, self.expression(value))
        key_value = self.expression(name)
        if isinstance(key_value, Literal) and isinstance(key_value.value, str) and key_value.content:
            content = key_value.content
            return Field(start, end, key_value.value, content.start, content.end, self.expression(value))
        return Field(start, end, None, start, start, self.expression(value), computed=key_value)


_STATEMENT_PARENTS = frozenset({"chunk", "block", "ERROR"})


def _sign(node: tree_sitter.Node) -> str:
    """The operator between or before the operands."""
    return next((child.type for child in node.children if not child.is_named), "")


def _same_sign(first: tree_sitter.Node, second: tree_sitter.Node) -> bool:
    return _sign(first) == _sign(second)
