"""What a script does to prototypes, metatables and globals changes nothing that the engine does for it.

A row changes something that all scripts share, and then does what scripts do: it prints, calls tools, keeps
state, waits, fails. All of that is as in a script that changed nothing, and nothing of the script's own was
called for it.
"""

# ruff: noqa: E501, SIM905 - a script, and a list of names, is easier to read in one line

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from llmspell_engine import runtime
from llmspell_engine.language import Language
from llmspell_engine.syntax import SyntaxTree, parse
from support.runtime import Ran, Script, run
from support.security import permissions

JAVASCRIPT_MADE = """
const hits = { __proto__: null, count: 0, what: "" };
const evilFor = (what) => function () { hits.count += 1; hits.what += " " + what; throw "polluted"; };
const shown = [
  { a: [1, { b: 2 }], text: "it's", none: undefined }, new Map([[1, { x: [1] }]]), new Set(["a", 2]),
  new Uint8Array([1, 2, 3]), new Date(0), /a+/g, [1, , 3], Object.create(null), class A {}, function f() {}, 5n, -0,
  Symbol("s"), null, [1, 2, 3, 4, 5, 6, 7, 8], Object.assign(new RangeError("deep", { cause: 5 }), { stack: "" }),
];
const copied = { list: [1, new Map([["k", new Set([1])]])], when: new Date(5), bytes: new Uint8Array([9]), re: /x/y,
  boxed: Object("text"), error: Object.assign(new TypeError("t"), { stack: "s" }) };
const kept = { list: [1, { two: 2 }], text: "x\\n", when: new Date(0), map: new Map([["k", 1]]), set: new Set([1]),
  views: new Float64Array([1.5]), boxed: Object("t"), nothing: null, own: new (class { toJSON() { return "own" } })() };
const failing = new RangeError("mine", { cause: new TypeError("inner") });
const controller = new AbortController();
"""
JAVASCRIPT_DONE = """
console.log("%s is %d of %i%% %j", "text", 4, 5.5, "j", "more");
for (let at = 0; at < shown.length; at++) console.log(shown[at]);
console.table([{ a: 1 }]); console.assert(false, "no"); console.count(); console.group("g"); console.log("in\\nside");
console.groupEnd(); console.error("err", failing.message); process.stdout.write("written\\n");
console.log((await Tool.execute("calculator", { operation: "evaluate", input: "1+1" })).text);
State.save("global", "kept", kept); const loaded = State.load("global", "kept"); console.log(loaded, State.load("global", "none"));
console.log(structuredClone(copied));
try { await Tool.execute("nope", { a: [1] }) } catch (error) { console.log(error.name, error.message) }
try { State.save("global", "x", Symbol.for ? undefined : 1, 2, 3, 4) } catch (error) { console.log(error.name, error.message) }
try { Async.sleep("x") } catch (error) { console.log(error.name, error.message) }
try { structuredClone(() => 1) } catch (error) { console.log(error.name, error.message) }
console.log(await Async.all([() => 1, async () => ({ b: 2 })]), await Async.race([() => 3]), await Async.any([() => { throw failing }, () => 4]));
console.log(await Async.allSettled([() => { throw failing.message }, () => 5]));
try { await Async.any([() => { throw 1 }]) } catch (error) { console.log(error.name, error.errors) }
console.log(await Async.run(async (a, b) => { await Async.sleep(0); return a + b }, 1, 2), await Async.timeout(() => 6, 5));
let tries = 0; console.log(await Async.retry(() => { tries += 1; if (tries < 3) throw failing; return tries }, { baseDelay: 0, onRetry: (n) => console.log("again", n) }));
try { await Async.timeout(() => Async.sleep(9), 0.01) } catch (error) { console.log(error.name, error.message) }
const stream = Streaming.create(async (emit) => { await emit(1); await emit({ two: 2 }); });
console.log(await stream.next(), await stream.collect(), stream.isDone());
await Async.run(() => new Awaited((resolve) => setTimeout(() => { console.log("timer"); resolve() }, 0)));
try { controller.abort(); await Tool.execute("calculator", { operation: "evaluate", input: "1" }, { signal: controller.signal }) } catch (error) { console.log(error.name) }
Tool.register({ name: "own", description: "own", parameters: { type: "object", properties: { a: { type: "number" } } }, handler: (given) => { console.log(given); return { text: "own " + given.a } } });
console.log((await Tool.execute("own", { a: 1 })).text);
console.log("hits", hits.count, hits.what);
"""
POLLUTE = """
{
  const { defineProperty, getOwnPropertyDescriptor } = Object; const { ownKeys, getPrototypeOf } = Reflect; const places = [];
  const note = (target, name) => { for (const key of ownKeys(target)) { const was = getOwnPropertyDescriptor(target, key);
    if (key !== "constructor" && was.configurable && (typeof was.value === "function" || was.get)) places.push([target, key, was.get !== undefined, evilFor(name + "." + String(key))]); } };
  NOTED
  for (let at = 0; at < places.length; at++) { const place = places[at];
    defineProperty(place[0], place[1], place[2] ? { __proto__: null, get: place[3], set: place[3], configurable: true } : { __proto__: null, value: place[3], configurable: true, writable: true }); }
}
"""
PROTOTYPES = (
    "Object Function Array String Number Boolean BigInt Symbol RegExp Date Error TypeError RangeError AggregateError Map Set WeakMap"
    " WeakSet WeakRef FinalizationRegistry Promise ArrayBuffer DataView Uint8Array AbortSignal"
).split()
HIDDEN = {
    "typed arrays": "Object.getPrototypeOf(Uint8Array.prototype)",
    "iterators of arrays": "Object.getPrototypeOf([][Symbol.iterator]())",
    "iterators of maps": "Object.getPrototypeOf(new Map()[Symbol.iterator]())",
    "iterators of sets": "Object.getPrototypeOf(new Set()[Symbol.iterator]())",
    "iterators of texts": "Object.getPrototypeOf(''[Symbol.iterator]())",
    "iterators": "Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]()))",
    "generators": "Object.getPrototypeOf(Object.getPrototypeOf((function* () {})()))",
    "async generators": "Object.getPrototypeOf(Object.getPrototypeOf((async function* () {})()))",
    "async functions": "Object.getPrototypeOf(async () => {})",
}
STATIC = (
    "Object Array Reflect JSON Math Number Promise String Date Symbol Error ArrayBuffer BigInt Map".split()
)
INHERITED = (
    "get set value writable enumerable configurable toJSON cause site scope resolve reject aborted reason parent tickets state"
    " signal buffer attempts baseDelay jitter onRetry transfer index groups children isOver cancelled entries marked 0 1 2 \\0 ownKeys"
).split()
LOOSE = {
    "setters that all objects inherit": "for (const key of KEYS) Object.defineProperty(Object.prototype, key, { __proto__: null, get() { return undefined },"
    " set: evilFor(key), configurable: true });",
    "values that all objects inherit": "for (const key of KEYS) if (!['signal', 'transfer', 'buffer', 'attempts', 'baseDelay', 'jitter', 'onRetry', '0', '1', '2'].includes(key))"
    " Object.defineProperty(Object.prototype, key, { __proto__: null, value: 'polluted', configurable: true, writable: true });",
    "elements that all arrays inherit": "for (const key of ['0', '1', '2', '3', 'toJSON', 'length_']) Object.defineProperty(Array.prototype, key, { __proto__: null,"
    " get() { return undefined }, set() {}, configurable: true });",
    "constructors of prototypes": "for (const kind of [Array, Map, RegExp, Uint8Array, ArrayBuffer, Error]) Object.defineProperty(kind.prototype, 'constructor', { __proto__: null,"
    " get: evilFor('constructor'), configurable: true });",
    "species": "for (const kind of [Array, Map, Set, RegExp, ArrayBuffer, Object.getPrototypeOf(Uint8Array)]) Object.defineProperty(kind, Symbol.species, { __proto__: null,"
    " get: evilFor('species'), configurable: true });",
    "what belongs to a class": "for (const kind of [Object, Function, Array, Error, TypeError, Map, Set, Date, RegExp, Promise, Uint8Array, ArrayBuffer, DataView, String, Number, Boolean, Symbol,"
    " WeakMap, AbortSignal]) Object.defineProperty(kind, Symbol.hasInstance, { __proto__: null, value: evilFor('hasInstance'), configurable: true });",
    "becoming a text": "for (const kind of [Object, Array, Error, Date, RegExp]) Object.defineProperty(kind.prototype, Symbol.toPrimitive, { __proto__: null,"
    " value: evilFor('toPrimitive'), configurable: true });",
    "all globals": "const own = ['hits', 'console', 'process', 'Tool', 'State', 'Async', 'Streaming', 'setTimeout', 'structuredClone', 'Symbol', 'globalThis'];"
    " const targets = []; for (const key of Object.getOwnPropertyNames(globalThis)) if (!own.includes(key) && typeof globalThis[key] === 'function' && /^[A-Z]/.test(key)) targets.push([key, evilFor(key)]);"
    " for (let at = 0; at < targets.length; at++) globalThis[targets[at][0]] = targets[at][1];",
    "console, process and timers": "const { log, table, assert, count, group, groupEnd, error } = console; globalThis.console = { log, table, assert, count, group, groupEnd, error };"
    " globalThis.clearTimeout = evilFor('clearTimeout'); globalThis.queueMicrotask = evilFor('queueMicrotask');",
}


def _javascript() -> Iterator[tuple[str, str]]:
    for name in PROTOTYPES:
        yield f"prototype of {name}", POLLUTE.replace("NOTED", f"note({name}.prototype, '{name}.prototype')")
    for name, place in HIDDEN.items():
        yield f"prototype of {name}", POLLUTE.replace("NOTED", f"note({place}, '{name}')")
    for name in STATIC:
        yield f"functions of {name}", POLLUTE.replace("NOTED", f"note({name}, '{name}')")
    keys = f"const KEYS = {INHERITED!r};"
    for name, text in LOOSE.items():
        yield name, "{" + keys + text + "}"


POLLUTIONS = dict(_javascript())
EDGES = {
    "prepareStackTrace": "Error.prepareStackTrace = () => ({ toString: evilFor('toString') });",
    "prepareStackTrace that throws": "Error.prepareStackTrace = evilFor('prepare');",
    "no stacks": "Error.stackTraceLimit = 0;",
    "then of promises": "try { Promise.prototype.then = evilFor('then') } catch (error) { hits.what += error.name }"
    " try { Promise.prototype.constructor = evilFor('constructor') } catch (error) { hits.what += error.name }"
    " try { Object.defineProperty(Promise, Symbol.species, { value: evilFor('species') }) } catch (error) { hits.what += error.name }",
}
BEGIN = "const Awaited = Promise;\n"


@cache
def told(language: Language, uncaught: bool = False) -> tuple[str, str]:
    """What a script that changes nothing prints, or how it fails."""
    ran = polluted(language, "", uncaught)
    return _told(ran)


def polluted(language: Language, pollution: str, uncaught: bool = False) -> Ran:
    if language == "lua":
        text = LUA_MADE + pollution + ("\nraise(failing)" if uncaught else LUA_DONE)
    else:
        text = BEGIN + JAVASCRIPT_MADE + pollution + ("\nthrow failing;" if uncaught else JAVASCRIPT_DONE)
    return run(Script(language, text, permissions=permissions("low")))


def _told(ran: Ran) -> tuple[str, str]:
    error = ran.error
    failed = f"{error.kind}: {error} <- {error.cause}" if error is not None else ""
    return re.sub(r"\d+ms", "", ran.out + ran.err), failed


@pytest.mark.parametrize("name", POLLUTIONS)
def test_a_polluted_script_is_served_as_any_other(name: str) -> None:
    found, expect = _told(polluted("javascript", POLLUTIONS[name])), told("javascript")
    assert found[1] == expect[1] == ""
    assert found[0].splitlines() == expect[0].splitlines()


@pytest.mark.parametrize("name", POLLUTIONS)
def test_errors_of_a_polluted_script_are_told_as_any_other(name: str) -> None:
    assert _told(polluted("javascript", POLLUTIONS[name], uncaught=True)) == told("javascript", uncaught=True)
    assert "RangeError: mine <- inner" in told("javascript", uncaught=True)


@pytest.mark.parametrize("name", EDGES)
def test_what_a_script_may_change_of_its_own_errors_harms_nothing_else(name: str) -> None:
    """Their stacks are its own to change; what it prints and keeps beside is not touched."""
    found, expect = _told(polluted("javascript", EDGES[name])), told("javascript")
    assert found[1] == ""
    lines = [
        [line for line in told.splitlines() if not line.startswith("hits")] for told in (found[0], expect[0])
    ]
    assert lines[0] == lines[1]


def test_what_waiting_stands_on_cannot_be_replaced() -> None:
    assert "hits 0 TypeErrorTypeErrorTypeError\n" in polluted("javascript", EDGES["then of promises"]).out


LUA_MADE = """
local print, pcall, tostring_of, raise = print, pcall, tostring, error
local hits, evil = 0, nil
function evil() hits = hits + 1 raise("polluted", 0) end
local failing = setmetatable({}, { __tostring = function() return "mine" end })
local out = io.stdout
"""
LUA_DONE = """
print("text", 1, 1.5, nil, true) out:write("written\\n")
local function show(...) print((tostring_of((...)))) end
print(Tool.execute("calculator", { operation = "evaluate", input = "1+1" }).text)
State.save("global", "kept", { list = { 1, { two = 2 } }, text = "x" })
local kept = State.load("global", "kept") print(kept.list[2].two, kept.text, State.load("global", "none"))
local ok, problem = pcall(Tool.execute, "nope", { a = { 1 } }) print(ok, problem.kind, problem.message)
ok, problem = pcall(Async.sleep, "x") print(ok, problem.kind, problem.message)
ok, problem = pcall(function() local x = nil; return x.y end) print(ok, problem)
local all = Async.all({ function() return 1 end, function() return { b = 2 } end }) print(all[1], all[2].b)
print(Async.race({ function() return 3 end }), Async.any({ function() raise("x", 0) end, function() return 4 end }))
local settled = Async.all_settled({ function() raise("bad", 0) end, function() return 5 end }) print(settled[1].status, settled[1].reason, settled[2].value)
print(Async.run(function(a, b) Async.sleep(0) return a + b end, 1, 2):await(), Async.timeout(function() return 6 end, 5))
local tries = 0 print(Async.retry(function() tries = tries + 1 if tries < 3 then raise("again", 0) end return tries end, { base_delay = 0, on_retry = function(n) print("again", n) end }))
ok, problem = pcall(Async.timeout, function() Async.sleep(9) end, 0.01) print(ok, problem.kind, problem.message)
local stream = Streaming.create(function(emit) emit(1) emit({ two = 2 }) end)
print(stream:next(), stream:collect()[1].two, stream:is_done())
print(Promise.resolve(7):and_then(function(v) return v + 1 end):await(), (pcall(function() return Promise.reject("r"):await() end)))
Async.after(0, function() print("timer") end) Async.sleep(0.02)
Tool.register({ name = "own", description = "own", parameters = { type = "object", properties = { a = { type = "number" } } }, handler = function(given) print(given.a) return { text = "own " .. given.a } end })
print(Tool.execute("own", { a = 1 }).text)
local thread = co(function(a) local b = y(a) return b end) print(res(thread, 1), res(thread, 2))
print(hits)
"""
LUA_MADE += "local co, res, y = coroutine.create, coroutine.resume, coroutine.yield\n"
LIBRARIES = "string table math coroutine utf8 os io debug package".split()
LUA_POLLUTIONS = {
    f"functions of {name}": f"do local names = {{}} for key, value in next, {name} do if type(value) == 'function' then names[#names + 1] = key end end"
    f" for i = 1, #names do {name}[names[i]] = evil end end"
    for name in LIBRARIES
} | {
    "all functions among the globals": "do local names = {} for key, value in next, _G do if type(value) == 'function' then names[#names + 1] = key end end"
    " for i = 1, #names do _G[names[i]] = evil end end",
    "all libraries": f"do local names = {{ {', '.join(map(repr, LIBRARIES))} }} for i = 1, #names do _G[names[i]] = nil end end",
    "the metatable of texts": "do local meta = getmetatable('') meta.__index = evil meta.__eq = evil meta.__lt = evil meta.__concat = evil"
    " meta.__add = evil meta.__len = evil meta.__call = evil end",
    "the metatable of the globals": "setmetatable(_G, { __index = evil, __newindex = evil, __pairs = evil, __len = evil, __metatable = 1 })",
    "what is loaded": "for key in next, package.loaded do package.loaded[key] = evil end package.preload = evil package = nil",
}


@pytest.mark.parametrize("name", LUA_POLLUTIONS)
def test_a_polluted_lua_script_is_served_as_any_other(name: str) -> None:
    found, expect = _told(polluted("lua", LUA_POLLUTIONS[name])), told("lua")
    assert found[1] == expect[1] == ""
    assert found[0].splitlines() == expect[0].splitlines()


@pytest.mark.parametrize("name", LUA_POLLUTIONS)
def test_errors_of_a_polluted_lua_script_are_told_as_any_other(name: str) -> None:
    assert _told(polluted("lua", LUA_POLLUTIONS[name], uncaught=True)) == told("lua", uncaught=True)


# The prelude itself, read for what a script could lay hands on.

_PRELUDE = Path(runtime.__file__).with_name("javascript_prelude")
_METHODS = frozenset(
    "at charAt charCodeAt codePointAt concat copyWithin endsWith entries every fill filter find findIndex flat flatMap forEach includes"
    " indexOf join keys map match matchAll normalize padEnd padStart pop push reduce repeat replace replaceAll reverse search shift slice"
    " some sort splice split startsWith substring toFixed toISOString toLowerCase toString toUpperCase trim trimEnd trimStart unshift"
    " valueOf values test exec then catch finally bind apply hasOwnProperty isPrototypeOf getTime subarray".split()
)


def _functions(tree: SyntaxTree) -> Iterator[tuple[str, str]]:
    """What stands in functions and calls something by a name that a script can give to something else."""
    stack = [(tree.root, False)]
    while stack:
        node, inside = stack.pop()
        inside = inside or (
            node.type in {"statement_block", "arrow_function", "class_body"} and _is_function(node)
        )
        text = tree.slice(node)
        if inside:
            if node.type == "spread_element" and node.parent is not None and node.parent.type != "object":
                yield "spread", text
            if node.type in {"array_pattern", "template_substitution"}:
                yield node.type, text
            if node.type == "for_in_statement" and " of " in text.split(")")[0] and "for await" not in text:
                yield "iteration", text
            if node.type == "binary_expression" and any(
                child.type == "instanceof" for child in node.children
            ):
                yield "instanceof", text
            if node.type == "call_expression" and (name := _method(tree, node)):
                yield "method", name
        stack += [(child, inside) for child in node.children]


def _is_function(node: object) -> bool:
    parent = getattr(node, "parent", None)
    kind = getattr(node, "type", "")
    return (
        kind == "arrow_function"
        or (parent is not None and "function" in parent.type)
        or (parent is not None and parent.type == "method_definition")
    )


def _method(tree: SyntaxTree, call: object) -> str | None:
    function = call.child_by_field_name("function")  # type: ignore[attr-defined]
    if function is None or function.type != "member_expression":
        return None
    name = tree.slice(function.child_by_field_name("property"))
    return tree.slice(function) if name in _METHODS else None


_READ = sorted(file.name for file in _PRELUDE.glob("*.js") if file.name != "primordials.js")
"""The first part takes things from their places before any script runs."""


@pytest.mark.parametrize("name", _READ)
def test_the_prelude_calls_nothing_that_a_script_can_replace(name: str) -> None:
    found = list(_functions(parse((_PRELUDE / name).read_text("utf-8"), "javascript")))
    assert found == []


def test_what_reads_the_prelude_sees_each_of_them() -> None:
    text = (
        "function f(a) { a.push(1); return `x${a}` + [...a]; }\n"
        "const g = (x) => { for (const y of x) y; const [z] = x; return x instanceof Map; };\n"
    )
    found = {kind for kind, _ in _functions(parse(text, "javascript"))}
    assert found == {"instanceof", "array_pattern", "iteration", "spread", "template_substitution", "method"}
