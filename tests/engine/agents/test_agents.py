"""Agents on scripted models: tools, handing over, answers as data, limits; in both languages."""

# ruff: noqa: E501 (scripts read best on one line)

from __future__ import annotations

from pathlib import Path

import pytest
from llmspell_engine.globals.services import Services
from llmspell_engine.language import LANGUAGES, Language
from llmspell_engine.providers import standard_providers
from llmspell_engine.providers.metering import Budget
from support.globals import Pair, check_pair

ANSWERS = """
tool:
  - tool_calls: [{ name: double, arguments: { n: 4 } }, { name: nope, arguments: {} }]
  - { when: nope, text: done }
endless:
  - tool_calls: [{ name: double, arguments: { n: 1 } }]
  - tool_calls: [{ name: double, arguments: { n: 1 } }]
a:
  - tool_calls: [{ name: transfer_to_b, arguments: { message: help } }]
b:
  - { when: help, text: I am b. }
ping:
  - text: '{"handoff": "pong"}'
pong:
  - text: I am pong.
asks:
  - tool_calls: [{ name: helper, arguments: { text: how are you } }]
  - text: asked
data:
  - text: 'one'
  - text: '```json
      {"n": 1}
      ```'
bad:
  - text: '{"n": "x"}'
  - text: '{"n": "y"}'
"""
DOUBLE_LUA = "{ name = 'double', handler = function(a) Async.sleep(0) return a.n * 2 end }"
DOUBLE_JS = "{ name: 'double', handler: async (a) => { await Async.sleep(0); return a.n * 2 } }"
SCHEMA_LUA = "{ type = 'object', properties = { n = { type = 'integer' } }, required = { 'n' } }"
SCHEMA_JS = "{ type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] }"
PAIRS = [
    Pair(
        "tools that the model calls",
        f"local r = Agent.create({{ model = 'scripted/tool', tools = {{ {DOUBLE_LUA} }} }}):execute('x') "
        "print(r.text, #r.tool_calls, r.tool_calls[1].result)",
        f"const r = await Agent.create({{ model: 'scripted/tool', tools: [{DOUBLE_JS}] }}).execute('x');"
        " say(r.text, r.toolCalls.length, r.toolCalls[0].result)",
        "done\t1\t8\n",
    ),
    Pair(
        "no more tool calls than allowed",
        f"local a = Agent.create({{ name = 'e', model = 'scripted/endless', tools = {{ {DOUBLE_LUA} }},"
        " resource_limits = { max_tool_calls = 1 } }) print(select(2, pcall(a.execute, 'x')).message)",
        f"const a = Agent.create({{ name: 'e', model: 'scripted/endless', tools: [{DOUBLE_JS}],"
        " resourceLimits: { maxToolCalls: 1 } }); try { await a.execute('x') } catch (e) { say(e.message) }",
        "the agent 'e' wants more than 1 tool calls; raise max_tool_calls\n",
    ),
    Pair(
        "handing over",
        "local b = Agent.create({ name = 'b', model = 'scripted/b' }) "
        "local r = Agent.create({ name = 'a', model = 'scripted/a', handoffs = { b } }):execute('x') "
        "print(r.text, r.agent, table.concat(r.path, '>'), #b:get_conversation() > 2)",
        "const b = Agent.create({ name: 'b', model: 'scripted/b' }); "
        "const r = await Agent.create({ name: 'a', model: 'scripted/a', handoffs: [b] }).execute('x'); "
        "say(r.text, r.agent, r.path.join('>'), b.getConversation().length > 2)",
        "I am b.\tb\ta>b\ttrue\n",
    ),
    Pair(
        "handing over more often than allowed",
        "local b = Agent.create({ name = 'pong', model = 'scripted/pong' }) "
        "local a = Agent.create({ name = 'ping', model = 'scripted/ping', handoffs = { b }, max_handoffs = 0 }) "
        "print(select(2, pcall(a.execute, 'x')).message)",
        "const b = Agent.create({ name: 'pong', model: 'scripted/pong' }); "
        "const a = Agent.create({ name: 'ping', model: 'scripted/ping', handoffs: [b], maxHandoffs: 0 }); "
        "try { await a.execute('x') } catch (e) { say(e.message) }",
        "agents handed over more than 0 times: ping -> pong; raise max_handoffs, or let an agent answer\n",
    ),
    Pair(
        "an agent as the tool of another",
        "local h = Agent.create({ name = 'helper', model = 'echo' }) "
        "local r = Agent.create({ model = 'scripted/asks', tools = { h } }):execute('x') "
        "print(r.text, r.tool_calls[1].result)",
        "const h = Agent.create({ name: 'helper', model: 'echo' }); "
        "const r = await Agent.create({ model: 'scripted/asks', tools: [h] }).execute('x'); "
        "say(r.text, r.toolCalls[0].result)",
        "asked\thow are you\n",
    ),
    Pair(
        "an answer as data, sent back once",
        f"print(Agent.create({{ model = 'scripted/data', output_schema = {SCHEMA_LUA} }}):execute('x').data.n)",
        f"say((await Agent.create({{ model: 'scripted/data', outputSchema: {SCHEMA_JS} }}).execute('x')).data.n)",
        "1\n",
    ),
    Pair(
        "an answer that never fits",
        f"local a = Agent.create({{ name = 'd', model = 'scripted/bad', output_schema = {SCHEMA_LUA} }}) "
        "print(select(2, pcall(a.execute, 'x')).message)",
        f"const a = Agent.create({{ name: 'd', model: 'scripted/bad', outputSchema: {SCHEMA_JS} }}); "
        "try { await a.execute('x') } catch (e) { say(e.message) }",
        "the agent 'd': 'n': 'y' is not of type 'integer'\n",
    ),
    Pair(
        "kinds, pipelines, routing, pools",
        "Agent.create({ name = 'one', model = 'echo' }) "
        "print(Agent.pipeline({ steps = { 'one', function(t) return t .. '!' end } }):execute('hi').text) "
        "print(Agent.create_composite('r', { 'one' }, function(t) return 'one' end):execute('hi').agent) "
        "local p = Agent.pool({ agent = { model = 'echo' }, size = 2 }) local r = p:map({ '1', '2', '3' }) "
        "print(r[3].text, p:get_statistics().most_busy <= 2) "
        "print(Agent.template('chat', { model = 'echo', variables = { tone = 'curt' } }):execute('x')"
        ".metadata.response.system_prompt:find('curt') ~= nil)",
        "Agent.create({ name: 'one', model: 'echo' }); "
        "say((await Agent.pipeline({ steps: ['one', (t) => t + '!'] }).execute('hi')).text); "
        "say((await Agent.createComposite('r', ['one'], () => 'one').execute('hi')).agent); "
        "const p = Agent.pool({ agent: { model: 'echo' }, size: 2 }); const r = await p.map(['1', '2', '3']); "
        "say(r[2].text, p.getStatistics().mostBusy <= 2); "
        "const c = await Agent.template('chat', { model: 'echo', variables: { tone: 'curt' } }).execute('x'); "
        "say(c.metadata.response.system_prompt.includes('curt'))",
        "hi!\none\n3\ttrue\ntrue\n",
    ),
    Pair(
        "a conversation kept in State",
        "local a = Agent.create({ name = 'k', model = 'echo' }) a:execute('hi') a:save_state() "
        "a:clear_conversation() print(#a:get_conversation(), a:load_state(), a:get_conversation()[1].text)",
        "const a = Agent.create({ name: 'k', model: 'echo' }); await a.execute('hi'); a.saveState(); "
        "a.clearConversation(); say(a.getConversation().length, a.loadState(), a.getConversation()[0].text)",
        "0\ttrue\thi\n",
    ),
    Pair(
        "a budget that is used up",
        "local a = Agent.create({ model = 'echo' }) a:execute('x') a:execute('x') "
        "local ok, e = pcall(a.execute, 'x') print(e.kind, Agent.usage().calls)",
        "const a = Agent.create({ model: 'echo' }); await a.execute('x'); await a.execute('x'); "
        "try { await a.execute('x') } catch (e) { say(e.name, Agent.usage().calls) }",
        "BudgetError\t2\n",
    ),
]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.name)
def test_agents(pair: Pair, language: Language, tmp_path: Path) -> None:
    answers = tmp_path / "answers.yaml"
    answers.write_text(ANSWERS)
    budget = Budget(max_calls=2) if "budget" in pair.name else Budget()
    check_pair(pair, language, services=Services(providers=standard_providers(answers), budget=budget))
