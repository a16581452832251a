"""Programs that are entered piece by piece: what pieces share and come to, how they are interrupted."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from llmspell_engine.language import LANGUAGES, Language
from llmspell_engine.runtime.base import Interrupted, RunContext, ScriptError, ScriptExit, Streams
from llmspell_engine.runtime.create import create
from llmspell_engine.runtime.modules import SourceFiles
from llmspell_engine.runtime.report import report
from llmspell_engine.runtime.session import ScriptSession
from support.runtime import both, host


@contextmanager
def session(language: Language, out: list[str] | None = None) -> Iterator[ScriptSession]:
    """A session that writes to a list, and calls ``host.ready()`` to be interrupted a little later."""
    written: list[str] = [] if out is None else out
    runtime = create(language, RunContext(Streams(written.append, written.append)))
    made = runtime.session("input")
    runtime.install(host(ready=lambda: threading.Timer(0.05, made.interrupt).start()))
    try:
        yield made
    finally:
        runtime.close()


def transcript(language: Language, pieces: list[str]) -> list[str | None]:
    """What each piece is shown as; of an error the report's first line."""
    shown: list[str | None] = []
    with session(language) as one:
        for number, text in enumerate(pieces, 1):
            try:
                shown.append(one.enter(f"in-{number}", text).shown)
            except ScriptError as error:
                shown.append(report(error, SourceFiles("input").shown).splitlines()[0])
    return shown


LUA = [
    (["local x = 1", "x", "x = x + 1", "x"], [None, "1", None, "2"]),
    (
        ["local n = 0", "local function up() n = n + 1 return n end", "up()", "n"],
        [None, None, "1", "1"],
    ),
    (["local n = 1", "function old() return n end", "local n = 2", "old(), n"], [None, None, None, "1\t2"]),
    (["local k <const> = 7", "k"], [None, "7"]),
    (["local a, b = 1", "a, b"], [None, "1\tnil"]),
    (["local a = 1 error('late')", "a"], ["in-1:1: late", "1"]),
    (["do local hidden = 1 end", "hidden"], [None, "nil"]),
    (["x = 5", "x", "_G.x"], [None, "5", "5"]),
    (["return 1, 2", "print()", "nil"], ["1\t2", None, "nil"]),
    (["'a\\nb'", "{ 1, a = { 'b' }, ['c d'] = true }"], ['"a\\nb"', '{ 1, a = { "b" }, ["c d"] = true }']),
    (["'\\255a\\128', 'ä'", "{ '\\xff' }"], ['"\\255a\\128"\t"ä"', '{ "\\255" }']),
    (["local t = {} t.t = t", "t"], [None, "{ t = <circular> }"]),
    (["f(", "1 +"], ["in-1:1: SyntaxError: unexpected symbol near <eof>",
                     "in-2:1: SyntaxError: unexpected symbol near <eof>"]),
    (["a b +", "x = = 2"], ["in-1:1: SyntaxError: syntax error near 'b'",
                            "in-2:1: SyntaxError: unexpected symbol near '='"]),
    (["nope.x", "nope.x -- why"], ["in-1:1: attempt to index a nil value (global 'nope')",
                                   "in-2:1: attempt to index a nil value (global 'nope')"]),
    (["1, 2; -- two", "--[[ a ]] 3 --[[ b ]]", "nope\n.x"],
     ["1\t2", "3", "in-3:2: attempt to index a nil value (global 'nope')"]),
    (["\n\nnil .. 'x'"], ["in-1:3: attempt to concatenate a nil value"]),
    (["local p = Async.run(function() Async.sleep(0.001) return 5 end)", "p:await()"], [None, "5"]),
    (["Async.run(function() error('alone') end)", "1"], ["in-1:1: alone", "1"]),
    (["local function f() error('x') end", "f()"], [None, "in-1:1: x"]),
    (["local t = (({})) (print)('x')"], ["in-1:1: attempt to call a table value"]),
    (["State", "ARGS"], ["State", '{ [0] = "input" }']),
]  # fmt: skip

JAVASCRIPT = [
    (["let x = 1", "x", "x = x + 1", "x"], [None, "1", "2", "2"]),
    (["let n = 0", "function up() { return ++n }", "up()", "n"], [None, None, "1", "1"]),
    (["const n = 1", "const n = 2; n"], [None, "2"]),
    (["const n = 1", "n = 2", "n"], [None, "in-2:1:1: TypeError: 'n' is read-only", "1"]),
    (["const n = 1", "n++", "n"], [None, "in-2:1:1: TypeError: 'n' is read-only", "1"]),
    (["const { n, m: [o] } = { n: 1, m: [2] }", "o = 1", "n + o"],
     [None, "in-2:1:1: TypeError: 'o' is read-only", "3"]),
    (["const n = 1; n = 2", "n"], ["in-1:1:14: TypeError: 'n' is read-only", "1"]),
    (["function set() { n = 2 }", "const n = 1", "set()", "n"],
     [None, None, "in-1:1:18: TypeError: 'n' is read-only", "1"]),
    (["const n = 1", "let n = 2", "n = 3", "n"], [None, None, "3", "3"]),
    (["const n = 1", "function n() {}", "n = 3", "n"], [None, None, "3", "3"]),
    (["const n = 1", "class n {}", "n = 3"], [None, None, "3"]),
    (["let n = 1", "const n = 2", "n = 3"], [None, None, "in-3:1:1: TypeError: 'n' is read-only"]),
    (["const n = 1", "null.f; const n = 2", "n", "n = 5"],
     [None, "in-2:1:1: TypeError: cannot read property 'f' of null", "1",
      "in-4:1:1: TypeError: 'n' is read-only"]),
    (["null.f; const never = 2", "typeof never", "const never = 3; never"],
     ["in-1:1:1: TypeError: cannot read property 'f' of null", "'undefined'", "3"]),
    (["const n = 1", "() => n", "const n = 2", "n"], [None, "[Function (anonymous)]", None, "2"]),
    (["const old = () => kept, kept = 1", "const kept = 2", "[old(), kept]"], [None, None, "[ 1, 2 ]"]),
    (["early; const early = 1"], ["in-1:1:1: ReferenceError: early is not initialized"]),
    (["const n = await Promise.resolve(3)", "n = 4"], [None, "in-2:1:1: TypeError: 'n' is read-only"]),
    (["import { u } from './helper.js'", "u = 1", "u"], [None, "in-2:1:1: TypeError: 'u' is read-only", "5"]),
    (["export const n = 1", "n = 2"], [None, "in-2:1:1: TypeError: 'n' is read-only"]),
    (["for (const i of [1]) { const j = i }", "typeof j"], [None, "'undefined'"]),
    (["const State = 1", "State"], [None, "1"]),
    (["void Object.freeze(globalThis)", "const n = 1"],
     [None, "in-2:1:12: TypeError: object is not extensible"]),
    (["let a, { b, c: [d = 4], ...rest } = { b: 1, c: [], e: 2 }", "[a, b, d, rest]"],
     [None, "[ undefined, 1, 4, { e: 2 } ]"]),
    (["const a = 1; throw new Error('late')", "a"], ["in-1:1:24: late", "1"]),
    (["{ let hidden = 1 }", "hidden"], [None, "in-2:1:1: ReferenceError: hidden is not defined"]),
    (["x = 5", "x", "globalThis.x"], ["5", "5", "5"]),
    (["{ a: 1, b: 'c' }", "undefined", "null", "console.log()"], ["{ a: 1, b: 'c' }", None, "null", None]),
    (["class A { name() { return 'A' } }", "new A().name()"], [None, "'A'"]),
    (["import all, { u as v } from './helper.js'", "all + v"], [None, "'d5'"]),
    (["import * as names from './helper.js'", "names.u"], [None, "5"]),
    (["const v = await Promise.resolve(3)", "v", "Promise.resolve(4)"], [None, "3", "4"]),
    (["export const e = 1", "e", "var w = 2; w"], [None, "1", "2"]),
    (["1 +"], ["in-1:1:4: SyntaxError: unexpected token in expression: ''"]),
    (["const g = () => {\n  null.foo\n}", "  const s = 1; g()"],
     [None, "in-1:2:3: TypeError: cannot read property 'foo' of null"]),
    (["const s = 1; s.foo.bar"], ["in-1:1:14: TypeError: cannot read property 'bar' of undefined"]),
    (["const p = Async.run(async () => { await Async.sleep(0.001); return 5 })", "p"], [None, "5"]),
    (["Promise.reject(new Error('alone'))", "1"], ["in-1:1:20: alone", "1"]),
    (["new Promise(() => {})"], ["the program waits for a promise that nothing will ever settle"]),
    (["async function* two() { yield 1; yield 2 }", "let sum = 0",
      "for await (const n of two()) sum += n", "sum"],
     [None, None, None, "3"]),
]  # fmt: skip


@pytest.mark.parametrize(("pieces", "shown"), LUA, ids=lambda each: str(each[0]))
def test_pieces_of_lua(pieces: list[str], shown: list[str | None]) -> None:
    assert transcript("lua", pieces) == shown


@pytest.mark.parametrize(("pieces", "shown"), JAVASCRIPT, ids=lambda each: str(each[0]))
def test_pieces_of_javascript(
    pieces: list[str], shown: list[str | None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "helper.js").write_text("export const u = 5; export default 'd'")
    monkeypatch.chdir(tmp_path)
    assert transcript("javascript", pieces) == shown


@pytest.mark.parametrize(
    ("language", "text", "value", "printed"),
    [
        ("lua", "1, 'a'", [1, "a"], "1\ta"),
        ("lua", "'a'", "a", "a"),
        ("lua", "print()", None, None),
        ("lua", "'\\255'", b"\xff", "\udcff"),
        ("lua", "{ a = { 1 } }", {"a": [1]}, "{ a = { 1 } }"),
        ("javascript", "'a'", "a", "a"),
        ("javascript", "({ a: [1] })", {"a": [1]}, "{ a: [ 1 ] }"),
        ("javascript", "undefined", None, None),
    ],
)
def test_the_value_of_a_piece(language: Language, text: str, value: object, printed: str | None) -> None:
    with session(language) as one:
        entered = one.enter("in", text)
        assert (entered.value(), entered.printed) == (value, printed)


@both
def test_a_value_that_cannot_leave_the_script(language: Language) -> None:
    circle = {"lua": "local t = {} t.t = t return t", "javascript": "const t = {}; t.t = t; t"}
    with session(language) as one:
        entered = one.enter("in", circle[language])
        with pytest.raises(ScriptError, match="leads back"):
            entered.value()


ENDLESS = {
    "lua": [
        "host.ready() while true do end",
        "host.ready() while true do pcall(function() while true do end end) end",
        "host.ready() coroutine.wrap(function() while true do end end)()",
        "host.ready() Async.sleep(600)",
        "host.ready() Async.run(function() while true do Async.sleep(600) end end):await()",
    ],
    "javascript": [
        "host.ready(); for (;;);",
        "host.ready(); for (;;) try { for (;;); } catch {}",
        "host.ready(); while (true) await null",
        "host.ready(); await Async.sleep(600)",
        "host.ready(); await new Promise((done) => setTimeout(done, 600_000))",
    ],
}


@pytest.mark.parametrize(("language", "text"), [(one, text) for one in LANGUAGES for text in ENDLESS[one]])
def test_an_interrupted_piece_leaves_what_is_defined(language: Language, text: str) -> None:
    slept = {"lua": "Async.sleep(0.001) return kept", "javascript": "await Async.sleep(0.001); kept"}
    with session(language) as one:
        one.enter("in-1", "kept = 7")
        with pytest.raises(Interrupted):
            one.enter("in-2", text)
        one.recover()
        assert one.enter("in-3", "kept").shown == "7"
        assert one.enter("in-4", slept[language]).shown == "7"


@both
def test_what_a_piece_has_begun_goes_on(language: Language) -> None:
    out: list[str] = []
    begun = {
        "lua": "Async.after(0.001, function() print('rang') end) return 1",
        "javascript": "setTimeout(() => console.log('rang'), 1); 1",
    }
    with session(language, out) as one:
        assert one.enter("in", begun[language]).shown == "1"
        assert out == []
        one.finish()
        assert out == ["rang\n"]
        one.go_on()


@both
def test_an_error_of_what_goes_on_is_told_once(language: Language) -> None:
    begun = {
        "lua": "Async.after(0, function() error('rang') end)",
        "javascript": "setTimeout(() => { throw new Error('rang') }, 0)",
    }
    with session(language) as one:
        one.enter("in", begun[language])
        with pytest.raises(ScriptError, match="rang"):
            one.finish()
        assert one.enter("in-2", "1").shown == "1"


@both
def test_a_piece_may_leave(language: Language) -> None:
    leaving = {"lua": "os.exit(3)", "javascript": "process.exit(3)"}
    with session(language) as one, pytest.raises(ScriptExit) as left:
        one.enter("in", leaving[language])
    assert left.value.code == 3
