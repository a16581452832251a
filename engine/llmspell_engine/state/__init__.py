"""Values that scripts keep: one protocol, in memory, in an SQLite file, or in a Redis or Valkey server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from llmspell_engine.state.store import Entry, Seen, StateConflictError, StateError, StateStore, Write

if TYPE_CHECKING:
    from pathlib import Path

    from llmspell_engine.state.deferred import DeferredStore
    from llmspell_engine.state.memory import MemoryStore
    from llmspell_engine.state.sqlite import SQLiteStore

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


_STORES = {"DeferredStore": "deferred", "MemoryStore": "memory", "SQLiteStore": "sqlite"}


def __getattr__(name: str) -> Any:
    """Import the store that is asked for: a run has one."""
    from importlib import import_module

    if name not in _STORES:
        raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
    return getattr(import_module(f"{__name__}.{_STORES[name]}"), name)


def open_store(path: Path | None) -> StateStore:
    """The store in a file, or one in memory where there is none. Raises StateError."""
    from llmspell_engine.state.memory import MemoryStore
    from llmspell_engine.state.sqlite import SQLiteStore

    return SQLiteStore(path) if path else MemoryStore()
