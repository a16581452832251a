"""A Lua script under the debugger does what it does without: same output, errors and tracebacks.

Each snippet runs twice in this process, without an observer and under a core whose every probe is
armed or off; the core never stops.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from llmspell_engine.debug import lua_bytecode
from llmspell_engine.debug.core import Debugger
from llmspell_engine.debug.lua import LuaBackend
from llmspell_engine.runtime.base import RunContext, ScriptError, ScriptExit, Streams
from llmspell_engine.runtime.create import create

EXAMPLES = Path(__file__).parents[3] / "examples" / "lua"

_CHANGING = re.compile(r"0x[0-9a-f]+|\d{4}-\d\d-\d\dT[\d:.]+Z|(?<=duration_ms=)[\d.]+")

SNIPPETS = {
    "traceback": """
local function inner() print(debug.traceback("here", 1)) end
local function outer() inner() end
outer()
local co = coroutine.create(function() local x = 1; coroutine.yield(x) end)
coroutine.resume(co)
print(debug.traceback(co))
""",
    "error levels": """
local function fail(level) error("deep", level) end
local function middle(level) fail(level) end
for level = 0, 3 do print(pcall(middle, level)) end
""",
    "error positions": """
local t
print(pcall(function() return t.x end))
print(pcall(function() local a = 1; return a.b.c end))
print(pcall(function() return nowhere() end))
print(pcall(function() return ("x") + 1 end))
print(pcall(function() return {} < {} end))
print(pcall(function() t = {}; t.f() end))
print(pcall(function() t:m() end))
print(select(2, pcall(error)))
""",
    "assert and select": """
print(pcall(assert, false, "said"), pcall(assert, nil))
print(pcall(select, 0))
print(pcall(string.rep))
print(pcall())
""",
    "xpcall handlers": """
print(xpcall(function() error("a") end, function(e) return "handled " .. e end))
print(xpcall(function() error("a") end, debug.traceback))
print(xpcall(function(...) return ... end, print, 1, 2, 3))
print(pcall(xpcall))
""",
    "goto and labels": """
for i = 1, 3 do
  for j = 1, 3 do
    if j == 2 then goto continue end
    print(i, j)
    ::continue::
  end
end
do goto done; local x ::done:: end
local i = 1
::top:: if i < 3 then i = i + 1 goto top end
print(i)
repeat
  local stop = i > 5
  i = i + 1
  if i == 4 then goto next end
  ::next::
until stop
print(i)
""",
    "attributes": """
local log = {}
do
  local a <close> = setmetatable({}, { __close = function() log[#log + 1] = "a" end })
  local b <const> = 5
  local c <close> = setmetatable({}, { __close = function() log[#log + 1] = "c" end })
  log[#log + 1] = b
end
print(table.concat(log, ","))
print(pcall(function()
  local d <close> = setmetatable({}, { __close = function(_, e) print("closing", e) end })
  error("inside")
end))
""",
    "parentheses": """
local f = function(x) print("f", x) return f end
local g = f
(f or g)(1)
;(g)(2)
local s = "text"
;(s):upper()
print((f(3)))
""",
    "returns": """
local function many(...) return ... end
local function none() return end
local function tail(n) if n == 0 then return "end" end return tail(n - 1) end
print(many(1, nil, 3), none(), tail(100000))
do return print("last") end
""",
    "varargs": """
local function f(...)
  local a, b = ...
  local t = { ... }
  return select("#", ...), #t, a, b
end
print(f(1, 2, 3), (f()))
print(...)
""",
    "coroutines": """
local gen = coroutine.wrap(function(a)
  while true do a = coroutine.yield(a * 2) end
end)
print(gen(1), gen(2), gen(3))
local co = coroutine.create(function() error({ code = 1 }) end)
local ok, e = coroutine.resume(co)
print(ok, type(e), e.code, coroutine.status(co), coroutine.resume(co))
print(pcall(coroutine.wrap(function() error("w") end)))
print(coroutine.isyieldable(), select(2, coroutine.running()))
local inside = coroutine.wrap(function() return pcall(function() return coroutine.yield(1) + 1 end) end)
print(inside(), inside(41))
print(coroutine.close(coroutine.create(print)))
""",
    "identity of errors": """
local e = setmetatable({}, { __tostring = function() return "mine" end })
local ok, got = pcall(error, e)
print(ok, rawequal(e, got), tostring(got))
print(select(2, pcall(error, nil)), select(2, pcall(error, 42)))
""",
    "stack overflow": """
local function f() return 1 + f() end
local ok, e = pcall(f)
print(ok, e:match("stack overflow"))
local function deep(n) if n == 0 then return 0 end return 1 + deep(n - 1) end
print(deep(10000))
""",
    "functions seen by debug": """
local up = 1
local function f(a, b, ...) local c = up return c end
local info = debug.getinfo(f, "Su")
print(info.what, info.linedefined, info.lastlinedefined, info.nups, info.nparams, info.isvararg)
print(debug.getinfo(1, "S").what, debug.getinfo(1, "l").currentline)
""",
    "load": """
print(load("return 1 + 1")())
print(load("x ="))
print(load("error('inside')", "=named"))
print(pcall(load("error('inside')", "=named")))
print(pcall(load("error('inside')")))
print(load(function() return nil end))
local env = { y = 5 }
print(load("y = y + 1 return y", "chunk", "t", env)(), env.y)
""",
    "metamethods": """
local t = setmetatable({}, {
  __index = function(_, k) return k .. "!" end,
  __call = function(self, a) return a end,
  __eq = function() return true end,
  __lt = function() return true end,
  __concat = function() return "joined" end,
})
print(t.x, t(7), t == setmetatable({}, getmetatable(t)), t < t, t .. t)
for k, v in pairs(setmetatable({}, { __pairs = function() return next, { a = 1 } end })) do print(k, v) end
""",
    "environments": """
local function f() local _ENV = { print = print } ; x = 5 ; print(x) end
f()
print(x)
local _ENV <const> = { print = print }
y = 1
print(y)
""",
    "an error at the end": """
local function a() error("boom") end
local function b() a() end
b()
""",
    "a table as an error": "error({ code = 5 })\n",
    "nothing as an error": "error()\n",
    "a syntax error": "local x = = 1\n",
    "a label that is not there": "goto nowhere\n",
    "exit": "print('before') os.exit(3)\n",
    "unusual layout": "local a\n=\n1;;;local b=2 print(a\n,b)--[==[ comment\n]==]print[[long\nstring]]",
    "200 locals": "\n".join(f"local v{index} = {index}" for index in range(200)) + "\nprint(v0 + v199)\n",
    "200 locals in a function": (
        "local function f(...)\n"
        + "\n".join(f"local v{index} = {index}" for index in range(200))
        + "\nprint(v0 + v199)\nend\nf()\n"
    ),
    "255 upvalues": (
        "\n".join(f"local v{index} = {index}" for index in range(130))
        + "\nlocal function outer()\n"
        + "\n".join(f"local w{index} = {index}" for index in range(124))
        + "\nreturn function() return "
        + " + ".join([f"v{index}" for index in range(130)][:100])
        + "\n end\nend\nprint(outer()())\n"
    ),
    "many constants": "local t = { " + ", ".join(f"'s{index}'" for index in range(70000)) + " }\nprint(#t)\n",
    "many statements": "local n = 0\n" + "n = n + 1\n" * 70000 + "print(n)\n",
    "a long loop": "local n = 0\nfor i = 1, 2 do\n" + "n = n + 1\n" * 20000 + "end\nprint(n)\n",
}


def outcome(path: Path, text: str, armed: bool | None) -> list[str]:
    """What a script prints and how it ends; ``armed`` None is a plain run."""
    printed: list[str] = []
    observer: Any = None
    if armed is not None:
        core = Debugger(lambda event: None, LuaBackend)
        observer = core.backend
        core.let_go()
        if armed:
            observer.arm_all()
            observer.watch_errors(["all", "uncaught"])
    context = RunContext(Streams(printed.append, printed.append), ("one", "two"), observer=observer)
    runtime = create("lua", context)
    try:
        runtime.run(str(path), text)
    except ScriptExit as leaving:
        printed.append(f"exit {leaving.code}")
    except ScriptError as error:
        printed += [f"{error.kind}: {error}", *map(str, error.frames)]
    finally:
        runtime.close()
    return [_CHANGING.sub("…", line) for line in printed]


@pytest.mark.parametrize("armed", [False, True], ids=["off", "armed"])
@pytest.mark.parametrize("name", SNIPPETS)
def test_a_snippet_does_the_same(tmp_path: Path, name: str, armed: bool) -> None:
    path = tmp_path / "main.lua"
    plain = outcome(path, SNIPPETS[name], None)
    assert plain, "a snippet that shows nothing proves nothing"
    assert outcome(path, SNIPPETS[name], armed) == plain


@pytest.mark.parametrize("armed", [False, True], ids=["off", "armed"])
@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.lua")), ids=lambda path: path.name)
def test_an_example_does_the_same(path: Path, armed: bool) -> None:
    text = path.read_text("utf-8")
    assert outcome(path, text, armed) == outcome(path, text, None)


@pytest.mark.parametrize("armed", [False, True], ids=["off", "armed"])
@pytest.mark.parametrize("name", [name for name in SNIPPETS if len(SNIPPETS[name]) < 2000])
def test_a_snippet_does_the_same_where_functions_cannot_be_changed(
    tmp_path: Path, name: str, armed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lua_bytecode, "is_supported", lambda version: False)
    path = tmp_path / "main.lua"
    assert outcome(path, SNIPPETS[name], armed) == outcome(path, SNIPPETS[name], None)
