"""Engines on several machines, linked over a real server: both ways, with causes, and across its failures."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from llmspell_engine.assembly.assemble import assemble
from llmspell_engine.assembly.launch import AssemblyError, Launch
from llmspell_engine.events import EventBus, EventError, EventFilter, PublishedEvent
from llmspell_engine.events.link import Link
from llmspell_engine.events.redis import RedisStream
from llmspell_engine.events.transport import TransportError, packed, unpacked
from llmspell_engine.globals.services import Services
from llmspell_engine.language import Language
from llmspell_engine.scheduling import EngineLoop
from support.redis_server import RedisServer, redis_server
from support.runtime import Script, run


class Engine:
    """A bus of its own, linked to the others."""

    def __init__(self, url: str, transport: type[RedisStream] = RedisStream) -> None:
        self.bus, self.loop = EventBus(), EngineLoop()
        self.transport = transport(url)
        self.link = Link(self.bus, self.transport, self.loop)

    def open(self) -> Engine:
        self.link.open()
        return self

    def publish(self, name: str, data: Any) -> None:
        self.bus.publish(name, data, "lua")

    def wait_for(self, name: str, count: int = 1) -> list[PublishedEvent]:
        """The events of a name, once there are so many."""
        return eventually(lambda: self.bus.find(EventFilter(name)), lambda found: len(found) >= count)


def eventually(find: Callable[[], Any], is_enough: Callable[[Any], bool]) -> Any:
    deadline = time.monotonic() + 20
    while not is_enough(found := find()):
        assert time.monotonic() < deadline, found
        threading.Event().wait(0.005)
    return found


@pytest.fixture(scope="module")
def server() -> Iterator[RedisServer]:
    with redis_server() as started:
        yield started


@pytest.fixture
def engines(server: RedisServer) -> Iterator[tuple[Engine, Engine]]:
    pair = (Engine(server.url).open(), Engine(server.url).open())
    yield pair
    for one in pair:
        one.loop.close()


def test_events_reach_the_other_engine_once_in_order_with_what_they_follow_from(
    engines: tuple[Engine, Engine],
) -> None:
    here, there = engines
    for number in range(20):
        here.publish("order.a", {"number": number, "word": "größer"})
    found = there.wait_for("order.a", 20)
    assert [event.data["number"] for event in found] == list(range(20))
    assert found[0].data["word"] == "größer"
    [first] = here.bus.find(EventFilter("order.a", limit=None))[:1]
    assert (found[0].id, found[0].correlation_id, found[0].origin) == (first.id, first.id, here.link.origin)
    there.publish("order.back", 1)
    here.wait_for("order.back")
    assert len(here.bus.find(EventFilter("order.a"))) == 20


def test_what_was_published_at_last_is_sent_before_the_engine_ends(server: RedisServer) -> None:
    here, there = Engine(server.url).open(), Engine(server.url).open()
    here.publish("last.word", 1)
    here.loop.close()
    assert there.wait_for("last.word")[0].data == 1
    there.loop.close()


def test_a_server_that_comes_back_brings_what_was_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    monkeypatch.setattr(
        "llmspell_engine.events.link.tell", lambda _level, _source, message, **_: told.append(message)
    )
    with redis_server() as server:
        here, there = Engine(server.url).open(), Engine(server.url).open()
        here.publish("before", 1)
        there.wait_for("before")
        server.stop()
        here.publish("while.away", 2)
        eventually(lambda: told, lambda messages: "other engines are not reached" in messages)
        server.start()
        assert there.wait_for("while.away")[0].data == 2
        here.loop.close()
        there.loop.close()


Told = list[tuple[str, dict[str, Any]]]


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Told:
    """What links write to the log."""
    lines: Told = []
    monkeypatch.setattr(
        "llmspell_engine.events.link.tell",
        lambda _level, _source, message, **fields: lines.append((message, fields)),
    )
    return lines


def pauses(told: Told) -> list[float]:
    return [fields["again_in_s"] for message, fields in told if message == "other engines are not reached"]


class Failing(RedisStream):
    """A way over which the next events do not go at once."""

    failures = 0

    async def send(self, text: str) -> None:
        if self.failures:
            self.failures -= 1
            raise TransportError("the line is dead")
        await super().send(text)


def test_sending_is_tried_again_after_pauses_that_grow_and_begin_anew(
    server: RedisServer, told: Told
) -> None:
    here, there = Engine(server.url, Failing).open(), Engine(server.url).open()
    for number, failures in enumerate((3, 1)):
        here.transport.failures = failures  # type: ignore[attr-defined]
        here.publish("at.last", number)
        there.wait_for("at.last", number + 1)
    here.loop.close()
    there.loop.close()
    assert pauses(told) == [0.1, 0.2, 0.4, 0.1]


def test_receiving_is_tried_again_after_pauses_that_grow(told: Told) -> None:
    with redis_server() as server:
        here = Engine(server.url).open()
        server.stop()
        eventually(lambda: pauses(told), lambda found: len(found) >= 3)
        here.loop.close()
    assert pauses(told)[:3] == [0.1, 0.2, 0.4]


def test_what_cannot_be_sent_at_last_is_told(told: Told) -> None:
    with redis_server() as server:
        here = Engine(server.url).open()
        server.stop()
        for number in range(3):
            here.publish("lost", number)
        here.loop.close()
    assert told[-1][0] == "events were not sent to other engines"
    assert told[-1][1]["count"] == 3


class Slow(RedisStream):
    """A way on which something is published while the first event is under way."""

    meanwhile: Callable[[], None] | None = None

    async def send(self, text: str) -> None:
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile:
            meanwhile()
        await super().send(text)


def test_what_waits_pushes_out_the_oldest_and_an_event_under_way_takes_no_other_along(
    server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("llmspell_engine.events.link.WAITING", 2)
    here, there = Engine(server.url, Slow).open(), Engine(server.url).open()

    def meanwhile() -> None:
        for number in (2, 3, 4):
            here.publish("many", number)

    here.transport.meanwhile = meanwhile  # type: ignore[attr-defined]
    here.publish("many", 1)
    assert [event.data for event in there.wait_for("many", 3)] == [1, 3, 4]
    assert here.link.lost == 2
    here.loop.close()
    there.loop.close()


def test_a_subscription_that_has_publishers_wait_slows_the_link_down(engines: tuple[Engine, Engine]) -> None:
    here, there = engines
    subscription = there.bus.subscribe("many", buffer_size=2, when_full="block")
    for number in range(10):
        here.publish("many", number)
    received: list[int] = []
    while len(received) < 10:
        event = there.loop.run(lambda: there.bus.receive(subscription, 5))
        assert event is not None
        assert there.bus.waiting(subscription) <= 2
        received.append(event.data)
    assert received == list(range(10))
    assert there.bus.dropped == 0


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("redis://:hidden@127.0.0.1:1/0", "events over Redis at 127.0.0.1:1/0 llmspell:events: "),
        ("http://localhost", "the address of the events' Redis is wrong"),
    ],
)
def test_a_server_that_is_not_there_is_told_without_the_password(url: str, problem: str) -> None:
    engine = Engine(url)
    with pytest.raises(TransportError) as raised:
        engine.open()
    engine.loop.close()
    assert str(raised.value).startswith(problem)
    assert "hidden" not in str(raised.value)
    assert engine.bus.published_here == []


def test_events_are_the_same_after_the_way() -> None:
    event = PublishedEvent("i", "a.b", {"c": [1, None]}, 1.5, 7, "lua", "x", 3, "y", 2, None, "z", "s")
    came = unpacked(packed(event, "there"))
    assert (came.origin, came.sequence, came.session_id) == ("there", 0, "s")
    assert packed(came, "there") == packed(event, "there")


@pytest.mark.parametrize("text", ["", "[]", "{}", '"x"', "nothing"])
def test_what_is_no_event_is_refused(text: str) -> None:
    with pytest.raises(EventError, match="what came is no event"):
        unpacked(text)


def test_a_foreign_entry_is_told_and_the_next_event_comes(
    server: RedisServer, engines: tuple[Engine, Engine]
) -> None:
    here, there = engines
    entry = ["redis-cli", "-p", str(server.port), "XADD", "llmspell:events", "*", "event", "nothing"]
    subprocess.run(entry, check=True, capture_output=True, timeout=20)
    here.publish("after.that", 1)
    assert there.wait_for("after.that")


ANSWERS = {
    "lua": "Event.on('question', function(e) Event.publish('answer', e.data + 1) end)"
    " local ended = Event.subscribe('end') ready() Event.receive(ended, 20000)",
    "javascript": "Event.on('question', (e) => { Event.publish('answer', e.data + 1); });"
    " const ended = Event.subscribe('end'); ready(); await Event.receive(ended, 20000);",
}
ASKS = {
    "lua": "local answers = Event.subscribe('answer') Event.publish('question', 20)"
    " local e = Event.receive(answers, 20000) print(e.language, e.data, e.causation_id ~= nil)"
    " Event.publish('end')",
    "javascript": "const answers = Event.subscribe('answer'); Event.publish('question', 20);"
    " const e = await Event.receive(answers, 20000);"
    " console.log([e.language, e.data, e.causationId !== undefined].join('\\t')); Event.publish('end')",
}


@pytest.mark.parametrize(("asking", "answering"), [("lua", "javascript"), ("javascript", "lua")])
def test_scripts_on_two_engines_answer_each_other(
    server: RedisServer, asking: Language, answering: Language
) -> None:
    here, there, is_ready = Services(), Services(), threading.Event()
    for services in (here, there):
        Link(services.events, RedisStream(server.url), services.loop).open()
    script = Script(answering, ANSWERS[answering], names={"ready": is_ready.set}, services=there)
    thread = threading.Thread(target=run, args=(script,))
    thread.start()
    assert is_ready.wait(20)
    ran = run(Script(asking, ASKS[asking], services=here))
    thread.join(20)
    assert not thread.is_alive()
    assert (ran.out, ran.error) == (f"{answering}\t21\ttrue\n", None)
    here.close()
    there.close()


def test_a_configuration_links_the_events(server: RedisServer, tmp_path: Path) -> None:
    config = f"[events]\nredis = '{server.url}'\nstream = 'office'\n"
    (tmp_path / "llmspell.toml").write_text(config, "utf-8")
    here, there = (assemble(Launch(folder=tmp_path)).services for _ in range(2))
    here.events.publish("configured", 1, "lua")
    eventually(lambda: there.events.find(EventFilter("configured")), bool)
    here.close()
    there.close()


def test_a_configured_server_that_is_not_there_is_told(tmp_path: Path) -> None:
    config = "[events]\nredis = 'redis://:hidden@127.0.0.1:1'\n"
    (tmp_path / "llmspell.toml").write_text(config, "utf-8")
    with pytest.raises(
        AssemblyError, match=r"events over Redis at 127\.0\.0\.1:1 llmspell:events: "
    ) as raised:
        assemble(Launch(folder=tmp_path))
    assert "hidden" not in str(raised.value)
