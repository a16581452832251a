"""The editor and the command line report the same, in the same order, for every example."""

from __future__ import annotations

from pathlib import Path

import pytest
from llmspell_cli.commands.lint import check_script
from llmspell_cli.linting import json_report
from llmspell_cli.linting.files import read_script, script_names
from llmspell_engine.analysis.workspace import Workspace
from llmspell_engine.lint.settings import LintSettings
from support.lsp import serving

ROOT = Path(__file__).parent.parent.parent
SEVERITIES = {"error": 1, "warning": 2, "info": 3, "hint": 4}


@pytest.mark.asyncio
async def test_every_example_is_reported_alike() -> None:
    scripts = [read_script(name, None) for name in script_names([str(ROOT / "examples")])]
    assert {one.language for one in scripts} == {"lua", "javascript"}
    total = 0
    async with serving() as session:
        for script in scripts:
            checked = check_script(Workspace(), script, LintSettings())
            printed = [json_report.row(checked, one) for one in checked.diagnostics]
            uri = session.open(script.text.value, script.language, Path(script.name))
            pulled = await session.pulled(uri)
            told = [
                (
                    one.range.start.line + 1,
                    one.code,
                    int(one.severity or 0),
                    one.message,
                    session.slice(uri, one.range),
                )
                for one in pulled
            ]
            assert told == [
                (row["line"], row["code"], SEVERITIES[row["severity"]], row["message"], text)
                for row, found in zip(printed, checked.diagnostics, strict=True)
                for text in [script.text.value[found.span.start : found.span.end]]
            ], script.name
            total += len(told)
    assert total > 0
