"""What is wrong with option tables and with the parameters of tools: the same three questions of both."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmspell_engine.analysis.nodes import Call
from llmspell_engine.lint.suggest import did_you_mean, nearest, renaming
from llmspell_engine.lint.values import complaint
from llmspell_engine.text import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmspell_engine.analysis.semantics import OptionTable
    from llmspell_engine.diagnostics import Diagnostic
    from llmspell_engine.lint.rule import Rule
    from llmspell_engine.lint.subject import Subject


def unknown_keys(subject: Subject, rule: Rule, *, of_tools: bool) -> Iterator[Diagnostic]:
    """Keys that the schema does not have."""
    for table in _tables(subject, of_tools=of_tools):
        if not table.is_closed:
            continue
        given = {entry.key for entry in table.table.fields}
        free = [name for name in table.options if name not in given]
        for entry, option in table.entries:
            if option is None and entry.key is not None:
                meant = nearest(entry.key, free)
                message = f"'{entry.key}' is not among the {_plural(table)}{did_you_mean(meant)}"
                fix = None if entry.is_shorthand else renaming(entry.key_span, meant)
                yield rule.at(entry.key_span, message, fix=fix)


def missing_keys(subject: Subject, rule: Rule, *, of_tools: bool) -> Iterator[Diagnostic]:
    """Required keys that are not given."""
    for table in _tables(subject, of_tools=of_tools):
        if table.missing:
            names = ", ".join(f"'{option.name}'" for option in table.missing)
            verb = "is" if len(table.missing) == 1 else "are"
            yield rule.at(_head(table), f"{names} {verb} missing from the {_plural(table)}")


def invalid_values(subject: Subject, rule: Rule, *, of_tools: bool) -> Iterator[Diagnostic]:
    """Constant values that the schema does not allow."""
    for table in _tables(subject, of_tools=of_tools):
        for entry, option in table.entries:
            if option is None:
                continue
            found = complaint(subject, entry.value, option.schema)
            if found is not None and not subject.semantics.may_be_template(entry.value):
                yield rule.at(found.span, f"'{entry.key}' {found.message}", fix=found.fix)


def _tables(subject: Subject, *, of_tools: bool) -> Iterator[OptionTable]:
    return (table for table in subject.semantics.tables if (table.tool is not None) == of_tools)


def _plural(table: OptionTable) -> str:
    return table.title if table.tool is not None else f"options of {table.title}"


def _head(table: OptionTable) -> Span:
    """Where to report what is not there: the name of the call, or the table's opening brace."""
    literal = table.table
    if isinstance(literal.parent, Call):
        return literal.parent.name_span
    return Span(literal.start, literal.start + 1)
