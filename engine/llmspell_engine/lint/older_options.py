"""How options of older scripts are put right: by the name or into the list of today, or left out."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from llmspell_engine.analysis.nodes import Function, Literal, Name, Table
from llmspell_engine.catalog.model import spelled
from llmspell_engine.diagnostics import Edit, Fix
from llmspell_engine.text import Span

if TYPE_CHECKING:
    from llmspell_engine.analysis.nodes import Expression, Field
    from llmspell_engine.analysis.semantics import Option, OptionTable
    from llmspell_engine.language import Language
    from llmspell_engine.lint.subject import Subject

_COMMA_BEHIND = re.compile(r"\s*[,;][ \t]*")
_COMMA_BETWEEN = re.compile(r"\s*[,;]\s*")


def put_right(subject: Subject, table: OptionTable, entry: Field, option: Option) -> tuple[str, Fix | None]:
    """What to say of an option that only older scripts have, and how to write it today."""
    language = subject.language
    alias, listed = option.schema.get("x-alias"), option.schema.get("x-element-of")
    if alias is not None:
        return _renamed(subject, table, entry, spelled(str(alias), language))
    if listed is not None:
        return _into_list(subject, table, entry, spelled(str(listed), language))
    return " and has no effect", _left_out(subject, table, entry)


def _renamed(subject: Subject, table: OptionTable, entry: Field, name: str) -> tuple[str, Fix | None]:
    told = f"; use '{name}'"
    if table.table.field(name) is not None:
        return told, _left_out(subject, table, entry)  # the name of today counts
    new = f"{name}: {entry.key}" if entry.is_shorthand else name
    return told, Fix(f"Change to '{name}'", (Edit(entry.key_span, new),), safe=True)


def _into_list(subject: Subject, table: OptionTable, entry: Field, name: str) -> tuple[str, Fix | None]:
    told = f"; use '{name}'"
    if table.table.field(name) is not None:
        return told, None
    text = subject.tree.text.value
    value = _listed(text[entry.value.start : entry.value.end], subject.language)
    equals = text[entry.key_span.end : entry.value.start] if not entry.is_shorthand else ": "
    edit = Edit(Span(entry.key_span.start, entry.value.end), f"{name}{equals}{value}")
    return told, Fix(f"Change to '{name}'", (edit,), safe=True)


def _listed(value: str, language: Language) -> str:
    return f"{{ {value} }}" if language == "lua" else f"[{value}]"


def _left_out(subject: Subject, table: OptionTable, entry: Field) -> Fix:
    cut = _with_comma(subject.tree.text.value, table, entry)
    return Fix(f"Remove '{entry.key}'", (Edit(cut, ""),), safe=_does_nothing(entry.value))


def _with_comma(text: str, table: OptionTable, entry: Field) -> Span:
    """An entry with the comma behind it, or else the one before; comments around it stay."""
    behind = _COMMA_BEHIND.match(text, entry.end)
    if behind is not None:
        return _whole_line(text, Span(entry.start, behind.end()))
    index = table.table.fields.index(entry)
    if index > 0:
        before = table.table.fields[index - 1].end
        if _COMMA_BETWEEN.fullmatch(text, before, entry.start):
            return Span(before, entry.end)
    return entry.span


def _whole_line(text: str, cut: Span) -> Span:
    """The line of what is cut, where nothing else stands on it."""
    start = text.rfind("\n", 0, cut.start) + 1
    is_alone = not text[start : cut.start].strip() and text[cut.end : cut.end + 1] == "\n"
    return Span(start, cut.end + 1) if is_alone else cut


def _does_nothing(value: Expression) -> bool:
    """Whether nothing happens when a value is worked out, so that it may go."""
    if isinstance(value, Table):
        return not value.is_open and all(_does_nothing(entry.value) for entry in value.fields)
    return isinstance(value, Literal | Name | Function)
