"""Values that scripts keep: one protocol, in memory or in an SQLite file."""

from llmspell_engine.state.store import MemoryStore, SQLiteStore, StateError, StateStore, open_store

__all__ = ["MemoryStore", "SQLiteStore", "StateError", "StateStore", "open_store"]
