"""Commands whose standard streams are closed from the start: they end as with streams that go nowhere."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = """print("out") io.stderr:write("err\\n")
Tool.execute("file-operations", { operation = "write", path = "kept.txt", input = "kept" })
print("out")
os.exit(3)
"""
COMMANDS = {
    "version": 0,
    "tools list": 0,
    "tools info calculator": 0,
    "tools info calc": 2,
    "tools invoke calculator input=1+1": 0,
    "lint x.lua": 0,
    "lint -": 2,
    "lint none.lua": 2,
    "config show": 0,
    "eval 1+1": 0,
    "run x.lua": 3,
    "run - --language lua": 0,
}


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&-", "<&- >&- 2>&-"])
@pytest.mark.parametrize("command", COMMANDS)
def test_what_is_closed_goes_nowhere(command: str, closed: str, tmp_path: Path) -> None:
    (tmp_path / "x.lua").write_text(SCRIPT)
    done = subprocess.run(
        f"exec '{sys.executable}' -m llmspell_cli {command} {closed}",
        shell=True,  # Only a shell closes a stream before the process starts.
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == COMMANDS[command], done.stderr.decode()
    assert b"Traceback" not in done.stderr
    if command == "run x.lua":
        assert (tmp_path / "kept.txt").read_text() == "kept", "no file has the number of a stream"


def test_processes_that_are_started_have_three_streams_too() -> None:
    look = "import os; [os.fstat(number) for number in range(3)]"
    program = (
        "import subprocess, sys; from llmspell_cli.closed_streams import open_closed_streams; "
        f"open_closed_streams(); sys.exit(subprocess.run([sys.executable, '-c', '{look}']).returncode)"
    )
    done = subprocess.run(
        f"exec '{sys.executable}' -c \"{program}\" <&- >&- 2>&-", shell=True, timeout=60, check=False
    )
    assert done.returncode == 0
