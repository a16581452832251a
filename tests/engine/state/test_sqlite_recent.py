"""Rows that are given again without asking SQLite: never after anybody has changed the file."""

from __future__ import annotations

import ctypes
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import IO

import pytest
from llmspell_engine.state import SQLiteStore, StateError, Write, sqlite_recent
from llmspell_engine.state.sqlite_recent import RecentRows

ON_LINUX = pytest.mark.skipif(sys.platform != "linux", reason="rows are kept on Linux alone")
TURNS = 400

OTHER = """
import os, signal, sqlite3, sys
from pathlib import Path
from llmspell_engine.state import SQLiteStore, Write
file = Path(sys.argv[1])
store, raw = SQLiteStore(file), sqlite3.connect(file, isolation_level=None)
def put(text): store.commit({("s", "k"): Write(text)}, durable=False)
print("ready", flush=True)
for line in sys.stdin:
    print(eval(line), flush=True)
"""
"""Another process: does what it is told line by line, and says what came of it."""


class Other:
    """The other process."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._stdin: IO[str] = process.stdin
        self._stdout: IO[str] = process.stdout
        assert self._stdout.readline() == "ready\n"

    def do(self, expression: str) -> str:
        self._stdin.write(expression + "\n")
        self._stdin.flush()
        return self._stdout.readline().rstrip("\n")


@contextmanager
def other_process(file: Path) -> Iterator[Other]:
    process = subprocess.Popen(
        [sys.executable, "-c", OTHER, str(file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        yield Other(process)
    finally:
        process.kill()
        process.communicate(timeout=30)


@contextmanager
def reading(file: Path) -> Iterator[tuple[SQLiteStore, list[str]]]:
    """A store that has read often enough to keep rows, and the statements that it asks SQLite."""
    asked: list[str] = []
    with closing(SQLiteStore(file)) as store:
        for _ in range(20):
            store.load("s", "k")
        store._connection.set_trace_callback(asked.append)
        yield store, asked


@ON_LINUX
def test_what_nobody_has_changed_is_not_read_again(tmp_path: Path) -> None:
    with reading(tmp_path / "state.db") as (store, asked):
        store.save("s", "k", "1")
        asked.clear()
        assert [store.load("s", "k"), store.load("s", "none")] == ["1", None]
        assert len(asked) == 2
        assert [store.load("s", "k"), store.load("s", "none")] * 3 == ["1", None] * 3
        assert len(asked) == 2


def test_two_processes_that_take_turns_never_read_what_was_before(tmp_path: Path) -> None:
    file = tmp_path / "state.db"
    with other_process(file) as other, reading(file) as (store, _):
        for turn in range(TURNS):
            other.do(f"put('{turn}')")
            assert [store.load("s", "k") for _ in range(3)] == [str(turn)] * 3
            store.commit({("s", "k"): Write(f"-{turn}")}, durable=False)
            assert other.do('[store.load("s", "k") for _ in range(3)]') == str([f"-{turn}"] * 3)
            assert store.load("s", "k") == f"-{turn}"


CHANGES = {
    "a value in place of another": ("put('2')", "2"),
    "a value that is deleted": ("store.delete('s', 'k')", None),
    "a value with a time to live": ("store.save('s', 'k', '2', 0.000001)", None),
    "what is written past the engine": ("raw.execute(\"UPDATE entries SET value = '2'\")", "2"),
    "the log moved into the file, and begun anew": (
        "[raw.execute('PRAGMA wal_checkpoint(TRUNCATE)').fetchall(), put('2')]",
        "2",
    ),
    "the log begun anew in its own place": (
        "[raw.execute('PRAGMA wal_checkpoint(RESTART)').fetchall(), put('2')]",
        "2",
    ),
    "the log moved alone": ("raw.execute('PRAGMA wal_checkpoint(TRUNCATE)').fetchall()", "1"),
    "the file written anew": ("[raw.execute('VACUUM'), put('2'), raw.execute('VACUUM')]", "2"),
    "a change that is undone": (
        "[raw.execute(one) for one in ('BEGIN', \"UPDATE entries SET value = '2'\", 'ROLLBACK')]",
        "1",
    ),
    "a change that its process does not live to finish": (
        "[raw.execute(one) for one in ('BEGIN', \"UPDATE entries SET value = '2'\")]"
        " and os.kill(os.getpid(), signal.SIGKILL)",
        "1",
    ),
    "a change after which its process ends at once": (
        "[put('2'), os.kill(os.getpid(), signal.SIGKILL)]",
        "2",
    ),
    "another table": ("raw.execute('CREATE TABLE other (a)')", "1"),
}


@pytest.mark.parametrize(("change", "expected"), CHANGES.values(), ids=CHANGES)
def test_what_another_process_did_is_seen(tmp_path: Path, change: str, expected: str | None) -> None:
    file = tmp_path / "state.db"
    with reading(file) as (store, _), other_process(file) as other:
        store.save("s", "k", "1")
        assert [store.load("s", "k"), store.load("s", "k")] == ["1", "1"]
        other.do(change)
        assert [store.load("s", "k"), store.load("s", "k")] == [expected] * 2
        store.save("s", "k", "3")
        assert [store.load("s", "k"), store.load("s", "k")] == ["3", "3"]


def test_time_goes_on_for_what_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr("llmspell_engine.state.sqlite.time", SimpleNamespace(time=lambda: now))
    with reading(tmp_path / "state.db") as (store, _):
        store.save("s", "k", "1", 10)
        assert [store.load("s", "k"), store.load("s", "k")] == ["1", "1"]
        now = 1010.5
        assert store.load("s", "k") is None


def renamed(file: Path) -> Path:
    """The file under another name, with what belongs to it: SQLite goes on with what it has open."""
    for path in list(file.parent.glob(f"{file.name}*")):
        path.rename(path.with_name(f"old-{path.name}"))
    return file


@ON_LINUX
@pytest.mark.parametrize(
    "what",
    ["another system", "a file that was renamed", "a file in place of another", "one that was deleted"],
)
def test_where_the_index_is_not_found_for_sure_all_is_read(
    tmp_path: Path, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "state.db"
    with closing(SQLiteStore(file)) as store, closing(sqlite3.connect(":memory:")) as none:
        others = [none]
        if what == "another system":
            monkeypatch.setattr("llmspell_engine.state.sqlite_recent.sys", SimpleNamespace(platform="win32"))
        elif what == "one that was deleted":
            (tmp_path / "state.db-shm").unlink()
        else:
            renamed(file)
        if what == "a file in place of another":
            others.append(sqlite3.connect(file, isolation_level=None))
            others[1].execute("PRAGMA journal_mode = WAL")
            others[1].execute("CREATE TABLE a (b)")
        store.save("s", "k", "1")
        asked: list[str] = []
        store._connection.set_trace_callback(asked.append)
        assert [store.load("s", "k") for _ in range(30)] == ["1"] * 30
        assert len(asked) == 30
        others[-1].close()


def test_a_header_that_is_being_written_vouches_for_nothing(tmp_path: Path) -> None:
    header = ctypes.create_string_buffer(b"\1" * 48 + b"\2" * 48, 96)
    rows = RecentRows(tmp_path / "state.db", None)
    rows._header = header
    assert rows.find(("s", "k")) is None
    assert rows.keep(("s", "k"), ("1", None)) == ("1", None)
    assert rows.find(("s", "k")) is None
    header.raw = b"\2" * 96
    assert rows.find(("s", "k")) is None
    rows.keep(("s", "k"), ("2", None))
    assert rows.find(("s", "k")) == ("2", None)


def test_a_change_between_looking_and_reading_is_not_kept_from_anybody(tmp_path: Path) -> None:
    header = ctypes.create_string_buffer(b"\1" * 96, 96)
    rows = RecentRows(tmp_path / "state.db", None)
    rows._header = header
    assert rows.find(("s", "k")) is None
    header.raw = b"\2" * 96
    rows.keep(("s", "k"), ("1", None))
    header.raw = b"\1" * 96
    assert rows.find(("s", "k")) is None


@ON_LINUX
def test_no_more_is_kept_than_fits(tmp_path: Path) -> None:
    with reading(tmp_path / "state.db") as (store, _):
        large = "1" * 300_000
        for number in range(10):
            store.save("s", str(number), large)
        for number in [*range(10), *range(10)]:
            assert store.load("s", str(number)) == large
        kept = store._recent._rows
        assert 0 < sum(len(row[0] or "") for row in kept.values()) <= sqlite_recent._MOST_SIZE
        for number in range(10):
            assert store.load("s", f"{number:0300000}") is None
        assert 0 < sum(len(key) for _, key in kept) <= sqlite_recent._MOST_SIZE


def test_a_store_that_is_closed_is_not_looked_at(tmp_path: Path) -> None:
    with reading(tmp_path / "state.db") as (store, _):
        store.save("s", "k", "1")
        assert [store.load("s", "k"), store.load("s", "k")] == ["1", "1"]
        store.close()
        with pytest.raises(StateError, match="cannot be used"):
            store.load("s", "k")
