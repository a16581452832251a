"""The globals State, Event, JSON and Logger."""

# ruff: noqa: E501 (scripts read best on one line)

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from llmspell_engine.globals.services import Services
from llmspell_engine.language import LANGUAGES, Language
from llmspell_engine.state import SQLiteStore
from support.globals import Pair, check_pair
from support.runtime import Script, both, check_error, check_out, run

WORKS = [
    Pair(
        "values are kept by scope and key",
        'State.save("global", "k", { 1, { a = "x" } }) State.save("agent:w", "k", 2)\n'
        'print(State.load("global", "k")[2].a, State.load("agent:w", "k"), State.load("global", "no"))',
        'State.save("global", "k", [1, { a: "x" }]); State.save("agent:w", "k", 2);\n'
        'say(State.load("global", "k")[1].a, State.load("agent:w", "k"), State.load("global", "no"))',
        "x\t2\tnil\n",
    ),
    Pair(
        "keys are listed and deleted",
        'for _, k in ipairs({ "b", "a" }) do State.save("custom", k, 1) end State.delete("custom", "b")\n'
        'State.delete("custom", "b") print(#State.list_keys("custom"), State.list_keys("custom")[1],'
        ' State.exists("custom", "b"))',
        'for (const k of ["b", "a"]) State.save("custom", k, 1); State.delete("custom", "b");\n'
        'State.delete("custom", "b"); say(State.listKeys("custom").length, State.listKeys("custom")[0],'
        ' State.exists("custom", "b"))',
        "1\ta\tfalse\n",
    ),
    Pair(
        "agents and tools have scopes",
        'State.agent_set("w", "k", 1) State.tool_set("t", "k", 2)\n'
        'print(State.load("agent:w", "k"), State.tool_get("t", "k"))',
        'State.agentSet("w", "k", 1); State.toolSet("t", "k", 2);\n'
        'say(State.load("agent:w", "k"), State.toolGet("t", "k"))',
        "1\t2\n",
    ),
    Pair(
        "the names of older scripts keep working",
        'State.set("k", 1) print(State.get("k"), State.load("global", "k"), State.keys()[1])',
        'State.set("k", 1); say(State.get("k"), State.load("global", "k"), State.keys()[0])',
        "1\t1\tk\n",
    ),
    Pair(
        "events come in order, by pattern",
        'local id = Event.subscribe("job.*") Event.publish("job.a", { n = 1 }) Event.publish("other", {})\n'
        'Event.publish("job.b", { n = 2 }) local a, b = Event.receive(id, 0), Event.receive(id, 0)\n'
        "print(a.event_type, a.data.n, b.event_type, b.data.n, Event.receive(id, 0), a.language ~= nil)",
        'const id = Event.subscribe("job.*"); Event.publish("job.a", { n: 1 }); Event.publish("other", {});\n'
        'Event.publish("job.b", { n: 2 }); const a = await Event.receive(id, 0), b = await Event.receive(id, 0);\n'
        "say(a.eventType, a.data.n, b.eventType, b.data.n, await Event.receive(id, 0), a.language !== undefined)",
        "job.a\t1\tjob.b\t2\tnil\ttrue\n",
    ),
    Pair(
        "subscriptions are counted and closed",
        'local id = Event.subscribe("*") Event.publish("x") local s = Event.get_stats()\n'
        "print(s.event_bus_stats.events_processed, s.bridge_stats.active_subscriptions,"
        " Event.list_subscriptions()[1].pattern, Event.unsubscribe(id), Event.unsubscribe(id))",
        'const id = Event.subscribe("*"); Event.publish("x"); const s = Event.getStats();\n'
        "say(s.eventBusStats.eventsProcessed, s.bridgeStats.activeSubscriptions,"
        " Event.listSubscriptions()[0].pattern, Event.unsubscribe(id), Event.unsubscribe(id))",
        "1\t1\t*\ttrue\tfalse\n",
    ),
    Pair(
        "a receiver waits no longer than it is told",
        'print(Event.receive(Event.subscribe("x"), 10))',
        'say(await Event.receive(Event.subscribe("x"), 10))',
        "nil\n",
    ),
]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("pair", WORKS, ids=lambda pair: pair.name)
def test_globals(pair: Pair, language: Language) -> None:
    check_pair(pair, language)


REFUSED = [
    Pair(
        "a value that JSON cannot write",
        'State.save("global", "k", { a = { print } })',
        'State.save("global", "k", { a: [say] })',
        "State: value.a[1] is a function, which JSON cannot write",
    ),
    Pair(
        "an object of the API",
        'State.save("global", "k", Tool)',
        'State.save("global", "k", Tool)',
        "State: value is an object of the API, which JSON cannot write",
    ),
    Pair(
        "a scope that does not exist",
        'State.save("world", "k", 1)',
        'State.save("world", "k", 1)',
        "State.save: 'scope' must be",
    ),
    Pair(
        "a subscription that does not exist",
        'Event.receive("no", 0)',
        'await Event.receive("no", 0)',
        "there is no open subscription 'no'",
    ),
]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("pair", REFUSED, ids=lambda pair: pair.name)
def test_what_globals_refuse(pair: Pair, language: Language) -> None:
    ran = run(Script(language, pair.text(language)))
    assert str(ran.error).startswith(pair.expect)


def test_what_is_published_is_a_copy() -> None:
    text = (
        'local id = Event.subscribe("x") local t = { n = 1 } Event.publish("x", t) t.n = 2\n'
        "print(Event.receive(id, 0).data.n)"
    )
    check_out("lua", text, "1\n")


@both
def test_state_in_a_file_outlives_the_run(language: Language, tmp_path: Path) -> None:
    file = tmp_path / "deep" / "state.db"
    for store, text in ((SQLiteStore(file), 'State.save("global", "n", 41)'), (SQLiteStore(file), "")):
        show = {
            "lua": 'print(State.load("global", "n"))',
            "javascript": 'console.log(State.load("global", "n"))',
        }
        check_out(language, f"{text}\n{show[language]}", "41\n", services=Services(state=store))
        store.close()


JSON_CASES = [
    ("print(JSON.stringify({ 1, 'a', { b = true } }))", '[1,"a",{"b":true}]\n'),
    ("print(JSON.parse('{\"a\": [1, 2.5]}').a[2])", "2.5\n"),
    ("print(JSON.parse('null'), JSON.parse('9007199254740993'))", "nil\t9007199254740993\n"),
    ("print(JSON.encode({}), JSON.decode('[]')[1])", "{}\tnil\n"),
    ("print(JSON.stringify('häß'), JSON.stringify(1.0), JSON.stringify(nil))", '"häß"\t1.0\tnull\n'),
]


@pytest.mark.parametrize(("text", "out"), JSON_CASES)
def test_json_in_lua(text: str, out: str) -> None:
    check_out("lua", text, out)


def test_text_that_is_not_json_is_an_error_with_its_place() -> None:
    message = "the text is not JSON: expecting property name enclosed in double quotes at line 1, column 2"
    ran = check_error("lua", "JSON.parse('{a}')", message)
    assert ran.error is not None
    assert ran.error.kind == "JSONError"


LINE = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z (\w+) +(.*)")


@both
def test_messages_go_to_standard_error_with_their_fields(language: Language) -> None:
    texts = {
        "lua": 'Logger.debug("no") Logger.info("done", { n = 1, who = "a b" }) Logger.error("bad")',
        "javascript": 'Logger.debug("no"); Logger.info("done", { n: 1, who: "a b" }); Logger.error("bad")',
    }
    ran = run(Script(language, texts[language], services=Services(log_level="info")))
    found = [match.groups() for match in map(LINE.match, ran.err.splitlines()) if match]
    assert (ran.out, ran.error) == ("", None)
    assert found == [("INFO", 'done n=1 who="a b"'), ("ERROR", "bad")]


@both
def test_a_logger_of_its_own(language: Language) -> None:
    texts = {
        "lua": ""
        'local log = Logger.new({ name = "w", level = "trace", format = "json" }):with_context({ job = 7 })\n'
        'log:trace("t", { k = {} })',
        "javascript": ""
        'const log = Logger.new({ name: "w", level: "trace", format: "json" }).withContext({ job: 7 });\n'
        'log.trace("t", { k: {} })',
    }
    ran = run(Script(language, texts[language]))
    record = json.loads(ran.err)
    del record["time"]
    assert record == {"level": "trace", "logger": "w", "message": "t", "fields": {"job": 7, "k": {}}}


@both
def test_secrets_are_never_logged(language: Language) -> None:
    texts = {
        "lua": 'Logger.error("with sk-proj-0123456789abcdef", { apiKey = "hush", at = { my_token = "hush", tokens = 3 } })',
        "javascript": 'Logger.error("with sk-proj-0123456789abcdef", { apiKey: "hush", at: { my_token: "hush", tokens: 3 } })',
    }
    told = run(Script(language, texts[language])).err
    assert "hush" not in told
    assert "with [secret]" in told
    assert "apiKey=[secret]" in told
    assert '"tokens": 3' in told


def test_logging_is_quiet_without_a_level(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LLMSPELL_LOG", raising=False)
    assert run(Script("lua", 'Logger.info("x")')).err == ""
    monkeypatch.setenv("LLMSPELL_LOG", "INFO")
    assert run(Script("lua", 'Logger.info("x")')).err.endswith("INFO  x\n")


@both
def test_an_option_that_logger_does_not_know(language: Language) -> None:
    pair = Pair("", 'Logger.new({ nam = "x" })', 'Logger.new({ nam: "x" })', "")
    ran = run(Script(language, pair.text(language)))
    assert "did you mean 'name'?" in str(ran.error)
