"""The event bus: patterns, order, waiting, expiry, limits, causes, and looking back."""

from __future__ import annotations

import asyncio
import threading
import time
from dataclasses import replace
from typing import Any

import pytest
from llmspell_engine.events import (
    BUFFER_SIZE,
    EventBus,
    EventError,
    EventFilter,
    FullError,
    UnknownSubscriptionError,
    WhenFull,
)
from llmspell_engine.events.aggregating import Window, aggregate
from llmspell_engine.events.replaying import replay
from llmspell_engine.scheduling import CAUSE, Cause


@pytest.mark.parametrize(
    ("pattern", "name", "wanted"),
    [
        ("a.b", "a.b", True),
        ("a.b", "a.bc", False),
        ("a.*", "a.b", True),
        ("a.*", "a.b.c", True),
        ("a.*", "ab", False),
        ("a*", "ab", True),
        ("*", "anything", True),
        ("**", "any.thing", True),
        ("a.**", "a.b.c", True),
        ("*.b", "a.b", True),
        ("*.b", "a.c.b", False),
        ("*.b", ".b", False),
        ("a.*.c", "a.b.c", True),
        ("a.*.c", "a.b.b.c", False),
        ("a.*.c", "a.c", False),
        ("a.**.c", "a.b.b.c", True),
        ("a.**.c", "a.c", True),
        ("**.c", "c", True),
        ("**.c", "a.b.c", True),
        ("**.c", "abc", False),
        ("a.x*y.c", "a.xy.c", True),
        ("a.x*y.c", "a.x1y.c", True),
        ("a.x*y.c", "a.x.y.c", False),
        ("*.b.*", "a.b.c.d", True),
        ("*.b.*", "a.c.b.d", False),
        ("a+(b).*.c", "a+(b).x.c", True),
        ("a+(b).*.c", "aab.x.c", False),
    ],
)
async def test_patterns(pattern: str, name: str, wanted: bool) -> None:
    bus = EventBus()
    subscription = bus.subscribe(pattern)
    bus.publish(name, None, "lua")
    assert (await bus.receive(subscription, 0) is not None) == wanted


async def test_a_subscription_may_want_one_language() -> None:
    bus = EventBus()
    subscription = bus.subscribe("*", "lua")
    bus.publish("x", 1, "javascript")
    bus.publish("x", 2, "lua")
    event = await bus.receive(subscription, 0)
    assert event is not None
    assert (event.data, event.sequence) == (2, 2)


async def test_a_receiver_is_woken_by_another_thread() -> None:
    bus = EventBus()
    subscription = bus.subscribe("x")
    thread = threading.Timer(0.05, lambda: bus.publish("x", 1, "lua"))
    thread.start()
    event = await bus.receive(subscription, 20)
    thread.join(20)
    assert event is not None


async def test_a_receiver_of_a_closed_subscription_gets_nothing() -> None:
    bus = EventBus()
    subscription = bus.subscribe("x")
    thread = threading.Timer(0.05, lambda: bus.unsubscribe(subscription))
    thread.start()
    assert await bus.receive(subscription, 20) is None
    thread.join(20)
    with pytest.raises(UnknownSubscriptionError):
        await bus.receive(subscription, 0)


async def test_an_event_that_has_expired_is_not_delivered(monkeypatch: pytest.MonkeyPatch) -> None:
    bus = EventBus()
    subscription = bus.subscribe("x")
    bus.publish("x", "old", "lua", ttl_seconds=1)
    bus.publish("x", "new", "lua", ttl_seconds=10)
    later = time.time() + 5
    monkeypatch.setattr(time, "time", lambda: later)
    event = await bus.receive(subscription, 0)
    assert event is not None
    assert event.data == "new"


async def test_the_oldest_events_are_dropped() -> None:
    bus = EventBus()
    subscription = bus.subscribe("x")
    for number in range(BUFFER_SIZE + 3):
        bus.publish("x", number, "lua")
    event = await bus.receive(subscription, 0)
    assert event is not None
    assert event.data == 3


@pytest.mark.parametrize(
    ("when_full", "left", "dropped"), [("drop_oldest", [2, 3], 1), ("drop_newest", [1, 2], 1)]
)
async def test_what_is_lost_is_counted(when_full: WhenFull, left: list[int], dropped: int) -> None:
    bus = EventBus()
    subscription = bus.subscribe("x", buffer_size=2, when_full=when_full)
    for number in (1, 2, 3):
        bus.publish("x", number, "lua")
    [state] = bus.subscriptions
    assert (state.dropped, bus.dropped, bus.refused) == (dropped, dropped, 0)
    received = [await bus.receive(subscription, 0) for _ in range(3)]
    assert [event.data if event else None for event in received] == [*left, None]
    bus.unsubscribe(subscription)
    assert bus.dropped == dropped


@pytest.mark.parametrize("when_full", ["error", "block"])
async def test_where_nothing_may_be_lost_publishing_fails_and_nobody_hears(when_full: WhenFull) -> None:
    bus = EventBus()
    other = bus.subscribe("*")
    bus.subscribe("x", buffer_size=1, when_full=when_full)
    bus.publish("x", 1, "lua")
    with pytest.raises(FullError, match="the subscription to 'x' has no room, 1 events wait in it"):
        bus.publish("x", 2, "lua")
    assert (bus.published, bus.refused, bus.waiting(other), len(bus.find(EventFilter()))) == (1, 1, 1, 1)


async def test_a_publisher_waits_for_room() -> None:
    bus = EventBus()
    subscription = bus.subscribe("x", buffer_size=1, when_full="block")
    bus.publish("x", 1, "lua")
    publishing = asyncio.create_task(bus.publish_and_wait("x", 2, "lua"))
    await asyncio.sleep(0)
    assert not publishing.done()
    first = await bus.receive(subscription, 0)
    await asyncio.wait_for(publishing, 20)
    second = await bus.receive(subscription, 0)
    assert first
    assert second
    assert (first.data, second.data) == (1, 2)


async def test_a_publisher_that_waits_is_freed_when_the_subscription_is_closed() -> None:
    bus = EventBus()
    subscription = bus.subscribe("x", buffer_size=1, when_full="block")
    bus.publish("x", 1, "lua")
    publishing = asyncio.create_task(bus.publish_and_wait("x", 2, "lua"))
    await asyncio.sleep(0)
    bus.unsubscribe(subscription)
    assert (await asyncio.wait_for(publishing, 20)).data == 2


async def test_waiting_for_room_does_not_help_where_it_is_an_error() -> None:
    bus = EventBus()
    bus.subscribe("x", buffer_size=1, when_full="error")
    bus.publish("x", 1, "lua")
    with pytest.raises(FullError):
        await bus.publish_and_wait("x", 2, "lua")


async def test_events_tell_what_they_follow_from() -> None:
    bus = EventBus()
    root = bus.publish("a", 1, "lua")
    assert (root.correlation_id, root.causation_id) == (root.id, None)
    token = CAUSE.set(Cause("ignored").of_event(root.correlation_id or "", root.id))
    follower = bus.publish("b", 1, "javascript")
    named = bus.publish("c", 1, "lua", correlation_id="own")
    CAUSE.reset(token)
    assert (follower.correlation_id, follower.causation_id) == (root.id, root.id)
    assert (named.correlation_id, named.causation_id) == ("own", root.id)
    assert [event.name for event in bus.find(EventFilter(correlation_id=root.id))] == ["a", "b"]
    assert [event.name for event in bus.find(EventFilter(causation_id=root.id))] == ["b", "c"]


async def test_events_that_lead_to_each_other_without_end_are_stopped() -> None:
    bus = EventBus()
    token = CAUSE.set(Cause("c", "e", depth=100))
    with pytest.raises(EventError, match="100 events led to each other"):
        bus.publish("a", 1, "lua")
    CAUSE.reset(token)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({}, [1, 2, 3, 4]),
        ({"pattern": "a.*"}, [1, 3]),
        ({"pattern": "*.y"}, [3, 4]),
        ({"language": "javascript"}, [2]),
        ({"limit": 2}, [3, 4]),
        ({"limit": 9}, [1, 2, 3, 4]),
        ({"after_sequence": 2}, [3, 4]),
        ({"since": 2.0, "until": 3.0}, [2, 3]),
        ({"correlation_id": "c"}, [4]),
        ({"pattern": "a.*", "since": 2.0}, [3]),
    ],
)
async def test_looking_back(
    wanted: dict[str, Any], found: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    bus, now = EventBus(), [0.0]
    monkeypatch.setattr(time, "time", lambda: now[0])
    for number, name in enumerate(("a.x", "b.x", "a.y", "b.y"), 1):
        now[0] = float(number)
        language = "javascript" if number == 2 else "lua"
        bus.publish(name, number, language, correlation_id="c" if number == 4 else None)  # type: ignore[arg-type]
    assert [event.data for event in bus.find(EventFilter(**wanted))] == found


async def test_events_of_the_past_are_published_again() -> None:
    bus = EventBus()
    first = bus.publish("a", 1, "lua")
    subscription = bus.subscribe("a")

    async def tell(event: Any) -> None:
        bus.repeat(event)

    assert await replay(bus.find(EventFilter()), tell, 0) == 1
    again = await bus.receive(subscription, 0)
    assert again
    assert (again.data, again.replays, again.sequence, again.id == first.id) == (1, first.id, 2, False)


async def test_an_event_of_another_engine_that_is_published_again_is_this_ones() -> None:
    bus, sent = EventBus(), list[Any]()
    foreign = bus.deliver(replace(EventBus().publish("a", 1, "lua"), origin="another"))
    bus.published_here.append(sent.append)
    again = bus.repeat(foreign)
    assert (again.origin, again.replays, sent) == (None, foreign.id, [again])


async def test_events_are_told_again_at_a_pace(monkeypatch: pytest.MonkeyPatch) -> None:
    bus, now, paused = EventBus(), [0.0], list[float]()
    monkeypatch.setattr(time, "time", lambda: now[0])
    for moment in (0.0, 1.0, 4.0):
        now[0] = moment
        bus.publish("a", moment, "lua")

    async def pause(seconds: float) -> None:
        paused.append(seconds)

    monkeypatch.setattr("anyio.sleep", pause)
    told: list[float] = []

    async def tell(event: Any) -> None:
        told.append(event.data)

    await replay(bus.find(EventFilter()), tell, 2)
    assert (told, paused) == ([0.0, 1.0, 4.0], [0.5, 1.5])


@pytest.mark.parametrize(
    ("by", "groups"),
    [
        ("event_type", {"a.x": 2, "a.y": 1}),
        ("language", {"lua": 3}),
        ("data.user", {"ann": 1, "bob": 2}),
        ("user", {"ann": 1, "bob": 2}),
        ("data.tags.0", {"t": 1, "": 2}),
        ("data.tags.1", {"": 3}),
        ("data.tags.t", {"": 3}),
    ],
)
async def test_groups_by_number(by: str, groups: dict[str, int]) -> None:
    bus = EventBus()
    subscription = bus.subscribe("a.*")
    for name, data in (
        ("a.x", {"user": "ann", "tags": ["t"]}),
        ("a.x", {"user": "bob"}),
        ("a.y", {"user": "bob"}),
    ):
        bus.publish(name, data, "lua")
    bus.publish("a.z", 1, "lua")
    window = Window(count=3, by=by)
    found = aggregate(bus, subscription, window)
    first = await anext(found)
    assert (len(first.events), first.groups(by)) == (3, groups)
    bus.unsubscribe(subscription)
    assert [one async for one in found] == []


async def test_what_came_until_a_subscription_is_closed_is_the_last_group() -> None:
    bus = EventBus()
    subscription = bus.subscribe("a")
    found = aggregate(bus, subscription, Window(count=2))
    for number in (1, 2, 3):
        bus.publish("a", number, "lua")
    first = await anext(found)
    last = asyncio.create_task(anext(found))
    await asyncio.sleep(0)
    bus.unsubscribe(subscription)
    groups = [first, await asyncio.wait_for(last, 20), *[one async for one in found]]
    assert [[event.data for event in one.events] for one in groups] == [[1, 2], [3]]


async def test_groups_by_time() -> None:
    bus = EventBus()
    subscription = bus.subscribe("a.*")
    found = aggregate(bus, subscription, Window(seconds=0.05))
    bus.publish("a.x", 1, "lua")
    bus.publish("a.x", 2, "lua")
    first = await asyncio.wait_for(anext(found), 20)
    bus.publish("a.x", 3, "lua")
    second = await asyncio.wait_for(anext(found), 20)
    assert [[event.data for event in one.events] for one in (first, second)] == [[1, 2], [3]]
    await found.aclose()


async def test_several_receivers_of_one_subscription_share_its_events() -> None:
    bus = EventBus()
    subscription = bus.subscribe("x")
    receiving = [asyncio.create_task(bus.receive(subscription, 20)) for _ in range(2)]
    await asyncio.sleep(0)
    bus.publish("x", 1, "lua")
    bus.publish("x", 2, "lua")
    events = await asyncio.gather(*receiving)
    assert sorted(event.data for event in events if event) == [1, 2]
