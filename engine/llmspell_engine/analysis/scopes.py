"""Names of a script: where each is declared, where it is used, and what was assigned to it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from llmspell_engine.text import Span

if TYPE_CHECKING:
    from llmspell_engine.analysis.nodes import Expression, Function, Name

DeclarationKind = Literal[
    "local", "constant", "parameter", "loop", "function", "class", "import", "catch", "global"
]  # fmt: skip
ReferenceKind = Literal["read", "write", "update"]
ScopeKind = Literal["file", "function", "block", "class"]


@dataclass(slots=True, eq=False)
class Declaration:
    """A name made in a script. A global that a script assigns is declared where it is first assigned."""

    name: str
    kind: DeclarationKind
    start: int
    end: int
    visible_from: int
    """The first offset at which the name can be used (hoisted names: the start of the scope)."""
    scope: Scope
    usable_from: int = 0
    """Where a ``let``, ``const`` or ``class`` has its value: above that it is known but not usable."""
    values: list[Expression] = field(default_factory=list)
    """What is assigned to it anywhere, the initial value first; a loop variable or parameter has none."""
    members: dict[str, list[Expression]] = field(default_factory=dict)
    """What is assigned to its fields: ``M.f = …`` and ``function M.f() … end``."""
    references: list[Reference] = field(default_factory=list)
    is_implicit: bool = False
    """Whether nobody wrote it: ``self``, ``arguments``."""
    is_exported: bool = False
    attribute: str = ""
    """``const`` or ``close`` in Lua; ``var``, ``let`` or ``const`` in JavaScript."""
    function: Function | None = None
    """For a parameter: the function it belongs to."""

    @property
    def span(self) -> Span:
        """The name where it is declared."""
        return Span(self.start, self.end)

    @property
    def reads(self) -> list[Reference]:
        """The uses that need its value; ``x = x + 1`` reads, ``x = 1`` does not."""
        return [found for found in self.references if found.kind != "write"]


@dataclass(slots=True, eq=False)
class Reference:
    """A use of a name. ``declaration`` is None for a name the script itself never makes."""

    name: str
    start: int
    end: int
    kind: ReferenceKind
    scope: Scope
    declaration: Declaration | None = None
    node: Name | None = None
    """The expression it is; its ``parent`` tells what is done with the value."""

    @property
    def span(self) -> Span:
        """Where the name is used."""
        return Span(self.start, self.end)


@dataclass(slots=True, eq=False)
class Scope:
    """A region in which declarations live."""

    start: int
    end: int
    kind: ScopeKind
    parent: Scope | None
    function: Function | None = None
    """For a function scope, the function."""
    names: dict[str, list[Declaration]] = field(default_factory=dict)
    children: list[Scope] = field(default_factory=list)

    @property
    def function_scope(self) -> Scope:
        """The scope of the innermost function around, or of the file."""
        scope = self
        while scope.parent is not None and scope.kind != "function":
            scope = scope.parent
        return scope

    def lookup(self, name: str, offset: int) -> Declaration | None:
        """The declaration that ``name`` means at ``offset``, which lies in this scope."""
        scope: Scope | None = self
        while scope is not None:
            for made in reversed(scope.names.get(name, ())):
                if made.visible_from <= offset:
                    return made
            scope = scope.parent
        return None

    def visible(self, offset: int) -> dict[str, Declaration]:
        """All names that can be used at ``offset``, the innermost of each."""
        found: dict[str, Declaration] = {}
        scope: Scope | None = self
        while scope is not None:
            for name, made in scope.names.items():
                last = next((one for one in reversed(made) if one.visible_from <= offset), None)
                if last is not None:
                    found.setdefault(name, last)
            scope = scope.parent
        return found

    def innermost(self, offset: int) -> Scope:
        """The smallest scope inside this one that holds ``offset``."""
        scope = self
        while True:
            inner = next((one for one in reversed(scope.children) if one.start <= offset <= one.end), None)
            if inner is None:
                return scope
            scope = inner
