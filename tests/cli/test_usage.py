"""The table of ``llmspell run --usage``."""

from __future__ import annotations

from pathlib import Path

import pytest
from llmspell_cli.usage import table
from llmspell_engine.language import LANGUAGES, Language
from llmspell_engine.providers.metering import Used
from support import commands

CASES: list[tuple[str, dict[str, Used], str]] = [
    ("nothing", {}, "no model was called\n"),
    (
        "one model",
        {"openai/gpt-4o": Used(12, 8421, 1207, 0.0123)},
        "model           calls   input   output      cost\n"
        "openai/gpt-4o      12   8,421    1,207   $0.0123\n",
    ),
    (
        "several, and calls without a price",
        {"b/two": Used(3, 10, 20, 0.0, 3), "a/one": Used(2, 1000, 2000, 0.5, 1)},
        "model   calls   input   output      cost\n"
        "a/one       2   1,000    2,000   $0.5000  1 call without a price\n"
        "b/two       3      10       20         ?  3 calls without a price\n"
        "all         5   1,010    2,020   $0.5000  4 calls without a price\n",
    ),
]


@pytest.mark.parametrize(("name", "usage", "expect"), CASES, ids=[case[0] for case in CASES])
def test_the_table(name: str, usage: dict[str, Used], expect: str) -> None:
    assert table(usage) == expect


SCRIPTS: dict[Language, str] = {
    "lua": 'local echo = Agent.create({ model = "echo" }) echo:execute("one two") echo:execute("three")',
    "javascript": ""
    'const echo = Agent.create({ model: "echo" });\n'
    'await echo.execute("one two"); await echo.execute("three");',
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("fails", [False, True])
def test_a_run_tells_what_it_used(language: Language, fails: bool, tmp_path: Path) -> None:
    end = "" if not fails else " error('x')" if language == "lua" else " throw new Error('x');"
    (tmp_path / "main").write_text(SCRIPTS[language] + end)
    ran = commands.llmspell("run", "main", "--language", language, "--usage", cwd=tmp_path)
    assert (ran.returncode, ran.stdout) == (int(fails), "")
    head, line = ran.stderr.splitlines()[-2:]
    assert head.split() == ["model", "calls", "input", "output", "cost"]
    assert line.split()[:2] == ["echo/echo", "2"]
    assert line.split()[-1] == "$0.0000"
