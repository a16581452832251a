"""What is proposed at the cursor, as people type."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.analysis import accepted, check_completions, completions, opened, path_of

if TYPE_CHECKING:
    from llmspell_engine.language import Language

AGENT_MEMBERS = ["builder", "create", "list"]
BUILDER = ["build", "model", "name", "system_prompt"]
OPTIONS = [
    "name", "model", "system_prompt", "temperature", "max_tokens", "stream", "mode", "tools", "retry",
    "steps", "on_done", "api_key",
]  # fmt: skip


DOG = """local Animal = {}
Animal.__index = Animal
function Animal.new(name) return setmetatable({ name = name }, Animal) end
function Animal:speak() end
local Dog = setmetatable({}, { __index = Animal })
Dog.__index = Dog
function Dog.new(name)
  local self = Animal.new(name)
  return setmetatable(self, Dog)
end
function Dog:bark() end
"""


@pytest.mark.parametrize(
    "source",
    [
        "Agent.$0",
        "Agent.cr$0",
        "Agent.cr$0eate",
        "local a = Agent.$0",
        "local a = Agent.$0\nlocal b = 1",
        "local a = Agent.$0\nprint(a)",
        "x = Agent.$0",
        "if Agent.$0 then end",
        "if Agent.$0",
        "while true do Agent.$0 end",
        "for i = 1, 3 do\n  Agent.$0\nend",
        "return Agent.$0",
        "print(Agent.$0)",
        "print(1, Agent.$0",
        "local t = { Agent.$0 }",
        "local t = { a = Agent.$0",
        "local function f()\n  return Agent.$0\nend",
        "f(function()\n  local a = Agent.$0\nend)",
        "f(function()\n  Agent.$0",
        "local A = Agent\nA.$0",
        "local A = Agent\nlocal B = A\nB.$0",
        "_G.Agent.$0",
        "_G['Agent'].$0",
        "not_there()\nAgent.$0\nmore()",
        "local a = 1 + Agent.$0",
        "local s = 'x' .. Agent.$0",
        "local a <const> = Agent.$0",
        "repeat Agent.$0 until x",
        "foo(a, 'b, c', { d = { Agent.$0 } })",
        "-- a comment\nAgent.$0",
        "local s = [[\n long\n]]\nAgent.$0",
        "local ok = a and Agent.$0",
        "goto done\n::done::\nAgent.$0",
        "do local x = 1 end Agent.$0",
        "local f = function() end\nAgent.$0",
        "#!/usr/bin/env llmspell\nAgent.$0",
        "\ufeffAgent.$0",
        "local grüße = '🙂'\nAgent.$0",
        "local s = '🙂' .. Agent.$0",
    ],
)
def test_members_of_a_global_in_lua(source: str) -> None:
    check_completions(source, includes=AGENT_MEMBERS, excludes=["Agent", "print", "execute", "local"])


@pytest.mark.parametrize(
    "source",
    [
        "Agent.$0",
        "Agent?.$0",
        "const a = Agent.$0",
        "const a = Agent.$0\nconst b = 1",
        "const a = Agent.$0;\nfoo();",
        "let a; a = Agent.$0",
        "if (Agent.$0) {}",
        "if (x) {\n  Agent.$0\n}",
        "while (true) { Agent.$0 }",
        "for (const x of Agent.$0) {}",
        "return Agent.$0",
        "console.log(Agent.$0)",
        "console.log(1, Agent.$0",
        "const t = { a: Agent.$0 }",
        "const t = [Agent.$0]",
        "const f = () => Agent.$0",
        "const f = (x) => {\n  Agent.$0\n}",
        "foo(async () => {\n  const a = await Agent.$0\n})",
        "class K { m() { return Agent.$0 } }",
        "const A = Agent;\nA.$0",
        "globalThis.Agent.$0",
        "globalThis['Agent'].$0",
        "`a ${Agent.$0} b`",
        "console.log(`a ${Agent.$0}`)",
        "// comment\nAgent.$0",
        "/* block\n*/ Agent.$0",
        "const x = a ? Agent.$0 : b",
        "const x = a && Agent.$0",
        "const x = !Agent.$0",
        "new Agent.$0",
        "switch (x) { case 1: Agent.$0 }",
        "try { Agent.$0 } catch (e) {}",
        "const r = /['\"]/;\nAgent.$0",
        "export const a = Agent.$0",
        "export default Agent.$0",
        "async function f() { for (;;) { Agent.$0 } }",
        "const x = 1, y = Agent.$0",
        "label: Agent.$0",
        "x.y = Agent.$0",
    ],
)
def test_members_of_a_global_in_javascript(source: str) -> None:
    check_completions(source, "javascript", includes=AGENT_MEMBERS, excludes=["Agent", "console", "execute"])


@pytest.mark.parametrize(
    ("source", "includes"),
    [
        ("local a = Agent.create{}\na:$0", ["execute"]),
        ("local a = Agent.create{}\na.$0", ["execute", "name"]),
        ("local a = Agent.create{}\na:$0\nlocal b = 1", ["execute"]),
        ("local a = Agent.create{}\na:ex$0\nprint(a)", ["execute"]),
        ("local a = Agent.create{}\nlocal function f() return a:$0 end", ["execute"]),
        ("Agent.create{}:$0", ["execute"]),
        ("Agent.create({}):$0", ["execute"]),
        ("Agent.builder():$0", BUILDER),
        ("Agent.builder():name('x'):$0", BUILDER),
        ("Agent.builder()\n  :name('x')\n  :$0", BUILDER),
        ("Agent.builder()\n  -- why\n  :name('x')\n  :$0\nlocal b = 1", BUILDER),
        ("local a = Agent.builder()\n  :name('x')\n  :mo$0\n  :build()", BUILDER),
        ("local b = Agent.builder()\nb:$0", BUILDER),
        ("Agent.builder():name('x'):build():$0", ["execute"]),
        ("local a = Agent.builder():build()\nlocal r = a:execute{}\nr.$0", ["text", "metadata"]),
        ("local r = Agent.create{}:execute{}\nr.metadata.$0", ["execution_time_ms", "model"]),
        ("local f = Agent.create\nf{}:$0", ["execute"]),
        ("local ok, a = pcall(Agent.create, {})\na:$0", ["execute"]),
        ("local a = assert(Agent.create{})\na:$0", ["execute"]),
        ("local t = Tool.get('calculator')\nt:$0", ["execute"]),
        ("local r = Tool.execute('calculator', {})\nr.$0", ["success", "result", "error"]),
        ("local r = Tool.execute('text-manipulator', {})\nr.result.$0", ["result", "original_length"]),
        ("local r = Tool.get('text-manipulator'):execute{}\nr.result.$0", ["result", "original_length"]),
        ("local e = Tool.execute\ne('calculator', {}).$0", ["success"]),
        ("for _, t in ipairs(Tool.list()) do\n  t.$0\nend", ["name", "security_level"]),
        ("local l = Tool.list()\nl[1].$0", ["security_level"]),
        ("local s = 'x'\ns:$0", ["upper", "rep"]),
        ("('x'):$0", ["upper", "rep"]),
        ("string.$0", ["upper", "rep"]),
        ("local a = Agent.create{}\nlocal x = a\nx:$0", ["execute"]),
        ("local a\na = Agent.create{}\na:$0", ["execute"]),
        ("local a = nil\na = Agent.create{}\na:$0", ["execute"]),
        ("agent = Agent.create{}\nagent:$0", ["execute"]),
        ("local function make() return Agent.create{} end\nmake():$0", ["execute"]),
        ("local make = function() return Agent.create{} end\nlocal a = make()\na:$0", ["execute"]),
        ("local t = { a = Agent.create{} }\nt.a:$0", ["execute"]),
        ("local t = {}\nt.a = Agent.create{}\nt.a:$0", ["execute"]),
        ("local M = {}\nfunction M.go(x) end\nM.$0", ["go"]),
        ("local M = { go = function() end, n = 1 }\nM.$0", ["go", "n"]),
        ("local M = {}\nfunction M:go(x) end\nM:$0", ["go"]),
        ("local a = cond and Agent.create{} or nil\na:$0", ["execute"]),
        ("local a = given or Agent.create{}\na:$0", ["execute"]),
        ("Agent.create{ on_done = function(output)\n  output.$0\nend }", ["text", "metadata"]),
        ("Agent['create']{}:$0", ["execute"]),
        ("local M = { n = 1 }\nfunction M:go() end\nfunction M:run()\n  self:$0\nend", ["go"]),
        (
            "local M = { n = 1 }\nfunction M:run()\n  self.agent = Agent.create{}\n  self.$0\nend",
            ["n", "agent"],
        ),
        (
            "local M = {}\nfunction M:a() self.x = Agent.create{} end\nfunction M:b() self.x:$0 end",
            ["execute"],
        ),
        ("local a = 1\r\nAgent.create{}:$0\r\nlocal b = 2\r\n", ["execute"]),
        (DOG + "Dog.new('Rex'):$0", ["bark", "speak"]),
        (DOG + "local d = Dog.new('Rex')\nd.$0", ["name", "bark", "speak"]),
        (DOG + "function Dog:run()\n  self:$0\nend", ["bark", "speak"]),
        (
            "local S = {}\nS.__index = S\nfunction S:push() return self end\n"
            "local s = setmetatable({}, S):push():$0",
            ["push"],
        ),
    ],
)
def test_members_of_values_in_lua(source: str, includes: list[str]) -> None:
    check_completions(source, includes=includes, excludes=["Agent", "print"])


@pytest.mark.parametrize(
    ("source", "includes"),
    [
        ("const a = Agent.create({});\na.$0", ["execute", "name"]),
        ("const a = await Agent.create({});\na.$0", ["execute"]),
        ("const a = Agent.create({})\na.$0\nconst b = 1", ["execute"]),
        ("Agent.create({}).$0", ["execute"]),
        ("Agent.builder().$0", ["build", "model", "name", "systemPrompt"]),
        ("Agent.builder()\n  .name('x')\n  .$0", ["build", "systemPrompt"]),
        ("Agent.builder()\n  // why\n  .name('x')\n  .$0\nconst b = 1;", ["build", "systemPrompt"]),
        ("const a = Agent.builder().name('x').build();\na.$0", ["execute"]),
        ("const r = Agent.create({}).execute({});\nr.$0", ["text", "metadata"]),
        ("const r = Agent.create({}).execute({});\nr.metadata.$0", ["executionTimeMs", "model"]),
        ("const { metadata } = Agent.create({}).execute({});\nmetadata.$0", ["executionTimeMs"]),
        ("const { metadata: m } = Agent.create({}).execute({});\nm.$0", ["executionTimeMs"]),
        ("const { metadata: { model } } = Agent.create({}).execute({});\nmodel.$0", []),
        ("const { create } = Agent;\ncreate({}).$0", ["execute"]),
        ("const { $0 } = Agent;", ["create", "builder", "createAsync"]),
        ("const { cr$0 } = Agent;", ["create"]),
        ("const f = Agent.create;\nf({}).$0", ["execute"]),
        ("const r = Tool.execute('text-manipulator', {});\nr.result.$0", ["result", "originalLength"]),
        ("const r = Tool.get('text-manipulator').execute({});\nr.result.$0", ["originalLength"]),
        ("for (const t of Tool.list()) {\n  t.$0\n}", ["name", "securityLevel"]),
        ("Tool.list()[0].$0", ["securityLevel"]),
        ("const [first] = Tool.list();\nfirst.$0", ["securityLevel"]),
        ("class A { run() {} }\nclass B extends A { stop() {} }\nnew B().$0", ["run", "stop"]),
        ("class A { run() {} }\nclass B extends A { stop() { this.$0 } }", ["run", "stop"]),
        ("let a;\na = Agent.create({});\na.$0", ["execute"]),
        ("function make() { return Agent.create({}) }\nmake().$0", ["execute"]),
        ("const make = () => Agent.create({});\nmake().$0", ["execute"]),
        ("const t = { a: Agent.create({}) };\nt.a.$0", ["execute"]),
        ("const t = { go() {}, n: 1 };\nt.$0", ["go", "n"]),
        ("class K { go() {} }\nconst k = new K();\nk.$0", ["go"]),
        ("const a = given ?? Agent.create({});\na.$0", ["execute"]),
        ("const a = c ? Agent.create({}) : null;\na.$0", ["execute"]),
        ("Agent.create({ onDone: (output) => {\n  output.$0\n} })", ["text", "metadata"]),
        ("Agent.create({ onDone(output) {\n  output.$0\n} })", ["text", "metadata"]),
        ("Agent['create']({}).$0", ["execute"]),
        ("console.$0", ["log"]),
        ("class K { go() { this.$0 } run() {} }", ["go", "run"]),
        ("class K { constructor() { this.a = Agent.create({}); } go() { this.$0 } }", ["a", "go"]),
        ("class K { constructor() { this.a = Agent.create({}); } go() { this.a.$0 } }", ["execute"]),
        ("class K { constructor() { this.a = 1; } }\nconst k = new K();\nk.$0", ["a"]),
        ("class K { go() { f(() => this.$0) } }", ["go"]),
        ("const o = { n: 1, go() { this.$0 } };", ["n", "go"]),
    ],
)
def test_members_of_values_in_javascript(source: str, includes: list[str]) -> None:
    check_completions(source, "javascript", includes=includes, excludes=["Agent", "console"])


@pytest.mark.parametrize(
    ("language", "source"),
    [
        ("lua", "local Agent = {}\nAgent.$0"),
        ("lua", "Agent = nil\nAgent.$0"),
        ("lua", "local function f(Agent)\n  Agent.$0\nend"),
        ("lua", "for _, Agent in ipairs(x) do\n  Agent.$0\nend"),
        ("lua", "local a = Agent.create{}\na = 5\na:$0"),
        ("lua", "local A = Agent\nA = Tool\nA.$0"),
        ("lua", "unknown.$0"),
        ("lua", "f().$0"),
        ("lua", "Agent.create{}:execute{}.text.$0"),
        ("javascript", "const Agent = {};\nAgent.$0"),
        ("javascript", "function f(Agent) {\n  Agent.$0\n}"),
        ("javascript", "import { Agent } from './other.js';\nAgent.$0"),
        ("javascript", "Agent = 5;\nAgent.$0"),
        ("javascript", "{ let Agent = 1; Agent.$0 }"),
        ("javascript", "unknown.$0"),
        ("javascript", "let a = Agent.create({});\na = 5;\na.$0"),
    ],
)
def test_shadowed_and_unknown_names_have_no_host_members(language: Language, source: str) -> None:
    check_completions(source, language, only=[])


@pytest.mark.parametrize(
    "source",
    [
        "-- Agent.$0",
        "-- $0",
        "--[[ Agent.$0 ]]",
        "--[==[\nAgent.$0",
        "local a = 12$0",
        "local a = 1.$0",
        "local a = 0x1$0",
        "local s = 'Agent.$0'",
        'local s = "Agent.$0',
        "local s = [[ Agent.$0 ]]",
        "local $0",
        "local function $0",
        "function $0",
        "goto $0",
        "local a = b $0",
    ],
)
def test_nothing_in_comments_numbers_plain_strings_and_new_names(source: str) -> None:
    check_completions(source, only=[])


@pytest.mark.parametrize(
    "source",
    [
        "// Agent.$0",
        "/* Agent.$0 */",
        "/**\n * $0",
        "const a = 12$0",
        "const a = 1.$0",
        "const s = 'Agent.$0'",
        "const s = `Agent.$0`",
        "const s = `${a} Agent.$0`",
        "const $0",
        "let $0",
        "function $0",
        "class $0",
    ],
)
def test_nothing_in_comments_numbers_plain_strings_and_new_names_of_javascript(source: str) -> None:
    check_completions(source, "javascript", only=[])


@pytest.mark.parametrize(
    "source",
    [
        "Agent.create{$0}",
        "Agent.create{ $0 }",
        "Agent.create({$0})",
        "Agent.create({ $0",
        "local a = Agent.create{ $0",
        "local a = Agent.create{\n  $0\n}",
        "local a = Agent.create{\n  $0\n}\nlocal b = 1",
        "local a = Agent.create{\n  $0\nlocal b = 1",
        "local a = Agent.create{\n  $0\n\nprint(a)",
        "local A = Agent\nA.create{ $0 }",
        "pcall(Agent.create, { $0 })",
        "Agent['create']{ $0 }",
        "local a = given or Agent.create{ $0 }",
        "return Agent.create{ $0 }",
        "f(Agent.create{ $0 })",
        "local t = { a = Agent.create{ $0 } }",
    ],
)
def test_option_keys_and_nothing_else(source: str) -> None:
    check_completions(source, only=OPTIONS)


@pytest.mark.parametrize(
    ("source", "includes", "excludes"),
    [
        ("Agent.create{ name = 'x', $0 }", ["model", "mode"], ["name", "Agent"]),
        ("Agent.create{ name = 'x', mo$0 }", ["model", "mode"], ["name"]),
        ("Agent.create{ name = 'x',\n  $0\n  model = 'y' }", ["mode"], ["name", "model"]),
        ("Agent.create{ $0 name = 'x' }", ["mode"], ["name"]),
        ("Agent.create{ $0, name = 'x' }", ["mode"], ["name"]),
        ("Agent.create{ na$0 = 'x' }", ["name", "mode"], ["Agent"]),
        ("Agent.create{ ['name'] = 'x', $0 }", ["model"], ["name"]),
        ("Agent.create{ name = 'x, y', $0", ["model"], ["name"]),
        ("Agent.create{ name = f(1, 2), $0", ["model"], ["name"]),
        ("Agent.create{ name = 'x' -- note\n, $0", ["model"], ["name"]),
        ("Agent.create{ name = 'x'; $0 }", ["model"], ["name", "Agent"]),
        ("Agent.create{ on_done = function(o) f(); $0 end }", ["o", "Agent"], ["name"]),
        ("Agent.create{ retry = { $0 } }", ["attempts", "backoff"], ["name", "model"]),
        ("Agent.create{ retry = { attempts = 1, $0 } }", ["backoff"], ["attempts", "name"]),
        ("Agent.create{ retry = { attempts = 1 }, $0 }", ["name"], ["attempts", "retry"]),
        ("Agent.create{ steps = { { $0 } } }", ["type", "tool", "agent"], ["name"]),
        ("Agent.create{ steps = { { type = 'tool', $0 } } }", ["tool"], ["agent", "max_turns", "type"]),
        ("Agent.create{ steps = { { type = 'agent' }, { type = 'agent', $0 } } }", ["max_turns"], ["tool"]),
        ("Tool.execute('calculator', { $0 })", ["input", "operation"], ["name", "Agent"]),
        ("Tool.execute('text-manipulator', { input = '', $0 })", ["operation", "max_length"], ["input"]),
        ("Tool.get('calculator'):execute{ $0 }", ["input", "operation"], ["Agent"]),
        ("local t = Tool.get('calculator')\nt:execute({ $0 })", ["input", "operation"], ["Agent"]),
        ("local t = Tool.get('calculator')\nt.execute({ $0 })", ["input", "operation"], ["Agent"]),
        ("local e = Tool.execute\ne('calculator', { $0 })", ["input"], ["Agent"]),
        ("local a = Agent.create{}\na:execute{ $0 }", ["text"], ["Agent"]),
        ("Agent.builder():name('x'):build():execute({ $0", ["text"], ["Agent"]),
        ("pcall(Tool.execute, 'calculator', { $0 })", ["input"], ["Agent"]),
        ("Tool.execute('unknown', { $0 })", ["Agent"], ["input"]),
        ("local t = { $0 }", ["Agent"], ["name"]),
        ("Agent.create{ on_done = function(o)\n  pr$0\nend }", ["print", "o"], ["name"]),
    ],
)
def test_option_keys_in_lua(source: str, includes: list[str], excludes: list[str]) -> None:
    check_completions(source, includes=includes, excludes=excludes)


@pytest.mark.parametrize(
    ("source", "includes", "excludes"),
    [
        ("Agent.create({$0})", ["name", "maxTokens"], ["max_tokens", "Agent"]),
        ("Agent.create({ $0", ["name", "maxTokens"], ["Agent"]),
        ("const a = Agent.create({\n  $0\n});\nconst b = 1;", ["name"], ["Agent", "a"]),
        ("const a = Agent.create({\n  $0\nconst b = 1;", ["name"], ["Agent"]),
        ("Agent.create({ name: 'x', $0 })", ["model"], ["name"]),
        ("Agent.create({ name, $0 })", ["model"], ["name"]),
        ("Agent.create({ 'name': 'x', $0 })", ["model"], ["name"]),
        ("Agent.create({ na$0: 'x' })", ["name"], ["Agent"]),
        ("Agent.create({ onDone() {}, $0 })", ["model"], ["onDone"]),
        ("Agent.create({ ...base, $0 })", ["name"], ["Agent"]),
        ("Agent.create({ retry: { $0 } })", ["attempts", "backoff"], ["name"]),
        ("Agent.create({ steps: [{ $0 }] })", ["type", "tool", "agent"], ["name"]),
        ("Agent.create({ steps: [{ type: 'agent', $0 }] })", ["maxTurns"], ["tool"]),
        ("await Tool.execute('calculator', { $0 })", ["input", "operation"], ["Agent"]),
        ("Tool.execute('text-manipulator', { $0 })", ["maxLength"], ["max_length"]),
        ("Tool.execute('text-manipulator', { max_length: 1, $0 })", ["input"], ["maxLength"]),
        ("Tool.get('calculator').execute({ $0 })", ["input"], ["Agent"]),
        ("const f = () => Agent.create({ $0 })", ["name"], ["Agent"]),
        ("foo(() => { Agent.create({ $0 }) })", ["name"], ["Agent"]),
        ("const x = { $0 }", ["Agent"], ["name"]),
    ],
)
def test_option_keys_in_javascript(source: str, includes: list[str], excludes: list[str]) -> None:
    check_completions(source, "javascript", includes=includes, excludes=excludes)


@pytest.mark.parametrize(
    ("language", "source", "only"),
    [
        ("lua", "Agent.create{ mode = '$0' }", ["careful", "fast"]),
        ("lua", 'Agent.create{ mode = "$0" }', ["careful", "fast"]),
        ("lua", "Agent.create{ mode = 'fa$0' }", ["careful", "fast"]),
        ("lua", "Agent.create{ mode = '$0", ["careful", "fast"]),
        ("lua", "Agent.create{ mode = '$0\nlocal b = 1", ["careful", "fast"]),
        ("lua", "Agent.create{ model = '$0' }", ["echo/echo", "openai/gpt-4o"]),
        ("lua", "Agent.create{ tools = { '$0' } }", ["calculator", "text-manipulator"]),
        ("lua", "Agent.create{ tools = { 'calculator', '$0' } }", ["calculator", "text-manipulator"]),
        ("lua", "Agent.create{ retry = { backoff = '$0' } }", ["exponential", "linear"]),
        ("lua", "Agent.create{ steps = { { type = '$0' } } }", ["agent", "tool"]),
        ("lua", "Agent.builder():model('$0')", ["echo/echo", "openai/gpt-4o"]),
        ("lua", "Tool.execute('$0')", ["calculator", "text-manipulator"]),
        ("lua", "Tool.execute('calc$0', { input = '' })", ["calculator", "text-manipulator"]),
        ("lua", "Tool.execute '$0'", ["calculator", "text-manipulator"]),
        ("lua", 'Tool.execute("$0', ["calculator", "text-manipulator"]),
        ("lua", "Tool.get('$0'):execute{}", ["calculator", "text-manipulator"]),
        ("lua", "Tool.execute('text-manipulator', { operation = '$0' })", ["lowercase", "trim", "uppercase"]),
        ("lua", "Tool.get('calculator'):execute{ operation = '$0' }", ["evaluate", "validate"]),
        ("lua", "Agent.create{ name = '$0' }", []),
        ("lua", "print('$0')", []),
        ("lua", "Event.publish('a.b', {})\nEvent.publish('c', {})\nEvent.subscribe('$0')", ["a.b", "c"]),
        ("lua", "State.save('global', 'k', 1)\nState.load('agent:a', 'k')\nState.save('$0')",
         ["agent", "agent:a", "global", "session"]),
        ("javascript", "Agent.create({ mode: '$0' })", ["careful", "fast"]),
        ("javascript", "Agent.create({ mode: `$0` })", []),
        ("javascript", "Agent.create({ model: '$0', name: 'x' })", ["echo/echo", "openai/gpt-4o"]),
        ("javascript", "Agent.create({ tools: ['$0'] })", ["calculator", "text-manipulator"]),
        ("javascript", "await Tool.execute('$0', {})", ["calculator", "text-manipulator"]),
        ("javascript", "Tool.execute('text-manipulator', { operation: '$0' })",
         ["lowercase", "trim", "uppercase"]),
        ("javascript", "Tool.execute('$0", ["calculator", "text-manipulator"]),
        ("javascript", "Agent.builder().model('$0')", ["echo/echo", "openai/gpt-4o"]),
        ("javascript", "console.log('$0')", []),
    ],
)  # fmt: skip
def test_values_in_strings(language: Language, source: str, only: list[str]) -> None:
    check_completions(source, language, only=only)


@pytest.mark.parametrize(
    ("language", "source", "includes"),
    [
        ("lua", "Agent.create{ stream = $0 }", ["true", "false"]),
        ("lua", "Agent.create{ stream = t$0 }", ["true"]),
        ("lua", "Agent.create{ mode = $0 }", ['"fast"', '"careful"', "Agent"]),
        ("lua", "Agent.create{ tools = { $0 } }", ['"calculator"']),
        ("lua", "Tool.execute($0)", ['"calculator"', "Agent"]),
        ("lua", "local name = 'x'\nTool.execute($0)", ['"calculator"', "name"]),
        ("javascript", "Agent.create({ stream: $0 })", ["true", "false"]),
        ("javascript", "Agent.create({ mode: $0 })", ['"fast"']),
        ("javascript", "Agent.create({ tools: [$0] })", ['"calculator"']),
        ("javascript", "Tool.execute($0)", ['"calculator"', "Agent"]),
    ],
)
def test_values_outside_strings_bring_their_quotes(
    language: Language, source: str, includes: list[str]
) -> None:
    check_completions(source, language, includes=includes)


@pytest.mark.parametrize(
    ("source", "includes", "excludes"),
    [
        ("local x = 1\n$0", ["x", "Agent", "print"], ["console"]),
        ("$0\nlocal x = 1", ["Agent"], ["x"]),
        ("local x = $0", ["Agent"], ["x"]),
        ("local function f(a, b)\n  $0\nend\nlocal y", ["f", "a", "b"], ["y"]),
        ("local f = function() $0 end", [], ["f"]),
        ("for i, v in ipairs(t) do $0 end", ["i", "v"], []),
        ("for i, v in ipairs(t) do end $0", ["Agent"], ["i", "v"]),
        ("do local x = 1 end\n$0", ["Agent"], ["x"]),
        ("if a then local x = 1\n $0\nend", ["x"], []),
        ("if a then local x = 1 else $0 end", [], ["x"]),
        ("repeat local x = 1 until $0", ["x"], []),
        ("counter = 1\n$0", ["counter"], []),
        ("local x = 1\nlocal function f() return $0 end", ["x", "f"], []),
        ("local M = {}\nfunction M:go() $0 end", ["self", "M"], []),
        ("print(lo$0)", ["local"], []),
        ("lo$0", ["local"], ["return"]),
        ("while $0 do end", ["Agent"], ["while"]),
    ],
)
def test_names_in_sight_in_lua(source: str, includes: list[str], excludes: list[str]) -> None:
    check_completions(source, includes=includes, excludes=[*excludes, "__cursor__", "name"])


@pytest.mark.parametrize(
    ("source", "includes", "excludes"),
    [
        ("const x = 1;\n$0", ["x", "Agent", "console"], ["print"]),
        ("$0\nconst x = 1;", ["Agent"], ["x"]),
        ("$0\nfunction later() {}", ["later"], []),
        ("function f() { $0 }\nconst below = 1;", ["f", "below"], []),
        ("const x = $0", ["Agent"], ["x"]),
        ("function f(a, { b, c: d }, [e], ...rest) {\n  $0\n}", ["a", "b", "d", "e", "rest"], ["c"]),
        ("for (const x of xs) { $0 }", ["x"], []),
        ("for (const x of xs) {}\n$0", [], ["x"]),
        ("{ let x = 1 }\n$0", [], ["x"]),
        ("{ var x = 1 }\n$0", ["x"], []),
        ("try {} catch (error) { $0 }", ["error"], []),
        ("import { a, b as c } from './m.js';\n$0", ["a", "c"], ["b"]),
        ("class K {}\n$0", ["K"], []),
        ("const f = (x) => { $0 }", ["x"], []),
        ("con$0", ["const", "console"], []),
        ("if ($0) {}", ["Agent"], []),
    ],
)
def test_names_in_sight_in_javascript(source: str, includes: list[str], excludes: list[str]) -> None:
    check_completions(source, "javascript", includes=includes, excludes=[*excludes, "__cursor__"])


def test_members_of_a_required_module() -> None:
    files = {"lib/format.lua": "local M = {}\nfunction M.bullet(i, t) end\nM.width = 80\nreturn M\n"}
    source = "local format = require('lib.format')\nformat.$0"
    check_completions(source, includes=["bullet", "width"], files=files)


def test_members_and_names_of_an_imported_module() -> None:
    files = {"lib/format.js": "export function bullet(i) {}\nexport const width = 80;\nconst hidden = 1;\n"}
    whole = "import * as format from './lib/format.js';\nformat.$0"
    check_completions(whole, "javascript", only=["bullet", "width"], files=files)
    named = "import { $0 } from './lib/format.js';"
    check_completions(named, "javascript", only=["bullet", "width"], files=files)


def test_names_that_a_module_passes_on() -> None:
    files = {
        "format.js": "export function bullet(i) {}\nexport default 1;\n",
        "main.mjs": "export * from './index.js';\n",
        "index.js": "export * from './format.js';\nexport * from './main.mjs';\n"
        "export { bullet as point, default as first } from './format.js';\n"
        "export * as format from './format.js';\n",
    }
    named = "import { $0 } from './index.js';"
    check_completions(named, "javascript", only=["bullet", "first", "format", "point"], files=files)
    inner = "import { format } from './index.js';\nformat.$0"
    check_completions(inner, "javascript", only=["bullet", "default"], files=files)


def test_a_module_that_makes_an_agent_keeps_its_type() -> None:
    files = {"agents.lua": "return { writer = Agent.create{} }"}
    check_completions("require('agents').writer:$0", includes=["execute"], files=files)


def test_modules_that_require_each_other_do_not_hang() -> None:
    files = {"other.lua": "local main = require('main')\nreturn main"}
    check_completions("local other = require('other')\nother.$0\nreturn other", only=[], files=files)


@pytest.mark.parametrize(
    ("language", "source", "label", "expect"),
    [
        ("lua", "Agent.cr$0", "create", 'Agent.create({ name = "$1", model = "$2" })$0'),
        ("lua", "Agent.$0{}", "create", "Agent.create{}"),
        ("lua", "Agent.cr$0({})", "create", "Agent.create({})"),
        ("lua", "Agent.$0", "builder", "Agent.builder()"),
        ("lua", "Tool.$0", "execute", 'Tool.execute("$1")$0'),
        ("lua", "State.$0", "save", 'State.save("$1", "$2", ${3:value})$0'),
        ("lua", "pri$0", "print", "print($0)"),
        ("lua", "Agent.create{ $0 }", "name", 'Agent.create{ name = "$1" }'),
        ("lua", "Agent.create{ $0 }", "temperature", "Agent.create{ temperature = $1 }"),
        ("lua", "Agent.create{ $0 }", "retry", "Agent.create{ retry = { $1 } }"),
        ("lua", "Agent.create{ $0 }", "tools", "Agent.create{ tools = { $1 } }"),
        ("lua", "Agent.create{ $0 }", "mode", 'Agent.create{ mode = "${1|fast,careful|}" }'),
        ("lua", "Agent.create{ te$0 = 1 }", "temperature", "Agent.create{ temperature = 1 }"),
        ("lua", "Agent.create{ mode = 'ca$0ref' }", "fast", "Agent.create{ mode = 'fast' }"),
        ("lua", "Agent.create{ mode = '$0", "fast", "Agent.create{ mode = 'fast'"),
        ("lua", "Tool.execute('text-$0man', {})", "calculator", "Tool.execute('calculator', {})"),
        ("lua", "Tool.execute($0)", '"calculator"', 'Tool.execute("calculator")'),
        ("lua", "('x'):$0", "rep", "('x'):rep(${1:n})$0"),
        ("javascript", "Agent.cr$0", "create", 'Agent.create({ name: "$1", model: "$2" })$0'),
        ("javascript", "Agent.create({ $0 })", "maxTokens", "Agent.create({ maxTokens: $1 })"),
        ("javascript", "Agent.create({ $0 })", "tools", "Agent.create({ tools: [$1] })"),
        ("javascript", "Agent.create({ mode: 'fa$0' })", "careful", "Agent.create({ mode: 'careful' })"),
        ("javascript", "const { $0 } = Agent", "create", "const { create } = Agent"),
    ],
)
def test_what_accepting_writes(language: Language, source: str, label: str, expect: str) -> None:
    assert accepted(source, label, language) == expect


def test_required_options_come_first_and_deprecated_last() -> None:
    labels = [item.label for item in completions("Agent.create{ $0 }")]
    assert labels[:2] == ["name", "model"]
    assert labels[-1] == "api_key"
    deprecated = [item.label for item in completions("Agent.create{ $0 }") if item.deprecated]
    assert deprecated == ["api_key"]


def test_deprecated_members_are_tagged_and_last() -> None:
    last = completions("Agent.$0")[-1]
    assert (last.label, last.deprecated) == ("create_async", True)


def test_details_are_written_in_the_language() -> None:
    details = {item.label: item.detail for item in completions("Agent.create({ $0 })", "javascript")}
    assert details["maxTokens"] == "maxTokens?: number"
    assert details["name"] == "name: string"


@pytest.mark.parametrize(
    ("language", "source", "label", "expect"),
    [
        ("lua", "$0", "Agent", "(global) Agent"),
        ("lua", "Agent.$0", "create", "Agent.create(options: AgentOptions) -> Agent"),
        ("lua", "Agent.create{ $0 }", "temperature", "Range: 0 to 2."),
        ("lua", "Tool.execute('$0')", "calculator", "Evaluates an expression."),
        ("lua", "Tool.execute('calculator', { $0 })", "operation", '"evaluate" | "validate"'),
        ("lua", "Agent.create{ model = '$0' }", "openai/gpt-4o", "128,000 tokens"),
        ("lua", "Agent.create{}:$0", "execute", "Agent:execute(input: AgentInput) -> AgentOutput"),
        ("lua", "Agent.create{ steps = { { type = 'agent', $0 } } }", "max_turns", "max_turns?: integer"),
        ("javascript", "Agent.create({ $0 })", "maxTokens", "maxTokens?: number"),
    ],
)
def test_documentation_is_found_by_key(language: Language, source: str, label: str, expect: str) -> None:
    snapshot, offset = opened(source, language)
    items = snapshot.completions_at(path_of(language), offset).items
    item = next(one for one in items if one.label == label)
    assert expect in snapshot.completion_documentation(item.key)


@pytest.mark.parametrize(
    "key", ["", "lua", "lua|member|Nothing|x", "lua|option|Nope|x", "x|y|z|w", "lua|tool|none"]
)
def test_unknown_keys_have_no_documentation(key: str) -> None:
    snapshot, _ = opened("", "lua")
    assert snapshot.completion_documentation(key) == ""
