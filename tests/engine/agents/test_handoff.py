"""Handing over: by the model and by the script, with as much of the conversation as is wanted; both languages."""

# ruff: noqa: E501 (scripts read best on one line)

from __future__ import annotations

from pathlib import Path

import pytest
from llmspell_engine.language import LANGUAGES, Language
from support.agents import scripted
from support.globals import Pair, check_pair, check_refused


def _kept(name: str, lua: str, javascript: str, expect: str) -> Pair:
    """What the target hears where a model hands over with some history, after one turn before."""
    return Pair(
        name,
        "local t = Agent.create({ name = 'target', model = 'echo' }) "
        f"local a = Agent.create({{ name = 's', model = 'scripted/sender', handoffs = {{ {{ agent = t, history = {lua} }} }} }}) "
        "a:execute('hi') local r = a:execute('rivers') local heard = {} "
        "for _, turn in ipairs(t:get_conversation()) do if turn.role ~= 'tool' and turn.text ~= '' then heard[#heard + 1] = turn.text end end "
        "print(r.agent, table.concat(heard, '|'))",
        "const t = Agent.create({ name: 'target', model: 'echo' }); "
        f"const a = Agent.create({{ name: 's', model: 'scripted/sender', handoffs: [{{ agent: t, history: {javascript} }}] }}); "
        "await a.execute('hi'); const r = await a.execute('rivers'); "
        "say(r.agent, t.getConversation().filter((turn) => turn.role !== 'tool' && turn.text).map((turn) => turn.text).join('|'))",
        f"target\t{expect}\n",
    )


PAIRS = [
    _kept("all of it", "'full'", "'full'", "hi|I have begun.|rivers|please|please"),
    _kept("the last turn", "'last'", "'last'", "rivers|please|please"),
    _kept("so many turns", "2", "2", "hi|I have begun.|rivers|please|please"),
    _kept("none of it", "'none'", "'none'", "please|please"),
    _kept("no turns", "0", "0", "please|please"),
    _kept(
        "a summary",
        "'summary'",
        "'summary'",
        "What was said before you took over:\nIt was about rivers.|please|please",
    ),
    _kept(
        "what a function leaves",
        "function(said) return { said[1], { role = 'user', text = said[1].text .. '!' } } end",
        "(said) => [said[0], { role: 'user', text: said[0].text + '!' }]",
        "hi|hi!|please|please",
    ),
    _kept(
        "a text of a function",
        "function(said) return 'n=' .. #said end",
        "async (said) => 'n=' + said.length",
        "n=5|please|please",
    ),
    Pair(
        "a model hands over to a tool",
        "local t = Agent.from_tool('calculator', { name = 'target', parameters = { operation = 'evaluate' } }) "
        "local r = Agent.create({ name = 'm', model = 'scripted/mute', handoffs = { t } }):execute('6 * 7') "
        "print(r.text, r.agent, table.concat(r.path, '>'), #r.tool_calls, r.data.success)",
        "const t = Agent.fromTool('calculator', { name: 'target', parameters: { operation: 'evaluate' } }); "
        "const r = await Agent.create({ name: 'm', model: 'scripted/mute', handoffs: [t] }).execute('6 * 7'); "
        "say(r.text, r.agent, r.path.join('>'), r.toolCalls.length, r.data.success)",
        "42\ttarget\tm>target\t1\ttrue\n",
    ),
    Pair(
        "a model hands over to a pipeline, streamed",
        "Agent.create({ name = 'e', model = 'echo' }) "
        "local t = Agent.pipeline({ name = 'target', steps = { 'e', function(text) return text .. '!' end } }) "
        "local a = Agent.create({ name = 'm', model = 'scripted/mute', handoffs = { t } }) local texts = {} "
        "local r = a:invoke_stream('go', function(chunk) texts[#texts + 1] = chunk.text end) "
        "print(table.concat(texts), r.text, table.concat(r.path, '>'), #a:get_conversation())",
        "Agent.create({ name: 'e', model: 'echo' }); "
        "const t = Agent.pipeline({ name: 'target', steps: ['e', (text) => text + '!'] }); "
        "const a = Agent.create({ name: 'm', model: 'scripted/mute', handoffs: [t] }); const texts = []; "
        "const r = await a.invokeStream('go', (chunk) => { texts.push(chunk.text) }); "
        "say(texts.join(''), r.text, r.path.join('>'), a.getConversation().length)",
        "go!\tgo!\tm>target>e\t4\n",
    ),
    Pair(
        "the script hands over; facts travel",
        "local a = Agent.create({ name = 'a', model = 'scripted/plain' }) a:execute('begin') "
        "local b = Agent.create({ name = 'b', model = 'echo' }) "
        "local r = a:handoff(b, 'go on', { context = { city = 'Ulm' } }) "
        "print(r.text, table.concat(r.path, '>'), r.metadata.response.system_prompt:find('Ulm') ~= nil, #b:get_conversation(), #a:get_conversation())",
        "const a = Agent.create({ name: 'a', model: 'scripted/plain' }); await a.execute('begin'); "
        "const b = Agent.create({ name: 'b', model: 'echo' }); "
        "const r = await a.handoff(b, 'go on', { context: { city: 'Ulm' } }); "
        "say(r.text, r.path.join('>'), r.metadata.response.system_prompt.includes('Ulm'), b.getConversation().length, a.getConversation().length)",
        "go on\ta>b\ttrue\t4\t4\n",
    ),
    Pair(
        "the script hands over what was asked last",
        "local a = Agent.create({ name = 'a', model = 'scripted/plain' }) a:execute('one') a:execute('two') "
        "Agent.create({ name = 'b', model = 'echo' }) print(a:handoff('b').text, #Agent.get('b'):get_conversation())",
        "const a = Agent.create({ name: 'a', model: 'scripted/plain' }); await a.execute('one'); await a.execute('two'); "
        "Agent.create({ name: 'b', model: 'echo' }); say((await a.handoff('b')).text, Agent.get('b').getConversation().length)",
        "two\t4\n",
    ),
    Pair(
        "a pool goes on",
        "local p = Agent.pool({ agent = { model = 'echo' }, size = 1, name = 'p' }) "
        "print(Agent.create({ name = 'a', model = 'echo' }):handoff(p, 'go').text)",
        "const p = Agent.pool({ agent: { model: 'echo' }, size: 1, name: 'p' }); "
        "say((await Agent.create({ name: 'a', model: 'echo' }).handoff(p, 'go')).text)",
        "go\n",
    ),
    Pair(
        "a workflow goes on",
        "local w = Workflow.builder():name('w'):pipeline():add_step({ name = 's', type = 'function', execute = function(i) return 'done' end }):build() "
        "print(Agent.create({ name = 'a', model = 'echo' }):handoff(w, 'go').text)",
        "const w = Workflow.builder().name('w').pipeline().addStep({ name: 's', type: 'function', execute: () => 'done' }).build(); "
        "say((await Agent.create({ name: 'a', model: 'echo' }).handoff(w, 'go')).text)",
        "done\n",
    ),
    Pair(
        "a bus of events tells of it",
        "local s = Event.subscribe('agent.*') local b = Agent.create({ name = 'b', model = 'scripted/b' }) "
        "Agent.create({ name = 'a', model = 'scripted/a', handoffs = { b } }):execute('x') "
        "for _ = 1, 3 do local e = Event.receive(s, 1000) print(e.event_type, e.data.agent, e.data.target) end",
        "const s = Event.subscribe('agent.*'); const b = Agent.create({ name: 'b', model: 'scripted/b' }); "
        "await Agent.create({ name: 'a', model: 'scripted/a', handoffs: [b] }).execute('x'); "
        "for (let i = 0; i < 3; i++) { const e = await Event.receive(s, 1000); say(e.eventType, e.data.agent, e.data.target) }",
        "agent.started\ta\tnil\nagent.handoff\ta\tb\nagent.completed\ta\tnil\n",
    ),
]
REFUSED = [
    Pair(
        "nothing to go on with",
        "Agent.create({ name = 'b', model = 'echo' }) Agent.create({ name = 'a', model = 'echo' }):handoff('b')",
        "Agent.create({ name: 'b', model: 'echo' }); await Agent.create({ name: 'a', model: 'echo' }).handoff('b')",
        "the agent 'a' was asked nothing so far that 'b' could go on with; give a message",
    ),
    Pair(
        "nobody to hand over to",
        "Agent.create({ name = 'a', model = 'echo' }):handoff('nobody', 'x')",
        "await Agent.create({ name: 'a', model: 'echo' }).handoff('nobody', 'x')",
        "there is no agent 'nobody'; there is 'a'",
    ),
    Pair(
        "a target that is paused",
        "local b = Agent.create({ name = 'b', model = 'echo' }) b:pause() Agent.create({ name = 'a', model = 'scripted/a', handoffs = { b } }):execute('x')",
        "const b = Agent.create({ name: 'b', model: 'echo' }); b.pause(); await Agent.create({ name: 'a', model: 'scripted/a', handoffs: [b] }).execute('x')",
        "the agent 'b' is paused; resume it first",
    ),
    Pair(
        "a history of no such kind",
        "Agent.create({ name = 'a', model = 'echo' }):handoff('a', 'x', { history = 'ful' })",
        "Agent.create({ name: 'a', model: 'echo' }).handoff('a', 'x', { history: 'ful' })",
        'AgentInstance.handoff: \'options.history\' must be "full", "last", "summary", "none", an integer or a function, but "ful" was given; did you mean "full"?',
    ),
    Pair(
        "a function that gives no conversation",
        "local a = Agent.create({ name = 'a', model = 'echo' }) a:execute('x') Agent.create({ name = 'b', model = 'echo' }) a:handoff('b', 'x', { history = function() return 5 end })",
        "const a = Agent.create({ name: 'a', model: 'echo' }); await a.execute('x'); Agent.create({ name: 'b', model: 'echo' }); await a.handoff('b', 'x', { history: () => 5 })",
        "a conversation is a list of tables of role and text, or a text",
    ),
]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.name)
def test_handing_over(pair: Pair, language: Language, tmp_path: Path) -> None:
    check_pair(pair, language, services=scripted(tmp_path))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("pair", REFUSED, ids=lambda pair: pair.name)
def test_refused(pair: Pair, language: Language, tmp_path: Path) -> None:
    check_refused(pair, language, services=scripted(tmp_path))
