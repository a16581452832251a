"""The examples do in both languages what is expected of them, run as their first lines say."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
NAMES = sorted(path.stem for path in (EXAMPLES / "lua").glob("*.lua"))
SUFFIX = {"lua": "lua", "javascript": "js"}
_COMMAND = re.compile(r"llmspell run (examples/.+)")


def _command(path: Path) -> list[str]:
    """The words of the command that an example's first comment shows."""
    shown = _COMMAND.search(path.read_text("utf-8"))
    return shlex.split(shown[1]) if shown else [str(path.relative_to(ROOT))]


def test_every_example_is_there_in_both_languages() -> None:
    assert sorted(path.stem for path in (EXAMPLES / "javascript").glob("*.js")) == NAMES
    assert len(NAMES) >= 15


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("language", ["lua", "javascript"])
def test_an_example_prints_what_is_expected(name: str, language: str) -> None:
    path = EXAMPLES / language / f"{name}.{SUFFIX[language]}"
    command = [sys.executable, "-m", "llmspell_cli.main", "run", *_command(path)]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=50, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")
    expected = EXAMPLES / "expected" / f"{name}.txt"
    assert ran.stdout.replace("JavaScript", "Lua") == expected.read_text("utf-8")
