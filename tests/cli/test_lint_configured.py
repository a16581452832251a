"""``llmspell lint`` with what [lint] of the configuration above each script says."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from llmspell_cli.commands.lint import CLEAN, FAILED, FOUND
from support import commands
from support.processes import environment

SCRIPT = "local x = zzz\n"


def lint(*arguments: str, cwd: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    home = str(cwd / "home")
    env = {**environment(), "XDG_CONFIG_HOME": home, "APPDATA": home, **variables}
    return commands.llmspell("lint", *arguments, cwd=cwd, stdin=SCRIPT, env=env)


def findings(*arguments: str, cwd: Path, **variables: str) -> list[tuple[str, str, str]]:
    done = lint(*arguments, "--format", "json", cwd=cwd, **variables)
    assert done.stderr == ""
    return [(one["file"], one["code"], one["severity"]) for one in json.loads(done.stdout)["diagnostics"]]


def project(folder: Path, text: str) -> None:
    (folder / "llmspell.toml").write_text(text)
    (folder / "a.lua").write_text(SCRIPT)


def test_rules_and_severities_are_those_of_the_configuration(tmp_path: Path) -> None:
    project(tmp_path, "[lint]\nignore = ['LS401']\n[lint.severity]\nunused-local = 'hint'\n")
    assert findings("a.lua", cwd=tmp_path) == [("a.lua", "LS402", "hint")]
    assert lint("a.lua", cwd=tmp_path).returncode == CLEAN
    assert findings("-", "--stdin-filename", "b.lua", cwd=tmp_path) == [("b.lua", "LS402", "hint")]


def test_options_and_variables_win(tmp_path: Path) -> None:
    project(tmp_path, "lint.ignore = ['LS4']\n")
    assert findings("a.lua", cwd=tmp_path) == []
    assert findings("a.lua", "--ignore", "LS402", cwd=tmp_path) == [("a.lua", "LS401", "error")]
    assert findings("a.lua", cwd=tmp_path, LLMSPELL_LINT__IGNORE="LS401") == [("a.lua", "LS402", "warning")]


def test_each_script_has_the_configuration_above_it(tmp_path: Path) -> None:
    project(tmp_path, "lint.ignore = ['LS401']\n")
    (tmp_path / "inner").mkdir()
    project(tmp_path / "inner", "lint.select = ['LS401']\n")
    assert findings(".", cwd=tmp_path) == [
        ("a.lua", "LS402", "warning"), (str(Path("inner/a.lua")), "LS401", "error"),
    ]  # fmt: skip


def test_the_profile_of_runs_is_that_of_the_linter(tmp_path: Path) -> None:
    project(tmp_path, "[lint]\nselect = ['LS201']\n[security]\nallow = ['io.open']\ncustom.base = 'low'\n")
    (tmp_path / "a.lua").write_text("print(io.open('x'), os.remove('y'), os.execute('z'))\n")
    told = {
        (): "os.remove os.execute",
        ("--profile", "custom"): "os.execute",
        ("--profile", "none"): "",
        ("--profile", "high"): "os.remove os.execute",
    }
    for options, names in told.items():
        printed = json.loads(lint("a.lua", "--format", "json", *options, cwd=tmp_path).stdout)["diagnostics"]
        assert [one["message"].split("'")[3] for one in printed] == names.split()
    variable = {"LLMSPELL_SECURITY__PROFILE": "none"}
    assert findings("a.lua", cwd=tmp_path, **variable) == []


def test_excluded_files_are_left_out_of_folders(tmp_path: Path) -> None:
    project(tmp_path, "lint.exclude = ['gen/**', 'b.lua']\n")
    (tmp_path / "gen").mkdir()
    for name in ("gen/x.lua", "b.lua"):
        (tmp_path / name).write_text(SCRIPT)
    assert {file for file, _, _ in findings(".", cwd=tmp_path)} == {"a.lua"}
    assert {file for file, _, _ in findings("b.lua", cwd=tmp_path)} == {"b.lua"}


def test_a_wrong_configuration_is_told(tmp_path: Path) -> None:
    project(tmp_path, "[lint]\nignor = []\nselect = ['LS999']\n")
    done = lint("a.lua", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (FAILED, "")
    assert done.stderr.splitlines() == [
        "llmspell lint: llmspell.toml:2: there is no 'lint.ignor'; did you mean 'ignore'?",
        "llmspell lint: llmspell.toml:3: 'lint.select[0]': no rule is called 'LS999'",
    ]
    (tmp_path / "llmspell.toml").write_text("[run]\nnothing_of_the_linter = 1\n")
    assert lint("a.lua", cwd=tmp_path).returncode == FOUND


def test_a_configuration_brings_no_validation_library_in(tmp_path: Path) -> None:
    project(tmp_path, "[lint]\nselect = ['LS1']\n[run]\nmax_calls = 1\n")
    program = (
        "import sys; from llmspell_cli.main import main; main(['lint', 'a.lua']);"
        " sys.exit('pydantic' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        capture_output=True,
        encoding="utf-8",
        env=environment(),
        check=False,
        timeout=50,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "No problems in 1 file.\n"
