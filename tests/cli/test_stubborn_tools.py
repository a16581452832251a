"""A tool that never looks for its end holds up no process: it ends with the run, whatever the tool does."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest
from support.processes import environment

SLEEPS = 300
"""Seconds that the tool would take."""
PATIENCE = 40
OWN = f'''import time


def stubborn() -> str:
    """Sleeps, and looks at nothing."""
    time.sleep({SLEEPS})
    return "done"


def busy() -> str:
    """Computes, and looks at nothing."""
    end = time.monotonic() + {SLEEPS}
    while time.monotonic() < end:
        sum(range(1000))
    return "done"
'''
CONFIGURED = '[tools]\nmodules = ["own.py"]\ntimeout_seconds = 0.5\n'
LUA = 'local ok, problem = pcall(Tool.execute, "{name}", {{}}) print(ok, problem)'
JAVASCRIPT = (
    'try {{ await Tool.execute("{name}", {{}}); }} catch (problem) {{ console.log(false, String(problem)); }}'
)


@pytest.mark.parametrize("tool", ["stubborn", "busy"])
@pytest.mark.parametrize(
    ("words", "code"),
    [(["run", "main.lua"], 0), (["run", "main.js"], 0), (["tools", "invoke", "{name}"], 1)],
    ids=["lua", "javascript", "invoke"],
)
def test_the_process_ends_though_the_tool_does_not(
    tool: str, words: list[str], code: int, tmp_path: Path
) -> None:
    (tmp_path / "own.py").write_text(OWN)
    (tmp_path / "llmspell.toml").write_text(CONFIGURED)
    (tmp_path / "main.lua").write_text(LUA.format(name=tool))
    (tmp_path / "main.js").write_text(JAVASCRIPT.format(name=tool))
    begin = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "llmspell_cli", *(word.format(name=tool) for word in words)],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == code, done.stderr
    assert "took longer than 0.5 s and was stopped" in done.stdout + done.stderr
    assert time.monotonic() - begin < PATIENCE
