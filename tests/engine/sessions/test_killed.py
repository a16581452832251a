"""A process that is killed at any moment leaves sessions whole, with all that it was told is kept.

A child changes a session in one way after the other, and says after each change that it was made. It is
killed after a time that is another one in each round; then all that it said must be there, and nothing half.
"""

from __future__ import annotations

import random
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from llmspell_engine.language import Language
from llmspell_engine.sessions.artifacts import Artifacts
from llmspell_engine.sessions.sessions import Sessions
from llmspell_engine.state import SQLiteStore
from support.processes import environment
from support.runtime import SUFFIX, both

ROUNDS = 20
CHILD = """
import os, sys
from pathlib import Path
from llmspell_engine.sessions.artifacts import Artifacts, Made
from llmspell_engine.sessions.sessions import Sessions
from llmspell_engine.state import SQLiteStore

store = SQLiteStore(Path(sys.argv[1]))
sessions = Sessions(store)
session, _ = sessions.begin("work")
first = session.stored + 1
for number in range(first, 1_000_000):
    store.save(f"session:{session.id}", "n", str(number))
    sessions.save(session.id, metadata={"n": number})
    sessions.checkpoint(session.id, str(number))
    Artifacts(sessions).store(session.id, Made("custom", "a", str(number) * 3000))
    os.write(1, f"{number}\\n".encode())
"""


def check_whole(store: SQLiteStore, said: int) -> None:
    """Everything that was said is there, and all that belongs together is."""
    sessions = Sessions(store)
    [session] = sessions.all()
    artifacts = Artifacts(sessions)
    found = artifacts.all(session.id)
    assert said <= session.stored <= said + 1
    assert session.artifacts == session.stored == len(found)
    for number, one in enumerate(found, 1):
        assert (one.sequence, one.version, artifacts.content(one)) == (number, number, str(number) * 3000)
    checkpoints = sessions.checkpoints(session.id)
    assert checkpoints[-1].id == str(session.checkpoints)
    assert session.stored <= session.checkpoints <= session.stored + ROUNDS + 1
    newest = checkpoints[-1]
    assert newest.values["n"][0] == newest.facts["metadata"]["n"] == int(newest.label or 0)


def test_no_acknowledged_change_is_lost_when_the_process_is_killed(tmp_path: Path) -> None:
    file, randomly, said = tmp_path / "state.db", random.Random(5), 0
    for _ in range(ROUNDS):
        child = subprocess.Popen(
            [sys.executable, "-c", CHILD, str(file)], stdout=subprocess.PIPE, env=environment(), text=True
        )
        assert child.stdout is not None
        lines = [child.stdout.readline()]
        time.sleep(randomly.uniform(0, 0.03))
        child.kill()
        lines += child.stdout.readlines()
        child.wait(20)
        child.stdout.close()
        whole = [int(line) for line in lines if line.endswith("\n")]
        said = max([said, *whole])
        with closing(SQLiteStore(file)) as store:
            check_whole(store, said)


SCRIPTS = {
    "lua": """
        local id = Session.get_current()
        local n = (State.load("session", "n") or 0) + 1
        State.save("session", "n", n)
        Session.checkpoint(id, tostring(n))
        Artifact.store(id, "agent_output", "part", "part " .. n)
        print(n)
        if n < 3 then io.read("l") end
        Session.complete(id)
    """,
    "javascript": """
        const id = Session.getCurrent();
        const n = (State.load("session", "n") ?? 0) + 1;
        State.save("session", "n", n);
        Session.checkpoint(id, String(n));
        Artifact.store(id, "agent_output", "part", "part " + n);
        console.log(n);
        if (n < 3) process.stdin.readLine();
        Session.complete(id);
    """,
}


@both
def test_a_script_that_is_killed_goes_on_in_its_session(language: Language, tmp_path: Path) -> None:
    script, file = tmp_path / f"main{SUFFIX[language]}", tmp_path / "state.db"
    script.write_text(SCRIPTS[language])
    command = [sys.executable, "-m", "llmspell_cli.main", "run", str(script), "--state", str(file)]
    for number in (1, 2, 3):
        child = subprocess.Popen(
            [*command, "--session", "work"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment(),
            text=True,
        )
        assert child.stdout is not None
        assert child.stdin is not None
        assert child.stdout.readline() == f"{number}\n"
        if number < 3:
            child.kill()
        assert child.wait(30) == (-9 if number < 3 else 0)
        child.stdin.close()
        child.stdout.close()
    with closing(SQLiteStore(file)) as store:
        sessions = Sessions(store)
        [session] = sessions.all()
        parts = Artifacts(sessions).all(session.id)
        assert (session.status, session.checkpoints) == ("completed", 3)
        assert [Artifacts(sessions).content(one) for one in parts] == ["part 1", "part 2", "part 3"]


DELETING = (
    CHILD.replace("for number in range(first, 1_000_000):", "for number in range(1, 9):")
    + "os.write(1, b'now\\n')\nsessions.delete(session.id)\nos.write(1, b'gone\\n')\n"
)


@pytest.mark.parametrize("seconds", [0.0, 0.0005, 0.001, 0.002, 0.2])
def test_a_session_that_is_deleted_as_the_process_dies_is_whole_or_gone(
    seconds: float, tmp_path: Path
) -> None:
    file = tmp_path / "state.db"
    child = subprocess.Popen(
        [sys.executable, "-c", DELETING, str(file)], stdout=subprocess.PIPE, env=environment(), text=True
    )
    assert child.stdout is not None
    while child.stdout.readline() != "now\n":
        assert child.poll() is None
    time.sleep(seconds)
    child.kill()
    rest = child.stdout.read()
    child.wait(20)
    child.stdout.close()
    with closing(SQLiteStore(file)) as store:
        if store.scopes():
            assert rest == ""
            check_whole(store, 8)
        else:
            assert Sessions(store).all() == []
