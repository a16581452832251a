"""``llmspell config`` as a process: what it prints, what it writes, and how it exits."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import jsonschema
import pytest
from llmspell_cli.commands.config import DONE, UNUSABLE
from support import commands
from support.processes import environment


def config(*arguments: str, cwd: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in environment().items() if not name.startswith("LLMSPELL_")}
    home = str(cwd / "home")
    env = {**clean, "XDG_CONFIG_HOME": home, "APPDATA": home, **variables}
    return commands.llmspell("config", *arguments, cwd=cwd, env=env)


def test_a_project_begins_with_a_valid_file(tmp_path: Path) -> None:
    done = config("init", "project", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (DONE, f"{Path('project/llmspell.toml')} written\n")
    assert config("validate", cwd=tmp_path / "project").stdout == "llmspell.toml: valid\n"
    again = config("init", "project", cwd=tmp_path)
    assert (again.returncode, again.stdout) == (UNUSABLE, "")
    assert "is there already; --force writes over it" in again.stderr
    (tmp_path / "project" / "llmspell.toml").write_text("run.max_calls = 1")
    assert config("init", "--force", "project", cwd=tmp_path).returncode == DONE
    assert "max_calls = 200" in (tmp_path / "project" / "llmspell.toml").read_text()


def test_init_does_not_make_a_second_configuration(tmp_path: Path) -> None:
    (tmp_path / "llmspell.json").write_text("{}")
    done = config("init", "--force", cwd=tmp_path)
    assert done.returncode == UNUSABLE
    assert done.stderr == "llmspell config: llmspell.json: is there already; there can be one only\n"
    assert not (tmp_path / "llmspell.toml").exists()


def test_show(tmp_path: Path) -> None:
    (tmp_path / "llmspell.yaml").write_text(
        "run:\n  max_calls: 3\nproviders:\n  a:\n    api_key: ${MY_KEY}\n"
    )
    variables = {"MY_KEY": "very-very-secret", "LLMSPELL_RUN__MAX_COST": "2"}
    done = config("show", "run", cwd=tmp_path, **variables)
    assert done.stdout.splitlines() == [
        "run.max_calls = 3      # llmspell.yaml:2",
        "run.max_tokens = none  # default",
        "run.max_cost = 2.0     # LLMSPELL_RUN__MAX_COST",
        "run.params = {}        # default",
        "run.cassette = none    # default",
    ]
    plain = config("show", "run.max_calls", "--no-origin", "--format", "toml", cwd=tmp_path, **variables)
    assert plain.stdout == "[run]\nmax_calls = 3\n"
    whole = config("show", "--format", "json", cwd=tmp_path, **variables)
    printed = json.loads(whole.stdout)
    assert printed["values"]["providers"]["a"]["api_key"] == "[secret]"
    assert printed["origins"]["providers.a.api_key"] == "llmspell.yaml:5 ${MY_KEY}"
    assert "very-very-secret" not in whole.stdout
    assert (whole.returncode, whole.stderr) == (DONE, "")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["show", "rum"], "there is no 'rum'; did you mean 'run'?"),
        (["show", "providers.mine"], "there is no 'providers.mine'"),
        (["show", "run.max_calls.more"], "there is no 'run.max_calls.more'"),
        (["show", "--config", "none.toml"], "none.toml: cannot be read: No such file or directory"),
        (["migrate"], "there is no configuration here or above; name a file"),
        (["validate", "none.toml"], "none.toml: cannot be read: No such file or directory"),
    ],
)
def test_what_cannot_be_done(arguments: list[str], told: str, tmp_path: Path) -> None:
    done = config(*arguments, cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (UNUSABLE, "", f"llmspell config: {told}\n")


def test_validate_tells_all_faults_of_all_files(tmp_path: Path) -> None:
    (tmp_path / "good.toml").write_text("[run]\nmax_calls = 1\n")
    (tmp_path / "bad.toml").write_text("[run]\nmax_call = 1\n[log]\nlevel = 'x'\n[lint]\nselect = ['LS9']\n")
    (tmp_path / "broken.json").write_text("{")
    done = config("validate", "good.toml", "bad.toml", "broken.json", cwd=tmp_path)
    assert done.returncode == UNUSABLE
    assert done.stdout == "good.toml: valid\n"
    assert done.stderr.splitlines() == [
        "llmspell config: bad.toml:2: there is no 'run.max_call'; did you mean 'max_calls'?",
        "llmspell config: bad.toml:4: 'log.level': should be 'trace', 'debug', 'info', 'warn' or 'error'",
        "llmspell config: bad.toml:6: 'lint.select[0]': no rule is called 'LS9'",
        "llmspell config: broken.json:1: expecting property name enclosed in double quotes",
    ]


def test_validate_looks_at_variables_too(tmp_path: Path) -> None:
    done = config("validate", cwd=tmp_path, LLMSPELL_RUN__MAX_CALL="1")
    assert done.returncode == UNUSABLE
    assert "did you mean LLMSPELL_RUN__MAX_CALLS?" in done.stderr
    assert config("validate", cwd=tmp_path).stdout == "no file found; the defaults: valid\n"


def test_migrate(tmp_path: Path) -> None:
    old = "[engines.lua]\nmax_memory_bytes = 1048576 # one\nstdlib = 'All'\n"
    (tmp_path / "llmspell.toml").write_text(old)
    told = config("validate", cwd=tmp_path)
    assert "bring it up to date with 'llmspell config migrate llmspell.toml'" in told.stderr
    tried = config("migrate", "--dry-run", cwd=tmp_path)
    assert "memory_mb = 1  # one" in tried.stdout
    assert (tmp_path / "llmspell.toml").read_text() == old
    done = config("migrate", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (DONE, "")
    assert done.stdout.splitlines() == [
        "llmspell.toml: brought from version 0 to 1; the old file is llmspell.toml.bak-1",
        "  engines.lua.stdlib has no place any more; it is kept as a comment",
    ]
    assert (tmp_path / "llmspell.toml").read_text() == tried.stdout
    assert (tmp_path / "llmspell.toml.bak-1").read_text() == old
    assert config("migrate", cwd=tmp_path).stdout == "llmspell.toml: is of the newest version (1)\n"
    assert config("validate", cwd=tmp_path).returncode == DONE


def test_the_schema_is_printed(tmp_path: Path) -> None:
    schema = json.loads(config("schema", cwd=tmp_path).stdout)
    assert jsonschema.Draft7Validator(schema).is_valid({"run": {"max_calls": 1}})


def test_an_action_is_needed(tmp_path: Path) -> None:
    assert config(cwd=tmp_path).returncode == UNUSABLE
