"""The walk of a JavaScript file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmspell_engine.analysis.javascript_patterns import PatternWalk
from llmspell_engine.analysis.javascript_values import constant_value, string_value
from llmspell_engine.analysis.nodes import Call, Field, Function, Literal, MemberAccess, Name, Operation
from llmspell_engine.analysis.scopes import Reference
from llmspell_engine.text import Span

if TYPE_CHECKING:
    import tree_sitter

    from llmspell_engine.analysis.nodes import Expression, Table
    from llmspell_engine.analysis.program import Program
    from llmspell_engine.analysis.scopes import Declaration, Scope
    from llmspell_engine.syntax import SyntaxTree


def walk_javascript(tree: SyntaxTree, outer: Scope | None = None) -> Program:
    """The program of a JavaScript text; names it does not declare are looked up in ``outer`` too."""
    walk = JavaScriptWalk(tree, outer)
    walk.statements(tree.root)
    return walk.finish()


class JavaScriptWalk(PatternWalk):
    """JavaScript: names are hoisted to their scope, ``var`` to its function, so all resolve at the end."""

    def __init__(self, tree: SyntaxTree, outer: Scope | None = None) -> None:
        super().__init__(tree, outer)
        self.received: dict[Expression, dict[str, list[Expression]]] = {}
        """What the methods of a class without a name so far assign to fields of ``this``."""
        self.handlers = {
            "identifier": lambda node: self.refer(node, "read"),
            "shorthand_property_identifier": lambda node: self.refer(node, "read"),
            "undefined": self.constant,
            "null": self.constant,
            "true": self.constant,
            "false": self.constant,
            "number": self.constant,
            "string": self.quoted,
            "template_string": self.template,
            "regex": lambda node: self.operation(node, "regex", ()),
            "this": self.this,
            "import": lambda node: self.operation(node, "import", ()),
            "super": lambda node: self.operation(node, "super", ()),
            "meta_property": lambda node: self.operation(node, "meta", ()),
            "object": self.object_literal,
            "array": self.array,
            "arrow_function": self.function_value,
            "function_expression": self.function_value,
            "generator_function": self.function_value,
            "function_declaration": self.function_declaration,
            "generator_function_declaration": self.function_declaration,
            "class_declaration": self.class_declaration,
            "class": self.class_value,
            "call_expression": self.call_expression,
            "new_expression": self.new_expression,
            "member_expression": self.member_expression,
            "subscript_expression": self.subscript,
            "parenthesized_expression": self.parenthesized,
            "binary_expression": self.binary,
            "unary_expression": self.unary,
            "await_expression": lambda node: self.operation(node, "await", self.values_in(node)),
            "spread_element": lambda node: self.operation(node, "spread", self.values_in(node)),
            "ternary_expression": lambda node: self.operation(node, "?:", self.values_in(node)),
            "sequence_expression": lambda node: self.operation(node, ",", self.values_in(node)),
            "assignment_expression": self.assignment,
            "augmented_assignment_expression": self.augmented,
            "update_expression": self.update,
            "expression_statement": self.expression_statement,
            "lexical_declaration": self.declaration,
            "variable_declaration": self.declaration,
            "using_declaration": self.declaration,
            "return_statement": self.return_statement,
            "statement_block": self.block,
            "switch_body": self.block,
            "for_statement": self.block,
            "for_in_statement": self.for_in,
            "catch_clause": self.catch,
            "import_statement": self.import_statement,
            "export_statement": self.export_statement,
            "formal_parameters": self.stray_parameters,
            "break_statement": self.nothing,
            "continue_statement": self.nothing,
            "comment": self.nothing,
        }

    # Statements

    def nothing(self, _: tree_sitter.Node) -> None:
        """Nodes without names or values."""

    def block(self, node: tree_sitter.Node) -> None:
        """Statements in their own scope; a loop's head belongs to it."""
        self.enter(node, "block")
        self.statements(node)
        self.leave()

    def expression_statement(self, node: tree_sitter.Node) -> None:
        """A value for its effect."""
        for child in node.named_children:
            found = self.visit(child)
            if isinstance(found, Call):
                found.is_statement = True

    def declaration(self, node: tree_sitter.Node) -> None:
        """``var``, ``let``, ``const``, ``using``."""
        first = node.child(0)
        word = first.type if first is not None else "let"
        for child in node.named_children:
            if child.type == "variable_declarator":
                self._declarator(child, word)
            else:
                self.visit(child)

    def _declarator(self, node: tree_sitter.Node, word: str) -> None:
        pattern, value = node.child_by_field_name("name"), node.child_by_field_name("value")
        given = self.visit(value) if value is not None else None
        before = len(self.program.declarations)
        if pattern is not None:
            self.bind(pattern, given, "constant" if word in ("const", "using") else "local", word)
        if word != "var":
            for made in self.program.declarations[before:]:
                made.usable_from = self.place(node)[1]
        for child in node.named_children:
            if child.is_error:
                self.visit(child)

    def return_statement(self, node: tree_sitter.Node) -> None:
        """``return a``."""
        values = self.values_in(node)
        if values and self.function is not None:
            self.function.returns.append(values[0])

    def for_in(self, node: tree_sitter.Node) -> None:
        """``for (const x of xs)``, ``for (x in y)``."""
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        body = node.child_by_field_name("body")
        taken = self.visit(right) if right is not None else None
        self.enter(node, "block")
        word = node.child_by_field_name("kind")
        operator = node.child_by_field_name("operator")
        value = self._each(taken, operator)
        if left is not None and word is not None:
            self.bind(left, value, "loop", word.type)
        elif left is not None:
            self.assign_pattern(left, value)
        if body is not None:
            self.visit(body)
        self.leave()

    def _each(self, taken: Expression | None, operator: tree_sitter.Node | None) -> Expression | None:
        if taken is None:
            return None
        word = "each-key" if operator is not None and operator.type == "in" else "each-value"
        return Operation(taken.start, taken.end, word, (taken,), 1)

    def catch(self, node: tree_sitter.Node) -> None:
        """``catch (error) { … }``."""
        self.enter(node, "block")
        parameter, body = node.child_by_field_name("parameter"), node.child_by_field_name("body")
        if parameter is not None:
            self.bind(parameter, None, "catch", "let")
        if body is not None:
            self.visit(body)
        self.leave()

    # Modules

    def import_statement(self, node: tree_sitter.Node) -> None:
        """``import a, {b as c} from "m"``, ``import * as n from "m"``."""
        module = self._module(node.child_by_field_name("source"))
        for clause in node.named_children:
            if clause.type == "import_clause":
                for child in clause.named_children:
                    self._import_names(child, module)

    def _module(self, source: tree_sitter.Node | None) -> Operation | None:
        """The module that ``from "m"`` names."""
        if source is None or source.type != "string":
            return None
        path = self.quoted(source)
        self.imported(path, is_dynamic=False)
        return Operation(path.start, path.end, "module", (path,))

    def _import_names(self, node: tree_sitter.Node, module: Expression | None) -> None:
        if node.type == "identifier":
            self._import(node, self._export_of(node, module, "default"))
        elif node.type == "namespace_import":
            for namespace in node.named_children:
                self._import(namespace, module)
        elif node.type == "named_imports":
            for specifier in node.named_children:
                name, alias = specifier.child_by_field_name("name"), specifier.child_by_field_name("alias")
                if name is not None and specifier.type == "import_specifier":
                    self._import(alias or name, self._export_of(name, module, self.text(name)))

    def _export_of(self, node: tree_sitter.Node, module: Expression | None, name: str) -> Expression | None:
        """A use of one export of a module, standing where ``node`` stands."""
        if module is None:
            return None
        start, end = self.place(node)
        made = MemberAccess(start, end, module, name, start, end, ".")
        self.program.member_accesses.append(made)
        return made

    def _import(self, node: tree_sitter.Node, value: Expression | None) -> None:
        made = self.declare(node, "import", 0, scope=self.program.scope, attribute="const")
        if value is not None:
            made.values.append(value)

    def export_statement(self, node: tree_sitter.Node) -> None:
        """``export const …``, ``export default …``, ``export { a as b }``, ``export … from "m"``."""
        is_default = any(child.type == "default" for child in node.children)
        before = len(self.program.declarations)
        source = node.child_by_field_name("source")
        module = self._module(source)
        if module is not None and any(child.type == "*" for child in node.children):
            paths = (path.value for path in module.operands if isinstance(path, Literal))
            self.program.passed_on += [path for path in paths if isinstance(path, str)]
        for child in node.named_children:
            if child.type == "export_clause":
                self._export_clause(child, module)
            elif child.type == "namespace_export":
                self._export_namespace(child, module)
            elif child != source:
                self._export_value(child, is_default=is_default)
        scope = self.program.scope
        for made in self.program.declarations[before:]:
            if made.scope is scope:
                made.is_exported = True
                self.program.exports.setdefault("default" if is_default else made.name, self._use(made))

    def _export_value(self, node: tree_sitter.Node, *, is_default: bool) -> None:
        value = self.visit(node)
        if is_default and value is not None:
            self.program.exports["default"] = value

    def _export_namespace(self, node: tree_sitter.Node, module: Expression | None) -> None:
        for name in node.named_children:
            if module is not None:
                self.program.exports[self.text(name)] = module

    def _export_clause(self, node: tree_sitter.Node, module: Expression | None) -> None:
        for specifier in node.named_children:
            name, alias = specifier.child_by_field_name("name"), specifier.child_by_field_name("alias")
            if name is None or name.type == "string":
                continue
            value = self._export_of(name, module, self.text(name)) or self.refer(name, "read")
            self.program.exports[self.text(alias or name)] = value

    def _use(self, made: Declaration) -> Name:
        """A silent use of an exported declaration: it gives the export its value."""
        reference = Reference(made.name, made.start, made.end, "read", made.scope, made)
        return Name(made.start, made.end, made.name, reference)

    # Functions and classes

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
        body = node.child_by_field_name("body")
        if body is not None and body.type == "statement_block":
            self.statements(body)
        elif body is not None:
            made.returns.append(self.expression(body))
        for child in node.named_children:
            if child.is_error:
                self.visit(child)
        self.leave()
        self.function = outer
        return made

    def _parameters(self, node: tree_sitter.Node, function: Function) -> None:
        single = node.child_by_field_name("parameter")
        if single is not None:
            self.bind(single, None, "parameter", "let")
        parameters = node.child_by_field_name("parameters")
        for child in parameters.named_children if parameters is not None else ():
            if child.type == "rest_pattern":
                function.is_variadic = True
            if child.type != "comment":
                self.bind(child, None, "parameter", "let")

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

    # Expressions

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
