"""Every rule in both languages: what it reports, and what it leaves alone."""

from __future__ import annotations

import pytest
from llmspell_engine.lint.registry import rule_named
from support.lint import check_lint

OPERATIONS = "'uppercase', 'lowercase'"

# Rule, script with marks, messages; a script without marks must be clean.
LUA = [
    ("unknown-global", '<!Tol!>.list()', "there is no global 'Tol'; did you mean 'Tool'?"),
    ("unknown-global", "<!Toolbox!>.open()", "there is no global 'Toolbox'"),
    ("unknown-global", "if Toolbox then Toolbox.open() end"),
    ("unknown-global", "local box = Toolbox or {} print(box)"),
    ("unknown-global", "Toolbox = {} Toolbox.open = 1 print(Toolbox.open)"),
    ("undefined-variable", "local answer = 1 print(<!anwser!>, answer)", "'anwser' is not defined; did you mean 'answer'?"),
    ("undefined-variable", "print(<!zzz!>)", "'zzz' is not defined"),
    ("undefined-variable", "zzz = 1 print(zzz)"),
    ("undefined-variable", "for i, v in ipairs({}) do print(i, v) end"),
    ("undefined-variable", "local function f(a, ...) return a, ... end print(f(1), _VERSION)"),
    ("undefined-variable", "if zzz ~= nil then print(zzz) end"),
    ("undefined-variable", "local t = { zzz = 1 } print(t.zzz)"),
    ("undefined-variable", "goto done ::done::"),
    ("unknown-member", "Agent.<!creat!>({})", "'Agent' has no member 'creat'; did you mean 'create'?"),
    ("unknown-member", "local a = Agent a.<!creat!>({})", "'Agent' has no member 'creat'; did you mean 'create'?"),
    ("unknown-member", "print(math.<!pow!>(2, 8))", "'math' has no member 'pow'"),
    ("unknown-member", "print(string.format('%d', 1), ('x'):rep(2), math.floor(1.5), table.concat({}))"),
    ("unknown-member", "if Agent.reset then Agent.reset() end"),
    ("unknown-member", "function Agent.shout() end Agent.shout()"),
    ("unknown-member", "local Agent = {} Agent.creat()"),
    ("unknown-member", "local t = {} t.x = 1 print(t.y)"),
    ("unknown-member", "print(unknown.creat)"),
    ("argument-count", 'Tool.execute("calculator", { input = "1" }, <!1, 2!>)', "'Tool.execute' takes 2 arguments, but 4 are given"),
    ("argument-count", 'Tool.<!get!>()', "'Tool.get' takes 1 argument, but 0 are given"),
    ("argument-count", "Tool.get(f())"),
    ("argument-count", "Tool.get(...)"),
    ("argument-count", "Tool.get((f()), <!2!>)", "'Tool.get' takes 1 argument, but 2 are given"),
    ("argument-count", "print() print(1, 2, 3) print(('x'):rep(2))"),
    ("argument-count", "local function f(a) return a end f(1, 2) f()"),
    ("invalid-argument", "Tool.get(<!42!>)", "argument 'name' of 'Tool.get' must be a string, not an integer"),
    ("invalid-argument", "Tool.get(<!{}!>)", "argument 'name' of 'Tool.get' must be a string, not a table"),
    ("invalid-argument", "Tool.get(<!''!>)", "argument 'name' of 'Tool.get' must not be empty, not ''"),
    ("invalid-argument", "Tool.get(name) Tool.get(nil) Tool.get('a' .. 'b')"),
    ("unknown-option", 'Agent.create({ model = "echo", <!temprature!> = 1 })', "'temprature' is not among the options of AgentOptions; did you mean 'temperature'?"),
    ("unknown-option", 'Agent.create({ model = "echo", <!maxTokens!> = 1 })', "'maxTokens' is not among the options of AgentOptions; did you mean 'max_tokens'?"),
    ("unknown-option", 'Agent.create{ model = "echo", <!zzz!> = 1 }', "'zzz' is not among the options of AgentOptions"),
    ("unknown-option", 'local options = { model = "echo", zzz = 1 } print(options)'),
    ("missing-option", 'Agent.<!create!>({ name = "helper" })', "'model' is missing from the options of AgentOptions"),
    ("missing-option", 'Agent.create({ name = "helper", [key] = 1 })'),
    ("missing-option", 'Agent.create(options)'),
    ("invalid-option-value", 'Agent.create({ model = "echo", max_tokens = <!"many"!> })', "'max_tokens' must be an integer, not a string"),
    ("invalid-option-value", 'Agent.create({ model = "echo", max_tokens = <!0!> })', "'max_tokens' must be 1 or more, not 0"),
    ("invalid-option-value", 'Agent.create({ model = "echo", max_tokens = <!-5!> })', "'max_tokens' must be 1 or more, not -5"),
    ("invalid-option-value", 'Agent.create({ model = "echo", max_tokens = <!1.5!> })', "'max_tokens' must be an integer, not a number"),
    ("invalid-option-value", 'Agent.create({ model = "echo", temperature = <!3!> })', "'temperature' must be 2 or less, not 3"),
    ("invalid-option-value", 'Agent.create({ model = <!true!> })', "'model' must be a string, not a boolean"),
    ("invalid-option-value", 'Agent.create({ model = <!function() end!> })', "'model' must be a string, not a function"),
    ("invalid-option-value", 'Agent.create({ model = "echo", temperature = 1, max_tokens = nil })'),
    ("invalid-option-value", 'Agent.create({ model = model, temperature = t or "hot", max_tokens = n })'),
    ("deprecated", 'Agent.<!createAsync!>({ model = "echo" })', "'createAsync' is deprecated; use 'Agent.create'"),
    ("deprecated", 'Tool.execute(<!"text_manipulator"!>, {})', "the tool name 'text_manipulator' is deprecated; use 'text-manipulator'"),
    ("deprecated", 'Agent.create({ model = "echo" })'),
    ("unknown-tool", 'Tool.execute(<!"calculater"!>, { input = "1" })', "no tool is called 'calculater'; did you mean 'calculator'?"),
    ("unknown-tool", 'Tool.get(<!"zzz"!>)', "no tool is called 'zzz'"),
    ("unknown-tool", 'Tool.exists("zzz") Tool.get(name)'),
    ("unknown-tool-parameter", 'Tool.execute("calculator", { input = "1", <!precison!> = 2 })', "'precison' is not among the parameters of the tool 'calculator'"),
    ("unknown-tool-parameter", 'Tool.execute(name, { input = "1", precison = 2 })'),
    ("missing-tool-parameter", 'Tool.<!execute!>("text-manipulator", { operation = "uppercase" })', "'input' is missing from the parameters of the tool 'text-manipulator'"),
    ("missing-tool-parameter", 'Tool.execute("text-manipulator", parameters)'),
    ("invalid-tool-parameter", 'Tool.execute("hash-calculator", { operation = <!5!>, input = "x" })', "'operation' must be a string, not an integer"),
    ("invalid-tool-parameter", 'Tool.execute("text-manipulator", { operation = operation, input = "x" })'),
    ("unused-local", "local <!unused!> = 1", "'unused' is never used"),
    ("unused-local", "local <!unused!> unused = 1", "'unused' is assigned but never used"),
    ("unused-local", "local function <!helper!>() end", "'helper' is never used"),
    ("unused-local", "local _unused = 1 for i = 1, 2 do end"),
    ("unused-local", "local t = {} t.x = 1"),
    ("unused-local", "local used = 1 return function() return used end"),
    ("unused-local", "local handle <close> = open()"),
    ("syntax-error", "local = 1", None),
    ("syntax-error", "local a <const> = 1 // 2 goto x ::x:: return a"),
]  # fmt: skip

JAVASCRIPT = [
    ("unknown-global", "<!Tol!>.list();", "there is no global 'Tol'; did you mean 'Tool'?"),
    ("unknown-global", "if (typeof Tools !== 'undefined') Tools.list();"),
    ("undefined-variable", "const answer = 1; console.log(<!anwser!>, answer);", "'anwser' is not defined; did you mean 'answer'?"),
    ("undefined-variable", "<!count!> = 1;", "'count' is assigned but not declared; use let or const"),
    ("undefined-variable", "const { a, b: c = 2, ...rest } = {}; console.log(a, c, rest);"),
    ("undefined-variable", "label: for (const x of [1]) { if (x) continue label; }"),
    ("undefined-variable", "try { JSON.parse('') } catch (error) { console.log(error, Math.PI, new Map(), undefined, NaN); }"),
    ("undefined-variable", "console.log(early()); function early(...args) { return args.length + arguments.length; }"),
    ("undefined-variable", "class A { #x = 1; static y = 2; get z() { return this.#x; } } console.log(new A());"),
    ("undefined-variable", "export const a = 1; export default function () { return a; }"),
    ("undefined-variable", "const o = { zzz: 1, m() { return this; } }; console.log(o.zzz, o?.zzz);"),
    ("unknown-member", "Agent.<!creat!>({});", "'Agent' has no member 'creat'; did you mean 'create'?"),
    ("unknown-member", "console.log(Math.max(1, 2), [1].map((x) => x), 'x'.repeat(2), Agent.toString());"),
    ("unknown-member", "const { Agent } = other; Agent.creat();"),
    ("unknown-member", "Agent.shout = () => 1; Agent.shout();"),
    ("argument-count", 'Tool.execute("calculator", { input: "1" }, <!1, 2!>);', "'Tool.execute' takes 2 arguments, but 4 are given"),
    ("argument-count", "Tool.<!get!>();", "'Tool.get' takes 1 argument, but 0 are given"),
    ("argument-count", "Tool.get(...names); console.log(); console.log(1, 2);"),
    ("invalid-argument", "Tool.get(<!42!>);", "argument 'name' of 'Tool.get' must be a string, not an integer"),
    ("invalid-argument", "Tool.get(<![]!>);", "argument 'name' of 'Tool.get' must be a string, not a list"),
    ("invalid-argument", "Tool.get(name); Tool.get(`a${1}`); Tool.get(null);"),
    ("unknown-option", 'Agent.create({ model: "echo", <!temprature!>: 1 });', "'temprature' is not among the options of AgentOptions; did you mean 'temperature'?"),
    ("unknown-option", 'Agent.create({ model: "echo", <!max_tokens!>: 1 });', "'max_tokens' is not among the options of AgentOptions; did you mean 'maxTokens'?"),
    ("unknown-option", 'Agent.create({ model: "echo", "temperature": 1 });'),
    ("missing-option", 'Agent.<!create!>({ name: "helper" });', "'model' is missing from the options of AgentOptions"),
    ("missing-option", 'Agent.create({ name: "helper", ...others });'),
    ("invalid-option-value", 'Agent.create({ model: "echo", maxTokens: <!"many"!> });', "'maxTokens' must be an integer, not a string"),
    ("invalid-option-value", 'Agent.create({ model: "echo", temperature: <!-1!> });', "'temperature' must be 0 or more, not -1"),
    ("invalid-option-value", 'Agent.create({ model: <!["echo"]!> });', "'model' must be a string, not a list"),
    ("invalid-option-value", 'Agent.create({ model, temperature: 0.5, maxTokens: undefined });'),
    ("deprecated", 'Agent.<!createAsync!>({ model: "echo" });', "'createAsync' is deprecated; use 'Agent.create'"),
    ("deprecated", 'Tool.execute(<!"text_manipulator"!>, {});', "the tool name 'text_manipulator' is deprecated; use 'text-manipulator'"),
    ("unknown-tool", 'Tool.execute(<!"calculater"!>, { input: "1" });', "no tool is called 'calculater'; did you mean 'calculator'?"),
    ("unknown-tool", 'Tool.exists("zzz");'),
    ("unknown-tool-parameter", 'Tool.execute("calculator", { input: "1", <!precison!>: 2 });', "'precison' is not among the parameters of the tool 'calculator'"),
    ("missing-tool-parameter", 'Tool.<!execute!>("text-manipulator", { operation: "uppercase" });', "'input' is missing from the parameters of the tool 'text-manipulator'"),
    ("invalid-tool-parameter", 'Tool.execute("hash-calculator", { operation: <!5!>, input: "x" });', "'operation' must be a string, not an integer"),
    ("unused-local", "const <!unused!> = 1;", "'unused' is never used"),
    ("unused-local", "let <!unused!>; unused = 1;", "'unused' is assigned but never used"),
    ("unused-local", "function <!helper!>() {}", "'helper' is never used"),
    ("unused-local", 'import { <!join!> } from "./path.js";', "'join' is never used"),
    ("unused-local", "const { skipped, ...rest } = {}; console.log(rest);"),
    ("unused-local", "export function helper() {} export const a = 1; const b = 2; export { b };"),
    ("unused-local", "const f = (unused) => 1; f(); for (const x of []) {} try {} catch (e) {}"),
    ("syntax-error", "const = 1;", None),
    ("syntax-error", "#!/usr/bin/env llmspell\nawait Promise.resolve(1); export {};"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "source", "messages"), [(case[0], case[1], case[2:]) for case in LUA])
def test_in_lua(name: str, source: str, messages: tuple[str | None, ...]) -> None:
    _check(name, source, messages, "lua")


@pytest.mark.parametrize(
    ("name", "source", "messages"), [(case[0], case[1], case[2:]) for case in JAVASCRIPT]
)
def test_in_javascript(name: str, source: str, messages: tuple[str | None, ...]) -> None:
    _check(name, source, messages, "javascript")


def _check(name, source, messages, language) -> None:
    found = rule_named(name)
    assert found is not None
    if messages == (None,):
        from llmspell_engine.lint.settings import LintSettings
        from support.lint import lint

        assert [one.code for one in lint(source, language, LintSettings((name,)))] == ["LS001"]
        return
    check_lint(source, *(f"{found.rule.code} {one}" for one in messages), language=language, select=name)
