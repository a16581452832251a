"""State in memory: forgotten at the end of the process."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from llmspell_engine.state.changes import Change, Listener, Listeners
from llmspell_engine.state.store import ANYTHING, Address, Entry, Kind, Seen, Write, everything

if TYPE_CHECKING:
    from pathlib import Path

_SWEEP_EVERY = 1000
"""After how many writes values whose time is up are looked for."""


class MemoryStore:
    """Forgets everything at the end."""

    kind: Kind = "memory"
    place = "memory"

    def __init__(self) -> None:
        self._entries: dict[Address, Entry] = {}
        self._lock = threading.Lock()
        self._version = 0
        self._listeners = Listeners(self._sweep)

    def load(self, scope: str, key: str) -> str | None:
        """See the protocol."""
        found = self.entry(scope, key)
        return found.text if found else None

    def save(self, scope: str, key: str, text: str, ttl_seconds: float | None = None) -> None:
        """See the protocol."""
        with self._lock:
            self._write((scope, key), Write(text, ttl_seconds))
        self._listeners.tell()

    def delete(self, scope: str, key: str) -> None:
        """See the protocol."""
        with self._lock:
            self._write((scope, key), Write(None))
        self._listeners.tell()

    def keys(self, scope: str) -> list[str]:
        """See the protocol."""
        return list(self.entries(scope))

    def entry(self, scope: str, key: str) -> Entry | None:
        """See the protocol."""
        found = self._entries.get((scope, key))
        return found if found and (found.expires is None or found.is_live(time.time())) else None

    def entries(self, scope: str) -> dict[str, Entry]:
        """See the protocol."""
        with self._lock:
            return self._live(scope)

    def scopes(self) -> list[str]:
        """See the protocol."""
        now = time.time()
        with self._lock:
            return sorted({scope for (scope, _), entry in self._entries.items() if entry.is_live(now)})

    def commit(self, writes: Mapping[Address, Write], seen: Seen = ANYTHING, *, durable: bool = True) -> bool:
        """See the protocol."""
        with self._lock:
            if not self._is_as(seen):
                return False
            for address, write in writes.items():
                self._write(address, write)
        self._listeners.tell()
        return True

    def listen(self, listener: Listener) -> Callable[[], None]:
        """See the protocol."""
        return self._listeners.add(listener)

    def sweep(self) -> int:
        """See the protocol."""
        swept = self._sweep()
        self._listeners.tell()
        return swept

    def copy_to(self, file: Path) -> None:
        """See the protocol."""
        from llmspell_engine.state.sqlite_files import write_file

        with self._lock:
            scopes = {scope for scope, _ in self._entries}
            copied = {(scope, key): one for scope in scopes for key, one in self._live(scope).items()}
        write_file(file, copied)

    def size(self) -> int:
        """See the protocol: the bytes of its keys and texts."""
        parts = ((*address, entry.text) for address, entry in everything(self).items())
        return sum(
            len(part.encode("utf-8", "surrogatepass")) for part in (text for one in parts for text in one)
        )

    def close(self) -> None:
        """See the protocol."""
        self._listeners.close()

    # With the lock

    def _live(self, scope: str) -> dict[str, Entry]:
        now = time.time()
        found = (
            (key, one) for (owner, key), one in self._entries.items() if owner == scope and one.is_live(now)
        )
        return dict(sorted(found))

    def _is_as(self, seen: Seen) -> bool:
        def version(address: Address) -> int:
            found = self.entry(*address)
            return found.version if found else 0

        return all(version(address) == known for address, known in seen.versions.items()) and all(
            list(self._live(scope)) == list(known) for scope, known in seen.keys.items()
        )

    def _write(self, address: Address, write: Write) -> None:
        if write.text is None and address not in self._entries:
            return
        self._version += 1
        now = time.time()
        if write.text is None:
            del self._entries[address]
            self._listeners.put(Change(*address, "delete", self._version))
        else:
            self._entries[address] = Entry(write.text, self._version, now, write.expires(now))
            self._listeners.put(Change(*address, "save", self._version, write.text))
        if self._version % _SWEEP_EVERY == 0:
            self._sweep_now()

    def _sweep(self) -> int:
        with self._lock:
            return self._sweep_now()

    def _sweep_now(self) -> int:
        now = time.time()
        gone = [address for address, entry in self._entries.items() if not entry.is_live(now)]
        for address in gone:
            del self._entries[address]
            self._version += 1
            self._listeners.put(Change(*address, "expire", self._version))
        return len(gone)
