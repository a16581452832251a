"""What rules are given: names with their uses, calls, members, option tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.analysis import opened, path_of, semantics_of

if TYPE_CHECKING:
    from llmspell_engine.language import Language


def names(source: str, language: Language) -> list[str]:
    """Each declaration as ``kind name/reads/writes``, implicit ones left out."""
    found = []
    for made in semantics_of(source, language).declarations:
        writes = sum(one.kind == "write" for one in made.references)
        if not made.is_implicit:
            found.append(f"{made.kind} {made.name}/{len(made.reads)}/{writes}")
    return found


def undeclared(source: str, language: Language) -> list[str]:
    """The names that the script uses and does not make."""
    references = semantics_of(source, language).references
    return [one.name for one in references if one.declaration is None]


@pytest.mark.parametrize(
    ("source", "expect"),
    [
        ("local a, b = 1, 2\nprint(a)", ["local a/1/0", "local b/0/0"]),
        ("local a = 1\na = 2", ["local a/0/1"]),
        ("local a = a", ["local a/0/0"]),
        ("local function f() return f() end", ["function f/1/0"]),
        ("local f = function() return f() end", ["local f/0/0"]),
        ("function f() end\nf()", ["global f/1/1"]),
        ("x = 1\nprint(x)", ["global x/1/1"]),
        ("print(x)\nx = 1", ["global x/1/1"]),
        ("for i = 1, 3 do print(i) end", ["loop i/1/0"]),
        ("for k, v in pairs(t) do print(v) end", ["loop k/0/0", "loop v/1/0"]),
        (
            "local function f(a, b, ...) return b end",
            ["function f/0/0", "parameter a/0/0", "parameter b/1/0"],
        ),
        ("repeat local x = 1 until x", ["local x/1/0"]),
        ("local a <const>, b <close> = 1, 2", ["constant a/0/0", "constant b/0/0"]),
        ("local a = 1\ndo local a = a end", ["local a/1/0", "local a/0/0"]),
        ("local t = {}\nt.x = 1\nt.y.z = 2", ["local t/2/0"]),
        ("local t = {}\nfunction t.f() end", ["local t/1/0"]),
        ("local a = 1\nlocal function f() return a end", ["local a/1/0", "function f/0/0"]),
        ("local function f() return g end\nlocal g = 1", ["function f/0/0", "local g/0/0"]),
        ("if a then local x = 1 elseif b then print(x) end", ["local x/0/0"]),
        ("while true do local x = 1 end\nprint(x)", ["local x/0/0"]),
        ("local a; goto a; ::a::", ["local a/0/0"]),
    ],
)
def test_names_in_lua(source: str, expect: list[str]) -> None:
    assert names(source, "lua") == expect


@pytest.mark.parametrize(
    ("source", "expect"),
    [
        ("const a = 1; f(a);", ["constant a/1/0"]),
        ("let a; a = 1; a += 1; a++;", ["local a/2/1"]),
        ("f(); function f() {}", ["function f/1/0"]),
        ("{ var v = 1; } f(v);", ["local v/1/0"]),
        ("{ let v = 1; } f(v);", ["local v/0/0"]),
        ("const { a, b: c, ...d } = x; f(c);", ["constant a/0/0", "constant c/1/0", "constant d/0/0"]),
        ("const [a, , [b]] = x;", ["constant a/0/0", "constant b/0/0"]),
        ("({ a, b: c.d } = x); let a;", ["local a/0/1"]),
        ("function f(a, { b }, c = a, ...d) {}",
         ["function f/0/0", "parameter a/1/0", "parameter b/0/0", "parameter c/0/0", "parameter d/0/0"]),
        ("import a, { b as c } from 'm'; import * as d from 'n';",
         ["import a/0/0", "import c/0/0", "import d/0/0"]),
        ("class K extends L { m() { return K; } }", ["class K/1/0"]),
        ("try {} catch (e) { f(e); } try {} catch {}", ["catch e/1/0"]),
        ("for (const x of xs) {} for (let i = 0; i < 3; i++) {}", ["loop x/0/0", "local i/2/0"]),
        ("export const a = 1; const b = 2; export { b };", ["constant a/0/0", "constant b/1/0"]),
        ("x = 1; f(x);", ["global x/1/1"]),
        ("const o = { a, b: 1, [c]: 2 }; let a, c;", ["constant o/0/0", "local a/1/0", "local c/1/0"]),
        ("const f = a => a;", ["parameter a/1/0", "constant f/0/0"]),
        ("label: for (;;) { break label; }", []),
        ("o.name = 1; const name = 2;", ["constant name/0/0"]),
    ],
)  # fmt: skip
def test_names_in_javascript(source: str, expect: list[str]) -> None:
    assert names(source, "javascript") == expect


@pytest.mark.parametrize(
    ("language", "source", "expect"),
    [
        ("lua", "print(x.y.z, a[b])", ["print", "x", "a", "b"]),
        ("lua", "local x = { y = z }", ["z"]),
        ("lua", "x.y = z", ["z", "x"]),
        ("lua", "local a = a", ["a"]),
        ("javascript", "f(`${x}`, y?.z, new K())", ["f", "x", "y", "K"]),
        ("javascript", "typeof x; delete y.z; void 0;", ["x", "y"]),
        ("javascript", "function f() { return arguments; }", []),
        ("javascript", "export default x;", ["x"]),
    ],
)
def test_names_that_nothing_declares(language: Language, source: str, expect: list[str]) -> None:
    assert undeclared(source, language) == expect


def test_exported_names_are_marked() -> None:
    semantics = semantics_of(
        "export const a = 1; const b = 2; export function f() { const c = 1; }", "javascript"
    )
    assert {made.name: made.is_exported for made in semantics.declarations if not made.is_implicit} == {
        "a": True, "b": False, "f": True, "c": False,
    }  # fmt: skip


def calls(source: str, language: Language) -> list[str]:
    """Each call that is known: owner, member, tool, number of arguments."""
    found = []
    for site in semantics_of(source, language).calls:
        if site.member is not None and site.owner is not None:
            tool = f" {site.tool.name}" if site.tool else ""
            found.append(f"{site.owner.name}.{site.member.name}{tool}/{len(site.arguments)}+{site.skipped}")
    return found


@pytest.mark.parametrize(
    ("language", "source", "expect"),
    [
        ("lua", "Agent.create{}", ["Agent.create/1+0"]),
        ("lua", "local A = Agent\nA.create({}, 2)", ["Agent.create/2+0"]),
        ("lua", "Tool.execute('calculator', {})", ["Tool.execute calculator/2+0"]),
        ("lua", "Tool.execute('calc_tool', {})", ["Tool.execute calculator/2+0"]),
        ("lua", "Tool.execute(name, {})", ["Tool.execute/2+0"]),
        (
            "lua",
            "Tool.get('calculator'):execute{}",
            ["Tool.get calculator/1+0", "Tool.execute calculator/1+0"],
        ),
        ("lua", "Tool['calculator']:execute{}", ["Tool.execute calculator/1+0"]),
        ("lua", "Agent.create{}:execute{}", ["Agent.create/1+0", "Agent.execute/1+0"]),
        ("lua", "Agent.create{}.execute{}", ["Agent.create/1+0", "Agent.execute/1+0"]),
        ("lua", "pcall(Tool.execute, 'calculator', {})", ["Tool.execute calculator/2+0"]),
        ("lua", "('x'):rep(2)", ["string.rep/1+1"]),
        ("lua", "string.rep('x', 2)", ["string.rep/2+0"]),
        ("lua", "print 'x'", ["print.print/1+0"]),
        ("lua", "local Agent = {}\nAgent.create{}", []),
        ("lua", "unknown()", []),
        ("javascript", "Agent.createAsync({})", ["Agent.create_async/1+0"]),
        ("javascript", "await Tool.execute('calculator')", ["Tool.execute calculator/1+0"]),
        (
            "javascript",
            "const { execute } = Tool; execute('calculator', {})",
            ["Tool.execute calculator/2+0"],
        ),
        ("javascript", "Agent.create_async({})", []),
        ("javascript", "pcall(Agent.create)", []),
    ],
)
def test_calls(language: Language, source: str, expect: list[str]) -> None:
    assert calls(source, language) == expect


def test_the_string_that_should_name_a_tool() -> None:
    (site,) = semantics_of("Tool.execute('calculater', {})").calls
    assert site.tool is None
    assert site.tool_name is not None
    assert site.tool_name.value == "calculater"


@pytest.mark.parametrize(
    ("language", "source", "unknown"),
    [
        ("lua", "Agent.crate{}", ["crate"]),
        ("lua", "Agent['crate']", ["crate"]),
        ("lua", "local a = Agent.create{}\na:execut{}\na.name = 1", ["execut"]),
        ("lua", "local r = Agent.create{}:execute{}\nprint(r.metadata.nothing, r.anything)", ["nothing"]),
        ("lua", "local t = { a = 1 }\nprint(t.b)", []),
        ("lua", "print(unknown.member, ARGS.name, ARGS[1])", []),
        ("lua", "print(Tool['calculator'], Tool['calculater'])", ["calculater"]),
        ("javascript", "Agent.create_async({})", ["create_async"]),
        ("javascript", "const { crate } = Agent;", ["crate"]),
        ("javascript", "const { length } = 'x'; [].map(f); ({}).toString();", []),
    ],
)
def test_members_that_do_not_exist(language: Language, source: str, unknown: list[str]) -> None:
    found = semantics_of(source, language).member_accesses
    assert [use.access.name for use in found if not use.is_known] == unknown


def test_an_export_that_a_module_lacks_is_unknown() -> None:
    files = {"m.js": "export const a = 1;"}
    snapshot, _ = opened("import { a, b } from './m.js';", "javascript", files)
    found = snapshot.document(path_of("javascript")).semantics.member_accesses
    assert [use.access.name for use in found if not use.is_known] == ["b"]


def tables(source: str, language: Language) -> list[str]:
    """Each option table: title, keys it does not know (``?``), options missing (``!``)."""
    found = []
    for table in semantics_of(source, language).tables:
        unknown = "".join(f" ?{entry.key}" for entry, option in table.entries if option is None)
        missing = "".join(f" !{option.name}" for option in table.missing)
        found.append(f"{table.title}{unknown}{missing}")
    return found


@pytest.mark.parametrize(
    ("language", "source", "expect"),
    [
        ("lua", "Agent.create{ name = 'x' }", ["AgentOptions !model"]),
        ("lua", "Agent.create({ name = 'x', model = 'm', temprature = 1 })", ["AgentOptions ?temprature"]),
        ("lua", "Agent.create{ ['name'] = 'x', [k] = 1 }", ["AgentOptions"]),
        ("lua", "Agent.create{ name = 'x', model = 'm', retry = { tries = 1 } }",
         ["RetryOptions ?tries !attempts", "AgentOptions"]),
        ("lua", "Agent.create{ name = 'x', model = 'm', steps = { { type = 'tool' } } }",
         ["ToolStep !tool", "AgentOptions"]),
        ("lua", "Tool.execute('calculator', { inptu = 1 })",
         ["parameters of the tool 'calculator' ?inptu !input"]),
        ("lua", "Tool.get('calculator'):execute{ input = '1' }", ["parameters of the tool 'calculator'"]),
        ("lua", "local o = {}\nprint({ a = 1 })", []),
        ("javascript", "Agent.create({ name, model: 'm', max_tokens: 1 })", ["AgentOptions ?max_tokens"]),
        ("javascript", "Agent.create({ ...base })", ["AgentOptions"]),
        ("javascript", "Tool.execute('text-manipulator', { input: '', operation: 'trim', max_length: 1 })",
         ["parameters of the tool 'text-manipulator'"]),
        ("javascript", "Agent.create({ name: 'x', model: 'm', steps: [{ type: 'agent', agent: 'a' }] })",
         ["AgentStep", "AgentOptions"]),
    ],
)  # fmt: skip
def test_option_tables(language: Language, source: str, expect: list[str]) -> None:
    found = tables(source, language)
    assert [
        one.replace("Step ", "ToolStep ", 1) if one.startswith("Step ") else one for one in found
    ] == expect


@pytest.mark.parametrize(
    ("language", "source", "value"),
    [
        ("lua", r"f('a\tb\65\x41\u{1F642}\z   c\'')", "a\tbAA🙂c'"),
        ("lua", "f([==[\na]]b]==])", "a]]b"),
        ("lua", "f(0x10)", 16),
        ("lua", "f(1e3)", 1000.0),
        ("lua", "f(-5)", -5),
        ("lua", "f(nil)", None),
        ("lua", "f(true)", True),
        ("javascript", r"f('a\n\u0041\u{1F642}\x41')", "a\nA🙂A"),
        ("javascript", "f(`plain`)", "plain"),
        ("javascript", "f(1_000)", 1000),
        ("javascript", "f(0b11)", 3),
        ("javascript", "f(-1.5)", -1.5),
        ("javascript", "f(10n)", 10),
        ("javascript", "f(undefined)", None),
    ],
)
def test_values_of_constants(language: Language, source: str, value: object) -> None:
    (site,) = semantics_of(source, language).calls
    found = site.arguments[0]
    assert getattr(found, "value", "no constant") == value


def test_deep_code_is_walked_without_a_crash_and_its_names_are_used() -> None:
    deep = "local a = 1\nx = " + "(" * 120 + "f(" * 120 + "a" + ")" * 240
    assert names(deep, "lua")[0] == "local a/1/0"
    chain = "local a = 1\nx = " + " .. ".join(["a"] * 3000)
    assert names(chain, "lua")[0] == "local a/3000/0"
    calls_in_a_row = "const a = 1; x" + ".then(a)" * 500
    assert names(calls_in_a_row, "javascript")[0] == "constant a/500/0"
