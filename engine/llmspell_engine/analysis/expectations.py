"""What a call calls with which arguments, and which schema the place of a value demands."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING

from llmspell_engine.analysis import schemas
from llmspell_engine.analysis.catalog_types import CatalogTypes
from llmspell_engine.analysis.nodes import (
    Call,
    Expression,
    Field,
    Literal,
    MemberAccess,
    Name,
    Operation,
    Table,
)
from llmspell_engine.analysis.values import Callback, Handle, HostFunction, Primitive, TableValue, Type

if TYPE_CHECKING:
    from llmspell_engine.catalog.model import Schema, Tool

PROTECTED = {"pcall": 1, "xpcall": 2}
"""Functions that call their first argument, and how many arguments are their own."""


@dataclass(frozen=True, slots=True, eq=False)
class Called:
    """What a call calls."""

    target: Type
    arguments: tuple[Expression, ...]
    """What the target gets: for ``pcall(f, x)`` only ``x``."""
    skipped: int
    """How many parameters are filled before the first argument: 1 for ``s:rep(2)``."""


class Expectations(CatalogTypes, ABC):
    """The part of inference that looks from a value to the call or table around it."""

    @abstractmethod
    def type_of(self, expression: Expression) -> Type:
        """The type of an expression."""

    @abstractmethod
    def member_type(self, owner: Type, name: str) -> Type:
        """The type of ``owner.name``."""

    def named_tool(self, called: HostFunction, arguments: tuple[Expression, ...]) -> Tool | None:
        """The tool that a call names by a constant string, where a parameter takes tools' names."""
        for parameter, argument in zip(called.member.parameters, arguments, strict=False):
            if schemas.completion_source(self.catalog, parameter.schema) == "tool":
                if isinstance(argument, Literal) and isinstance(argument.value, str):
                    return self.catalog.tool(argument.value)
                return None
        return None

    def expected(self, expression: Expression) -> Schema | None:
        """The schema that the place of an expression demands: of a parameter or of an option."""
        parent = expression.parent
        if isinstance(parent, Call) and parent.callee is not expression:
            return self._expected_argument(parent, expression)
        if isinstance(parent, Field) and parent.parent is not None:
            return self._expected_field(parent, parent.parent)
        if isinstance(parent, Operation) and parent.operator in ("or", "||", "??", "?:", "await"):
            return self.expected(parent)
        return None

    def _expected_argument(self, call: Call, argument: Expression) -> Schema | None:
        called = self.called(call)
        index = next((i for i, one in enumerate(called.arguments) if one is argument), None)
        if index is None:
            return None
        index += called.skipped
        if isinstance(called.target, HostFunction):
            return self.parameter_schema(called.target, index, called.arguments)
        if isinstance(called.target, Callback):
            parameters = called.target.schema["x-function"].get("parameters", ())
            if index < len(parameters):
                found: Schema = parameters[index].get("schema", parameters[index])
                return found
        return None

    def called(self, call: Call) -> Called:
        """What a call calls with which arguments; ``pcall(f, x)`` calls ``f``."""
        is_protected = self.language == "lua" and called_name(call) in PROTECTED
        if is_protected and call.arguments and self._is_host_name(call.callee):
            skipped = PROTECTED[called_name(call)]
            given = self._besides_receiver(call.arguments[0], call.arguments[skipped:])
            return Called(self.type_of(call.arguments[0]), given, 0)
        target = self.type_of(call.callee)
        if call.style == "new" and isinstance(target, TableValue):
            target = self.member_type(target, "constructor")
        given = self._besides_receiver(call.callee, call.arguments)
        return Called(target, given, int(self._passes_receiver(call)))

    def _besides_receiver(
        self, callee: Expression, arguments: tuple[Expression, ...]
    ) -> tuple[Expression, ...]:
        """The arguments without the handle that ``pcall(a.execute, a, x)`` passes to its own method."""
        if self.language != "lua" or not isinstance(callee, MemberAccess) or not arguments:
            return arguments
        owner, first = callee.object, arguments[0]
        if callee.separator != "." or not isinstance(owner, Name) or not isinstance(first, Name):
            return arguments
        is_own = owner.name == first.name and isinstance(self.type_of(owner), Handle)
        return arguments[1:] if is_own else arguments

    def _is_host_name(self, callee: Expression) -> bool:
        reference = callee.reference if isinstance(callee, Name) else None
        return reference is None or reference.declaration is None

    def _passes_receiver(self, call: Call) -> bool:
        """Whether a colon call hands its receiver over as the first declared parameter: ``s:rep(2)``."""
        callee = call.callee
        if not isinstance(callee, MemberAccess) or callee.separator != ":":
            return False
        return isinstance(self.type_of(callee.object), Primitive)

    def parameter_schema(
        self, called: HostFunction, index: int, arguments: tuple[Expression, ...]
    ) -> Schema | None:
        """The schema of a parameter; a tool's own parameters where the call says which tool."""
        parameters = called.member.parameters
        if not parameters:
            return None
        if index >= len(parameters):
            return parameters[-1].schema if parameters[-1].variadic else None
        schema = parameters[index].schema
        if schemas.is_generic(self.catalog.resolve(schema)):
            tool = called.tool or self.named_tool(called, arguments)
            if tool is not None and index == self._tool_parameters_at(called):
                return tool.parameters
        return schema

    def _tool_parameters_at(self, called: HostFunction) -> int | None:
        """Which parameter carries the parameters of a tool: the first that takes any table."""
        for index, parameter in enumerate(called.member.parameters):
            resolved = self.catalog.resolve(parameter.schema)
            if schemas.is_generic(resolved):
                return index
        return None

    def _expected_field(self, field: Field, table: Table) -> Schema | None:
        demanded = self.expected(table)
        if demanded is None:
            return None
        if field.key is None:
            return schemas.items(self.catalog, demanded)
        arms = self.arms(table, demanded, besides=field)
        found = [one for arm in arms if (one := self._property(arm, field.key)) is not None]
        if any("x-parameters" in one for one in found):
            tool = self._tool_beside(table)
            if tool is not None:
                return tool.parameters
        return found[0] if len(found) == 1 else {"anyOf": found} if found else None

    def _tool_beside(self, table: Table) -> Tool | None:
        """The tool that an entry of a table names, for the parameters in another one."""
        entry = table.field("tool")
        if entry is None:
            return None
        if isinstance(entry.value, Literal):
            return self.catalog.tool(str(entry.value.value))
        kind = self.type_of(entry.value)
        return kind.tool if isinstance(kind, Handle) else None

    def tool_parameters(self, table: Table) -> str:
        """How a table has the parameters of the tool that is named beside it; empty for any other table."""
        field = table.parent
        around = field.parent if isinstance(field, Field) else None
        if not isinstance(field, Field) or field.key is None or around is None:
            return ""
        demanded = self.expected(around)
        arms = self.arms(around, demanded, besides=field) if demanded is not None else []
        found = (self._property(arm, field.key) or {} for arm in arms)
        return next((str(one["x-parameters"]) for one in found if "x-parameters" in one), "")

    def _property(self, arm: Schema, key: str) -> Schema | None:
        """The schema of a key, in the spelling of the language or of the schema itself."""
        for spelling, declared, schema in schemas.spelled_properties(arm, self.language):
            if key in (spelling, declared):
                return schema
        others = arm.get("additionalProperties")
        return others if isinstance(others, dict) else None

    def arms(self, table: Table, demanded: Schema, *, besides: Field | None = None) -> list[Schema]:
        """The object schemas a table may be meant for, narrowed by its constant entries and its keys."""
        arms = schemas.objects(self.catalog, demanded)
        if len(arms) < 2:
            return arms
        constants = {
            entry.key: entry.value.value
            for entry in table.fields
            if entry.key is not None and entry is not besides and isinstance(entry.value, Literal)
        }
        keys = [entry.key for entry in table.fields if entry.key is not None]
        return schemas.with_most(schemas.narrowed(arms, constants), keys, self.language)


def called_name(call: Call) -> str:
    """The name of the variable that is called; empty when it is not a mere name."""
    return call.callee.name if isinstance(call.callee, Name) else ""
