"""A process that is killed at any moment loses no write that was acknowledged.

A child writes one value after the other, and says after each that it is kept. It is killed after a time that
is another one in each round; then all that it said must be there.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from llmspell_engine.language import Language
from llmspell_engine.state import SQLiteStore
from support.runtime import SUFFIX, both

ROUNDS = 100
AT_ONCE = 2
"""How many children share the file."""
NURSERY = """
import os, sys
from pathlib import Path
from llmspell_engine.state import SQLiteStore, Write

def write(name):
    store = SQLiteStore(Path(sys.argv[1]))
    for number in range(1_000_000):
        if number % 2:
            store.save("s", name, str(number))
        else:
            store.commit({("s", name): Write(str(number)), ("s", name + "-twin"): Write(str(number))})
        os.write(1, f"{number}\\n".encode())

for line in sys.stdin:
    child = os.fork()
    if child == 0:
        write(line.strip())
    os.write(1, f"child {child}\\n".encode())
    _, status = os.waitpid(child, 0)
    os.write(1, f"dead {os.WTERMSIG(status)}\\n".encode())
"""
"""A process that has a child for each name that it is told, and tells of its death."""


class Nursery:
    """Has one child after the other."""

    def __init__(self, file: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", NURSERY, str(file)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def begin(self, name: str) -> None:
        """Have a child that writes under this name."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{name}\n")
        self._process.stdin.flush()
        self._said: list[int] = []
        self._child = 0
        while not (self._child and self._said):
            self._hear()

    def kill(self) -> int:
        """Kill the child; the last number that it said is kept."""
        os.kill(self._child, signal.SIGKILL)
        while self._hear() != "dead 9":
            pass
        return self._said[-1]

    def end(self) -> None:
        self._process.communicate(timeout=20)
        assert self._process.returncode == 0

    def _hear(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline().rstrip("\n")
        if line.startswith("child "):
            self._child = int(line.removeprefix("child "))
        elif not line.startswith("dead "):
            self._said.append(int(line))
        return line


@pytest.mark.timeout(300)
def test_no_acknowledged_write_is_lost_in_a_hundred_kills(tmp_path: Path) -> None:
    file, randomly, killed = tmp_path / "state.db", random.Random(7), 0
    nurseries = [Nursery(file) for _ in range(AT_ONCE)]
    while killed < ROUNDS:
        names = [str(killed + number) for number in range(AT_ONCE)]
        for nursery, name in zip(nurseries, names, strict=True):
            nursery.begin(name)
        said = []
        for nursery in nurseries:
            time.sleep(randomly.uniform(0, 0.02))
            said.append(nursery.kill())
        killed += AT_ONCE
        with closing(SQLiteStore(file)) as store:
            for name, number in zip(names, said, strict=True):
                kept, twin = (int(store.load("s", key) or -1) for key in (name, f"{name}-twin"))
                # One more may be there, which it could not say any more; but as a whole.
                assert number <= kept <= number + 1, (name, number, kept)
                assert twin == kept - kept % 2, (name, kept, twin)
    for nursery in nurseries:
        nursery.end()


def _last_line(child: subprocess.Popen[str]) -> int:
    assert child.stdout is not None
    # Not with communicate: some may have been read already, together with the first line.
    with child.stdout:
        out = child.stdout.read()
    assert child.wait(20) == -9
    whole = [line for line in out.split("\n")[:-1] if line]
    return int(whole[-1]) if whole else 0


SCRIPTS = {
    "lua": "for n = 0, 1000000 do State.save('global', 'n', n) print(n) end",
    "javascript": "for (let n = 0; n < 1000000; n++) { State.save('global', 'n', n); console.log(n); }",
}


@both
@pytest.mark.parametrize("seconds", [0.0, 0.01, 0.03])
def test_a_script_that_is_killed_has_kept_what_it_said(
    tmp_path: Path, language: Language, seconds: float
) -> None:
    script, file = tmp_path / f"main{SUFFIX[language]}", tmp_path / "state.db"
    script.write_text(SCRIPTS[language])
    command = [sys.executable, "-m", "llmspell_cli.main", "run", str(script), "--state", str(file)]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    assert child.stdout.readline() == "0\n"
    time.sleep(seconds)
    child.kill()
    said = _last_line(child)
    with closing(SQLiteStore(file)) as store:
        assert said <= int(store.load("global", "n") or -1) <= said + 1
