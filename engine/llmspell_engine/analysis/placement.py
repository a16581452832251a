"""Where the cursor stands in meaning: the fragment around it, its node, and the types known there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from llmspell_engine.analysis.fragments import CURSOR, Fragment, fragment_at
from llmspell_engine.analysis.inference import Inference
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
    """Where the cursor stands in the program around it."""
    around: Inference
    """The types of the document: as it is, as it was when last whole, or of a mended copy."""
    scope: Scope
    """The innermost scope of the document around the cursor."""
    fragment: Fragment
    semantics: Semantics
    """Of the fragment; its names reach into the document."""
    node: Expression | None
    """The node that stands for the cursor: a name, a member, a string; for a key its value."""
    key: Field | None
    """The entry of a table whose key is being written: ``{ $0 = 1 }``, ``{ $0 }``."""
    cursor: int
    """Where the cursor stands in the document."""

    @property
    def program(self) -> Program:
        """The program around the cursor."""
        return self.around.program


def placement_at(document: Document, offset: int) -> Placement | None:
    """Where ``offset`` stands; None inside comments and numbers."""
    fragment = fragment_at(document.text.value, document.language, offset)
    if fragment is None:
        return None
    around, known = _surroundings(document, fragment, offset)
    scope = around.program.scope.innermost(known)
    program = fragment.walk(scope)
    semantics = Semantics(program, FragmentInference(around, program))
    node, key = _cursor_node(program)
    return Placement(document, known, around, scope, fragment, semantics, node, key, offset)


def _surroundings(document: Document, fragment: Fragment, offset: int) -> tuple[Inference, int]:
    """The types of the document, and the offset there that the cursor stands at.

    The text is walked anew only if it must be. While somebody types, all that comes before the
    statement is as it was when the script was last whole, and that walk serves; else the script is
    walked, with the statement mended when it is broken.
    """
    if not document.source.is_whole_and_walked:
        earlier = document.earlier
        if earlier is not None and earlier.program.tree.text.value.startswith(
            document.text.value[: fragment.first]
        ):
            return earlier, fragment.first
    if document.tree.is_broken and fragment.mended:
        return document.mended(fragment.mended), offset
    return document.inference, offset


class FragmentInference(Inference):
    """Types within a fragment: names of the document have the types they have there."""

    def __init__(self, outer: Inference, program: Program) -> None:
        super().__init__(outer.path, program, outer.catalog, outer.module)
        self._outer = outer
        self._own = set(program.declarations)

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


def _cursor_node(program: Program) -> tuple[Expression | None, Field | None]:
    """The node made of the name that was put at the cursor, and the table entry whose key it is."""
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
