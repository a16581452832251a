"""What a stopped Lua script shows, and how it is changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from llmspell_engine.debug.model import DebuggeeError
from support.debugging import Session, stopped_at, write

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

SCRIPT = """\
captured = "global"
local up = { n = 1 }
local noisy = setmetatable({ own = 1 }, {
  __index = function() error("index ran") end,
  __newindex = function() error("newindex ran") end,
  __len = function() error("len ran") end,
  __tostring = function() error("tostring ran") end,
  __pairs = function() error("pairs ran") end,
})
local heir = setmetatable({}, { __index = { given = "inherited" } })
local ran = 0
local function call() ran = ran + 1 return ran end
local big = {}
for i = 1, 100000 do big[i] = i end
local function show(first, ...)
  local x = 1
  local x = "inner"
  local long = string.rep("a", 1000000)
  local bytes = "\\0\\1\\xff\\n"
  local text = 'say "é"'
  local mixed = { 10, 20, 30, name = "n", [true] = 1, ["two words"] = 2, [1.5] = 3 }
  local cycle = {}
  cycle.self = cycle
  local float, hex, no, empty = 1.0, 255, nil, {}
  up.n = up.n + 1
  return first
end
show("first", "second", nil, "fourth")
print(ran, up.n, captured)
"""
STOP = 1 + SCRIPT.split("\n").index("  return first")


@pytest.fixture
async def session(tmp_path: Path) -> AsyncIterator[Session]:
    async with stopped_at(write(tmp_path, "lua", SCRIPT), STOP) as stopped:
        yield stopped


async def test_locals(session: Session) -> None:
    shown = await session.shown()
    assert list(shown) == [
        *("first", "x (shadowed)", "x", "long", "bytes", "text", "mixed", "cycle"),
        *("float", "hex", "no", "empty", "(vararg 1)", "(vararg 2)", "(vararg 3)"),
    ]
    expected = {
        "first": '"first"',
        "x (shadowed)": "1",
        "x": '"inner"',
        "bytes": r'"\0\x01\xff\n"',
        "text": r'"say \"é\""',
        "cycle": "{self = {…}}",
        "float": "1.0",
        "no": "nil",
        "empty": "{}",
        "(vararg 1)": '"second"',
        "(vararg 2)": "nil",
    }
    assert {name: shown[name] for name in expected} == expected
    assert shown["mixed"].startswith("{10, 20, 30, ")


async def test_closure_and_globals(session: Session) -> None:
    assert list(await session.shown("closure")) == ["up"]
    shown = await session.shown("globals")
    assert shown["captured"] == '"global"'
    assert list(shown)[-2:] == ["(llmspell API)", "(standard library)"]
    assert "print" not in shown
    standard = (await session.scope("globals"))["(standard library)"]
    names = [each.name for each in await session.debuggee.variables(standard.reference)]
    assert {"print", "string", "pcall"} <= set(names)


async def test_a_main_chunks_locals_are_readable_from_a_call(session: Session) -> None:
    assert (await session.shown(frame=1))["ran"] == "0"
    assert await session.evaluate("captured .. up.n", frame=1) == '"global2"'


async def test_a_table_shows_its_sequence_then_its_names(session: Session) -> None:
    mixed = (await session.scope())["mixed"]
    assert (mixed.indexed, mixed.named) == (3, 4)
    parts = await session.debuggee.variables(mixed.reference)
    assert [(each.name, each.value, each.evaluate_name) for each in parts] == [
        ("[1]", "10", "mixed[1]"),
        ("[2]", "20", "mixed[2]"),
        ("[3]", "30", "mixed[3]"),
        ("name", '"n"', "mixed.name"),
        ('["two words"]', "2", 'mixed["two words"]'),
        ("[1.5]", "3", "mixed[1.5]"),
        ("[true]", "1", "mixed[true]"),
    ]
    for part in parts:
        assert await session.evaluate(part.evaluate_name or "") == part.value


async def test_large_tables_are_paged(session: Session) -> None:
    big = (await session.scope(frame=1))["big"]
    assert (big.indexed, big.named) == (100_000, 0)
    page = await session.debuggee.variables(big.reference, "indexed", 99_990, 100)
    assert [each.name for each in page] == [f"[{index}]" for index in range(99_991, 100_001)]
    assert await session.debuggee.variables(big.reference, "indexed", 200_000, 10) == ()
    assert await session.debuggee.variables(big.reference, "named") == ()


async def test_long_strings_are_cut_in_views_only(session: Session) -> None:
    shown = (await session.shown())["long"]
    assert len(shown) < 1100
    assert shown.endswith("… (1000000 bytes)")
    assert await session.evaluate("long", "clipboard") == "a" * 1_000_000
    assert await session.evaluate("long", "repl") == f'"{"a" * 1_000_000}"'


async def test_a_clipboard_gets_tables_whole(session: Session) -> None:
    assert await session.evaluate("cycle", "clipboard") == "{\n  self = {…}\n}"
    assert await session.evaluate("{ 1, { a = 'b' } }", "clipboard") == '{\n  1,\n  {\n    a = "b"\n  }\n}'


async def test_opening_a_table_runs_no_metamethod(session: Session) -> None:
    noisy = (await session.scope(frame=1))["noisy"]
    parts = {each.name: each for each in await session.debuggee.variables(noisy.reference)}
    assert list(parts) == ["own", "(metatable)"]
    assert parts["(metatable)"].reference


async def test_numbers_in_hex(session: Session) -> None:
    frame = (await session.frames())[0]
    scope = (await session.debuggee.scopes(frame.id))[0]
    shown = {
        each.name: each.value for each in await session.debuggee.variables(scope.reference, hex_numbers=True)
    }
    assert (shown["hex"], shown["float"]) == ("0xff", "1.0")
    assert (await session.debuggee.evaluate("hex + 1", frame.id, "watch", hex_numbers=True)).value == "0x100"


EVALUATED = {
    "1 + 1": "2",
    "first": '"first"',
    "x": '"inner"',
    "captured": '"global"',
    "select('#', ...)": "3",
    "up.n": "2",
    "nothing_at_all": "nil",
    "#mixed": "3",
    "(function() return x end)()": '"inner"',
}


@pytest.mark.parametrize("expression", EVALUATED)
async def test_expressions(session: Session, expression: str) -> None:
    assert await session.evaluate(expression) == EVALUATED[expression]


async def test_the_console_takes_statements_and_gives_all_values(session: Session) -> None:
    assert await session.evaluate("1, 'two', nil", "repl") == '1, "two", nil'
    assert await session.evaluate("x = 'changed'", "repl") == ""
    assert await session.evaluate("x", "repl") == '"changed"'
    assert await session.evaluate("for i = 1, 2 do up.n = i end", "repl") == ""
    assert await session.evaluate("up.n") == "2"
    assert await session.evaluate("made = 5", "repl") == ""
    assert (await session.shown("globals"))["made"] == "5"


FAILING = {
    "1 +": "unexpected symbol",
    "first.x.y": "attempt to index a nil value",
    "error('mine', 0)": "mine",
    "error({})": "{}",
}


@pytest.mark.parametrize("expression", FAILING)
async def test_a_failing_expression_gives_its_message(session: Session, expression: str) -> None:
    with pytest.raises(DebuggeeError) as failure:
        await session.evaluate(expression)
    assert FAILING[expression] in str(failure.value)
    assert "(debugger)" not in str(failure.value)


HOVERED = {
    "x": '"inner"',
    "mixed.name": '"n"',
    "mixed[1 + 1]": "20",
    "up.n == 2 and 'yes' or 'no'": '"yes"',
    "-hex": "-255",
    "#text": "8",
    "'a' .. 1": '"a1"',
    "not no": "true",
    "1 < 2": "true",
}


@pytest.mark.parametrize("expression", HOVERED)
async def test_hovering_reads(session: Session, expression: str) -> None:
    assert await session.evaluate(expression, "hover") == HOVERED[expression]


@pytest.mark.parametrize(
    "expression", ["call()", "x = 1", "noisy.missing", "#noisy", "noisy + 1", "show 'x'", "function() end"]
)
async def test_hovering_runs_nothing(session: Session, expression: str) -> None:
    with pytest.raises(DebuggeeError):
        await session.evaluate(expression, "hover", frame=1)
    assert await session.evaluate("ran", frame=1) == "0"


async def test_hovering_follows_tables_of_metatables(session: Session) -> None:
    assert await session.evaluate("heir.given", "hover", frame=1) == '"inherited"'


@pytest.mark.parametrize(
    ("scope", "name", "frame"),
    [
        ("locals", "first", 0),
        ("locals", "x (shadowed)", 0),
        ("locals", "(vararg 1)", 0),
        ("closure", "up", 0),
        ("globals", "captured", 0),
        ("locals", "ran", 1),
    ],
)
async def test_variables_are_changed(session: Session, scope: str, name: str, frame: int) -> None:
    frames = await session.frames()
    scopes = await session.debuggee.scopes(frames[frame].id)
    reference = next(each.reference for each in scopes if each.kind == scope)
    changed = await session.debuggee.set_variable(reference, name, "'new' .. 1")
    assert (changed.name, changed.value) == (name, '"new1"')
    assert (await session.shown(scope, frame))[name] == '"new1"'


@pytest.mark.parametrize(
    ("name", "expression"), [("[2]", "mixed[2]"), ("name", "mixed.name"), ("[true]", "mixed[true]")]
)
async def test_fields_are_changed(session: Session, name: str, expression: str) -> None:
    mixed = (await session.scope())["mixed"]
    await session.debuggee.set_variable(mixed.reference, name, "hex + 1")
    assert await session.evaluate(expression) == "256"


async def test_a_change_that_fails_changes_nothing(session: Session) -> None:
    frame = (await session.frames())[0]
    reference = (await session.debuggee.scopes(frame.id))[0].reference
    for name, expression in (("first", "1 +"), ("missing", "1"), ("first", "error('no')")):
        with pytest.raises(DebuggeeError):
            await session.debuggee.set_variable(reference, name, expression)
    assert (await session.shown())["first"] == '"first"'


async def test_changes_reach_the_script(session: Session) -> None:
    await session.evaluate("up.n = 77; captured = 'changed'", "repl")
    await session.go()
    await session.ends()
    assert session.output == "0\t77\tchanged\n"


@pytest.mark.parametrize("text", ["while true do end", "while true do pcall(error) end"])
async def test_an_endless_evaluation_is_ended(session: Session, text: str) -> None:
    with pytest.raises(DebuggeeError, match="took longer"):
        await session.evaluate(text, "repl")
    assert await session.evaluate("first") == '"first"'
    await session.go()
    await session.ends()
