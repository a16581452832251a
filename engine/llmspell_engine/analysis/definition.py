"""Where things are made: names, functions, fields of a script's tables, and modules' files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmspell_engine.analysis.exports import Export, exports_of, origin_of
from llmspell_engine.analysis.model import Location
from llmspell_engine.analysis.nodes import Field, Function, Literal, MemberAccess, Name
from llmspell_engine.analysis.scopes import Declaration, Reference
from llmspell_engine.analysis.templates import step_at
from llmspell_engine.analysis.values import FunctionValue, ModuleValue, TableValue, Type, holder
from llmspell_engine.text import Span

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from llmspell_engine.analysis.inference import Inference
    from llmspell_engine.analysis.nodes import Expression
    from llmspell_engine.analysis.program import Leaf
    from llmspell_engine.analysis.workspace import Document


def definition_at(
    document: Document, offset: int, paths: Callable[[], Sequence[str]]
) -> tuple[Location, ...]:
    """The places that make what stands at ``offset``; of what a string names, those in some scripts."""
    leaf = document.source.program.node_at(offset)
    if leaf is None:
        return ()
    found = definition_of(document, leaf)
    if found or not isinstance(leaf, Literal):
        return found
    step = step_at(document, leaf, offset)
    return step or _of_mention(document, leaf, paths)


def _of_mention(
    document: Document, string: Literal, paths: Callable[[], Sequence[str]]
) -> tuple[Location, ...]:
    """Where a tool is registered, an event published, a key written."""
    from llmspell_engine.analysis.mentions import mention_of
    from llmspell_engine.analysis.references import meant_scripts, occurrences

    mention = mention_of(document, string)
    if mention is None:
        return ()
    scripts = map(document.snapshot.document, meant_scripts(document, mention.named, paths()))
    return tuple(one.location for one in occurrences(scripts, mention.named) if one.is_definition)


def definition_of(document: Document, found: Leaf) -> tuple[Location, ...]:
    """The places that make what a name, a member or a key stands for, or the file that a string names."""
    if isinstance(found, Reference):
        return _of_name(document, found.declaration) if found.declaration is not None else ()
    if isinstance(found, Declaration):
        return _of_name(document, found)
    if isinstance(found, MemberAccess):
        return member_locations(document.inference, found)
    if isinstance(found, Literal):
        return _of_module(document, found)
    if isinstance(found, Field) and found.is_shorthand:
        return _of_value(document, found.value)
    return ()


def _of_name(document: Document, made: Declaration) -> tuple[Location, ...]:
    """A name's own place; for an imported name, where the module makes it."""
    if made.kind == "import" and made.values:
        value = made.values[0]
        if isinstance(value, MemberAccess):
            found = member_locations(document.inference, value)
            if found:
                return found
        kind = document.inference.type_of(value)
        if isinstance(kind, ModuleValue):
            return (Location(kind.home.path, Span(0, 0)),)
    return (Location(document.path, made.span),)


def _of_value(document: Document, value: Expression) -> tuple[Location, ...]:
    reference = getattr(value, "reference", None)
    if reference is None or reference.declaration is None:
        return ()
    return _of_name(document, reference.declaration)


def member_locations(inference: Inference, access: MemberAccess) -> tuple[Location, ...]:
    """Where a member of a script's own table, class or module is made."""
    owner = inference.type_of(access.object)
    return type_member_locations(owner, access.name)


def type_member_locations(owner: Type, name: str) -> tuple[Location, ...]:
    """Where ``owner.name`` is made, when a script makes it."""
    if isinstance(owner, ModuleValue):
        exported = exports_of(owner.home).values.get(name)
        return _value_locations(exported) if exported is not None else ()
    if not isinstance(owner, TableValue):
        return ()
    owner = holder(owner, name)
    found: list[Location] = []
    entry = owner.table.field(name) if owner.table is not None else None
    if entry is not None:
        found.append(Location(owner.home.path, entry.key_span))
    if owner.declaration is not None:
        found += [
            Location(owner.home.path, access.name_span)
            for access in owner.home.program.member_accesses
            if access.is_write and access.name == name and _is_of(access, owner.declaration)
        ]
    return tuple(found[:1]) if entry is not None else tuple(found)


def _is_of(access: MemberAccess, made: Declaration) -> bool:
    reference = getattr(access.object, "reference", None)
    return reference is not None and reference.declaration is made


def _value_locations(exported: Export) -> tuple[Location, ...]:
    """The name that an export stands for, followed through the modules that pass it on."""
    origin = origin_of(exported)
    if origin is None:
        return ()
    home, value = origin.home, origin.value
    if isinstance(value, MemberAccess):
        return member_locations(home, value)
    reference = value.reference if isinstance(value, Name) else None
    if reference is not None and reference.declaration is not None:
        return (Location(home.path, reference.declaration.span),)
    if isinstance(value, Function) and value.name:
        return (Location(home.path, value.name_span),)
    kind = home.type_of(value)
    if isinstance(kind, FunctionValue):
        return (Location(kind.home.path, kind.function.name_span),)
    if isinstance(kind, ModuleValue):
        return (Location(kind.home.path, Span(0, 0)),)
    return (Location(home.path, value.span),)


def _of_module(document: Document, string: Literal) -> tuple[Location, ...]:
    """The file that a module's name means."""
    named = any(one.path is string for one in document.source.program.imports)
    if not named:
        return ()
    found = document.snapshot.module(document, str(string.value))
    return (Location(found.path, Span(0, 0)),) if found is not None else ()
