"""What sessions are and become, in every kind of store."""

from __future__ import annotations

import json
import re
import uuid
from dataclasses import replace
from typing import Any

import pytest
from llmspell_engine.sessions.checkpoints import KEPT
from llmspell_engine.sessions.model import SessionError, SessionLimits
from llmspell_engine.sessions.records import LAYOUT, SESSIONS, checkpoints_of, numbered
from llmspell_engine.sessions.sessions import Sessions, Wanted
from llmspell_engine.state import MemoryStore, StateError, StateStore

from .conftest import World

OPERATIONS = ("save", "load", "suspend", "resume", "complete", "checkpoint", "restore")
STATUSES = ("active", "suspended", "completed", "expired")
POSSIBLE = {
    "active": {"save", "load", "suspend", "complete", "checkpoint", "restore"},
    "suspended": {"save", "load", "resume", "complete", "checkpoint", "restore"},
    "completed": set(),
    "expired": set(),
}
BECOMES = {"suspend": "suspended", "resume": "active", "complete": "completed"}
POINTS = {
    "save": "SessionSave",
    "suspend": "SessionSave",
    "load": "SessionRestore",
    "resume": "SessionRestore",
    "restore": "SessionRestore",
    "checkpoint": "SessionCheckpoint",
    "complete": "SessionEnd",
}


def made(world: World, status: str) -> str:
    """A session of this status with a checkpoint."""
    session = world.sessions.create(name="report", ttl_seconds=60)
    world.sessions.checkpoint(session.id)
    if status == "suspended":
        world.sessions.suspend(session.id)
    elif status == "completed":
        world.sessions.complete(session.id)
    elif status == "expired":
        world.now += 61
    world.told.clear()
    return session.id


def contents(store: StateStore) -> dict[tuple[str, str], str]:
    """All that a store has."""
    return {(scope, key): one.text for scope in store.scopes() for key, one in store.entries(scope).items()}


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("operation", OPERATIONS)
def test_an_operation_is_possible_or_told_why_not(operation: str, status: str, world: World) -> None:
    session_id = made(world, status)
    before = contents(world.store)
    if operation in POSSIBLE[status]:
        getattr(world.sessions, operation)(session_id)
        assert world.sessions.known(session_id).status == BECOMES.get(operation, status)
        assert [point for point, *_ in world.told] == [POINTS[operation]]
        return
    with pytest.raises(SessionError, match=f"the session 'report' \\({session_id}\\) is {status} and cannot"):
        getattr(world.sessions, operation)(session_id)
    assert contents(world.store) == before
    assert world.told == []


@pytest.mark.parametrize("operation", [*OPERATIONS, "delete", "checkpoints"])
def test_what_is_not_known_is_told(operation: str, world: World) -> None:
    with pytest.raises(SessionError, match=re.escape("there is no session 'none'; Session.list() tells")):
        getattr(world.sessions, operation)("none")


def test_what_is_known_of_a_session_is_kept(world: World) -> None:
    facts: dict[str, Any] = {
        "name": "bericht",
        "description": "über Gezeiten",
        "tags": ("weekly", "ebb"),
        "metadata": {"a": [1, None, {"b": "c"}]},
    }
    parent = world.sessions.create()
    session = world.sessions.create(parent=parent.id, **facts)
    assert session == Sessions(world.store, clock=lambda: world.now).known(session.id)
    assert {name: getattr(session, name) for name in facts} == facts
    assert (session.status, session.parent, session.created) == ("active", parent.id, world.now)
    assert str(uuid.UUID(session.id)) == session.id


def test_a_parent_must_be_known(world: World) -> None:
    with pytest.raises(SessionError, match="there is no session 'none'"):
        world.sessions.create(parent="none")
    assert world.sessions.all() == []


def test_saving_changes_what_is_given_and_renews_the_time(world: World) -> None:
    session = world.sessions.create(name="a", tags=("x",), metadata={"n": 1}, ttl_seconds=60)
    world.now += 50
    saved = world.sessions.save(session.id, tags=("y",))
    assert saved == replace(session, tags=("y",), updated=world.now, expires=world.now + 60)
    world.now += 50
    assert world.sessions.save(session.id, ttl_seconds=5).expires == world.now + 5
    world.now += 5
    assert world.sessions.known(session.id).status == "expired"


def test_what_is_completed_does_not_expire(world: World) -> None:
    session = world.sessions.create(ttl_seconds=60)
    ended = world.sessions.complete(session.id)
    world.now += 1000
    assert (ended.ended, ended.expires) == (session.created, None)
    assert world.sessions.known(session.id).status == "completed"


def test_a_session_whose_time_is_up_goes_when_the_next_one_is_made(world: World) -> None:
    kept = world.sessions.create()
    session_id = made(world, "expired")
    world.store.save(f"session:{session_id}", "k", "1")
    assert {one.id for one in world.sessions.all()} == {kept.id, session_id}
    new = world.sessions.create()
    assert {one.id for one in world.sessions.all()} == {kept.id, new.id}
    assert not [scope for scope in world.store.scopes() if session_id in scope]


def test_a_default_time_to_live(store: StateStore) -> None:
    world = World(store, SessionLimits(ttl_seconds=10))
    assert world.sessions.create().expires == world.now + 10
    assert world.sessions.create(ttl_seconds=20).expires == world.now + 20


WANTED = [
    (Wanted(), ["d", "c", "b", "a"]),
    (Wanted(order="oldest"), ["a", "b", "c", "d"]),
    (Wanted(order="updated"), ["a", "d", "c", "b"]),
    (Wanted(order="name", limit=2), ["a", "b"]),
    (Wanted(limit=1), ["d"]),
    (Wanted(status="suspended"), ["a"]),
    (Wanted(status="completed"), []),
    (Wanted(tags=("even",)), ["d", "b"]),
    (Wanted(tags=("even", "last")), ["d"]),
    (Wanted(name="[ab]"), []),
    (Wanted(name="?", tags=("even",), limit=1), ["d"]),
    (Wanted(name="b*"), ["b"]),
    (Wanted(parent="none"), []),
]


@pytest.mark.parametrize(("wanted", "names"), WANTED)
def test_sessions_are_found(wanted: Wanted, names: list[str], world: World) -> None:
    tags: dict[str, tuple[str, ...]] = {"b": ("even",), "d": ("even", "last")}
    ids = {}
    for name in "abcd":
        world.now += 1
        ids[name] = world.sessions.create(name=name, tags=tags.get(name, ())).id
    world.now += 1
    world.sessions.suspend(ids["a"])
    assert [one.name for one in world.sessions.all(wanted)] == names


def test_the_parts_of_a_session_are_found(world: World) -> None:
    whole = world.sessions.create()
    part = world.sessions.create(parent=whole.id)
    assert [one.id for one in world.sessions.all(Wanted(parent=whole.id))] == [part.id]


def test_deleting_takes_all_that_belongs_to_it_and_nothing_else(world: World) -> None:
    stays = world.sessions.create(name="stays")
    world.sessions.checkpoint(stays.id)
    world.store.save(f"session:{stays.id}", "k", "1")
    before = contents(world.store)
    session = world.sessions.create(name="goes")
    world.store.save(f"session:{session.id}", "k", "1")
    world.sessions.checkpoint(session.id)
    world.sessions.delete(session.id)
    assert contents(world.store) == before


# Checkpoints


def test_a_checkpoint_brings_values_and_facts_back(world: World) -> None:
    session = world.sessions.create(tags=("draft",), metadata={"n": 1}, description="one")
    scope = f"session:{session.id}"
    world.store.save(scope, "stays", '{"a":[1,2.5,null,"é"]}')
    world.store.save(scope, "changes", "1")
    first = world.sessions.checkpoint(session.id, "first")
    world.store.save(scope, "changes", "2")
    world.store.save(scope, "comes", "3")
    world.sessions.save(session.id, tags=("final",), metadata={"n": 2}, description="two")
    second = world.sessions.checkpoint(session.id)
    brought = world.sessions.restore(session.id, first)
    assert (brought.id, brought.label) == (first, "first")
    values = {key: json.loads(one.text) for key, one in world.store.entries(scope).items()}
    assert values == {"stays": {"a": [1, 2.5, None, "é"]}, "changes": 1}
    found = world.sessions.known(session.id)
    assert (found.tags, found.metadata, found.description) == (("draft",), {"n": 1}, "one")
    assert [(one.id, one.label) for one in world.sessions.checkpoints(session.id)] == [
        (first, "first"),
        (second, None),
    ]
    world.sessions.restore(session.id)
    assert world.store.load(scope, "comes") == "3"


def test_a_value_whose_time_is_up_is_not_brought_back(world: World) -> None:
    import time

    world.now = time.time()
    session = world.sessions.create()
    scope = f"session:{session.id}"
    world.store.save(scope, "short", "1", 100)
    world.store.save(scope, "long", "2", 1000)
    world.sessions.checkpoint(session.id)
    world.now += 500
    world.sessions.restore(session.id)
    assert world.store.keys(scope) == ["long"]
    expires = world.store.entries(scope)["long"].expires
    assert expires is not None
    assert 490 < expires - time.time() < 510


@pytest.mark.parametrize("checkpoint_id", ["2", "0", "-1", "x", "1x", "²"])
def test_a_checkpoint_that_is_not_there_is_told(checkpoint_id: str, world: World) -> None:
    session = world.sessions.create(name="report")
    with pytest.raises(
        SessionError, match=r"the session 'report' has no checkpoint; Session\.checkpoint makes"
    ):
        world.sessions.restore(session.id)
    world.sessions.checkpoint(session.id)
    with pytest.raises(SessionError, match=f"the session 'report' has no checkpoint '{checkpoint_id}'"):
        world.sessions.restore(session.id, checkpoint_id)


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        "[]",
        f'{{"layout":{LAYOUT},"id":"1","label":null,"created":1,"values":{{"k":[1]}},"facts":{{"tags":[]}}}}',
        f'{{"layout":{LAYOUT},"id":"1","label":null,"created":1,"values":[],"facts":{{"tags":[]}}}}',
        f'{{"layout":{LAYOUT},"id":"1","label":null,"created":1,"values":{{}},"facts":{{}}}}',
        f'{{"layout":{LAYOUT},"id":"1","values":{{}},"facts":{{"tags":[]}}}}',
    ],
)
def test_a_damaged_checkpoint_is_told_and_changes_nothing(text: str, world: World) -> None:
    session = world.sessions.create()
    first = world.sessions.checkpoint(session.id)
    world.store.save(f"session:{session.id}", "k", "1")
    world.store.save(checkpoints_of(session.id), numbered(int(first)), text)
    before = contents(world.store)
    for read in (world.sessions.restore, world.sessions.checkpoints):
        with pytest.raises(
            StateError, match=f"what is kept of a checkpoint of the session '{session.id}' is"
        ):
            read(session.id)
    assert contents(world.store) == before


def test_the_newest_checkpoints_are_kept() -> None:
    world = World(MemoryStore())
    session = world.sessions.create()
    for _ in range(KEPT + 3):
        world.sessions.checkpoint(session.id)
    ids = [one.id for one in world.sessions.checkpoints(session.id)]
    assert ids == [str(number) for number in range(4, KEPT + 4)]


# Hooks


@pytest.mark.parametrize("operation", ["create", *POINTS])
def test_a_handler_changes_what_is_kept(operation: str, world: World) -> None:
    session_id = made(world, "suspended" if operation == "resume" else "active")
    world.changes = {
        "name": "hooked",
        "description": "told",
        "tags": ["seen"],
        "metadata": {"by": "hook"},
        "session_id": "no",
        "status": "completed",
    }
    if operation == "create":
        session_id = world.sessions.create(name="report").id
    else:
        getattr(world.sessions, operation)(session_id)
    found = world.sessions.known(session_id)
    assert (found.name, found.description, found.tags, found.metadata) == (
        "hooked",
        "told",
        ("seen",),
        {"by": "hook"},
    )
    assert found.status == BECOMES.get(operation, "active")
    assert world.told == [(POINTS.get(operation, "SessionStart"), "report", operation)]


@pytest.mark.parametrize(
    ("changes", "form"),
    [
        ({"tags": "a"}, "'tags' of the session to what is not a list of texts"),
        ({"tags": [1]}, "'tags' of the session to what is not a list of texts"),
        ({"tags": {"a": "b"}}, "'tags' of the session to what is not a list of texts"),
        ({"metadata": [1]}, "'metadata' of the session to what is not a table"),
        ({"name": 7}, "'name' of the session to what is not a text"),
        ({"description": ["a"]}, "'description' of the session to what is not a text"),
    ],
)
def test_a_handler_that_changes_it_to_nonsense_is_told(
    changes: dict[str, Any], form: str, world: World
) -> None:
    session_id = made(world, "active")
    before = contents(world.store)
    world.changes = changes
    with pytest.raises(SessionError, match=f"a hook at SessionSave changed {form}"):
        world.sessions.save(session_id)
    assert contents(world.store) == before


@pytest.mark.parametrize("changes", [{"tags": {}}, {"tags": []}, {"metadata": []}, {"metadata": {}}])
def test_an_empty_table_of_lua_is_taken_for_either(changes: dict[str, Any], world: World) -> None:
    session = world.sessions.create(tags=("a",), metadata={"b": 1})
    world.changes = changes
    found = world.sessions.save(session.id)
    assert not getattr(found, next(iter(changes)))


# Sessions of the command line


def test_a_run_begins_a_session_by_name_and_goes_on_with_it(world: World) -> None:
    session, is_new = world.sessions.begin("nightly")
    assert (session.name, session.status, is_new) == ("nightly", "active", True)
    assert world.sessions.begin("nightly") == (world.sessions.known(session.id), False)
    world.sessions.suspend(session.id)
    assert world.sessions.begin(session.id)[0].status == "active"
    world.sessions.complete(session.id)
    other, is_new = world.sessions.begin("nightly")
    assert (is_new, other.id != session.id) == (True, True)


def test_the_last_changed_of_a_name_goes_on(world: World) -> None:
    first = world.sessions.create(name="nightly")
    world.now += 1
    world.sessions.create(name="nightly")
    world.now += 1
    world.sessions.save(first.id)
    assert world.sessions.begin("nightly")[0].id == first.id


@pytest.mark.parametrize("status", ["completed", "expired"])
def test_a_run_does_not_go_on_with_what_is_over(status: str, world: World) -> None:
    session_id = made(world, status)
    with pytest.raises(SessionError, match=f"is {status} and cannot be loaded"):
        world.sessions.begin(session_id)
    with pytest.raises(SessionError, match="there is no session '3f2504e0"):
        world.sessions.begin("3f2504e0-4f89-41d3-9a0c-0305e82c3301")


# What others do, and what fails


class Meddling:
    """A store in which somebody else changes something right before the next commits."""

    def __init__(self, store: StateStore, times: int, meddle: Any) -> None:
        self._store = store
        self._times = times
        self._meddle = meddle

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def commit(self, *given: Any) -> bool:
        if self._times:
            self._times -= 1
            self._meddle()
        return self._store.commit(*given)


def test_two_who_change_a_session_do_not_undo_each_others_work(world: World) -> None:
    session = world.sessions.create(metadata={"n": 0})

    def meddle() -> None:
        world.sessions.checkpoint(session.id, "theirs")
        world.sessions.save(session.id, tags=("theirs",))

    Sessions(Meddling(world.store, 3, meddle)).checkpoint(session.id, "mine")
    labels = [one.label for one in world.sessions.checkpoints(session.id)]
    assert labels == ["theirs", "theirs", "theirs", "mine"]
    assert world.sessions.known(session.id).tags == ("theirs",)


def test_a_session_that_others_complete_meanwhile_is_not_changed(world: World) -> None:
    session = world.sessions.create()
    mine = Sessions(Meddling(world.store, 1, lambda: world.sessions.complete(session.id)))
    with pytest.raises(SessionError, match="is completed and cannot be suspended"):
        mine.suspend(session.id)
    assert world.sessions.known(session.id).status == "completed"


def test_a_session_that_others_delete_meanwhile_does_not_come_back(world: World) -> None:
    session = world.sessions.create()
    mine = Sessions(Meddling(world.store, 1, lambda: world.sessions.delete(session.id)))
    with pytest.raises(SessionError, match="there is no session"):
        mine.checkpoint(session.id)
    assert world.store.scopes() == []


def test_values_that_come_while_a_session_is_deleted_go_with_it(world: World) -> None:
    session = world.sessions.create()
    scope = f"session:{session.id}"
    Sessions(Meddling(world.store, 1, lambda: world.store.save(scope, "k", "1"))).delete(session.id)
    assert world.store.scopes() == []


def test_two_runs_that_begin_at_the_same_time_share_one_session(world: World) -> None:
    theirs = []
    mine = Sessions(
        Meddling(world.store, 1, lambda: theirs.append(world.sessions.begin("nightly")[0].id)),
        clock=lambda: world.now,
    )
    session, is_new = mine.begin("nightly")
    assert ([session.id], is_new) == (theirs, False)


class Failing(Meddling):
    """A store whose disk is full."""

    def commit(self, *_given: Any) -> bool:
        raise StateError("the disk is full")


@pytest.mark.parametrize("operation", ["create", "delete", *OPERATIONS])
def test_what_cannot_be_kept_is_told_and_changes_nothing(operation: str, world: World) -> None:
    session_id = made(world, "suspended" if operation == "resume" else "active")
    before = contents(world.store)
    failing = Sessions(Failing(world.store, 0, None), clock=lambda: world.now)
    with pytest.raises(StateError, match="the disk is full"):
        getattr(failing, operation)(*(() if operation == "create" else (session_id,)))
    assert contents(world.store) == before


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[]", "what is kept of the session 'x' is damaged"),
        ("{}", "what is kept of the session 'x' is damaged"),
        ("{", "what is kept of the session 'x' is damaged"),
        (f'{{"layout":{LAYOUT},"id":"x"}}', "what is kept of the session 'x' is damaged"),
        (f'{{"layout":{LAYOUT + 1},"id":"x"}}', "the session 'x' was written by a newer llmspell"),
    ],
)
def test_records_that_cannot_be_read_are_told(text: str, problem: str, world: World) -> None:
    world.store.save(SESSIONS, "x", text)
    for read in (lambda: world.sessions.get("x"), world.sessions.all):
        with pytest.raises(StateError, match=re.escape(problem)):
            read()
    # Others go on, and what cannot be read is left alone.
    assert world.sessions.create().status == "active"
    assert world.store.load(SESSIONS, "x") == text


def test_a_session_that_rests_is_gone_on_with_by_its_name(world: World) -> None:
    session, _ = world.sessions.begin("nightly")
    world.sessions.suspend(session.id)
    again, is_new = world.sessions.begin("nightly")
    assert (again.id, again.status, is_new) == (session.id, "active", False)


def test_sessions_whose_time_is_up_are_looked_for_once_a_minute(world: World) -> None:
    def kept() -> int:
        return len(world.store.keys(SESSIONS))

    sessions = world.sessions
    sessions.create(ttl_seconds=1)
    world.now += 59
    sessions.create()
    assert kept() == 2
    world.now += 1
    sessions.create()
    assert kept() == 2
