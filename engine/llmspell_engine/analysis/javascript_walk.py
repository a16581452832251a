"""The walk of a JavaScript file: its statements, on top of modules, functions, expressions and patterns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmspell_engine.analysis.javascript_modules import ModuleWalk
from llmspell_engine.analysis.nodes import Call, Operation

if TYPE_CHECKING:
    import tree_sitter

    from llmspell_engine.analysis.nodes import Expression
    from llmspell_engine.analysis.program import Program
    from llmspell_engine.analysis.scopes import Scope
    from llmspell_engine.syntax import SyntaxTree


def walk_javascript(tree: SyntaxTree, outer: Scope | None = None) -> Program:
    """The program of a JavaScript text; names it does not declare are looked up in ``outer`` too."""
    walk = JavaScriptWalk(tree, outer)
    walk.statements(tree.root)
    return walk.finish()


class JavaScriptWalk(ModuleWalk):
    """JavaScript: names are hoisted to their scope, ``var`` to its function, so all resolve at the end."""

    def __init__(self, tree: SyntaxTree, outer: Scope | None = None) -> None:
        super().__init__(tree, outer)
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
        if value is not None and any(child.type == "await" for child in node.children):
            each, value = value, Operation(value.start, value.end, "await", (value,))
            each.parent = value
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
        made = Operation(taken.start, taken.end, word, (taken,), 1)
        taken.parent = made
        return made

    def catch(self, node: tree_sitter.Node) -> None:
        """``catch (error) { … }``."""
        self.enter(node, "block")
        parameter, body = node.child_by_field_name("parameter"), node.child_by_field_name("body")
        if parameter is not None:
            self.bind(parameter, None, "catch", "let")
        if body is not None:
            self.visit(body)
        self.leave()
