"""Sessions in stores of every kind, at times that the tests say."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from llmspell_engine.hooks.base import Data
from llmspell_engine.sessions.model import SessionLimits
from llmspell_engine.sessions.sessions import Sessions
from llmspell_engine.state import MemoryStore, SQLiteStore, StateStore
from llmspell_engine.state.redis import RedisStore
from support.redis_server import RedisServer, redis_server

_NAMES = itertools.count()


@pytest.fixture(scope="session")
def server() -> Iterator[RedisServer]:
    with redis_server() as started:
        yield started


@pytest.fixture(params=["memory", "file", "redis"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[StateStore]:
    made: StateStore
    if request.param == "memory":
        made = MemoryStore()
    elif request.param == "file":
        made = SQLiteStore(tmp_path / "state.db")
    else:
        made = RedisStore(request.getfixturevalue("server").url, f"sessions-{next(_NAMES)}")
    yield made
    made.close()


@dataclass
class World:
    """Sessions with a clock that is set by hand, and hooks that are told in order."""

    store: StateStore
    limits: SessionLimits = field(default_factory=SessionLimits)
    now: float = 1_800_000_000.0
    told: list[tuple[str, str, Any]] = field(default_factory=list)
    changes: dict[str, Any] = field(default_factory=dict)
    """What a handler of every point changes."""

    @property
    def sessions(self) -> Sessions:
        return Sessions(self.store, self.limits, self._reach, lambda: self.now)

    def _reach(self, point: str, name: str, data: Data) -> Data:
        self.told.append((point, name, data["operation"]))
        return {**data, **self.changes}


@pytest.fixture
def world(store: StateStore) -> World:
    return World(store)
