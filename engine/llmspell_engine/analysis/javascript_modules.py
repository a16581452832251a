"""What JavaScript modules import and export."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmspell_engine.analysis.javascript_functions import FunctionWalk
from llmspell_engine.analysis.nodes import Literal, MemberAccess, Name, Operation
from llmspell_engine.analysis.scopes import Reference

if TYPE_CHECKING:
    import tree_sitter

    from llmspell_engine.analysis.nodes import Expression
    from llmspell_engine.analysis.scopes import Declaration


class ModuleWalk(FunctionWalk):
    """The part of the JavaScript walk that ties names to other modules."""

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
