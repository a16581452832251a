"""Fixes of the linter, applied to a script until none is left."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmspell_engine.lint.check import check

if TYPE_CHECKING:
    from collections.abc import Iterable

    from llmspell_engine.analysis.workspace import Workspace
    from llmspell_engine.diagnostics import Diagnostic, Edit
    from llmspell_engine.lint.settings import LintSettings

ROUNDS = 20
"""A fix may make another one possible; two that undo each other must not go on for ever."""


def fix_script(
    workspace: Workspace, path: str, settings: LintSettings, *, unsafe: bool = False
) -> tuple[str, int, tuple[Diagnostic, ...]]:
    """The text of an open script with its findings fixed, how many were, and what is left to report.

    Only safe fixes are applied, unless the others are wanted too. The workspace then has the fixed text.
    """
    document = workspace.snapshot().document(path)
    text, count = document.tree.text.value, 0
    for _ in range(ROUNDS):
        found = check(workspace.snapshot(), path, settings)
        chosen = _chosen(found, unsafe=unsafe)
        if not chosen:
            return text, count, found
        text = _applied(text, (edit for edits in chosen for edit in edits))
        count += len(chosen)
        workspace.open(path, text, document.language)
    return text, count, check(workspace.snapshot(), path, settings)


def _chosen(found: Iterable[Diagnostic], *, unsafe: bool) -> list[tuple[Edit, ...]]:
    """The edits of the fixes that can be made together; those that touch another wait for the next round."""
    chosen: list[tuple[Edit, ...]] = []
    for one in found:
        if one.fix is None or not (one.fix.safe or unsafe):
            continue
        if not any(_touch(mine, other) for mine in one.fix.edits for edits in chosen for other in edits):
            chosen.append(one.fix.edits)
    return chosen


def _touch(one: Edit, other: Edit) -> bool:
    return one.span.start <= other.span.end and other.span.start <= one.span.end


def _applied(text: str, edits: Iterable[Edit]) -> str:
    for edit in sorted(edits, key=lambda one: one.span, reverse=True):
        text = text[: edit.span.start] + edit.new_text + text[edit.span.end :]
    return text
