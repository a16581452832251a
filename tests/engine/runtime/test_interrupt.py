"""Ending a script from another thread."""

from __future__ import annotations

import threading
import time

import pytest
from llmspell_engine.language import Language
from llmspell_engine.runtime.base import ScriptRuntime
from support.runtime import Script, both, host, run

LOOPS = [
    ("lua", "host.ready() while true do end"),
    ("lua", "host.ready() while true do pcall(function() while true do end end) end"),
    ("lua", "host.ready() repeat until pcall(string.rep) == nil"),
    ("lua", "while true do pcall(host.ready) end"),
    ("lua", "host.ready() coroutine.wrap(function() while true do end end)()"),
    ("lua", "while true do pcall(coroutine.wrap(function() host.ready() while true do end end)) end"),
    (
        "lua",
        "local function endless() while true do pcall(function() while true do end end) end end\n"
        "local function nest() coroutine.resume(coroutine.create(endless)) end\n"
        "host.ready() while true do coroutine.resume(coroutine.create(nest)) end",
    ),
    (
        "lua",
        "local yield = coroutine.wrap(function() while true do coroutine.yield() end end)\n"
        "host.ready() while true do yield() end",
    ),
    ("javascript", "host.ready(); for (;;);"),
    ("javascript", "host.ready(); for (;;) try { for (;;); } catch {} finally {}"),
    ("javascript", "host.ready(); const again = () => Promise.resolve().then(again); await again();"),
    ("javascript", "for (;;) try { host.ready() } catch {}"),
]


@pytest.mark.parametrize(("language", "text"), LOOPS)
def test_a_script_that_catches_everything_is_ended(language: Language, text: str) -> None:
    ready = threading.Event()
    runtimes: list[ScriptRuntime] = []

    def interrupt() -> None:
        assert ready.wait(20)
        runtimes[0].interrupt()

    thread = threading.Thread(target=interrupt)
    thread.start()
    ran = run(Script(language, text, names=host(ready=ready.set), started=runtimes.append))
    thread.join(20)
    assert (ran.interrupted, ran.error) == (True, None)


WAITS = {
    "lua": 'local id = Event.subscribe("x") host.ready() pcall(Event.receive, id, 30000) print("on")',
    "javascript": """
        const id = Event.subscribe("x");
        host.ready();
        try { await Event.receive(id, 30000) } catch {}
        console.log("on");
    """,
}


@both
def test_a_waiting_call_is_ended(language: Language) -> None:
    runtimes: list[ScriptRuntime] = []

    def ready() -> None:
        threading.Timer(0.05, runtimes[0].interrupt).start()

    begin = time.monotonic()
    ran = run(Script(language, WAITS[language], names=host(ready=ready), started=runtimes.append))
    assert (ran.interrupted, ran.out) == (True, "")
    assert time.monotonic() - begin < 10
