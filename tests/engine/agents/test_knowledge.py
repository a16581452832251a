"""What agents know of each other: contexts, shared memory, capabilities, states; in both languages."""

# ruff: noqa: E501 (scripts read best on one line)

from __future__ import annotations

from pathlib import Path

import pytest
from llmspell_engine.language import LANGUAGES, Language
from support.agents import scripted
from support.globals import Pair, check_pair, check_refused

CONTEXTS = [
    Pair(
        "an agent is told what a context holds, and what the request says before that",
        "local a = Agent.create({ model = 'echo' }) local c = Agent.create_context({ user_id = 'ada', data = { city = 'Ulm', year = 1 } }) "
        "Agent.update_context(c, 'year', 2) Agent.update_context(c, 'gone', 1) Agent.update_context(c, 'gone', nil) "
        "print(a:execute_with_context({ text = 'x', context = { city = 'Bonn' } }, c).metadata.response.system_prompt)",
        "const a = Agent.create({ model: 'echo' }); const c = Agent.createContext({ userId: 'ada', data: { city: 'Ulm', year: 1 } }); "
        "Agent.updateContext(c, 'year', 2); Agent.updateContext(c, 'gone', 1); Agent.updateContext(c, 'gone', null); "
        "say((await a.executeWithContext({ text: 'x', context: { city: 'Bonn' } }, c)).metadata.response.system_prompt)",
        'What is known so far:\n{"city": "Bonn", "user_id": "ada", "year": 2}\n',
    ),
    Pair(
        "children see their parent as they inherit",
        "local p = Agent.create_context({ data = { k = 1 } }) local made = {} "
        "for i, how in ipairs({ 'isolate', 'copy', 'share', 'inherit' }) do made[i] = Agent.create_child_context(p, 'global', how) end "
        "Agent.update_context(p, 'k', 2) for i = 1, 4 do Agent.update_context(made[i], 'own' .. i, i) end local seen = {} "
        "for i = 1, 4 do seen[i] = tostring(Agent.get_context_data(made[i], 'k')) end "
        "print(table.concat(seen, ' '), Agent.get_context_data(p, 'own3'), Agent.get_context_data(p, 'own4'))",
        "const p = Agent.createContext({ data: { k: 1 } }); "
        "const made = ['isolate', 'copy', 'share', 'inherit'].map((how) => Agent.createChildContext(p, 'global', how)); "
        "Agent.updateContext(p, 'k', 2); made.forEach((one, i) => Agent.updateContext(one, 'own' + (i + 1), i + 1)); "
        "say(made.map((one) => Agent.getContextData(one, 'k') ?? 'nil').join(' '), Agent.getContextData(p, 'own3'), Agent.getContextData(p, 'own4'))",
        "nil 1 2 2\t3\tnil\n",
    ),
    Pair(
        "shared memory is told in contexts of its scope, and kept in State",
        "local mine = { type = 'user', id = 'ada' } Agent.set_shared_memory(mine, 'likes', 'tea') Agent.set_shared_memory('global', 'x', { 1 }) "
        "local c = Agent.create_context({ scope = mine }) print(Agent.create({ model = 'echo' }):execute_with_context('x', c).metadata.response.system_prompt) "
        "print(Agent.get_shared_memory('global', 'x')[1], Agent.get_shared_memory('global', 'likes'))",
        "const mine = { type: 'user', id: 'ada' }; Agent.setSharedMemory(mine, 'likes', 'tea'); Agent.setSharedMemory('global', 'x', [1]); "
        "const c = Agent.createContext({ scope: mine }); say((await Agent.create({ model: 'echo' }).executeWithContext('x', c)).metadata.response.system_prompt); "
        "say(Agent.getSharedMemory('global', 'x')[0], Agent.getSharedMemory('global', 'likes'))",
        'What is known so far:\n{"likes": "tea"}\n1\tnil\n',
    ),
    Pair(
        "facts reach an agent that is the tool of another",
        "local h = Agent.create({ name = 'helper', model = 'echo' }) local c = Agent.create_context({ data = { city = 'Ulm' } }) local heard "
        "Hook.register('pre_llm', function(x) if x.data.agent == 'helper' then heard = x.data.messages[1].text end end) "
        "Agent.create({ model = 'scripted/asks', tools = { h } }):execute_with_context('x', c) print(heard)",
        "const h = Agent.create({ name: 'helper', model: 'echo' }); const c = Agent.createContext({ data: { city: 'Ulm' } }); let heard; "
        "Hook.register('pre_llm', (x) => { if (x.data.agent === 'helper') heard = x.data.messages[0].text }); "
        "await Agent.create({ model: 'scripted/asks', tools: [h] }).executeWithContext('x', c); say(heard)",
        'What is known so far:\n{"city": "Ulm"}\n',
    ),
]
KNOWN = [
    Pair(
        "the one that is capable answers: by name, by the prompt, else another",
        "local function made(name, can) return Agent.create({ name = name, model = 'echo', capabilities = can }) end "
        "local r = Agent.create_composite('desk', { made('poet', { 'poems' }), made('counter', { 'sums', 'unit-conversion' }) }, { strategy = 'capability', fallback_agent = made('other') }) "
        "print(r:execute({ text = 'x', capability = 'sums' }).agent, r:execute('Write Poems about sums').agent, r:execute('a Unit Conversion please').agent, r:execute('hm').agent)",
        "const made = (name, can = []) => Agent.create({ name, model: 'echo', capabilities: can }); "
        "const r = Agent.createComposite('desk', [made('poet', ['poems']), made('counter', ['sums', 'unit-conversion'])], { strategy: 'capability', fallbackAgent: made('other') }); "
        "say((await r.execute({ text: 'x', capability: 'sums' })).agent, (await r.execute('Write Poems about sums')).agent, (await r.execute('a Unit Conversion please')).agent, (await r.execute('hm')).agent)",
        "counter\tpoet\tcounter\tother\n",
    ),
    Pair(
        "who is capable of what",
        "Agent.builder():name('a'):model('echo'):capability('x'):capability('y'):build() Agent.create({ name = 'b', model = 'echo', capabilities = { 'y' } }) "
        "print(table.concat(Agent.discover_by_capability('y'), ' '), #Agent.discover_by_capability('z'), Agent.list_capabilities().x.agents[1], Agent.get_info('tool').required_parameters[1], #Agent.discover() > 5)",
        "Agent.builder().name('a').model('echo').capability('x').capability('y').build(); Agent.create({ name: 'b', model: 'echo', capabilities: ['y'] }); "
        "say(Agent.discoverByCapability('y').join(' '), Agent.discoverByCapability('z').length, Agent.listCapabilities().x.agents[0], Agent.getInfo('tool').requiredParameters[0], Agent.discover().length > 5)",
        "a b\t0\ta\ttool_name\ttrue\n",
    ),
    Pair(
        "leaders of leaders, and all about one of them",
        "local left, right = Agent.create({ name = 'left', model = 'echo' }), Agent.create({ name = 'right', model = 'echo' }) "
        "local middle = Agent.template('orchestrator', { name = 'middle', model = 'scripted/middle', tools = { left, right } }) "
        "local lead = Agent.template('orchestrator', { name = 'lead', model = 'scripted/lead', tools = { middle } }) print(lead:execute('go').text) "
        "local function show(node) local inner = {} for i, each in ipairs(node.children) do inner[i] = show(each) end return node.name .. '(' .. table.concat(inner, ',') .. ')' end "
        "local d = Agent.get_details('middle') print(show(Agent.get_hierarchy('lead').root), d.state, d.metrics.executions, d.metrics.tool_calls, d.model, table.concat(d.agents, ' '))",
        "const left = Agent.create({ name: 'left', model: 'echo' }), right = Agent.create({ name: 'right', model: 'echo' }); "
        "const middle = Agent.template('orchestrator', { name: 'middle', model: 'scripted/middle', tools: [left, right] }); "
        "const lead = Agent.template('orchestrator', { name: 'lead', model: 'scripted/lead', tools: [middle] }); say((await lead.execute('go')).text); "
        "const show = (node) => `${node.name}(${node.children.map(show).join(',')})`; "
        "const d = Agent.getDetails('middle'); say(show(Agent.getHierarchy('lead').root), d.state, d.metrics.executions, d.metrics.toolCalls, d.model, d.agents.join(' '))",
        "all is done\nlead(middle(left(),right()))\tready\t1\t2\tscripted/middle\tleft right\n",
    ),
    Pair(
        "an agent's states and how they came about",
        "local a = Agent.create({ name = 'a', model = 'echo' }) local seen = { a:get_state() } local function note() seen[#seen + 1] = a:get_agent_state() end "
        "a:initialize() note() a:pause() note() a:resume() note() a:stop() note() a:start() note() a:terminate() note() "
        "local h = a:get_state_history() print(table.concat(seen, ' '), #h, h[2]['from'], h[2].to, h[2].reason)",
        "const a = Agent.create({ name: 'a', model: 'echo' }); const seen = [a.getState()]; const note = () => seen.push(a.getAgentState()); "
        "await a.initialize(); note(); a.pause(); note(); a.resume(); note(); a.stop(); note(); a.start(); note(); await a.terminate(); note(); "
        "const h = a.getStateHistory(); say(seen.join(' '), h.length, h[1].from, h[1].to, h[1].reason)",
        "uninitialized ready paused ready stopped ready destroyed\t6\tready\tpaused\tpaused\n",
    ),
    Pair(
        "an agent that is executing shows as running, by its own tool",
        "local a a = Agent.create({ name = 'a', model = 'scripted/tool', tools = { { name = 'double', handler = function() return a:get_state() .. a:get_metrics().active end } } }) "
        "print(a:execute('x').tool_calls[1].result, a:get_state(), a:get_metrics().active)",
        "const a = Agent.create({ name: 'a', model: 'scripted/tool', tools: [{ name: 'double', handler: () => a.getState() + a.getMetrics().active }] }); "
        "say((await a.execute('x')).toolCalls[0].result, a.getState(), a.getMetrics().active)",
        "running1\tready\t0\n",
    ),
    Pair(
        "health and figures follow the last execution",
        "local a = Agent.create({ name = 'a', model = 'scripted/broken' }) pcall(a.execute, 'x') "
        "print(a:is_healthy(), a:get_health().status, a:get_last_error(), a:get_performance().error_rate == 1) a:execute('x') "
        "print(a:is_healthy(), a:get_last_error(), a:get_performance().success_rate, a:get_metrics().failures) a:stop() print(a:get_health().status, a:get_health().message)",
        "const a = Agent.create({ name: 'a', model: 'scripted/broken' }); try { await a.execute('x') } catch {} "
        "say(a.isHealthy(), a.getHealth().status, a.getLastError(), a.getPerformance().errorRate === 1); await a.execute('x'); "
        "say(a.isHealthy(), a.getLastError(), a.getPerformance().successRate, a.getMetrics().failures); a.stop(); say(a.getHealth().status, a.getHealth().message)",
        "false\tdegraded\tit is overloaded\ttrue\ntrue\tnil\t0.5\t1\nunavailable\tthe agent 'a' is stopped; start it first\n",
    ),
    Pair(
        "an agent's own values are in State",
        "local a = Agent.create({ name = 'a', model = 'echo' }) a:set_state({ x = { 1 }, y = 2 }) a:set_state({ y = 3 }) "
        "print(a:get_state('x')[1], a:get_state('y'), a:get_state('z'), State.load('agent:a', 'y'))",
        "const a = Agent.create({ name: 'a', model: 'echo' }); a.setState({ x: [1], y: 2 }); a.setState({ y: 3 }); "
        "say(a.getState('x')[0], a.getState('y'), a.getState('z'), State.load('agent:a', 'y'))",
        "1\t3\tnil\t3\n",
    ),
    Pair(
        "destroying an agent again leaves the one that has its name now",
        "local a = Agent.create({ name = 'a', model = 'echo' }) a:destroy() local b = Agent.create({ name = 'a', model = 'echo' }) a:destroy() print(Agent.get('a') == b, a:get_state(), b:get_state())",
        "const a = Agent.create({ name: 'a', model: 'echo' }); await a.destroy(); const b = Agent.create({ name: 'a', model: 'echo' }); await a.destroy(); say(Agent.get('a') === b, a.getState(), b.getState())",
        "true\tdestroyed\tuninitialized\n",
    ),
    Pair(
        "an agent's log is on the bus",
        "local s = Event.subscribe('agent.log') Agent.create({ name = 'a', model = 'echo' }):log_event('noted', 'hello') local e = Event.receive(s, 1000) print(e.data.agent, e.data.event_type, e.data.message)",
        "const s = Event.subscribe('agent.log'); Agent.create({ name: 'a', model: 'echo' }).logEvent('noted', 'hello'); const e = await Event.receive(s, 1000); say(e.data.agent, e.data.event_type, e.data.message)",
        "a\tnoted\thello\n",
    ),
]
REFUSED = [
    Pair(
        "nobody is capable",
        "local a = Agent.create({ model = 'echo', capabilities = { 'sums' } }) Agent.create_composite('desk', { a }, 'capability'):execute({ text = 'x', capability = 'poems' })",
        "const a = Agent.create({ model: 'echo', capabilities: ['sums'] }); await Agent.createComposite('desk', [a], 'capability').execute({ text: 'x', capability: 'poems' })",
        "no agent of 'desk' is capable of 'poems'; its agents' capabilities are 'sums'; name one as capability, or set fallback_agent",
    ),
    Pair(
        "a context that is not there any more",
        "local c = Agent.create_context() local d = Agent.create_child_context(c) Agent.remove_context(c) print(pcall(Agent.get_context_data, c, 'k')) Agent.get_context_data('d', 'k')",
        "const c = Agent.createContext(); const d = Agent.createChildContext(c); Agent.removeContext(c); Agent.getContextData('d', 'k')",
        "there is no context 'd'; Agent.create_context makes one",
    ),
    Pair(
        "a scope without its id",
        "Agent.set_shared_memory({ type = 'user' }, 'k', 1)",
        "Agent.setSharedMemory({ type: 'user' }, 'k', 1)",
        "a scope of the type 'user' needs an id",
    ),
    Pair(
        "a global scope with an id",
        "Agent.create_context({ scope = { type = 'global', id = 'x' } })",
        "Agent.createContext({ scope: { type: 'global', id: 'x' } })",
        "a scope of the type 'global' has no id",
    ),
    Pair(
        "a paused agent",
        "local a = Agent.create({ name = 'a', model = 'echo' }) a:pause() a:execute('x')",
        "const a = Agent.create({ name: 'a', model: 'echo' }); a.pause(); await a.execute('x')",
        "the agent 'a' is paused; resume it first",
    ),
    Pair(
        "a stopped agent in a pipeline",
        "local a = Agent.create({ name = 'a', model = 'echo' }) local p = Agent.pipeline({ steps = { a } }) a:stop() p:execute('x')",
        "const a = Agent.create({ name: 'a', model: 'echo' }); const p = Agent.pipeline({ steps: [a] }); a.stop(); await p.execute('x')",
        "the agent 'a' is stopped; start it first",
    ),
    Pair(
        "a destroyed agent does not start",
        "local a = Agent.create({ name = 'a', model = 'echo' }) a:destroy() a:start()",
        "const a = Agent.create({ name: 'a', model: 'echo' }); await a.destroy(); a.start()",
        "the agent 'a' cannot become ready: it was destroyed",
    ),
    Pair(
        "a stopped agent is not resumed",
        "local a = Agent.create({ name = 'a', model = 'echo' }) a:stop() a:resume()",
        "const a = Agent.create({ name: 'a', model: 'echo' }); a.stop(); a.resume()",
        "the agent 'a' is stopped; start it first",
    ),
    Pair(
        "a value that cannot be kept",
        "Agent.create({ name = 'a', model = 'echo' }):set_state({ f = print })",
        "Agent.create({ name: 'a', model: 'echo' }).setState({ f: () => 1 })",
        "AgentInstance.set_state: value is a function, which JSON cannot write",
    ),
    Pair(
        "an agent that is not there",
        "Agent.get_hierarchy('nobody')",
        "Agent.getHierarchy('nobody')",
        "there is no agent 'nobody'; there is none yet",
    ),
]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("pair", [*CONTEXTS, *KNOWN], ids=lambda pair: pair.name)
def test_what_is_known(pair: Pair, language: Language, tmp_path: Path) -> None:
    check_pair(pair, language, services=scripted(tmp_path))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("pair", REFUSED, ids=lambda pair: pair.name)
def test_refused(pair: Pair, language: Language, tmp_path: Path) -> None:
    check_refused(pair, language, services=scripted(tmp_path))
