"""Lint tests as data: a script with ``<!marks!>`` around what is reported, and the messages."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from llmspell_engine.analysis.workspace import Workspace
from llmspell_engine.lint.check import check
from llmspell_engine.lint.settings import LintSettings
from llmspell_engine.text import Span, Text

if TYPE_CHECKING:
    from llmspell_engine.diagnostics import Diagnostic, Fix
    from llmspell_engine.language import Language

SUFFIXES: dict[Language, str] = {"lua": ".lua", "javascript": ".js"}


def marked(source: str) -> tuple[str, list[Span]]:
    """A script without its marks, and the spans they stand around, in order of their ends."""
    text, spans, open_at = "", [], []
    for part in re.split(r"(<!|!>)", source):
        if part == "<!":
            open_at.append(len(text))
        elif part == "!>":
            spans.append(Span(open_at.pop(), len(text)))
        else:
            text += part
    assert not open_at, f"a mark is not closed in {source!r}"
    return text, sorted(spans)


def lint(
    text: str, language: Language = "lua", settings: LintSettings | None = None
) -> tuple[Diagnostic, ...]:
    """The diagnostics of a script."""
    path = f"/script{SUFFIXES[language]}"
    workspace = Workspace()
    workspace.open(path, text, language)
    return check(workspace.snapshot(), path, settings or LintSettings())


def check_lint(
    source: str, *messages: str, language: Language = "lua", select: str = "", ignore: str = ""
) -> tuple[Diagnostic, ...]:
    """Exactly the marked spans are reported, with these messages (``CODE message``), in order."""
    text, spans = marked(source)
    found = lint(text, language, LintSettings(tuple(select.split()), tuple(ignore.split())))
    shown = [(one.span, f"{one.code} {one.message}") for one in found]
    assert [message for _, message in shown] == list(messages), shown
    assert [span for span, _ in shown] == spans, [text[span.start : span.end] for span, _ in shown]
    return found


def fixed(text: str, fix: Fix | None) -> str:
    """A script with a fix applied."""
    assert fix is not None
    result = Text(text)
    for edit in sorted(fix.edits, key=lambda one: one.span, reverse=True):
        result = result.replace(edit.span, edit.new_text)
    return result.value
