"""What is special about state in an SQLite file: its layouts, other processes, and files that are none."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path

import pytest
from llmspell_engine.state import SQLiteStore, StateError, Write, open_store
from llmspell_engine.state.sqlite_files import read_file, write_file


def test_a_file_that_is_no_store_is_told(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("not a database, and long enough to be looked at as one" * 20)
    with pytest.raises(
        StateError, match=r"the state file '.*notes\.txt' cannot be used: file is not a database"
    ):
        open_store(file)


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StateError, match=r"the state file '.*state\.db' cannot be used: "):
        SQLiteStore(tmp_path / "file" / "state.db")


def test_the_layout_before_the_first_is_taken_over(tmp_path: Path) -> None:
    file = tmp_path / "state.db"
    with closing(sqlite3.connect(file)) as old, old:
        old.execute("CREATE TABLE state (scope TEXT, key TEXT, value TEXT, PRIMARY KEY (scope, key))")
        old.execute("INSERT INTO state VALUES ('global', 'k', '[1]')")
    for _ in range(2):
        with closing(SQLiteStore(file)) as store:
            assert (store.load("global", "k"), store.keys("global")) == ("[1]", ["k"])


def test_a_newer_layout_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "state.db"
    with closing(sqlite3.connect(file)) as newer:
        newer.execute("PRAGMA user_version = 99")
    with pytest.raises(StateError, match="it has layout 99, of a newer llmspell; this one knows 1"):
        SQLiteStore(file)


def test_a_name_that_is_no_text_is_told(tmp_path: Path) -> None:
    with closing(SQLiteStore(tmp_path / "state.db")) as store:
        with pytest.raises(StateError, match="a scope or key is no Unicode text"):
            store.save("s", "\ud800", "1")
        store.save("s", "k", "1")
        assert store.keys("s") == ["k"]


def test_a_commit_that_fails_half_way_writes_nothing(tmp_path: Path) -> None:
    with closing(SQLiteStore(tmp_path / "state.db")) as store:
        store.save("s", "a", "0")
        with pytest.raises(StateError, match="cannot be used"):
            store.commit({("s", "a"): Write("1"), ("s", "b"): Write("2"), ("s", "\ud800"): Write("3")})
        assert (store.load("s", "a"), store.load("s", "b")) == ("0", None)
        assert store.commit({("s", "a"): Write("4")})


def test_a_writer_that_holds_the_file_too_long_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("llmspell_engine.state.sqlite_files._PATIENCE_SECONDS", 0.1)
    file = tmp_path / "state.db"
    with closing(SQLiteStore(file)) as store, closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StateError, match=r"another process has been writing to it for 0.1 s; try again"):
            store.save("s", "a", "0")
        assert store.load("s", "a") is None
        other.execute("ROLLBACK")
        store.save("s", "a", "1")
        assert store.load("s", "a") == "1"


def test_stores_that_are_opened_at_the_same_time_agree(tmp_path: Path) -> None:
    opened: list[SQLiteStore] = []
    threads = [
        threading.Thread(target=lambda: opened.append(SQLiteStore(tmp_path / "state.db"))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    for number, store in enumerate(opened):
        store.save("s", str(number), "0")
    assert len(opened) == len(opened[0].keys("s")) == 8
    for store in opened:
        store.close()


COUNT = """
import sys
from pathlib import Path
from llmspell_engine.state import SQLiteStore
from llmspell_engine.state.transaction import increment
store = SQLiteStore(Path(sys.argv[1]))
for _ in range(100):
    increment(store, ("s", "count"), 1)
"""


def test_processes_that_count_at_the_same_time_lose_nothing(tmp_path: Path) -> None:
    command = [sys.executable, "-c", COUNT, str(tmp_path / "state.db")]
    processes = [subprocess.Popen(command) for _ in range(3)]
    assert [process.wait(50) for process in processes] == [0, 0, 0]
    with closing(SQLiteStore(tmp_path / "state.db")) as store:
        assert store.load("s", "count") == "300"


def test_rows_of_deleted_values_are_forgotten_in_the_end(tmp_path: Path) -> None:
    file = tmp_path / "state.db"
    with closing(SQLiteStore(file)) as store:
        store.save("s", "a", "0")
        store.delete("s", "a")
        store.save("s", "b", "0")
        store.delete("s", "b")
    with closing(sqlite3.connect(file)) as old, old:
        old.execute("UPDATE entries SET changed = 0")
    with closing(SQLiteStore(file)) as store:
        # The newest is left, so that versions never go back.
        with closing(sqlite3.connect(file)) as looked:
            assert looked.execute("SELECT key FROM entries").fetchall() == [("b",)]
        store.save("s", "c", "0")
        assert store.entry("s", "c").version == 5  # type: ignore[union-attr]


@pytest.mark.parametrize("damage", [b"", b"not a database" * 100])
def test_a_file_that_cannot_be_read_is_told(tmp_path: Path, damage: bytes) -> None:
    file = tmp_path / "copy.db"
    file.write_bytes(damage)
    with pytest.raises(StateError, match="cannot be read: "):
        read_file(file)


def test_a_file_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    with pytest.raises(StateError, match="cannot be written: "):
        write_file(tmp_path / "none" / "copy.db", {})
