"""``--format json``: one object, a stable contract. Lines and columns from 1, columns in code points."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from llmspell_cli.linting.report import SEVERITIES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmspell_engine.diagnostics import Diagnostic, Fix
    from llmspell_engine.text import Span, Text

    from llmspell_cli.linting.report import CheckedScript, Report

VERSION = 1


def render(report: Report) -> Iterator[str]:
    """The report as one JSON object, in pieces."""
    counts = {f"{severity}s": report.count(severity) for severity in SEVERITIES}
    document = {
        "version": VERSION,
        "diagnostics": [row(checked, one) for checked in report.scripts for one in checked.diagnostics],
        "summary": {"files": len(report.scripts), **counts, "fixable": report.fixable},
    }
    yield json.dumps(document, indent=2, ensure_ascii=False)
    yield "\n"


def row(checked: CheckedScript, found: Diagnostic) -> dict[str, Any]:
    """One finding as the contract has it."""
    text = checked.script.text
    return {
        "file": checked.script.name,
        **_place(text, found.span),
        "code": found.code,
        "name": found.name,
        "severity": found.severity,
        "message": found.message,
        "url": None,
        "fix": None if found.fix is None else _fix(text, found.fix),
    }


def _fix(text: Text, fix: Fix) -> dict[str, Any]:
    edits = [{**_place(text, edit.span), "newText": edit.new_text} for edit in fix.edits]
    return {"title": fix.title, "safe": fix.safe, "edits": edits}


def _place(text: Text, span: Span) -> dict[str, int]:
    start, end = text.position(span.start), text.position(span.end)
    return {
        "line": start.line + 1,
        "column": start.column + 1,
        "endLine": end.line + 1,
        "endColumn": end.column + 1,
    }
