"""A session as a document, and back: all of it, in another store too, or nothing."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from llmspell_engine.events import PublishedEvent
from llmspell_engine.sessions.artifacts import Artifacts, Made
from llmspell_engine.sessions.document import exported
from llmspell_engine.sessions.importing import import_session
from llmspell_engine.sessions.model import Session, SessionError
from llmspell_engine.sessions.recording import put_event
from llmspell_engine.state import MemoryStore, StateError, StateStore

from .conftest import World
from .test_sessions import Failing


def full(world: World) -> Session:
    """A session that has something of everything."""
    session = world.sessions.create(
        name="bericht",
        description="d",
        tags=("a", "b"),
        metadata={"n": [1, None]},
        ttl_seconds=1e6,
        records=True,
    )
    scope = f"session:{session.id}"
    world.store.save(scope, "stays", '{"a":"ü\\ud800"}')
    world.store.save(scope, "goes", "1", 1000)
    world.sessions.checkpoint(session.id, "first")
    world.sessions.checkpoint(session.id)
    artifacts = Artifacts(world.sessions)
    for content in ("one", b"\xff\0", "one", "x" * 50_000, "gone"):
        made = artifacts.store(session.id, Made("custom", "a", content, tags=("t",), metadata={"k": 1}))
    artifacts.delete(made)
    put_event(world.store, session.id, PublishedEvent("i", "e", [1], 1.5, 7, "lua", session_id=session.id))
    return world.sessions.known(session.id)


def through_json(document: dict[str, Any]) -> Any:
    return json.loads(json.dumps(document))


def same(document: dict[str, Any]) -> dict[str, Any]:
    """A document without what tells when it was made, and when values that live for a while end."""
    text = json.dumps({**document, "exported_at": ""})
    found = json.loads(text)
    for part in (found, *found["checkpoints"]):
        part["expiring"] = sorted(part["expiring"])
    return dict(found)


def test_a_session_goes_over_to_another_store(world: World) -> None:
    world.now = float(int(time.time()))
    session = full(world)
    there = World(MemoryStore(), now=world.now)
    document = exported(world.sessions, session)
    taken = import_session(there.sessions, through_json(document))
    assert taken == session == there.sessions.known(session.id)
    assert same(exported(there.sessions, taken)) == same(document)
    expires = there.store.entries(f"session:{session.id}")["goes"].expires
    assert expires is not None
    assert 900 < expires - world.now < 1100
    # It goes on there: nothing gets a number that was given already.
    kept = Artifacts(there.sessions).store(session.id, Made("custom", "a", "new"))
    assert (kept.sequence, kept.version) == (6, 5)
    assert there.sessions.checkpoint(session.id) == "3"
    assert there.sessions.restore(session.id, "1").label == "first"


def test_a_session_that_was_deleted_comes_back(world: World) -> None:
    world.now = time.time()
    session = full(world)
    document = exported(world.sessions, session)
    with pytest.raises(SessionError, match=f"there is a session '{session.id}' already; delete it before"):
        import_session(world.sessions, through_json(document))
    world.sessions.delete(session.id)
    import_session(world.sessions, through_json(document))
    assert same(exported(world.sessions, world.sessions.known(session.id))) == same(document)


def test_a_value_whose_time_was_up_on_the_way_stays_behind(store: StateStore) -> None:
    world = World(MemoryStore(), now=time.time())
    session = full(world)
    document = through_json(exported(world.sessions, session))
    there = World(store, now=world.now + 1500)
    import_session(there.sessions, document)
    assert there.store.keys(f"session:{session.id}") == ["stays"]
    # It is in the checkpoints still, which tell when its time was up.
    there.sessions.restore(session.id, "1")
    assert there.store.keys(f"session:{session.id}") == ["stays"]


def test_a_session_that_has_expired_comes_back_expired(store: StateStore) -> None:
    world, there = World(store), World(MemoryStore())
    session = world.sessions.create(ttl_seconds=10)
    world.now = there.now = world.now + 11
    document = through_json(exported(world.sessions, world.sessions.known(session.id)))
    assert document["session"]["status"] == "expired"
    import_session(there.sessions, document)
    assert there.sessions.known(session.id).status == "expired"
    assert there.sessions.sweep() == 1


@pytest.mark.parametrize("status", ["suspended", "completed"])
def test_it_is_what_it_was(status: str, store: StateStore) -> None:
    world, there = World(store), World(MemoryStore())
    parent = world.sessions.create()
    session = world.sessions.create(parent=parent.id)
    {"suspended": world.sessions.suspend, "completed": world.sessions.complete}[status](session.id)
    document = through_json(exported(world.sessions, world.sessions.known(session.id)))
    taken = import_session(there.sessions, document)
    assert (taken.status, taken.parent) == (status, parent.id)
    assert taken == world.sessions.known(session.id) == there.sessions.known(session.id)


DAMAGES: list[tuple[str, Callable[[dict[str, Any]], object], str]] = [
    ("another format", lambda one: one.update(format="x"), "this is no export of a session"),
    ("a newer version", lambda one: one.update(format_version=2), "format_version 2; this llmspell knows 1"),
    ("no session", lambda one: one.pop("session"), "is damaged"),
    ("no id", lambda one: one["session"].update(id="x"), "is damaged"),
    ("no status", lambda one: one["session"].update(status="open"), "'open', which is no status"),
    ("no time", lambda one: one["session"].update(created_at="x"), "is damaged"),
    ("a name that is no text", lambda one: one["session"].update(name=7), "is damaged"),
    ("values that are none", lambda one: one.update(values=[1]), "is damaged"),
    ("a checkpoint without a number", lambda one: one["checkpoints"][0].update(id="x"), "is damaged"),
    ("an artifact without a name", lambda one: one["artifacts"][0].pop("name"), "is damaged"),
    (
        "another content",
        lambda one: one["artifacts"][0].update(content="two"),
        "'a' of the export is not what",
    ),
    ("no Base64", lambda one: one["artifacts"][1].update(content="*"), "is damaged"),
    ("an id that is a number", lambda one: one["session"].update(id=7), "is damaged"),
    ("a description that is no text", lambda one: one["session"].update(description=[]), "is damaged"),
    ("metadata that is no table", lambda one: one["session"].update(custom_metadata="x"), "is damaged"),
    ("a value without a time", lambda one: one["expiring"].update(goes="soon"), "is damaged"),
    ("another hash", lambda one: one["artifacts"][1].update(content_hash="0"), "'a' of the export is not"),
    ("no event", lambda one: one["events"].append({"nam": 1}), "is damaged"),
]


@pytest.mark.parametrize(("damage", "why"), [one[1:] for one in DAMAGES], ids=[one[0] for one in DAMAGES])
def test_a_damaged_document_leaves_nothing(damage: Callable[[dict[str, Any]], object], why: str) -> None:
    world, there = World(MemoryStore()), World(MemoryStore())
    document = through_json(exported(world.sessions, full(world)))
    damage(document)
    with pytest.raises(SessionError, match=why):
        import_session(there.sessions, document)
    assert there.store.scopes() == []


@pytest.mark.parametrize("document", [None, [], "x", {}])
def test_what_is_no_document_is_told(document: Any) -> None:
    with pytest.raises(SessionError, match="this is no export of a session"):
        import_session(World(MemoryStore()).sessions, document)


def test_a_store_that_fails_has_nothing_of_it(world: World) -> None:
    document = through_json(exported(world.sessions, full(world)))
    there = MemoryStore()
    with pytest.raises(StateError, match="the disk is full"):
        import_session(World(Failing(there, 0, None)).sessions, document)  # type: ignore[arg-type]
    assert there.scopes() == []
