"""The examples do in both languages what is expected of them, run as their first lines say."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from support import commands
from support.processes import environment

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
NAMES = sorted(path.stem for path in (EXAMPLES / "lua").glob("*.lua"))
SUFFIX = {"lua": "lua", "javascript": "js"}
_COMMAND = re.compile(r"llmspell run (examples/.+)")
_MASKS = (
    (re.compile(r"^\d{4}-\d\d-\d\dT[\d:.]+Z", re.MULTILINE), "TIME"),
    (re.compile(r"duration_ms=[\d.]+"), "duration_ms=N"),
    (re.compile(r'"stack": \[[^\]]*\], '), ""),
    (re.compile(r', "stack": \[[^\]]*\]'), ""),
)
"""What differs in the log from run to run, and from language to language."""


@dataclass(frozen=True, slots=True)
class Command:
    """What an example's first comment says to run."""

    words: list[str]
    stdin: str | None


def _command(path: Path) -> Command:
    shown = _COMMAND.search(path.read_text("utf-8"))
    words = shlex.split(shown[1]) if shown else [str(path.relative_to(ROOT))]
    if "<" not in words:
        return Command(words, None)
    at = words.index("<")
    return Command(words[:at], (ROOT / words[at + 1]).read_text("utf-8"))


def _run(words: list[str]) -> list[str]:
    return [sys.executable, "-m", "llmspell_cli.main", "run", *words]


def _masked(log: str) -> str:
    for pattern, instead in _MASKS:
        log = pattern.sub(instead, log)
    return log


def _expected(name: str, suffix: str) -> str:
    path = EXAMPLES / "expected" / f"{name}.{suffix}"
    return path.read_text("utf-8") if path.exists() else ""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the examples, which some of them write to."""
    shutil.copytree(EXAMPLES, tmp_path / "examples")
    return tmp_path


def test_every_example_is_there_in_both_languages() -> None:
    assert sorted(path.stem for path in (EXAMPLES / "javascript").glob("*.js")) == NAMES
    assert len(NAMES) >= 55


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("language", ["lua", "javascript"])
def test_an_example_prints_what_is_expected(name: str, language: str, folder: Path) -> None:
    command = _command(EXAMPLES / language / f"{name}.{SUFFIX[language]}")
    ran = commands.llmspell("run", *command.words, cwd=folder, stdin=command.stdin or "")
    assert (ran.returncode, _masked(ran.stderr)) == (0, _expected(name, "log"))
    assert ran.stdout.replace("JavaScript", "Lua") == _expected(name, "txt") != ""


def test_the_linter_finds_nothing() -> None:
    linted = subprocess.run(
        [sys.executable, "-m", "llmspell_cli.main", "lint", "examples/lua", "examples/javascript"],
        cwd=ROOT, capture_output=True, text=True, timeout=50, check=False,
    )  # fmt: skip
    assert (linted.returncode, linted.stderr) == (0, ""), linted.stdout
    assert linted.stdout.startswith("No problems in ")


def test_the_table_of_examples_tells_of_all_with_their_commands() -> None:
    rows = dict(_rows())
    assert sorted(rows) == NAMES, "examples/README.md needs a row for each example"
    for name, command in rows.items():
        assert command.replace("…", f"examples/lua/{name}.lua") == "llmspell run " + " ".join(_shown(name))


def _rows() -> Iterator[tuple[str, str]]:
    for line in (EXAMPLES / "README.md").read_text("utf-8").splitlines():
        found = re.match(r"\| `(\w+)` \|.*\| `(llmspell run .*)` \|$", line)
        if found:
            yield found[1], found[2]


def _shown(name: str) -> list[str]:
    shown = _COMMAND.search((EXAMPLES / "lua" / f"{name}.lua").read_text("utf-8"))
    return [shown[1]] if shown else [f"examples/lua/{name}.lua"]


def _until(process: subprocess.Popen[str], last: str) -> list[str]:
    """The lines that a process prints before the last one, which it has to print within 40 seconds."""
    limit = threading.Timer(40, process.kill)
    limit.start()
    assert process.stdout is not None
    lines: list[str] = []
    for line in process.stdout:
        if line.strip() == last:
            limit.cancel()
            return lines
        lines.append(line.strip())
    pytest.fail(f"the process ended, or took too long, before it printed '{last}': {lines}")


@pytest.mark.parametrize("language", ["lua", "javascript"])
def test_a_newsroom_that_is_killed_goes_on_where_it_was(language: str, folder: Path) -> None:
    script = f"examples/{language}/newsroom.{SUFFIX[language]}"
    options = ["--state", "news.db", "--scripted", "examples/scripted.yaml"]
    with subprocess.Popen(
        _run([script, *options, "--param", "wait=yes"]),
        cwd=folder, env=environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as first:  # fmt: skip
        lines = _until(first, "waiting: kill me, or press Return")
        first.kill()
    assert lines[-1] == "done: draft"
    again = subprocess.run(
        _run([script, *options]), cwd=folder, env=environment(), capture_output=True, text=True,
        timeout=50, check=False,
    )  # fmt: skip
    assert (again.returncode, again.stderr) == (0, "")
    assert again.stdout.splitlines() == [
        "  done: check",
        "  done: count",
        "  done: edit",
        "  done: publish",
        "told: news.published of issue-7",
        "Bees keep warm, and their honey keeps.",
        "2 steps had been done before",
    ]
