"""What a stopped JavaScript script shows: variables, values and their parts, expressions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from llmspell_engine.debug.model import DebuggeeError
from support.debugging import Session, launched, write

if TYPE_CHECKING:
    from pathlib import Path

VALUES = {
    "1": ("1", "number"),
    "-0": ("-0", "number"),
    "2 ** 40": ("1099511627776", "number"),
    "0.1": ("0.1", "number"),
    "12345678901234567890n": ("12345678901234567890n", "bigint"),
    "'a\"b\\n'": ('"a\\"b\\n"', "string"),
    "'nul\\0l'": ('"nul\\u0000l"', "string"),
    "'\\ud800'": ('"�"', "string"),
    "'é😀'": ('"é😀"', "string"),
    "undefined": ("undefined", "undefined"),
    "null": ("null", "null"),
    "Symbol('s')": ("Symbol(s)", "symbol"),
    "[1, 'x', , null]": ('(4) [1, "x", empty, null]', "Array"),
    "[[1], {a: 1}]": ("(2) [Array(1), {…}]", "Array"),
    "({a: 1, 'b c': [], get d() { throw 1 }})": ('{a: 1, "b c": Array(0), d: (...)}', "Object"),
    "new Point(1)": ("Point {x: 1}", "Point"),
    "Object.create(null)": ("[Object: null prototype] {}", "[Object: null prototype]"),
    "new Map([['k', 1]])": ('Map(1) {"k" => 1}', "Map"),
    "new Set([1, 2])": ("Set(2) {1, 2}", "Set"),
    "new Date(0)": ("1970-01-01T00:00:00.000Z", "Date"),
    "/a+/gi": ("/a+/gi", "RegExp"),
    "new TypeError('bad')": ("TypeError: bad", "TypeError"),
    "Promise.resolve(7)": ("Promise {<fulfilled>: 7}", "Promise"),
    "new Promise(() => {})": ("Promise {<pending>}", "Promise"),
    "new Uint8Array([1, 2])": ("Uint8Array(2) [1, 2]", "Uint8Array"),
    "new ArrayBuffer(8)": ("ArrayBuffer(8)", "ArrayBuffer"),
    "new Number(5)": ("Number {5}", "Number"),
    "(a, b) => a": ("ƒ (a, b)", "function"),
    "function named(x) {}": ("ƒ named(x)", "function"),
    "Point": ("class Point", "function"),
    "trap": ("Proxy {…}", "Proxy"),
    "cyclic": ("{self: {…}}", "Object"),
}

SCRIPT = """\
class Point { constructor(x) { this.x = x } get twice() { return this.x * 2 } static of = 1 }
const trap = new Proxy({ a: 1 }, { get() { process.exit(9) }, ownKeys() { process.exit(9) },
  getPrototypeOf() { process.exit(9) }, getOwnPropertyDescriptor() { process.exit(9) } })
const cyclic = {}
cyclic.self = cyclic
let counter = 0
const lazy = { get half() { counter++; return 4 } }
const point = new Point(21), list = Array.from({ length: 1000 }, (_, i) => i), long = 'x'.repeat(5000)
globalThis.shared = 'global'
function outer(a, b) {
  const fixed = a + b
  let kept = fixed
  return (c) => {
    let local = kept + c
    { let local = 'inner', block = true; debugger }
    return local
  }
}
const result = outer(1, 2)(3)
console.log(result, counter, point.x, list.length, shared)
"""


@pytest.fixture
async def session(tmp_path: Path) -> Any:
    async with launched(write(tmp_path, "javascript", SCRIPT)) as started:
        await started.debuggee.start()
        assert (await started.stop()).reason == "debugger_statement"
        yield started


async def test_values_are_shown_and_no_code_of_the_script_runs(session: Session) -> None:
    frames = await session.frames()
    shown = {}
    for expression in VALUES:
        value = await session.debuggee.evaluate(expression, frames[0].id, "watch")
        shown[expression] = (value.value, value.type)
    assert shown == VALUES
    await session.go()
    await session.ends()
    assert session.output == "6 0 21 1000 global\n"


async def test_scopes_hold_what_is_visible(session: Session) -> None:
    assert await session.shown() == {"c": "3", "local": '"inner"', "block": "true"}
    assert await session.shown("closure") == {"kept": "3"}
    module = await session.scope("locals", frame=1)
    assert {"Point", "trap", "counter", "point", "list", "long", "outer"} <= module.keys()
    assert "result" not in module, "its declaration has not run"
    assert (await session.shown("globals"))["shared"] == '"global"'
    assert "Array" not in await session.shown("globals")


async def test_variables_of_every_frame_can_be_changed(session: Session) -> None:
    frames = await session.frames()
    for frame, kind, name, value in [(0, "closure", "kept", "39"), (1, "locals", "counter", "counter + 5")]:
        scopes = await session.debuggee.scopes(frames[frame].id)
        found = next(each for each in scopes if each.kind == kind)
        await session.debuggee.set_variable(found.reference, name, value)
    assert await session.evaluate("kept") == "39"
    assert await session.evaluate("point.x = kept + c", "repl") == "42"
    await session.go()
    await session.ends()
    assert session.output == "6 5 42 1000 global\n"


@pytest.mark.parametrize(
    ("kind", "frame", "name"), [("locals", 1, "point"), ("locals", 1, "result"), ("locals", 0, "nothing")]
)
async def test_what_cannot_be_changed_is_refused(session: Session, kind: str, frame: int, name: str) -> None:
    scopes = await session.debuggee.scopes((await session.frames())[frame].id)
    found = next(each for each in scopes if each.kind == kind)
    with pytest.raises(DebuggeeError):
        await session.debuggee.set_variable(found.reference, name, "1")


EXPRESSIONS = {
    "local + c": ('"inner3"', "watch"),
    "kept += 1": ("4", "watch"),
    "[a => a + kept][0](1)": ("5", "watch"),
    "typeof nowhere": ('"undefined"', "watch"),
    "let q = 5; q * c": ("15", "repl"),
    "if (block) { 'yes' }": ('"yes"', "repl"),
    "point.twice": ("42", "watch"),
    "eval('local + block')": ('"innertrue"', "watch"),
    "long.length": ("5000", "watch"),
    "point['x']": ("21", "hover"),
    "list[3]": ("3", "hover"),
    "shared": ('"global"', "hover"),
    "this": ("undefined", "hover"),
}
REFUSED = {
    "nowhere": ("not defined", "watch"),
    "fixed = 1": ("not defined", "watch"),
    "point = 1": ("read-only", "watch"),
    "result": ("not initialized", "watch"),
    "1 +": ("SyntaxError", "watch"),
    "await 1": ("await does not work", "watch"),
    "let p = await 1; p": ("await does not work", "repl"),
    "null.x": ("TypeError", "watch"),
    "(() => { throw 'own' })()": ('"own"', "watch"),
    "outer(1)": ("may run code", "hover"),
    "counter++": ("may run code", "hover"),
    "point.twice": ("getter", "hover"),
    "trap.a": ("Proxy", "hover"),
}


async def test_expressions(session: Session) -> None:
    for expression, (value, context) in EXPRESSIONS.items():
        assert await session.evaluate(expression, context) == value, expression


async def test_expressions_that_fail_say_why(session: Session) -> None:
    for expression, (message, context) in REFUSED.items():
        with pytest.raises(DebuggeeError, match=message):
            await session.evaluate(expression, context)


async def test_arrays_are_paged(session: Session) -> None:
    frames = await session.frames()
    value = await session.debuggee.evaluate("list", frames[0].id, "watch")
    assert value.indexed == 1000
    part = await session.debuggee.variables(value.reference, "indexed", 500, 3)
    assert [(each.name, each.value, each.evaluate_name) for each in part] == [
        (str(index), str(index), f"list[{index}]") for index in (500, 501, 502)
    ]
    named = await session.debuggee.variables(value.reference, "named")
    assert [each.name for each in named] == ["length", "[[Prototype]]"]
    assert await session.debuggee.variables(value.reference, "indexed", 5000, 10) == ()


async def test_parts_of_objects(session: Session) -> None:
    assert await parts(session, "point") == {"x": "21", "[[Prototype]]": "{}"}
    prototype = await parts(session, "Object.getPrototypeOf(point)")
    assert prototype["twice"] == "(...)"
    entries = await parts(session, "new Map([['k', point]])")
    assert (entries["0"], entries["size"]) == ('"k" => Point', "1")
    settled = await parts(session, "Promise.resolve(4)")
    assert (settled["[[PromiseState]]"], settled["[[PromiseResult]]"]) == ('"fulfilled"', "4")
    assert list(await parts(session, "trap")) == ["[[Target]]", "[[Handler]]"]
    assert (await parts(session, "new TypeError('bad')"))["message"] == '"bad"'


async def test_a_getter_runs_when_it_is_asked_for(session: Session) -> None:
    frames = await session.frames()
    value = await session.debuggee.evaluate("lazy", frames[0].id, "watch")
    (half, _) = await session.debuggee.variables(value.reference)
    assert (half.name, half.value, half.lazy) == ("half", "(...)", True)
    assert await session.evaluate("counter") == "0"
    (result,) = await session.debuggee.variables(half.reference)
    assert result.value == "4"
    assert await session.evaluate("counter") == "1"


async def test_long_strings_are_shortened_and_whole_where_they_are_copied(session: Session) -> None:
    assert len(await session.evaluate("long")) < 1100
    assert await session.evaluate("long", "clipboard") == "x" * 5000


async def test_numbers_can_be_hexadecimal(session: Session) -> None:
    top = (await session.frames())[0]
    value = await session.debuggee.evaluate("[255, -16, 1.5, 10n]", top.id, "watch", hex_numbers=True)
    assert value.value == "(4) [0xff, -0x10, 1.5, 0xan]"


async def test_async_callers_stand_on_the_stack_with_their_variables(tmp_path: Path) -> None:
    text = (
        "async function inner(x) { await null; debugger; return x }\n"
        "async function outer(y) { const z = y + 1; return await inner(z) }\n"
        "console.log(await outer(1))\n"
    )
    async with launched(write(tmp_path, "javascript", text)) as session:
        await session.debuggee.start()
        await session.stop()
        assert [frame.name for frame in await session.frames()] == ["inner", "async outer", "async (module)"]
        assert await session.shown("locals", 1) == {"y": "1", "z": "2"}
        assert await session.evaluate("z + y", frame=1) == "3"


@pytest.mark.parametrize(
    "text", ["(() => { for (;;); })()", "(() => { for (;;) try { for (;;); } catch {} })()"]
)
async def test_an_endless_evaluation_is_ended(tmp_path: Path, text: str) -> None:
    async with launched(write(tmp_path, "javascript", "let n = 1;\ndebugger;\nconsole.log(n);\n")) as session:
        await session.debuggee.start()
        await session.stop()
        with pytest.raises(DebuggeeError, match="took longer"):
            await session.evaluate(text)
        assert await session.evaluate("n += 1") == "2"
        await session.go()
        await session.ends()
        assert session.output == "2\n"


async def parts(session: Session, expression: str) -> dict[str, str]:
    """The parts of an expression's value, by name."""
    frames = await session.frames()
    value = await session.debuggee.evaluate(expression, frames[0].id, "watch")
    return {each.name: each.value for each in await session.debuggee.variables(value.reference)}


SHADOWED = """\
function defaults(a, b = a + 1, ...r) {
  a = 5 //= a: 1, b: 2
  { let a = 'x', r = 3
    b++ //= a: "x", b: 2, r: 3
  }
  { const a = 'y'
    b++ //= a: "y", b: 3
  }
  return a //= a: 5, b: 4
}
defaults(1)
function patterns({ a, q: [c] } = { a: 3, q: [4] }, b = 2, ...[d]) {
  a = 9; c = 8; d = 7
  { let c = 'x', d = 6
    b++ //= a: 9, b: 2, c: "x", d: 6
  }
  return a //= a: 9, b: 3, c: 8, d: 7
}
patterns(undefined, undefined, 1)
function later() {
  { let a = 1
    { let a = 2
      a++ //= a: 2
    }
    a++ //= a: 1
  }
  let a = 3
  for (let a of ['each']) {
    a += '!' //= a: "each"
  }
  return a //= a: 3
}
later()
function twice() {
  var own = 1
  function own() {}
  { let own = 2
    own++ //= own: 2
  }
  return own //= own: 1
}
twice()
"""


async def test_the_innermost_variable_of_a_name_is_shown(tmp_path: Path) -> None:
    expected = {
        number: dict(part.split(": ") for part in text.split("//= ")[1].split(", "))
        for number, text in enumerate(SHADOWED.split("\n"), 1)
        if "//=" in text
    }
    async with launched(write(tmp_path, "javascript", SHADOWED)) as session:
        await session.break_at(*expected)
        await session.debuggee.start()
        for line, variables in expected.items():
            await session.stop()
            shown = await session.shown()
            assert (await session.line(), {name: shown[name] for name in variables}) == (line, variables)
            for name, value in variables.items():
                assert await session.evaluate(name) == value
            await session.go()
        await session.ends()


async def test_parts_of_a_revoked_proxy(tmp_path: Path) -> None:
    program = "const { proxy, revoke } = Proxy.revocable({}, {})\nrevoke()\nconsole.log('end')\n"
    async with launched(write(tmp_path, "javascript", program)) as session:
        await session.break_at(3)
        await session.debuggee.start()
        await session.stop()
        frames = await session.frames()
        found = await session.debuggee.evaluate("proxy", frames[0].id, "watch")
        parts = await session.debuggee.variables(found.reference)
        assert [(each.name, each.value) for each in parts] == [
            ("[[Target]]", "null"),
            ("[[Handler]]", "null"),
        ]
