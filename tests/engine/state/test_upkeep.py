"""What stores do for themselves: old values forgotten, writes that wait for the disk again, whole copies."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest
from llmspell_engine.state import MemoryStore, SQLiteStore, StateStore, Write
from llmspell_engine.state.backups import Backups
from llmspell_engine.state.store import Seen

MANY = {("s", str(number)): Write("1") for number in range(1001)}
LONGEST_SECONDS = 20


@pytest.mark.parametrize("seen", [Seen({}, {}), Seen({("s", "k"): 99}, {})], ids=["done", "refused"])
def test_after_a_write_that_did_not_wait_for_the_disk_others_do_again(seen: Seen, tmp_path: Path) -> None:
    with closing(SQLiteStore(tmp_path / "state.db")) as store:
        before = store._connection.execute("PRAGMA synchronous").fetchone()
        store.commit({("s", "k"): Write("1")}, seen, durable=False)
        assert store._connection.execute("PRAGMA synchronous").fetchone() == before == (2,)


def test_a_copy_is_one_file(tmp_path: Path) -> None:
    (tmp_path / "copies").mkdir()
    file = tmp_path / "copies" / "copy.db"
    with closing(SQLiteStore(tmp_path / "state.db")) as store:
        store.save("s", "k", "1")
        store.copy_to(file)
    with closing(sqlite3.connect(file)) as copy:
        assert copy.execute("PRAGMA journal_mode").fetchone() == ("delete",)
        assert copy.execute("SELECT value FROM entries").fetchall() == [("1",)]
        assert [one.name for one in file.parent.iterdir()] == [file.name]


def _kept(store: MemoryStore | SQLiteStore, key: str) -> bool:
    """Whether a value is still there, though nobody may see it any more."""
    if isinstance(store, MemoryStore):
        return ("s", key) in store._entries
    found = "SELECT 1 FROM entries WHERE scope = 's' AND key = ? AND value IS NOT NULL"
    return bool(store._connection.execute(found, (key,)).fetchall())


@pytest.mark.parametrize("kind", ["memory", "sqlite"])
def test_values_whose_time_is_up_go_after_many_writes(kind: str, tmp_path: Path) -> None:
    with closing(MemoryStore() if kind == "memory" else SQLiteStore(tmp_path / "state.db")) as store:
        store.save("s", "short", "1", 1e-6)
        store.save("s", "long", "1", 60)
        assert store.load("s", "short") is None
        assert _kept(store, "short")
        store.commit(MANY)
        assert not _kept(store, "short")
        assert _kept(store, "long")


def test_what_was_written_here_is_not_remembered_for_ever_where_somebody_listens(tmp_path: Path) -> None:
    heard: list[str] = []
    with closing(SQLiteStore(tmp_path / "state.db")) as store:
        store.listen(lambda change: heard.append(change.key))
        store.commit(MANY)
        store._look()
        assert store._own == set()
        store.save("s", "after", "1")
    assert heard == [*(key for _, key in MANY), "after"]


def test_a_backup_brings_back_nothing_whose_time_is_up(store: StateStore, tmp_path: Path) -> None:
    backups = Backups(store, tmp_path / "backups")
    store.save("s", "short", "1", 0.5)
    store.save("s", "long", "2", 600)
    made = backups.create()
    deadline = time.monotonic() + LONGEST_SECONDS
    while store.load("s", "short") is not None:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    done = backups.restore(made.id)
    assert done.restored == made.entries - 1
    assert store.keys("s") == ["long"]
