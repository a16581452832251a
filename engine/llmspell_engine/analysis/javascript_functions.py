"""Functions, classes and objects of JavaScript: what has methods, and what ``this`` is in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmspell_engine.analysis.javascript_expressions import ExpressionWalk
from llmspell_engine.analysis.nodes import Field, Function, Literal, Name
from llmspell_engine.analysis.scopes import Declaration, Reference

if TYPE_CHECKING:
    import tree_sitter

    from llmspell_engine.analysis.nodes import Expression, Table
    from llmspell_engine.analysis.scopes import Scope
    from llmspell_engine.syntax import SyntaxTree


class FunctionWalk(ExpressionWalk):
    """The part of the JavaScript walk that opens a scope for each function and class."""

    def __init__(self, tree: SyntaxTree, outer: Scope | None = None) -> None:
        super().__init__(tree, outer)
        self.received: dict[Expression, dict[str, list[Expression]]] = {}
        """What the methods of a class without a name so far assign to fields of ``this``."""

    def function_declaration(self, node: tree_sitter.Node) -> None:
        """``function f() {}`` is hoisted."""
        name = node.child_by_field_name("name")
        if name is None:
            self._function(node, None)
            return
        scope = self.scope
        made = self.declare(name, "function", scope.start, attribute="function")
        made.values.append(self._function(node, name))

    def function_value(self, node: tree_sitter.Node) -> Expression:
        """Arrow functions and function expressions."""
        return self._function(node, node.child_by_field_name("name"), own_name=True)

    def _function(
        self, node: tree_sitter.Node, name: tree_sitter.Node | None, *, own_name: bool = False
    ) -> Function:
        start, end = self.place(node)
        name_start, name_end = self.place(name) if name is not None else (start, start)
        made = Function(start, end, self.value[name_start:name_end], name_start, name_end)
        made.is_method = node.type == "method_definition"
        first = node.child(0)
        made.is_async = any(child.type == "async" for child in node.children[:2]) if first else False
        self.program.functions.append(made)
        outer, self.function = self.function, made
        made.scope = self.enter(node, "function", made)
        if name is not None and own_name:
            itself = self.declare(name, "function", start, attribute="function")
            itself.is_implicit = True
            itself.values.append(made)
        if node.type != "arrow_function":
            self.declare_implicit("arguments", start)
            self.declare_implicit("this", start)
        self._parameters(node, made)
        self._body(node, made)
        self.leave()
        self.function = outer
        return made

    def _body(self, node: tree_sitter.Node, made: Function) -> None:
        body = node.child_by_field_name("body")
        made.body_start = self.place(body)[0] if body is not None else made.end
        if body is not None and body.type == "statement_block":
            self.statements(body)
        elif body is not None:
            made.returns.append(self.expression(body))
        for child in node.named_children:
            if child.is_error:
                self.visit(child)

    def _parameters(self, node: tree_sitter.Node, function: Function) -> None:
        single = node.child_by_field_name("parameter")
        if single is not None:
            self.bind(single, None, "parameter", "let")
        parameters = node.child_by_field_name("parameters")
        for child in parameters.named_children if parameters is not None else ():
            if child.type == "rest_pattern":
                function.is_variadic = True
            if child.type != "comment":
                self._parameter(child, function)

    def _parameter(self, node: tree_sitter.Node, function: Function) -> None:
        """A parameter; one that is taken apart stays one, without a name, whose parts have theirs."""
        left = node.child_by_field_name("left") if node.type == "assignment_pattern" else None
        pattern = left or node
        if pattern.type not in ("object_pattern", "array_pattern"):
            self.bind(node, None, "parameter", "let")
            return
        start, end = self.place(pattern)
        text, scope = self.value[start:end], self.scope
        whole = Declaration(text, "parameter", start, end, scope.start, scope, function=function)
        taken = Name(start, end, text, Reference(text, start, end, "read", scope, whole))
        before = len(function.parameters)
        self.bind(node, taken, "parameter", "let")
        function.parameters[before:] = [whole]

    def stray_parameters(self, node: tree_sitter.Node) -> None:
        """Parentheses outside a function: the parameters of one that is not finished."""
        outer, self.function = self.function, None
        for child in node.named_children:
            if child.type != "comment":
                self.bind(child, None, "parameter", "let")
        self.function = outer

    def class_declaration(self, node: tree_sitter.Node) -> None:
        """``class K extends L {}``."""
        name = node.child_by_field_name("name")
        if name is None:
            self.class_value(node)
            return
        made = self.declare(name, "class", self.scope.start, attribute="class")
        value = self.class_value(node)
        made.values.append(value)
        made.members = self.received.pop(value, made.members)

    def class_value(self, node: tree_sitter.Node) -> Expression:
        """A class as a value: an operation on the table of its members and what it extends."""
        self.enter(node, "class")
        fields: list[Field] = []
        heritage: list[Expression] = []
        for child in node.named_children:
            if child.type == "class_body":
                fields += self._members(child)
            elif child.type == "class_heritage":
                heritage += self.values_in(child)
            elif child.type != "identifier":
                self.visit(child)
        self.leave()
        members = self.table(node, fields, "object")
        self.program.tables.remove(members)
        made = self.operation(node, "class", (members, *heritage))
        self.received[made] = self._receive(members, made)
        return made

    def _receive(self, members: Table, value: Expression) -> dict[str, list[Expression]]:
        """Make ``this`` in methods the value they belong to; gives what they assign to its fields."""
        assigned: dict[str, list[Expression]] = {}
        for entry in members.fields:
            scope = entry.value.scope if isinstance(entry.value, Function) else None
            for receiver in scope.names.get("this", ()) if scope is not None else ():
                receiver.values.append(value)
                receiver.members = assigned
        return assigned

    def this(self, node: tree_sitter.Node) -> Expression:
        """``this`` of a function is a name of it; outside it is nobody's."""
        if self.scope.lookup("this", self.place(node)[0]) is None:
            return self.operation(node, "this", ())
        return self.refer(node, "read")

    def _members(self, body: tree_sitter.Node) -> list[Field]:
        fields: list[Field] = []
        for child in body.named_children:
            if child.type == "method_definition":
                fields.append(self._method(child))
            elif child.type == "field_definition":
                fields.append(self._class_field(child))
            else:
                self.visit(child)
        return fields

    def _class_field(self, node: tree_sitter.Node) -> Field:
        name, value = node.child_by_field_name("property"), node.child_by_field_name("value")
        start, end = self.place(node)
        given = self.expression(value) if value is not None else Literal(end, end, None)
        if name is None:
            return Field(start, end, None, start, start, given)
        key_start, key_end = self.place(name)
        return Field(start, end, self.value[key_start:key_end], key_start, key_end, given)

    def _method(self, node: tree_sitter.Node) -> Field:
        name = node.child_by_field_name("name")
        start, end = self.place(node)
        if name is None or name.type == "computed_property_name":
            computed = self.visit(name) if name is not None else None
            return Field(start, end, None, start, start, self._function(node, None), computed)
        key_start, key_end = self.place(name)
        key = self.value[key_start:key_end].strip("'\"")
        return Field(start, end, key, key_start, key_end, self._function(node, name))

    # Objects

    def object_literal(self, node: tree_sitter.Node) -> Expression:
        """``{ a: 1, b, c() {}, ...d }``."""
        fields: list[Field] = []
        for child in node.named_children:
            if child.type == "method_definition":
                fields.append(self._method(child))
            elif child.type == "pair":
                fields.append(self._pair(child))
            elif child.type == "shorthand_property_identifier":
                start, end = self.place(child)
                value = self.refer(child, "read")
                fields.append(Field(start, end, value.name, start, end, value, is_shorthand=True))
            elif child.type == "spread_element":
                start, end = self.place(child)
                fields.append(Field(start, end, None, start, start, self.expression(child), is_spread=True))
            else:
                self.visit(child)
        made = self.table(node, fields, "object")
        self._receive(made, made)
        return made

    def _pair(self, node: tree_sitter.Node) -> Field:
        key, value = node.child_by_field_name("key"), node.child_by_field_name("value")
        start, end = self.place(node)
        given = self.expression(value) if value is not None else Literal(end, end, None)
        if key is None:
            return Field(start, end, None, start, start, given)
        key_start, key_end = self.place(key)
        if key.type in ("property_identifier", "number"):
            return Field(start, end, self.value[key_start:key_end], key_start, key_end, given)
        if key.type == "computed_property_name":
            inner = self.values_in(key)
            return Field(start, end, None, start, start, given, inner[0] if inner else None)
        named = self.quoted(key)
        content = named.content or named.span
        return Field(start, end, str(named.value), content.start, content.end, given)
