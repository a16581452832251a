"""The walk of a Lua file: its statements and functions, on top of its expressions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmspell_engine.analysis.lua_expressions import LuaExpressionWalk
from llmspell_engine.analysis.nodes import Function, Literal, Operation

if TYPE_CHECKING:
    from collections.abc import Sequence

    import tree_sitter

    from llmspell_engine.analysis.nodes import Expression
    from llmspell_engine.analysis.program import Program
    from llmspell_engine.analysis.scopes import Declaration, Scope
    from llmspell_engine.syntax import SyntaxTree


def walk_lua(tree: SyntaxTree, outer: Scope | None = None) -> Program:
    """The program of a Lua text; names it does not declare are looked up in ``outer`` too."""
    walk = LuaWalk(tree, outer)
    walk.statements(tree.root)
    return walk.finish()


class LuaWalk(LuaExpressionWalk):
    """Lua: a local is visible after its statement, ``local function`` inside itself, nothing is hoisted."""

    def __init__(self, tree: SyntaxTree, outer: Scope | None = None) -> None:
        super().__init__(tree, outer)
        self.function: Function | None = None
        self.handlers = {
            "identifier": lambda node: self.refer(node, "read"),
            "vararg_expression": self.other,
            "nil": self.constant,
            "true": self.constant,
            "false": self.constant,
            "number": self.constant,
            "string": self.quoted,
            "table_constructor": self.constructor,
            "function_definition": self.function_value,
            "function_call": self.function_call,
            "dot_index_expression": self.dot_index,
            "method_index_expression": self.method_index,
            "bracket_index_expression": self.bracket_index,
            "parenthesized_expression": self.parenthesized,
            "binary_expression": self.binary,
            "unary_expression": self.unary,
            "variable_declaration": self.variable_declaration,
            "assignment_statement": self.assignment,
            "function_declaration": self.function_declaration,
            "return_statement": self.return_statement,
            "for_statement": self.for_statement,
            "repeat_statement": self.repeat_statement,
            "while_statement": self.with_block,
            "if_statement": self.with_block,
            "elseif_statement": self.with_block,
            "else_statement": self.with_block,
            "do_statement": self.with_block,
            "block": self.block,
            "parameters": self.stray_parameters,
            "for_generic_clause": self.stray_clause,
            "for_numeric_clause": self.stray_clause,
            "goto_statement": self.nothing,
            "label_statement": self.nothing,
            "break_statement": self.nothing,
            "comment": self.nothing,
        }

    # Statements

    def nothing(self, _: tree_sitter.Node) -> None:
        """Statements without names or values."""

    def block(self, node: tree_sitter.Node) -> None:
        """Statements in their own scope."""
        self.enter(node, "block")
        self.statements(node)
        self.leave()

    def with_block(self, node: tree_sitter.Node) -> None:
        """``while``, ``if``, ``do``: a condition and blocks."""
        for child in node.named_children:
            if child.type == "block":
                self._region(node, child)
            else:
                self.visit(child)

    def _region(self, owner: tree_sitter.Node, block: tree_sitter.Node) -> None:
        """A block whose scope reaches to the next keyword: a cursor below its last line is inside."""
        self.enter(block, "block")
        following = block.next_sibling
        end = following.start_byte if following is not None else owner.end_byte
        self.scope.end = end if self.ascii else self.tree.offset(end)
        self.statements(block)
        self.leave()

    def variable_declaration(self, node: tree_sitter.Node) -> None:
        """``local a <const>, b = …``."""
        end = self.place(node)[1]
        for child in node.named_children:
            if child.type == "variable_list":
                self._declare_all(child, end)
            elif child.type == "assignment_statement":
                self._local_assignment(child, end)
            else:
                self.visit(child)

    def _local_assignment(self, node: tree_sitter.Node, end: int) -> None:
        names: list[Declaration] = []
        for child in node.named_children:
            if child.type == "variable_list":
                names = self._declare_all(child, end)
            elif child.type == "expression_list":
                values = self.spread_results(self.expressions(child), len(names))
                for made, value in zip(names, values, strict=False):
                    made.values.append(value)
            else:
                self.visit(child)

    def _declare_all(self, node: tree_sitter.Node, visible_from: int) -> list[Declaration]:
        made: list[Declaration] = []
        for child in node.named_children:
            if child.type == "identifier":
                made.append(self.declare(child, "local", visible_from))
            elif child.type == "attribute" and made:
                made[-1].attribute = self.text(child).strip("<> \t")
                made[-1].kind = "constant"
        return made

    def assignment(self, node: tree_sitter.Node) -> None:
        """``a, b.c = …``: values first, as Lua evaluates them."""
        targets: list[tree_sitter.Node] = []
        values: list[Expression] = []
        for child in node.named_children:
            if child.type == "variable_list":
                targets = child.named_children
            elif child.type == "expression_list":
                values = self.expressions(child)
            else:
                self.visit(child)
        results = self.spread_results(values, len(targets))
        for index, target in enumerate(targets):
            found = self.refer(target, "write") if target.type == "identifier" else self.expression(target)
            self.assign(found, results[index] if index < len(results) else None)

    def spread_results(self, values: Sequence[Expression], wanted: int) -> list[Expression]:
        """One value for each wanted name: the last call gives all its results."""
        results = list(values)
        if len(results) >= wanted or not results or isinstance(results[-1], Literal):
            return results
        last = results[-1]
        more = range(1, wanted - len(results) + 1)
        return results + [Operation(last.start, last.end, "result", (last,), index) for index in more]

    def return_statement(self, node: tree_sitter.Node) -> None:
        """``return a, b``."""
        values: list[Expression] = []
        for child in node.named_children:
            if child.type == "expression_list":
                values = self.expressions(child)
            else:
                self.visit(child)
        if values:
            (self.function.returns if self.function else self.program.returned).append(values[0])

    def for_statement(self, node: tree_sitter.Node) -> None:
        """``for i = 1, n`` and ``for k, v in pairs(t)``: the loop's names are seen by its body only."""
        clause = node.child_by_field_name("clause")
        bodies = [child for child in node.named_children if child.type == "block"]
        names = self._loop_names(clause) if clause is not None else []
        start = clause.end_byte if clause is not None else node.start_byte
        self.enter(node, "block")
        self.scope.start = start if self.ascii else self.tree.offset(start)
        for name, value in names:
            made = self.declare(name, "loop", self.scope.start)
            if value is not None:
                made.values.append(value)
        for body in bodies:
            self.statements(body)
        self.leave()

    def _loop_names(self, clause: tree_sitter.Node) -> list[tuple[tree_sitter.Node, Expression | None]]:
        if clause.type == "for_numeric_clause":
            children = clause.named_children
            for child in children[1:]:
                self.visit(child)
            return [(children[0], None)] if children and children[0].type == "identifier" else []
        names: list[tree_sitter.Node] = []
        values: list[Expression] = []
        for child in clause.named_children:
            if child.type == "variable_list":
                names = [name for name in child.named_children if name.type == "identifier"]
            elif child.type == "expression_list":
                values = self.expressions(child)
            else:
                self.visit(child)
        return [(name, self._each(values, index)) for index, name in enumerate(names)]

    def _each(self, values: list[Expression], index: int) -> Expression | None:
        """What the loop variable ``index`` takes from an iterator."""
        if not values:
            return None
        operator = "each-key" if index == 0 else "each-value"
        return Operation(values[0].start, values[0].end, operator, (values[0],), index)

    def repeat_statement(self, node: tree_sitter.Node) -> None:
        """``repeat … until``: the condition sees the locals of the body."""
        self.enter(node, "block")
        for child in node.named_children:
            if child.type == "block":
                self.statements(child)
            else:
                self.visit(child)
        self.leave()

    # Functions

    def function_declaration(self, node: tree_sitter.Node) -> None:
        """``function f``, ``local function f``, ``function M.f``, ``function M:f``."""
        name = node.child_by_field_name("name")
        first = node.child(0)
        is_local = first is not None and first.type == "local"
        if name is None:
            self._function(node, None)
            return
        if is_local and name.type == "identifier":
            made = self.declare(name, "function", self.place(name)[0])
            made.values.append(self._function(node, name))
            return
        target = self.refer(name, "write") if name.type == "identifier" else self.expression(name)
        self.assign(target, self._function(node, name))

    def function_value(self, node: tree_sitter.Node) -> Expression:
        """``function(…) … end`` as a value."""
        return self._function(node, None)

    def _function(self, node: tree_sitter.Node, name: tree_sitter.Node | None) -> Function:
        start, end = self.place(node)
        name_start, name_end = self.place(name) if name is not None else (start, start)
        made = Function(start, end, self.value[name_start:name_end], name_start, name_end)
        made.is_method = name is not None and name.type == "method_index_expression"
        self.program.functions.append(made)
        outer, self.function = self.function, made
        made.scope = self.enter(node, "function", made)
        parameters = node.child_by_field_name("parameters")
        if parameters is not None:
            made.scope.start = self.place(parameters)[0]
            self._parameters(parameters, made)
        for child in node.named_children:
            if child.type == "block":
                self.statements(child)
            elif child.is_error:
                self.visit(child)
        self.leave()
        self.function = outer
        return made

    def _parameters(self, node: tree_sitter.Node, function: Function) -> None:
        start = self.place(node)[0]
        if function.is_method:
            self._declare_self(function, start)
        for child in node.named_children:
            if child.type == "identifier":
                made = self.declare(child, "parameter", start)
                made.function = function
                function.parameters.append(made)
            elif child.type == "vararg_expression":
                function.is_variadic = True

    def _declare_self(self, function: Function, start: int) -> None:
        """``self`` in ``function M:f()`` is ``M``: what is assigned to its fields is assigned to ``M``'s."""
        receiver = self.declare_implicit("self", start)
        receiver.function = function
        owner = self.scope.lookup(function.name.rpartition(":")[0], start)
        if owner is not None:
            receiver.values, receiver.members = owner.values, owner.members

    def stray_parameters(self, node: tree_sitter.Node) -> None:
        """Parameters of a function that is not finished: its body follows in the same scope."""
        for child in node.named_children:
            if child.type == "identifier":
                self.declare(child, "parameter", self.place(child)[0])

    def stray_clause(self, node: tree_sitter.Node) -> None:
        """The head of a loop that is not finished: its body follows in the same scope."""
        for name, value in self._loop_names(node):
            made = self.declare(name, "loop", self.place(node)[1])
            if value is not None:
                made.values.append(value)
