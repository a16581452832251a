"""``State`` in scripts, in both languages: right use, what is refused, and what fails half-way."""

# ruff: noqa: E501 (scripts read best on one line)

from __future__ import annotations

import threading
from contextlib import closing
from pathlib import Path

import pytest
from llmspell_engine.globals.services import Services
from llmspell_engine.language import LANGUAGES, Language
from llmspell_engine.state import MemoryStore, SQLiteStore
from support.globals import Pair, check_pair
from support.runtime import SUFFIX, Script, both, check_error, run

WORKS = [
    Pair(
        "a value with a time to live",
        "State.save('global', 'k', 1, { ttl_seconds = 60 }) local v = State.get_with_version('global', 'k')"
        " print(v.value, v.version, v.expires_at > v.updated_at)"
        " State.save('global', 's', 1, { ttl_seconds = 0.001 }) Async.sleep(0.01)"
        " print(State.load('global', 's'), State.exists('global', 's'), #State.list_keys('global'))",
        "State.save('global', 'k', 1, { ttlSeconds: 60 }); const v = State.getWithVersion('global', 'k');"
        " say(v.value, v.version, v.expiresAt > v.updatedAt);"
        " State.save('global', 's', 1, { ttlSeconds: 0.001 }); await Async.sleep(0.01);"
        " say(State.load('global', 's'), State.exists('global', 's'), State.listKeys('global').length)",
        "1\t1\ttrue\nnil\tfalse\t1\n",
    ),
    Pair(
        "scopes and all of their values",
        "State.save('custom:b', 'k', { 1 }) State.save('agent:a', 'l', 2) State.save('agent:a', 'm', 3)"
        " print(table.concat(State.list_scopes(), ' '), State.load_all('agent:a').m, State.load_all('custom:b').k[1])"
        " print(State.clear('agent:a'), State.clear('agent:a'), #State.list_scopes(), next(State.load_all('agent:a')))"
        " State.write('x', 1) print(State.read('x'), State.all().x)",
        "State.save('custom:b', 'k', [1]); State.save('agent:a', 'l', 2); State.save('agent:a', 'm', 3);"
        " say(State.listScopes().join(' '), State.loadAll('agent:a').m, State.loadAll('custom:b').k[0]);"
        " say(State.clear('agent:a'), State.clear('agent:a'), State.listScopes().length, Object.keys(State.loadAll('agent:a'))[0]);"
        " State.write('x', 1); say(State.read('x'), State.all().x)",
        "agent:a custom:b\t3\t1\n2\t0\t1\tnil\n1\t1\n",
    ),
    Pair(
        "comparing and setting",
        "print(State.compare_and_set('custom', 'k', nil, { a = { 1 } }), State.compare_and_set('custom', 'k', nil, 2),"
        " State.compare_and_set('custom', 'k', { a = { 1 } }, 3, { ttl_seconds = 60 }), State.load('custom', 'k'))"
        " local v = State.get_with_version('custom', 'k').version"
        " print(State.save_if_version('custom', 'k', v, 4), State.save_if_version('custom', 'k', v, 5), State.save_if_version('custom', 'l', 0, 6))"
        " print(State.compare_and_set('custom', 'k', 4), State.load('custom', 'k'), State.load('custom', 'l'))",
        "say(State.compareAndSet('custom', 'k', null, { a: [1] }), State.compareAndSet('custom', 'k', undefined, 2),"
        " State.compareAndSet('custom', 'k', { a: [1] }, 3, { ttlSeconds: 60 }), State.load('custom', 'k'));"
        " const v = State.getWithVersion('custom', 'k').version;"
        " say(State.saveIfVersion('custom', 'k', v, 4), State.saveIfVersion('custom', 'k', v, 5), State.saveIfVersion('custom', 'l', 0, 6));"
        " say(State.compareAndSet('custom', 'k', 4), State.load('custom', 'k'), State.load('custom', 'l'))",
        "true\tfalse\ttrue\t3\ntrue\tfalse\ttrue\ntrue\tnil\t6\n",
    ),
    Pair(
        "adding",
        "print(State.increment('global', 'n'), State.increment('global', 'n', 2), State.increment('global', 'n', -0.5))",
        "say(State.increment('global', 'n'), State.increment('global', 'n', 2), State.increment('global', 'n', -0.5))",
        "1\t3\t2.5\n",
    ),
    Pair(
        "a transaction is kept as a whole, and gives what its function gives",
        "local given = State.transaction(function(tx) tx:save('global', 'a', 1) tx:save('global', 'b', 2) tx:delete('global', 'a')"
        " print(tx:load('global', 'b'), tx:exists('global', 'a'), #tx:list_keys('global'), State.load('global', 'b'))"
        " Async.sleep(0) return { x = 7 } end) print(given.x, State.load('global', 'b'))",
        "const given = await State.transaction(async (tx) => { tx.save('global', 'a', 1); tx.save('global', 'b', 2); tx.delete('global', 'a');"
        " say(tx.load('global', 'b'), tx.exists('global', 'a'), tx.listKeys('global').length, State.load('global', 'b'));"
        " await Async.sleep(0); return { x: 7 }; }); say(given.x, State.load('global', 'b'))",
        "2\tfalse\t1\tnil\n7\t2\n",
    ),
    Pair(
        "a transaction that others were in the way of is done again, and the hooks hear of it",
        "Hook.register('StateConflict', function(c) print(c.data.operation, c.data.attempt, c.data.keys[1]) end)"
        " local tries = 0 State.transaction(function(tx) tries = tries + 1 local n = tx:load('global', 'n') or 0"
        " if tries < 3 then State.increment('global', 'n', 10) end tx:save('global', 'n', n + 1) end)"
        " print(tries, State.load('global', 'n'))",
        "Hook.register('StateConflict', (c) => say(c.data.operation, c.data.attempt, c.data.keys[0]));"
        " let tries = 0; await State.transaction((tx) => { tries++; const n = tx.load('global', 'n') ?? 0;"
        " if (tries < 3) State.increment('global', 'n', 10); tx.save('global', 'n', n + 1); });"
        " say(tries, State.load('global', 'n'))",
        "transaction\t1\tglobal:n\ntransaction\t2\tglobal:n\n3\t21\n",
    ),
    Pair(
        "a transaction that is rolled back leaves nothing",
        "print(State.transaction(function(tx) tx:save('global', 'a', 1) tx:rollback() return 5 end), State.load('global', 'a'))",
        "say(await State.transaction((tx) => { tx.save('global', 'a', 1); tx.rollback(); return 5; }), State.load('global', 'a'))",
        "5\tnil\n",
    ),
    Pair(
        "an error of its function undoes a transaction",
        "local ok, e = pcall(State.transaction, function(tx) tx:save('global', 'a', 1) error({ code = 7 }) end) print(ok, type(e)) print(State.load('global', 'a'))",
        "try { await State.transaction((tx) => { tx.save('global', 'a', 1); throw new Error('x'); }); }"
        " catch (error) { say(false, error.message === 'x' ? 'table' : error.message); } say(State.load('global', 'a'))",
        "false\ttable\nnil\n",
    ),
    Pair(
        "transactions at the same time lose nothing",
        "local all = {} for i = 1, 5 do all[i] = Async.run(function() State.transaction(function(tx) local n = tx:load('global', 'n') or 0"
        " Async.sleep(0) tx:save('global', 'n', n + 1) end, { max_attempts = 100 }) end) end Async.all(all) print(State.load('global', 'n'))",
        "const all = []; for (let i = 1; i <= 5; i++) all.push(State.transaction(async (tx) => { const n = tx.load('global', 'n') ?? 0;"
        " await Async.sleep(0); tx.save('global', 'n', n + 1); }, { maxAttempts: 100 })); await Promise.all(all); say(State.load('global', 'n'))",
        "5\n",
    ),
    Pair(
        "a watch is looped over",
        "local w = State.watch('global', 'a*') State.save('global', 'b', 0) State.save('global', 'a', 1) State.save('global', 'ab', { 2 })"
        " State.delete('global', 'a') for c in w:iter() do print(c.operation, c.key, type(c.value), c.version > 1)"
        " if c.operation == 'delete' then break end end print(w:is_stopped(), w:next())",
        "const w = State.watch('global', 'a*'); State.save('global', 'b', 0); State.save('global', 'a', 1); State.save('global', 'ab', [2]);"
        " State.delete('global', 'a'); const type = (v) => v === undefined ? 'nil' : typeof v === 'object' ? 'table' : typeof v;"
        " for await (const c of w) { say(c.operation, c.key, type(c.value), c.version > 1); if (c.operation === 'delete') break; }"
        " say(w.isStopped(), await w.next())",
        "save\ta\tnumber\ttrue\nsave\tab\ttable\ttrue\ndelete\ta\tnil\ttrue\ntrue\tnil\n",
    ),
    Pair(
        "a watch that nothing comes to",
        "local w = State.watch('agent:*') print(w:next(1)) State.save('agent:x', 'k', 1) print(w:next(1).scope) w:stop() w:close() print(w:next(1))",
        "const w = State.watch('agent:*'); say(await w.next(1)); State.save('agent:x', 'k', 1); say((await w.next(1)).scope); w.stop(); w.close(); say(await w.next(1))",
        "nil\nagent:x\nnil\n",
    ),
    Pair(
        "a handler has what waits before the script ends",
        "State.watch('global', '*', function(c) Async.sleep(0.01) print(c.key, c.operation, c.value) end)"
        " State.save('global', 'a', 1) State.transaction(function(tx) tx:save('global', 'b', 2) tx:delete('global', 'a') end)",
        "State.watch('global', '*', async (c) => { await Async.sleep(0.01); say(c.key, c.operation, c.value); });"
        " State.save('global', 'a', 1); await State.transaction((tx) => { tx.save('global', 'b', 2); tx.delete('global', 'a'); })",
        "a\tsave\t1\nb\tsave\t2\na\tdelete\tnil\n",
    ),
    Pair(
        "what is watched may have its time",
        "local w = State.watch('global') State.save('global', 'a', 1, { ttl_seconds = 0.02 }) w:next() print(w:next(20000).operation) w:stop()",
        "const w = State.watch('global'); State.save('global', 'a', 1, { ttlSeconds: 0.02 }); await w.next(); say((await w.next(20000)).operation); w.stop()",
        "expire\n",
    ),
    Pair(
        "an export is taken over",
        "State.save('global', 'a', { 1, { b = 'x' } }, { ttl_seconds = 60 }) State.save('custom', 'c', 2)"
        " local all, one = State.export(), State.export({ scope = 'custom' }) print(#all.entries, #one.entries, all.format, all.entries[2].key)"
        " State.clear('global') State.save('custom', 'c', 3) State.save('custom', 'd', 4)"
        " local r = State.import(all, { mode = 'keep' }) print(r.imported, r.skipped, State.load('global', 'a')[2].b, State.load('custom', 'c'))"
        " print(State.get_with_version('global', 'a').expires_at ~= nil) r = State.import(one, { mode = 'replace' })"
        " print(r.imported, r.removed, State.load('custom', 'c'))",
        "State.save('global', 'a', [1, { b: 'x' }], { ttlSeconds: 60 }); State.save('custom', 'c', 2);"
        " const all = State.export(), one = State.export({ scope: 'custom' }); say(all.entries.length, one.entries.length, all.format, all.entries[1].key);"
        " State.clear('global'); State.save('custom', 'c', 3); State.save('custom', 'd', 4);"
        " let r = State.import(all, { mode: 'keep' }); say(r.imported, r.skipped, State.load('global', 'a')[1].b, State.load('custom', 'c'));"
        " say(State.getWithVersion('global', 'a').expiresAt !== undefined); r = State.import(one, { mode: 'replace' });"
        " say(r.imported, r.removed, State.load('custom', 'c'))",
        "2\t1\tllmspell-state\ta\n1\t1\tx\t3\ntrue\n1\t1\t2\n",
    ),
    Pair(
        "values are migrated, and the hooks hear of it",
        "Hook.register('StateMigration', function(c) print(c.data.status, c.data.items_migrated) end)"
        " State.save('custom:o', 'a', { total = 5 }) State.register_schema('custom:o', 3, { migrations = {"
        " [2] = function(all, scope) Async.sleep(0) all.a.scope = scope return all end, [3] = function(all) all.b = all.a all.a = nil return all end } })"
        " local s = State.get_migration_status() print(s.current_version, s.latest_version, s.is_latest, s.total_schemas, #s.migration_targets)"
        " local r = State.migrate() print(r.success, r.status, r.from_version, r.to_version, r.items_migrated, #r.errors)"
        " print(State.load('custom:o', 'b').scope, State.load('custom:o', 'a'), State.migrate().status, #State.get_schema_versions(),"
        " State.get_migration_status().schemas[1].is_latest)",
        "Hook.register('StateMigration', (c) => say(c.data.status, c.data.items_migrated));"
        " State.save('custom:o', 'a', { total: 5 }); State.registerSchema('custom:o', 3, { migrations: {"
        " 2: async (all, scope) => { await Async.sleep(0); all.a.scope = scope; return all; }, 3: (all) => ({ b: all.a }) } });"
        " const s = State.getMigrationStatus(); say(s.currentVersion, s.latestVersion, s.isLatest, s.totalSchemas, s.migrationTargets.length);"
        " const r = await State.migrate(); say(r.success, r.status, r.fromVersion, r.toVersion, r.itemsMigrated, r.errors.length);"
        " say(State.load('custom:o', 'b').scope, State.load('custom:o', 'a'), (await State.migrate()).status, State.getSchemaVersions().length,"
        " State.getMigrationStatus().schemas[0].isLatest)",
        "1\t3\tfalse\t1\t2\nbegun\tnil\ncompleted\t2\ntrue\tcompleted\t1\t3\t2\t0\ncustom:o\tnil\tup_to_date\t3\ttrue\n",
    ),
    Pair(
        "a migration that fails changes nothing and says why",
        "State.save('custom:o', 'a', 5) State.register_schema('custom:o', 2, { migrations = { [2] = function() error('it is broken', 0) end } })"
        " local r = State.migrate() print(r.success, r.status, r.errors[1]) print(State.load('custom:o', 'a'), State.get_migration_status().current_version)",
        "State.save('custom:o', 'a', 5); State.registerSchema('custom:o', 2, { migrations: { 2: () => { throw new Error('it is broken'); } } });"
        " const r = await State.migrate(); say(r.success, r.status, r.errors[0]); say(State.load('custom:o', 'a'), State.getMigrationStatus().currentVersion)",
        "false\tfailed\tthe migration of 'custom:o' to version 2 failed: it is broken\n5\t1\n",
    ),
    Pair(
        "no schemas",
        "local r = State.migrate() print(r.status, r.warnings[1], State.get_migration_status().is_latest, #State.get_schema_versions())",
        "const r = await State.migrate(); say(r.status, r.warnings[0], State.getMigrationStatus().isLatest, State.getSchemaVersions().length)",
        "up_to_date\tno schema is registered\ttrue\t0\n",
    ),
    Pair(
        "hooks step in at every write",
        "Hook.register('BeforeStateWrite', function(c) print(c.data.operation, c.data.key) if c.data.operation == 'increment' then"
        " return { type = 'modified', data = { by = 100 } } end end)"
        " print(State.increment('global', 'n')) print(State.compare_and_set('global', 'n', 100, 1)) State.clear('global')"
        " State.transaction(function(tx) tx:save('global', 'a', 1) end)",
        "Hook.register('BeforeStateWrite', (c) => { say(c.data.operation, c.data.key); if (c.data.operation === 'increment')"
        " return { type: 'modified', data: { by: 100 } }; });"
        " say(State.increment('global', 'n')); say(State.compareAndSet('global', 'n', 100, 1)); State.clear('global');"
        " await State.transaction((tx) => { tx.save('global', 'a', 1); })",
        "increment\tn\n100\ncompare_and_set\tn\ntrue\nclear\t*\nsave\ta\n",
    ),
    Pair(
        "a comparison that fails is told to hooks, and a hook may answer in the place of a write",
        "Hook.register('StateConflict', function(c) print(c.data.operation, c.data.keys[1], c.data.found) end)"
        " State.save('global', 'n', 1) print(State.compare_and_set('global', 'n', 2, 3), State.save_if_version('global', 'n', 0, 3))"
        " Hook.register('BeforeStateWrite', function() return { type = 'replace', data = {} } end)"
        " print(State.compare_and_set('global', 'n', 1, 3), State.increment('global', 'n'), State.load('global', 'n'))",
        "Hook.register('StateConflict', (c) => say(c.data.operation, c.data.keys[0], c.data.found));"
        " State.save('global', 'n', 1); say(State.compareAndSet('global', 'n', 2, 3), State.saveIfVersion('global', 'n', 0, 3));"
        " Hook.register('BeforeStateWrite', () => ({ type: 'replace', data: {} }));"
        " say(State.compareAndSet('global', 'n', 1, 3), State.increment('global', 'n'), State.load('global', 'n'))",
        "compare_and_set\tglobal:n\t1\nsave_if_version\tglobal:n\tnil\nfalse\tfalse\nfalse\t0\t1\n",
    ),
]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("pair", WORKS, ids=lambda pair: pair.name)
def test_state(pair: Pair, language: Language) -> None:
    check_pair(pair, language)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("pair", WORKS, ids=lambda pair: pair.name)
def test_state_in_a_file(pair: Pair, language: Language, tmp_path: Path) -> None:
    services = Services(state=SQLiteStore(tmp_path / "state.db"))
    check_pair(pair, language, services=services)
    services.close()


REFUSED = [
    ("State.save('global', 'k', 1, { ttl_seconds = 0 })", "State.save('global', 'k', 1, { ttlSeconds: 0 })", "ttl"),
    ("State.save('global', 'k', 1, { ttl = 1 })", "State.save('global', 'k', 1, { ttl: 1 })", "'options.ttl'"),
    ("State.load_all('world')", "State.loadAll('world')", "'scope' must be"),
    ("State.clear('world')", "State.clear('world')", "'scope' must be"),
    ("State.get_with_version('global', '')", "State.getWithVersion('global', '')", "'key'"),
    ("State.compare_and_set('global', 'k', print, 1)", "State.compareAndSet('global', 'k', say, 1)", "'expected'"),
    ("State.compare_and_set('global', 'k', nil, print)", "State.compareAndSet('global', 'k', null, say)", "value is a function"),
    ("State.save_if_version('global', 'k', -1, 1)", "State.saveIfVersion('global', 'k', -1, 1)", "'version'"),
    ("State.save_if_version('global', 'k', 'x', 1)", "State.saveIfVersion('global', 'k', 'x', 1)", "'version'"),
    ("State.increment('global', 'k', 'x')", "State.increment('global', 'k', 'x')", "'by'"),
    ("State.save('global', 'k', 'x') State.increment('global', 'k')", "State.save('global', 'k', 'x'); State.increment('global', 'k')", "'k' of 'global' is no number"),
    ("State.transaction('x')", "await State.transaction('x')", "'handler'"),
    ("State.transaction(print, { max_attempts = 0 })", "await State.transaction(say, { maxAttempts: 0 })", "ttempts"),
    (
        "State.transaction(function(tx) State.increment('global', 'n') tx:load('global', 'n') State.increment('global', 'n') end, { max_attempts = 2 })",
        "await State.transaction((tx) => { State.increment('global', 'n'); tx.load('global', 'n'); State.increment('global', 'n'); }, { maxAttempts: 2 })",
        "the transaction was given up after 2 attempts: others changed what it had read each time",
    ),
    (
        "local kept State.transaction(function(tx) kept = tx end) kept:save('global', 'k', 1)",
        "let kept; await State.transaction((tx) => { kept = tx; }); kept.save('global', 'k', 1)",
        "the transaction has ended",
    ),
    ("State.transaction(function(tx) tx:save('world', 'k', 1) end)", "await State.transaction((tx) => tx.save('world', 'k', 1))", "StateTransaction.save: 'scope' must be"),
    ("State.transaction(function(tx) tx:save('global', 'k', print) end)", "await State.transaction((tx) => tx.save('global', 'k', say))", "value is a function"),
    ("State.watch('world')", "State.watch('world')", "'scope' must be"),
    ("State.watch('global', '')", "State.watch('global', '')", "attern'"),
    ("State.watch('global', '*', 'x')", "State.watch('global', '*', 'x')", "'handler'"),
    ("State.watch('global', '*', print, { buffer_size = 0 })", "State.watch('global', '*', say, { bufferSize: 0 })", "buffer"),
    ("State.watch('global', '*', print):next()", "await State.watch('global', '*', say).next()", "the watch has a handler"),
    ("State.watch('global'):next(-1)", "await State.watch('global').next(-1)", "imeout"),
    ("State.export({ scope = 'world' })", "State.export({ scope: 'world' })", "scope"),
    ("State.export({ file = '/outside.json' })", "State.export({ file: '/outside.json' })", "/outside.json"),
    ("State.import('none.json')", "State.import('none.json')", "'none.json' does not exist"),
    ("State.import({})", "State.import({})", "this is no export of state"),
    ("State.import(State.export(), { mode = 'x' })", "State.import(State.export(), { mode: 'x' })", "mode"),
    ("State.register_schema('world', 1)", "State.registerSchema('world', 1)", "'scope' must be"),
    ("State.register_schema('global', 0)", "State.registerSchema('global', 0)", "'version'"),
    ("State.register_schema('global', 2, { migrations = { x = print } })", "State.registerSchema('global', 2, { migrations: { x: say } })", "a migration 'x'"),
    ("State.register_schema('global', 2, { migrations = { [3] = print } })", "State.registerSchema('global', 2, { migrations: { 3: say } })", "a migration to version 3"),
    ("State.register_schema('global', 2, { migrations = { [2] = 1 } })", "State.registerSchema('global', 2, { migrations: { 2: 1 } })", "igrations"),
    ("State.migrate(0)", "await State.migrate(0)", "ersion'"),
    ("State.migrate(9)", "await State.migrate(9)", "there is no version 9; the newest is 1"),
    ("State.migrate(1, { scope = 'none' })", "await State.migrate(1, { scope: 'none' })", "no schema of 'none' is registered"),
    ("State.create_backup(1)", "State.createBackup(1)", "'reason'"),
    ("State.restore_backup('none')", "State.restoreBackup('none')", "there is no backup 'none'"),
    ("State.validate_backup('../x')", "State.validateBackup('../x')", "there is no backup '../x'"),
    ("State.cleanup_backups({ keep = -1 })", "State.cleanupBackups({ keep: -1 })", "keep"),
]  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("lua", "javascript", "message"), REFUSED, ids=lambda text: text[:60])
def test_what_is_refused(lua: str, javascript: str, message: str, language: Language, tmp_path: Path) -> None:
    text = lua if language == "lua" else f"const say = () => undefined; {javascript}"
    ran = run(Script(language, text, services=Services(root=tmp_path)))
    assert ran.error is not None, ran.out
    assert message in str(ran.error)
    suffix = SUFFIX[language]
    assert ran.error.frames[-1].path.endswith(f"main{suffix}")
    assert ran.error.frames[-1].line == 1


FILES = Pair(
    "an export as a file, backups",
    "State.save('global', 'a', 'größer') State.export({ file = 'all.json' }) State.clear('global')"
    " print(State.import('all.json').imported, State.load('global', 'a'))"
    " local b = State.create_backup('first') print(b.success, b.entries, State.list_backups()[1].reason, State.validate_backup(b.backup_id).is_valid)"
    " State.save('global', 'a', 2) State.save('global', 'b', 3) local r = State.restore_backup(b.backup_id)"
    " print(r.success, r.items_restored, r.items_removed, State.load('global', 'a'))"
    " local u = State.get_storage_usage() print(u.backend, u.total_entries, u.total_scopes, u.backup_count, u.total_bytes > 0, u.backup_bytes > 0)"
    " local c = State.cleanup_backups({ dry_run = true, keep = 1 }) print(#c.removed, c.kept, c.freed_bytes > 0)"
    " c = State.cleanup_backups({ keep = 0 }) print(#c.removed, c.kept, #State.list_backups())",
    "State.save('global', 'a', 'größer'); State.export({ file: 'all.json' }); State.clear('global');"
    " say(State.import('all.json').imported, State.load('global', 'a'));"
    " const b = State.createBackup('first'); say(b.success, b.entries, State.listBackups()[0].reason, State.validateBackup(b.backupId).isValid);"
    " State.save('global', 'a', 2); State.save('global', 'b', 3); const r = State.restoreBackup(b.backupId);"
    " say(r.success, r.itemsRestored, r.itemsRemoved, State.load('global', 'a'));"
    " const u = State.getStorageUsage(); say(u.backend, u.totalEntries, u.totalScopes, u.backupCount, u.totalBytes > 0, u.backupBytes > 0);"
    " let c = State.cleanupBackups({ dryRun: true, keep: 1 }); say(c.removed.length, c.kept, c.freedBytes > 0);"
    " c = State.cleanupBackups({ keep: 0 }); say(c.removed.length, c.kept, State.listBackups().length)",
    "1\tgrößer\ntrue\t1\tfirst\ttrue\ntrue\t1\t1\tgrößer\n%s\t1\t1\t2\ttrue\ttrue\n1\t1\ttrue\n2\t0\t0\n",
)


@both
@pytest.mark.parametrize("kind", ["memory", "sqlite"])
def test_files_of_state(kind: str, language: Language, tmp_path: Path) -> None:
    store = MemoryStore() if kind == "memory" else SQLiteStore(tmp_path / "state.db")
    services = Services(state=store, root=tmp_path, project=tmp_path / kind / language)
    pair = Pair(FILES.name, FILES.lua, FILES.javascript, FILES.expect % kind)
    check_pair(pair, language, services=services)
    services.close()
    assert (tmp_path / "all.json").read_text("utf-8").startswith('{\n  "format": "llmspell-state"')


BEFORE = {
    "lua": "State.save('custom:o', 'a', 1) State.register_schema('custom:o', 2, { migrations = { [2] = function() %s end } })"
    " local r = State.migrate() print(r.status, State.validate_backup(r.backup_id).is_valid, #State.list_backups())",
    "javascript": "State.save('custom:o', 'a', 1); State.registerSchema('custom:o', 2, { migrations: { 2: () => { %s } } });"
    " const r = await State.migrate(); console.log(r.status, State.validateBackup(r.backupId).isValid, State.listBackups().length)",
}
ENDS = {
    "lua": {"completed": "return { a = 2 }", "failed": "error('x')"},
    "javascript": {"completed": "return { a: 2 }", "failed": "throw 1"},
}


@both
@pytest.mark.parametrize("status", ["completed", "failed"])
def test_a_file_is_backed_up_before_it_is_migrated(status: str, language: Language, tmp_path: Path) -> None:
    services = Services(state=SQLiteStore(tmp_path / "state.db"))
    ran = run(Script(language, BEFORE[language] % ENDS[language][status], services=services))
    services.close()
    assert (ran.out.split(), ran.error) == ([status, "true", "1"], None)


FAILING = {
    "lua": "State.watch('global', 'a', function(c) if c.value == 1 then error('broken') end print(c.value) end)"
    " State.watch('global', 'b', function() Async.sleep(30) end, { timeout_ms = 20 })"
    " State.save('global', 'b', 0) State.save('global', 'a', 1) State.save('global', 'a', 2)",
    "javascript": "State.watch('global', 'a', (c) => { if (c.value === 1) throw new Error('broken'); console.log(c.value); });"
    " State.watch('global', 'b', () => Async.sleep(30), { timeoutMs: 20 });"
    " State.save('global', 'b', 0); State.save('global', 'a', 1); State.save('global', 'a', 2)",
}


@both
def test_a_handler_that_fails_or_takes_too_long_is_told_and_the_next_change_comes(language: Language) -> None:
    ran = run(Script(language, FAILING[language]))
    assert (ran.out, ran.error) == ("2\n", None)
    assert "a handler of a watch failed" in ran.err
    assert "broken" in ran.err
    assert "it took longer than 0.02 s" in ran.err


CIRCLE = {
    "lua": "State.watch('global', 'n', function(c) State.increment('global', 'n') end) State.increment('global', 'n')",
    "javascript": "State.watch('global', 'n', () => { State.increment('global', 'n'); }); State.increment('global', 'n')",
}


@both
def test_a_handler_that_writes_what_it_watches_is_stopped(language: Language) -> None:
    services = Services()
    ran = run(Script(language, CIRCLE[language], services=services))
    assert ran.error is None
    assert services.state.load("global", "n") == "101"
    assert "a change is not told" in ran.err


WATCHES = {
    "lua": "local w = State.watch('custom:talk') ready() local c = w:next(20000) w:stop() print(c.key, c.value)",
    "javascript": "const w = State.watch('custom:talk'); ready(); const c = await w.next(20000); w.stop(); console.log(c.key + '\\t' + c.value)",
}
WRITES = {"lua": "State.save('custom:talk', 'k', 7)", "javascript": "State.save('custom:talk', 'k', 7)"}


@pytest.mark.parametrize("apart", [False, True], ids=["one engine", "two engines"])
@pytest.mark.parametrize(("watching", "writing"), [("lua", "javascript"), ("javascript", "lua")])
def test_scripts_of_both_languages_see_each_others_changes(
    watching: Language, writing: Language, apart: bool, tmp_path: Path
) -> None:
    here = Services(state=SQLiteStore(tmp_path / "state.db"))
    there = Services(state=SQLiteStore(tmp_path / "state.db")) if apart else here
    is_ready, said = threading.Event(), []

    def watch() -> None:
        ran = run(Script(watching, WATCHES[watching], names={"ready": is_ready.set}, services=here))
        said.append(ran.out if ran.error is None else str(ran.error))

    thread = threading.Thread(target=watch)
    thread.start()
    assert is_ready.wait(20)
    assert run(Script(writing, WRITES[writing], services=there)).error is None
    thread.join(30)
    assert said == ["k\t7\n"]
    here.close()
    there.close()


@both
def test_a_write_that_a_hook_forbids_is_not_made(language: Language) -> None:
    text = {
        "lua": "Hook.register('BeforeStateWrite', function() return { type = 'cancel', reason = 'no' } end)"
        " State.transaction(function(tx) tx:save('global', 'a', 1) end)",
        "javascript": "Hook.register('BeforeStateWrite', () => ({ type: 'cancel', reason: 'no' }));"
        " await State.transaction((tx) => tx.save('global', 'a', 1))",
    }
    services = Services()
    ran = run(Script(language, text[language], services=services))
    assert "was cancelled by the hook" in str(ran.error)
    assert services.state.load("global", "a") is None


@both
def test_state_that_another_process_damaged_is_told(language: Language, tmp_path: Path) -> None:
    with closing(SQLiteStore(tmp_path / "state.db")) as store:
        store.save("global", "k", "{")
        check_error(
            language,
            "State.load('global', 'k')",
            "the text is not JSON: expecting property name enclosed in double quotes at line 1, column 2",
            services=Services(state=store),
        )
