"""What rules and questions ask of one script: names, calls, members and option tables, with what they mean.

All of it hangs on one :class:`Semantics`, which :attr:`Document.semantics <.workspace.Document>` gives:

- ``declarations``, ``references``: every name made and used (:mod:`.scopes`). A reference whose
  ``declaration`` is None is a name of the host (``semantics.host_global(name)``) or an undefined one.
- ``calls``: a :class:`CallSite` for each call: the member or tool called, arguments as nodes.
- ``member_accesses``: a :class:`MemberUse` for each ``a.b``, ``a:b``, ``a["b"]``: what owns it and
  whether it is known.
- ``tables``: an :class:`OptionTable` for each table that a schema of the catalog describes, nested ones
  and elements of lists too.
- ``type_of(expression)``: the inferred type of any node (:mod:`.values`); ``expected(expression)``: the
  schema its place demands. Rules about values look at ``calls`` and ``tables`` and compare.

Nodes (:mod:`.nodes`) carry offsets (``start``, ``end``, ``span``). Everything is computed once, when
first asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from llmspell_engine.analysis import schemas
from llmspell_engine.analysis.exports import exports_of
from llmspell_engine.analysis.nodes import Call, Field, Literal, Name, Operation, Table
from llmspell_engine.analysis.values import (
    FunctionValue,
    HostFunction,
    ModuleValue,
    Namespace,
    Record,
    TableValue,
    Type,
    table_keys,
)
from llmspell_engine.catalog.model import spelled

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from llmspell_engine.analysis.inference import Inference
    from llmspell_engine.analysis.nodes import Expression, Function, MemberAccess
    from llmspell_engine.analysis.program import Import, Program
    from llmspell_engine.analysis.scopes import Declaration, Reference
    from llmspell_engine.catalog.model import Catalog, Entity, Member, Parameter, Schema, Tool
    from llmspell_engine.language import Language


@dataclass(frozen=True, slots=True, eq=False)
class CallSite:
    """A call and what it calls, as far as known."""

    call: Call
    arguments: tuple[Expression, ...]
    """What the target is given; for ``pcall(f, x)`` only ``x``."""
    target: Type
    """The type of what is called; for ``pcall(f, x)`` that of ``f``."""
    member: Member | None
    """The function of the catalog that is called."""
    owner: Entity | None
    """The global or handle the member belongs to."""
    function: Function | None
    """The function of a script that is called."""
    tool: Tool | None
    """The tool called: named by a constant, or that of a tool's handle."""
    tool_name: Literal | None
    """The string where a parameter takes a tool's name, whether such a tool exists or not."""
    skipped: int
    """How many parameters the call fills before its first argument (1 for ``s:rep(2)``)."""

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """The declared parameters that the written arguments fill."""
        return self.member.parameters[self.skipped :] if self.member is not None else ()


@dataclass(frozen=True, slots=True, eq=False)
class MemberUse:
    """A member by name: who owns it and what is known of it."""

    access: MemberAccess
    owner: Type
    member: Member | None
    """The member of the catalog."""
    schema: Schema | None
    """The schema of a record's field."""
    is_known: bool
    """Whether the owner has it or may have it; False only for members of the API, of declared records
    and of JavaScript modules, which surely do not exist."""
    names: tuple[str, ...]
    """The names the owner is known to have, for a suggestion; empty for a member that is found."""


@dataclass(frozen=True, slots=True, eq=False)
class Option:
    """A key that an option table may have."""

    name: str
    """As the language spells it."""
    declared: str
    """The snake_case name of the schema."""
    schema: Schema
    required: bool


@dataclass(frozen=True, slots=True, eq=False)
class OptionTable:
    """A table literal and the schema that describes it."""

    table: Table
    title: str
    """What it holds, for messages: ``AgentOptions``, ``parameters of the tool 'calculator'``."""
    tool: Tool | None
    schema: Schema
    """The object schema, references resolved; of a union, the first arm that fits."""
    options: Mapping[str, Option]
    """By spelling, in the order of declaration; of a union, those of every arm that fits."""
    is_closed: bool
    """Whether other keys are errors."""
    is_partial: bool = False
    """Whether what is required may come from elsewhere when the script runs."""

    def option(self, key: str) -> Option | None:
        """The option a key means; a tool's parameters may be spelled in snake_case everywhere."""
        found = self.options.get(key)
        if found is not None or self.tool is None:
            return found
        return next((option for option in self.options.values() if option.declared == key), None)

    @property
    def entries(self) -> list[tuple[Field, Option | None]]:
        """The entries with constant keys, and the option each means."""
        return [(entry, self.option(entry.key)) for entry in self.table.fields if entry.key is not None]

    @property
    def missing(self) -> list[Option]:
        """Required options that are not given; none when a spread or computed key may give them.

        An operation may require options of its own, and an older name (``x-alias``) gives what it names.
        """
        if self.table.is_open or self.is_partial:
            return []
        entries = [(entry, option) for entry, option in self.entries if option is not None]
        given = {option.declared for _, option in entries}
        given |= {option.schema["x-alias"] for _, option in entries if "x-alias" in option.schema}
        choices = schemas.needed(
            self.schema, {option.declared: _known(entry.value) for entry, option in entries}
        )
        needed = {names[0] for names in choices if not given.intersection(names)}
        return [
            option
            for option in self.options.values()
            if (option.required or option.declared in needed) and option.declared not in given
        ]


def _known(value: Expression) -> object:
    return value.value if isinstance(value, Literal) else schemas.UNSURE


def _may_be_error(access: MemberAccess) -> bool:
    """Whether the owner is what ``pcall`` gave: a result, or an error with members of its own."""
    owner = access.object
    made = owner.reference.declaration if isinstance(owner, Name) and owner.reference is not None else None
    return made is not None and any(
        isinstance(one, Operation) and one.operator == "result" for one in made.values
    )


class Semantics:
    """The meaning of one script within its snapshot."""

    def __init__(self, program: Program, inference: Inference) -> None:
        self.program = program
        self.inference = inference
        self.catalog: Catalog = inference.catalog
        self.language: Language = program.language

    @property
    def declarations(self) -> list[Declaration]:
        """Every name the script makes, in the order of the text."""
        return self.program.declarations

    @property
    def references(self) -> list[Reference]:
        """Every use of a name, in the order of the walk."""
        return self.program.references

    @property
    def functions(self) -> list[Function]:
        """Every function, outer before inner."""
        return self.program.functions

    @property
    def imports(self) -> list[Import]:
        """The modules the script names."""
        return self.program.imports

    @cached_property
    def calls(self) -> tuple[CallSite, ...]:
        """Every call, inner before outer."""
        return tuple(self.call_site(call) for call in self.program.calls)

    @cached_property
    def member_accesses(self) -> tuple[MemberUse, ...]:
        """Every member by a constant name."""
        return tuple(self.member_use(access) for access in self.program.member_accesses)

    @cached_property
    def tables(self) -> tuple[OptionTable, ...]:
        """Every table literal that a schema describes."""
        found = (self.option_table(table) for table in self.program.tables)
        return tuple(table for table in found if table is not None)

    @cached_property
    def used_names(self) -> dict[str, list[str]]:
        """The constant names that the script gives or uses, by what fills such a string elsewhere."""
        return self.used_names_but(-1)

    def used_names_but(self, offset: int) -> dict[str, list[str]]:
        """The same without the string at an offset, which is being written."""
        return self._names_by((schemas.completion_source, schemas.named_source), offset)

    @cached_property
    def given_names(self) -> dict[str, list[str]]:
        """The constant names that the script gives to what it makes, by what fills such a string."""
        return self.given_names_but(-1)

    def given_names_but(self, offset: int) -> dict[str, list[str]]:
        """The same without the string at an offset, which is being written."""
        return self._names_by((schemas.named_source,), offset)

    def _names_by(
        self, sources: tuple[Callable[[Catalog, Schema], str | None], ...], offset: int
    ) -> dict[str, list[str]]:
        found: dict[str, dict[str, None]] = {}
        for string in self.program.strings:
            if not isinstance(string.value, str) or not string.value or string.start <= offset <= string.end:
                continue
            demanded = self.expected(string) if isinstance(string.parent, Call | Field) else None
            if demanded is None:
                continue
            for source in (source_of(self.catalog, demanded) for source_of in sources):
                if source is not None:
                    found.setdefault(source, {}).setdefault(string.value)
        return {source: list(names) for source, names in found.items()}

    def type_of(self, expression: Expression) -> Type:
        """The type of an expression; ``UNKNOWN`` when the script does not tell."""
        return self.inference.type_of(expression)

    def expected(self, expression: Expression) -> Schema | None:
        """The schema of the parameter or option whose value the expression is."""
        return self.inference.expected(expression)

    def host_global(self, name: str) -> Entity | None:
        """The global of the API, unless the script assigns it."""
        return self.inference.global_entity(name)

    def call_site(self, call: Call) -> CallSite:
        """What a call calls."""
        called = self.inference.called(call)
        target, arguments, skipped = called.target, called.arguments, called.skipped
        function = target.function if isinstance(target, FunctionValue) else None
        if not isinstance(target, HostFunction):
            return CallSite(call, arguments, target, None, None, function, None, None, skipped)
        tool = target.tool or self.inference.named_tool(target, arguments)
        name = self._tool_name(target, arguments)
        return CallSite(call, arguments, target, target.member, target.owner, None, tool, name, skipped)

    def _tool_name(self, target: HostFunction, arguments: tuple[Expression, ...]) -> Literal | None:
        for parameter, argument in zip(target.member.parameters, arguments, strict=False):
            names_tool = schemas.completion_source(self.catalog, parameter.schema) == "tool"
            if names_tool and isinstance(argument, Literal) and isinstance(argument.value, str):
                return argument
        return None

    def member_use(self, access: MemberAccess) -> MemberUse:
        """What a member by name is."""
        owner = self.type_of(access.object)
        member = self.inference.host_member(owner, access.name)
        schema = self.inference.property_schema(owner, access.name) if isinstance(owner, Record) else None
        if member is not None or schema is not None:
            return MemberUse(access, owner, member, schema, True, ())
        if _may_be_error(access):
            return MemberUse(access, owner, None, None, True, ())
        names = self.member_names(owner)
        if isinstance(owner, Namespace) and self.inference.indexed_by_tools(owner.entity) is not None:
            names += tuple(self.catalog.tools) if access.separator == "[" else ()
            return MemberUse(access, owner, None, None, self.catalog.tool(access.name) is not None, names)
        is_known = isinstance(owner, TableValue) or not names or access.name in names
        return MemberUse(access, owner, None, None, is_known, names)

    def member_names(self, owner: Type) -> tuple[str, ...]:
        """All names a value has, as the language spells them; empty when it may have others."""
        entity = self.inference.host_entity(owner)
        if entity is not None:
            members = entity.members.values()
            return tuple(
                spelled(one.name, self.language) for one in members if self.language in one.languages
            )
        if isinstance(owner, Record):
            return self._record_names(owner)
        if isinstance(owner, TableValue):
            return tuple(table_keys(owner)) if owner.table is not None and not owner.table.is_open else ()
        if isinstance(owner, ModuleValue):
            exports = exports_of(owner.home)
            return tuple(exports.values) if exports.is_whole else ()
        return ()

    def _record_names(self, owner: Record) -> tuple[str, ...]:
        arms = schemas.objects(self.catalog, owner.schema)
        if any(arm.get("additionalProperties") not in (False, None) for arm in arms):
            return ()
        pairs = (pair for arm in arms for pair in schemas.spelled_properties(arm, self.language))
        return tuple(dict.fromkeys(spelling for spelling, _, _ in pairs))

    def option_table(self, table: Table) -> OptionTable | None:
        """The schema a table literal is checked against; None when nothing describes it."""
        demanded = self.expected(table)
        if demanded is None:
            return None
        arms = [arm for arm in self.inference.arms(table, demanded) if "properties" in arm]
        if not arms:
            return None
        tool = self._tool_of(table, demanded)
        return OptionTable(
            table,
            self._title(demanded, arms, tool),
            tool,
            arms[0],
            self._options(arms),
            all(arm.get("additionalProperties") is False for arm in arms),
            tool is not None and self.inference.tool_parameters(table) == "some",
        )

    def may_be_template(self, value: Expression) -> bool:
        """Whether a value has a template in it, and stands where templates are filled in."""
        if "{{" not in self.program.tree.text.value[value.start : value.end]:
            return False
        around: Expression | Field | None = value.parent
        while around is not None:
            if isinstance(around, Table) and self.inference.tool_parameters(around) == "templates":
                return True
            around = around.parent
        return False

    def _options(self, arms: list[Schema]) -> dict[str, Option]:
        found: dict[str, Option] = {}
        for arm in arms:
            required = arm.get("required", ())
            for spelling, declared, schema in schemas.spelled_properties(arm, self.language):
                everywhere = declared in required and all(declared in one.get("required", ()) for one in arms)
                known = found.get(spelling)
                allowed = schemas.either(known.schema, schema) if known else schema
                found[spelling] = Option(spelling, declared, allowed, everywhere)
        return found

    def _tool_of(self, table: Table, demanded: Schema) -> Tool | None:
        tools = self.catalog.tools.values()
        return next((tool for tool in tools if tool.parameters is demanded), None)

    def _title(self, demanded: Schema, arms: list[Schema], tool: Tool | None) -> str:
        if tool is not None:
            return f"parameters of the tool '{tool.name}'"
        named = [schemas.definition_name(self.catalog, arm) for arm in arms]
        if all(named) and (len(arms) == 1 or "$ref" not in demanded):
            return " or ".join(named)
        reference = str(demanded.get("$ref", "")).rsplit("/", 1)[-1]
        return reference or str(demanded.get("title", "")) or "options"
