"""Handlers around agents, their models and their tools, in both languages; streamed and not."""

# ruff: noqa: E501 (scripts read best on one line)

from __future__ import annotations

from pathlib import Path

import pytest
from llmspell_engine.language import LANGUAGES, Language
from support.agents import scripted
from support.globals import Pair, check_pair

DOUBLE_LUA = "tools = { { name = 'double', handler = function(a) return a.n * 2 end } }"
DOUBLE_JS = "tools: [{ name: 'double', handler: (a) => a.n * 2 }]"
STREAM_LUA = "local texts = {} local r = a:invoke_stream('hi', function(c) texts[#texts + 1] = c.text end) print(table.concat(texts), r.text)"
STREAM_JS = "const texts = []; const r = await a.invokeStream('hi', (c) => { texts.push(c.text) }); say(texts.join(''), r.text)"


def _hooked(name: str, point: str, decision: tuple[str, str], ask: tuple[str, str], expect: str) -> Pair:
    """A handler at a point gives a decision; then an agent is asked."""
    return Pair(
        name,
        f"local a = Agent.create({{ name = 'a', model = 'echo' }}) Hook.register('{point}', function(c) return {decision[0]} end) {ask[0]}",
        f"const a = Agent.create({{ name: 'a', model: 'echo' }}); Hook.register('{point}', (c) => ({decision[1]})); {ask[1]}",
        expect,
    )


ASK = ("print(a:execute('hi').text)", "say((await a.execute('hi')).text)")
FAIL = (
    "local ok, e = pcall(a.execute, 'hi') print(e.kind, e.message)",
    "try { await a.execute('hi') } catch (e) { say(e.name, e.message) }",
)
STREAM = (STREAM_LUA, STREAM_JS)
CHANGED = (
    "{ type = 'modified', data = { text = c.data.text .. '!' } }",
    "{ type: 'modified', data: { text: c.data.text + '!' } }",
)
REPLACED = (
    "{ type = 'replace', data = { text = 'never asked' } }",
    "{ type: 'replace', data: { text: 'never asked' } }",
)
CANCELLED = ("'not today'", "'not today'")
MESSAGES = (
    "{ type = 'modified', data = { messages = { { role = 'user', text = 'other' } } } }",
    "{ type: 'modified', data: { messages: [{ role: 'user', text: 'other' }] } }",
)
PAIRS = [
    _hooked("the prompt is changed", "before_agent_execution", CHANGED, ASK, "hi!\n"),
    _hooked("the answer is changed", "after_agent_execution", CHANGED, ASK, "hi!\n"),
    _hooked("the answer is replaced", "before_agent_execution", REPLACED, ASK, "never asked\n"),
    _hooked("the prompt of a stream is changed", "before_agent_execution", CHANGED, STREAM, "hi!\thi!\n"),
    _hooked("a stream is replaced", "before_agent_execution", REPLACED, STREAM, "never asked\tnever asked\n"),
    _hooked("the end of a stream is changed", "after_agent_execution", CHANGED, STREAM, "hi\thi!\n"),
    _hooked("what a model is asked is changed", "pre_llm", MESSAGES, ASK, "other\n"),
    _hooked("what a model is asked in a stream", "pre_llm", MESSAGES, STREAM, "other\tother\n"),
    _hooked("a model's answer is changed", "post_llm", CHANGED, ASK, "hi!\n"),
    _hooked("a model's answer is replaced", "pre_llm", REPLACED, ASK, "never asked\n"),
    _hooked("a model's stream is replaced", "pre_llm", REPLACED, STREAM, "never asked\tnever asked\n"),
    _hooked(
        "an execution is cancelled",
        "before_agent_execution",
        CANCELLED,
        (
            FAIL[0].replace("e.message", "e.message:match('[^:]+$')"),
            FAIL[1].replace("e.message", "e.message.match(/[^:]+$/)[0]"),
        ),
        "HookCancelledError\t not today\n",
    ),
    Pair(
        "a failing agent's answer is replaced",
        "Hook.register('agent_error', function(c) return { type = 'replace', data = { text = c.data.kind } } end) "
        "print(Agent.create({ model = 'scripted/broken' }):execute('x').text)",
        "Hook.register('agent_error', (c) => ({ type: 'replace', data: { text: c.data.kind } })); "
        "say((await Agent.create({ model: 'scripted/broken' }).execute('x')).text)",
        "ProviderError\n",
    ),
    Pair(
        "a failing stream is tried again",
        "Hook.register('agent_error', function() return { type = 'retry', max_attempts = 2 } end) "
        f"local a = Agent.create({{ model = 'scripted/broken' }}) {STREAM_LUA}",
        "Hook.register('agent_error', () => ({ type: 'retry', maxAttempts: 2 })); "
        f"const a = Agent.create({{ model: 'scripted/broken' }}); {STREAM_JS}",
        "well again\twell again\n",
    ),
    Pair(
        "a tool's parameters and result are changed",
        "Hook.register('pre_tool', function(c) return { type = 'modified', data = { parameters = { n = c.data.parameters.n + 1 } } } end) "
        "Hook.register('post_tool', function(c) return { type = 'modified', data = { result = c.data.result + 0.5 } } end) "
        f"print(Agent.create({{ model = 'scripted/tool', {DOUBLE_LUA} }}):execute('x').tool_calls[1].result)",
        "Hook.register('pre_tool', (c) => ({ type: 'modified', data: { parameters: { n: c.data.parameters.n + 1 } } })); "
        "Hook.register('post_tool', (c) => ({ type: 'modified', data: { result: c.data.result + 0.5 } })); "
        f"say((await Agent.create({{ model: 'scripted/tool', {DOUBLE_JS} }}).execute('x')).toolCalls[0].result)",
        "10.5\n",
    ),
    Pair(
        "a tool that is cancelled is told to the model",
        "Hook.register('pre_tool', function() return 'no' end) "
        f"local r = Agent.create({{ model = 'scripted/tool', {DOUBLE_LUA} }}):execute('x') print(r.text, r.tool_calls[1].success)",
        "Hook.register('pre_tool', () => 'no'); "
        f"const r = await Agent.create({{ model: 'scripted/tool', {DOUBLE_JS} }}).execute('x'); say(r.text, r.toolCalls[0].success)",
        "done\tfalse\n",
    ),
    Pair(
        "the beginning and the end of an agent, once each",
        "local points = {} for _, point in ipairs({ 'BeforeAgentInit', 'AfterAgentInit', 'BeforeAgentShutdown', 'AfterAgentShutdown' }) do "
        "Hook.register(point, function(c) points[#points + 1] = c.point .. ' ' .. c.component_id.name .. ' ' .. c.data.type end) end "
        "local a = Agent.create({ name = 'a', model = 'echo' }) a:execute('1') a:execute('2') a:destroy() print(table.concat(points, '|'))",
        "const points = []; for (const point of ['BeforeAgentInit', 'AfterAgentInit', 'BeforeAgentShutdown', 'AfterAgentShutdown']) "
        "Hook.register(point, (c) => { points.push(`${c.point} ${c.componentId.name} ${c.data.type}`) }); "
        "const a = Agent.create({ name: 'a', model: 'echo' }); await a.execute('1'); await a.execute('2'); await a.destroy(); say(points.join('|'))",
        "BeforeAgentInit a llm|AfterAgentInit a llm|BeforeAgentShutdown a llm|AfterAgentShutdown a llm\n",
    ),
    Pair(
        "every sort of agent",
        "local names = {} Hook.register('before_agent_execution', function(c) names[#names + 1] = c.data.type end) "
        "local e = Agent.create({ name = 'e', model = 'echo' }) "
        "local b = Agent.create({ name = 'b', model = 'echo', type = 'basic' }) "
        "local p = Agent.pipeline({ name = 'p', steps = { e, b } }) "
        "Agent.create_composite('r', { p }, 'first'):execute('x') print(table.concat(names, ' '))",
        "const names = []; Hook.register('before_agent_execution', (c) => { names.push(c.data.type) }); "
        "const e = Agent.create({ name: 'e', model: 'echo' }); "
        "const b = Agent.create({ name: 'b', model: 'echo', type: 'basic' }); "
        "const p = Agent.pipeline({ name: 'p', steps: [e, b] }); "
        "await Agent.createComposite('r', [p], 'first').execute('x'); say(names.join(' '))",
        "composite pipeline llm basic\n",
    ),
    Pair(
        "one correlation id for all that an execution leads to",
        "local ids = {} for _, point in ipairs({ 'before_agent_execution', 'pre_llm', 'post_llm' }) do Hook.register(point, function(c) ids[c.correlation_id] = true end) end "
        "local e = Agent.create({ name = 'e', model = 'echo' }) Agent.pipeline({ steps = { e, e } }):execute('x') "
        "local n = 0 for _ in pairs(ids) do n = n + 1 end print(n)",
        "const ids = new Set(); for (const point of ['before_agent_execution', 'pre_llm', 'post_llm']) Hook.register(point, (c) => { ids.add(c.correlationId) }); "
        "const e = Agent.create({ name: 'e', model: 'echo' }); await Agent.pipeline({ steps: [e, e] }).execute('x'); say(ids.size)",
        "1\n",
    ),
    Pair(
        "a subscription without room does not fail an agent",
        "Event.subscribe('agent.*', { buffer_size = 1, when_full = 'error' }) print(Agent.create({ model = 'echo' }):execute('x').text)",
        "Event.subscribe('agent.*', { bufferSize: 1, whenFull: 'error' }); say((await Agent.create({ model: 'echo' }).execute('x')).text)",
        "x\n",
    ),
    Pair(
        "a stream that is closed early has failed",
        "local s = Event.subscribe('agent.failed') local a = Agent.create({ name = 'a', model = 'echo' }) "
        "print(a:invoke_stream('one two three', function() return false end)) print(Event.receive(s, 5000).data.error, a:get_metrics().failures, a:execute('again').text)",
        "const s = Event.subscribe('agent.failed'); const a = Agent.create({ name: 'a', model: 'echo' }); "
        "say(await a.invokeStream('one two three', () => false)); say((await Event.receive(s, 5000)).data.error, a.getMetrics().failures, (await a.execute('again')).text)",
        "nil\nit was cancelled\t1\tagain\n",
    ),
    Pair(
        "events of an execution, and of one that fails",
        "local s = Event.subscribe('agent.*') Agent.create({ name = 'a', model = 'echo' }):execute('one two') "
        "pcall(Agent.create({ name = 'b', model = 'scripted/broken' }).execute, 'x') local ids = {} "
        "for i = 1, 4 do local e = Event.receive(s, 1000) ids[i] = e.correlation_id "
        "print(e.event_type, e.data.agent, e.data.usage and e.data.usage.input_tokens, e.data.error) end "
        "print(ids[1] == ids[2], ids[2] == ids[3])",
        "const s = Event.subscribe('agent.*'); await Agent.create({ name: 'a', model: 'echo' }).execute('one two'); "
        "try { await Agent.create({ name: 'b', model: 'scripted/broken' }).execute('x') } catch {} const ids = []; "
        "for (let i = 0; i < 4; i++) { const e = await Event.receive(s, 1000); ids.push(e.correlationId); "
        "say(e.eventType, e.data.agent, e.data.usage?.input_tokens, e.data.error) } "
        "say(ids[0] === ids[1], ids[1] === ids[2])",
        "agent.started\ta\tnil\tnil\nagent.completed\ta\t2\tnil\nagent.started\tb\tnil\tnil\nagent.failed\tb\tnil\tit is overloaded\ntrue\tfalse\n",
    ),
]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.name)
def test_handlers(pair: Pair, language: Language, tmp_path: Path) -> None:
    check_pair(pair, language, services=scripted(tmp_path))
