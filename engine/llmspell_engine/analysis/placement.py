"""Where the cursor stands in meaning: the fragment around it, its node, and the types known there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from llmspell_engine.analysis.fragments import CURSOR, Fragment, fragment_at
from llmspell_engine.analysis.inference import Inference
from llmspell_engine.analysis.javascript_walk import walk_javascript
from llmspell_engine.analysis.lua_walk import walk_lua
from llmspell_engine.analysis.nodes import Field
from llmspell_engine.analysis.semantics import Semantics

if TYPE_CHECKING:
    from llmspell_engine.analysis.nodes import Expression
    from llmspell_engine.analysis.program import Program
    from llmspell_engine.analysis.scopes import Declaration, Scope
    from llmspell_engine.analysis.values import Type
    from llmspell_engine.analysis.workspace import Document
    from llmspell_engine.catalog.model import Entity


@dataclass(frozen=True, slots=True)
class Placement:
    """The cursor in a document."""

    document: Document
    offset: int
    around: Inference
    """The types of the document; of a mended copy while the document is broken."""
    scope: Scope
    """The innermost scope of the document around the cursor."""
    fragment: Fragment
    semantics: Semantics
    """Of the fragment; its names reach into the document."""
    node: Expression | None
    """The node that stands for the cursor: a name, a member, a string; for a key its value."""
    key: Field | None
    """The entry of a table whose key is being written: ``{ $0 = 1 }``, ``{ $0 }``."""

    @property
    def program(self) -> Program:
        """The program around the cursor."""
        return self.around.program


def placement_at(document: Document, offset: int) -> Placement | None:
    """Where ``offset`` stands; None inside comments and numbers."""
    around = document.inference
    scope = around.program.scope.innermost(offset)
    fragment = fragment_at(document.text.value, document.language, offset, scope)
    if fragment is None:
        return None
    if document.tree.faults and fragment.mended:
        around = document.mended(fragment.mended)
        scope = around.program.scope.innermost(offset)
        fragment = replace(fragment, program=rewalked(fragment.program, scope))
    semantics = Semantics(fragment.program, FragmentInference(around, fragment))
    node, key = _cursor_node(fragment)
    return Placement(document, offset, around, scope, fragment, semantics, node, key)


def rewalked(program: Program, scope: Scope) -> Program:
    """The same fragment walked inside another scope."""
    walk = walk_lua if program.language == "lua" else walk_javascript
    return walk(program.tree, scope)


class FragmentInference(Inference):
    """Types within a fragment: names of the document have the types they have there."""

    def __init__(self, outer: Inference, fragment: Fragment) -> None:
        super().__init__(outer.path, fragment.program, outer.catalog, outer.module)
        self._outer = outer
        self._own = set(fragment.program.declarations)

    def declaration_type(self, made: Declaration) -> Type:
        """The type of a name, asked of the file that makes it."""
        if made in self._own:
            return super().declaration_type(made)
        return self._outer.declaration_type(made)

    def global_entity(self, name: str) -> Entity | None:
        """The host's global, unless the document assigns it."""
        return self._outer.global_entity(name)

    def global_type(self, name: str) -> Type:
        """The type of a global, also of one that the document assigns."""
        assigned = self._outer.program.globals.get(name)
        if assigned is not None:
            return self._outer.declaration_type(assigned)
        return super().global_type(name)


def _cursor_node(fragment: Fragment) -> tuple[Expression | None, Field | None]:
    """The node made of the name that was put at the cursor, and the table entry whose key it is."""
    program = fragment.program
    for table in program.tables:
        for entry in table.fields:
            if entry.key == CURSOR:
                return entry.value, entry
    for access in program.member_accesses:
        if access.name == CURSOR:
            return access, None
    for string in program.strings:
        if string.value == CURSOR:
            return string, None
    name = next((one.node for one in program.references if one.name == CURSOR), None)
    if name is not None and isinstance(name.parent, Field) and name.parent.key is None:
        return name, name.parent
    return name, None
