"""Limits end a script whatever it catches, and say which setting raises them."""

# ruff: noqa: E501 - a script is easier to read in one line

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from llmspell_engine.language import Language
from llmspell_engine.runtime import limits
from llmspell_engine.runtime.limits import ResourceLimitError
from support.runtime import Script, run
from support.security import permissions

pytestmark = pytest.mark.timeout(60)


@dataclass(frozen=True)
class Case:
    """A script that uses too much of something, and catches what it can."""

    name: str
    limits: dict[str, Any]
    lua: str
    javascript: str
    message: str

    def __str__(self) -> str:
        """For the names of tests."""
        return self.name


TIME = {"seconds": 0.3}
TOO_LONG = "the script ran longer than 0.3 s, the most that the profile 'medium' gives it; raise seconds in"
MEMORY = {"memory_mb": 24}
TOO_LARGE = (
    "the script used up its memory of 24 MB, the most that the profile 'medium' gives it; raise memory_mb in"
)
STEPS = {"instructions": 3_000_000}
TOO_MANY = (
    "the script took more than 3000000 instructions, the most that the profile 'medium' gives it; raise"
)
OUTPUT = {"output_bytes": 1000}
TOO_MUCH = "the script wrote more than 1000 bytes, the most that the profile 'medium' gives it; raise output_bytes in"
CASES = [
    Case("a loop", TIME, "while true do end", "for (;;);", TOO_LONG),
    Case(
        "a loop that catches everything",
        TIME,
        "while true do pcall(function() while true do end end) end",
        "for (;;) try { for (;;); } catch {} finally {}",
        TOO_LONG,
    ),
    *(
        Case(
            f"a handler that asks for another read of state in {name}",
            TIME,
            "Hook.register('after_state_read', function() return { type = 'retry', delay_ms = "
            + lua
            + " } end) while true do pcall(State.load, 'global', 'k') end",
            "Hook.register('after_state_read', () => ({ type: 'retry', delayMs: "
            + javascript
            + " })); for (;;) try { State.load('global', 'k') } catch {}",
            TOO_LONG,
        )
        for name, lua, javascript in [
            ("an hour", "3600000", "3600000"),
            ("ever", "1/0", "Infinity"),
            ("no number", "0/0", "NaN"),
            ("more than numbers have", "1e300", "10n ** 400n"),
        ]
    ),
    Case(
        "a wait",
        TIME,
        "while true do pcall(Async.sleep, 60) end",
        "for (;;) try { await Async.sleep(60000) } catch {}",
        TOO_LONG,
    ),
    Case(
        "tasks that never end",
        TIME,
        "for i = 1, 5 do Async.run(function() while true do pcall(Async.sleep, 0) end end) end",
        "const again = () => Promise.resolve().then(again); again(); await new Promise(() => {})",
        TOO_LONG,
    ),
    Case(
        "coroutines and closing",
        TIME,
        "local function endless() local _ <close> = setmetatable({}, { __close = function() while true do end end })"
        " while true do coroutine.wrap(function() while true do end end)() end end"
        " while true do pcall(endless) end",
        "function* all() { try { for (;;) yield 1 } finally { for (;;); } } for (const _ of all()) for (;;);",
        TOO_LONG,
    ),
    Case(
        "closing a coroutine from outside",
        TIME,
        "local function held() local _ <close> = setmetatable({}, { __close = function() while true do end end })"
        " coroutine.yield() end local co = coroutine.create(held) coroutine.resume(co) coroutine.close(co)",
        "const all = (function* () { try { yield 1 } finally { for (;;); } })(); all.next(); all.return()",
        TOO_LONG,
    ),
    Case(
        "closing a coroutine that failed",
        TIME,
        "pcall(coroutine.wrap(function() local _ <close> = setmetatable({}, { __close = function() while true do end end })"
        " error('x') end))",
        "const all = { [Symbol.iterator]: () => ({ next: () => ({ value: 1 }), return() { for (;;); } }) };"
        " try { for (const _ of all) throw 1 } catch {}",
        TOO_LONG,
    ),
    Case(
        "showing an error",
        TIME,
        "error(setmetatable({}, { __tostring = function() while true do end end }))",
        "throw new (class extends Error { get name() { for (;;); } })('x')",
        TOO_LONG,
    ),
    Case(
        "a pattern",
        TIME,
        "while true do string.find(string.rep('a', 24), string.rep('a-', 8) .. 'b') end",
        "/^(a+)+$/.test('a'.repeat(40) + 'b')",
        TOO_LONG,
    ),
    Case(
        "memory that grows",
        MEMORY,
        "local all = {} while true do pcall(function() all[#all + 1] = string.rep('x', 10000) .. #all end) end",
        "const all = []; for (;;) try { all.push('x'.repeat(10000) + all.length) } catch {}",
        TOO_LARGE,
    ),
    Case(
        "memory that grows, caught by tasks",
        MEMORY,
        "local all = {} while true do local p = Async.run(function() while true do"
        " all[#all + 1] = string.rep('x', 10000) .. #all end end) pcall(p.await, p) end",
        "const all = []; for (;;) await Async.run(async () => { for (;;) all.push('x'.repeat(10000) + all.length) })"
        ".catch(() => {})",
        TOO_LARGE,
    ),
    Case(
        "memory in a coroutine",
        MEMORY,
        "local all = {} while true do coroutine.resume(coroutine.create(function() while true do"
        " all[#all + 1] = string.rep('x', 10000) .. #all end end)) end",
        "const all = []; function* grow() { for (;;) { all.push(new Uint8Array(100000)); yield } }"
        " for (;;) try { for (const _ of grow()); } catch {}",
        TOO_LARGE,
    ),
    Case("instructions", STEPS, "while true do end", "for (;;);", TOO_MANY),
    Case(
        "instructions, caught",
        STEPS,
        "while true do pcall(function() while true do end end) end",
        "const f = () => { try { for (;;); } catch { f() } }; for (;;) f()",
        TOO_MANY,
    ),
    Case(
        "instructions in many short coroutines",
        STEPS,
        "while true do coroutine.wrap(function() for i = 1, 1000 do end end)() end",
        "for (;;) { function* g() { for (let i = 0; i < 1000; i++) yield i } for (const _ of g()); }",
        TOO_MANY,
    ),
    Case(
        "output",
        OUTPUT,
        "while true do pcall(print, 'hello') end",
        "for (;;) try { console.log('hello') } catch {}",
        TOO_MUCH,
    ),
    Case(
        "output on standard error, in tasks",
        OUTPUT,
        "for i = 1, 3 do Async.run(function() while true do pcall(io.stderr.write, io.stderr, 'é') end end) end",
        "for (let i = 0; i < 3; i++) Async.run(async () => { for (;;) try { console.error('é'); await null }"
        " catch {} })",
        TOO_MUCH,
    ),
]


@pytest.mark.parametrize("language", ["lua", "javascript"])
@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_limit_ends_the_script(case: Case, language: Language) -> None:
    text = case.lua if language == "lua" else case.javascript
    ran = run(Script(language, text + "\n", permissions=permissions(limits=case.limits)))
    assert isinstance(ran.error, ResourceLimitError), repr(ran.error)
    assert str(ran.error).startswith(case.message)
    assert (ran.error.kind, ran.error.limit) == ("ResourceLimitError", next(iter(case.limits)))
    assert len((ran.out + ran.err).encode()) <= 1000


PLACES = [
    ("lua", "print(1)\nlocal function deep()\n  while true do end\nend\ndeep()", TIME, (3, None)),
    ("lua", "print(1)\nlocal function deep()\n  while true do end\nend\ndeep()", STEPS, (3, None)),
    ("lua", "\n\nwhile true do print('hello') end", OUTPUT, (3, None)),
    ("lua", "print(1)\n\nAsync.sleep(60)", TIME, (3, None)),
    ("lua", "print(1)\n\nAsync.all({ function() Async.sleep(60) end })", TIME, (3, None)),
    ("javascript", "\n\nfor (;;) console.log('hello');", OUTPUT, (3, 18)),
    ("javascript", "let i = 0;\n\n  for (;;) i += 1;", TIME, (3, 3)),
    ("javascript", "let i = 0;\n\n  for (;;) i += 1;", STEPS, (3, 3)),
    (
        "javascript",
        "console.log(1);\nfunction deep() {\n  while (true) { let x = 1; }\n}\ndeep();",
        TIME,
        (3, 3),
    ),
    (
        "javascript",
        "const deep = async () => {\n  await null;\n  do { } while (true);\n};\nawait deep();",
        TIME,
        (3, 3),
    ),
    ("javascript", "\n\n  await Async.sleep(60);", TIME, (3, 15)),
    ("javascript", "\n\n  await Tool.execute('web-search', { input: 'x' });", {"seconds": 0.0}, None),
    ("javascript", "\n\nsetTimeout(() => { for (;;); }, 0); await Async.sleep(60);", TIME, (3, None)),
    ("javascript", "\n\nawait Promise.resolve().then(() => { for (;;); });", TIME, (3, None)),
    ("javascript", "\n\n/^(a+)+$/.test('a'.repeat(40) + 'b');", TIME, (3, 33)),
    ("javascript", "Error.prepareStackTrace = () => { for (;;); };\n\nfor (;;);", TIME, None),
]


@pytest.mark.parametrize(("language", "text", "limits", "place"), PLACES)
def test_a_limit_tells_where_the_script_stood(
    language: Language, text: str, limits: dict[str, Any], place: tuple[int, int | None] | None
) -> None:
    ran = run(Script(language, text, permissions=permissions(limits=limits)))
    assert isinstance(ran.error, ResourceLimitError)
    if place is not None:
        found = ran.error.frames[0]
        assert (found.line, found.column if place[1] else None) == place


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("lua", "print(pcall(string.rep, 'x', 1 << 30))"),
        (
            "javascript",
            "try { console.log(new Uint8Array(1 << 30).length) } catch (e) { console.log(e.message) }",
        ),
    ],
)
def test_memory_beyond_the_limit_is_never_taken(language: Language, text: str) -> None:
    import resource

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    run(Script(language, text, permissions=permissions(limits=MEMORY)))
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000


@pytest.mark.parametrize("language", ["lua", "javascript"])
def test_what_stays_within_its_limits_is_not_touched(language: Language) -> None:
    text = {
        "lua": "local t = {} for i = 1, 1000 do t[i] = i end print(#t)",
        "javascript": "const t = []; for (let i = 0; i < 1000; i++) t.push(i); console.log(t.length)",
    }
    limits = {"seconds": 30.0, "memory_mb": 64, "instructions": 10_000_000, "output_bytes": 5}
    ran = run(Script(language, text[language], permissions=permissions(limits=limits)))
    assert (ran.out, ran.error) == ("1000\n", None)


KEPT_BY_THE_HOST = {
    "lua": "local s = string.rep('x', 1000000) Event.subscribe('a')\n"
    "for i = 1, 1000 do pcall(Event.publish, 'a', { s = s .. i }) end print('went on')",
    "javascript": "const s = 'x'.repeat(1000000); Event.subscribe('a');\n"
    "for (let i = 0; i < 1000; i++) try { Event.publish('a', { s: s + i }) } catch {} console.log('went on')",
}


@pytest.mark.parametrize("language", ["lua", "javascript"])
def test_what_the_host_keeps_for_a_script_counts_where_the_process_is_its_own(
    language: Language, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "_HOST_MB", 16)
    monkeypatch.setattr(limits, "_LOOK_SECONDS", 0.05)

    def its_own(runtime: Any) -> None:
        runtime._watch.abandon = lambda _: None

    held = permissions(limits={"memory_mb": 24})
    ran = run(Script(language, KEPT_BY_THE_HOST[language], permissions=held, started=its_own))
    assert isinstance(ran.error, ResourceLimitError), ran.out
    assert str(ran.error).startswith(TOO_LARGE)
    assert ran.error.frames[0].line == 2


FINALIZERS = [
    ("globalThis.kept = {}; r.register(kept, 1); console.log('end')", None),
    ("for (let i = 0; i < 100; i++) r.register({}, i); await Async.sleep(60000)", ResourceLimitError),
]


@pytest.mark.parametrize(("text", "error"), FINALIZERS)
def test_what_is_told_of_the_collector_runs_within_the_limits_and_not_at_the_end(
    text: str, error: type | None
) -> None:
    """What is left when the run is over tells nobody; Lua's finalizers are refused (`test_escapes`)."""
    made = "globalThis.r = new FinalizationRegistry(() => { for (;;) try { for (;;); } catch {} });\n"
    ran = run(Script("javascript", made + text, permissions=permissions(limits={"seconds": 1.0})))
    assert (type(ran.error) if ran.error else None) == error
    assert ran.out == ("" if error else "end\n")
