"""What the catalog says of a value: the type that a schema describes, and the members a type has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmspell_engine.analysis import schemas
from llmspell_engine.analysis.derived import brought
from llmspell_engine.analysis.values import (
    UNKNOWN,
    Callback,
    Handle,
    HostFunction,
    Instance,
    Namespace,
    Primitive,
    Record,
    Sequence,
    TableValue,
    Type,
    element,
)

if TYPE_CHECKING:
    from llmspell_engine.catalog.model import Catalog, Entity, Member, Schema, Tool
    from llmspell_engine.language import Language


PRIMITIVES: dict[str, Primitive] = {
    "string": Primitive("string"),
    "number": Primitive("number"),
    "integer": Primitive("integer"),
    "boolean": Primitive("boolean"),
    "null": Primitive("nil"),
}
_PROTOTYPES = {"string": "String", "number": "Number", "integer": "Number"}
"""The kinds of primitives that have members, by the name of their prototype."""
_PAYLOADS = frozenset({"result", "output", "data"})


class CatalogTypes:
    """The types of one language's side of a catalog; no script is looked into."""

    def __init__(self, catalog: Catalog, language: Language) -> None:
        self.catalog = catalog
        self.language = language

    def indexed_by_tools(self, entity: Entity) -> Member | None:
        """The function that a global's index stands for: ``Tool["calculator"]`` is ``Tool.get``."""
        getter = entity.members.get("get")
        if getter is None or not getter.parameters or getter.returns is None:
            return None
        source = schemas.completion_source(self.catalog, getter.parameters[0].schema)
        return getter if source == "tool" else None

    def _indexed_tool(self, entity: Entity, name: str) -> Type:
        getter, tool = self.indexed_by_tools(entity), self.catalog.tool(name)
        if getter is None or getter.returns is None or tool is None:
            return UNKNOWN
        return self.from_schema(getter.returns, tool)

    def host_entity(self, owner: Type) -> Entity | None:
        """The entity whose members a value has: that of the API, or the prototype of its kind."""
        if isinstance(owner, Namespace | Handle | Instance):
            return owner.entity
        if isinstance(owner, Primitive):
            return self.catalog.prototype(_PROTOTYPES.get(owner.name, ""), self.language)
        if isinstance(owner, Sequence) or (isinstance(owner, TableValue) and _is_array(owner)):
            return self.catalog.prototype("Array", self.language)
        if isinstance(owner, HostFunction) and owner.owner.call is owner.member:
            return owner.owner
        return None

    def host_member(self, owner: Type, name: str) -> Member | None:
        """The member of the catalog that ``owner.name`` is."""
        entity = self.host_entity(owner)
        return entity.member(name, self.language) if entity is not None else None

    def _host_member_type(self, owner: Type, member: Member) -> Type:
        if member.kind == "field":
            return self.from_schema(member.returns or {})
        entity = self.host_entity(owner)
        assert entity is not None
        if isinstance(owner, Instance):
            return HostFunction(member, entity, item=owner.content)
        if isinstance(owner, Sequence | TableValue):
            return HostFunction(member, entity, item=element(owner))
        if isinstance(owner, Handle):
            return HostFunction(member, entity, owner.tool, owner.item)
        return HostFunction(member, entity)

    def property_schema(self, owner: Record, name: str) -> Schema | None:
        """The declared schema of a record's field, by its spelling in the script."""
        for arm in schemas.objects(self.catalog, owner.schema):
            for spelling, declared, schema in schemas.spelled_properties(arm, self.language):
                if spelling == name:
                    payload = owner.tool is not None and declared in _PAYLOADS
                    if payload and owner.tool is not None and schemas.is_generic(schema):
                        return owner.tool.returns
                    return schema
        return None

    def _field_type(self, owner: Record, name: str) -> Type:
        schema = self.property_schema(owner, name)
        if schema is not None:
            return self.from_schema(schema)
        for arm in schemas.objects(self.catalog, owner.schema):
            others = arm.get("additionalProperties")
            if isinstance(others, dict):
                return self.from_schema(others)
        return UNKNOWN

    def from_schema(self, schema: Schema, tool: Tool | None = None) -> Type:
        """The type a schema describes."""
        present = schemas.without_null(schema)
        if present is not schema:
            return self.from_schema(present, tool)
        name = str(schema.get("$ref", "")).rsplit("/", 1)[-1]
        arms = schemas.alternatives(self.catalog, schema)
        if len(arms) == 1:
            return self._from_arm(arms[0], name, tool)
        if arms and all(schemas.is_object(arm) and "properties" in arm for arm in arms):
            return Record(name, schema, tool)
        return UNKNOWN

    def _from_arm(self, arm: Schema, name: str, tool: Tool | None) -> Type:
        if "x-handle" in arm:
            return self._handle(str(arm["x-handle"]), tool, arm.get("x-holds"))
        if "x-promise" in arm:
            return self.promise(self.from_schema(arm["x-promise"] or {}, tool))
        if "x-function" in arm:
            return Callback(arm)
        kinds = schemas.kinds(arm) - {"null"}
        if "properties" in arm or isinstance(arm.get("additionalProperties"), dict):
            return Record(name, arm, tool)
        if kinds == {"array"}:
            return Sequence(self.from_schema(arm.get("items") or {}, tool))
        if len(kinds) == 1:
            return PRIMITIVES.get(kinds.pop(), UNKNOWN)
        constants = {type(value) for value in schemas.allowed_values(arm)}
        return PRIMITIVES["string"] if constants == {str} else UNKNOWN

    def _handle(self, name: str, tool: Tool | None, holds: Schema | None) -> Type:
        entity = self.catalog.handles.get(name)
        if entity is None:
            return self._instance(name, UNKNOWN)
        return Handle(entity, tool, self.from_schema(holds) if holds is not None else None)

    def promise(self, content: Type) -> Type:
        """A promise, as the language has it, of what a value is or brings."""
        content = brought(content)
        if self.language == "javascript":
            return self._instance("Promise", content)
        entity = self.catalog.handles.get("PromiseObject")
        return Handle(entity, item=content) if entity is not None else UNKNOWN

    def iterated(self, container: Type) -> Type | None:
        """What a handle or iterator gives one after the other; None for what is neither."""
        if isinstance(container, Callback):
            given = container.schema["x-function"].get("returns") or {}
            return self._element(given, container.item)
        if not isinstance(container, Handle) or not container.entity.iterates:
            return None
        following = container.entity.members.get("next")
        return self._element((following.returns if following else None) or {}, container.item)

    def _element(self, schema: Schema, item: Type | None) -> Type:
        """The type that a schema describes, or the known one of the elements that it speaks of."""
        present = schemas.without_null(schema)
        return item or UNKNOWN if "x-item" in present else self.from_schema(present)

    def _instance(self, kind: str, content: Type) -> Type:
        prototype = self.catalog.prototype(kind, self.language)
        return Instance(prototype, content) if prototype is not None else UNKNOWN


def _is_array(owner: TableValue) -> bool:
    return owner.table is not None and owner.table.style == "array"
