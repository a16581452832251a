"""Stores of every kind: each test of what a store does runs on all of them."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from llmspell_engine.state import DeferredStore, MemoryStore, SQLiteStore, StateStore
from llmspell_engine.state.redis import RedisStore
from support.redis_server import RedisServer, redis_server

KINDS = ("memory", "file", "deferred", "redis")
_NAMES = itertools.count()


@dataclass
class Place:
    """Somewhere to keep state; ``open`` gives a store of it, again and again."""

    make: Callable[[], StateStore]
    opened: list[StateStore] = field(default_factory=list)

    def open(self) -> StateStore:
        self.opened.append(self.make())
        return self.opened[-1]


@pytest.fixture(scope="session")
def server() -> Iterator[RedisServer]:
    with redis_server() as started:
        yield started


def place_of(kind: str, folder: Path, request: pytest.FixtureRequest) -> Place:
    if kind == "memory":
        memory = MemoryStore()
        return Place(lambda: memory)
    if kind == "redis":
        url, namespace = request.getfixturevalue("server").url, f"test-{next(_NAMES)}"
        return Place(lambda: RedisStore(url, namespace))
    file = folder / "deep" / "state.db"
    if kind == "deferred":
        return Place(lambda: DeferredStore(lambda: SQLiteStore(file)))
    return Place(lambda: SQLiteStore(file))


@pytest.fixture(params=KINDS)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    found = place_of(request.param, tmp_path, request)
    yield found
    for store in found.opened:
        store.close()


@pytest.fixture(params=["file", "redis"])
def shared(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    """A place that several processes may share, each with a store of its own."""
    found = place_of(request.param, tmp_path, request)
    yield found
    for store in found.opened:
        store.close()


@pytest.fixture
def store(place: Place) -> StateStore:
    return place.open()


def eventually(is_so: Callable[[], bool]) -> None:
    """Wait until something is so, for a while."""
    deadline = time.monotonic() + 20
    while not is_so():
        assert time.monotonic() < deadline, "it never came to that"
        threading.Event().wait(0.005)
