"""``Event`` and ``Events`` in scripts, in both languages, and from one script to another."""

from __future__ import annotations

import threading

import pytest
from llmspell_engine.events import EventBus, EventFilter
from llmspell_engine.globals.services import Services
from llmspell_engine.language import LANGUAGES, Language
from support.globals import Pair, check_pair, check_refused
from support.runtime import Script, both, run

PAIRS = [
    Pair(
        "handlers get what is published, in order, before the script ends",
        "Event.on('a.*', function(e) print(e.event_type, e.data.n, e.sequence) end)"
        " for n = 1, 3 do Event.publish('a.' .. n, { n = n }) end Event.publish('b', {}) print('published')",
        "Event.on('a.*', (e) => say(e.eventType, e.data.n, e.sequence));"
        " for (let n = 1; n <= 3; n++) Event.publish('a.' + n, { n }); Event.publish('b', {});"
        " say('published')",
        "published\na.1\t1\t1\na.2\t2\t2\na.3\t3\t3\n",
    ),
    Pair(
        "a handler that waits and publishes: the causes are told",
        "local root Event.on('ask', function(e) root = e Async.sleep(0.01) Event.publish('answer', e.data)"
        " end)"
        " Event.on('answer', function(e) print(e.data, e.causation_id == root.id, e.correlation_id =="
        " root.id,"
        " root.correlation_id == root.id, root.causation_id) end)"
        " Event.publish('ask', 7)",
        "let root; Event.on('ask', async (e) => { root = e; await Async.sleep(0.01);"
        " Event.publish('answer', e.data); });"
        " Event.on('answer', (e) => say(e.data, e.causationId === root.id, e.correlationId === root.id,"
        " root.correlationId === root.id, root.causationId));"
        " Event.publish('ask', 7)",
        "7\ttrue\ttrue\ttrue\tnil\n",
    ),
    Pair(
        "what handlers do at the same time is told apart",
        "Event.on('a', function(e) Async.sleep(0.02) Event.publish('a.done') end)"
        " Event.on('b', function(e) Async.sleep(0.01) Event.publish('b.done') end)"
        " Event.publish('a') Event.publish('b') Async.sleep(0.1) Event.publish('main')"
        " local by = {} for _, e in ipairs(Event.history()) do by[e.event_type] = e end"
        " print(by['a.done'].causation_id == by.a.id, by['b.done'].causation_id == by.b.id,"
        " by.main.causation_id)",
        "Event.on('a', async () => { await Async.sleep(0.02); Event.publish('a.done'); });"
        " Event.on('b', async () => { await Async.sleep(0.01); Event.publish('b.done'); });"
        " Event.publish('a'); Event.publish('b'); await Async.sleep(0.1); Event.publish('main');"
        " const by = {}; for (const e of Event.history()) by[e.eventType] = e;"
        " say(by['a.done'].causationId === by.a.id, by['b.done'].causationId === by.b.id,"
        " by.main.causationId)",
        "true\ttrue\tnil\n",
    ),
    Pair(
        "an event that is said to come from another language reaches who listens to that",
        "local id = Event.subscribe('a', { language = 'javascript' }) Event.publish('a', 1)"
        " Event.publish('a', 2, { language = 'javascript' }) local e = Event.receive(id, 1000)"
        " print(e.data, e.language, Event.receive(id, 10))",
        "const id = Event.subscribe('a', { language: 'lua' }); Event.publish('a', 1);"
        " Event.publish('a', 2, { language: 'lua' }); const e = await Event.receive(id, 1000);"
        " say(e.data, e.language === 'lua' ? 'javascript' : e.language, await Event.receive(id, 10))",
        "2\tjavascript\tnil\n",
    ),
    Pair(
        "a handler for one event only, and one that is unsubscribed",
        "Event.on('a', function(e) print('once', e.data) end, { once = true })"
        " local id = Event.subscribe('a', function(e) print('on', e.data) end)"
        " Event.publish('a', 1) Async.sleep(0.05) print(Event.unsubscribe(id), Event.unsubscribe(id))"
        " Event.publish('a', 2)",
        "Event.on('a', (e) => say('once', e.data), { once: true });"
        " const id = Event.subscribe('a', (e) => say('on', e.data));"
        " Event.publish('a', 1); await Async.sleep(0.05); say(Event.unsubscribe(id), Event.unsubscribe(id));"
        " Event.publish('a', 2)",
        "once\t1\non\t1\ntrue\tfalse\n",
    ),
    Pair(
        "polling, with a buffer of its own",
        "Logger.set_level('error') local id = Event.subscribe('**.done', { buffer_size = 1, when_full ="
        " 'drop_newest' })"
        " Event.publish('x.done', 1) Event.publish('x.y.done', 2)"
        " print(Event.receive(id).data, Event.receive(id, 0))"
        " local s = Event.list_subscriptions()[1] print(s.pattern, s.when_full, s.dropped, s.received,"
        " s.waiting)"
        " print(Event.get_stats().event_bus_stats.events_dropped)",
        "Logger.setLevel('error'); const id = Event.subscribe('**.done', { bufferSize: 1, whenFull:"
        " 'drop_newest' });"
        " Event.publish('x.done', 1); Event.publish('x.y.done', 2);"
        " say((await Event.receive(id)).data, await Event.receive(id, 0));"
        " const s = Event.listSubscriptions()[0]; say(s.pattern, s.whenFull, s.dropped, s.received,"
        " s.waiting);"
        " say(Event.getStats().eventBusStats.eventsDropped)",
        "1\tnil\n**.done\tdrop_newest\t1\t1\t0\n1\n",
    ),
    Pair(
        "a publisher that waits for room",
        "local id = Event.subscribe('a', { buffer_size = 1, when_full = 'block' })"
        " local p = Async.run(function() for n = 1, 3 do Event.publish_and_wait('a', n) print('sent', n)"
        " end end)"
        " Async.sleep(0.02) for _ = 1, 3 do print('got', Event.receive(id).data) Async.sleep(0.02) end"
        " p:await()",
        "const id = Event.subscribe('a', { bufferSize: 1, whenFull: 'block' });"
        " const p = Async.run(async () => { for (let n = 1; n <= 3; n++) {"
        " await Event.publishAndWait('a', n); say('sent', n); } });"
        " await Async.sleep(0.02); for (let n = 1; n <= 3; n++) {"
        " say('got', (await Event.receive(id)).data); await Async.sleep(0.02); } await p",
        "sent\t1\ngot\t1\nsent\t2\ngot\t2\nsent\t3\ngot\t3\n",
    ),
    Pair(
        "waiting for one event",
        "Async.after(0.01, function() Event.publish('b.c', 5) end)"
        " print(Event.wait_for('b.*').data, Events.wait_for('never', 1), #Event.list_subscriptions())",
        "Async.after(0.01, () => Event.publish('b.c', 5));"
        " say((await Event.waitFor('b.*')).data, await Events.waitFor('never', 1),"
        " Event.listSubscriptions().length)",
        "5\tnil\t0\n",
    ),
    Pair(
        "a stream of events ends with the loop",
        "local s = Event.stream('a') for n = 1, 3 do Event.publish('a', n) end"
        " for e in s:iter() do print(e.data) if e.data == 2 then break end end"
        " print(s:is_done(), #Event.list_subscriptions())",
        "const s = Event.stream('a'); for (let n = 1; n <= 3; n++) Event.publish('a', n);"
        " for await (const e of s) { say(e.data); if (e.data === 2) break; }"
        " say(s.isDone(), Event.listSubscriptions().length)",
        "1\n2\ntrue\t0\n",
    ),
    Pair(
        "groups of events",
        "local groups = Event.aggregate('request.*', { count = 3, by = 'data.user' })"
        " for _, user in ipairs({ 'ann', 'bob', 'ann' }) do Event.publish('request.read', { user = user })"
        " end"
        " local g = groups:next() print(g.count, g.groups.ann, g.groups.bob, g.events[2].data.user)"
        " groups:close()",
        "const groups = Event.aggregate('request.*', { count: 3, by: 'data.user' });"
        " for (const user of ['ann', 'bob', 'ann']) Event.publish('request.read', { user });"
        " const g = await groups.next(); say(g.count, g.groups.ann, g.groups.bob, g.events[1].data.user);"
        " groups.close()",
        "3\t2\t1\tbob\n",
    ),
    Pair(
        "looking back, and telling again",
        "for n = 1, 3 do Event.publish('a.' .. n, n) end Events.emit('b', 9)"
        " print(#Event.history(), #Event.history('a.*'), #Events.query({ pattern = 'a.*', limit = 2 }))"
        " print(Event.replay('a.*', { handler = function(e) print(e.data, e.replay_of) end }))"
        " local first = Event.history('a.1')[1] local id = Event.subscribe('a.*')"
        " print(Event.replay({ pattern = 'a.*', limit = 1 }, { speed = 1 }))"
        " local e = Event.receive(id) print(e.data, e.sequence, e.replay_of == Event.history('a.3')[1].id)",
        "for (let n = 1; n <= 3; n++) Event.publish('a.' + n, n); Events.emit('b', 9);"
        " say(Event.history().length, Event.history('a.*').length,"
        " Events.query({ pattern: 'a.*', limit: 2 }).length);"
        " say(await Event.replay('a.*', { handler: (e) => say(e.data, e.replayOf) }));"
        " const id = Event.subscribe('a.*');"
        " say(await Event.replay({ pattern: 'a.*', limit: 1 }, { speed: 1 }));"
        " const e = await Event.receive(id); say(e.data, e.sequence, e.replayOf ==="
        " Event.history('a.3')[0].id)",
        "4\t3\t2\n1\tnil\n2\tnil\n3\tnil\n3\n1\n3\t5\ttrue\n",
    ),
    Pair(
        "what an agent publishes is handled before the script ends",
        "Event.on('agent.completed', function(e) print(e.data.agent) end)"
        " Agent.create({ name = 'ann', model = 'echo' }):execute({ text = 'hello' })",
        "Event.on('agent.completed', (e) => say(e.data.agent));"
        " await Agent.create({ name: 'ann', model: 'echo' }).execute({ text: 'hello' })",
        "ann\n",
    ),
    Pair(
        "the plural, and sleeping while handlers are called",
        "local id = Events.subscribe('a', function(e) print('got', e.data) end) Events.emit('a', 1)"
        " Events.sleep(0.05) print('slept', Events.unsubscribe(id),"
        " Events.get_stats().event_bus_stats.events_processed)",
        "const id = Events.subscribe('a', (e) => say('got', e.data)); Events.emit('a', 1);"
        " await Events.sleep(0.05);"
        " say('slept', Events.unsubscribe(id), Events.getStats().eventBusStats.eventsProcessed)",
        "got\t1\nslept\ttrue\t1\n",
    ),
]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.name)
def test_events(pair: Pair, language: Language) -> None:
    check_pair(pair, language)


REFUSED = [
    Pair(
        "no room",
        "Event.subscribe('a', { buffer_size = 1, when_full = 'error' }) Event.publish('a')"
        " Event.publish('a')",
        "Event.subscribe('a', { bufferSize: 1, whenFull: 'error' }); Event.publish('a'); Event.publish('a')",
        "'a' is not published: the subscription to 'a' has no room, 1 events wait in it",
    ),
    Pair(
        "no room, but there might be",
        "Event.subscribe('a', { buffer_size = 1, when_full = 'block' }) Event.publish('a')"
        " Event.publish('a')",
        "Event.subscribe('a', { bufferSize: 1, whenFull: 'block' }); Event.publish('a'); Event.publish('a')",
        "'a' is not published: the subscription to 'a' has no room, 1 events wait in it;"
        " Event.publish_and_wait waits for room",
    ),
    Pair(
        "groups without an end",
        "Event.aggregate('a', { by = 'language' })",
        "Event.aggregate('a', { by: 'language' })",
        "Event.aggregate needs 'window_ms' or 'count', to know when a group is complete",
    ),
    Pair(
        "a subscription that is closed",
        "Event.receive('nothing')",
        "await Event.receive('nothing')",
        "there is no open subscription 'nothing'",
    ),
]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("pair", REFUSED, ids=lambda pair: pair.name)
def test_what_is_refused(pair: Pair, language: Language) -> None:
    check_refused(pair, language)


FAILING = {
    "lua": "Event.on('a', function(e) if e.data == 1 then error('broken') end print(e.data) end)"
    " Event.on('b', function() Async.sleep(30) end, { timeout_ms = 20 }) Event.publish('b')"
    " Event.publish('a', 1) Event.publish('a', 2) Async.sleep(0.1) os.exit(0)",
    "javascript": "Event.on('a', (e) => { if (e.data === 1) throw new Error('broken'); console.log(e.data);"
    " });"
    " Event.on('b', () => Async.sleep(30), { timeoutMs: 20 }); Event.publish('b');"
    " Event.publish('a', 1); Event.publish('a', 2); await Async.sleep(0.1); process.exit(0)",
}


@both
def test_a_handler_that_fails_or_takes_too_long_is_told_and_the_next_event_comes(language: Language) -> None:
    ran = run(Script(language, FAILING[language]))
    assert (ran.out, ran.error, ran.exit) == ("2\n", None, 0)
    assert "an event handler failed event_type=a pattern=a" in ran.err
    assert "broken" in ran.err
    assert "it took longer than 0.02 s" in ran.err


CIRCLE = {
    "lua": "Event.on('ping', function() Event.publish('ping') end) Event.publish('ping')",
    "javascript": "Event.on('ping', () => { Event.publish('ping'); }); Event.publish('ping')",
}


@both
def test_handlers_that_answer_each_other_without_end_are_stopped(language: Language) -> None:
    bus = EventBus()
    ran = run(Script(language, CIRCLE[language], services=Services(events=bus)))
    assert (bus.published, ran.error) == (100, None)
    assert "100 events led to each other" in ran.err


ASKS = {
    "lua": "Event.on('answer', function(e) print(e.language, e.data, e.causation_id ~= nil) end)"
    " local there, answers = Event.subscribe('there'), Event.subscribe('answer') ready()"
    " Event.receive(there, 20000) Event.publish('question', 20) Event.receive(answers, 20000)",
    "javascript": "Event.on('answer', (e) => console.log([e.language, e.data, e.causationId !=="
    " undefined].join('\\t')));"
    " const there = Event.waitFor('there', 20000); ready(); await there;"
    " const answered = Event.waitFor('answer', 20000); Event.publish('question', 20); await answered",
}
ANSWERS = {
    "lua": "Event.on('question', function(e) Event.publish('answer', e.data + 1) end)"
    " Event.publish('there') Event.wait_for('answer', 20000)",
    "javascript": "Event.on('question', (e) => { Event.publish('answer', e.data + 1); });"
    " const answered = Event.waitFor('answer', 20000); Event.publish('there'); await answered",
}


@pytest.mark.parametrize(("asking", "answering"), [("lua", "javascript"), ("javascript", "lua")])
def test_scripts_of_both_languages_answer_each_other(asking: Language, answering: Language) -> None:
    services, is_ready = Services(), threading.Event()
    asked: list[str] = []

    def ask() -> None:
        ran = run(Script(asking, ASKS[asking], names={"ready": is_ready.set}, services=services))
        asked.append(ran.out if ran.error is None else str(ran.error))

    thread = threading.Thread(target=ask)
    thread.start()
    assert is_ready.wait(20)
    answered = run(Script(answering, ANSWERS[answering], services=services))
    thread.join(20)
    assert answered.error is None
    assert asked == [f"{answering}\t21\ttrue\n"]
    [answer] = services.events.find(EventFilter("answer"))
    [question] = services.events.find(EventFilter("question"))
    assert (answer.causation_id, answer.correlation_id) == (question.id, question.id)
    services.close()
