"""Where a fault is, as the command line shows it: the line of what was entered, or of the file it is in."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from llmspell_engine.language import LANGUAGES, Language
from support.processes import environment


def llmspell(folder: Path, *words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    home = str(folder / "home")
    return subprocess.run(
        [sys.executable, "-m", "llmspell_cli", *words],
        cwd=folder,
        env={**environment(), "XDG_CONFIG_HOME": home, "APPDATA": home},
        input=stdin,
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )


FAILING = {
    "what was entered": (
        "local x = 1\nerror('no')",
        "const x = 1;\nthrow new Error('no')",
        "eval:2: no\n\n  2 | error('no')\n    | ^\n  at eval:2 in main chunk\n",
        "eval:2:11: no\n\n  2 | throw new Error('no')\n    |           ^\n  at eval:2:11\n",
    ),
    "a file that it loads": (
        "require('deep')()",
        "const { f } = await import('./deep.js'); f()",
        'deep.lua:1: deep\n\n  1 | local function f() error("deep") end\n    | ^\n'
        "  at deep.lua:1 in function at line 1\n  at eval:1 in main chunk\n",
        'deep.js:2:13: deep\n\n  2 |   throw new Error("deep"); };\n    |             ^\n'
        "  at deep.js:2:13 in f\n  at eval:1:42\n",
    ),
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("where", FAILING)
def test_an_error_is_shown_with_its_line(where: str, language: Language, tmp_path: Path) -> None:
    (tmp_path / "deep.lua").write_text('local function f() error("deep") end\nreturn f\n')
    (tmp_path / "deep.js").write_text('export const f = () => {\n  throw new Error("deep"); };\n')
    lua, javascript, of_lua, of_javascript = FAILING[where]
    text, told = (lua, of_lua) if language == "lua" else (javascript, of_javascript)
    ran = llmspell(tmp_path, "eval", text, "--language", language)
    assert (ran.returncode, ran.stdout, ran.stderr) == (1, "", told)


def test_a_text_has_the_configuration_of_the_file_that_it_is_called(tmp_path: Path) -> None:
    """Editors lint what is not saved yet: by its name, wherever they run."""
    (tmp_path / "inner").mkdir()
    (tmp_path / "llmspell.toml").write_text("lint.select = ['LS402']\n")
    (tmp_path / "inner" / "llmspell.toml").write_text("lint.select = ['LS401']\n")
    for name, code in (("a.lua", "LS402"), ("inner/a.lua", "LS401")):
        words = ("lint", "-", "--stdin-filename", name, "--format", "json")
        found = json.loads(llmspell(tmp_path, *words, stdin="local x = zzz\n").stdout)
        assert [(one["file"], one["code"]) for one in found["diagnostics"]] == [(name, code)]
