"""Stores of state: memory, SQLite and Redis answer alike."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from llmspell_engine.state import Seen, StateStore, Write
from llmspell_engine.state.changes import Change
from llmspell_engine.state.sqlite_files import read_file
from llmspell_engine.state.store import ANYTHING, everything, seconds_left

from .conftest import Place, eventually


def test_a_store_keeps_by_scope_and_key(store: StateStore) -> None:
    store.save("a", "k", "1")
    store.save("b", "k", "2")
    store.save("a", "k", "3")
    assert (store.load("a", "k"), store.load("b", "k"), store.load("c", "k")) == ("3", "2", None)
    assert (store.keys("a"), store.keys("c"), store.scopes()) == (["k"], [], ["a", "b"])
    store.delete("a", "k")
    store.delete("a", "k")
    assert (store.load("a", "k"), store.entry("a", "k"), store.scopes()) == (None, None, ["b"])


@pytest.mark.parametrize("name", ["ä 🙂", "a|b", "a:b", "a\0b", "x" * 10_000, "%s", "'; --"])
def test_any_text_is_a_name_and_a_value(store: StateStore, name: str) -> None:
    store.save(name, name, f'"{name}"')
    assert (store.load(name, name), store.keys(name), store.scopes()) == (f'"{name}"', [name], [name])
    store.delete(name, name)
    assert store.keys(name) == []


def test_keys_are_sorted(store: StateStore) -> None:
    for key in ("b", "ä", "a"):
        store.save("s", key, "0")
    assert store.keys("s") == list(store.entries("s")) == ["a", "b", "ä"]


def test_every_write_has_a_greater_version(store: StateStore) -> None:
    versions = []
    for key in ("a", "b", "a", "a"):
        store.save("s", key, "0")
        versions.append(store.entry("s", key).version)  # type: ignore[union-attr]
    store.delete("s", "a")
    store.save("s", "a", "0")
    versions.append(store.entry("s", "a").version)  # type: ignore[union-attr]
    assert versions == sorted(set(versions))


def test_a_value_whose_time_is_up_is_gone(store: StateStore) -> None:
    store.save("s", "short", "1", 0.05)
    store.save("s", "long", "2", 60)
    store.save("t", "short", "3", 0.05)
    long = store.entry("s", "long")
    assert long is not None
    assert 59 < (seconds_left(long) or 0) <= 60.5
    eventually(lambda: store.load("s", "short") is None and store.load("t", "short") is None)
    assert (store.keys("s"), list(store.entries("s")), store.scopes()) == (["long"], ["long"], ["s"])
    assert store.commit({("s", "new"): Write("4")}, Seen({("s", "short"): 0}, {"s": ["long"]}))
    store.sweep()
    assert store.sweep() == 0
    store.save("s", "long", "5")
    assert store.entry("s", "long").expires is None  # type: ignore[union-attr]


def test_a_commit_writes_all(store: StateStore) -> None:
    store.save("s", "old", "0")
    writes = {("s", "a"): Write("1"), ("t", "b"): Write("2", 60), ("s", "old"): Write(None)}
    assert store.commit(writes)
    assert {at: one.text for at, one in everything(store).items()} == {("s", "a"): "1", ("t", "b"): "2"}


@pytest.mark.parametrize(
    ("seen", "is_made"),
    [
        (lambda version: Seen({("s", "a"): version}, {}), True),
        (lambda version: Seen({("s", "a"): version + 1}, {}), False),
        (lambda version: Seen({("s", "a"): 0}, {}), False),
        (lambda _: Seen({("s", "none"): 0}, {}), True),
        (lambda version: Seen({("s", "none"): version}, {}), False),
        (lambda version: Seen({("s", "a"): version, ("s", "none"): 1}, {}), False),
        (lambda _: Seen({}, {"s": ["a", "b"], "t": []}), True),
        (lambda _: Seen({}, {"s": ["a"]}), False),
        (lambda _: Seen({}, {"s": ["a", "c"]}), False),
        (lambda _: Seen({}, {"t": ["a"]}), False),
        (lambda _: ANYTHING, True),
    ],
)
def test_a_commit_is_made_only_if_all_is_as_seen(
    store: StateStore, seen: Callable[[int], Seen], is_made: bool
) -> None:
    store.save("s", "a", "0")
    store.save("s", "b", "0")
    version = store.entry("s", "a").version  # type: ignore[union-attr]
    before = everything(store)
    assert store.commit({("s", "c"): Write("1"), ("s", "b"): Write(None)}, seen(version)) is is_made
    assert (store.load("s", "c"), store.load("s", "b")) == (("1", None) if is_made else (None, "0"))
    assert is_made or everything(store) == before


def test_a_store_serves_several_threads(store: StateStore) -> None:
    def fill(number: int) -> None:
        for index in range(20):
            store.save("s", f"{number}-{index}", "0")

    threads = [threading.Thread(target=fill, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(store.keys("s")) == 80


def test_listeners_hear_of_each_change_in_order(store: StateStore) -> None:
    heard: list[Change] = []
    store.save("s", "before", "0")
    stop = store.listen(heard.append)
    store.save("s", "a", "1")
    store.save("s", "a", "2")
    store.delete("s", "none")
    store.commit({("s", "b"): Write("3"), ("s", "a"): Write(None)})
    store.commit({("s", "c"): Write("4")}, Seen({("s", "b"): 0}, {}))
    told = [(one.key, one.operation, one.text) for one in heard]
    assert told == [("a", "save", "1"), ("a", "save", "2"), ("b", "save", "3"), ("a", "delete", None)]
    assert [one.version for one in heard] == sorted({one.version for one in heard})
    stop()
    store.save("s", "a", "5")
    assert len(heard) == 4


def test_listeners_hear_of_what_has_had_its_time(store: StateStore) -> None:
    heard: list[Change] = []
    store.listen(heard.append)
    store.save("s", "a", "1", 0.05)
    eventually(lambda: len(heard) == 2)
    assert [(one.key, one.operation) for one in heard] == [("a", "save"), ("a", "expire")]


def test_listeners_hear_of_what_other_stores_change(shared: Place) -> None:
    here, there = shared.open(), shared.open()
    heard: list[Change] = []
    there.save("s", "before", "0")
    here.listen(heard.append)
    here.save("s", "own", "1")
    there.save("s", "a", "2")
    eventually(lambda: len(heard) == 2)
    there.delete("s", "a")
    here.save("s", "own", "3")
    there.save("t", "b", "4")
    eventually(lambda: len(heard) == 5)
    own = [(one.operation, one.text) for one in heard if one.key == "own"]
    others = [(one.scope, one.key, one.operation, one.text) for one in heard if one.key != "own"]
    assert own == [("save", "1"), ("save", "3")]
    assert others == [("s", "a", "save", "2"), ("s", "a", "delete", None), ("t", "b", "save", "4")]


def test_a_copy_has_what_was_there_at_one_moment(store: StateStore, tmp_path: Path) -> None:
    store.save("s", "a", "1")
    store.save("s", "b", "2", 60)
    store.save("s", "gone", "3")
    store.delete("s", "gone")
    store.copy_to(tmp_path / "copy.db")
    before = everything(store)
    store.save("s", "a", "4")
    assert read_file(tmp_path / "copy.db") == before
    assert store.size() > 0


def test_a_store_says_where_it_is(place: Place) -> None:
    store = place.open()
    assert store.kind in ("memory", "sqlite", "redis")
    assert {"memory": "memory", "sqlite": "state.db", "redis": "test-"}[store.kind] in store.place
