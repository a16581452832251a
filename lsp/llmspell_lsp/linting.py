"""How a document is checked: what the configuration above it says, and over that what the editor says."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from llmspell_engine.config.error import ConfigError
from llmspell_engine.config.lint_section import NOTHING, LintSection, lint_section
from llmspell_engine.lint.check import check

if TYPE_CHECKING:
    from llmspell_engine.diagnostics import Diagnostic

    from llmspell_lsp.state import Document, View


def found_in(view: View, document: Document) -> tuple[Diagnostic, ...]:
    """What the linter finds; nothing where the user does not want to see it."""
    section = _section(document)
    if not view.settings.lint_enabled or (_is_file(document) and section.excludes(Path(document.path))):
        return ()
    editor = view.settings.lint
    settings = replace(
        section.settings,
        select=editor.select or section.settings.select,
        ignore=editor.ignore or section.settings.ignore,
    )
    return check(view.snapshot, document.path, settings)


def faults_above(document: Document) -> tuple[str, ...]:
    """What is wrong with the configuration above a document; it is checked as without one then."""
    try:
        lint_section(_folder(document))
    except ConfigError as error:
        return error.faults
    return ()


def _section(document: Document) -> LintSection:
    try:
        return lint_section(_folder(document))
    except ConfigError:
        return NOTHING


def _folder(document: Document) -> Path:
    return Path(document.path).parent if _is_file(document) else Path.cwd()


def _is_file(document: Document) -> bool:
    return Path(document.path).is_absolute()
