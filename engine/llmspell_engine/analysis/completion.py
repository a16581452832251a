"""Completion: what may be written at the cursor.

Which question is asked depends on where the cursor stands: after a dot the members of the value, at a
key the options that are missing and nothing else, in a string what the schema says may fill it, and
elsewhere the names in sight. Documentation is not made here: each proposal has a key for it.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from llmspell_engine.analysis import schemas
from llmspell_engine.analysis.documentation import (
    definition_key,
    member_key,
    member_label,
    option_label,
    script_label,
)
from llmspell_engine.analysis.exports import exports_of
from llmspell_engine.analysis.model import Completion, CompletionKind, Completions
from llmspell_engine.analysis.nodes import Literal, MemberAccess, Name, Table
from llmspell_engine.analysis.placement import Placement, placement_at
from llmspell_engine.analysis.snippets import assignment, call_snippet, value_snippet
from llmspell_engine.analysis.value_completion import string_completions, tool_completions, value_completions
from llmspell_engine.analysis.values import (
    Callback,
    FunctionValue,
    Handle,
    HostFunction,
    Instance,
    ModuleValue,
    Namespace,
    Primitive,
    Record,
    Sequence,
    TableValue,
    Type,
)
from llmspell_engine.catalog.model import Entity, Member, Schema, spelled

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmspell_engine.analysis.scopes import Declaration
    from llmspell_engine.analysis.semantics import OptionTable
    from llmspell_engine.analysis.workspace import Document

_KEYWORDS = {
    "lua": ("local", "function", "return", "if", "for", "while", "repeat", "nil", "true", "false", "not"),
    "javascript": (
        "const", "let", "function", "return", "if", "for", "while", "async", "await", "null", "true",
        "false", "undefined", "import", "export", "try", "throw", "new", "class",
    ),
}  # fmt: skip
_NOTHING = Completions(())
_IDENTIFIER = re.compile(r"[A-Za-z_$][\w$]*\Z")


def completions_at(document: Document, offset: int) -> Completions:
    """The proposals at an offset, best first."""
    placement = placement_at(document, offset)
    if placement is None or placement.fragment.is_glued:
        return _NOTHING
    found = sorted(_proposals(placement), key=lambda one: (one.sort or one.label, one.label))
    return Completions(tuple(found))


def _proposals(placement: Placement) -> list[Completion]:
    node = placement.node
    if placement.fragment.in_string and isinstance(node, MemberAccess):
        return _names_in_brackets(placement, node)
    if placement.fragment.in_string:
        return string_completions(placement) if isinstance(node, Literal) else []
    if isinstance(node, MemberAccess):
        return _members(placement, node)
    if _follows_dot(placement):
        return []
    if placement.key is not None and placement.key.parent is not None:
        keys = _keys(placement, placement.key.parent)
        if keys is not None:
            return keys
    if _declares_a_name(placement):
        return []
    return _values_and_names(placement)


def _follows_dot(placement: Placement) -> bool:
    before = placement.fragment.before
    signs = (".", ":", "::") if placement.semantics.language == "lua" else (".", "?.")
    return before is not None and before.kind == "sign" and before.text in signs


def _declares_a_name(placement: Placement) -> bool:
    """Whether a new name is being written, which nobody can guess: ``local $0``, ``function $0``."""
    before = placement.fragment.before
    words = ("local", "function", "const", "let", "var", "class", "goto", "for")
    return before is not None and before.kind == "name" and before.text in words


# Members


def _members(placement: Placement, access: MemberAccess) -> list[Completion]:
    owner = placement.semantics.type_of(access.object)
    entity = placement.semantics.inference.host_entity(owner)
    if isinstance(owner, Primitive) and placement.semantics.language == "lua" and access.separator != ":":
        return []
    if entity is not None:
        return list(_entity_members(placement, entity, access))
    if isinstance(owner, Record):
        return _record_fields(placement, owner)
    if isinstance(owner, TableValue):
        return _table_members(placement, owner, access)
    if isinstance(owner, ModuleValue):
        exports = exports_of(owner.home).values
        return [_script_member(placement, name, one.home.type_of(one.value)) for name, one in exports.items()]
    return []


def _names_in_brackets(placement: Placement, access: MemberAccess) -> list[Completion]:
    """Members in ``Agent["$0"]``: their names alone, and tools where a global is indexed by them."""
    owner = placement.semantics.type_of(access.object)
    quote = placement.fragment.quote
    found = [replace(one, insert=one.label + quote, is_snippet=False) for one in _members(placement, access)]
    entity = placement.semantics.inference.host_entity(owner)
    if entity is not None and placement.semantics.inference.indexed_by_tools(entity) is not None:
        found += tool_completions(placement)
    return found


def _entity_members(placement: Placement, entity: Entity, access: MemberAccess) -> Iterator[Completion]:
    language = placement.semantics.language
    for member in entity.members.values():
        if language not in member.languages:
            continue
        is_callable = member.kind != "field" and (entity.kind == "handle" or entity.name == "string")
        if access.separator == ":" and not is_callable:
            continue
        yield _member(placement, entity, member, access)


def _member(placement: Placement, entity: Entity, member: Member, access: MemberAccess) -> Completion:
    catalog, language = placement.semantics.catalog, placement.semantics.language
    name = spelled(member.name, language)
    kind: CompletionKind = "method" if member.kind == "method" else member.kind
    shown = member
    if access.separator == ":" and entity.kind == "namespace":
        kind = "method"
        shown = _without_receiver(member)
    is_call = member.kind != "field" and not _is_called(placement) and access.start != access.name_start
    return Completion(
        label=name,
        kind=kind,
        insert=call_snippet(catalog, name, shown, language) if is_call else name,
        replace=placement.fragment.replace,
        is_snippet=is_call,
        detail=member_label(catalog, member, entity, language),
        sort=_sort(5 if member.deprecated else 1, name),
        deprecated=member.deprecated is not None,
        key=member_key(language, entity, member),
    )


def _without_receiver(member: Member) -> Member:
    """A function of ``string`` as a method of a string: the string itself is not written."""
    return Member(
        member.name, member.kind, member.doc, member.parameters[1:], member.returns, member.languages,
        member.deprecated, member.waits, member.examples,
    )  # fmt: skip


def _is_called(placement: Placement) -> bool:
    """Whether arguments follow already, so that only the name is to be replaced."""
    text = placement.document.text.value
    end = placement.fragment.replace.end
    return text[end : end + 1] in ("(", "{", '"', "'") and text[end : end + 1] != ""


def _record_fields(placement: Placement, owner: Record) -> list[Completion]:
    catalog, language = placement.semantics.catalog, placement.semantics.language
    found: dict[str, Completion] = {}
    for arm in schemas.objects(catalog, owner.schema):
        for spelling, declared, schema in schemas.spelled_properties(arm, language):
            required = declared in arm.get("required", ())
            detail = option_label(catalog, spelling, schema, language, required=required)
            is_deprecated = bool(schema.get("deprecated"))
            found.setdefault(
                spelling,
                Completion(
                    spelling, "field", spelling, placement.fragment.replace, detail=detail,
                    sort=_sort(5 if is_deprecated else 1, spelling), deprecated=is_deprecated,
                    key=definition_key(catalog, language, arm, declared),
                ),
            )  # fmt: skip
    return list(found.values())


def _table_members(placement: Placement, owner: TableValue, access: MemberAccess) -> list[Completion]:
    found: list[Completion] = []
    for name in placement.semantics.member_names(owner) or _known_keys(owner):
        kind = placement.semantics.inference.member_type(owner, name)
        if access.separator == ":" and not isinstance(kind, FunctionValue | HostFunction):
            continue
        if _IDENTIFIER.match(name):
            found.append(_script_member(placement, name, kind))
    return found


def _known_keys(owner: TableValue) -> list[str]:
    return [entry.key for entry in owner.table.fields if entry.key] if owner.table is not None else []


def _script_member(placement: Placement, name: str, kind: Type) -> Completion:
    is_function = isinstance(kind, FunctionValue | HostFunction)
    return Completion(
        name,
        "function" if is_function else "field",
        name,
        placement.fragment.replace,
        detail=type_detail(placement, name, kind),
        sort=_sort(1, name),
    )


# Option keys


def _keys(placement: Placement, table: Table) -> list[Completion] | None:
    """The options that are missing; None where the table holds values, not options."""
    found = placement.semantics.option_table(table)
    if found is None:
        return None
    given = {
        option.name for entry, option in found.entries if option is not None and entry is not placement.key
    }
    has_value = placement.key is not None and placement.key.key is not None and not placement.key.is_shorthand
    return [
        _option(placement, found, name, has_value=has_value)
        for name in found.options
        if name not in given and not found.options[name].schema.get("x-doNotSuggest")
    ]


def _option(placement: Placement, table: OptionTable, name: str, *, has_value: bool) -> Completion:
    option = table.options[name]
    catalog, language = placement.semantics.catalog, placement.semantics.language
    is_deprecated = bool(option.schema.get("deprecated"))
    value = "" if has_value else value_snippet(catalog, option.schema, language, 1)
    arms = _arms(placement, table)
    owner: Schema = next((arm for arm in arms if option.declared in arm.get("properties", {})), {})
    return Completion(
        label=name,
        kind="option",
        insert=name if has_value else assignment(name, language) + value,
        replace=placement.fragment.replace,
        is_snippet=not has_value,
        detail=option_label(catalog, name, option.schema, language, required=option.required),
        sort=_sort(
            5 if is_deprecated else 0 if option.required else 1, f"{list(table.options).index(name):02}"
        ),
        deprecated=is_deprecated,
        key=definition_key(catalog, language, owner, option.declared),
    )


def _arms(placement: Placement, table: OptionTable) -> list[Schema]:
    demanded = placement.semantics.expected(table.table)
    return placement.semantics.inference.arms(table.table, demanded) if demanded is not None else []


# Names and values


def _values_and_names(placement: Placement) -> list[Completion]:
    found = value_completions(placement)
    seen: set[str] = set()
    for made in placement.scope.visible(placement.offset).values():
        if _may_use(made, placement):
            seen.add(made.name)
            found.append(_variable(placement, made))
    for name, made in placement.program.globals.items():
        if name not in seen and not made.start <= placement.offset <= made.end:
            seen.add(name)
            found.append(_variable(placement, made))
    found += [
        _global(placement, entity)
        for name, entity in placement.semantics.catalog.globals_of(placement.semantics.language).items()
        if name not in seen
    ]
    return found + _keywords(placement)


def _may_use(made: Declaration, placement: Placement) -> bool:
    """Whether a name has its value yet: a ``let`` below the cursor has none in the same function."""
    if made.name == "__cursor__" or made.start <= placement.offset <= made.end:
        return False
    is_below = made.usable_from > placement.offset
    return not (is_below and placement.scope.function_scope is made.scope.function_scope)


def _variable(placement: Placement, made: Declaration) -> Completion:
    kind = placement.around.declaration_type(made)
    shown: CompletionKind = "variable"
    if isinstance(kind, FunctionValue):
        shown = "function"
    elif made.kind == "parameter":
        shown = "parameter"
    return Completion(
        made.name, shown, made.name, placement.fragment.replace,
        detail=type_detail(placement, made.name, kind), sort=_sort(2, made.name),
    )  # fmt: skip


def _global(placement: Placement, entity: Entity) -> Completion:
    catalog, language = placement.semantics.catalog, placement.semantics.language
    insert, is_snippet = entity.name, False
    detail = ""
    if entity.call is not None and not entity.members and not _is_called(placement):
        insert, is_snippet = call_snippet(catalog, entity.name, entity.call, language), True
    if entity.call is not None:
        detail = member_label(catalog, entity.call, entity, language)
    elif entity.schema is not None:
        detail = f"{entity.name}: {schemas.label(catalog, entity.schema, language)}"
    return Completion(
        entity.name, "function" if entity.call is not None else "global", insert,
        placement.fragment.replace, is_snippet, detail, _sort(3, entity.name),
        key=f"{language}|global|{entity.name}",
    )  # fmt: skip


def _keywords(placement: Placement) -> list[Completion]:
    """Words of the language, only once a letter of them is written."""
    replace = placement.fragment.replace
    typed = placement.document.text.value[replace.start : placement.offset]
    if not typed or not isinstance(placement.node, Name | None):
        return []
    return [
        Completion(word, "keyword", word, replace, sort=_sort(4, word))
        for word in _KEYWORDS[placement.semantics.language]
        if word.startswith(typed)
    ]


def type_detail(placement: Placement, name: str, kind: Type) -> str:
    """``agent: Agent``, ``group(items)``: a name with its type in one line; empty when unknown."""
    catalog, language = placement.semantics.catalog, placement.semantics.language
    if isinstance(kind, HostFunction):
        return member_label(catalog, kind.member, kind.owner, language)
    if isinstance(kind, FunctionValue):
        return script_label(name, kind.function, kind.home.language)[0]
    written = type_label(kind)
    return f"{name}: {written}" if written else ""


def type_label(kind: Type) -> str:
    """A type in a word; empty when unknown."""
    if isinstance(kind, Namespace):
        return kind.entity.name
    if isinstance(kind, Handle):
        return _holding(kind.entity.name, kind.item)
    if isinstance(kind, Instance):
        return _holding(kind.entity.name.removesuffix(".prototype"), kind.content)
    if isinstance(kind, Sequence):
        return f"{type_label(kind.items) or 'any'}[]"
    if isinstance(kind, Record):
        return kind.name or "table"
    if isinstance(kind, TableValue):
        return kind.table.style if kind.table is not None else "table"
    if isinstance(kind, Callback | FunctionValue | HostFunction):
        return "function"
    return getattr(kind, "name", "")


def _holding(name: str, content: Type | None) -> str:
    """``Promise<AgentResult>``, where it is known what a value brings."""
    held = type_label(content) if content is not None else ""
    return f"{name}<{held}>" if held else name


def _sort(rank: int, label: str) -> str:
    return f"{rank}{label}"
