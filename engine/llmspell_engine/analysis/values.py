"""What a value may be, as far as a script tells: the results of light inference."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from llmspell_engine.analysis.inference import Inference
    from llmspell_engine.analysis.nodes import Expression, Function, Table
    from llmspell_engine.analysis.scopes import Declaration
    from llmspell_engine.catalog.model import Entity, Member, Schema, Tool


@dataclass(frozen=True, slots=True)
class Unknown:
    """Anything."""


@dataclass(frozen=True, slots=True)
class Primitive:
    """A value whose members, if any, are those of its prototype."""

    name: Literal["string", "number", "integer", "boolean", "nil"]


@dataclass(frozen=True, slots=True, eq=False)
class Namespace:
    """A global with members: ``Agent``."""

    entity: Entity


@dataclass(frozen=True, slots=True, eq=False)
class Handle:
    """An object from the API: what ``Agent.create`` gives; for a tool's handle also which tool."""

    entity: Entity
    tool: Tool | None = None
    item: Type | None = None
    """What it gives one after the other, where that is known."""


@dataclass(frozen=True, slots=True, eq=False)
class Instance:
    """An object of the language itself: a promise."""

    entity: Entity
    """The prototype."""
    content: Type
    """What it holds or will hold."""


@dataclass(frozen=True, slots=True, eq=False)
class HostFunction:
    """A function of the API; for a method of a tool's handle also which tool."""

    member: Member
    owner: Entity
    tool: Tool | None = None
    item: Type | None = None
    """For a method of an array or stream, what its elements are; of a promise, what it brings."""


@dataclass(frozen=True, slots=True, eq=False)
class Callback:
    """A function the API calls or returns, described by its ``x-function`` schema."""

    schema: Schema
    item: Type | None = None
    """For an iterator, what it gives."""


@dataclass(frozen=True, slots=True, eq=False)
class Record:
    """A table with declared fields: a result or an option table."""

    name: str
    """The name of its definition; empty for an inline schema."""
    schema: Schema
    tool: Tool | None = None
    """The tool whose result it is: its payload has the tool's declared type."""


@dataclass(frozen=True, slots=True, eq=False)
class Sequence:
    """A list of like values."""

    items: Type
    places: tuple[Type, ...] = ()
    """For a list of known length, what stands at each place: then ``items`` may be unknown."""


@dataclass(frozen=True, slots=True, eq=False)
class TableValue:
    """A table, object or class of a script; ``home`` is the inference of the file that writes it."""

    table: Table | None
    declaration: Declaration | None
    """The name it is kept in, to whose fields more may be assigned."""
    home: Inference
    base: TableValue | None = None
    """Where members are looked up that it does not have: a superclass, or ``__index`` of its metatable."""


@dataclass(frozen=True, slots=True, eq=False)
class FunctionValue:
    """A function of a script."""

    function: Function
    home: Inference


@dataclass(frozen=True, slots=True, eq=False)
class ModuleValue:
    """The namespace of a JavaScript module."""

    home: Inference


Type: TypeAlias = (
    Unknown | Primitive | Namespace | Handle | Instance | HostFunction | Callback | Record | Sequence
    | TableValue | FunctionValue | ModuleValue
)  # fmt: skip

UNKNOWN = Unknown()


def element(container: Type, home: Inference | None = None) -> Type:
    """The type of what a list holds."""
    if isinstance(container, Sequence):
        return container.items
    if isinstance(container, TableValue) and container.table is not None:
        first = next((entry for entry in container.table.fields if entry.position == 0), None)
        if first is not None and not first.is_spread:
            return container.home.type_of(first.value)
    if isinstance(container, Record) and home is not None:
        others = container.schema.get("additionalProperties")
        if isinstance(others, dict):
            return home.from_schema(others)
    return UNKNOWN


def table_values(owner: TableValue, name: str) -> list[Expression]:
    """What a script puts under a key of its table: in the literal, then by assignment."""
    found: list[Expression] = []
    entry = owner.table.field(name) if owner.table is not None else None
    if entry is not None:
        found.append(entry.value)
    if owner.declaration is not None:
        found += owner.declaration.members.get(name, ())
    return found


def table_keys(owner: TableValue) -> list[str]:
    """The constant keys of a script's table, in the order they appear, then those of its bases."""
    keys = [entry.key for entry in owner.table.fields if entry.key] if owner.table is not None else []
    added = owner.declaration.members if owner.declaration is not None else {}
    inherited = table_keys(owner.base) if owner.base is not None else []
    return list(dict.fromkeys([*keys, *added, *inherited]))


def holder(owner: TableValue, name: str) -> TableValue:
    """The table that has a key: the owner or one of its bases; the owner when none has it."""
    one: TableValue | None = owner
    while one is not None:
        if table_values(one, name):
            return one
        one = one.base
    return owner


def same(first: Type, second: Type) -> bool:
    """Whether two types tell the same of a value."""
    if type(first) is not type(second):
        return False
    if isinstance(first, Handle) and isinstance(second, Handle):
        alike = first.entity is second.entity and first.tool is second.tool
        return alike and same(first.item or UNKNOWN, second.item or UNKNOWN)
    if isinstance(first, Record) and isinstance(second, Record):
        return first.schema is second.schema and first.tool is second.tool
    if isinstance(first, Instance) and isinstance(second, Instance):
        return first.entity is second.entity and same(first.content, second.content)
    if isinstance(first, Namespace) and isinstance(second, Namespace):
        return first.entity is second.entity
    if isinstance(first, HostFunction) and isinstance(second, HostFunction):
        return first.member is second.member
    if isinstance(first, Sequence) and isinstance(second, Sequence):
        return same(first.items, second.items)
    return first == second
