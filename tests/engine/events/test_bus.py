"""The event bus: patterns, order, waiting, expiry, limits."""

from __future__ import annotations

import threading
import time

import pytest
from llmspell_engine.events import BUFFER_SIZE, EventBus, UnknownSubscriptionError


@pytest.mark.parametrize(
    ("pattern", "name", "wanted"),
    [
        ("a.b", "a.b", True),
        ("a.b", "a.bc", False),
        ("a.*", "a.b", True),
        ("a.*", "ab", False),
        ("a*", "ab", True),
        ("*", "anything", True),
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
