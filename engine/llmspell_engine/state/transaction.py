"""Changing what others may change too: transactions, comparing and setting, counting.

Nothing is locked while a script thinks. A transaction remembers what it has read, and is committed only if
that is still so; otherwise whoever made it does it all again. So nothing that it leaves behind rests on half
of another's work, and none waits for another.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from llmspell_engine.state.encoding import decode, encode
from llmspell_engine.state.store import (
    Address,
    Entry,
    Seen,
    StateConflictError,
    StateError,
    StateStore,
    Write,
    seconds_left,
)

_ATTEMPTS = 1000
"""How often a single value is tried to be changed: others must have changed it each time in between."""


class Transaction:
    """Reads from a store, and keeps what is written until it is committed."""

    def __init__(self, store: StateStore) -> None:
        self._store = store
        self._entries: dict[Address, Entry | None] = {}
        self._keys: dict[str, Sequence[str]] = {}
        self._writes: dict[Address, Write] = {}

    @property
    def addresses(self) -> list[Address]:
        """What it has read or written."""
        return sorted({*self._entries, *self._writes})

    def load(self, scope: str, key: str) -> str | None:
        """The text of a key, as this transaction has left it; the same each time it is asked for."""
        address = (scope, key)
        if address in self._writes:
            return self._writes[address].text
        if address not in self._entries:
            self._entries[address] = self._store.entry(scope, key)
        entry = self._entries[address]
        return entry.text if entry else None

    def save(self, scope: str, key: str, text: str, ttl_seconds: float | None = None) -> None:
        """Keep a text once it is committed."""
        self._writes[scope, key] = Write(text, ttl_seconds)

    def delete(self, scope: str, key: str) -> None:
        """Forget a key once it is committed."""
        self._writes[scope, key] = Write(None)

    def keys(self, scope: str) -> list[str]:
        """The keys of a scope, as this transaction has left them."""
        if scope not in self._keys:
            self._keys[scope] = self._store.keys(scope)
        own = {key: write for (owner, key), write in self._writes.items() if owner == scope}
        kept = [key for key in self._keys[scope] if key not in own]
        return sorted([*kept, *(key for key, write in own.items() if write.text is not None)])

    def commit(self) -> bool:
        """Write all of it; whether that was done. It is not where others changed what was read."""
        versions = {at: entry.version if entry else 0 for at, entry in self._entries.items()}
        return self._store.commit(self._writes, Seen(versions, self._keys))


def compare_and_set(store: StateStore, address: Address, expected: Any, write: Write) -> tuple[bool, Any]:
    """Write if a key has the expected value, None for having none; whether it did, and what it had."""
    for _ in range(_ATTEMPTS):
        entry = store.entry(*address)
        found = decode(entry.text) if entry else None
        if not is_same(found, expected):
            return False, found
        if store.commit({address: write}, _as(address, entry)):
            return True, found
    raise _contended(address)


def increment(store: StateStore, address: Address, by: float) -> float:
    """Add to the number of a key, 0 where it has none; the sum. Its time to live stays. Raises StateError."""
    for _ in range(_ATTEMPTS):
        entry = store.entry(*address)
        found = decode(entry.text) if entry else 0
        if isinstance(found, bool) or not isinstance(found, int | float):
            raise StateError(f"'{address[1]}' of '{address[0]}' is no number, so nothing can be added to it")
        total = found + by
        if not math.isfinite(total):
            raise StateError(f"'{address[1]}' of '{address[0]}' would become too large a number")
        write = Write(encode(total, "State.increment"), _left(entry))
        if store.commit({address: write}, _as(address, entry)):
            return total
    raise _contended(address)


def is_same(one: Any, other: Any) -> bool:
    """Whether two values are the same to a script: 1 is 1.0, and an empty table is an empty list."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(is_same(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(is_same, one, other))
    if isinstance(one, Mapping | list | tuple) and isinstance(other, Mapping | list | tuple):
        return not one and not other
    return bool(one == other)


def _as(address: Address, entry: Entry | None) -> Seen:
    return Seen({address: entry.version if entry else 0}, {})


def _left(entry: Entry | None) -> float | None:
    return seconds_left(entry) if entry else None


def _contended(address: Address) -> StateConflictError:
    return StateConflictError(
        f"'{address[1]}' of '{address[0]}' was changed by others {_ATTEMPTS} times in a row; try again later"
    )
