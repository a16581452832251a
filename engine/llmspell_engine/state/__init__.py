"""Values that scripts keep: one protocol, in memory, in an SQLite file, or in a Redis or Valkey server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmspell_engine.state.deferred import DeferredStore
from llmspell_engine.state.memory import MemoryStore
from llmspell_engine.state.sqlite import SQLiteStore
from llmspell_engine.state.store import Entry, Seen, StateConflictError, StateError, StateStore, Write

if TYPE_CHECKING:
    from pathlib import Path

__all__ = [
    "DeferredStore",
    "Entry",
    "MemoryStore",
    "SQLiteStore",
    "Seen",
    "StateConflictError",
    "StateError",
    "StateStore",
    "Write",
    "open_store",
]


def open_store(path: Path | None) -> StateStore:
    """The store in a file, or one in memory where there is none. Raises StateError."""
    return SQLiteStore(path) if path else MemoryStore()
