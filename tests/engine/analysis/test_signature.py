"""The call around the cursor and the parameter being written."""

from __future__ import annotations

import pytest
from support.analysis import check_signature, signature

SAVE = "State.save(scope: string, key: string, value: any)"
CREATE = "Agent.create(options: AgentOptions) -> Agent"
EXECUTE = "Tool.execute(name: string, parameters?: table) -> ToolResult"
EXECUTE_JS = "Tool.execute(name: string, parameters?: object) -> ToolResult"


@pytest.mark.parametrize(
    ("source", "label", "active"),
    [
        ("State.save($0", SAVE, 0),
        ("State.save($0)", SAVE, 0),
        ("State.save('a'$0", SAVE, 0),
        ("State.save('a', $0", SAVE, 1),
        ("State.save('a',$0)", SAVE, "key: string"),
        ("State.save('a', 'b', $0", SAVE, "value: any"),
        ("State.save('a', 'b', 1$0", None, None),
        ("State.save('a', 'b', x$0", SAVE, 2),
        ("State.save('a', 'b', 1, $0", SAVE, None),
        ("State.save('a, b', $0)", SAVE, 1),
        ('State.save("a, (b", $0)', SAVE, 1),
        ("State.save([[a, b]], $0)", SAVE, 1),
        ("State.save(f(1, 2), $0)", SAVE, 1),
        ("State.save({ 1, 2, 3 }, $0)", SAVE, 1),
        ("State.save(-- a, b\n'x', $0)", SAVE, 1),
        ("State.save(function(a, b) return 1, 2 end, $0)", SAVE, 1),
        ("State.save('a', $0\nlocal b = 1", SAVE, 1),
        ("State.save('a', State.load($0", "State.load(scope: string, key: string) -> any", 0),
        ("State.save('a', State.load('b', 'c'), $0", SAVE, 2),
        ("State.save('$0", SAVE, 0),
        ("State.save('a', 'b$0')", SAVE, 1),
        ("Agent.create{ $0 }", CREATE, 0),
        ("Agent.create{ name = 'x', $0 }", CREATE, 0),
        ("Agent.create{ name = $0", CREATE, 0),
        ("Agent.create({ retry = { $0 } })", CREATE, 0),
        ("Tool.execute'$0'", EXECUTE, 0),
        ("Tool.execute('calculator', { $0 })", EXECUTE, 1),
        ("Tool.execute(\n  'calculator',\n  $0\n)", EXECUTE, 1),
        ("local e = Tool.execute\ne($0)", EXECUTE, 0),
        ("pcall(Tool.execute, $0)", EXECUTE, 0),
        ("pcall(Tool.execute, 'calculator', $0)", EXECUTE, 1),
        ("local a = Agent.create{}\na:execute($0)", "Agent:execute(input: AgentInput) -> AgentOutput", 0),
        ("Agent.builder():name($0)", "AgentBuilder:name(name: string) -> AgentBuilder", 0),
        (
            "Agent.builder()\n  :name('x')\n  :model($0",
            "AgentBuilder:model(model: string) -> AgentBuilder",
            0,
        ),
        ("Agent.builder($0)", "Agent.builder() -> AgentBuilder", None),
        ("print(1, 2, $0)", "print(...: any)", 0),
        ("local function group(items, key, ...) end\ngroup(1, $0)", "group(items, key, ...)", 1),
        ("local function group(items, key) end\ngroup(1, 2, $0)", "group(items, key)", None),
        ("local M = {}\nfunction M.go(a) end\nM.go($0)", "M.go(a)", 0),
        ("('x'):rep($0)", "string.rep(s: string, n: integer) -> string", "n: integer"),
        ("string.rep('x', $0)", "string.rep(s: string, n: integer) -> string", "n: integer"),
        ("State.save $0", None, None),
        ("State.save('a', 'b')$0", None, None),
        ("unknown($0)", None, None),
        ("print(function()\n  $0\nend)", None, None),
        ("-- State.save($0", None, None),
        ("$0", None, None),
        ("local t = { $0 }", None, None),
    ],
)
def test_signatures_in_lua(source: str, label: str | None, active: int | str | None) -> None:
    check_signature(source, label=label, active=active)


@pytest.mark.parametrize(
    ("source", "label", "active"),
    [
        ("State.save($0", SAVE, 0),
        ("State.save('a, b', $0)", SAVE, 1),
        ("State.save(`a, ${b}`, $0)", SAVE, 1),
        ("State.save([1, 2], $0)", SAVE, 1),
        ("State.save({ a: 1, b: 2 }, $0)", SAVE, 1),
        ("State.save((a, b) => 1, $0)", SAVE, 1),
        ("State.save(function (a, b) { return 1 }, $0)", SAVE, 1),
        ("State.save('a', $0\nconst b = 1;", SAVE, 1),
        ("State.save('a', f(1, $0", None, None),
        ("Agent.create({ $0 })", CREATE, 0),
        ("Agent.create({ name: 'x', $0", CREATE, 0),
        ("await Tool.execute('calculator', { $0 })", EXECUTE_JS, 1),
        ("const a = Agent.create({});\na.execute($0)", "Agent.execute(input: AgentInput) -> AgentOutput", 0),
        ("const f = (a, b) => 1;\nf(1, $0)", "f(a, b)", 1),
        ("class A { constructor(x, y) {} }\nnew A(1, $0)", "constructor(x, y)", 1),
        ("function f(a, { b }, [c], ...d) {}\nf($0)", "f(a, { b }, [c], ...d)", 0),
        ("console.log(1, 2, $0)", "console.log(...values: any)", 0),
        ("console.log(() => { $0 })", None, None),
        ("if ($0) {}", None, None),
    ],
)  # fmt: skip
def test_signatures_in_javascript(source: str, label: str | None, active: int | str | None) -> None:
    check_signature(source, "javascript", label=label, active=active)


def test_an_option_table_is_documented_with_its_fields() -> None:
    found = signature("Agent.create{ $0 }")
    assert found is not None
    doc = found.signatures[0].parameters[0].doc
    assert doc.startswith("How the agent is made.")
    assert "- `name: string`: The agent's name." in doc


def test_the_parameters_of_the_named_tool_are_documented() -> None:
    found = signature("Tool.execute('text-manipulator', $0)")
    assert found is not None
    assert "`max_length?: integer`" in found.signatures[0].parameters[1].doc


def test_a_deprecated_function_says_so() -> None:
    found = signature("Agent.create_async($0)")
    assert found is not None
    assert "**Deprecated:** use `Agent.create` instead." in found.signatures[0].doc
