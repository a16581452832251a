"""Workflows beside the rest of the engine: agents that hand over to them, hooks, events, tools of scripts."""

# ruff: noqa: E501 (scripts read best on one line)

from __future__ import annotations

from pathlib import Path

import pytest
from llmspell_engine.globals.services import Services
from llmspell_engine.language import LANGUAGES, Language
from llmspell_engine.providers import standard_providers
from support.globals import Pair, check_pair

ANSWERS = """
desk:
  - tool_calls: [{ name: transfer_to_shout, arguments: { message: help me } }]
"""
PAIRS = [
    Pair(
        "an agent hands over to a workflow",
        "local w = Workflow.sequential({ name = 'shout', steps = { { name = 's', execute = function(t) return t:upper() end } } }) "
        "local r = Agent.create({ name = 'desk', model = 'scripted/desk', handoffs = { w } }):execute('x') print(r.text, r.agent, table.concat(r.path, '>'))",
        "const w = Workflow.sequential({ name: 'shout', steps: [{ name: 's', execute: (t) => t.toUpperCase() }] }); "
        "const r = await Agent.create({ name: 'desk', model: 'scripted/desk', handoffs: [w] }).execute('x'); say(r.text, r.agent, r.path.join('>'))",
        "HELP ME\tshout\tdesk>shout\n",
    ),
    Pair(
        "a workflow is found by its name wherever an agent is, and shows who works for it",
        "local e = Agent.create({ name = 'e', model = 'echo' }) Workflow.sequential({ name = 'inner', steps = { { name = 's', agent = e } } }) "
        "Workflow.parallel({ name = 'outer', branches = { { name = 'b', steps = { { name = 'i', workflow = 'inner' }, { name = 'j', agent = 'e' } } } } }) "
        "local function show(n) local c = {} for i, one in ipairs(n.children) do c[i] = show(one) end return n.type .. ' ' .. n.name .. '(' .. table.concat(c, ', ') .. ')' end "
        "print(show(Agent.get_hierarchy('outer').root), Agent.get_details('inner').type) "
        "print(Agent.execute('inner', 'hi').text, Agent.pipeline({ steps = { 'inner' } }):execute('ho').text, Agent.get('inner')) "
        "Agent.wrap_as_tool('inner', { tool_name = 'wrapped' }) print(Agent.create({ name = 'd', model = 'scripted/desk', handoffs = { 'inner' } }).name)",
        "const e = Agent.create({ name: 'e', model: 'echo' }); Workflow.sequential({ name: 'inner', steps: [{ name: 's', agent: e }] }); "
        "Workflow.parallel({ name: 'outer', branches: [{ name: 'b', steps: [{ name: 'i', workflow: 'inner' }, { name: 'j', agent: 'e' }] }] }); "
        "const show = (n) => n.type + ' ' + n.name + '(' + n.children.map(show).join(', ') + ')'; "
        "say(show(Agent.getHierarchy('outer').root), Agent.getDetails('inner').type); "
        "say((await Agent.execute('inner', 'hi')).text, (await Agent.pipeline({ steps: ['inner'] }).execute('ho')).text, Agent.get('inner')); "
        "Agent.wrapAsTool('inner', { toolName: 'wrapped' }); say(Agent.create({ name: 'd', model: 'scripted/desk', handoffs: ['inner'] }).name)",
        "workflow outer(workflow inner(llm e()), llm e())\tworkflow\nhi\tho\tnil\nd\n",
    ),
    Pair(
        "a workflow in a row of agents, and a pool as a step",
        "local w = Workflow.sequential({ name = 'shout', steps = { { name = 's', agent = Agent.pool({ agent = { model = 'echo' } }) }, { name = 'up', execute = function(_, run) return run.steps.s.text:upper() end } } }) "
        "print(Agent.pipeline({ steps = { function(t) return t .. '!' end, w } }):execute('hi').text)",
        "const w = Workflow.sequential({ name: 'shout', steps: [{ name: 's', agent: Agent.pool({ agent: { model: 'echo' } }) }, { name: 'up', execute: (_, run) => run.steps.s.text.toUpperCase() }] }); "
        "say((await Agent.pipeline({ steps: [(t) => t + '!', w] }).execute('hi')).text)",
        "HI!\n",
    ),
    Pair(
        "an agent wrapped as a tool is a step's tool",
        "Agent.wrap_as_tool(Agent.create({ name = 'e', model = 'echo' }), { tool_name = 'repeat-it' }) "
        "print(Workflow.sequential({ steps = { { name = 's', tool = 'repeat-it', input = { text = '{{ input }}' } } } }):execute('hi').output)",
        "Agent.wrapAsTool(Agent.create({ name: 'e', model: 'echo' }), { toolName: 'repeat-it' }); "
        "say((await Workflow.sequential({ steps: [{ name: 's', tool: 'repeat-it', input: { text: '{{ input }}' } }] }).execute('hi')).output)",
        "hi\n",
    ),
    Pair(
        "hooks step in",
        "Hook.register('BeforeWorkflowStage', function(c) if c.data.step == 'a' then return { type = 'modified', data = { input = 'changed' } } end end) "
        "Hook.register('AfterWorkflowComplete', function(c) print('done', c.data.output) end) Hook.register('WorkflowCheckpoint', function(c) print('kept', c.data.step) end) "
        "print(Workflow.sequential({ name = 'w', steps = { { name = 'a', execute = function(x) return x end } } }):execute('x', { run_id = 'r' }).output)",
        "Hook.register('BeforeWorkflowStage', (c) => { if (c.data.step === 'a') return { type: 'modified', data: { input: 'changed' } } }); "
        "Hook.register('AfterWorkflowComplete', (c) => say('done', c.data.output)); Hook.register('WorkflowCheckpoint', (c) => say('kept', c.data.step)); "
        "say((await Workflow.sequential({ name: 'w', steps: [{ name: 'a', execute: (x) => x }] }).execute('x', { runId: 'r' })).output)",
        "kept\ta\ndone\tchanged\nchanged\n",
    ),
    Pair(
        "a hook cancels a run, and another puts a result in the place of a step's",
        "Hook.register('BeforeWorkflowStart', function(c) if c.data.input == 'no' then return { type = 'cancel', reason = 'not today' } end end) "
        "Hook.register('BeforeWorkflowStage', function() return { type = 'replace', data = { output = 'instead' } } end) "
        "local w = Workflow.sequential({ name = 'w', steps = { { name = 'a', execute = function() print('never') end } } }) "
        "print(w:execute('yes').output, select(2, pcall(w.execute, 'no')).kind)",
        "Hook.register('BeforeWorkflowStart', (c) => { if (c.data.input === 'no') return { type: 'cancel', reason: 'not today' } }); "
        "Hook.register('BeforeWorkflowStage', () => ({ type: 'replace', data: { output: 'instead' } })); "
        "const w = Workflow.sequential({ name: 'w', steps: [{ name: 'a', execute: () => say('never') }] }); "
        "const first = (await w.execute('yes')).output; try { await w.execute('no') } catch (e) { say(first, e.name) }",
        "instead\tHookCancelledError\n",
    ),
    Pair(
        "events tell of runs, and a workflow publishes its own",
        "local s = Event.subscribe('workflow.*') local w = Workflow.sequential({ name = 'w', steps = { { name = 'a', execute = function() return 1 end } } }) w:execute() w:emit('mine', { n = 1 }) "
        "for _ = 1, 4 do local e = Event.receive(s, 100) print(e.event_type, e.data.step, e.data.n) end",
        "const s = Event.subscribe('workflow.*'); const w = Workflow.sequential({ name: 'w', steps: [{ name: 'a', execute: () => 1 }] }); await w.execute(); w.emit('mine', { n: 1 }); "
        "for (let i = 0; i < 4; i++) { const e = await Event.receive(s, 100); say(e.eventType, e.data.step, e.data.n) }",
        "workflow.started\tnil\tnil\nworkflow.step.completed\ta\tnil\nworkflow.completed\tnil\tnil\nworkflow.w.mine\tnil\t1\n",
    ),
]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.name)
def test_with_others(pair: Pair, language: Language, tmp_path: Path) -> None:
    answers = tmp_path / "answers.yaml"
    answers.write_text(ANSWERS)
    services = Services(providers=standard_providers(answers), root=tmp_path)
    check_pair(pair, language, services=services)
