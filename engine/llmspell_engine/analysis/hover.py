"""Hover: what the thing under the cursor is."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING

from llmspell_engine.analysis import schemas
from llmspell_engine.analysis.comments import comment_above
from llmspell_engine.analysis.completion import type_label
from llmspell_engine.analysis.documentation import (
    entity_markdown,
    fenced,
    fields_markdown,
    member_label,
    member_markdown,
    model_markdown,
    option_markdown,
    parameter_label,
    schema_notes,
    script_label,
    tool_markdown,
)
from llmspell_engine.analysis.mentions import mention_of
from llmspell_engine.analysis.model import Hover
from llmspell_engine.analysis.nodes import Call, Field, Literal, MemberAccess
from llmspell_engine.analysis.references import occurrences
from llmspell_engine.analysis.scopes import Declaration, Reference
from llmspell_engine.analysis.values import (
    FunctionValue,
    Handle,
    HostFunction,
    Namespace,
    Record,
    Sequence,
    TableValue,
    Type,
    Unknown,
    table_keys,
)

if TYPE_CHECKING:
    from llmspell_engine.analysis.model import Location
    from llmspell_engine.analysis.nodes import Expression
    from llmspell_engine.analysis.workspace import Document
    from llmspell_engine.catalog.model import Schema
    from llmspell_engine.text import Span

_SHOWN = 5
"""How many places are told."""
_IN_WORDS = {"stateKey": ("key", "written"), "event": ("event", "published")}


def hover_at(document: Document, offset: int) -> Hover | None:
    """What stands at ``offset``; None for what needs no words."""
    found = document.source.program.node_at(offset)
    if isinstance(found, Reference):
        return _reference(document, found)
    if isinstance(found, Declaration):
        return _declaration(document, found, found.span)
    if isinstance(found, MemberAccess):
        return _member(document, found)
    if isinstance(found, Literal):
        return _string(document, found)
    if isinstance(found, Field):
        return _key(document, found)
    return None


# Names


def _reference(document: Document, reference: Reference) -> Hover | None:
    if reference.declaration is not None:
        shorthand = _shorthand(document, reference)
        return shorthand or _declaration(document, reference.declaration, reference.span)
    entity = document.semantics.host_global(reference.name)
    if entity is None:
        return None
    return Hover(entity_markdown(document.snapshot.catalog, entity, document.language), reference.span)


def _shorthand(document: Document, reference: Reference) -> Hover | None:
    """``{ name }`` is an option and a variable; the option says more."""
    parent = reference.node.parent if reference.node is not None else None
    if isinstance(parent, Field) and parent.is_shorthand:
        return _key(document, parent)
    return None


def _declaration(document: Document, made: Declaration, span: Span) -> Hover:
    kind = document.inference.declaration_type(made)
    parts = [fenced(_declared_as(document, made, kind), document.language)]
    comment = comment_above(document.text, made.start, document.language)
    if comment:
        parts.append(comment)
    parts += _type_notes(document, kind)
    return Hover("\n\n".join(parts), span)


def _declared_as(document: Document, made: Declaration, kind: Type) -> str:
    """``local agent: Agent``, ``function group(items)``."""
    if isinstance(kind, FunctionValue) and made.kind != "parameter":
        word = "local function" if document.language == "lua" and made.kind != "global" else "function"
        return f"{word} {script_label(made.name, kind.function, kind.home.language)[0]}"
    word = _word(document, made)
    written = _described(document, kind)
    return f"{word} {made.name}" + (f": {written}" if written else "")


def _word(document: Document, made: Declaration) -> str:
    if made.kind in ("parameter", "global", "import", "class"):
        return f"({made.kind})" if made.kind != "class" else "class"
    if document.language == "lua":
        return "local"
    return made.attribute or "let"


def _described(document: Document, kind: Type) -> str:
    """A type in a few words."""
    if isinstance(kind, HostFunction):
        return member_label(document.snapshot.catalog, kind.member, kind.owner, document.language)
    if isinstance(kind, Sequence):
        inner = _described(document, kind.items)
        return f"{inner or 'any'}[]"
    if isinstance(kind, TableValue):
        keys = table_keys(kind)
        shown = ", ".join(keys[:8]) + (", …" if len(keys) > 8 else "")
        return f"{{ {shown} }}" if keys else type_label(kind)
    if isinstance(kind, Handle) and kind.tool is not None:
        return f'{kind.entity.name} "{kind.tool.name}"'
    return type_label(kind)


def _type_notes(document: Document, kind: Type) -> list[str]:
    """What the type of a value brings: its documentation or its fields."""
    catalog, language = document.snapshot.catalog, document.language
    if isinstance(kind, HostFunction):
        return [kind.member.doc] if kind.member.doc else []
    if isinstance(kind, Namespace | Handle):
        notes = [kind.entity.doc] if kind.entity.doc else []
        tool = kind.tool if isinstance(kind, Handle) else None
        return [*notes, tool.doc] if tool is not None else notes
    if isinstance(kind, Record):
        return [fields_markdown(catalog, arm, language) for arm in schemas.objects(catalog, kind.schema)[:2]]
    return []


# Members


def _member(document: Document, access: MemberAccess) -> Hover | None:
    semantics = document.semantics
    use = semantics.member_use(access)
    catalog, language = document.snapshot.catalog, document.language
    entity = semantics.inference.host_entity(use.owner)
    if use.member is not None and entity is not None:
        return Hover(member_markdown(catalog, use.member, entity, language), access.name_span)
    if use.schema is not None and isinstance(use.owner, Record):
        return Hover(_field_markdown(document, use.owner, access.name, use.schema), access.name_span)
    kind = semantics.type_of(access)
    if isinstance(kind, Unknown):
        return None
    if isinstance(kind, Handle) and kind.tool is not None and isinstance(use.owner, Namespace):
        return Hover(tool_markdown(catalog, kind.tool, language), access.name_span)
    return Hover(_value_markdown(document, access.name, kind), access.name_span)


def _field_markdown(document: Document, owner: Record, name: str, schema: Schema) -> str:
    title = f"{owner.name}.{name}" if owner.name else name
    return option_markdown(
        document.snapshot.catalog, title, schema, document.language, required=False
    ).replace(f"{title}?:", f"{title}:", 1)


def _value_markdown(document: Document, name: str, kind: Type) -> str:
    if isinstance(kind, FunctionValue):
        text = f"function {script_label(name, kind.function, kind.home.language)[0]}"
        comment = comment_above(kind.home.program.tree.text, kind.function.start, kind.home.language)
        return "\n\n".join([fenced(text, document.language), *([comment] if comment else [])])
    if isinstance(kind, Namespace):
        return entity_markdown(document.snapshot.catalog, kind.entity, document.language)
    label = f"(field) {name}: {_described(document, kind)}"
    return "\n\n".join([fenced(label, document.language), *_type_notes(document, kind)])


# Options and strings


def _key(document: Document, entry: Field) -> Hover | None:
    table = entry.parent
    assert table is not None
    found = document.semantics.option_table(table)
    option = found.option(entry.key) if found is not None and entry.key is not None else None
    if option is None:
        return _plain_key(document, entry)
    markdown = option_markdown(
        document.snapshot.catalog, option.name, option.schema, document.language, required=option.required
    )
    return Hover(markdown, entry.key_span)


def _plain_key(document: Document, entry: Field) -> Hover | None:
    """A key of a script's own table shows what it holds."""
    kind = document.inference.type_of(entry.value)
    if isinstance(kind, Unknown) or entry.key is None:
        return None
    return Hover(_value_markdown(document, entry.key, kind), entry.key_span)


def _string(document: Document, string: Literal) -> Hover | None:
    module = _module(document, string)
    demanded = document.semantics.expected(string)
    if module is not None or demanded is None or string.content is None:
        return module
    catalog, language = document.snapshot.catalog, document.language
    source = schemas.completion_source(catalog, demanded)
    value = str(string.value)
    tool = catalog.tool(value) if source == "tool" else None
    if tool is not None:
        return Hover(tool_markdown(catalog, tool, language), string.span)
    if source == "model" and value in catalog.models:
        return Hover(model_markdown(catalog.models[value], language), string.span)
    place = _option_value(document, string, demanded)
    made = _mention(document, string)
    if made is None:
        return place
    return Hover("\n\n".join([made, *([place.markdown] if place is not None else [])]), string.span)


def _mention(document: Document, string: Literal) -> str | None:
    """What a name stands for that a script gave, and where; None for names that no open script gives."""
    mention = mention_of(document, string)
    if mention is None:
        return None
    scripts = [document, *document.snapshot.others(document.path)]
    found = list(occurrences(scripts, mention.named))
    made = [one.location for one in found if one.is_definition]
    if not made:
        return None
    word, done = _IN_WORDS.get(mention.named.kind, (mention.named.kind, "made"))
    places = ", ".join(_place(document, one) for one in made[:_SHOWN]) + (", …" if made[_SHOWN:] else "")
    told = next((text for one in made if (text := _description(document, one))), "")
    return "\n\n".join(part for part in (f"{word} `{mention.named.name}`, {done} in {places}", told) if part)


def _place(document: Document, location: Location) -> str:
    line = document.snapshot.document(location.path).text.position(location.span.start).line + 1
    return f"`{PurePath(location.path).name}:{line}`"


def _description(document: Document, location: Location) -> str:
    """The description that stands beside a name in its table."""
    leaf = document.snapshot.document(location.path).source.program.node_at(location.span.start)
    field = leaf.parent if isinstance(leaf, Literal) else None
    table = field.parent if isinstance(field, Field) else None
    entry = table.field("description") if table is not None else None
    value = entry.value if entry is not None else None
    return str(value.value) if isinstance(value, Literal) and value.value is not None else ""


def _option_value(document: Document, string: Expression, demanded: Schema) -> Hover | None:
    """A value shows the option or parameter it is a value of."""
    parent = string.parent
    if isinstance(parent, Call):
        return _argument(document, string, parent, demanded)
    if not isinstance(parent, Field) or parent.key is None:
        return None
    found = _key(document, parent)
    return Hover(found.markdown, string.span) if found is not None else None


def _argument(document: Document, string: Expression, call: Call, demanded: Schema) -> Hover | None:
    called = document.inference.called(call)
    index = next((i for i, one in enumerate(called.arguments) if one is string), None)
    if index is None or not isinstance(called.target, HostFunction) or schemas.is_generic(demanded):
        return None
    parameters = called.target.member.parameters[called.skipped :]
    parameter = parameters[min(index, len(parameters) - 1)]
    catalog, language = document.snapshot.catalog, document.language
    label = fenced(f"(parameter) {parameter_label(catalog, parameter, language)}", language)
    notes = dict.fromkeys([parameter.doc, *schema_notes(catalog, demanded, language)])
    return Hover("\n\n".join([label, *(note for note in notes if note)]), string.span)


def _module(document: Document, string: Literal) -> Hover | None:
    if not any(one.path is string for one in document.source.program.imports):
        return None
    module = document.snapshot.module(document, str(string.value))
    if module is None or string.content is None:
        return None
    return Hover(f"Module `{module.path}`", string.span)
