"""How members, options, tools and types are written out: one line for lists, Markdown for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmspell_engine.analysis import schemas
from llmspell_engine.catalog.model import Parameter, spelled
from llmspell_engine.text import Span

if TYPE_CHECKING:
    from collections.abc import Iterable

    from llmspell_engine.analysis.nodes import Function
    from llmspell_engine.catalog.model import Catalog, Entity, Member, Model, Schema, Tool
    from llmspell_engine.language import Language

_LONGEST_LABEL = 400
"""Past this many characters a type is cut in signatures; hover on the option shows all of it."""


# One line


def parameter_label(catalog: Catalog, parameter: Parameter, language: Language) -> str:
    """``name?: type``, with dots before a parameter that takes many."""
    name = spelled(parameter.name, language)
    if parameter.variadic:
        name = "..." if language == "lua" else f"...{name}"
    mark = "?" if parameter.optional and not parameter.variadic else ""
    return f"{name}{mark}: {_cut(schemas.label(catalog, parameter.schema, language))}"


def signature_label(
    catalog: Catalog, title: str, parameters: Iterable[Parameter], returns: Schema | None, language: Language
) -> tuple[str, tuple[Span, ...]]:
    """``title(a: string) -> Agent`` and where each parameter stands in it."""
    label = f"{title}("
    spans: list[Span] = []
    for parameter in parameters:
        label += ", " if spans else ""
        written = parameter_label(catalog, parameter, language)
        spans.append(Span(len(label), len(label) + len(written)))
        label += written
    label += ")"
    if returns is not None:
        label += " -> " + _cut(schemas.label(catalog, returns, language))
    return label, tuple(spans)


def script_label(title: str, function: Function, language: Language) -> tuple[str, tuple[Span, ...]]:
    """A function of a script: ``title(a, b, ...)`` and where each parameter stands in it."""
    label = f"{title or 'function'}("
    spans: list[Span] = []
    for name in parameter_names(function, language):
        label += ", " if not label.endswith("(") else ""
        if name != "...":
            spans.append(Span(len(label), len(label) + len(name)))
        label += name
    return label + ")", tuple(spans)


def parameter_names(function: Function, language: Language) -> list[str]:
    """The parameters of a script's function as they are written, dots included."""
    names = [made.name for made in function.parameters]
    if not function.is_variadic:
        return names
    return [*names, "..."] if language == "lua" else [*names[:-1], *(f"...{name}" for name in names[-1:])]


def member_title(member: Member, owner: Entity, language: Language) -> str:
    """``Agent.create``; a handle's method in Lua as ``Agent:execute``."""
    if owner.call is member:
        return owner.name
    colon = language == "lua" and owner.kind == "handle" and member.kind == "method"
    return f"{owner.name}{':' if colon else '.'}{spelled(member.name, language)}"


def member_label(catalog: Catalog, member: Member, owner: Entity, language: Language) -> str:
    """A member in one line, with its owner."""
    title = member_title(member, owner, language)
    if member.kind == "field":
        return f"{title}: {schemas.label(catalog, member.returns or {}, language)}"
    return signature_label(catalog, title, member.parameters, member.result(language), language)[0]


def option_label(catalog: Catalog, name: str, schema: Schema, language: Language, *, required: bool) -> str:
    """``temperature?: number = 0.7``."""
    default = schema.get("default")
    given = f" = {schemas.constant(default, language)}" if _is_shown(default) else ""
    shown = schema if required else schemas.without_null(schema)
    return f"{name}{'' if required else '?'}: {schemas.label(catalog, shown, language)}{given}"


def _is_shown(default: object) -> bool:
    return isinstance(default, str | int | float | bool)


def _cut(label: str) -> str:
    return label if len(label) <= _LONGEST_LABEL else label[: _LONGEST_LABEL - 1] + "…"


# Markdown


def fenced(code: str, language: Language) -> str:
    """Code in a Markdown fence."""
    return f"```{language}\n{code}\n```"


def member_markdown(catalog: Catalog, member: Member, owner: Entity, language: Language) -> str:
    """A member with its documentation, parameters and an example."""
    parts = [
        fenced(member_label(catalog, member, owner, language), language),
        *member_notes(member, language),
    ]
    described = [line for one in member.parameters for line in _parameter_lines(catalog, one, language)]
    if described:
        parts.append("\n".join(described))
    example = member.examples.get(language)
    if example:
        parts.append(f"**Example**\n\n{fenced(example, language)}")
    return "\n\n".join(parts)


def _parameter_lines(catalog: Catalog, parameter: Parameter, language: Language) -> list[str]:
    """A parameter as an item of a list, the options it takes below it."""
    options = [
        line for table in _options_of(catalog, parameter.schema, language) for line in table.split("\n")
    ]
    if not parameter.doc and not options:
        return []
    name = spelled(parameter.name, language)
    return [f"- `{name}`: {parameter.doc}".rstrip(": "), *(f"  {line}" for line in options)]


def member_notes(member: Member, language: Language) -> list[str]:
    """The documentation of a member, and what to use instead of a deprecated one."""
    notes = [member.doc] if member.doc else []
    if member.deprecated:
        notes.append(f"**Deprecated:** use `{respelled(member.deprecated, language)}` instead.")
    return notes


def respelled(path: str, language: Language) -> str:
    """``State.list_keys`` as the language writes it."""
    return ".".join(spelled(part, language) for part in path.split("."))


def entity_markdown(catalog: Catalog, entity: Entity, language: Language) -> str:
    """A global or handle with the list of its members."""
    if entity.call is not None and not entity.members:
        return member_markdown(catalog, entity.call, entity, language)
    kind = "handle" if entity.kind == "handle" else "global"
    title = f"({kind}) {entity.name}"
    if entity.schema is not None:
        title += f": {schemas.label(catalog, entity.schema, language)}"
    parts = [fenced(title, language), entity.doc]
    names = [
        f"`{spelled(one.name, language)}`" for one in entity.members.values() if language in one.languages
    ]
    if names:
        parts.append(f"Members: {', '.join(names)}")
    return "\n\n".join(part for part in parts if part)


def option_markdown(
    catalog: Catalog, name: str, schema: Schema, language: Language, *, required: bool
) -> str:
    """An option or a field of a record: type, default, documentation, constraints."""
    parts = [fenced(option_label(catalog, name, schema, language, required=required), language)]
    parts += schema_notes(catalog, schema, language)
    if required:
        parts.append("Required.")
    parts += _options_of(catalog, schema, language)
    return "\n\n".join(parts)


def schema_notes(catalog: Catalog, schema: Schema, language: Language) -> list[str]:
    """What a schema says beyond its type: documentation, range, values, deprecation."""
    notes = [str(schema["description"])] if schema.get("description") else []
    for arm in [schema, *schemas.alternatives(catalog, schema)]:
        notes += [note for note in _constraints(arm, language) if note not in notes]
    if "x-example" in schema:
        notes.append(f"Example: `{schemas.constant(schema['x-example'], language)}`.")
    if schema.get("x-sensitive"):
        notes.append("Secret: do not write its value into a script.")
    exclusive = schema.get("x-exclusive")
    if exclusive:
        notes.append(f"At most one of: {', '.join(f'`{spelled(key, language)}`' for key in exclusive)}.")
    if schema.get("deprecated"):
        notes.append("**Deprecated.**")
    return notes


def _constraints(schema: Schema, language: Language) -> list[str]:
    notes = [_range(schema)] if schema.keys() & _BOUNDS else []
    length = _between(schema.get("minLength"), schema.get("maxLength"))
    if length:
        notes.append(f"Length: {length}.")
    count = _between(schema.get("minItems"), schema.get("maxItems"))
    if count:
        notes.append(f"Items: {count}.")
    if "pattern" in schema:
        notes.append(f"Pattern: `{schema['pattern']}`.")
    listed = schemas.allowed_values(schema)
    if listed:
        notes.append(
            "Values: " + ", ".join(f"`{schemas.constant(value, language)}`" for value in listed) + "."
        )
    return notes


_BOUNDS = {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"}


def _range(schema: Schema) -> str:
    """``Range: 0 to 2.``"""
    low, high = schema.get("minimum"), schema.get("maximum")
    above, below = schema.get("exclusiveMinimum"), schema.get("exclusiveMaximum")
    if above is None and below is None:
        return f"Range: {_between(low, high)}."
    bounds = [(low, "at least"), (above, "more than"), (high, "at most"), (below, "less than")]
    return "Range: " + ", ".join(f"{words} {bound}" for bound, words in bounds if bound is not None) + "."


def _between(low: object, high: object) -> str:
    if low is not None and high is not None:
        return f"{low} to {high}"
    if low is not None:
        return f"at least {low}"
    return f"at most {high}" if high is not None else ""


def _options_of(catalog: Catalog, schema: Schema, language: Language) -> list[str]:
    """A list of the options a table takes, required ones first."""
    arms = [arm for arm in schemas.objects(catalog, schema) if "properties" in arm]
    return [fields_markdown(catalog, arm, language) for arm in arms[:4]]


def fields_markdown(catalog: Catalog, schema: Schema, language: Language) -> str:
    """The fields of an object schema as a list, required ones first."""
    required = set(schema.get("required", ()))
    rows = [
        (declared not in required, _row(catalog, spelling, inner, language, required=declared in required))
        for spelling, declared, inner in schemas.spelled_properties(schema, language)
    ]
    return "\n".join(row for _, row in sorted(rows, key=lambda row: row[0]))


def _row(catalog: Catalog, name: str, schema: Schema, language: Language, *, required: bool) -> str:
    label = option_label(catalog, name, schema, language, required=required)
    described = str(schema.get("description", "")).split("\n", 1)[0]
    return f"- `{label}`" + (f": {described}" if described else "")


def tool_markdown(catalog: Catalog, tool: Tool, language: Language) -> str:
    """A tool with its parameters and what it returns."""
    parts = [fenced(f'(tool) "{tool.name}"', language), tool.doc]
    parts.append(f"Category: {tool.category}. Security: {tool.security}.")
    if tool.parameters.get("properties"):
        parts.append("**Parameters**\n\n" + _table(catalog, tool.parameters, language))
    if tool.returns.get("properties"):
        parts.append("**Result**\n\n" + fields_markdown(catalog, tool.returns, language))
    return "\n\n".join(parts)


def _table(catalog: Catalog, schema: Schema, language: Language) -> str:
    required = set(schema.get("required", ()))
    rows = ["| name | type | description |", "| --- | --- | --- |"]
    for spelling, declared, inner in schemas.spelled_properties(schema, language):
        kind = schemas.label(catalog, schemas.without_null(inner), language)
        default = inner.get("default")
        notes = [str(inner.get("description", "")).replace("\n", " ")]
        notes += ["Required."] if declared in required else []
        notes += [f"Default: `{schemas.constant(default, language)}`."] if _is_shown(default) else []
        cells = (f"`{spelling}`", f"`{kind}`", " ".join(note for note in notes if note))
        rows.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(rows)


def model_markdown(model: Model, language: Language) -> str:
    """A model with its context window."""
    parts = [fenced(f'(model) "{model.name}"', language), model.doc]
    if model.context:
        parts.append(f"Context: {model.context:,} tokens.")
    return "\n\n".join(part for part in parts if part)


# Documentation of proposals, by key


def member_key(language: Language, owner: Entity, member: Member) -> str:
    """The key under which :func:`completion_documentation` finds a member."""
    return f"{language}|{'handle' if owner.kind == 'handle' else 'member'}|{owner.name}|{member.name}"


def definition_key(catalog: Catalog, language: Language, arm: Schema, declared: str) -> str:
    """The key of an option of a definition or of a tool's parameters; empty for an inline schema."""
    name = schemas.definition_name(catalog, arm)
    if name:
        return f"{language}|option|{name}|{declared}"
    for tool in catalog.tools.values():
        if tool.parameters is arm:
            return f"{language}|parameter|{tool.name}|{declared}"
    return ""


def completion_documentation(catalog: Catalog, key: str) -> str:
    """The Markdown of a proposal by its key; empty for a key of no proposal."""
    language_name, _, rest = key.partition("|")
    language: Language = "javascript" if language_name == "javascript" else "lua"
    kind, _, path = rest.partition("|")
    name, _, inner = path.partition("|")
    if kind == "global" and (entity := catalog.global_of(name, language)) is not None:
        return entity_markdown(catalog, entity, language)
    if kind in ("member", "handle"):
        return _member_documentation(catalog, kind, name, inner, language)
    if kind == "tool" and (tool := catalog.tool(name)) is not None:
        return tool_markdown(catalog, tool, language)
    if kind == "model" and name in catalog.models:
        return model_markdown(catalog.models[name], language)
    if kind in ("option", "parameter"):
        return _option_documentation(catalog, kind, name, inner, language)
    return ""


def _member_documentation(catalog: Catalog, kind: str, owner: str, name: str, language: Language) -> str:
    entity = catalog.handles.get(owner) if kind == "handle" else _owner(catalog, owner, language)
    member = entity.members.get(name) if entity is not None else None
    if entity is None or member is None:
        return ""
    return member_markdown(catalog, member, entity, language)


def _owner(catalog: Catalog, name: str, language: Language) -> Entity | None:
    kind, dot, _ = name.partition(".")
    return catalog.prototype(kind, language) if dot else catalog.global_of(name, language)


def _option_documentation(catalog: Catalog, kind: str, owner: str, name: str, language: Language) -> str:
    if kind == "option":
        schema = catalog.definitions.get(owner, {})
    else:
        tool = catalog.tools.get(owner)
        schema = tool.parameters if tool is not None else {}
    inner = schema.get("properties", {}).get(name)
    if inner is None:
        return ""
    required = name in schema.get("required", ())
    return option_markdown(catalog, spelled(name, language), inner, language, required=required)
