"""The expressions of a script, the same for Lua and JavaScript: what rules and questions look at.

One walk of the syntax tree (:mod:`.lua_walk`, :mod:`.javascript_walk`) lowers a file to these nodes.
Statements are not kept: what they do to names stands in :mod:`.scopes`. Every node knows its
``parent`` expression, so that a table literal can be asked which argument it is.

The classes are slotted but not frozen: a file has thousands of them, built on every key press,
and a frozen dataclass costs four times as much to make. Nobody changes them after the walk. Nodes
compare and hash by identity.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias
from typing import Literal as OneOf

from llmspell_engine.text import Span

if TYPE_CHECKING:
    from llmspell_engine.analysis.scopes import Declaration, Reference, Scope

Constant = str | int | float | bool | None
Separator = OneOf[".", ":", "?.", "["]
CallStyle = OneOf["parentheses", "table", "string", "template", "new"]
TableStyle = OneOf["table", "object", "array"]


@dataclass(slots=True, eq=False)
class Name:
    """A use of a variable: ``agent``."""

    start: int
    end: int
    name: str
    reference: Reference | None = None
    parent: Parent = None

    @property
    def span(self) -> Span:
        """Where it stands."""
        return Span(self.start, self.end)


@dataclass(slots=True, eq=False)
class Literal:
    """A constant: a string, number, boolean, or nil/null/undefined (``value`` None)."""

    start: int
    end: int
    value: Constant
    content: Span | None = None
    """For a string: the span between its quotes."""
    parent: Parent = None

    @property
    def span(self) -> Span:
        """Where it stands, quotes included."""
        return Span(self.start, self.end)


@dataclass(slots=True, eq=False)
class MemberAccess:
    """A member by a constant name: ``a.b``, ``a:b``, ``a?.b`` or ``a["b"]``."""

    start: int
    end: int
    object: Expression
    name: str
    name_start: int
    name_end: int
    separator: Separator
    is_write: bool = False
    parent: Parent = None

    @property
    def span(self) -> Span:
        """Where it stands, its object included."""
        return Span(self.start, self.end)

    @property
    def name_span(self) -> Span:
        """Where the member's name stands; without the quotes of ``a["b"]``."""
        return Span(self.name_start, self.name_end)


@dataclass(slots=True, eq=False)
class Index:
    """A member by a computed key: ``a[i]``."""

    start: int
    end: int
    object: Expression
    index: Expression
    is_write: bool = False
    parent: Parent = None

    @property
    def span(self) -> Span:
        """Where it stands."""
        return Span(self.start, self.end)


@dataclass(slots=True, eq=False)
class Call:
    """A call: ``f(x)``, ``a:b{…}``, ``f"x"``, ``new F(x)``."""

    start: int
    end: int
    callee: Expression
    arguments: tuple[Expression, ...]
    style: CallStyle
    arguments_start: int
    """Where the arguments begin, their opening parenthesis included."""
    scope: Scope | None = None
    """The innermost scope around the call."""
    is_statement: bool = False
    """Whether the result is dropped."""
    parent: Parent = None

    @property
    def span(self) -> Span:
        """Where it stands, callee and arguments."""
        return Span(self.start, self.end)

    @property
    def name_span(self) -> Span:
        """The name of what is called: the last name of the callee, or all of the callee."""
        callee = self.callee
        return callee.name_span if isinstance(callee, MemberAccess) else callee.span


@dataclass(slots=True, eq=False)
class Field:
    """An entry of a table, object or array literal."""

    start: int
    end: int
    key: str | None
    """The constant key; None for a positional entry, a computed key or a spread."""
    key_start: int
    key_end: int
    value: Expression
    computed: Expression | None = None
    """The key expression of ``[k] = v`` when it is no constant."""
    is_spread: bool = False
    is_shorthand: bool = False
    position: int | None = None
    """For a positional entry, its index from 0."""
    parent: Table | None = None

    @property
    def span(self) -> Span:
        """Key and value."""
        return Span(self.start, self.end)

    @property
    def key_span(self) -> Span:
        """The key as written, quotes excluded; empty for a positional entry."""
        return Span(self.key_start, self.key_end)


@dataclass(slots=True, eq=False)
class Table:
    """A table, object or array literal."""

    start: int
    end: int
    fields: tuple[Field, ...]
    style: TableStyle
    parent: Parent = None

    @property
    def span(self) -> Span:
        """Where it stands, braces included."""
        return Span(self.start, self.end)

    @property
    def is_open(self) -> bool:
        """Whether it has entries that no reader can name: spreads and computed keys."""
        return any(entry.is_spread or entry.computed is not None for entry in self.fields)

    def field(self, key: str) -> Field | None:
        """The entry of a constant key; the last wins, as when the script runs."""
        return next((entry for entry in reversed(self.fields) if entry.key == key), None)


@dataclass(slots=True, eq=False)
class Function:
    """A function literal, declaration, arrow or method."""

    start: int
    end: int
    name: str
    """As declared: ``f``, ``M.f``, ``M:f``; empty when anonymous."""
    name_start: int
    name_end: int
    parameters: list[Declaration] = field(default_factory=list)
    is_variadic: bool = False
    is_method: bool = False
    """Whether ``self`` or ``this`` is its receiver."""
    is_async: bool = False
    body_start: int = 0
    """Where its body begins: what stands above belongs to its parameters."""
    scope: Scope | None = None
    returns: list[Expression] = field(default_factory=list)
    """The first value of each return."""
    parent: Parent = None

    @property
    def span(self) -> Span:
        """All of it."""
        return Span(self.start, self.end)

    @property
    def name_span(self) -> Span:
        """Its name; empty when anonymous."""
        return Span(self.name_start, self.name_end)


@dataclass(slots=True, eq=False)
class Operation:
    """Anything else that has values inside: operators, templates, ``await``, spread.

    ``operator`` is the sign in the source or one of these words: ``await``, ``spread``, ``template``,
    ``result`` (one of several results of a call; ``index`` from 0), ``each-key`` and ``each-value``
    (what a loop takes from its operand), ``class``, ``error`` (inside text that is no valid script).
    """

    start: int
    end: int
    operator: str
    operands: tuple[Expression, ...]
    index: int = 0
    parent: Parent = None

    @property
    def span(self) -> Span:
        """Where it stands."""
        return Span(self.start, self.end)


Expression: TypeAlias = Name | Literal | MemberAccess | Index | Call | Table | Function | Operation
Parent: TypeAlias = MemberAccess | Index | Call | Field | Function | Operation | None
