"""Where state is kept where nothing else is said: in the user's folder for data, a file for each project."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

from llmspell_engine.observability.log import tell
from llmspell_engine.state.memory import MemoryStore
from llmspell_engine.state.sqlite import SQLiteStore
from llmspell_engine.state.store import StateError, StateStore

IN_MEMORY = ":memory:"
"""In the place of a file: state is forgotten at the end."""
_STEM = "llmspell"


def data_folder() -> Path | None:
    """The user's folder for data of llmspell; None where the user has none."""
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA")
        return Path(base) / _STEM if base else None
    given = os.environ.get("XDG_DATA_HOME", "")
    if Path(given).is_absolute():
        return Path(given) / _STEM
    try:
        home = Path.home()
    except RuntimeError:  # a user without a home has no data in it
        return None
    if sys.platform == "darwin":
        return home / "Library" / "Application Support" / _STEM
    return home / ".local" / "share" / _STEM


def file_of_project(folder: Path) -> Path | None:
    """The state file of a project: the folder of its configuration, or that of the script without any."""
    base = data_folder()
    if base is None:
        return None
    import hashlib

    place = str(folder.resolve())
    name = _plain(folder.resolve().name) or "root"
    return base / "state" / f"{name}-{hashlib.sha256(place.encode()).hexdigest()[:12]}.db"


def backups_of(store: StateStore, folder: Path) -> Path | None:
    """Where backups of a store are: beside its file, or in the user's folder for data."""
    if store.kind == "sqlite":
        return Path(f"{store.place}.backups")
    if store.kind == "redis":
        base = data_folder()
        return base / "state" / f"redis-{_plain(store.place)}.backups" if base else None
    file = file_of_project(folder)
    return Path(f"{file}.backups") if file else None


def open_project(folder: Path) -> StateStore:
    """The store of a project. Nobody asked for its file: where there can be none, state is kept in memory."""
    file = file_of_project(folder)
    problem: object = "the user has no folder for data"
    if file is not None:
        try:
            return SQLiteStore(file)
        except StateError as error:
            problem = error
    tell(
        "warn",
        "state",
        "State is kept in memory and is lost at the end; name a file with --state FILE",
        error=problem,
    )
    return MemoryStore()


def _plain(name: str) -> str:
    return re.sub(r"[^\w.-]+", "_", name)
