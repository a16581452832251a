"""Light inference: which entity of the catalog, table or function an expression is.

Types are found on demand and remembered. What cannot be told is :data:`~.values.UNKNOWN`, never a
guess: a rule that trusts a type must not raise false alarms. A global that the script assigns, or a
name it declares, hides the host's.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from llmspell_engine.analysis import schemas
from llmspell_engine.analysis.catalog_types import PRIMITIVES
from llmspell_engine.analysis.derived import brought, derived
from llmspell_engine.analysis.expectations import PROTECTED, Expectations, called_name
from llmspell_engine.analysis.exports import exports_of
from llmspell_engine.analysis.nodes import (
    Call,
    Expression,
    Function,
    Index,
    Literal,
    MemberAccess,
    Name,
    Operation,
    Table,
)
from llmspell_engine.analysis.values import (
    UNKNOWN,
    Callback,
    FunctionValue,
    HostFunction,
    ModuleValue,
    Namespace,
    Record,
    Sequence,
    TableValue,
    Type,
    element,
    holder,
    same,
    table_values,
)
from llmspell_engine.catalog.model import Catalog, Entity, Schema, Tool

if TYPE_CHECKING:
    from collections.abc import Callable

    from llmspell_engine.analysis.program import Program
    from llmspell_engine.analysis.scopes import Declaration

_DEEPEST = 200
"""How long a chain of calls and names is followed."""
_GLOBAL_TABLES = frozenset({"_G", "_ENV", "globalThis"})
_ARITHMETIC = frozenset({"+", "-", "*", "/", "%", "//", "^", "**", "#", "&", "|", "~", "<<", ">>", "++"})
_BOOLEAN = frozenset({"not", "!", "==", "~=", "!=", "===", "!==", "<", ">", "<=", ">=", "in", "instanceof"})


class Inference(Expectations):
    """The types of one program's expressions, given the catalog and the modules it names."""

    def __init__(
        self, path: str, program: Program, catalog: Catalog, module: Callable[[str], Inference | None]
    ) -> None:
        super().__init__(catalog, program.language)
        self.path = path
        self.program = program
        self.module = module
        self._types: dict[Expression, Type] = {}
        self._declared: dict[Declaration, Type] = {}
        self._depth = 0

    def type_of(self, expression: Expression) -> Type:
        """The type of an expression."""
        known = self._types.get(expression)
        if known is not None:
            return known
        if self._depth >= _DEEPEST:
            return UNKNOWN
        self._types[expression] = UNKNOWN
        self._depth += 1
        found = self._infer(expression)
        self._depth -= 1
        self._types[expression] = found
        return found

    def _infer(self, expression: Expression) -> Type:
        if isinstance(expression, Name):
            return self._name(expression)
        if isinstance(expression, MemberAccess):
            if isinstance(expression.object, Name) and self._is_global_table(expression.object):
                return self.global_type(expression.name)
            return self.member_type(self.type_of(expression.object), expression.name)
        if isinstance(expression, Call):
            return self._call(expression)
        if isinstance(expression, Literal):
            return _literal(expression)
        if isinstance(expression, Table):
            return TableValue(expression, None, self)
        if isinstance(expression, Function):
            return FunctionValue(expression, self)
        if isinstance(expression, Index):
            return self._indexed(expression)
        return self._operation(expression)

    # Names

    def _name(self, name: Name) -> Type:
        reference = name.reference
        if reference is None or reference.declaration is None:
            return self.global_type(name.name)
        return self.declaration_type(reference.declaration)

    def global_entity(self, name: str) -> Entity | None:
        """The host's global of a name, unless the script assigns it."""
        if name in self.program.globals:
            return None
        return self.catalog.global_of(name, self.language)

    def global_type(self, name: str) -> Type:
        """The type of a name that the script does not declare."""
        entity = self.global_entity(name)
        if entity is None:
            return UNKNOWN
        if entity.kind == "function" and entity.call is not None:
            return HostFunction(entity.call, entity)
        if entity.kind == "value" and entity.schema is not None and not entity.members:
            return self.from_schema(entity.schema)
        return Namespace(entity)

    def _is_global_table(self, name: Name) -> bool:
        undeclared = name.reference is None or name.reference.declaration is None
        return name.name in _GLOBAL_TABLES and undeclared

    def declaration_type(self, made: Declaration) -> Type:
        """The type of a name: what all values assigned to it agree on."""
        known = self._declared.get(made)
        if known is not None:
            return known
        self._declared[made] = UNKNOWN
        found = self._parameter(made) if made.kind == "parameter" and not made.values else self._agreed(made)
        if isinstance(found, TableValue) and found.declaration is None and found.home is self:
            found = replace(found, declaration=made)
        self._declared[made] = found
        return found

    def _agreed(self, made: Declaration) -> Type:
        given = [value for value in made.values if not (isinstance(value, Literal) and value.value is None)]
        found = [self.type_of(value) for value in given]
        if not found:
            return UNKNOWN
        first = found[0]
        return first if all(same(first, other) for other in found[1:]) else UNKNOWN

    def _parameter(self, made: Declaration) -> Type:
        """A callback's parameter has the type that the function it is passed to declares."""
        function = made.function
        if function is None or made not in function.parameters:
            return UNKNOWN
        schema = self.expected(function)
        if schema is None:
            return UNKNOWN
        index = function.parameters.index(made)
        called = self.called(function.parent).target if isinstance(function.parent, Call) else UNKNOWN
        item = called.item if isinstance(called, HostFunction) else None
        if "item" in schema.get("x-receives", ())[index : index + 1]:
            return item or UNKNOWN
        for arm in schemas.alternatives(self.catalog, schema):
            callback = arm.get("x-function", {})
            parameters = callback.get("parameters", ())
            if index < len(parameters):
                return self._element(parameters[index].get("schema", parameters[index]), item)
        return UNKNOWN

    # Members

    def member_type(self, owner: Type, name: str) -> Type:
        """The type of ``owner.name``."""
        member = self.host_member(owner, name)
        if member is not None:
            return self._host_member_type(owner, member)
        if isinstance(owner, Namespace):
            return self._indexed_tool(owner.entity, name)
        if isinstance(owner, Record):
            return self._field_type(owner, name)
        if isinstance(owner, TableValue):
            table = holder(owner, name)
            values = table_values(table, name)
            return table.home.type_of(values[0]) if values else UNKNOWN
        if isinstance(owner, ModuleValue):
            found = exports_of(owner.home).values.get(name)
            return found.home.type_of(found.value) if found is not None else UNKNOWN
        return UNKNOWN

    # Calls

    def _call(self, call: Call) -> Type:
        callee = call.callee
        if isinstance(callee, Name) and (callee.reference is None or callee.reference.declaration is None):
            special = self._special_call(callee.name, call)
            if special is not None:
                return special
        if isinstance(callee, Operation) and callee.operator == "import":
            return self._instance("Promise", self._imported(call))
        return self.result_type(self.type_of(callee), call)

    def _special_call(self, name: str, call: Call) -> Type | None:
        """Functions of the language that pass on what they are given."""
        if name == "require" and self.language == "lua":
            return self._imported(call)
        if name == "setmetatable" and len(call.arguments) > 1:
            return self._with_base(self.type_of(call.arguments[0]), self.type_of(call.arguments[1]))
        if name in ("setmetatable", "assert") and call.arguments:
            return self.type_of(call.arguments[0])
        return None

    def _with_base(self, found: Type, metatable: Type) -> Type:
        """A table that looks members up in ``__index`` of its metatable."""
        base = self.member_type(metatable, "__index")
        if not isinstance(found, TableValue) or not isinstance(base, TableValue):
            return found
        return replace(found, base=base)

    def _class(self, operands: tuple[Expression, ...]) -> Type:
        """The members of a class, and of the class it extends."""
        members, *heritage = (self.type_of(operand) for operand in operands)
        base = heritage[0] if heritage else None
        if not isinstance(members, TableValue) or not isinstance(base, TableValue):
            return members
        return replace(members, base=base)

    def _imported(self, call: Call) -> Type:
        path = call.arguments[0] if call.arguments else None
        if not isinstance(path, Literal) or not isinstance(path.value, str):
            return UNKNOWN
        return self.module_type(path.value)

    def module_type(self, path: str) -> Type:
        """The value of the module a script names by ``path``."""
        home = self.module(path)
        if home is None:
            return UNKNOWN
        if home.language == "javascript":
            return ModuleValue(home)
        return home.type_of(home.program.returned[-1]) if home.program.returned else UNKNOWN

    def result_type(self, called: Type, call: Call | None) -> Type:
        """The type of what calling gives; for ``new`` of a class, its members."""
        if isinstance(called, HostFunction):
            tool = called.tool or (self.named_tool(called, call.arguments) if call else None)
            returns = called.member.returns or {}
            found = derived(self, called, returns, call) or self._given(called, returns, tool)
            return (
                self.promise(found) if "x-promise" in (called.member.result(self.language) or ()) else found
            )
        if isinstance(called, Callback):
            return self._element(called.schema["x-function"].get("returns") or {}, called.item)
        if isinstance(called, FunctionValue):
            returned = self._returned(called)
            return called.home.promise(returned) if called.function.is_async else returned
        if call is not None and call.style == "new":
            return self._made(called)
        return UNKNOWN

    def _given(self, called: HostFunction, returns: Schema, tool: Tool | None) -> Type:
        """What a function of the host gives; of an array's method perhaps an element, or some of them."""
        returns = schemas.without_null(returns)
        if called.item is not None and "x-item" in returns:
            return called.item
        if called.item is not None and "x-function" in returns:
            return Callback(returns, called.item)
        if called.item is not None and "x-item" in returns.get("items", ()):
            return Sequence(called.item)
        return self.from_schema(returns, tool)

    def _made(self, called: Type) -> Type:
        """What ``new`` gives."""
        if isinstance(called, Namespace):
            return self._instance(called.entity.name, UNKNOWN)
        return called if isinstance(called, TableValue) else UNKNOWN

    def _returned(self, called: FunctionValue) -> Type:
        found = [called.home.type_of(value) for value in called.function.returns]
        known = [one for one in found if one is not UNKNOWN and one != PRIMITIVES["null"]]
        if not known or not all(same(known[0], other) for other in known[1:]):
            return UNKNOWN
        return known[0]

    # Operators

    def _operation(self, operation: Operation) -> Type:
        operator, operands = operation.operator, operation.operands
        if operator in ("await", "or", "||", "??", ",", "&&", "and", "?:"):
            return self._passed_on(operator, operands)
        if operator == "class":
            return self._class(operands)
        if operator == "result":
            return self._later_result(operation)
        if operator == "module" and isinstance(operands[0], Literal):
            return self.module_type(str(operands[0].value))
        if operator in ("each-key", "each-value", "item"):
            return self._taken(operation)
        if operator in ("..", "template"):
            return PRIMITIVES["string"]
        if operator in _BOOLEAN:
            return PRIMITIVES["boolean"]
        if operator in _ARITHMETIC and self.language == "lua":
            return PRIMITIVES["number"]
        return UNKNOWN

    def _passed_on(self, operator: str, operands: tuple[Expression, ...]) -> Type:
        """Operators that give one of their operands."""
        if operator in (",", "&&", "and"):
            return self.type_of(operands[-1]) if operands else UNKNOWN
        chosen = operands[1:] if operator == "?:" else operands
        found = (self.type_of(operand) for operand in chosen)
        if operator == "await":
            found = (brought(one) for one in found)
        return next((one for one in found if one is not UNKNOWN), UNKNOWN)

    def _later_result(self, operation: Operation) -> Type:
        """The results after the first: ``local ok, agent = pcall(Agent.create, {…})``."""
        call = operation.operands[0]
        if not isinstance(call, Call) or called_name(call) not in PROTECTED or operation.index != 1:
            return UNKNOWN
        called = self.called(call)
        return self.result_type(called.target, replace(call, arguments=called.arguments))

    def _taken(self, operation: Operation) -> Type:
        """What a loop or a pattern takes out of its operand."""
        operand = operation.operands[0]
        if operation.operator == "item":
            return self._place(self.type_of(operand), operation.index)
        if operation.operator == "each-value":
            return self._each(operand)
        given = self.iterated(self.type_of(operand)) if self.language == "lua" else None
        return given or UNKNOWN if operation.index == 0 else UNKNOWN

    def _each(self, operand: Expression) -> Type:
        if isinstance(operand, Call) and operand.arguments and called_name(operand) in ("pairs", "ipairs"):
            return element(self.type_of(operand.arguments[0]), self)
        container = self.type_of(operand)
        return self.iterated(container) or element(container, self)

    def _indexed(self, expression: Index) -> Type:
        container, key = self.type_of(expression.object), expression.index
        if not isinstance(key, Literal) or type(key.value) is not int:
            return element(container, self)
        return self._place(container, key.value - (self.language == "lua"))

    def _place(self, container: Type, index: int) -> Type:
        """What stands at a place of a list."""
        if isinstance(container, Sequence) and container.places:
            return container.places[index] if 0 <= index < len(container.places) else UNKNOWN
        if isinstance(container, TableValue) and container.table is not None and not container.table.is_open:
            placed = (one.value for one in container.table.fields if one.position == index)
            return next((container.home.type_of(value) for value in placed), UNKNOWN)
        return element(container, self)


def _literal(literal: Literal) -> Type:
    value = literal.value
    if isinstance(value, bool):
        return PRIMITIVES["boolean"]
    if isinstance(value, str):
        return PRIMITIVES["string"]
    if isinstance(value, int):
        return PRIMITIVES["integer"]
    return PRIMITIVES["number"] if value is not None else PRIMITIVES["null"]
