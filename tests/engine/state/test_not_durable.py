"""What need not be on the disk at once outlives the process all the same, and what comes after it is safe."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from llmspell_engine.state import SQLiteStore, StateStore, Write
from support.processes import environment

WRITER = """\
import os, signal, sys
from pathlib import Path
from llmspell_engine.state import SQLiteStore, Write
store = SQLiteStore(Path(sys.argv[1]))
store.commit({("s", "quick"): Write("1")}, durable=False)
if len(sys.argv) > 2:
    store.save("s", "safe", "2")
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_every_store_takes_it(store: StateStore) -> None:
    assert store.commit({("s", "a"): Write("1")}, durable=False)
    assert store.load("s", "a") == "1"


@pytest.mark.parametrize("more", [[], ["more"]])
def test_a_killed_process_loses_nothing(tmp_path: Path, more: list[str]) -> None:
    file = tmp_path / "state.db"
    done = subprocess.run(
        [sys.executable, "-c", WRITER, str(file), *more], timeout=50, check=False, env=environment()
    )
    assert done.returncode == -signal.SIGKILL
    store = SQLiteStore(file)
    assert store.entries("s").keys() == {"quick", *(["safe"] if more else [])}
    store.close()


def test_the_next_write_waits_for_the_disk_again(tmp_path: Path) -> None:
    store = SQLiteStore(tmp_path / "state.db")
    store.commit({("s", "a"): Write("1")}, durable=False)
    full = 2
    assert store._connection.execute("PRAGMA synchronous").fetchone() == (full,)
    store.close()
