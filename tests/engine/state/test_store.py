"""Stores of state: memory and SQLite answer alike."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from llmspell_engine.state import MemoryStore, SQLiteStore, StateError, StateStore, open_store
from llmspell_engine.state.encoding import JSONError, decode, encode


@pytest.fixture(params=["memory", "file"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[StateStore]:
    made = MemoryStore() if request.param == "memory" else SQLiteStore(tmp_path / "state.db")
    yield made
    made.close()


def test_a_store_keeps_by_scope_and_key(store: StateStore) -> None:
    store.save("a", "k", "1")
    store.save("b", "k", "2")
    store.save("a", "k", "3")
    assert (store.load("a", "k"), store.load("b", "k"), store.load("c", "k")) == ("3", "2", None)
    assert (store.keys("a"), store.keys("c")) == (["k"], [])
    store.delete("a", "k")
    store.delete("a", "k")
    assert store.load("a", "k") is None


def test_keys_are_sorted(store: StateStore) -> None:
    for key in ("b", "ä", "a"):
        store.save("s", key, "0")
    assert store.keys("s") == ["a", "b", "ä"]


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


def test_a_file_that_is_no_store_is_told(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("not a database, and long enough to be looked at as one" * 20)
    with pytest.raises(
        StateError, match=r"the state file '.*notes\.txt' cannot be used: file is not a database"
    ):
        open_store(file)


@pytest.mark.parametrize("value", [None, True, 1, 2**70, 1.5, "ä\0", "\ud800", [1, [2]], {"a": {"b": []}}])
def test_what_json_can_write_is_kept(value: object) -> None:
    assert decode(encode(value, "here")) == value


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"a": [1, float("nan")]}, "value.a[2] is NaN, which JSON cannot write"),
        ([b"\xff"], "value[1] is a binary string, which JSON cannot write"),
        (-float("inf"), "value is -infinity, which JSON cannot write"),
        (OSError("x"), "value is an error, which JSON cannot write"),
        (print, "value is a function, which JSON cannot write"),
    ],
)
def test_what_json_cannot_write_is_named(value: object, message: str) -> None:
    with pytest.raises(JSONError) as raised:
        encode(value, "here")
    assert str(raised.value) == f"here: {message}"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"a": ', "the text is not JSON: expecting value at line 1, column 7"),
        ("[NaN]", "the text is not JSON: there is no NaN in it"),
        ("[" * 100_000, "the text is nested too deeply"),
        ("1" * 5000, "the text has a number that cannot be read: "),
    ],
)
def test_what_is_no_json(text: str, message: str) -> None:
    with pytest.raises(JSONError) as raised:
        decode(text)
    assert str(raised.value).startswith(message)
