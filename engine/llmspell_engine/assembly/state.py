"""Where a run's state is kept: what is asked for, or a file of the project in the user's folder for data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmspell_engine.assembly.launch import AssemblyError
from llmspell_engine.config import documents

if TYPE_CHECKING:
    from pathlib import Path

    from llmspell_engine.assembly.launch import Launch
    from llmspell_engine.config.model import Config
    from llmspell_engine.state import StateStore


def project_of(launch: Launch) -> Path:
    """The folder of the project's configuration, or that of the script where there is none."""
    file = launch.config or documents.find(launch.folder)
    return file.absolute().parent if file else launch.folder.absolute()


def store_of(launch: Launch, config: Config | None) -> StateStore | None:
    """The store that was asked for; None where nobody did. Raises AssemblyError where it cannot be used."""
    settings = config.state if config else None
    file = launch.state or (settings.file if settings else None)
    if file is None and (settings is None or settings.redis is None):
        return None
    from llmspell_engine.state import MemoryStore, SQLiteStore, StateError
    from llmspell_engine.state.location import IN_MEMORY

    try:
        if file is not None:
            return MemoryStore() if file.name == IN_MEMORY else SQLiteStore(file)
        if settings is not None and settings.redis is not None:
            from llmspell_engine.state.redis import RedisStore

            return RedisStore(settings.redis.get_secret_value(), settings.namespace)
    except StateError as error:
        raise AssemblyError(str(error)) from None
    return None


def deferred_store(project: Path) -> StateStore:
    """The store of a project, opened when a script first uses it."""
    from llmspell_engine.state.deferred import DeferredStore

    def opened() -> StateStore:
        from llmspell_engine.state.location import open_project

        return open_project(project)

    return DeferredStore(opened)
