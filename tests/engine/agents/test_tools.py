"""Agents as tools and tools as agents, in both languages."""

# ruff: noqa: E501 (scripts read best on one line)

from __future__ import annotations

from pathlib import Path

import pytest
from llmspell_engine.language import LANGUAGES, Language
from support.agents import scripted
from support.globals import Pair, check_pair, check_refused
from support.runtime import check_out

PAIRS = [
    Pair(
        "an agent is a tool for scripts",
        "Agent.create({ name = 'w', model = 'echo', description = 'Repeats.' }) local name = Agent.wrap_as_tool('w', { tool_name = 'repeat', category = 'data' }) "
        "local t = Tool.get(name) print(name, Tool.exists('repeat'), t.description, t.schema.parameters[1].name, t:execute({ text = 'a' }).text, Tool['repeat']:execute({ text = 'b' }).result, "
        "Tool.execute('repeat', { text = 'c' }).success, #Tool.discover({ category = 'data', tag = 'Repeats.' }))",
        "Agent.create({ name: 'w', model: 'echo', description: 'Repeats.' }); const name = Agent.wrapAsTool('w', { toolName: 'repeat', category: 'data' }); "
        "const t = Tool.get(name); say(name, Tool.exists('repeat'), t.description, t.schema.parameters[0].name, (await t.execute({ text: 'a' })).text, (await Tool['repeat'].execute({ text: 'b' })).result, "
        "(await Tool.execute('repeat', { text: 'c' })).success, Tool.discover({ category: 'data', tag: 'Repeats.' }).length)",
        "repeat\ttrue\tRepeats.\ttext\ta\tb\ttrue\t1\n",
    ),
    Pair(
        "agents made of agents stream what the last of them says",
        "local function show(a, q) local t = {} local r = a:invoke_stream(q, function(c) t[#t + 1] = c.text end) print(table.concat(t, '|'), r.text, r.agent, table.concat(r.path, '>')) end "
        "local e = Agent.create({ name = 'e', model = 'echo' }) local p = Agent.pipeline({ name = 'p', steps = { 'e', string.upper, Agent.pool({ size = 1, agent = { name = 'q', model = 'echo' } }) } }) show(p, 'a b') "
        "show(Agent.pipeline({ name = 'f', steps = { e, string.upper } }), 'a b') show(Agent.create_composite('c', { 'p', 'e' }, 'first'), 'c d') "
        "show(Agent.create_composite('d', { Agent.create({ name = 'b', model = 'scripted/broken' }), e }, 'fallback'), 'e f') show(Agent.create_composite('g', { 'e', 'e' }, 'all'), 'g') "
        "show(Agent.create_composite('h', { 'e' }, function() return 'e' end), 'i j')",
        "const show = async (a, q) => { const t = []; const r = await a.invokeStream(q, (c) => { t.push(c.text) }); say(t.join('|'), r.text, r.agent, r.path.join('>')) }; "
        "const e = Agent.create({ name: 'e', model: 'echo' }); const up = (t) => t.toUpperCase(); const p = Agent.pipeline({ name: 'p', steps: ['e', up, Agent.pool({ size: 1, agent: { name: 'q', model: 'echo' } })] }); await show(p, 'a b'); "
        "await show(Agent.pipeline({ name: 'f', steps: [e, up] }), 'a b'); await show(Agent.createComposite('c', ['p', 'e'], 'first'), 'c d'); "
        "await show(Agent.createComposite('d', [Agent.create({ name: 'b', model: 'scripted/broken' }), e], 'fallback'), 'e f'); await show(Agent.createComposite('g', ['e', 'e'], 'all'), 'g'); "
        "await show(Agent.createComposite('h', ['e'], () => 'e'), 'i j')",
        "A |B\tA B\tp\te>q-1\nA B\tA B\tf\te\nC |D\tC D\tp\te>q-1\ne |f\te f\te\te\ng\n\ng\tg\n\ng\tg\te>e\ni |j\ti j\te\te\n",
    ),
    Pair(
        "what a function gives as a promise is waited for",
        "local f = { name = 'helper', handler = function() return Async.run(function() Async.sleep(0.01) return 'late' end) end } "
        "print(Agent.create({ model = 'scripted/asks', tools = { f } }):execute('x').tool_calls[1].result)",
        "const f = { name: 'helper', handler: () => Async.run(async () => { await Async.sleep(0.01); return 'late' }) }; "
        "say((await Agent.create({ model: 'scripted/asks', tools: [f] }).execute('x')).toolCalls[0].result)",
        "late\n",
    ),
    Pair(
        "an agent is a tool for other agents, by name",
        "Agent.wrap_as_tool(Agent.create({ name = 'w', model = 'echo' }), { tool_name = 'helper' }) "
        "local a = Agent.create({ model = 'scripted/asks', allowed_tools = { 'helper', 'calculator' } }) local r = a:execute('x') "
        "print(r.text, r.tool_calls[1].result, a:get_tool_metadata('helper').category, a:get_all_tool_metadata().calculator.category, a:invoke_tool('helper', { text = 'hi' }).text)",
        "Agent.wrapAsTool(Agent.create({ name: 'w', model: 'echo' }), { toolName: 'helper' }); "
        "const a = Agent.create({ model: 'scripted/asks', allowedTools: ['helper', 'calculator'] }); const r = await a.execute('x'); "
        "say(r.text, r.toolCalls[0].result, a.getToolMetadata('helper').category, a.getAllToolMetadata().calculator.category, (await a.invokeTool('helper', { text: 'hi' })).text)",
        "asked\thow are you\tcustom\tutility\thi\n",
    ),
    Pair(
        "handlers step in around such a tool",
        "Agent.wrap_as_tool(Agent.create({ name = 'w', model = 'echo' })) Hook.register('pre_tool', function(c) return { type = 'modified', data = { parameters = { text = c.data.tool } } } end) "
        "print(Tool.execute('w', { text = 'x' }).text)",
        "Agent.wrapAsTool(Agent.create({ name: 'w', model: 'echo' })); Hook.register('pre_tool', (c) => ({ type: 'modified', data: { parameters: { text: c.data.tool } } })); "
        "say((await Tool.execute('w', { text: 'x' })).text)",
        "w\n",
    ),
    Pair(
        "a workflow is a tool of an agent",
        "local w = Workflow.builder():name('helper'):pipeline():add_step({ name = 's', type = 'function', execute = function(i) return 'done' end }):build() "
        "print(Agent.create({ model = 'scripted/asks', tools = { w } }):execute('x').tool_calls[1].result)",
        "const w = Workflow.builder().name('helper').pipeline().addStep({ name: 's', type: 'function', execute: () => 'done' }).build(); "
        "say((await Agent.create({ model: 'scripted/asks', tools: [w] }).execute('x')).toolCalls[0].result)",
        "done\n",
    ),
    Pair(
        "a workflow is a step of a pipeline, and a member of a composite",
        "local w = Workflow.builder():name('w'):pipeline():add_step({ name = 's', type = 'function', execute = function(i) return i .. '!' end }):build() "
        "local p = Agent.pipeline({ name = 'p', steps = { w, function(t) return t .. '?' end } }) print(p:execute('hi').text, Agent.create_composite('c', { p, w }, 'first'):execute('hi').text, Agent.execute(w, 'x').text)",
        "const w = Workflow.builder().name('w').pipeline().addStep({ name: 's', type: 'function', execute: (i) => i + '!' }).build(); "
        "const p = Agent.pipeline({ name: 'p', steps: [w, (t) => t + '?'] }); say((await p.execute('hi')).text, (await Agent.createComposite('c', [p, w], 'first').execute('hi')).text, (await Agent.execute(w, 'x')).text)",
        "hi!?\thi!?\tx!\n",
    ),
    Pair(
        "a tool is an agent: text, parameters, JSON",
        "local a = Agent.from_tool('calculator', { name = 'sums', parameters = { operation = 'evaluate' }, capabilities = { 'sums' } }) local r = a:execute('6 * 7') "
        "print(r.text, r.agent, r.tool_calls[1].tool, r.data.result ~= nil, r.metadata.cost, a:get_config().type) "
        "print(a:execute({ text = 'x', parameters = { input = '1 + 1' } }).text, a:execute('{ \"input\": \"2 + 2\" }').text, a:has_tool('calculator'))",
        "const a = Agent.fromTool('calculator', { name: 'sums', parameters: { operation: 'evaluate' }, capabilities: ['sums'] }); const r = await a.execute('6 * 7'); "
        "say(r.text, r.agent, r.toolCalls[0].tool, r.data.result !== undefined, r.metadata.cost.toFixed(1), a.getConfig().type); "
        "say((await a.execute({ text: 'x', parameters: { input: '1 + 1' } })).text, (await a.execute('{ \"input\": \"2 + 2\" }')).text, a.hasTool('calculator'))",
        "42\tsums\tcalculator\ttrue\t0.0\ttool\n2\t4\ttrue\n",
    ),
    Pair(
        "a tool as a step and a member",
        "local t = Agent.from_tool('text-manipulator', { name = 'loud', parameters = { operation = 'uppercase' } }) Agent.create({ name = 'e', model = 'echo' }) "
        "print(Agent.pipeline({ steps = { 'e', t } }):execute('hi').text, Agent.create_composite('c', { t }, 'fallback'):execute('x').text)",
        "const t = Agent.fromTool('text-manipulator', { name: 'loud', parameters: { operation: 'uppercase' } }); Agent.create({ name: 'e', model: 'echo' }); "
        "say((await Agent.pipeline({ steps: ['e', t] }).execute('hi')).text, (await Agent.createComposite('c', [t], 'fallback').execute('x')).text)",
        "HI\tX\n",
    ),
    Pair(
        "an agent that would wait for itself is told so",
        "local a a = Agent.create({ name = 'a', model = 'scripted/itself', allowed_tools = {}, tools = { { name = 'again', handler = function() return a:execute('again').text end } } }) "
        "Agent.wrap_as_tool(Agent.create_composite('around', { a }, 'first'), { tool_name = 'itself' }) "
        "print(a:execute('x').text)",
        "const a = Agent.create({ name: 'a', model: 'scripted/itself', tools: [{ name: 'again', handler: async () => (await a.execute('again')).text }] }); "
        "Agent.wrapAsTool(Agent.createComposite('around', [a], 'first'), { toolName: 'itself' }); "
        "say((await a.execute('x')).text)",
        "refused\n",
    ),
]
REFUSED = [
    Pair(
        "a name that a tool has",
        "Agent.wrap_as_tool(Agent.create({ model = 'echo' }), { tool_name = 'calculator' })",
        "Agent.wrapAsTool(Agent.create({ model: 'echo' }), { toolName: 'calculator' })",
        "there is a tool 'calculator' already; choose another name",
    ),
    Pair(
        "a tool of an agent without a question",
        "Agent.wrap_as_tool(Agent.create({ name = 'w', model = 'echo' })) Tool.execute('w', { prompt = 'x' })",
        "Agent.wrapAsTool(Agent.create({ name: 'w', model: 'echo' })); await Tool.execute('w', { prompt: 'x' })",
        "'w' asks an agent: give what to ask as 'text'",
    ),
    Pair(
        "no such tool",
        "Agent.from_tool('calculater')",
        "Agent.fromTool('calculater')",
        "there is no tool 'calculater'; did you mean 'calculator'?",
    ),
    Pair(
        "no such parameter",
        "Agent.from_tool('uuid-generator', { takes_text = 'nothing' })",
        "Agent.fromTool('uuid-generator', { takesText: 'nothing' })",
        "the tool 'uuid-generator' has no parameter 'nothing' for the text; there is operation, version, format, namespace, name, prefix, short, timestamp, suffix, uuid",
    ),
    Pair(
        "a name that an agent has",
        "Agent.create({ name = 'calculator', model = 'echo' }) Agent.from_tool('calculator')",
        "Agent.create({ name: 'calculator', model: 'echo' }); Agent.fromTool('calculator')",
        "there is an agent 'calculator' already; destroy it or choose another name",
    ),
    Pair(
        "agents that ask each other in a circle",
        "local p p = Agent.pipeline({ name = 'p', steps = { function(t) return p:execute(t).text end } }) p:execute('x')",
        "const p = Agent.pipeline({ name: 'p', steps: [async (t) => (await p.execute(t)).text] }); await p.execute('x')",
        "more than 32 agents ask each other: … p -> p -> p -> p -> p; do they ask in a circle?",
    ),
    Pair(
        "a tool that fails as an agent",
        "Agent.from_tool('file-operations', { parameters = { operation = 'read' } }):execute({ text = 'x', parameters = { path = 'nothing.txt' } })",
        "await Agent.fromTool('file-operations', { parameters: { operation: 'read' } }).execute({ text: 'x', parameters: { path: 'nothing.txt' } })",
        "file-operations: 'nothing.txt' does not exist",
    ),
]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.name)
def test_tools_and_agents(pair: Pair, language: Language, tmp_path: Path) -> None:
    check_pair(pair, language, services=scripted(tmp_path))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("pair", REFUSED, ids=lambda pair: pair.name)
def test_refused(pair: Pair, language: Language, tmp_path: Path) -> None:
    check_refused(pair, language, services=scripted(tmp_path, root=tmp_path))


GIVEN = {
    "a coroutine is refused": (
        "local f = { name = 'helper', handler = function() return coroutine.create(print) end } "
        "print(Agent.create({ model = 'scripted/asks', tools = { f } }):execute('x').tool_calls[1].result)",
        "Error: a function gave a coroutine to the engine, which runs none; give what it comes to, or Async.run(f)\n",
    ),
    "a promise is cancelled with who asked": (
        "local held local f = { name = 'helper', handler = function() held = Async.run(Async.sleep, 30) return held end } "
        "local a = Agent.create({ model = 'scripted/asks', tools = { f } }) local work = Async.run(a.execute, 'x') "
        "while not held do Async.sleep(0.005) end Async.sleep(0.005) work:cancel() print(pcall(work.await)) print(pcall(held.await))",
        "false\tthe work was cancelled\nfalse\twho asked for it was cancelled\n",
    ),
}


@pytest.mark.parametrize("text", GIVEN)
def test_what_functions_of_lua_give(text: str, tmp_path: Path) -> None:
    script, expect = GIVEN[text]
    check_out("lua", script, expect, services=scripted(tmp_path))
