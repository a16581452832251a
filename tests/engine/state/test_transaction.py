"""Changing what others change too: nothing is lost, and nothing is left half-way."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from llmspell_engine.state import StateConflictError, StateError, StateStore, Write
from llmspell_engine.state.encoding import JSONError
from llmspell_engine.state.transaction import Transaction, compare_and_set, increment, is_same

from .conftest import Place

K = ("s", "k")


def test_a_transaction_sees_its_own_writes_and_others_only_see_them_once_committed(store: StateStore) -> None:
    store.save("s", "a", "1")
    transaction = Transaction(store)
    transaction.save("s", "b", "2")
    transaction.delete("s", "a")
    assert (transaction.load("s", "a"), transaction.load("s", "b")) == (None, "2")
    assert (transaction.keys("s"), transaction.keys("t")) == (["b"], [])
    assert (store.load("s", "a"), store.load("s", "b")) == ("1", None)
    assert transaction.commit()
    assert (store.load("s", "a"), store.load("s", "b"), store.keys("s")) == (None, "2", ["b"])


def test_a_transaction_reads_the_same_each_time(store: StateStore) -> None:
    store.save("s", "a", "1")
    transaction = Transaction(store)
    assert (transaction.load("s", "a"), transaction.keys("s")) == ("1", ["a"])
    store.save("s", "a", "2")
    store.save("s", "b", "2")
    assert (transaction.load("s", "a"), transaction.keys("s")) == ("1", ["a"])
    assert not transaction.commit()


@pytest.mark.parametrize(
    ("mine", "theirs", "is_made"),
    [
        ("read a", "write a", False),
        ("read a", "delete a", False),
        ("read a", "write b", True),
        ("read none", "write none", False),
        ("keys", "write none", False),
        ("keys", "delete b", False),
        ("keys", "write a", True),
        ("write a", "write a", True),
        ("read a", "read a", True),
    ],
)
def test_a_transaction_is_made_unless_others_changed_what_it_read(
    store: StateStore, mine: str, theirs: str, is_made: bool
) -> None:
    store.save("s", "a", "1")
    store.save("s", "b", "1")
    transaction = Transaction(store)
    for way, does in ((transaction, mine), (store, theirs)):
        verb, _, key = does.partition(" ")
        match verb:
            case "read":
                way.load("s", key)
            case "write":
                way.save("s", key, "2")
            case "delete":
                way.delete("s", key)
            case "keys":
                way.keys("s")
    transaction.save("s", "written", "3")
    assert transaction.commit() is is_made
    assert (store.load("s", "written") is not None) is is_made


def test_transactions_of_threads_move_money_and_lose_none(place: Place) -> None:
    bank = place.open()
    for name in "abc":
        bank.save("bank", name, "100")
    failed: list[int] = []

    def move(number: int) -> None:
        store = place.open()
        done = 0
        while done < 10:
            source, target = "abc"[(number + done) % 3], "abc"[(number + done + 1) % 3]
            transaction = Transaction(store)
            amounts = [int(transaction.load("bank", name) or 0) for name in (source, target)]
            transaction.save("bank", source, str(amounts[0] - 7))
            transaction.save("bank", target, str(amounts[1] + 7))
            if transaction.commit():
                done += 1
            else:
                failed.append(number)

    threads = [threading.Thread(target=move, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(40)
    assert sum(int(bank.load("bank", name) or 0) for name in "abc") == 300


@pytest.mark.parametrize(
    ("kept", "expected", "is_set"),
    [
        (None, None, True),
        (None, 1, False),
        ("1", 1, True),
        ("1", 1.0, True),
        ("1", True, False),
        ("1", None, False),
        ('{"a": [1, {"b": null}]}', {"a": [1, {"b": None}]}, True),
        ('{"a": 1}', {"a": 1, "b": 2}, False),
        ("[]", {}, True),
        ("null", None, True),
    ],
)
def test_a_value_is_set_if_it_is_the_expected_one(
    store: StateStore, kept: str | None, expected: Any, is_set: bool
) -> None:
    if kept is not None:
        store.save(*K, kept)
    was_set, _ = compare_and_set(store, K, expected, Write('"new"'))
    assert was_set is is_set
    assert store.load(*K) == ('"new"' if is_set else kept)


def test_one_alone_gets_what_many_want(place: Place) -> None:
    got: list[int] = []

    def take(number: int) -> None:
        if compare_and_set(place.open(), K, None, Write(str(number)))[0]:
            got.append(number)

    threads = [threading.Thread(target=take, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert place.open().load(*K) == str(got[0])
    assert len(got) == 1


def test_numbers_are_added_to(store: StateStore) -> None:
    assert [increment(store, K, by) for by in (1, 2.5, -1)] == [1, 3.5, 2.5]
    store.save(*K, "5", 60)
    assert increment(store, K, 1) == 6
    assert store.entry(*K).expires is not None  # type: ignore[union-attr]


@pytest.mark.parametrize("kept", ['"text"', "true", "[1]", "null"])
def test_only_numbers_are_added_to(store: StateStore, kept: str) -> None:
    store.save(*K, kept)
    with pytest.raises(StateError, match="'k' of 's' is no number, so nothing can be added to it"):
        increment(store, K, 1)
    assert store.load(*K) == kept


def test_a_sum_that_is_too_large_is_refused(store: StateStore) -> None:
    store.save(*K, "1.7e308")
    with pytest.raises((StateError, JSONError), match="too large a number"):
        increment(store, K, 1.7e308)
    assert store.load(*K) == "1.7e308"


def test_who_is_never_let_in_is_told(store: StateStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(store), "commit", lambda *_: False)
    for use in (lambda: increment(store, K, 1), lambda: compare_and_set(store, K, None, Write("1"))):
        with pytest.raises(StateConflictError, match="'k' of 's' was changed by others 1000 times in a row"):
            use()


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [([1, 2], [1, 2.0], True), ([], {}, True), ([1], {"a": 1}, False), ("1", 1, False), (None, None, True)],
)
def test_values_that_are_the_same_to_scripts(one: Any, other: Any, same: bool) -> None:
    assert is_same(one, other) is is_same(other, one) is same
