"""A JavaScript script under the debugger does what it does without: output, errors, stacks, texts.

Each snippet runs without an observer, then with probes off, with every probe armed, and with the
exception filters on; the core never stops.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from llmspell_engine.debug.backend import Core, ProbedSource
from llmspell_engine.debug.javascript import JavaScriptBackend
from llmspell_engine.runtime.base import RunContext, ScriptError, ScriptExit, Streams
from llmspell_engine.runtime.javascript import JavaScriptRuntime

EXAMPLES = Path(__file__).parents[3] / "examples" / "javascript"
MODES = ("off", "armed", "watched")

SNIPPETS = {
    "stacks": """
function inner() { return new Error('here').stack }
const outer = x => inner(x); class K { m() { return outer(1) } static s = () => new K().m() }
console.log(K.s()); let é = '😀'; console.log(é, inner())
console.log([1].map(() => inner())[0])
async function a() { await null; return inner() }
console.log(await a())
function* g() { yield inner() }
console.log([...g()][0])
const o = {}; Error.captureStackTrace(o); console.log(o.stack)
""",
    "engine errors": """
const tries = [() => null.x, () => undefined.f(), () => nowhere, () => (1)(), () => { const c = 1; c = 2 },
  () => { later; let later }, () => new (class A { constructor() { this.x.y } }), () => [].reduce(x => x),
  () => JSON.parse('{'), () => 1n + 1, () => Symbol() + '', () => 'x'.repeat(-1), () => new Array(-1),
  () => { function f() { f() } f() }, () => decodeURIComponent('%'), () => new Proxy({}, null)]
for (const t of tries) { try { t() } catch (e) { console.log(e.name, e.message, t.toString());
  if (e.name !== 'InternalError' && e.name !== 'RangeError') console.log(e.stack) } }
""",
    "thrown values": """
for (const v of [1, 'x', null, undefined, 10n, Symbol('s'), { a: 1 }, [1, 2], NaN, 'a\\0b', 2 ** 40])
  try { throw v } catch (e) { console.log(typeof e, Object.is(e, v)) }
try { throw 1, 2 } catch (e) { console.log(e) }
try { throw/* why */'glued' } catch (e) { console.log(e) }
try { throw(function () { return 3 })() } catch (e) { console.log(e) }
""",
    "texts of functions": """
function f(a, b = () => 1, { c } = {}) { 'use strict2'; if (a) return b; else throw a }
const g = async x => await x, h = function* () { yield 1 }, o = { m() { return 1 }, get p() {
  return () => ({}) }, async *q() {} }
class A extends Array { static #x = 1; y = (z) => z; static { this.w = () => {
  for (;;) break } } constructor() { super(); } }
console.log(f.toString()); console.log(g.toString(), h.toString(), o.m.toString())
console.log(Object.getOwnPropertyDescriptor(o, 'p').get.toString(), o.p.toString(), o.q.toString(),
  A.toString(), A.w.toString())
console.log(f.length, g.length, f.name, g.name, h.name, A.name, A.length, String(x => y => x + y))
""",
    "names of functions": """
let a = () => {}, b = function () {}, c = class {}; const { d = () => {} } = {}
let e; e = () => () => {}
console.log(a.name, b.name, c.name, d.name, e.name, e().name, (() => {}).name, { f: x => x }.f.name)
""",
    "semicolons": """
let a = 1
let b = a
;[1, 2].forEach(x => console.log(x))
const f = () => a
;(function () { console.log('called') })()
a
++b
console.log(a, b)
do a++; while (a < 3) console.log(a)
if (a) ; else console.log('never')
var t = `x`
`y`.length
for (const x of [1, 2]) if (x > 1) console.log('if', x); else console.log('else', x)
while (b--) if (b === 1) continue; else console.log(b)
function r() { return
  1 }
console.log(r())
""",
    "dangling else": """
function f(a, b) { if (a) if (b) return 'ab'; else return 'a'; else if (b) return 'b'; return '' }
console.log(f(1, 1), f(1, 0), f(0, 1), f(0, 0))
""",
    "labels": """
outer: for (let i = 0; i < 3; i++) { inner: for (let j = 0; ; j++) { if (j === 1) continue outer;
  if (i === 2) break outer; console.log(i, j) } }
block: { console.log('in'); break block; }
a: b: for (;;) break a
""",
    "switch": """
function f(x) { switch (x) { case 1: let y = 1; return y; case 2: { y = 2;
  return y } default: case 3: console.log('fall'); case 4: return x } }
for (const x of [1, 3, 4, 5]) console.log(f(x))
try { f(2) } catch (e) { console.log(e.message) }
""",
    "finally": """
function f() { for (const i of [1, 2]) try { if (i === 1) continue; return 'try' } finally {
  console.log('finally', i) } }
console.log(f())
function g() { try { throw 1 } catch { return 'caught' } finally { return 'last' } }
console.log(g())
""",
    "closures of loops": """
const fs = []
for (let i = 0; i < 3; i++) fs.push(() => i)
for (const k in { x: 1, y: 2 }) fs.push(() => k)
for (var v of [1, 2]) fs.push(() => v)
console.log(fs.map(f => f()))
""",
    "temporal dead zone": """
try { f(); } catch (e) { console.log(e.message, e.stack) }
function f() { return x }
let x = 1
console.log(f(), typeof y)
{ try { z } catch (e) { console.log(e.name) } let z }
""",
    "classes": """
class A { #p = 1; static n = 0; x = this.#p + 1; static { A.n = 5 } get p() { return this.#p } set p(v) {
  this.#p = v } m() { return super.toString() } static has(o) { return #p in o } }
class B extends A { constructor(...a) { const early = 1; super(...a);
  this.y = new.target.name } *[Symbol.iterator]() { yield* [this.x, this.y] } async am() {
  return await this.x } }
const b = new B(); b.p = 7
console.log(b.p, A.n, [...b], A.has(b), b.m(), await b.am())
try { class C extends A { constructor() { this.x } } new C() } catch (e) { console.log(e.message) }
try { class D extends A { constructor() {} } new D() } catch (e) { console.log(e.message) }
""",
    "generators": """
function* g() { try { const x = yield 1; console.log('got', x); yield* [2, 3] } finally {
  console.log('closed') } }
const i = g(); console.log(i.next(), i.next('v'), i.return(9), i.next())
for (const x of g()) if (x === 2) break
async function* ag() { yield 1; yield await 2 }
for await (const x of ag()) console.log(x)
""",
    "promises": """
const order = []
setOrder(1); Promise.resolve().then(() => setOrder(3)).then(() => setOrder(5)); (async () => { setOrder(2);
  await null; setOrder(4) })()
function setOrder(n) { order.push(n) }
await new Promise(r => Promise.resolve().then(() => Promise.resolve().then(() => Promise.resolve().then(r))))
console.log(order)
console.log(await Promise.allSettled([Promise.reject(1), Promise.resolve(2), (async () => {
  throw new Error('a') })()]).then(r => r.map(x => x.status)))
try { await Promise.reject(new TypeError('later')) } catch (e) { console.log(e.name, e.stack) }
""",
    "arguments and this": """
function f() { return [arguments.length, typeof this, arguments[1]] }
console.log(f(1, 2), f.call(5), f.apply(null, []))
const o = { m() { return this === o }, a: () => typeof this, n() { return (() => this === o)() } }
console.log(o.m(), o.a(), o.n(), typeof this)
Number.prototype.me = function () { return typeof this }; console.log((5).me())
class Prim { m() { return typeof this } }; console.log(Prim.prototype.m.call(10n), Prim.prototype.m.call('s'))
""",
    "eval and Function": """
console.log(eval('1 + 1; 5'), eval('var q = 3; q'), (0, eval)('typeof q'), new Function('a',
  'return a * 2')(4), Function('return 1').toString())
let hidden = 'seen'; console.log(eval('hidden'))
console.log(eval('if (1) 7; else 8'))
""",
    "globals and names": """
console.log(Object.keys(globalThis).filter(k => k.includes('$')), typeof $p, typeof $p1)
console.log(Object.getOwnPropertyNames(globalThis).filter(k => k.startsWith('$')))
for (const k in globalThis) if (k.startsWith('$')) console.log(k)
""",
    "prepareStackTrace of the script's own": """
Error.prepareStackTrace = (e,
  sites) => sites.map(s => `${s.getFunctionName()}:${s.getLineNumber()}:${s.getColumnNumber()}`).join()
function f() { return new Error('x').stack } console.log(f())
Error.prepareStackTrace = undefined; console.log(f())
Error.stackTraceLimit = 1; console.log(f()); Error.stackTraceLimit = 0; console.log(f())
""",
    "an uncaught error": "function f() { throw new RangeError('out', { cause: new Error('why') }) }\nf()\n",
    "an uncaught string": "console.log(1); throw 'plain'\n",
    "an uncaught rejection": "Promise.reject(new Error('lost'))\nconsole.log('after')\n",
    "a rejection in an async function": "async function f() { await null; null.x }\nawait f()\n",
    "a syntax error": "let a = 1\n  let = = 2\n",
    "an error the parser does not know": "console.log(1)\n  let a = 1; let a = 2\n",
    "exit": "console.log('a'); try { process.exit(3) } finally { console.log('never') }\n",
    "a shebang": "#!/usr/bin/env llmspell\n'use strict'\nconsole.log(new Error('x').stack)\n",
    "windows lines": (
        "console.log(1)\r\nfunction f() {\r\n  return new Error('x').stack }\r\n"
        "console.log(f(), f.toString().length)\r\n"
    ),
    "sorting and callbacks": """
console.log([3, 1, 2].sort((a, b) => a - b), [1, 2].flatMap(x => [x, x]), 'abc'.replace(/b/, m => m + m))
console.log(JSON.stringify({ a: 1, toJSON() { return 5 } }), `${{ toString() { return 't' } }}`)
""",
    "deep recursion": """
let n = 0
const f = () => { n++; f() }
try { f() } catch (e) { console.log(e.name, n > 500) }
""",
    "many statements": "let n = 0\n" + "n++\n" * 20000 + "console.log(n)\n",
}


class Silent(Core):
    """A core that never stops."""

    def __init__(self, *, watches: bool) -> None:
        self._watches = watches

    def reached(self, probe_id: int, *, halts: bool = False) -> None: ...

    def raised(self, error: Any, *, uncaught: bool) -> None: ...

    def loaded(self, source: ProbedSource) -> None: ...

    def wants_raised(self, *, uncaught: bool) -> bool:
        return self._watches


def outcome(path: Path, text: str, mode: str | None) -> list[str]:
    """What a script prints and how it ends; without a mode, in a plain run."""
    printed: list[str] = []
    observer: Any = None
    if mode:
        observer = JavaScriptBackend(Silent(watches=mode == "watched"))
    if mode == "armed":
        observer.arm_all()
    if mode == "watched":
        observer.watch_errors(["all", "uncaught"])
    runtime = JavaScriptRuntime(RunContext(Streams(printed.append, printed.append), observer=observer))
    try:
        runtime.run(str(path), text)
    except ScriptExit as leaving:
        printed.append(f"exit {leaving.code}")
    except ScriptError as error:
        printed += [f"{error.kind}: {error}", *map(str, error.frames), str(error.cause)]
    finally:
        runtime.close()
    return printed


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", SNIPPETS)
def test_a_snippet_does_the_same(tmp_path: Path, name: str, mode: str) -> None:
    path = tmp_path / "main.js"
    plain = outcome(path, SNIPPETS[name], None)
    assert plain, "a snippet that shows nothing proves nothing"
    assert outcome(path, SNIPPETS[name], mode) == plain


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.js")), ids=lambda path: path.name)
def test_an_example_does_the_same(path: Path, mode: str) -> None:
    text = path.read_text("utf-8")
    assert outcome(path, text, mode) == outcome(path, text, None)
