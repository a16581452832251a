"""The reference page of the rules, made of their docstrings."""

from __future__ import annotations

from llmspell_engine.lint.registry import rules

INTRODUCTION = """\
# Lint rules

`llmspell lint` and the language server report the same findings. Choose rules with `--select` and
`--ignore` (in the editor: `llmspell.lint.select`, `llmspell.lint.ignore`), by code (`LS111`), by the
beginning of a code (`LS1`) or by name (`unknown-tool`).

A comment accepts a finding: `llmspell: ignore LS111` on its line, `llmspell: ignore-next-line LS111`
on the line before, `llmspell: ignore-file LS111` anywhere. Several codes or names may follow each
other; a reason may follow after `--`.
"""


def lint_reference() -> str:
    """All rules in Markdown: a table, then the documentation of each."""
    rows = [
        f"| [{one.rule.code}](#{one.rule.code.lower()}-{one.rule.name}) | `{one.rule.name}` "
        f"| {one.rule.severity} | {one.documentation.splitlines()[0]} |"
        for one in rules()
    ]
    table = "\n".join(["| Code | Name | Severity | What it is about |", "|---|---|---|---|", *rows])
    chapters = [
        f"## {one.rule.code} {one.rule.name}\n\n{one.documentation.replace('## ', '### ')}\n"
        for one in rules()
    ]
    return "\n".join([INTRODUCTION, table, "", *chapters])
