"""Backups: whole, checked, restored as a whole."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from llmspell_engine.state import StateError, StateStore
from llmspell_engine.state.backups import Backups
from llmspell_engine.state.store import everything


@pytest.fixture
def backups(store: StateStore, tmp_path: Path) -> Backups:
    store.save("global", "a", "1")
    store.save("global", "short", "2", 60)
    return Backups(store, tmp_path / "backups")


def test_a_backup_brings_back_what_there_was(backups: Backups, store: StateStore) -> None:
    made = backups.create("before the test")
    assert backups.all() == [made]
    assert (made.reason, made.entries, backups.problems(made.id)) == ("before the test", 2, [])
    store.save("global", "a", "3")
    store.save("global", "new", "4")
    store.delete("global", "short")
    done = backups.restore(made.id)
    assert (done.restored, done.removed) == (2, 1)
    assert {key: one.text for key, one in store.entries("global").items()} == {"a": "1", "short": "2"}
    assert store.entry("global", "short").expires is not None  # type: ignore[union-attr]
    backups.restore(done.before.id)
    assert {key: one.text for key, one in store.entries("global").items()} == {"a": "3", "new": "4"}
    assert [one.reason for one in backups.all()].count(f"before restoring {made.id}") == 1


def test_restoring_is_told_to_listeners_as_any_change(backups: Backups, store: StateStore) -> None:
    made = backups.create()
    store.save("global", "new", "4")
    heard: list[tuple[str, str]] = []
    store.listen(lambda change: heard.append((change.operation, change.key)))
    backups.restore(made.id)
    assert sorted(heard) == [("delete", "new"), ("save", "a"), ("save", "short")]


DAMAGE: list[tuple[Callable[[Path], Any], str]] = [
    (lambda file: file.write_bytes(file.read_bytes()[:-1] + b"!"), "its checksum is another one"),
    (lambda file: file.write_bytes(b""), "its checksum is another one"),
    (lambda file: file.unlink(), "is missing"),
    (lambda file: _note(file, entries=7), "it has 2 values instead of 7"),
    (lambda file: _changed(file, b"no database"), "cannot be read"),
]


def _note(file: Path, **changes: Any) -> None:
    note = file.with_suffix(".json")
    note.write_text(json.dumps({**json.loads(note.read_text()), **changes}))


def _changed(file: Path, data: bytes) -> None:
    file.write_bytes(data)
    _note(file, sha256=hashlib.sha256(data).hexdigest())


@pytest.mark.parametrize(("damage", "problem"), DAMAGE)
def test_a_damaged_backup_is_told_and_not_restored(
    backups: Backups, store: StateStore, tmp_path: Path, damage: Callable[[Path], Any], problem: str
) -> None:
    made = backups.create()
    store.save("global", "a", "3")
    before = everything(store)
    damage(tmp_path / "backups" / f"{made.id}.db")
    [told] = backups.problems(made.id)
    assert problem in told
    with pytest.raises(StateError, match=f"the backup '{made.id}' is not restored: "):
        backups.restore(made.id)
    assert everything(store) == before


@pytest.mark.parametrize("name", ["none", "../../etc/passwd", "20260101T000000Z-00000000", ""])
def test_a_backup_that_is_not_there_is_told(backups: Backups, name: str) -> None:
    for use in (backups.restore, backups.problems):
        with pytest.raises(StateError, match=f"there is no backup '{name}'"):
            use(name)


def test_a_note_that_cannot_be_read_is_left_out(backups: Backups, tmp_path: Path) -> None:
    made = backups.create()
    (tmp_path / "backups" / "20260101T000000Z-00000000.json").write_text("{}")
    (tmp_path / "backups" / "else.json").write_text("{}")
    assert backups.all() == [made]


def test_the_newest_are_left_by_a_clean_up(backups: Backups, tmp_path: Path) -> None:
    made = [backups.create() for _ in range(3)]
    surplus = backups.surplus(1)
    assert {one.id for one in surplus} < {one.id for one in made}
    for one in surplus:
        backups.remove(one)
    assert len(backups.all()) == 1
    assert len(list((tmp_path / "backups").iterdir())) == 2
    assert backups.surplus() == []


def test_a_folder_that_cannot_be_written_is_told(store: StateStore, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StateError, match="cannot be written: "):
        Backups(store, tmp_path / "file" / "backups").create()
    nowhere = Backups(store, None)
    assert nowhere.all() == []
    for use in (nowhere.create, lambda: nowhere.problems("x")):
        with pytest.raises(StateError, match=r"there is no (folder for backups|backup 'x')"):
            use()


def test_a_copy_that_fails_half_way_leaves_no_backup(
    backups: Backups, store: StateStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: Any) -> Any:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("llmspell_engine.state.backups._digest", fail)
    with pytest.raises(StateError, match="cannot be written: No space left on device"):
        backups.create()
    assert backups.all() == []
    assert list((tmp_path / "backups").iterdir()) == []
