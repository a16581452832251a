"""What a program can do with the language alone: printing, input, arguments, leaving."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from llmspell_engine.language import LANGUAGES, Language
from support.runtime import Script, check_out, run


@dataclass(frozen=True)
class Case:
    name: str
    lua: str
    javascript: str
    out: str
    around: dict[str, Any] = field(default_factory=dict)

    def text(self, language: Language) -> str:
        return self.lua if language == "lua" else self.javascript


CASES = [
    Case(
        "prints",
        'print("a", 1, 1.5, nil, true)',
        'console.log("a\\t1\\t1.5\\tnil\\ttrue")',
        "a\t1\t1.5\tnil\ttrue\n",
    ),
    Case("prints what is not ASCII", 'print("häß 😀")', 'console.log("häß 😀")', "häß 😀\n"),
    Case("prints NUL", 'print("a\\0b")', 'console.log("a\\0b")', "a\0b\n"),
    Case(
        "writes without a line end",
        'io.write("a", 1, "\\n"); io.stdout:write("b"):write("c\\n")',
        'process.stdout.write("a1\\n"); process.stdout.write("bc\\n")',
        "a1\nbc\n",
    ),
    Case(
        "reads lines",
        'print(io.read(), io.read("l"), io.read())',
        "const read = () => process.stdin.readLine() ?? 'nil';\n"
        "console.log(`${read()}\\t${read()}\\t${read()}`)",
        "one\ttwo\tnil\n",
        {"input": "one\ntwo\n"},
    ),
    Case(
        "reads everything",
        'io.write(io.read("a"))',
        "process.stdout.write(process.stdin.read())",
        "one\ntwo",
        {"input": "one\ntwo"},
    ),
    Case(
        "finds its arguments",
        "print(ARGS[1], ARGS[2], ARGS.depth, ARGS.verbose, ARGS.key, #arg)",
        "const given = [ARGS[0], ARGS[1], ARGS.depth, ARGS.verbose, ARGS.key, process.argv.length - 2];\n"
        'console.log(given.join("\\t"))',
        "one\t--depth\t3\ttrue\tvalue\t4\n",
        {"arguments": ["one", "--depth", "3", "--verbose"], "parameters": {"key": "value"}},
    ),
    Case(
        "counts its arguments",
        "print(#ARGS, table.concat(ARGS, '+'))",
        "console.log(`${ARGS.length}\\t${ARGS.map((word) => word).join('+')}`)",
        "3\ta+--length=9+--7\n",
        {"arguments": ["a", "--length=9", "--7"]},
    ),
    Case(
        "runs after a shebang", "#!/usr/bin/env lua\nprint(1)", "#!/usr/bin/env node\nconsole.log(1)", "1\n"
    ),
    Case("is empty", "", "", ""),
    Case(
        "has a clock",
        "print(os.time() > 1e9, type(os.clock()), type(os.date()), os.difftime(2, 1))",
        "console.log(`${Date.now() > 1e9}\\tnumber\\tstring\\t${(2 - 1).toFixed(1)}`)",
        "true\tnumber\tstring\t1.0\n",
    ),
    Case(
        "catches an error and goes on",
        'print(pcall(error, "x")); print("on")',
        'try { throw "x" } catch (e) { console.log(`false\\t${e}`) } console.log("on")',
        "false\tx\non\n",
    ),
]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_program(case: Case, language: Language) -> None:
    check_out(language, case.text(language), case.out, **case.around)


EXITS = [
    ("os.exit()", "process.exit()", 0),
    ("os.exit(true)", "process.exit(0)", 0),
    ("os.exit(false)", "process.exit(1)", 1),
    ("os.exit(7)", "process.exit(7)", 7),
    (
        "while true do pcall(function() os.exit(3) end) end",
        "while (true) try { process.exit(3) } catch {}",
        3,
    ),
    (
        "coroutine.wrap(function() pcall(os.exit, 4) end)() print('on')",
        "await Promise.resolve().then(() => process.exit(4)); console.log('on')",
        4,
    ),
    (
        "xpcall(os.exit, function() print('handled') end, 5)",
        "try { process.exit(5) } finally { console.log('handled') }",
        5,
    ),
    (
        "local co = coroutine.create(os.exit); coroutine.resume(co, 6) print('on')",
        "(async () => { try { process.exit(6) } catch { console.log('on') } })()",
        6,
    ),
]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("lua", "javascript", "code"), EXITS)
def test_leaving_cannot_be_caught(lua: str, javascript: str, code: int, language: Language) -> None:
    ran = run(Script(language, lua if language == "lua" else javascript))
    assert (ran.exit, ran.out, ran.error) == (code, "", None)


CLOSED = [
    ("lua", "python"),
    ("lua", "package.cpath"),
    ("javascript", "globalThis.$host"),
    ("javascript", "globalThis.$llmspell"),
    ("javascript", "globalThis.std"),
    ("javascript", "globalThis.os"),
]


@pytest.mark.parametrize(("language", "expression"), CLOSED)
def test_what_a_script_does_not_get(language: Language, expression: str) -> None:
    if language == "lua":
        check_out(language, f"print(({expression}))", "nil\n")
    else:
        check_out(language, f"console.log({expression})", "undefined\n")


def test_no_name_of_the_host_is_left_in_the_javascript_globals() -> None:
    text = "console.log(Object.getOwnPropertyNames(globalThis).filter((name) => name.includes('$')).length)"
    check_out("javascript", text, "0\n")


SHOWN = [
    ("[1, 'a', [2]]", "[ 1, 'a', [ 2 ] ]"),
    ("({})", "{}"),
    (
        "new Array(60).fill(7)",
        "[\n"
        + ("  " + "7, " * 24).rstrip()
        + "\n"
        + ("  " + "7, " * 24).rstrip()
        + "\n"
        + "  "
        + ", ".join("7" * 12)
        + "\n]",
    ),
    ("[]", "[]"),
    ("({ a: 1, 'b-c': 'x' })", "{ a: 1, 'b-c': 'x' }"),
    ("({ a: { b: { c: { d: 1 } } } })", "{ a: { b: { c: [Object] } } }"),
    ("(() => { const o = {}; o.self = o; return o })()", "{ self: [Circular] }"),
    ("new Map([['k', 1]])", "Map(1) { 'k' => 1 }"),
    ("new Set([1])", "Set(1) { 1 }"),
    ("Symbol('s')", "Symbol(s)"),
    ("12n", "12n"),
    ("[-0, NaN]", "[ -0, NaN ]"),
    ("/a+/g", "/a+/g"),
    ("(function f() {})", "[Function: f]"),
    ("class A {}", "[class A]"),
    ("new (class Point { x = 1 })()", "Point { x: 1 }"),
    ("({ get a() { throw new Error('ran') } })", "{ a: [Getter] }"),
    ("new Uint8Array([1, 2])", "Uint8Array(2) [ 1, 2 ]"),
    ("[undefined, null]", "[ undefined, null ]"),
    ("Object.create(null)", "[Object: null prototype] {}"),
    ("new Date(0)", "1970-01-01T00:00:00.000Z"),
    ("['%s', 1]", "[ '%s', 1 ]"),
    ("'%s and %d%%', 'x', 3", "x and 3%"),
    ('["it\'s"]', '[ "it\'s" ]'),
]


@pytest.mark.parametrize(("expression", "shown"), SHOWN)
def test_how_the_console_shows_values(expression: str, shown: str) -> None:
    check_out("javascript", f"console.log({expression})", f"{shown}\n")


def test_the_console_shows_arguments_by_number_and_by_name() -> None:
    around = {"arguments": ["a", "b"], "parameters": {"map": "drawn"}}
    check_out("javascript", "console.log(ARGS)", "[ 'a', 'b', map: 'drawn' ]\n", **around)


def test_lua_warnings_are_off_until_they_are_asked_for() -> None:
    ran = run(Script("lua", "warn('a') warn('@on') warn('b', 'c') warn('@off') warn('d')"))
    assert (ran.err, ran.error) == ("Lua warning: bc\n", None)


def test_warnings_and_errors_go_to_standard_error() -> None:
    lua = run(Script("lua", 'io.stderr:write("a\\n") print("b")'))
    javascript = run(Script("javascript", 'console.error("a"); console.log("b")'))
    assert [(ran.out, ran.err) for ran in (lua, javascript)] == [("b\n", "a\n")] * 2


READ_BY_LUA = [
    ("numbers and counts", '"n", "n", "n", 2, 0', "1 2.5 0x10 xy\n", "1\t2.5\t16\t x\t\n"),
    ("bytes are counted", "1, 2, 'a'", "ä\nö", "\\c3\t\\a4\\0a\t\\c3\\b6\n"),
    ("a count over lines", "4, 1, 1", "ä\nö", "\\c3\\a4\\0a\\c3\t\\b6\tnil\n"),
    ("more than there is, and nothing of it", "9, 0, 1", "ä", "\\c3\\a4\tnil\n"),
    ("a line after a part of a character", "1, 'L', 'l'", "ä\nö", "\\c3\t\\a4\\0a\t\\c3\\b6\n"),
    ("the largest number", "'n'", str(2**63 - 1), f"{2**63 - 1}\n"),
    ("the least number", "'n'", str(-(2**63)), f"{-(2**63)}\n"),
    ("one more", "'n'", str(2**63), "9.2233720368548e+18\n"),
    ("as many digits as Python does not read", "'n'", "9" * 5000, "inf\n"),
    ("base 16 wraps around", "'n', 'n'", "0xffffffffffffffff -0x2", "-1\t-2\n"),
]
SHOWN = """
local read = table.pack(io.read(%s))
for i = 1, read.n do
  read[i] = tostring(read[i]):gsub("[\\n\\128-\\255]", function(c) return ("\\\\%%02x"):format(c:byte()) end)
end
print(table.concat(read, "\\t"))
"""


@pytest.mark.parametrize(
    ("forms", "given", "out"), [row[1:] for row in READ_BY_LUA], ids=[row[0] for row in READ_BY_LUA]
)
def test_what_lua_reads_of_the_input(forms: str, given: str, out: str) -> None:
    check_out("lua", SHOWN % forms, out, input=given)


def test_lines_are_read_in_a_loop() -> None:
    check_out("lua", 'for line in io.lines() do io.write(line, ";") end', "a;b;", input="a\nb")
