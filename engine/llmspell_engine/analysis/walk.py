"""What the walks of both languages share: making scopes, names and nodes, and resolving names at the end.

A walk is a recursive descent over the syntax tree with one method for each kind of node. It is total:
kinds it does not know, and error nodes, are walked through for what is inside. Nesting deeper than
:data:`DEEPEST` is not descended into as expressions; its names are still noted, so that a name used
only there never looks unused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmspell_engine.analysis.nodes import (
    Call,
    Expression,
    Field,
    Function,
    Index,
    Literal,
    MemberAccess,
    Name,
    Operation,
    Separator,
    Table,
)
from llmspell_engine.analysis.program import Import, Program
from llmspell_engine.analysis.scopes import (
    Declaration,
    DeclarationKind,
    Reference,
    ReferenceKind,
    Scope,
    ScopeKind,
)
from llmspell_engine.text import Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    import tree_sitter

    from llmspell_engine.analysis.nodes import CallStyle, TableStyle
    from llmspell_engine.syntax import SyntaxTree

DEEPEST = 150
"""How deep nodes may nest: well below the limit of the interpreter's stack, above what people write."""


class Walk:
    """The state of one walk. A subclass gives :attr:`handlers` and walks the root."""

    handlers: dict[str, Callable[[tree_sitter.Node], Expression | None]]

    def __init__(self, tree: SyntaxTree, outer: Scope | None = None) -> None:
        self.tree = tree
        self.value = tree.text.value
        self.ascii = tree.text.ascii
        self.depth = 0
        self.scope = Scope(0, len(self.value), "file" if outer is None else "block", outer)
        self.program = Program(tree, self.scope)
        self.values: list[tuple[Reference, Expression | None]] = []
        self.members: list[tuple[Reference, str, Expression]] = []

    # Places and text

    def place(self, node: tree_sitter.Node) -> tuple[int, int]:
        """The start and end of a node in code points."""
        if self.ascii:
            return node.start_byte, node.end_byte
        return self.tree.offset(node.start_byte), self.tree.offset(node.end_byte)

    def text(self, node: tree_sitter.Node) -> str:
        """The source of a node."""
        start, end = self.place(node)
        return self.value[start:end]

    def finish(self) -> Program:
        """Resolve every name, then hand over what was assigned to each."""
        for reference in self.program.references:
            made = reference.scope.lookup(reference.name, reference.start)
            if made is None and reference.kind == "write":
                made = self._global(reference)
            reference.declaration = made
        for reference in self.program.references:
            if reference.declaration is None:
                reference.declaration = self.program.globals.get(reference.name)
            if reference.declaration is not None:
                reference.declaration.references.append(reference)
        for reference, value in self.values:
            if reference.declaration is not None and value is not None:
                reference.declaration.values.append(value)
        for reference, name, value in self.members:
            if reference.declaration is not None:
                reference.declaration.members.setdefault(name, []).append(value)
        return self.program

    def _global(self, reference: Reference) -> Declaration:
        """The global that a script makes by assigning to a name that nothing declares."""
        known = self.program.globals.get(reference.name)
        if known is not None:
            return known
        root = self.program.scope
        made = Declaration(reference.name, "global", reference.start, reference.end, reference.start, root)
        self.program.globals[reference.name] = made
        self.program.declarations.append(made)
        return made

    # Descent

    def expression(self, node: tree_sitter.Node) -> Expression:
        """The node's value; never None, so that callers need not ask."""
        found = self.visit(node)
        if found is not None:
            return found
        start, end = self.place(node)
        return Operation(start, end, "error", ())

    def visit(self, node: tree_sitter.Node) -> Expression | None:
        """Walk one node by its kind; None for statements, comments and punctuation."""
        handler = self.handlers.get(node.type)
        if handler is None:
            return self.inside(node) if node.child_count else None
        if self.depth >= DEEPEST:
            self.skim(node)
            return None
        self.depth += 1
        try:
            return handler(node)
        finally:
            self.depth -= 1

    def statements(self, node: tree_sitter.Node) -> None:
        """Walk the children of a block in order."""
        for child in node.named_children:
            self.visit(child)

    def inside(self, node: tree_sitter.Node) -> Expression | None:
        """Walk an unknown or broken node: whatever values are inside become its operands."""
        if self.depth >= DEEPEST:
            self.skim(node)
            return None
        self.depth += 1
        operands = [found for child in node.named_children if (found := self.visit(child)) is not None]
        self.depth -= 1
        return self.operation(node, node.type if not node.is_error else "error", operands)

    def skim(self, node: tree_sitter.Node) -> None:
        """Note the names in a node that lies too deep to be walked."""
        cursor = node.walk()
        descending = True
        while True:
            found = cursor.node
            if descending and found is not None and found.type == "identifier":
                self.refer(found, "read")
            if descending and cursor.goto_first_child():
                continue
            if cursor.goto_next_sibling():
                descending = True
                continue
            if not cursor.goto_parent():
                return
            descending = False

    # Scopes and names

    def enter(self, node: tree_sitter.Node, kind: ScopeKind, function: Function | None = None) -> Scope:
        """Open a scope that spans ``node``; :meth:`leave` closes it."""
        start, end = self.place(node)
        scope = Scope(start, end, kind, self.scope, function)
        self.scope.children.append(scope)
        self.scope = scope
        return scope

    def leave(self) -> None:
        """Go back to the scope around."""
        assert self.scope.parent is not None
        self.scope = self.scope.parent

    def declare(
        self,
        node: tree_sitter.Node,
        kind: DeclarationKind,
        visible_from: int,
        *,
        scope: Scope | None = None,
        attribute: str = "",
    ) -> Declaration:
        """Declare the identifier ``node`` in a scope, the present one unless given."""
        start, end = self.place(node)
        made = Declaration(
            self.value[start:end], kind, start, end, visible_from, scope or self.scope, attribute=attribute
        )
        return self._keep(made)

    def declare_implicit(self, name: str, start: int) -> Declaration:
        """Declare a parameter that nobody wrote, ``self`` or ``arguments``, visible from ``start``."""
        made = Declaration(name, "parameter", start, start, start, self.scope, is_implicit=True)
        return self._keep(made)

    def _keep(self, made: Declaration) -> Declaration:
        if not made.name:
            return made
        made.scope.names.setdefault(made.name, []).append(made)
        self.program.declarations.append(made)
        return made

    def refer(self, node: tree_sitter.Node, kind: ReferenceKind) -> Name:
        """A use of the identifier ``node``; one that the parser made up to mend the text counts for none."""
        start, end = self.place(node)
        if start == end:
            return Name(start, end, "")
        name = self.value[start:end]
        reference = Reference(name, start, end, kind, self.scope)
        self.program.references.append(reference)
        reference.node = Name(start, end, name, reference)
        return reference.node

    def assign(self, target: Expression, value: Expression | None) -> None:
        """Remember what is assigned to a name or to a member of a name."""
        if isinstance(target, MemberAccess):
            target.is_write = True
            root = target.object
            if value is not None and isinstance(root, Name) and root.reference is not None:
                self.members.append((root.reference, target.name, value))
        elif isinstance(target, Index):
            target.is_write = True
        elif isinstance(target, Name) and target.reference is not None:
            self.values.append((target.reference, value))

    # Nodes

    def member(
        self, node: tree_sitter.Node, owner: Expression, name: tree_sitter.Node, separator: Separator
    ) -> MemberAccess:
        """``owner.name``."""
        start, end = self.place(node)
        name_start, name_end = self.place(name)
        return self.member_at(start, end, owner, (name_start, name_end), separator)

    def member_at(
        self, start: int, end: int, owner: Expression, name: tuple[int, int], separator: Separator
    ) -> MemberAccess:
        """A member whose name stands at ``name``."""
        made = MemberAccess(start, end, owner, self.value[name[0] : name[1]], name[0], name[1], separator)
        owner.parent = made
        if made.name:
            self.program.member_accesses.append(made)
        return made

    def index(self, node: tree_sitter.Node, owner: Expression, key: Expression) -> MemberAccess | Index:
        """``owner[key]``; a constant string key is a member."""
        start, end = self.place(node)
        if isinstance(key, Literal) and isinstance(key.value, str) and key.content is not None:
            return self.member_at(start, end, owner, (key.content.start, key.content.end), "[")
        made = Index(start, end, owner, key)
        owner.parent = key.parent = made
        self.program.indexes.append(made)
        return made

    def call(
        self,
        node: tree_sitter.Node,
        callee: Expression,
        arguments: Sequence[Expression],
        style: CallStyle,
        arguments_start: int,
    ) -> Call:
        """A call with its arguments."""
        start, end = self.place(node)
        made = Call(start, end, callee, tuple(arguments), style, arguments_start, self.scope)
        callee.parent = made
        for argument in made.arguments:
            argument.parent = made
        self.program.calls.append(made)
        return made

    def table(self, node: tree_sitter.Node, fields: Iterable[Field], style: TableStyle) -> Table:
        """A table, object or array literal."""
        start, end = self.place(node)
        made = Table(start, end, tuple(fields), style)
        for entry in made.fields:
            entry.parent = made
            entry.value.parent = entry
        self.program.tables.append(made)
        return made

    def operation(self, node: tree_sitter.Node, operator: str, operands: Sequence[Expression]) -> Operation:
        """Operands under an operator."""
        start, end = self.place(node)
        made = Operation(start, end, operator, tuple(operands))
        for operand in made.operands:
            operand.parent = made
        return made

    def string(self, node: tree_sitter.Node, value: str, content: Span) -> Literal:
        """A string literal."""
        start, end = self.place(node)
        made = Literal(start, end, value, content)
        self.program.strings.append(made)
        return made

    def imported(self, path: Expression, *, is_dynamic: bool) -> None:
        """Note a module the script names, when it is named by a constant."""
        if isinstance(path, Literal) and isinstance(path.value, str):
            self.program.imports.append(Import(path, is_dynamic))
