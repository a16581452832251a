"""What once ended the whole process, in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from support.processes import environment

LUA = {
    # A value that the host got in a coroutine, kept by the error of the call, after the coroutine is gone.
    "errors of the host that outlive their coroutine": """
        for round = 1, 30 do
          local kept = {}
          for i = 1, 50 do
            pcall(coroutine.wrap(function()
              local noted <close> = setmetatable({}, { __close = function(_, problem) kept[i] = problem end })
              Tool.execute("nope", { i })
            end))
          end
          collectgarbage() collectgarbage()
          kept = nil
          collectgarbage() collectgarbage()
          pcall(os.getenv, "MY_OWN_KEY")
        end
        print("went on")
    """,
}


@pytest.mark.parametrize("name", LUA)
def test_the_process_goes_on(name: str, tmp_path: Path) -> None:
    script = tmp_path / "main.lua"
    script.write_text(LUA[name])
    ran = subprocess.run(
        [sys.executable, "-m", "llmspell_cli", "run", str(script)],
        cwd=tmp_path,
        env=environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "went on\n", "")
