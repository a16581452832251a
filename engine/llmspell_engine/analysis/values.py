"""What a value may be, as far as a script tells: the results of light inference."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from llmspell_engine.analysis.inference import Inference
    from llmspell_engine.analysis.nodes import Function, Table
    from llmspell_engine.analysis.scopes import Declaration
    from llmspell_engine.catalog.model import Entity, Member, Schema, Tool


@dataclass(frozen=True, slots=True)
class Unknown:
    """Anything."""


@dataclass(frozen=True, slots=True)
class Primitive:
    """A value without members of its own."""

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


@dataclass(frozen=True, slots=True, eq=False)
class HostFunction:
    """A function of the API; for a method of a tool's handle also which tool."""

    member: Member
    owner: Entity
    tool: Tool | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Callback:
    """A function the API calls or returns, described by its ``x-function`` schema."""

    schema: Schema


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


@dataclass(frozen=True, slots=True, eq=False)
class TableValue:
    """A table, object or class of a script; ``home`` is the inference of the file that writes it."""

    table: Table | None
    declaration: Declaration | None
    """The name it is kept in, to whose fields more may be assigned."""
    home: Inference


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
    Unknown | Primitive | Namespace | Handle | HostFunction | Callback | Record | Sequence
    | TableValue | FunctionValue | ModuleValue
)  # fmt: skip

UNKNOWN = Unknown()
