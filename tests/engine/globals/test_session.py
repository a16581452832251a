"""``Session`` and ``Artifact`` in scripts: right use, wrong parameters, hooks, and what knows its session."""

# ruff: noqa: E501 (scripts read best on one line)

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from llmspell_engine.globals.services import Services
from llmspell_engine.language import Language
from llmspell_engine.observability import LogSettings
from llmspell_engine.observability.trace_file import FileTracer
from llmspell_engine.sessions.model import SessionLimits
from llmspell_engine.state import MemoryStore, SQLiteStore, StateError
from support.globals import Pair, check_pair
from support.runtime import Script, both, run

WORKS = [
    Pair(
        "a session is made and looked at",
        "local id = Session.create({ name = 'n', description = 'd', tags = { 'a', 'b' }, metadata = { k = { 1 } }, ttl_seconds = 60 })"
        " local m = Session.get(id) print(#id, m.id == id, m.name, m.description, table.concat(m.tags, ' '), m.status, m.custom_metadata.k[1])"
        " print(m.created_at == m.updated_at, m.expires_at > m.created_at, m.ended_at, m.parent_session_id, m.artifact_count)"
        " local part = Session.create({ parent_session_id = id }) print(Session.get(part).parent_session_id == id, Session.get('none'))",
        "const id = Session.create({ name: 'n', description: 'd', tags: ['a', 'b'], metadata: { k: [1] }, ttlSeconds: 60 });"
        " const m = Session.get(id); say(id.length, m.id === id, m.name, m.description, m.tags.join(' '), m.status, m.customMetadata.k[0]);"
        " say(m.createdAt === m.updatedAt, m.expiresAt > m.createdAt, m.endedAt, m.parentSessionId, m.artifactCount);"
        " const part = Session.create({ parentSessionId: id }); say(Session.get(part).parentSessionId === id, Session.get('none'))",
        "36\ttrue\tn\td\ta b\tactive\t1\ntrue\ttrue\tnil\tnil\t0\ntrue\tnil\n",
    ),
    Pair(
        "a session is built call by call",
        "local id = Session.builder():tag('x'):tags({ 'a' }):tag('b'):name('n'):description('d'):build()"
        " local m = Session.get(id) print(m.name, m.description, table.concat(m.tags, ' '))",
        "const id = Session.builder().tag('x').tags(['a']).tag('b').name('n').description('d').build();"
        " const m = Session.get(id); say(m.name, m.description, m.tags.join(' '))",
        "n\td\ta b\n",
    ),
    Pair(
        "sessions are found",
        "local a = Session.create({ name = 'a', tags = { 'x' } }) local b = Session.create({ name = 'b', tags = { 'x', 'y' } }) Session.suspend(a)"
        " local function names(query) local all = {} for i, one in ipairs(Session.list(query)) do all[i] = one.name end return table.concat(all, ' ') end"
        " print(names(), names({ order = 'name' }), names({ status = 'suspended' }), names({ tags = { 'y' } }), names({ name = '?', limit = 1, order = 'oldest' }), names({ status = 'expired' }))",
        "const a = Session.create({ name: 'a', tags: ['x'] }), b = Session.create({ name: 'b', tags: ['x', 'y'] }); Session.suspend(a);"
        " const names = (query) => Session.list(query).map((one) => one.name).join(' ');"
        " say(names(), names({ order: 'name' }), names({ status: 'suspended' }), names({ tags: ['y'] }), names({ name: '?', limit: 1, order: 'oldest' }), names({ status: 'expired' }))",
        "b a\ta b\ta\tb\ta\t\n",
    ),
    Pair(
        "from its beginning to its end",
        "local id = Session.create() local function status() return Session.get(id).status end Session.save(id, { name = 'n', tags = {} }) print(Session.get(id).name, status())"
        " Session.suspend(id) print(status()) print(Session.load(id) == id, status()) Session.resume(id) print(status())"
        " Session.complete(id) print(status(), Session.get(id).ended_at ~= nil) Session.delete(id) print(Session.get(id), #Session.list())",
        "const id = Session.create(); const status = () => Session.get(id).status; Session.save(id, { name: 'n', tags: [] }); say(Session.get(id).name, status());"
        " Session.suspend(id); say(status()); say(Session.load(id) === id, status()); Session.resume(id); say(status());"
        " Session.complete(id); say(status(), Session.get(id).endedAt !== undefined); Session.delete(id); say(Session.get(id), Session.list().length)",
        "n\tactive\nsuspended\ntrue\tsuspended\nactive\ncompleted\ttrue\nnil\t0\n",
    ),
    Pair(
        "the scope of State is that of the current session",
        "local a, b = Session.create(), Session.create() State.save('session', 'k', 0)"
        " Session.set_current(a) State.save('session', 'k', 1) State.increment('session', 'k') print(State.load('session', 'k'), State.load('session:' .. a, 'k'))"
        " Session.set_current(b) print(State.load('session', 'k'), State.exists('session', 'k'), #State.list_keys('session'), next(State.load_all('session')))"
        " State.compare_and_set('session', 'k', nil, 5) State.transaction(function(tx) tx:save('session', 'k', tx:load('session', 'k') + 1) end) print(State.load('session', 'k'))"
        " print(State.export({ scope = 'session' }).entries[1].value, State.clear('session'), State.load('session', 'k'))"
        " Session.set_current() print(State.load('session', 'k'), State.load('session:' .. a, 'k'))",
        "const a = Session.create(), b = Session.create(); State.save('session', 'k', 0);"
        " Session.setCurrent(a); State.save('session', 'k', 1); State.increment('session', 'k'); say(State.load('session', 'k'), State.load('session:' + a, 'k'));"
        " Session.setCurrent(b); say(State.load('session', 'k'), State.exists('session', 'k'), State.listKeys('session').length, Object.keys(State.loadAll('session'))[0]);"
        " State.compareAndSet('session', 'k', null, 5); await State.transaction((tx) => { tx.save('session', 'k', tx.load('session', 'k') + 1); }); say(State.load('session', 'k'));"
        " say(State.export({ scope: 'session' }).entries[0].value, State.clear('session'), State.load('session', 'k'));"
        " Session.setCurrent(); say(State.load('session', 'k'), State.load('session:' + a, 'k'))",
        "2\t2\nnil\tfalse\t0\tnil\n6\n6\t1\tnil\n0\t2\n",
    ),
    Pair(
        "its changes are watched",
        "local id = Session.create() Session.set_current(id) local w = State.watch('session') State.save('session', 'k', 1) local c = w:next() w:stop() print(c.scope == 'session:' .. id, c.key)",
        "const id = Session.create(); Session.setCurrent(id); const w = State.watch('session'); State.save('session', 'k', 1); const c = await w.next(); w.stop(); say(c.scope === 'session:' + id, c.key)",
        "true\tk\n",
    ),
    Pair(
        "it holds for what is under way too, and within tools, hooks and handlers of events",
        "local id = Session.create() local p = Async.run(function() Async.sleep(0.01) return Session.get_current() == id end)"
        " Tool.register({ name = 'where', handler = function() return tostring(Session.get_current() == id) end })"
        " Hook.register('pre_tool', function() print('hook', Session.get_current() == id) end) Event.on('a', function() print('event', Session.get_current() == id) end)"
        " Session.set_current(id) print(p:await()) print(Tool.execute('where', {}).text) Event.publish('a', 1)",
        "const id = Session.create(); const p = Async.run(async () => { await Async.sleep(0.01); return Session.getCurrent() === id; });"
        " Tool.register({ name: 'where', handler: () => String(Session.getCurrent() === id) });"
        " Hook.register('pre_tool', () => say('hook', Session.getCurrent() === id)); Event.on('a', () => say('event', Session.getCurrent() === id));"
        " Session.setCurrent(id); say(await p); say((await Tool.execute('where', {})).text); Event.publish('a', 1)",
        "true\nhook\ttrue\ntrue\nevent\ttrue\n",
    ),
    Pair(
        "what is over is the current one no more",
        "for _, leave in ipairs({ Session.suspend, Session.complete, Session.delete }) do local id = Session.create() Session.set_current(id) leave(id) print(Session.get_current()) end"
        " local id = Session.create() Session.set_current(id) Session.complete(Session.create()) print(Session.get_current() == id)",
        "for (const leave of [Session.suspend, Session.complete, Session.delete]) { const id = Session.create(); Session.setCurrent(id); leave(id); say(Session.getCurrent()); }"
        " const id = Session.create(); Session.setCurrent(id); Session.complete(Session.create()); say(Session.getCurrent() === id)",
        "nil\nnil\nnil\ntrue\n",
    ),
    Pair(
        "checkpoints",
        "local id = Session.create({ metadata = { n = 1 } }) Session.set_current(id) State.save('session', 'k', { 1 })"
        " local c = Session.checkpoint(id, 'first') State.save('session', 'k', 2) State.save('session', 'l', 3) Session.save(id, { metadata = { n = 2 } }) Session.checkpoint(id)"
        " for _, one in ipairs(Session.list_checkpoints(id)) do print(one.id, one.label, table.concat(one.keys, ' ')) end"
        " local back = Session.restore(id, c) print(back.id == c, back.label, State.load('session', 'k')[1], State.load('session', 'l'), Session.get(id).custom_metadata.n)"
        " Session.restore(id) print(State.load('session', 'k'), Session.get(id).custom_metadata.n)",
        "const id = Session.create({ metadata: { n: 1 } }); Session.setCurrent(id); State.save('session', 'k', [1]);"
        " const c = Session.checkpoint(id, 'first'); State.save('session', 'k', 2); State.save('session', 'l', 3); Session.save(id, { metadata: { n: 2 } }); Session.checkpoint(id);"
        " for (const one of Session.listCheckpoints(id)) say(one.id, one.label, one.keys.join(' '));"
        " const back = Session.restore(id, c); say(back.id === c, back.label, State.load('session', 'k')[0], State.load('session', 'l'), Session.get(id).customMetadata.n);"
        " Session.restore(id); say(State.load('session', 'k'), Session.get(id).customMetadata.n)",
        "1\tfirst\tk\n2\tnil\tk l\ntrue\tfirst\t1\tnil\t1\n2\t2\n",
    ),
    Pair(
        "an artifact is kept and found",
        "local s = Session.create() local a = Artifact.store(s, 'agent_output', 'r.md', '# ü', { tags = { 'x' }, mime_type = 'text/x-own', by = { 'ada' } })"
        " print(a.session_id == s, a.sequence, #a.content_hash) local r = Artifact.get(s, a) local m = r.metadata"
        " print(r.content, m.name, m.artifact_type, m.mime_type, m.size, m.version, m.tags[1], m.custom_metadata.by[1], m.custom_metadata.tags, m.id.content_hash == a.content_hash)"
        " Artifact.store(s, 'custom', 'r.md', 'second') print(Artifact.get(s, 'r.md').content, Artifact.get(s, 'r.md').metadata.version, Artifact.get(s, 'none'), #Artifact.list(s))"
        " print(#Artifact.query({ session_id = s, name_pattern = '*.md', tags = { 'x' }, created_after = '2020-01-01T00:00:00Z', min_size = 4 }), #Artifact.query({ type = 'custom' }), #Artifact.query({ created_before = '2020-01-01' }))"
        " Artifact.delete(s, a) Artifact.delete(s, a) print(Artifact.get(s, a), #Artifact.list(s), Session.get(s).artifact_count)",
        "const s = Session.create(); const a = Artifact.store(s, 'agent_output', 'r.md', '# ü', { tags: ['x'], mimeType: 'text/x-own', by: ['ada'] });"
        " say(a.sessionId === s, a.sequence, a.contentHash.length); const r = Artifact.get(s, a), m = r.metadata;"
        " say(r.content, m.name, m.artifactType, m.mimeType, m.size, m.version, m.tags[0], m.customMetadata.by[0], m.customMetadata.tags, m.id.contentHash === a.contentHash);"
        " Artifact.store(s, 'custom', 'r.md', 'second'); say(Artifact.get(s, 'r.md').content, Artifact.get(s, 'r.md').metadata.version, Artifact.get(s, 'none'), Artifact.list(s).length);"
        " say(Artifact.query({ sessionId: s, namePattern: '*.md', tags: ['x'], createdAfter: '2020-01-01T00:00:00Z', minSize: 4 }).length, Artifact.query({ type: 'custom' }).length, Artifact.query({ createdBefore: '2020-01-01' }).length);"
        " Artifact.delete(s, a); Artifact.delete(s, a); say(Artifact.get(s, a), Artifact.list(s).length, Session.get(s).artifactCount)",
        "true\t1\t64\n# ü\tr.md\tagent_output\ttext/x-own\t4\t1\tx\tada\tnil\ttrue\nsecond\t2\tnil\t2\n1\t1\t0\nnil\t1\t1\n",
    ),
    Pair(
        "bytes come back as they were",
        "local s = Session.create() local bytes = '\\255\\0\\1' .. string.rep('\\200', 20000) local a = Artifact.store(s, 'custom', 'b', bytes)"
        " local r = Artifact.get(s, a) print(r.content == bytes, r.metadata.mime_type, r.metadata.size)",
        "const s = Session.create(); const bytes = new Uint8Array(20003).fill(200); bytes.set([255, 0, 1]); const a = Artifact.store(s, 'custom', 'b', bytes);"
        " const r = Artifact.get(s, a); say(r.content instanceof Uint8Array && r.content.length === 20003 && r.content[0] === 255 && r.content[20002] === 200, r.metadata.mimeType, r.metadata.size)",
        "true\tapplication/octet-stream\t20003\n",
    ),
    Pair(
        "events know their session",
        "local id = Session.create() Event.publish('out', 1) Session.set_current(id) Event.publish('in', 2) Async.run(function() Event.publish('inner', 3) end):await()"
        " local names = {} for i, e in ipairs(Event.history({ session_id = id })) do names[i] = e.event_type .. tostring(e.session_id == id) end print(table.concat(names, ' '), Event.history('out')[1].session_id)",
        "const id = Session.create(); Event.publish('out', 1); Session.setCurrent(id); Event.publish('in', 2); await Async.run(() => { Event.publish('inner', 3); });"
        " say(Event.history({ sessionId: id }).map((e) => e.eventType + (e.sessionId === id)).join(' '), Event.history('out')[0].sessionId)",
        "intrue innertrue\tnil\n",
    ),
    Pair(
        "events are recorded and told again",
        "local id = Session.builder():record_events():build() local other = Session.create() print(Session.get(id).record_events, Session.can_replay(id), #Session.list_replayable())"
        " Event.publish('out', 0) Session.set_current(id) Event.publish('a.b', { n = 1 }) Event.publish('a.c', 2) Session.set_current(other) Event.publish('other', 3) Session.set_current()"
        " local m = Session.get_replay_metadata(id) print(m.event_count, m.event_types['a.b'], m.first_event_at <= m.last_event_at, Session.can_replay(id), Session.can_replay(other), Session.list_replayable()[1] == id)"
        " local r = Session.replay(id, { handler = function(e) Async.sleep(0) print(e.event_type, type(e.data), e.session_id == id) end, metadata = { why = 'test' } })"
        " print(r.session_id == id, r.events_replayed, r.successful_replays, r.failed_replays, #r.errors, r.is_complete, r.metadata.why, r.total_duration >= 0)"
        " local sub = Event.subscribe('a.*') r = Session.replay(id) local e = Event.receive(sub) print(r.events_replayed, e.event_type, e.data.n, e.replay_of ~= nil, Event.receive(sub).data) print(Session.get_replay_metadata(id).event_count)",
        "const id = Session.builder().recordEvents().build(), other = Session.create(); say(Session.get(id).recordEvents, Session.canReplay(id), Session.listReplayable().length);"
        " Event.publish('out', 0); Session.setCurrent(id); Event.publish('a.b', { n: 1 }); Event.publish('a.c', 2); Session.setCurrent(other); Event.publish('other', 3); Session.setCurrent();"
        " const m = Session.getReplayMetadata(id); say(m.eventCount, m.eventTypes['a.b'], m.firstEventAt <= m.lastEventAt, Session.canReplay(id), Session.canReplay(other), Session.listReplayable()[0] === id);"
        " let r = await Session.replay(id, { handler: async (e) => { await Async.sleep(0); say(e.eventType, typeof e.data === 'object' ? 'table' : typeof e.data, e.sessionId === id); }, metadata: { why: 'test' } });"
        " say(r.sessionId === id, r.eventsReplayed, r.successfulReplays, r.failedReplays, r.errors.length, r.isComplete, r.metadata.why, r.totalDuration >= 0);"
        " const sub = Event.subscribe('a.*'); r = await Session.replay(id); const e = await Event.receive(sub); say(r.eventsReplayed, e.eventType, e.data.n, e.replayOf !== undefined, (await Event.receive(sub)).data); say(Session.getReplayMetadata(id).eventCount)",
        "true\tfalse\t0\n2\t1\ttrue\ttrue\tfalse\ttrue\na.b\ttable\ttrue\na.c\tnumber\ttrue\ntrue\t2\t2\t0\t0\ttrue\ttest\ttrue\n2\ta.b\t1\ttrue\t2\n2\n",
    ),
    Pair(
        "failures of a replay are told, or end it; so does its time",
        "local id = Session.create({ record_events = true }) Session.set_current(id) for i = 1, 3 do Event.publish('n', i) end"
        " local function fail(e) if e.data == 2 then error({ message = 'broken' }) end end local r = Session.replay(id, { handler = fail }) print(r.events_replayed, r.failed_replays, r.is_complete, r.errors[1])"
        " r = Session.replay(id, { handler = fail, stop_on_error = true }) print(r.events_replayed, r.successful_replays, r.failed_replays, r.is_complete)"
        " r = Session.replay(id, { handler = function(e) if e.data == 2 then Async.sleep(30) end end, timeout_seconds = 0.05 }) print(r.events_replayed, r.successful_replays, r.is_complete)",
        "const id = Session.create({ recordEvents: true }); Session.setCurrent(id); for (let i = 1; i <= 3; i++) Event.publish('n', i);"
        " const fail = (e) => { if (e.data === 2) throw new Error('broken'); }; let r = await Session.replay(id, { handler: fail }); say(r.eventsReplayed, r.failedReplays, r.isComplete, r.errors[0]);"
        " r = await Session.replay(id, { handler: fail, stopOnError: true }); say(r.eventsReplayed, r.successfulReplays, r.failedReplays, r.isComplete);"
        " r = await Session.replay(id, { handler: (e) => e.data === 2 ? Async.sleep(30) : undefined, timeoutSeconds: 0.05 }); say(r.eventsReplayed, r.successfulReplays, r.isComplete)",
        "3\t1\ttrue\tn: broken\n2\t1\t1\tfalse\n2\t1\tfalse\n",
    ),
    Pair(
        "hooks hear of each operation",
        "for _, point in ipairs({ 'SessionStart', 'session_end', 'SessionCheckpoint', 'SessionRestore', 'SessionSave' }) do"
        " Hook.register(point, function(c) print(c.point, c.component_id.type, c.component_id.name, c.data.operation, #c.data.session_id, c.data.status, c.data.checkpoint) end) end"
        " local id = Session.create({ name = 'n' }) Session.save(id) Session.checkpoint(id, 'label') Session.restore(id) Session.suspend(id) Session.load(id) Session.resume(id) Session.complete(id) Session.delete(id)",
        "for (const point of ['SessionStart', 'session_end', 'SessionCheckpoint', 'SessionRestore', 'SessionSave'])"
        " Hook.register(point, (c) => say(c.point, c.componentId.type, c.componentId.name, c.data.operation, c.data.session_id.length, c.data.status, c.data.checkpoint));"
        " const id = Session.create({ name: 'n' }); Session.save(id); Session.checkpoint(id, 'label'); Session.restore(id); Session.suspend(id); Session.load(id); Session.resume(id); Session.complete(id); Session.delete(id)",
        "SessionStart\tsession\tn\tcreate\t36\tactive\tnil\nSessionSave\tsession\tn\tsave\t36\tactive\tnil\nSessionCheckpoint\tsession\tn\tcheckpoint\t36\tactive\tlabel\n"
        "SessionRestore\tsession\tn\trestore\t36\tactive\t1\nSessionSave\tsession\tn\tsuspend\t36\tactive\tnil\nSessionRestore\tsession\tn\tload\t36\tsuspended\tnil\n"
        "SessionRestore\tsession\tn\tresume\t36\tsuspended\tnil\nSessionEnd\tsession\tn\tcomplete\t36\tactive\tnil\nSessionEnd\tsession\tn\tdelete\t36\tcompleted\tnil\n",
    ),
    Pair(
        "hooks change what is known of a session",
        "Hook.register('SessionStart', function(c) return { type = 'modified', data = { tags = { 'seen' }, metadata = { by = c.data.name } } } end)"
        " Hook.register('SessionSave', function(c) return { type = 'replace', data = { description = 'replaced' } } end)"
        " local id = Session.create({ name = 'n', tags = { 'a' } }) Session.save(id, { description = 'x' }) local m = Session.get(id) print(m.tags[1], m.custom_metadata.by, m.description, m.name)",
        "Hook.register('SessionStart', (c) => ({ type: 'modified', data: { tags: ['seen'], metadata: { by: c.data.name } } }));"
        " Hook.register('SessionSave', (c) => ({ type: 'replace', data: { description: 'replaced' } }));"
        " const id = Session.create({ name: 'n', tags: ['a'] }); Session.save(id, { description: 'x' }); const m = Session.get(id); say(m.tags[0], m.customMetadata.by, m.description, m.name)",
        "seen\tn\treplaced\tn\n",
    ),
    Pair(
        "a hook that fails does not keep anything from happening",
        "Logger.set_level('error') Hook.register('SessionStart', function() error('broken') end)"
        " local id = Session.create() Session.save(id) print(Session.get(id).status, Hook.get_stats().errors)",
        "Logger.setLevel('error'); Hook.register('SessionStart', () => { throw new Error('broken'); });"
        " const id = Session.create(); Session.save(id); say(Session.get(id).status, Hook.getStats().errors)",
        "active\t1\n",
    ),
]


@both
@pytest.mark.parametrize("pair", WORKS, ids=lambda pair: pair.name)
def test_sessions(pair: Pair, language: Language) -> None:
    check_pair(pair, language)


CANCELLED = {
    "SessionStart": ("Session.create({ name = 'n' })", "Session.create({ name: 'n' })"),
    "SessionEnd": ("Session.complete(id)", "Session.complete(id)"),
    "SessionSave": ("Session.suspend(id)", "Session.suspend(id)"),
    "SessionCheckpoint": ("Session.checkpoint(id)", "Session.checkpoint(id)"),
    "SessionRestore": ("Session.load(id)", "Session.load(id)"),
}


@both
@pytest.mark.parametrize("point", CANCELLED)
def test_a_hook_keeps_an_operation_from_happening(point: str, language: Language) -> None:
    services = Services()
    lua, javascript = CANCELLED[point]
    text = {
        "lua": f"local id = Session.create({{ name = 'n' }}) Hook.register('{point}', function() return 'not now' end, {{ name = 'guard' }}) {lua}",
        "javascript": f"const id = Session.create({{ name: 'n' }}); Hook.register('{point}', () => 'not now', {{ name: 'guard' }}); {javascript}",
    }
    ran = run(Script(language, text[language], services=services))
    assert ran.error is not None
    assert ran.error.kind == "HookCancelledError"
    assert str(ran.error).endswith(f"the session 'n' was cancelled by the hook 'guard' at {point}: not now")
    [key] = services.state.keys(".sessions")
    kept = json.loads(services.state.load(".sessions", key) or "")
    assert (kept["status"], kept["checkpoints"], kept["updated"]) == ("active", 0, kept["created"])


NO = "3f2504e0-4f89-11d3-9a0c-0305e82c3301"
HASH = "0" * 64
_ID = {
    "lua": "local id = Session.create({ name = 'n' }) ",
    "javascript": "const id = Session.create({ name: 'n' }); ",
}
WRONG: list[tuple[str, str, str]] = [
    # What is called in Lua, in JavaScript, and what the message has.
    ("Session.create({ name = 7 })", "Session.create({ name: 7 })", "Session.create: 'options.name' must be"),
    ("Session.create({ name = '' })", "Session.create({ name: '' })", "Session.create: 'options.name' must"),
    ("Session.create({ nam = 'x' })", "Session.create({ nam: 'x' })", "did you mean 'name'?"),
    ("Session.create({ tags = 'x' })", "Session.create({ tags: 'x' })", "Session.create: 'options.tags' must be"),
    ("Session.create({ tags = { 1 } })", "Session.create({ tags: [1] })", "Session.create: 'options.tags["),
    ("Session.create({ metadata = 'x' })", "Session.create({ metadata: 'x' })", "Session.create: 'options.metadata' must be"),
    ("Session.create({ metadata = { f = print } })", "Session.create({ metadata: { f: () => 1 } })", "Session: value.metadata.f is a function, which JSON cannot write"),
    ("Session.create({ description = 1 })", "Session.create({ description: 1 })", "Session.create: 'options.description' must be"),
    ("Session.create({ ttl_seconds = 0 })", "Session.create({ ttlSeconds: 0 })", "must be greater than 0"),
    (f"Session.create({{ parent_session_id = '{NO}' }})", f"Session.create({{ parentSessionId: '{NO}' }})", f"there is no session '{NO}'"),
    ("Session.list({ status = 'open' })", "Session.list({ status: 'open' })", "Session.list: 'query.status' must be one of"),
    ("Session.list({ order = 'size' })", "Session.list({ order: 'size' })", "Session.list: 'query.order' must be one of"),
    ("Session.list({ limit = 0 })", "Session.list({ limit: 0 })", "Session.list: 'query.limit' must be"),
    ("Session.list({ tags = 7 })", "Session.list({ tags: 7 })", "Session.list: 'query.tags' must be"),
    ("Session.save(id, { status = 'active' })", "Session.save(id, { status: 'active' })", "there is no 'changes.status'"),
    ("Session.save(id, { metadata = 7 })", "Session.save(id, { metadata: 7 })", "Session.save: 'changes.metadata' must be"),
    ("Session.checkpoint(id, '')", "Session.checkpoint(id, '')", "Session.checkpoint: 'label' must"),
    ("Session.restore(id)", "Session.restore(id)", "the session 'n' has no checkpoint; Session.checkpoint makes one"),
    ("Session.restore(id, 'x')", "Session.restore(id, 'x')", "the session 'n' has no checkpoint 'x'"),
    ("Session.replay(id)", "await Session.replay(id)", "the session 'n' records no events; make it with 'record_events'"),
    ("Session.replay(id, { speed = -1 })", "await Session.replay(id, { speed: -1 })", "Session.replay: 'options.speed' must be"),
    ("Session.replay(id, { handler = 1 })", "await Session.replay(id, { handler: 1 })", "Session.replay: 'options.handler' must be"),
    ("Session.replay(id, { timeout_seconds = 0 })", "await Session.replay(id, { timeoutSeconds: 0 })", "Session.replay: 'options.timeout"),
    ("Session.create({ record_events = 1 })", "Session.create({ recordEvents: 1 })", "Session.create: 'options.record"),
    *((f"Session.{one[0]}('{NO}')", f"await Session.{one[1]}('{NO}')", f"there is no session '{NO}'") for one in (("replay", "replay"), ("can_replay", "canReplay"), ("get_replay_metadata", "getReplayMetadata"))),
    ("Session.resume(id)", "Session.resume(id)", "is active and cannot be resumed: it is not suspended"),
    *((f"Session.{one}('{NO}')", f"Session.{one}('{NO}')", f"there is no session '{NO}'; Session.list() tells") for one in ("load", "save", "suspend", "resume", "complete", "delete", "checkpoint", "restore")),
    (f"Session.set_current('{NO}')", f"Session.setCurrent('{NO}')", f"there is no session '{NO}'"),
    ("Session.suspend(id) Session.set_current(id)", "Session.suspend(id); Session.setCurrent(id)", "is suspended and cannot become the current one: Session.resume lets it go on"),
    ("Session.complete(id) Session.set_current(id)", "Session.complete(id); Session.setCurrent(id)", "is completed and cannot become the current one"),
    ("Session.builder():tags('x')", "Session.builder().tags('x')", "SessionBuilder.tags: 'tags' must be"),
    ("Artifact.store(id, 'picture', 'a', 'x')", "Artifact.store(id, 'picture', 'a', 'x')", "must be one of \"agent_output\""),
    ("Artifact.store(id, 'custom', '', 'x')", "Artifact.store(id, 'custom', '', 'x')", "Artifact.store: 'name' must"),
    ("Artifact.store(id, 'custom', 'a', 7)", "Artifact.store(id, 'custom', 'a', 7)", "Artifact.store: 'content' must be"),
    ("Artifact.store(id, 'custom', 'a')", "Artifact.store(id, 'custom', 'a')", "Artifact.store: 'content' is missing"),
    ("Artifact.store(id, 'custom', 'a', 'x', 'y')", "Artifact.store(id, 'custom', 'a', 'x', 'y')", "Artifact.store: 'metadata' must be"),
    ("Artifact.store(id, 'custom', 'a', 'x', { tags = 'y' })", "Artifact.store(id, 'custom', 'a', 'x', { tags: 'y' })", "Artifact.store: the 'tags' of the metadata are no list of texts"),
    ("Artifact.store(id, 'custom', 'a', 'x', { mime_type = 'y' })", "Artifact.store(id, 'custom', 'a', 'x', { mimeType: 'y' })", "Artifact.store: the media type of the metadata is no text such as 'text/plain'"),
    ("Artifact.store(id, 'custom', 'a', 'x', { f = print })", "Artifact.store(id, 'custom', 'a', 'x', { f: () => 1 })", "Artifact.store: value.metadata.f is a function, which JSON cannot write"),
    (f"Artifact.store('{NO}', 'custom', 'a', 'x')", f"Artifact.store('{NO}', 'custom', 'a', 'x')", f"there is no session '{NO}'"),
    ("Session.complete(id) Artifact.store(id, 'custom', 'a', 'x')", "Session.complete(id); Artifact.store(id, 'custom', 'a', 'x')", "is completed and cannot take artifacts"),
    ("Artifact.get(id, {})", "Artifact.get(id, {})", "Artifact.get: 'artifact"),
    (f"Artifact.get(id, {{ content_hash = '{HASH}', session_id = '{NO}', sequence = 1 }})", f"Artifact.get(id, {{ contentHash: '{HASH}', sessionId: '{NO}', sequence: 1 }})", f"the artifact is one of the session '{NO}', and not of '"),
    (f"Artifact.list('{NO}')", f"Artifact.list('{NO}')", f"there is no session '{NO}'"),
    ("Artifact.query({ type = 'picture' })", "Artifact.query({ type: 'picture' })", "Artifact.query: 'query.type' must be one of"),
    ("Artifact.query({ created_after = 'now' })", "Artifact.query({ createdAfter: 'now' })", "Artifact.query: 'created_after' is no RFC 3339 time"),
    ("Artifact.query({ min_size = -1 })", "Artifact.query({ minSize: -1 })", "Artifact.query: 'query.min"),
    (f"Artifact.query({{ session_id = '{NO}' }})", f"Artifact.query({{ sessionId: '{NO}' }})", f"there is no session '{NO}'"),
]  # fmt: skip


@both
@pytest.mark.parametrize(("lua", "javascript", "message"), WRONG, ids=[one[0] for one in WRONG])
def test_what_is_not_taken_is_told(lua: str, javascript: str, message: str, language: Language) -> None:
    ran = run(Script(language, _ID[language] + (lua if language == "lua" else javascript)))
    assert ran.error is not None, ran.out
    assert message in str(ran.error)
    assert ran.error.frames[-1].line == 1


# Files

FILE = {
    "lua": "local s = Session.create() local a = Artifact.store_file(s, '%s', 'user_input', { tags = { 'x' } })"
    " local m = Artifact.get(s, a).metadata print(m.name, m.mime_type, m.size, m.tags[1], type(Artifact.get(s, a).content))",
    "javascript": "const s = Session.create(); const a = Artifact.storeFile(s, '%s', 'user_input', { tags: ['x'] });"
    " const m = Artifact.get(s, a).metadata; console.log([m.name, m.mimeType, m.size, m.tags[0],"
    " Artifact.get(s, a).content.length === m.size || typeof Artifact.get(s, a).content === 'string' ? 'string' : '?'].join('\\t'))",
}
FILES: list[tuple[str, bytes, str]] = [
    ("a.json", b"{}", "a.json\tapplication/json\t2\tx\tstring\n"),
    ("deep/a.md", "ü".encode(), "a.md\ttext/markdown\t2\tx\tstring\n"),
    ("b.bin", b"\xff\0", "b.bin\tapplication/octet-stream\t2\tx\tstring\n"),
]


@both
@pytest.mark.parametrize(("name", "data", "expect"), FILES)
def test_a_file_is_kept(name: str, data: bytes, expect: str, language: Language, tmp_path: Path) -> None:
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_bytes(data)
    ran = run(Script(language, FILE[language] % name, services=Services(root=tmp_path)))
    assert (ran.out, ran.error) == (expect, None)


def _outside(folder: Path) -> str:
    (folder.parent / "secret.txt").write_text("x")
    return "../secret.txt"


def _link(folder: Path) -> str:
    _outside(folder)
    (folder / "link.txt").symlink_to(folder.parent / "secret.txt")
    return "link.txt"


def _folder(folder: Path) -> str:
    (folder / "sub").mkdir()
    return "sub"


def _large(folder: Path) -> str:
    (folder / "large.txt").write_bytes(b"12345")
    return "large.txt"


UNREADABLE: list[tuple[Callable[[Path], str], str]] = [
    (_outside, "reading '../secret.txt', which is "),
    (_link, "reading 'link.txt', which is "),
    (_folder, "'sub' is a folder and not a file"),
    (lambda _: "none.txt", "'none.txt' does not exist"),
    (_large, "the artifact 'large.txt' has 5 bytes, and 4 are allowed"),
]


@both
@pytest.mark.parametrize(("make", "message"), UNREADABLE)
def test_a_file_that_is_not_kept_is_told(
    make: Callable[[Path], str], message: str, language: Language, tmp_path: Path
) -> None:
    root = tmp_path / "root"
    root.mkdir()
    services = Services(root=root, session_limits=SessionLimits(max_artifact_bytes=4))
    ran = run(Script(language, FILE[language] % make(root), services=services))
    assert message in str(ran.error)
    assert not [scope for scope in services.state.scopes() if scope.startswith(".artifacts")]


# Log and spans

OBSERVED = {
    "lua": "local s = Session.create() Logger.warn('out') Session.set_current(s) Logger.warn('in')"
    " Tool.execute('calculator', { operation = 'evaluate', input = '1' }) print(s)",
    "javascript": "const s = Session.create(); Logger.warn('out'); Session.setCurrent(s); Logger.warn('in');"
    " await Tool.execute('calculator', { operation: 'evaluate', input: '1' }); console.log(s)",
}


@both
def test_the_log_and_spans_know_their_session(language: Language, tmp_path: Path) -> None:
    file = tmp_path / "trace.jsonl"
    with closing(FileTracer(file)) as tracer, ExitStack() as spans:

        def started(_: object) -> None:
            spans.enter_context(tracer.span("run", "main"))

        services = Services(tracer=tracer)
        ran = run(Script(language, OBSERVED[language], services=services, started=started))
    session_id = ran.out.strip()
    first, second = ran.err.splitlines()
    assert "session_id" not in first
    assert second.endswith(f"in session_id={session_id}")
    spans = [json.loads(line) for line in file.read_text().splitlines()]
    assert [one["attributes"]["session.id"] for one in spans if one["kind"] == "tool"] == [session_id]


@both
def test_json_lines_of_the_log_know_their_session(language: Language) -> None:
    services = Services(log=LogSettings("warn", "json"))
    ran = run(Script(language, OBSERVED[language], services=services))
    first, second = (json.loads(line) for line in ran.err.splitlines())
    assert "session_id" not in first
    assert second["session_id"] == ran.out.strip()


# What workflows publish is published in the session too

FLOW = {
    "lua": "local id = Session.create({ record_events = true }) Session.set_current(id)"
    " Workflow.sequential({ name = 'w', steps = { { name = 'a', execute = function() return 1 end } } }):execute('x')"
    " for name, count in pairs(Session.get_replay_metadata(id).event_types) do print(name, count) end",
    "javascript": "const id = Session.create({ recordEvents: true }); Session.setCurrent(id);"
    " await Workflow.sequential({ name: 'w', steps: [{ name: 'a', execute: () => 1 }] }).execute('x');"
    " for (const [name, count] of Object.entries(Session.getReplayMetadata(id).eventTypes)) console.log(name + '\\t' + count)",
}


@both
def test_events_of_workflows_are_recorded(language: Language) -> None:
    ran = run(Script(language, FLOW[language]))
    assert sorted(ran.out.splitlines()) == [
        "workflow.completed\t1",
        "workflow.started\t1",
        "workflow.step.completed\t1",
    ]


# Between runs


@both
def test_a_session_outlives_its_run(language: Language, tmp_path: Path) -> None:
    first = {
        "lua": "local s = Session.create({ name = 'n' }) Session.set_current(s) State.save('session', 'k', 1)"
        " Artifact.store(s, 'custom', 'a', 'x') Session.suspend(s)",
        "javascript": "const s = Session.create({ name: 'n' }); Session.setCurrent(s); State.save('session', 'k', 1);"
        " Artifact.store(s, 'custom', 'a', 'x'); Session.suspend(s)",
    }
    second = {
        "lua": "local s = Session.list({ name = 'n', status = 'suspended' })[1].id Session.resume(s)"
        " Session.set_current(s) print(State.load('session', 'k'), Artifact.get(s, 'a').content)",
        "javascript": "const s = Session.list({ name: 'n', status: 'suspended' })[0].id; Session.resume(s);"
        " Session.setCurrent(s); console.log([State.load('session', 'k'), Artifact.get(s, 'a').content].join('\\t'))",
    }
    for text, expect in ((first, ""), (second, "1\tx\n")):
        services = Services(state=SQLiteStore(tmp_path / "state.db"))
        ran = run(Script(language, text[language], services=services))
        services.close()
        assert (ran.out, ran.error) == (expect, None)


BACKED_UP = {
    "lua": "local s = Session.create({ name = 'n' }) Session.set_current(s) State.save('session', 'k', 1) Artifact.store(s, 'custom', 'a', 'x') Session.checkpoint(s)"
    " local b = State.create_backup() Session.delete(s) print(Session.get(s)) State.restore_backup(b.backup_id)"
    " print(Session.get(s).name, Artifact.get(s, 'a').content, #Session.list_checkpoints(s), State.load('session:' .. s, 'k'))",
    "javascript": "const s = Session.create({ name: 'n' }); Session.setCurrent(s); State.save('session', 'k', 1); Artifact.store(s, 'custom', 'a', 'x'); Session.checkpoint(s);"
    " const b = State.createBackup(); Session.delete(s); console.log(Session.get(s) ?? 'nil'); State.restoreBackup(b.backupId);"
    " console.log([Session.get(s).name, Artifact.get(s, 'a').content, Session.listCheckpoints(s).length, State.load('session:' + s, 'k')].join('\\t'))",
}


@both
def test_backups_of_state_have_sessions(language: Language, tmp_path: Path) -> None:
    services = Services(state=SQLiteStore(tmp_path / "state.db"), project=tmp_path)
    ran = run(Script(language, BACKED_UP[language], services=services))
    services.close()
    assert (ran.out, ran.error) == ("nil\nn\tx\t1\t1\n", None)


OWN = {
    "lua": "local s = Session.create() for _, scope in ipairs(State.list_scopes()) do print(scope) end"
    " print(pcall(State.load, '.sessions', s))",
    "javascript": "const s = Session.create(); for (const scope of State.listScopes()) console.log(scope);"
    " try { State.load('.sessions', s); } catch (error) { console.log('false\\t' + error.message); }",
}


@both
def test_records_of_sessions_are_no_values_of_scripts(language: Language) -> None:
    ran = run(Script(language, OWN[language]))
    assert ran.out.startswith("false\t")
    assert "State.load: 'scope' must" in ran.out


PLANTED = {
    "lua": "State.import({ format = 'llmspell-state', format_version = 1, schemas = {},"
    " entries = { { scope = '%s', key = 'x', value = { layout = 1 }, version = 1 } } })",
    "javascript": "State.import({ format: 'llmspell-state', formatVersion: 1, schemas: {},"
    " entries: [{ scope: '%s', key: 'x', value: { layout: 1 }, version: 1 }] })",
}


@both
@pytest.mark.parametrize("scope", [".sessions", ".artifacts:x", ".events:x"])
def test_an_import_of_state_cannot_plant_records(scope: str, language: Language) -> None:
    services = Services()
    ran = run(Script(language, PLANTED[language] % scope, services=services))
    assert f"the scope '{scope}' is the engine's own and cannot be imported" in str(ran.error)
    assert services.state.scopes() == []


class FullStore(MemoryStore):
    """A store whose disk is full after so many commits."""

    def __init__(self, commits: int) -> None:
        super().__init__()
        self._left = commits

    def commit(self, *given: object, **more: object) -> bool:
        self._left -= 1
        if self._left < 0:
            raise StateError("the disk is full")
        return super().commit(*given, **more)  # type: ignore[arg-type]


@both
def test_a_store_that_fails_is_told_and_the_script_goes_on(language: Language) -> None:
    text = {
        "lua": "local s = Session.create() local ok, e = pcall(Artifact.store, s, 'custom', 'a', 'x')"
        " print(ok, e.message, Session.get(s).artifact_count, #Artifact.list(s))",
        "javascript": "const s = Session.create(); try { Artifact.store(s, 'custom', 'a', 'x'); } catch (e) {"
        " console.log(['false', e.message, Session.get(s).artifactCount, Artifact.list(s).length].join('\\t')); }",
    }
    ran = run(Script(language, text[language], services=Services(state=FullStore(1))))
    assert (ran.out, ran.error) == ("false\tthe disk is full\t0\t0\n", None)
