"""A store that is opened when it is first used: a script that keeps nothing makes no file."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from llmspell_engine.state.store import ANYTHING, Address, Entry, Kind, Seen, StateStore, Write

if TYPE_CHECKING:
    from pathlib import Path

    from llmspell_engine.state.changes import Listener


class DeferredStore:
    """Does what the store does that ``open_`` gives. Any thread."""

    def __init__(self, open_: Callable[[], StateStore]) -> None:
        self._open = open_
        self._lock = threading.Lock()
        self._opened: StateStore | None = None

    @property
    def store(self) -> StateStore:
        """The store behind it. Raises StateError where it cannot be opened."""
        if self._opened is None:
            with self._lock:
                if self._opened is None:
                    self._opened = opened = self._open()
                    # What is called most goes there at once from now on.
                    vars(self).update(load=opened.load, save=opened.save)
        return self._opened

    @property
    def kind(self) -> Kind:
        """See the protocol."""
        return self.store.kind

    @property
    def place(self) -> str:
        """See the protocol."""
        return self.store.place

    def load(self, scope: str, key: str) -> str | None:
        """See the protocol."""
        return self.store.load(scope, key)

    def save(self, scope: str, key: str, text: str, ttl_seconds: float | None = None) -> None:
        """See the protocol."""
        self.store.save(scope, key, text, ttl_seconds)

    def delete(self, scope: str, key: str) -> None:
        """See the protocol."""
        self.store.delete(scope, key)

    def keys(self, scope: str) -> list[str]:
        """See the protocol."""
        return self.store.keys(scope)

    def entry(self, scope: str, key: str) -> Entry | None:
        """See the protocol."""
        return self.store.entry(scope, key)

    def entries(self, scope: str) -> dict[str, Entry]:
        """See the protocol."""
        return self.store.entries(scope)

    def scopes(self) -> list[str]:
        """See the protocol."""
        return self.store.scopes()

    def commit(self, writes: Mapping[Address, Write], seen: Seen = ANYTHING, *, durable: bool = True) -> bool:
        """See the protocol."""
        return self.store.commit(writes, seen, durable=durable)

    def listen(self, listener: Listener) -> Callable[[], None]:
        """See the protocol."""
        return self.store.listen(listener)

    def sweep(self) -> int:
        """See the protocol."""
        return self.store.sweep()

    def copy_to(self, file: Path) -> None:
        """See the protocol."""
        self.store.copy_to(file)

    def size(self) -> int:
        """See the protocol."""
        return self.store.size()

    def close(self) -> None:
        """See the protocol. What was never opened need not be closed."""
        if self._opened is not None:
            self._opened.close()
