"""The known ways out of the two interpreters, and of the bridge to Python: each is closed.

A row is a script that tries one and prints what came of it. It prints the same in every profile that it
names, for the rows hold where a profile does not say otherwise.
"""

# ruff: noqa: E501 - a script is easier to read in one line

from __future__ import annotations

from dataclasses import dataclass

import pytest
from llmspell_engine.language import Language
from support.runtime import Script, run
from support.security import permissions

CLOSED = ("low", "medium", "high")
ALL = ("none", *CLOSED)
STRICT = ("medium", "high")


@dataclass(frozen=True)
class Escape:
    """A way out, and what a script sees that tries it."""

    name: str
    language: Language
    text: str
    expect: str
    profiles: tuple[str, ...] = CLOSED

    def __str__(self) -> str:
        """For the names of tests."""
        return f"{self.language}: {self.name}"


CAUGHT = """
local caught
pcall(function()
  local _ <close> = setmetatable({}, { __close = function(_, error) caught = error end })
  Tool.execute("nope", {})
end)
"""
LUA = [
    Escape("the module python", "lua", "print(python, package.loaded.python)", "nil\tnil\n", ALL),
    Escape("require of python", "lua", "print((pcall(require, 'python')))", "false\n", ALL),
    Escape(
        "attributes of an error of the host that a variable is closed with",
        "lua",
        CAUGHT + "print(type(caught)) for _, name in ipairs{'__class__', 'value', 'args', '__traceback__', 1} do"
        " print((pcall(function() return caught[name] end))) end",
        "userdata\n" + "false\n" * 5,
        ALL,
    ),
    Escape(
        "setting an attribute of it, calling it, its metatable",
        "lua",
        CAUGHT + "print(pcall(function() caught.x = 1 end) or pcall(function() caught() end),"
        " getmetatable(caught), (pcall(setmetatable, caught, {})))",
        "false\tuserdata\tfalse\n",
        ALL,
    ),
    Escape(
        "the metatable that all errors of the host share",
        "lua",
        "local _, problem = pcall(Tool.execute, 'nope', {}) print(getmetatable(problem), (pcall(setmetatable, problem, {})))"
        " pcall(function() getmetatable(problem).__index = function() return 'forged' end end)"
        " local _, again = pcall(Tool.execute, 'nope', {}) print(again.nothing, again.kind, (tostring(again):match('nope')))",
        "error\tfalse\nnil\tToolError\tnope\n",
        ALL,
    ),
    Escape(
        "attributes of what scripts call",
        "lua",
        "print((pcall(function() return Tool.execute.__globals__ end)), getmetatable(Tool.execute),"
        " getmetatable(Tool), Tool.__class__, (pcall(setmetatable, Tool, {})))",
        "false\tnil\tTool\tnil\tfalse\n",
        CLOSED,
    ),
    Escape(
        "what no profile has",
        "lua",
        "local function f() end for _, call in ipairs{function() return string.dump(f) end,"
        " function() return (''):dump() end, function() return debug.getregistry() end,"
        " function() return debug.setcstacklimit(9) end, function() return io.popen('ls') end,"
        " function() return os.setlocale('C') end, function() return package.loadlib('x', '*') end,"
        " function() return package.searchpath('x', '?') end, function() return package.searchers[1] end,"
        " function() table.insert(package.searchers, f) end, function() return #package.searchers end} do"
        " local ok, refused = pcall(call) print(ok, refused.kind) end"
        " print(next(package.searchers), getmetatable(package.searchers))",
        "false\tSecurityError\n" * 11 + "nil\tfalse\n",
        ALL,
    ),
    Escape(
        "bytecode in load",
        "lua",
        "local once = '\\27Lua' for _, given in ipairs{{'\\27Lua'}, {'return 1', 'x', 'b'}, {function() return nil end, 'x', 'b'},"
        " {function() local piece = once once = nil return piece end, 'x', 't'}} do"
        " local ok, refused = pcall(load, table.unpack(given)) print(ok, refused.kind) end",
        "false\tSecurityError\n" * 4,
        ("none", "low", "medium"),
    ),
    Escape(
        "bytecode in a file",
        "lua",
        "for name, call in pairs{code = require, ['code.lua'] = dofile, ['./code.lua'] = loadfile} do"
        " local ok, refused = pcall(call, name) print(ok, refused.kind) end",
        "false\tSecurityError\n" * 3,
        ("none", "low", "medium"),
    ),
    Escape(
        "functions of the prelude from the stack",
        "lua",
        "local found = 0 pcall(function() for level = 0, 20 do local info = debug.getinfo(level, 'f')"
        " if info and info.func then found = found + 1 end end end) print(found)",
        "0\n",
        ("low", "medium"),
    ),
    Escape(
        "the functions of debug",
        "lua",
        "for _, name in ipairs{'getupvalue', 'setupvalue', 'getlocal', 'sethook', 'getmetatable', 'setmetatable',"
        " 'upvaluejoin', 'getuservalue'} do print(pcall(debug[name], print, 1) == false) end",
        "true\n" * 8,
    ),
    Escape("paths of libraries in C", "lua", "print(package.cpath, package.path)", "nil\tnil\n", ALL),
    Escape(
        "files by the functions that take a name too",
        "lua",
        "for _, name in ipairs{'lines', 'input', 'output', 'open', 'tmpfile'} do"
        " local ok, refused = pcall(io[name], 'x') print(ok, refused.kind) end"
        " print(io.input() == io.stdin, io.output() == io.stdout, (pcall(io.close, 'x')), (pcall(os.tmpname)))",
        "false\tSecurityError\n" * 5 + "true\ttrue\tfalse\tfalse\n",
        STRICT,
    ),
    Escape(
        "another function in the metatable of strings",
        "lua",
        "print(getmetatable(''), (pcall(function() getmetatable('').__index = nil end)))",
        "string\tfalse\n",
        STRICT,
    ),
    Escape(
        "finalizers, which run where no limit holds",
        "lua",
        "print((pcall(setmetatable, {}, { __gc = function() while true do end end })))"
        " local late = setmetatable({}, {}) getmetatable(late).__gc = function() print('ran') end late = nil"
        " collectgarbage() collectgarbage()",
        "false\n",
    ),
    Escape(
        "stopping the collector",
        "lua",
        "for _, option in ipairs{'stop', 'generational', 'incremental', 'setpause'} do"
        " print((pcall(collectgarbage, option))) end print(collectgarbage('count') > 0)",
        "false\n" * 4 + "true\n",
    ),
    Escape(
        "other functions in the places of those that the host uses",
        "lua",
        "string.sub, string.format, string.gsub, string.match = nil, nil, nil, nil\n"
        "table.unpack, table.move, table.sort, table.concat = nil, nil, nil, nil\n"
        "tostring, type, next, select, rawget, error, math.huge = nil, nil, nil, nil, nil, nil, nil\n"
        "print((pcall(Tool.execute, 'nope', {})), Tool.execute('calculator', { input = '1+1' }).text)",
        "false\t2\n",
    ),
    Escape(
        "paths that lead out of the script's folder",
        "lua",
        "for _, path in ipairs{'/etc/passwd', '../outside.lua', 'link.lua'} do"
        " print((pcall(dofile, path)), (pcall(loadfile, path)) and loadfile(path) or nil) end"
        " print((pcall(require, 'link')), (pcall(require, '..outside')), (pcall(require, '.etc.passwd')))",
        "false\tnil\n" * 3 + "false\tfalse\tfalse\n",
        STRICT,
    ),
    Escape(
        "files and programs",
        "lua",
        "for _, f in ipairs{function() return io.open('/etc/passwd') end,"
        " function() return io.lines('/etc/passwd') end, function() return io.popen('ls') end,"
        " function() return os.execute('ls') end, function() return os.remove('/nowhere') end,"
        " function() return os.rename('/nowhere', '/elsewhere') end,"
        " function() return os.getenv('ANY_API_KEY') end} do print((pcall(f))) end",
        "false\n" * 7,
    ),
]  # fmt: skip
POLLUTED = """
const nothing = () => { throw new Error("polluted") };
const { defineProperty, getOwnPropertyDescriptor: described } = Object;
const kinds = [Object, Map, WeakMap, Set, String, Number, Promise, RegExp, WeakRef, Array];
const places = [];
for (const kind of kinds) for (const key of Reflect.ownKeys(kind.prototype))
  if (key !== "constructor" && typeof described(kind.prototype, key).value === "function")
    if (described(kind.prototype, key).configurable) places.push([kind.prototype, key]);
for (let at = 0; at < places.length; at++)
  defineProperty(places[at][0], places[at][1], { __proto__: null, value: nothing, configurable: true });
"""
JAVASCRIPT = [
    Escape(
        "functions of the host and of the engine in the globals",
        "javascript",
        "console.log(typeof $host, typeof $access, typeof $llmspell, typeof $box, typeof std, typeof os,"
        " typeof bjson, typeof scriptArgs, typeof require)",
        " ".join(["undefined"] * 9) + "\n",
        ALL,
    ),
    Escape(
        "modules of the engine and of the prelude",
        "javascript",
        "for (const name of ['std', 'os', 'qjs:std', 'qjs:os', 'bjson', 'llmspell:prelude', 'node:fs', 'data:text/javascript,1',"
        " 'http://example.com/x.js', 'blob:x']) try { await import(name); console.log(name) } catch (e) { console.log(e.name) }",
        "SecurityError\n" * 10,
        ALL,
    ),
    Escape(
        "functions of the prelude from the stack",
        "javascript",
        "Error.prepareStackTrace = (_, sites) => sites; let found = [];"
        " try { Tool.execute('calculator', { get input() { found = new Error('').stack; return '1' } }) } catch {}"
        " console.log(found.length > 3, found.some((site) => 'getFunction' in site || 'getThis' in site))",
        "true false\n",
        ALL,
    ),
    Escape(
        "callers of a function",
        "javascript",
        "function inner() { try { return inner.caller } catch { return 'closed' } }"
        " console.log(inner(), (() => { try { return (function () { 'use strict'; return arguments.callee })() }"
        " catch { return 'closed' } })())",
        "closed closed\n",
        ALL,
    ),
    Escape(
        "the chain of constructors leads to the script's own globals only",
        "javascript",
        "const made = Tool.execute.constructor('return typeof $host + typeof process.binding')();"
        " console.log(made, Tool.constructor.constructor('return this')() === globalThis)",
        "undefinedundefined true\n",
        ("none", "low", "medium"),
    ),
    Escape(
        "code from text, by every constructor of functions",
        "javascript",
        "const kinds = [() => eval('1'), () => (0, eval)('1'), () => new Function('1'), () => Function('1'),"
        " () => (() => 1).constructor('1'), () => (async () => 1).constructor('1'),"
        " () => (function* () {}).constructor('1'), () => (async function* () {}).constructor('1'),"
        " () => Tool.execute.constructor('1'), () => Object.getPrototypeOf(async () => 1).constructor('1'),"
        " () => Reflect.construct(class {}.constructor, ['1']), () => globalThis.eval('1')];"
        " for (const kind of kinds) try { kind(); console.log('made') } catch (e) { console.log(e.name) }"
        " console.log((() => 1) instanceof Function)",
        "SecurityError\n" * 12 + "true\n",
        ("high",),
    ),
    Escape(
        "prototypes that were changed do not change what the host gets",
        "javascript",
        POLLUTED + "let told; try { await Tool.execute('nope', { a: [1, { b: 2 }] }) } catch (e) { told = e.message }"
        " const made = await Tool.execute('calculator', { operation: 'evaluate', input: '1+1' });"
        " State.save('global', 'kept', { list: [1, { two: 2n }], text: 'x' }); const kept = State.load('global', 'kept');"
        " if (told[0] !== 't' || made.text !== '2' || kept.list[1].two !== 2) throw new Error('changed')",
        "",
        CLOSED,
    ),
    Escape(
        "toJSON and setters on all arrays and objects do not see what passes to the host",
        "javascript",
        "const seen = []; Array.prototype.toJSON = function () { seen.push(this); return [] };"
        " for (const key of ['0', '1', '\\0', 'value', 'cause', 'get', 'set', 'enumerable'])"
        " Object.defineProperty(Object.prototype, key, { __proto__: null, get() { return undefined },"
        " set(v) { seen.push(v) }, configurable: true });"
        " const made = await Tool.execute('calculator', { operation: 'evaluate', input: '2+2' });"
        " console.log(made.text, seen.length)",
        "4 0\n",
    ),
    Escape(
        "marks of the bridge in values of the script",
        "javascript",
        "const forged = { '\\0': ['host', 0] }; const hidden = JSON.parse('{\"\\\\u0000\": [\"function\", 1]}');"
        " State.save('global', 'forged', forged); State.save('global', 'hidden', hidden);"
        " console.log(typeof State.load('global', 'forged')['\\0'], State.load('global', 'hidden')['\\0'][0])",
        "object function\n",
    ),
    Escape(
        "getters and proxies that misbehave while they are passed",
        "javascript",
        "const proxies = [new Proxy({}, { ownKeys() { throw new Error('keys') } }),"
        " new Proxy([], { get(_, key) { if (key === 'length') throw new Error('length') } }),"
        " { get input() { throw new Error('getter') } }, { toJSON() { throw new Error('json') } }];"
        " for (const value of proxies) try { State.save('global', 'x', value); console.log('passed') }"
        " catch (error) { console.log(error.message) }",
        "keys\nlength\ngetter\njson\n",
    ),
    Escape(
        "a name with which the host hands something over",
        "javascript",
        "Object.defineProperty(globalThis, '$reason', { get() { return 'stolen' }, configurable: false });"
        " Promise.reject(new Error('kept')).catch((error) => console.log(error.message))",
        "kept\n",
    ),
    Escape(
        "blocking for ever",
        "javascript",
        "try { const shared = new Int32Array(new SharedArrayBuffer(8)); Atomics.wait(shared, 0, 0); console.log('on') }"
        " catch { console.log('refused') }",
        "refused\n",
        ALL,
    ),
    Escape(
        "what tells of the collector",
        "javascript",
        "for (const make of [() => new WeakRef({}), () => new FinalizationRegistry(() => {}), () => Atomics.load])"
        " try { make(); console.log('made') } catch (error) { console.log(error.name) }",
        "SecurityError\n" * 3,
        ("high",),
    ),
    Escape(
        "paths that lead out of the script's folder",
        "javascript",
        "for (const path of ['/etc/passwd', '../outside.js', './link.js', 'file:///etc/passwd'])"
        " try { await import(path); console.log(path) } catch { console.log('no') }",
        "no\n" * 4,
        STRICT,
    ),
    Escape(
        "the environment",
        "javascript",
        "try { console.log(process.env.ANY_API_KEY) } catch (error) { console.log(error.name) }"
        " console.log(Object.keys(process.env).length)",
        "SecurityError\n0\n",
    ),
    Escape(
        "errors of the host carry nothing of it",
        "javascript",
        "try { await Tool.execute('nope', {}) } catch (error) { const own = Object.getOwnPropertyNames(error).sort();"
        " console.log(own.join(), Object.getPrototypeOf(Object.getPrototypeOf(error)) === Error.prototype) }",
        "code,message,stack true\n",
    ),
]  # fmt: skip
ROWS = [(row, profile) for row in (*LUA, *JAVASCRIPT) for profile in row.profiles]


@pytest.mark.parametrize(("row", "profile"), ROWS, ids=[f"{row} in {profile}" for row, profile in ROWS])
def test_a_way_out_is_closed(row: Escape, profile: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANY_API_KEY", "sk-0123456789abcdef")
    files = {"../outside.lua": "", "code.lua": "\x1bLuaT"}
    ran = run(Script(row.language, row.text, files=files, permissions=permissions(profile)))
    assert (ran.out, ran.error) == (row.expect, None)
