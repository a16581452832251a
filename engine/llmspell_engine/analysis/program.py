"""A script as one walk leaves it: scopes, names, expressions. Pure facts of one text, never of others."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from llmspell_engine.analysis.nodes import Field, Literal, MemberAccess

if TYPE_CHECKING:
    from llmspell_engine.analysis.nodes import Call, Expression, Function, Index, Table
    from llmspell_engine.analysis.scopes import Declaration, Reference, Scope
    from llmspell_engine.language import Language
    from llmspell_engine.syntax import SyntaxTree


@dataclass(slots=True, eq=False)
class Import:
    """A module a script names: ``require("lib.format")``, ``import … from "./format.js"``."""

    path: Literal
    """The string that names the module."""
    is_dynamic: bool = False
    """Whether it is a call (``require``, ``import(…)``), whose value is the module."""


@dataclass(eq=False)
class Program:
    """Everything the walk of one file found, in the order of the text."""

    tree: SyntaxTree
    scope: Scope
    declarations: list[Declaration] = field(default_factory=list)
    """Every name the script makes, globals it assigns included."""
    globals: dict[str, Declaration] = field(default_factory=dict)
    """The globals the script assigns, by name."""
    references: list[Reference] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)
    member_accesses: list[MemberAccess] = field(default_factory=list)
    indexes: list[Index] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    functions: list[Function] = field(default_factory=list)
    strings: list[Literal] = field(default_factory=list)
    imports: list[Import] = field(default_factory=list)
    exports: dict[str, Expression] = field(default_factory=dict)
    """What a JavaScript module exports, by name; ``default`` too."""
    passed_on: list[str] = field(default_factory=list)
    """The modules whose exports are its own too: ``export * from "m"``."""
    returned: list[Expression] = field(default_factory=list)
    """What a Lua file returns at its end: the value of the module."""

    @property
    def language(self) -> Language:
        """The language of the script."""
        return self.tree.language

    def node_at(self, offset: int) -> Leaf | None:
        """The name, member, key or string that ``offset`` touches; where two meet, the one after it."""
        index = bisect_right(self._leaf_starts, offset) - 1
        for start, end, leaf in reversed(self._leaves[max(index - 3, 0) : index + 1]):
            if start <= offset <= end:
                return leaf
        return None

    def leaves_named(self, name: str) -> list[Leaf]:
        """The names, members and keys that are called so, in the order of the text."""
        return self._by_name.get(name, [])

    @cached_property
    def _by_name(self) -> dict[str, list[Leaf]]:
        found: dict[str, list[Leaf]] = {}
        for _, _, leaf in self._leaves:
            name = leaf.key if isinstance(leaf, Field) else getattr(leaf, "name", None)
            if name:
                found.setdefault(name, []).append(leaf)
        return found

    @cached_property
    def _leaves(self) -> list[tuple[int, int, Leaf]]:
        leaves: list[tuple[int, int, Leaf]] = [(one.start, one.end, one) for one in self.references]
        leaves += [(one.start, one.end, one) for one in self.declarations if one.end > one.start]
        leaves += [(one.name_start, one.name_end, one) for one in self.member_accesses]
        leaves += [(one.start, one.end, one) for one in self.strings]
        for table in self.tables:
            leaves += [(one.key_start, one.key_end, one) for one in table.fields if one.key is not None]
        leaves.sort(key=lambda leaf: (leaf[0], leaf[1]))
        return leaves

    @cached_property
    def _leaf_starts(self) -> list[int]:
        return [start for start, _, _ in self._leaves]


if TYPE_CHECKING:
    Leaf = Reference | Declaration | MemberAccess | Literal | Field
