"""Completion in shells: the code that ``llmspell completion`` prints, in the shells themselves."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from llmspell_cli.main import COMMANDS
from support.processes import environment
from support.terminal import on_terminal

TIMEOUT = 30

PROPOSED = [
    ("", {"run", "lint", "tools", "completion", "my script.lua", "main.js", "folder/"}),
    ("to", {"tools"}),
    ("lin", {"lint"}),
    ("tools ", {"list", "search", "info", "invoke"}),
    ("tools invoke calcul", {"calculator"}),
    ("tools info file-", {"file-converter", "file-operations", "file-search", "file-watcher"}),
    ("tools list --category fil", {"filesystem"}),
    ("tools invoke calculator --param in", {"input="}),
    ("tools invoke calculator in", {"input="}),
    ("run --profile h", {"high"}),
    ("run --prof", {"--profile"}),
    ("run --param", {"--param", "--param-json"}),
    ("run m", {"my script.lua", "main.js"}),
    ("run folder/", {"folder/inner.lua"}),
    ("run main.js --config n", {"notes.txt"}),
    ("repl --language j", {"javascript", "js"}),
    ("lint --explain LS10", {"LS101", "LS102"}),
    ("lint --config", set()),
    ("config show lo", {"log"}),
    ("completion ", {"bash", "zsh", "fish"}),
    ("main.js n", {"notes.txt"}),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("my script.lua", "main.js", "notes.txt", "folder/inner.lua"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("")
    return tmp_path


def proposed(line: str, folder: Path) -> set[str]:
    """What the command proposes at the end of a line, as the code of shells asks it."""
    asked = {
        "_ARGCOMPLETE": "1",
        "_ARGCOMPLETE_IFS": "\n",
        "_ARGCOMPLETE_SUPPRESS_SPACE": "1",
        "_ARGCOMPLETE_SHELL": "fish",  # which wants words unquoted
        "_ARGCOMPLETE_STDOUT_FILENAME": str(folder.parent / "proposed"),
        "COMP_LINE": f"llmspell {line}",
        "COMP_POINT": str(len(f"llmspell {line}")),
    }
    subprocess.run(
        [sys.executable, "-m", "llmspell_cli"],
        cwd=folder,
        env={**environment(), **asked},
        capture_output=True,
        timeout=TIMEOUT,
        check=True,
    )
    return set((folder.parent / "proposed").read_text().split("\n"))


@pytest.mark.parametrize(("line", "expected"), PROPOSED, ids=[line for line, _ in PROPOSED])
def test_what_is_proposed(line: str, expected: set[str], folder: Path) -> None:
    found = {one.strip() for one in proposed(line, folder)} - {""}
    assert expected <= found
    begun = line.rsplit(" ", 1)[-1]
    assert all(one.startswith(begun) for one in found)
    if not expected:
        assert not found


@pytest.mark.parametrize(
    "line",
    ["session show ", "session delete rep", "run --session rep", "run main.js --state s.db --session "],
)
def test_names_of_sessions_are_proposed(line: str, folder: Path) -> None:
    for state in ("", "--state s.db"):
        words = f"run main.js {state} --session report".split()
        begun = [sys.executable, "-m", "llmspell_cli", *words]
        subprocess.run(begun, cwd=folder, env=environment(), capture_output=True, timeout=TIMEOUT, check=True)
    assert "report" in {one.strip() for one in proposed(line, folder)}


def test_every_command_completes_its_options(folder: Path) -> None:
    for command in COMMANDS:
        assert "--help" in proposed(f"{command} --", folder), command


@pytest.fixture
def path(tmp_path: Path) -> str:
    """A search path with the command on it."""
    command = tmp_path / "bin" / "llmspell"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m llmspell_cli "$@"\n')
    command.chmod(0o755)
    return f"{command.parent}:{os.environ['PATH']}"


INTERACTIVE = {
    "bash": (["bash", "--norc", "--noprofile", "-i"], 'eval "$(llmspell completion bash)"'),
    "zsh": (
        ["zsh", "-f", "-i"],
        'autoload -U compinit; compinit -u -D; eval "$(llmspell completion zsh)"',
    ),
}
PRESSED = [
    ("llmspell comple\t", r"llmspell completion "),
    ("llmspell tools invoke calcul\t", r"llmspell tools invoke calculator "),
    ("llmspell run my\t", r"llmspell run my\\ script\.lua "),
    ("llmspell run --profile hi\t", r"llmspell run --profile +high "),
]


@pytest.mark.parametrize("shell", INTERACTIVE)
def test_tab_in_a_shell(shell: str, folder: Path, path: str) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    command, code = INTERACTIVE[shell]
    around = {**environment(), "PATH": path, "HOME": str(folder), "INPUTRC": os.devnull}
    with on_terminal(command, folder, **around) as terminal:
        # The word that is looked for is not what the terminal itself repeats.
        terminal.type(f"{code}; echo rea''dy\r")
        terminal.see("ready")
        for keys, seen in PRESSED:
            terminal.type(keys)
            terminal.see(seen)
            terminal.type("\x15")


def test_in_fish(folder: Path, path: str) -> None:
    if shutil.which("fish") is None:
        pytest.skip("fish is not installed")
    for line, expected in PROPOSED[1:-1]:
        done = subprocess.run(
            [
                "fish",
                "--no-config",
                "-c",
                f"llmspell completion fish | source; complete -C 'llmspell {line}'",
            ],
            cwd=folder,
            env={**environment(), "PATH": path, "HOME": str(folder)},
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
            check=True,
        )
        assert expected <= {re.split(r"\t", one)[0] for one in done.stdout.splitlines()}, line


def test_a_shell_that_is_not_known(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "llmspell_cli", "completion", "csh"],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert "argument SHELL: invalid choice: 'csh'" in done.stderr
