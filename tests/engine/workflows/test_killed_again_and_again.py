"""A run that is killed again and again does each step once, that under way once more at most."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import pytest
from llmspell_engine.language import LANGUAGES, Language
from support.processes import environment

STEPS, KILLS = 150, 6
SCRIPT = {
    "lua": """\
local w = Workflow.loop({ name = "w", iterator = { range = { start = 1, ["end"] = STEPS + 1 } }, body = {
  { name = "a", execute = function(n) print(n) return n end },
} })
print("sum " .. #w:execute(nil, { run_id = "r" }).output)
""",
    "javascript": """\
const w = Workflow.loop({ name: "w", iterator: { range: { start: 1, end: STEPS + 1 } }, body: [
  { name: "a", execute: (n) => { console.log(n); return n } },
] });
console.log("sum " + (await w.execute(null, { runId: "r" })).output.length);
""",
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_killed_at_any_moment(language: Language, tmp_path: Path) -> None:
    script = tmp_path / {"lua": "main.lua", "javascript": "main.js"}[language]
    script.write_text(SCRIPT[language].replace("STEPS", str(STEPS)))
    command = [sys.executable, "-m", "llmspell_cli.main", "run", str(script)]
    command += ["--state", str(tmp_path / "state.db")]
    moments = random.Random(5)
    last = 0
    for _ in range(KILLS):
        heard = _until_killed(command, moments.randint(1, 12))
        if not heard:
            assert last == STEPS, "it had come to its end before it was killed"
            break
        assert heard[0] in (last, last + 1)
        assert heard == list(range(heard[0], heard[-1] + 1))
        last = heard[-1]
    done = subprocess.run(command, capture_output=True, text=True, timeout=50, check=True, env=environment())
    *rest, end = done.stdout.splitlines()
    assert end == f"sum {STEPS}"
    assert [int(one) for one in rest] in [list(range(first, STEPS + 1)) for first in (last, last + 1)]


def _until_killed(command: list[str], lines: int) -> list[int]:
    """The numbers of the steps that a process began which was killed when it had told so many."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment()) as process:
        assert process.stdout is not None
        heard = [process.stdout.readline() for _ in range(lines)]
        process.kill()
        heard += process.stdout.read().splitlines()
    return [int(one) for one in heard if one.strip().isdigit()]
