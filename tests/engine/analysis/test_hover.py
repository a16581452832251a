"""What hovering tells."""

from __future__ import annotations

import pytest
from support.analysis import check_hover, hover, opened, path_of

AGENT_CREATE = "Agent.create(options: AgentOptions) -> Agent"


@pytest.mark.parametrize(
    ("source", "expect"),
    [
        ("local a = Agent.cre$0ate{}", [AGENT_CREATE, "Documentation of create.", "How the agent is made."]),
        ("local a = Agent.$0create{}", AGENT_CREATE),
        ("local a = Agent.create$0{}", AGENT_CREATE),
        ("local a = A$0gent.create{}",
         ["(global) Agent", "Documentation of Agent.", "`create`", "`create_async`"]),
        ("Agent.create_$0async{}", "**Deprecated:** use `Agent.create` instead."),
        ("local a = Agent.create{}\nlocal b = $0a", ["local a: Agent", "Documentation of Agent."]),
        ("local $0a = Agent.create{}", "local a: Agent"),
        ("local a = Agent.create{}\na:exe$0cute{}", "Agent:execute(input: AgentInput) -> AgentOutput"),
        ("local a = Agent.create{}\na.exe$0cute{}", "Agent:execute(input: AgentInput) -> AgentOutput"),
        ("local a = Agent.create{}\nprint(a.na$0me)", "Agent.name: string"),
        ("Agent.builder()\n  :name('x')\n  :system_$0prompt('y')",
         "AgentBuilder:system_prompt(prompt: string)"),
        ("pri$0nt(1)", "print(...: any)"),
        ("local r = Agent.create{}:execute{}\nprint(r.met$0adata)", "AgentOutput.metadata: AgentMetadata"),
        ("local r = Agent.create{}:execute{}\nprint(r.metadata.execution_$0time_ms)",
         "AgentMetadata.execution_time_ms: integer"),
        ("local r = Agent.create{}:execute{}\nprint($0r)", ["local r: AgentOutput", "`text: string`"]),
        ("local r = Tool.execute('text-manipulator', {})\nprint(r.result.original_$0length)",
         "original_length"),
        ("Agent.create{ temper$0ature = 1 }",
         ["temperature?: number = 0.7", "How freely it answers.", "Range: 0 to 2."]),
        ("Agent.create{ na$0me = 'x' }", ["name: string", "Required.", "Length: at least 1."]),
        ("Agent.create{ mo$0de = 'fast' }", ['Values: `"fast"`, `"careful"`.']),
        ("Agent.create{ mode = 'fa$0st' }", ["mode?:", "How it works."]),
        ("Agent.create{ max_$0tokens = 1 }", ["max_tokens?: integer", "Range: at least 1."]),
        ("Agent.create{ api_$0key = '' }", ["Secret", "**Deprecated.**"]),
        ("Agent.create{ re$0try = {} }", ["retry?: RetryOptions", "`attempts: integer`"]),
        ("Agent.create{ retry = { back$0off = 'linear' } }", 'backoff?: "linear" | "exponential"'),
        ("Agent.create{ on_$0done = f }", "fun(output: AgentOutput)"),
        ("Tool.execute('calc$0ulator', {})",
         ['(tool) "calculator"', "Evaluates an expression.", "| `input` |"]),
        ("Tool.get('text-$0manipulator')", ["Changes a text.", "Category: utility. Security: safe."]),
        ("Tool.get('calc_$0tool')", '(tool) "calculator"'),
        ("Agent.create{ tools = { 'calc$0ulator' } }", '(tool) "calculator"'),
        ("State.save('glo$0bal', 'k', 1)", ["(parameter) scope: string", "The scope."]),
        ("State.save('global', 'k$0', 1)", "(parameter) key: string"),
        ("Agent.create{ model = 'openai/$0gpt-4o' }", ['(model) "openai/gpt-4o"', "128,000 tokens"]),
        ("Tool.execute('calculator', { in$0put = '1' })", ["input: string", "Required."]),
        ("local t = Tool.get('calculator')\nprint($0t)", 'local t: Tool "calculator"'),
        ("print(Tool['calcu$0lator'])", '(tool) "calculator"'),
        ("-- Groups by kind.\n-- Twice.\nlocal function gro$0up(items, ...) end",
         ["local function group(items, ...)", "Groups by kind.\nTwice."]),
        ("function go$0(a) end", "function go(a)"),
        ("local f = function(a, b) end\n$0f()", "local function f(a, b)"),
        ("local M = {}\n-- Goes.\nfunction M.go(a) end\nM.g$0o(1)", ["function go(a)", "Goes."]),
        ("local t = { a = 1, b = 2 }\nprint($0t)", "local t: { a, b }"),
        ("local function f(x)\n  return $0x\nend", "(parameter) x"),
        ("Agent.create{ on_done = function(output) print(out$0put) end }", "(parameter) output: AgentOutput"),
        ("for _, tool in ipairs(Tool.list()) do print(to$0ol) end", "local tool: ToolInfo"),
        ("local l = Tool.list()\nprint($0l)", "local l: ToolInfo[]"),
        ("counter = 1\nprint(coun$0ter)", "(global) counter: integer"),
        ("local s = 'x'\nprint($0s)", "local s: string"),
        ("local s = ('x'):up$0per()", "string.upper(s: string) -> string"),
        ("local e = Tool.execute\n$0e('calculator', {})",
         "Tool.execute(name: string, parameters?: table) -> ToolResult"),
        ("print('pl$0ain')", None),
        ("local s = 'pl$0ain'", None),
        ("-- comm$0ent", None),
        ("local x = 1 +$0 2", None),
        ("unde$0fined()", None),
        ("$0", None),
        ("local Agent = {}\nprint(Ag$0ent)", "local Agent: table"),
        ("print(Agent.unk$0nown)", None),
        ("local grüße = '🙂🙂'; local a = Agent.cre$0ate{}", AGENT_CREATE),
    ],
)  # fmt: skip
def test_hover_in_lua(source: str, expect: str | list[str] | None) -> None:
    check_hover(source, expect=expect)


@pytest.mark.parametrize(
    ("source", "expect"),
    [
        ("const a = Agent.cre$0ate({});", AGENT_CREATE),
        ("const a = A$0gent.create({});", ["(global) Agent", "`createAsync`"]),
        ("const $0a = Agent.create({});", "const a: Agent"),
        ("let a = Agent.create({});\nfoo($0a);", "let a: Agent"),
        ("const a = await Agent.create({});\nfoo($0a);", "const a: Agent"),
        ("const a = Agent.create({});\na.exe$0cute({});", "Agent.execute(input: AgentInput) -> AgentOutput"),
        ("Agent.builder().system$0Prompt('x')", "AgentBuilder.systemPrompt(prompt: string)"),
        ("Agent.create({ max$0Tokens: 1 })", "maxTokens?: number"),
        ("Agent.create({ on$0Done: f })", "(output: AgentOutput) => void"),
        ("const name = 'x';\nAgent.create({ na$0me })", ["name: string", "Required."]),
        ("const { exec$0ute } = Tool;", "Tool.execute("),
        ("const { execute } = Tool;\nexec$0ute('calculator', {});", "Tool.execute("),
        ("const { metadata } = Agent.create({}).execute({});\nmeta$0data", "metadata: AgentMetadata"),
        ("Tool.execute('calc$0ulator', {})", '(tool) "calculator"'),
        ("Tool.execute('text-manipulator', { max$0Length: 1 })", "maxLength?: number"),
        ("Tool.execute('text-manipulator', { max_$0length: 1 })", "maxLength?: number"),
        ("// Groups.\nfunction gro$0up(items) {}", ["function group(items)", "Groups."]),
        ("/**\n * Groups by kind.\n */\nfunction group(items) {}\ngro$0up(1)", "Groups by kind."),
        ("const f = (a, b) => a;\n$0f()", "function f(a, b)"),
        ("class Kin$0d {}", "class Kind"),
        ("import { a } from './m.js';\n$0a", "(import) a"),
        ("console.lo$0g(1)", "console.log(...values: any)"),
        ("const o = { go() {} };\no.g$0o()", "function go()"),
        ("`text ${Ag$0ent}`", "(global) Agent"),
        ("const s = 'pl$0ain'", None),
        ("// comm$0ent", None),
        ("`te$0xt`", None),
    ],
)
def test_hover_in_javascript(source: str, expect: str | list[str] | None) -> None:
    check_hover(source, "javascript", expect=expect)


def test_the_options_of_a_parameter_stand_below_it() -> None:
    found = hover("Agent.cre$0ate{}")
    assert found is not None
    assert "- `options`: How the agent is made.\n  - `name: string`: The agent's name.\n" in found


def test_the_span_is_the_name() -> None:
    snapshot, offset = opened("local a = Agent.cre$0ate{}", "lua")
    found = snapshot.hover_at(path_of("lua"), offset)
    assert found is not None
    assert snapshot.document(path_of("lua")).text.value[found.span.start : found.span.end] == "create"


def test_a_member_of_a_required_module_shows_its_comment() -> None:
    files = {"lib/format.lua": "local M = {}\n-- One bullet.\nfunction M.bullet(i) end\nreturn M"}
    source = "local format = require('lib.format')\nformat.bul$0let(1)"
    check_hover(source, expect=["function bullet(i)", "One bullet."], files=files)


def test_the_name_of_a_module_shows_its_file() -> None:
    check_hover("require('l$0ib')", expect="/scripts/lib.lua", files={"lib.lua": "return 1"})
    assert hover("require('not_$0there')") is None


def test_hover_works_beside_broken_code() -> None:
    check_hover("local a = Agent.create{ name = \n\nprint(Agent.cre$0ate)", expect=AGENT_CREATE)
