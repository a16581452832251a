"""Analysis on the shipped catalog: what the examples use is all known, and so completed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from llmspell_engine.analysis.workspace import Workspace

if TYPE_CHECKING:
    from llmspell_engine.language import Language

EXAMPLES = Path(__file__).parents[3] / "examples"
WHOLE = sorted(
    path for path in EXAMPLES.rglob("*.*") if path.suffix in (".lua", ".js") and "broken" not in path.parts
)


@pytest.mark.parametrize("path", WHOLE, ids=lambda path: str(path.relative_to(EXAMPLES)))
def test_everything_in_an_example_is_known(path: Path) -> None:
    workspace = Workspace()
    workspace.open(str(path), path.read_text())
    document = workspace.snapshot().document(str(path))
    semantics = document.semantics
    undeclared = {one.name for one in semantics.references if one.declaration is None}
    assert document.tree.faults == ()
    assert [name for name in undeclared if semantics.host_global(name) is None] == []
    assert [use.access.name for use in semantics.member_accesses if not use.is_known] == []
    lines = path.read_text().splitlines()
    deliberate = {index for index, line in enumerate(lines) if "llmspell: ignore unknown-option" in line}
    assert [
        entry.key
        for table in semantics.tables
        for entry, option in table.entries
        if option is None and document.text.position(entry.start).line not in deliberate
    ] == []
    assert [option.name for table in semantics.tables for option in table.missing] == []


ASK = "const agent = Agent.create({ model: 'echo' });\n"
LUA_ASK = "local agent = Agent.create({ model = 'echo' })\n"


@pytest.mark.parametrize(
    ("source", "language", "label"),
    [
        ("Agent.$0", "lua", "builder"),
        ("Agent.create{ $0 }", "lua", "system_prompt"),
        ("Agent.create({ $0 })", "javascript", "systemPrompt"),
        ("local a = Agent.builder():model('echo'):build()\na:$0", "lua", "execute"),
        ("Tool.execute('$0')", "lua", "text-manipulator"),
        ("Tool['$0']", "lua", "calculator"),
        ("Tool.execute('text-manipulator', { operation = '$0' })", "lua", "trim"),
        ("local r = Tool.execute('hash-calculator', {})\nprint(r.result.$0)", "lua", "hash"),
        ("State.save('$0')", "lua", "global"),
        ("string.$0", "lua", "format"),
        ("Math.$0", "javascript", "floor"),
        ("console.$0", "javascript", "log"),
        ("[1, 2].$0", "javascript", "map"),
        ("[1].map((x) => x).$0", "javascript", "join"),
        ("Tool.list().fi$0", "javascript", "filter"),
        ("''.$0", "javascript", "split"),
        ("`a${1}`.$0", "javascript", "trim"),
        ("'a,b'.split(',').$0", "javascript", "length"),
        ("(1.5).$0", "javascript", "toFixed"),
        ("Agent.list().forEach((one) => one.$0)", "javascript", "name"),
        ("Tool.list().filter((tool) => tool.$0)", "javascript", "category"),
        ("Tool.list().filter((tool) => tool.name).find((tool) => tool.$0)", "javascript", "category"),
        ("Tool.list().toSorted((a, b) => b.$0)", "javascript", "category"),
        ("Tool.list().reduce((sum, tool) => sum + tool.$0, 0)", "javascript", "category"),
        ("Tool.list().at(-1).$0", "javascript", "category"),
        ("[Agent.create({})].map((agent) => agent.$0)", "javascript", "execute"),
        (
            "const find = async () => Tool.list();\nfind().then((tools) => tools[0].$0)",
            "javascript",
            "category",
        ),
        ("import('./other.js').$0", "javascript", "then"),
        ("new Map([]).$0", "javascript", "size"),
        ("const seen = new Set();\nseen.add(1).$0", "javascript", "has"),
        ("new Promise((done) => done(1)).$0", "javascript", "finally"),
        ("Promise.all([]).$0", "javascript", "then"),
        ("async function f() {}\nf().$0", "javascript", "catch"),
        ("async function f() { return 'x' }\n(await f()).$0", "javascript", "trim"),
        ("const load = async () => Agent.list();\n(await load()).$0", "javascript", "find"),
        (f"{ASK}agent.execute('a').$0", "javascript", "then"),
        (f"{ASK}(await agent.execute('a')).$0", "javascript", "toolCalls"),
        (f"{ASK}agent.execute('a').then((answer) => answer.$0)", "javascript", "toolCalls"),
        (f"{ASK}agent.execute('a').then(({{ metadata }}) => metadata.$0)", "javascript", "model"),
        (f"{ASK}agent.execute('a').then((a) => a.metadata).then((m) => m.$0)", "javascript", "model"),
        (
            f"{ASK}agent.execute('a').catch(() => {{}}).finally(() => {{}}).then((a) => a.$0)",
            "javascript",
            "text",
        ),
        (f"{ASK}const ask = async () => agent.execute('a');\n(await ask()).$0", "javascript", "toolCalls"),
        (f"{ASK}for await (const chunk of agent.stream('a')) chunk.$0", "javascript", "agent"),
        (f"{ASK}for await (const a of [agent.execute('a')]) a.$0", "javascript", "toolCalls"),
        (f"{ASK}(await agent.stream('a').next()).$0", "javascript", "agent"),
        (f"{ASK}(await agent.stream('a').collect()).map((chunk) => chunk.$0)", "javascript", "agent"),
        (
            f"{ASK}const [a, b] = await Promise.all([Tool.list(), agent.execute('a')]);\nb.$0",
            "javascript",
            "text",
        ),
        (
            f"{ASK}const all = await Promise.all(['a'].map((w) => agent.execute(w)));\nall[1].$0",
            "javascript",
            "text",
        ),
        (
            f"{ASK}(await Promise.race([agent.execute('a'), agent.execute('b')])).$0",
            "javascript",
            "toolCalls",
        ),
        (f"{ASK}(await Promise.allSettled([agent.execute('a')]))[0].$0", "javascript", "status"),
        (f"{ASK}const [a] = await Async.all([() => agent.execute('a')]);\na.$0", "javascript", "toolCalls"),
        (f"{ASK}(await Async.timeout(agent.execute('a'), 1)).$0", "javascript", "toolCalls"),
        (f"{ASK}(await Async.run(() => agent.execute('a'))).$0", "javascript", "toolCalls"),
        ("new AbortController().signal.$0", "javascript", "throwIfAborted"),
        ("AbortSignal.timeout(5).$0", "javascript", "aborted"),
        ("setTime$0", "javascript", "setTimeout"),
        (f"{LUA_ASK}for chunk in agent:stream('a') do print(chunk.$0) end", "lua", "agent"),
        (f"{LUA_ASK}for chunk in agent:stream('a'):iter() do print(chunk.$0) end", "lua", "agent"),
        (f"{LUA_ASK}print(agent:stream('a'):next().$0)", "lua", "agent"),
        (
            f"{LUA_ASK}print(Async.run(function() return agent:execute('a') end):await().$0)",
            "lua",
            "tool_calls",
        ),
        (
            f"{LUA_ASK}local all = Async.all({{ Tool.list, function() return agent:execute('a') end }})\n"
            "print(all[2].$0)",
            "lua",
            "tool_calls",
        ),
        ("Agent.usage().models['echo'].$0", "javascript", "inputTokens"),
        (
            "local used = Agent.usage()\nfor name, one in pairs(used.models) do print(one.$0) end",
            "lua",
            "cost",
        ),
        (
            f"{LUA_ASK}Async.run(function() return agent:execute('a') end)"
            ":and_then(function(answer) print(answer.$0) end)",
            "lua",
            "tool_calls",
        ),
        ("Agent.create{ tools = { { $0 } } }", "lua", "handler"),
        ("Agent.create({ handoffs: [{ $0 }] })", "javascript", "agent"),
        (f"{ASK}agent.execute({{ text: 'a', media: [{{ $0 }}] }})", "javascript", "mediaType"),
        (f"{ASK}agent.execute({{ text: 'a', media: [{{ type: '$0' }}] }})", "javascript", "audio"),
        ("Agent.template('$0')", "lua", "planner"),
        ("Agent.create({ tools = { '$0' } })", "lua", "calculator"),
        ("Tool.register({ name = 'price-of' })\nTool.execute('$0', {})", "lua", "price-of"),
        ("Tools.create('price-of', {});\nAgent.create({ allowedTools: ['$0'] })", "javascript", "price-of"),
        ("Tool.register({ $0 })", "lua", "timeout_ms"),
        ("Tool.compose({ steps: [{ $0 }] })", "javascript", "prepare"),
        ("local t = Tool.create({ name = 'a' })\nt:execute({}).$0", "lua", "message"),
    ],
)
def test_the_api_is_completed(source: str, language: Language, label: str) -> None:
    workspace = Workspace()
    offset = source.index("$0")
    workspace.open("/main", source.replace("$0", ""), language)
    labels = [item.label for item in workspace.snapshot().completions_at("/main", offset).items]
    assert label in labels


@pytest.mark.parametrize(
    ("source", "label", "expect"),
    [
        ("'a'.$0", "split", "The parts between separators."),
        ("Promise.resolve(1).$0", "then", "Call a function with the value once it is there."),
    ],
)
def test_what_values_have_is_documented(source: str, label: str, expect: str) -> None:
    workspace = Workspace()
    workspace.open("/main.js", source.replace("$0", ""), "javascript")
    snapshot = workspace.snapshot()
    item = next(
        one for one in snapshot.completions_at("/main.js", source.index("$0")).items if one.label == label
    )
    assert expect in snapshot.completion_documentation(item.key)


@pytest.mark.parametrize(
    ("path", "source", "expect"),
    [
        ("/main.js", "Agent.get('$0')", [("critic", "agents.lua"), ("writer", "agents.lua")]),
        (
            "/main.lua",
            "Agent.create({ handoffs = { '$0' } })",
            [("critic", "agents.lua"), ("writer", "agents.lua")],
        ),
        ("/main.lua", "Agent.create({ name = '$0' })", []),
        ("/main.lua", "State.load('global', '$0')", [("draft", "agents.lua")]),
        (
            "/main.js",
            "Agent.create({ provider: '$0' })",
            [("anthropic", ""), ("cohere", ""), ("deepseek", "")],
        ),
    ],
)
def test_names_that_other_scripts_give_are_completed(
    path: str, source: str, expect: list[tuple[str, str]]
) -> None:
    workspace = Workspace()
    workspace.open(
        "/agents.lua",
        "Agent.create({ name = 'writer', model = 'echo' })\n"
        "Agent.builder():name('critic'):model('echo'):build()\n"
        "State.save('global', 'draft', 1)",
    )
    workspace.open(path, source.replace("$0", ""))
    items = workspace.snapshot().completions_at(path, source.index("$0")).items
    found = [(one.label, one.detail.removeprefix("used in ")) for one in items]
    assert found[:3] == expect


@pytest.mark.parametrize(
    ("source", "language", "expect"),
    [
        (
            "agent.exe$0cute('a')",
            "javascript",
            "AgentInstance.execute(request: AgentInput | string) -> Promise<AgentResult>",
        ),
        ("agent:exe$0cute('a')", "lua", "AgentInstance:execute(request: AgentInput | string) -> AgentResult"),
        ("agent.str$0eam('a')", "javascript", "-> Stream<AgentChunk>"),
        ("Async.sl$0eep(1)", "javascript", "-> Promise<void>"),
        ("Async.ru$0n(() => 1)", "javascript", "-> Promise<any>"),
        ("const ask$0ed = agent.execute('a')", "javascript", "const asked: Promise<AgentResult>"),
        ("const chunks$0 = agent.stream('a')", "javascript", "const chunks: Stream<AgentChunk>"),
    ],
)
def test_what_waits_is_shown_as_a_promise_in_javascript(source: str, language: Language, expect: str) -> None:
    prelude = LUA_ASK if language == "lua" else ASK
    workspace = Workspace()
    workspace.open("/main", prelude + source.replace("$0", ""), language)
    found = workspace.snapshot().hover_at("/main", len(prelude) + source.index("$0"))
    assert found is not None
    assert expect in found.markdown


def test_a_name_by_which_a_tool_is_only_asked_for_is_not_completed() -> None:
    workspace = Workspace()
    source = "Tool.execute('misspelt', {})\nTool.execute('$0', {})"
    workspace.open("/main.lua", source.replace("$0", ""))
    items = workspace.snapshot().completions_at("/main.lua", source.index("$0")).items
    assert "calculator" in [one.label for one in items]
    assert "misspelt" not in [one.label for one in items]
