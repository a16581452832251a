"""Each operation of State, by the catalog: right use on every store, what hooks hear of it, and what a failure
half-way leaves. What it refuses is derived with that of all members, in tests/engine/catalog.
"""

# ruff: noqa: E501 (scripts read best on one line)

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from llmspell_engine.catalog.loader import load
from llmspell_engine.globals.services import Services
from llmspell_engine.language import Language
from llmspell_engine.state import SQLiteStore, StateStore, Write
from llmspell_engine.state.store import everything
from support.runtime import Script, both, host, run

CATALOG = load()


@dataclass(frozen=True, slots=True)
class Operation:
    """Scripts that use an operation and give a value, and what comes of them.

    Attributes:
        told: the operations that hooks hear of, beside those that the script uses to look.
    """

    lua: str
    javascript: str
    gives: Any
    told: tuple[str, ...] = ()

    def text(self, language: Language) -> str:
        return self.lua if language == "lua" else self.javascript


def _both(text: str, gives: Any, *told: str) -> Operation:
    """Code that is the same in both languages but for the names of members."""
    return Operation(text, text, gives, told)


OPERATIONS: dict[str, Operation] = {
    "State.save": Operation(
        "State.save('custom:a', 'k', { 1, { b = 'ü' } }, { ttl_seconds = 60 }) return State.load('custom:a', 'k')",
        "State.save('custom:a', 'k', [1, { b: 'ü' }], { ttlSeconds: 60 }); return State.load('custom:a', 'k')",
        [1, {"b": "ü"}],
        ("save", "load"),
    ),
    "State.load": _both("return [State.load('global', 'a'), State.load('global', 'none') ?? 'nothing']", [1, "nothing"], "load"),
    "State.delete": Operation(
        "State.delete('global', 'a') State.delete('global', 'none') return State.list_keys('global')",
        "State.delete('global', 'a'); State.delete('global', 'none'); return State.listKeys('global')",
        ["b"],
        ("delete", "list_keys"),
    ),
    "State.exists": _both("return [State.exists('global', 'a'), State.exists('global', 'none')]", [True, False], "exists"),
    "State.list_keys": Operation("return State.list_keys('global')", "return State.listKeys('global')", ["a", "b"], ("list_keys",)),
    "State.list_scopes": Operation("return State.list_scopes()", "return State.listScopes()", ["agent:x", "global"], ("list_scopes",)),
    "State.load_all": Operation("return State.load_all('global')", "return State.loadAll('global')", {"a": 1, "b": {"c": [2]}}, ("load",)),
    "State.clear": Operation(
        "return { State.clear('global'), State.clear('global'), #State.list_keys('agent:x') }",
        "return [State.clear('global'), State.clear('global'), State.listKeys('agent:x').length]",
        [2, 0, 1],
        ("clear", "list_keys"),
    ),
    "State.get_with_version": Operation(
        "local f = State.get_with_version('global', 'a') return { f.value, f.version > 0, f.updated_at:sub(1, 2), State.get_with_version('global', 'none') == nil }",
        "const f = State.getWithVersion('global', 'a'); return [f.value, f.version > 0, f.updatedAt.slice(0, 2), State.getWithVersion('global', 'none') == null]",
        [1, True, "20", True],
        ("get_with_version",),
    ),
    "State.compare_and_set": Operation(
        "return { State.compare_and_set('global', 'a', 2, 3), State.compare_and_set('global', 'a', 1, 3), State.compare_and_set('global', 'new', nil, 4), State.load('global', 'a') }",
        "return [State.compareAndSet('global', 'a', 2, 3), State.compareAndSet('global', 'a', 1, 3), State.compareAndSet('global', 'new', null, 4), State.load('global', 'a')]",
        [False, True, True, 3],
        ("compare_and_set", "load"),
    ),
    "State.save_if_version": Operation(
        "local v = State.get_with_version('global', 'a').version return { State.save_if_version('global', 'a', v, 5), State.save_if_version('global', 'a', v, 6), State.load('global', 'a') }",
        "const v = State.getWithVersion('global', 'a').version; return [State.saveIfVersion('global', 'a', v, 5), State.saveIfVersion('global', 'a', v, 6), State.load('global', 'a')]",
        [True, False, 5],
        ("save_if_version", "get_with_version", "load"),
    ),
    "State.increment": _both("return [State.increment('global', 'a'), State.increment('global', 'a', 2.5), State.increment('global', 'new', -1)]", [2, 4.5, -1], "increment"),
    "State.transaction": Operation(
        "local g = State.transaction(function(tx) tx.save('global', 'a', tx.load('global', 'a') + 1) return 'given' end, { max_attempts = 2 }) return { g, State.load('global', 'a') }",
        "const g = await State.transaction((tx) => { tx.save('global', 'a', tx.load('global', 'a') + 1); return 'given'; }, { maxAttempts: 2 }); return [g, State.load('global', 'a')]",
        ["given", 2],
        ("save", "load"),
    ),
    "State.watch": Operation(
        "local w = State.watch('global', 'a') State.save('global', 'b', 0) State.save('global', 'a', 7) local c = w.next(20000) w.stop() return { c.scope, c.key, c.operation, c.value }",
        "const w = State.watch('global', 'a'); State.save('global', 'b', 0); State.save('global', 'a', 7); const c = await w.next(20000); w.stop(); return [c.scope, c.key, c.operation, c.value]",
        ["global", "a", "save", 7],
        ("save",),
    ),
    "State.export": Operation(
        "local e = State.export({ scope = 'global', file = 'e.json' }) return { e.format, #e.entries, e.entries[1].key }",
        "const e = State.export({ scope: 'global', file: 'e.json' }); return [e.format, e.entries.length, e.entries[0].key]",
        ["llmspell-state", 2, "a"],
        ("export",),
    ),
    "State.import": Operation(
        "local e = State.export() State.save('global', 'a', 9) State.save('global', 'new', 9) local r = State['import'](e, { mode = 'replace' }) return { r.imported, r.skipped, r.removed, State.load('global', 'a') }",
        "const e = State.export(); State.save('global', 'a', 9); State.save('global', 'new', 9); const r = State.import(e, { mode: 'replace' }); return [r.imported, r.skipped, r.removed, State.load('global', 'a')]",
        [3, 0, 1, 1],
        ("export", "save", "import", "load"),
    ),
    "State.register_schema": Operation(
        "State.register_schema('agent:*', 2, { migrations = { [2] = function(all) return all end } }) return State.get_schema_versions()",
        "State.registerSchema('agent:*', 2, { migrations: { 2: (all) => all } }); return State.getSchemaVersions()",
        [1, 2],
    ),
    "State.migrate": Operation(
        "State.register_schema('agent:*', 2, { migrations = { [2] = function(all, scope) all.k = scope return all end } })"
        " local r = State.migrate(2, { scope = 'agent:*', backup = false }) return { r.success, r.from_version, r.to_version, r.items_migrated, State.load('agent:x', 'k') }",
        "State.registerSchema('agent:*', 2, { migrations: { 2: (all, scope) => ({ ...all, k: scope }) } });"
        " const r = await State.migrate(2, { scope: 'agent:*', backup: false }); return [r.success, r.fromVersion, r.toVersion, r.itemsMigrated, State.load('agent:x', 'k')]",
        [True, 1, 2, 1, "agent:x"],
        ("load",),
    ),
    "State.get_migration_status": Operation(
        "State.register_schema('global', 3) local s = State.get_migration_status() return { s.current_version, s.latest_version, s.is_latest }",
        "State.registerSchema('global', 3); const s = State.getMigrationStatus(); return [s.currentVersion, s.latestVersion, s.isLatest]",
        [1, 3, False],
    ),
    "State.get_schema_versions": Operation(
        "State.register_schema('global', 3) return State.get_schema_versions()", "State.registerSchema('global', 3); return State.getSchemaVersions()", [1, 2, 3]
    ),
    "State.create_backup": Operation(
        "local b = State.create_backup('why') return { b.success, b.entries, State.list_backups()[1].reason }",
        "const b = State.createBackup('why'); return [b.success, b.entries, State.listBackups()[0].reason]",
        [True, 3, "why"],
    ),
    "State.list_backups": Operation("return #State.list_backups()", "return State.listBackups().length", 0),
    "State.restore_backup": Operation(
        "local b = State.create_backup() State.clear('global') local r = State.restore_backup(b.backup_id) return { r.items_restored, r.items_removed, State.load('global', 'a') }",
        "const b = State.createBackup(); State.clear('global'); const r = State.restoreBackup(b.backupId); return [r.itemsRestored, r.itemsRemoved, State.load('global', 'a')]",
        [3, 0, 1],
        ("clear", "restore_backup", "load"),
    ),
    "State.validate_backup": Operation(
        "local c = State.validate_backup(State.create_backup().backup_id) return { c.is_valid, #c.errors }",
        "const c = State.validateBackup(State.createBackup().backupId); return [c.isValid, c.errors.length]",
        [True, 0],
    ),
    "State.cleanup_backups": Operation(
        "State.create_backup() local c = State.cleanup_backups({ keep = 0, dry_run = false }) return { #c.removed, c.kept, #State.list_backups() }",
        "State.createBackup(); const c = State.cleanupBackups({ keep: 0, dryRun: false }); return [c.removed.length, c.kept, State.listBackups().length]",
        [1, 0, 0],
    ),
    "State.get_storage_usage": Operation(
        "local u = State.get_storage_usage() return { u.total_entries, u.total_scopes, u.total_bytes > 0 }",
        "const u = State.getStorageUsage(); return [u.totalEntries, u.totalScopes, u.totalBytes > 0]",
        [3, 2, True],
    ),
    "State.agent_get": Operation("return State.agent_get('x', 'k')", "return State.agentGet('x', 'k')", "of x", ("load",)),
    "State.agent_set": Operation("State.agent_set('y', 'k', 2) return State.load('agent:y', 'k')", "State.agentSet('y', 'k', 2); return State.load('agent:y', 'k')", 2, ("save", "load")),
    "State.tool_get": Operation("return State.tool_get('t', 'k') == nil", "return State.toolGet('t', 'k') == null", True, ("load",)),
    "State.tool_set": Operation("State.tool_set('t', 'k', 2) return State.load('tool:t', 'k')", "State.toolSet('t', 'k', 2); return State.load('tool:t', 'k')", 2, ("save", "load")),
    "State.workflow_get": Operation(
        "State.save('workflow:w', 's', 3) return State.workflow_get('w', 's')", "State.save('workflow:w', 's', 3); return State.workflowGet('w', 's')", 3, ("save", "load")
    ),
    "State.workflow_list": Operation(
        "State.save('workflow:w', 's', 3) return State.workflow_list('w')", "State.save('workflow:w', 's', 3); return State.workflowList('w')", ["s"], ("save", "list_keys")
    ),
    "State.get": _both("return State.get('a')", 1, "load"),
    "State.set": Operation("State.set('a', 2) return State.get('a')", "State.set('a', 2); return State.get('a')", 2, ("save", "load")),
    "State.keys": _both("return State.keys()", ["a", "b"], "list_keys"),
    "State.all": _both("return State.all()", {"a": 1, "b": {"c": [2]}}, "load"),
    "State.read": _both("return State.read('a')", 1, "load"),
    "State.write": Operation("State.write('a', 2) return State.read('a')", "State.write('a', 2); return State.read('a')", 2, ("save", "load")),
}  # fmt: skip


def _within(lua: str, javascript: str, gives: Any, *told: str) -> Operation:
    """What a function of a transaction does."""
    return Operation(
        f"return State.transaction(function(tx) {lua} end)",
        f"return await State.transaction((tx) => {{ {javascript} }})",
        gives,
        told,
    )


OPERATIONS |= {
    "StateTransaction.load": _within(
        "return tx.load('global', 'a')", "return tx.load('global', 'a')", 1, "load"
    ),
    "StateTransaction.save": _within(
        "tx.save('global', 'a', 2, { ttl_seconds = 60 }) return { tx.load('global', 'a'), State.load('global', 'a') }",
        "tx.save('global', 'a', 2, { ttlSeconds: 60 }); return [tx.load('global', 'a'), State.load('global', 'a')]",
        [2, 1],
        "save",
        "load",
    ),
    "StateTransaction.delete": _within(
        "tx.delete('global', 'a') return tx.exists('global', 'a')",
        "tx.delete('global', 'a'); return tx.exists('global', 'a')",
        False,
        "delete",
        "exists",
    ),
    "StateTransaction.exists": _within(
        "return tx.exists('global', 'b')", "return tx.exists('global', 'b')", True, "exists"
    ),
    "StateTransaction.list_keys": _within(
        "return tx.list_keys('global')", "return tx.listKeys('global')", ["a", "b"], "list_keys"
    ),
    "StateTransaction.rollback": _within(
        "tx.save('global', 'a', 2) tx.rollback() return 'back'",
        "tx.save('global', 'a', 2); tx.rollback(); return 'back'",
        "back",
        "save",
    ),
    "StateWatch.next": Operation(
        "local w = State.watch('global') local n = w.next(0) w.stop() return n == nil",
        "const w = State.watch('global'); const n = await w.next(0); w.stop(); return n == null",
        True,
    ),
    "StateWatch.stop": Operation(
        "local w = State.watch('global') w.stop() w.stop() return w.is_stopped()",
        "const w = State.watch('global'); w.stop(); w.stop(); return w.isStopped()",
        True,
    ),
    "StateWatch.close": Operation(
        "local w = State.watch('global') w.close() return w.is_stopped()",
        "const w = State.watch('global'); w.close(); return w.isStopped()",
        True,
    ),
    "StateWatch.is_stopped": Operation(
        "local w = State.watch('global') local s = w.is_stopped() w.stop() return s",
        "const w = State.watch('global'); const s = w.isStopped(); w.stop(); return s",
        False,
    ),
    "StateWatch.iter": Operation(
        "local w = State.watch('global') State.save('global', 'n', 1) for c in w:iter() do return c.key end",
        "const w = State.watch('global'); State.save('global', 'n', 1); for await (const c of w) return c.key",
        "n",
        ("save",),
    ),
}


def test_every_operation_has_a_row() -> None:
    entities = (
        CATALOG.globals["State"],
        CATALOG.handles["StateTransaction"],
        CATALOG.handles["StateWatch"],
    )
    declared = {f"{entity.name}.{name}" for entity in entities for name in entity.members}
    assert declared - OPERATIONS.keys() == set()
    assert OPERATIONS.keys() - declared == set()


# Performing them

SEED: dict[tuple[str, str], Any] = {
    ("global", "a"): 1,
    ("global", "b"): {"c": [2]},
    ("agent:x", "k"): "of x",
}
"""What the store has before each operation."""
CALLS = {
    "lua": "host.begin('{name}') do local ok, value = pcall(function() {text} end)"
    " if ok then host.heard(true, value) else host.heard(false, value.message or value) end end\n",
    "javascript": "host.begin('{name}'); try {{ host.heard(true, await (async () => {{ {text} }})()); }}"
    " catch (error) {{ host.heard(false, error.message); }}\n",
}


@dataclass(slots=True)
class Heard:
    """What came of an operation: its value or its error, what hooks heard, what the store has afterwards."""

    ok: bool = False
    value: Any = None
    told: list[tuple[str, str]] = field(default_factory=list)
    left: dict[str, Any] = field(default_factory=dict)


class Performance:
    """Operations performed in one script, each on the same values."""

    def __init__(self, store: StateStore, folder: Path) -> None:
        self.services = Services(state=store, root=folder, project=folder / "project")
        self._heard: dict[str, Heard] = {}
        self._now = Heard()

    def perform(self, language: Language, scripts: Mapping[str, str], first: str = "") -> dict[str, Heard]:
        """What came of scripts by name. ``first`` is run before all of them."""
        text = "".join(CALLS[language].format(name=name, text=text) for name, text in scripts.items())
        names = host(begin=self._begin, heard=self._hear, told=self._tell)
        ran = run(Script(language, first + text, services=self.services, names=names))
        assert (ran.error, list(self._heard)) == (None, list(scripts))
        return self._heard

    def _begin(self, name: str) -> None:
        for file in (self.services.state_backups() or Path("none")).glob("*"):
            file.unlink()
        store = self.services.state
        gone = {address: Write(None) for address in everything(store)}
        store.commit({**gone, **{address: Write(json.dumps(value)) for address, value in SEED.items()}})
        self._now = self._heard[name] = Heard()

    def _hear(self, ok: bool, value: Any = None) -> None:
        self._now.ok, self._now.value, self._now.left = ok, value, _kept(self.services.state)

    def _tell(self, point: str, operation: str) -> None:
        self._now.told.append((point, operation))


def _kept(store: StateStore) -> dict[str, Any]:
    return {":".join(address): json.loads(entry.text) for address, entry in everything(store).items()}


UNTOUCHED = {":".join(address): value for address, value in SEED.items()}


def _scripts(language: Language, names: Sequence[str] = tuple(OPERATIONS)) -> dict[str, str]:
    return {name: _text(name, language) for name in names}


def _text(name: str, language: Language) -> str:
    """A row that is the same in both languages is written as in JavaScript."""
    text = OPERATIONS[name].text(language)
    if language == "lua" and text == OPERATIONS[name].javascript:
        return text.replace("[", "{ ").replace("]", " }").replace("??", "or")
    return text


# Right use


@both
def test_right_use(store: StateStore, language: Language, tmp_path: Path) -> None:
    heard = Performance(store, tmp_path).perform(language, _scripts(language))
    found = {name: (one.ok, _plain(one.value)) for name, one in heard.items()}
    assert found == {name: (True, one.gives) for name, one in OPERATIONS.items()}


def _plain(value: Any) -> Any:
    """An empty table of Lua is an empty list as well."""
    return [] if value == {} else value


# What hooks hear of, and may forbid

LISTENS = {
    "lua": "for _, point in ipairs({{ 'BeforeStateRead', 'AfterStateRead', 'BeforeStateWrite', 'AfterStateWrite' }})"
    " do Hook.register(point, function(c) host.told(c.point, c.data.operation) {lua} end, {{ name = 'guard' }}) end\n",
    "javascript": "for (const point of ['BeforeStateRead', 'AfterStateRead', 'BeforeStateWrite', 'AfterStateWrite'])"
    " Hook.register(point, (c) => {{ host.told(c.point, c.data.operation); {javascript} }}, {{ name: 'guard' }});\n",
}
FORBIDS = {
    "lua": "if c.point:find('Before') then return 'no' end",
    "javascript": "if (c.point.startsWith('Before')) return 'no';",
}
READING = {"load", "get_with_version", "exists", "list_keys", "list_scopes", "export"}


@both
def test_hooks_stand_around_each_reading_and_writing(language: Language, tmp_path: Path) -> None:
    with closing(SQLiteStore(tmp_path / "state.db")) as store:
        first = LISTENS[language].format(lua="", javascript="")
        heard = Performance(store, tmp_path).perform(language, _scripts(language), first)
    assert {name: one.gives for name, one in OPERATIONS.items()} == {
        name: _plain(one.value) for name, one in heard.items()
    }
    for name, one in heard.items():
        expected = {
            (f"{when}State{'Read' if operation in READING else 'Write'}", operation)
            for operation in OPERATIONS[name].told
            for when in ("Before", "After")
        }
        assert set(one.told) == expected, name


@both
def test_what_a_hook_forbids_does_nothing(language: Language, tmp_path: Path) -> None:
    told = [name for name, one in OPERATIONS.items() if one.told and name != "State.migrate"]
    with closing(SQLiteStore(tmp_path / "state.db")) as store:
        first = LISTENS[language].format(**FORBIDS)
        heard = Performance(store, tmp_path).perform(language, _scripts(language, told), first)
    for name, one in heard.items():
        assert not one.ok, name
        assert "was cancelled by the hook 'guard' at BeforeState" in one.value, name
        assert one.left == UNTOUCHED, name
    assert not (tmp_path / "e.json").exists()


# Failures half-way

LARGE = {"lua": "local L = string.rep('x', 200000)\n", "javascript": "const L = 'x'.repeat(200000);\n"}
FULL: dict[str, tuple[str, str]] = {
    "State.save": ("State.save('global', 'a', L)", "State.save('global', 'a', L)"),
    "State.set": ("State.set('a', L)", "State.set('a', L)"),
    "State.write": ("State.write('a', L)", "State.write('a', L)"),
    "State.agent_set": ("State.agent_set('x', 'k', L)", "State.agentSet('x', 'k', L)"),
    "State.tool_set": ("State.tool_set('x', 'k', L)", "State.toolSet('x', 'k', L)"),
    "State.compare_and_set": (
        "State.compare_and_set('global', 'a', 1, L)",
        "State.compareAndSet('global', 'a', 1, L)",
    ),
    "State.save_if_version": (
        "State.save_if_version('global', 'a', State.get_with_version('global', 'a').version, L)",
        "State.saveIfVersion('global', 'a', State.getWithVersion('global', 'a').version, L)",
    ),
    "State.increment": ("State.increment('global', L)", "State.increment('global', L)"),
    "State.import": (
        "local e = State.export() e.entries[1].value = L e.entries[2].value = 2 State['import'](e)",
        "const e = structuredClone(State.export()); e.entries[0].value = L; e.entries[1].value = 2; State.import(e)",
    ),
    "State.transaction": (
        "State.transaction(function(tx) tx.save('global', 'b', 2) tx.delete('agent:x', 'k') tx.save('global', 'a', L) end)",
        "await State.transaction((tx) => { tx.save('global', 'b', 2); tx.delete('agent:x', 'k'); tx.save('global', 'a', L); })",
    ),
    "StateTransaction.save": (
        "State.transaction(function(tx) tx.save('global', 'a', L) end)",
        "await State.transaction((tx) => tx.save('global', 'a', L))",
    ),
    "State.migrate": (
        "State.register_schema('global', 2, { migrations = { [2] = function() return { a = L, b = 2 } end } })"
        " local r = State.migrate(nil, { backup = false }) error({ message = r.errors[1] })",
        "State.registerSchema('global', 2, { migrations: { 2: () => ({ a: L, b: 2 }) } });"
        " const r = await State.migrate(null, { backup: false }); throw new Error(r.errors[0])",
    ),
}  # fmt: skip
"""Writings that need more room than there is."""
NEED_NO_ROOM = {
    "State.delete": "what says that it was deleted is smaller than what was there",
    "State.clear": "as deleting",
    "StateTransaction.delete": "it is kept with the transaction",
    "State.restore_backup": "what is brought back was there; test_backups has what else may fail",
    "State.create_backup": "it writes beside the store; test_backups has how that fails",
    "State.cleanup_backups": "it deletes files",
    "State.register_schema": "it writes one number",
}


def test_every_writing_has_a_row_of_a_full_disk() -> None:
    writing = {
        name
        for name, one in OPERATIONS.items()
        if any(told not in READING for told in one.told)
        and not name.endswith(("_get", "_list", ".watch", ".iter", ".rollback"))
    }
    assert writing - FULL.keys() - NEED_NO_ROOM.keys() == set()


@both
def test_a_full_disk_leaves_what_was_there(language: Language, tmp_path: Path) -> None:
    with closing(SQLiteStore(tmp_path / "state.db")) as store:
        store.save("global", "a", "1")
        connection = store._connection
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages + 10}")
        column = 0 if language == "lua" else 1
        scripts = {name: text[column] for name, text in FULL.items()}
        heard = Performance(store, tmp_path).perform(language, scripts, LARGE[language])
        for name, one in heard.items():
            assert not one.ok, name
            assert (
                f"the state file '{tmp_path / 'state.db'}' cannot be used: database or disk is full"
                in one.value
            )
            assert {key: value for key, value in one.left.items() if not key.startswith(".")} == UNTOUCHED, (
                name
            )
        connection.execute("PRAGMA max_page_count = 1000000")
        store.save("global", "a", '"there is room"')
        assert store.load("global", "a") == '"there is room"'


CANCELLED: dict[str, Operation] = {
    "a transaction": Operation(
        "local p = Async.run(function() State.transaction(function(tx) tx.save('global', 'a', 2) Async.sleep(30) end) end)"
        " Async.after(0.01, function() p:cancel() end) return pcall(p.await, p)",
        "const p = Async.run(() => State.transaction(async (tx) => { tx.save('global', 'a', 2); await Async.sleep(30); }));"
        " Async.after(0.01, () => Async.cancel(p)); try { await p; return true; } catch { return false; }",
        False,
    ),
    "a migration": Operation(
        "State.register_schema('global', 2, { migrations = { [2] = function() Async.sleep(30) return {} end } })"
        " local p = Async.run(function() return State.migrate(nil, { backup = false }) end)"
        " Async.after(0.01, function() p:cancel() end) return pcall(p.await, p)",
        "State.registerSchema('global', 2, { migrations: { 2: async () => { await Async.sleep(30); return {}; } } });"
        " const p = Async.run(() => State.migrate(null, { backup: false }));"
        " Async.after(0.01, () => Async.cancel(p)); try { await p; return true; } catch { return false; }",
        False,
    ),
}


@both
def test_what_is_cancelled_half_way_leaves_what_was_there(
    store: StateStore, language: Language, tmp_path: Path
) -> None:
    scripts = {name: one.text(language) for name, one in CANCELLED.items()}
    for name, one in Performance(store, tmp_path).perform(language, scripts).items():
        assert (one.ok, one.value) == (True, False), name
        assert one.left == UNTOUCHED, name
