"""Events of sessions that record theirs: what is kept, in which order, and what keeps it from that."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from llmspell_engine.events import EventBus, PublishedEvent
from llmspell_engine.observability.around import AROUND, Around
from llmspell_engine.observability.levels import LogSettings
from llmspell_engine.observability.log import LogSink, RunLog
from llmspell_engine.sessions.current import select
from llmspell_engine.sessions.document import exported
from llmspell_engine.sessions.model import SessionLimits
from llmspell_engine.sessions.recording import Recorder, recorded, recording_of
from llmspell_engine.sessions.records import events_of
from llmspell_engine.state import StateError, StateStore

from .conftest import World


@pytest.fixture
def logged() -> Iterator[list[str]]:
    """What is logged meanwhile; the run is in no session."""
    lines: list[str] = []
    token = AROUND.set(Around(log=RunLog(LogSink(LogSettings("warn")), lines.append)))
    yield lines
    AROUND.reset(token)


def bus_of(store: StateStore, **limits: int) -> EventBus:
    """A bus whose events are recorded."""
    bus = EventBus()
    bus.published_here.append(Recorder(store, SessionLimits(**limits)))
    return bus


def test_the_events_of_a_session_are_kept_as_they_were(world: World, logged: list[str]) -> None:
    session = world.sessions.create(records=True)
    select(session.id)
    published = []
    # Two engines, one after the other: their numbers begin anew, the order is that of time.
    for data in ([1, {"a": "ü"}], None):
        bus = bus_of(world.store)
        published += [
            bus.publish(name, data, "lua", correlation_id="c", ttl_seconds=5) for name in ("b", "a")
        ]
    assert recorded(world.store, session.id) == published
    found = recording_of(world.store, session.id)
    assert (found.count, dict(found.types)) == (4, {"a": 2, "b": 2})
    assert (found.first, found.last) == (published[0].time, published[-1].time)
    assert len(exported(world.sessions, session)["events"]) == 4
    world.sessions.delete(session.id)
    assert world.store.scopes() == []
    assert logged == []


def test_what_is_no_part_of_it_is_not_kept(world: World, logged: list[str]) -> None:
    session, other = world.sessions.create(records=True), world.sessions.create()
    bus = bus_of(world.store)
    bus.publish("nowhere", 1, "lua")
    select(other.id)
    bus.publish("elsewhere", 1, "lua")
    select(session.id)
    first = bus.publish("here", 1, "lua")
    bus.repeat(first)
    foreign = PublishedEvent("id", "foreign", 1, first.time, 0, "lua", session_id=session.id, origin="there")
    bus.deliver(foreign)
    assert recorded(world.store, session.id) == [first]
    assert world.store.keys(events_of(other.id)) == []
    assert logged == []


def test_no_more_are_kept_than_may_be(world: World, logged: list[str]) -> None:
    session = world.sessions.create(records=True)
    select(session.id)
    for _ in range(2):
        bus = bus_of(world.store, max_events=3)
        for number in range(3):
            bus.publish("n", number, "lua")
    assert [one.data for one in recorded(world.store, session.id)] == [0, 1, 2]
    [line] = logged
    assert "no more events are recorded" in line
    assert session.id in line


def test_an_event_that_cannot_be_kept_goes_on(world: World, logged: list[str]) -> None:
    session = world.sessions.create(records=True)
    select(session.id)

    class Full:
        """A store whose disk is full."""

        def __getattr__(self, name: str) -> object:
            return getattr(world.store, name)

        def save(self, *_given: object) -> None:
            raise StateError("the disk is full")

    bus = bus_of(Full())  # type: ignore[arg-type]
    subscription = bus.subscribe("*")
    bus.publish("n", 1, "lua")
    bus_of(world.store).publish("m", float("nan"), "lua")
    assert [len(one.waiting) for one in bus.subscriptions if one.id == subscription] == [1]
    assert recorded(world.store, session.id) == []
    assert ["the disk is full" in logged[0], "NaN" in logged[1], len(logged)] == [True, True, 2]


@pytest.mark.parametrize("text", ['{"layout":1,"nam":"x"}', "[]"])
def test_an_event_that_is_damaged_is_told(text: str, world: World) -> None:
    session = world.sessions.create(records=True)
    world.store.save(events_of(session.id), "1", text)
    with pytest.raises(
        StateError, match=f"what is kept of an event of the session '{session.id}' is damaged"
    ):
        recorded(world.store, session.id)
