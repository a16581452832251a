"""The one way to the diagnostics of a script, for the command line and for the editor alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmspell_engine.lint.registry import rules
from llmspell_engine.lint.settings import LintSettings
from llmspell_engine.lint.subject import Subject
from llmspell_engine.lint.suppression import covering

if TYPE_CHECKING:
    from collections.abc import Iterable

    from llmspell_engine.analysis.workspace import Snapshot
    from llmspell_engine.diagnostics import Diagnostic
    from llmspell_engine.lint.rule import RegisteredRule
    from llmspell_engine.syntax import SyntaxTree
    from llmspell_engine.text import Span

DEFAULTS = LintSettings()

_BLOCKS = frozenset({"chunk", "block", "program", "statement_block", "class_body"})
"""Nodes that hold statements, each of which may be whole although another is broken."""


def check(snapshot: Snapshot, path: str, settings: LintSettings = DEFAULTS) -> tuple[Diagnostic, ...]:
    """The diagnostics of a script, sorted. Raises KeyError when the snapshot has no such script."""
    document = snapshot.document(path)
    is_whole = not document.tree.faults
    spoken = (one for one in rules() if document.language in one.rule.languages)
    active = tuple(one for one in spoken if settings.allows(one.rule) and (is_whole or one.rule.tolerant))
    subject = Subject(document, active, settings)
    found = _unsuppressed(subject, _run(subject, (one for one in active if not one.rule.last)))
    found += _unsuppressed(subject, _run(subject, (one for one in active if one.rule.last)), by_name=True)
    weighed = map(settings.weighed, found) if settings.severity else found
    return tuple(sorted(weighed, key=lambda one: one.sort_key))


def _run(subject: Subject, active: Iterable[RegisteredRule]) -> list[Diagnostic]:
    found = [one for rule in active for one in rule.check(subject)]
    if not subject.tree.faults:
        return found
    return [one for one in found if one.code == "LS001" or stands_whole(subject.tree, one.span)]


def _unsuppressed(subject: Subject, found: list[Diagnostic], *, by_name: bool = False) -> list[Diagnostic]:
    """The findings that no comment covers; the entries of comments that cover some are noted.

    A finding about comments is covered only by one that names its rule, not by one for all rules.
    """
    kept = []
    for one in found:
        entries = covering(subject.tree, subject.suppressions, one)
        entries = [entry for entry in entries if entry.word] if by_name else entries
        subject.used.update(entries)
        if not entries:
            kept.append(one)
    return kept


def stands_whole(tree: SyntaxTree, span: Span) -> bool:
    """Whether a span stands in a statement that parses, in a script that does not.

    What the parser makes of a broken statement is a guess, and a finding about a guess is noise.
    """
    node = tree.root.descendant_for_byte_range(tree.byte(span.start), tree.byte(span.end))
    while node is not None and not node.has_error:
        node = node.parent
    return node is None or node.type in _BLOCKS
