"""The six kinds of workflows, by table and by builder, in both languages."""

# ruff: noqa: E501 (scripts read best on one line)

from __future__ import annotations

from pathlib import Path

import pytest
from llmspell_engine.globals.services import Services
from llmspell_engine.language import LANGUAGES, Language
from llmspell_engine.providers import standard_providers
from support.globals import Pair, check_pair

ANSWERS = """
critic:
  - text: " Good. "
  - text: "bad"
caller:
  - tool_calls: [{ name: shout, arguments: { text: hi } }]
  - text: done
"""
PAIRS = [
    Pair(
        "steps in order see the input and each other",
        "local w = Workflow.sequential({ name = 'w', steps = {"
        " { name = 'add', tool = 'calculator', input = { input = '{{ a }} + 1' } },"
        " { name = 'tell', execute = function(given, run) return given.a .. run.steps.add.text .. run.input.a end } } }) "
        "local r = w:execute({ a = 4 }) print(r.output, r.outputs.add.result.result, r.success, #r.step_results, r.step_results[1].type)",
        "const w = Workflow.sequential({ name: 'w', steps: ["
        " { name: 'add', tool: 'calculator', input: { input: '{{ a }} + 1' } },"
        " { name: 'tell', execute: (given, run) => `${given.a}${run.steps.add.text}${run.input.a}` }] }); "
        "const r = await w.execute({ a: 4 }); say(r.output, r.outputs.add.result.result, r.success, r.stepResults.length, r.stepResults[0].type)",
        "454\t5\ttrue\t2\ttool\n",
    ),
    Pair(
        "a string that is one expression keeps its type",
        "local w = Workflow.sequential({ steps = { { name = 'one', execute = function() return { list = { 1, 2 } } end },"
        " { name = 'two', input = { all = '{{ one.list }}', text = 'n={{ one.list|length }}', deep = { { '{{ steps.one.output.list[1] }}' } } },"
        " execute = function(g) return #g.all .. g.text .. g.deep[1][1] end } } }) print(w:execute().output)",
        "const w = Workflow.sequential({ steps: [{ name: 'one', execute: () => ({ list: [1, 2] }) },"
        " { name: 'two', input: { all: '{{ one.list }}', text: 'n={{ one.list|length }}', deep: [['{{ steps.one.output.list[1] }}']] },"
        " execute: (g) => g.all.length + g.text + g.deep[0][0] }] }); say((await w.execute()).output)",
        "2n=22\n",
    ),
    Pair(
        "agents answer with text, and their steps tell tokens",
        "Agent.create({ name = 'a', model = 'echo' }) "
        "local w = Workflow.builder():name('w'):sequential():add_step({ name = 'ask', type = 'agent', agent = 'a', input = 'about {{ topic }}' })"
        ":add_step({ name = 'again', agent = Agent.get('a'), input = { text = '{{ ask.text }}!' } }):build() "
        "local r = w:execute({ topic = 'bees' }) print(r.output, r.outputs.ask, r.metadata.extra.agent_outputs.ask, r.metadata.token_count > 0)",
        "Agent.create({ name: 'a', model: 'echo' }); "
        "const w = Workflow.builder().name('w').sequential().addStep({ name: 'ask', type: 'agent', agent: 'a', input: 'about {{ topic }}' })"
        ".addStep({ name: 'again', agent: Agent.get('a'), input: { text: '{{ ask.text }}!' } }).build(); "
        "const r = await w.execute({ topic: 'bees' }); say(r.output, r.outputs.ask, r.metadata.extra.agentOutputs.ask, r.metadata.tokenCount > 0)",
        "about bees!\tabout bees\tabout bees\ttrue\n",
    ),
    Pair(
        "branches run at the same time",
        "local here, most = 0, 0 local function step(x) here = here + 1 most = math.max(most, here) Async.sleep(0.02) here = here - 1 return x end "
        "local b = Workflow.builder():parallel() for i = 1, 3 do b:add_step({ name = 's' .. i, execute = step, input = i }) end "
        "local r = b:build():execute() print(most, r.output.s1, r.output.s3, r.step_timings.s2 == nil, r.step_timings['s2/s2'] > 0)",
        "let here = 0, most = 0; const step = async (x) => { here++; most = Math.max(most, here); await Async.sleep(0.02); here--; return x }; "
        "const b = Workflow.builder().parallel(); for (let i = 1; i <= 3; i++) b.addStep({ name: 's' + i, execute: step, input: i }); "
        "const r = await b.build().execute(); say(most, r.output.s1, r.output.s3, r.stepTimings.s2 == null, r.stepTimings['s2/s2'] > 0)",
        "3\t1\t3\ttrue\ttrue\n",
    ),
    Pair(
        "no more branches at a time than allowed",
        "local here, most = 0, 0 local function step() here = here + 1 most = math.max(most, here) Async.sleep(0.01) here = here - 1 end "
        "local steps = {} for i = 1, 5 do steps[i] = { name = 's' .. i, execute = step } end "
        "Workflow.parallel({ steps = steps, max_concurrency = 2 }):execute() print(most)",
        "let here = 0, most = 0; const step = async () => { here++; most = Math.max(most, here); await Async.sleep(0.01); here-- }; "
        "const steps = [1, 2, 3, 4, 5].map((i) => ({ name: 's' + i, execute: step })); "
        "await Workflow.parallel({ steps, maxConcurrency: 2 }).execute(); say(most)",
        "2\n",
    ),
    Pair(
        "branches of several steps",
        "local r = Workflow.parallel({ branches = { { name = 'left', steps = { { name = 'a', execute = function() return 1 end },"
        " { name = 'b', execute = function(_, run) return run.steps.a.output + 1 end } } },"
        " { name = 'right', steps = { { name = 'c', execute = function() return 9 end } } } } }):execute() print(r.output.left, r.output.right, r.outputs.a)",
        "const r = await Workflow.parallel({ branches: [{ name: 'left', steps: [{ name: 'a', execute: () => 1 },"
        " { name: 'b', execute: (_, run) => run.steps.a.output + 1 }] },"
        " { name: 'right', steps: [{ name: 'c', execute: () => 9 }] }] }).execute(); say(r.output.left, r.output.right, r.outputs.a)",
        "2\t9\t1\n",
    ),
    Pair(
        "a condition chooses",
        "local w = Workflow.builder():name('c'):conditional():condition('{{ input > 3 }}')"
        ":add_then_step({ name = 't', execute = function() return 'big' end }):add_else_step({ name = 'e', execute = function() return 'small' end }):build() "
        "for _, n in ipairs({ 5, 1 }) do local r = w:execute(n) print(r.output, r.branch_taken) end",
        "const w = Workflow.builder().name('c').conditional().condition('{{ input > 3 }}')"
        ".addThenStep({ name: 't', execute: () => 'big' }).addElseStep({ name: 'e', execute: () => 'small' }).build(); "
        "for (const n of [5, 1]) { const r = await w.execute(n); say(r.output, r.branchTaken) }",
        "big\tthen\nsmall\telse\n",
    ),
    Pair(
        "all branches that match, and none",
        "local function s(n) return { name = n, execute = function() return n end } end "
        "local w = Workflow.conditional({ execute_all_matching = true, branches = { { name = 'x', condition = { type = 'always' }, steps = { s('a') } },"
        " { name = 'y', condition = { type = 'never' }, steps = { s('b') } }, { name = 'z', condition = function(run) return run.input == 1 end, steps = { s('c') } } } }) "
        "local r = w:execute(1) print(table.concat(r.metadata.extra.branches_taken, ','), r.output) "
        "local n = Workflow.builder():conditional():add_branch('{{ false }}', { s('d') }):build():execute() print(n.branch_taken, n.output, n.success)",
        "const s = (n) => ({ name: n, execute: () => n }); "
        "const w = Workflow.conditional({ executeAllMatching: true, branches: [{ name: 'x', condition: { type: 'always' }, steps: [s('a')] },"
        " { name: 'y', condition: { type: 'never' }, steps: [s('b')] }, { name: 'z', condition: (run) => run.input === 1, steps: [s('c')] }] }); "
        "const r = await w.execute(1); say(r.metadata.extra.branchesTaken.join(), r.output); "
        "const n = await Workflow.builder().conditional().addBranch('{{ false }}', [s('d')]).build().execute(); say(n.branchTaken, n.output, n.success)",
        "x,z\tc\nnil\tnil\ttrue\n",
    ),
    Pair(
        "a loop over numbers that breaks off",
        "local w = Workflow.loop({ iterator = { range = { start = 1, ['end'] = 9, step = 2 } }, body = { { name = 'square', execute = function(n) return n * n end } },"
        " break_conditions = { '{{ square.output >= 25 }}' } }) local r = w:execute() "
        "print(r.iterations, table.concat(r.iteration_outputs, ','), r.metadata.extra.break_reason, r.step_results[3].path)",
        "const w = Workflow.loop({ iterator: { range: { start: 1, end: 9, step: 2 } }, body: [{ name: 'square', execute: (n) => n * n }],"
        " breakConditions: ['{{ square.output >= 25 }}'] }); const r = await w.execute(); "
        "say(r.iterations, r.iterationOutputs.join(), r.metadata.extra.breakReason, r.stepResults[2].path)",
        "3\t1,9,25\tbreak_condition\t3/square\n",
    ),
    Pair(
        "a loop while a condition holds, and its bound",
        "local function body() return { name = 'b', execute = function(given, run) return (run.previous or 0) + run.index end } end "
        "local r = Workflow.builder():loop():with_while('{{ index < 4 }}'):add_step(body()):build():execute() print(r.iterations, r.output[3], r.metadata.extra.break_reason) "
        "local m = Workflow.builder():loop():with_while(function() return true end):max_iterations(2):add_step(body()):build():execute() print(m.iterations, m.metadata.extra.break_reason)",
        "const body = () => ({ name: 'b', execute: (given, run) => (run.previous ?? 0) + run.index }); "
        "const r = await Workflow.builder().loop().withWhile('{{ index < 4 }}').addStep(body()).build().execute(); say(r.iterations, r.output[2], r.metadata.extra.breakReason); "
        "const m = await Workflow.builder().loop().withWhile(() => true).maxIterations(2).addStep(body()).build().execute(); say(m.iterations, m.metadata.extra.breakReason)",
        "3\t6\tcondition\n2\tmax_iterations\n",
    ),
    Pair(
        "a loop over a list that the input gives",
        "local r = Workflow.builder():loop():with_collection('{{ names }}'):add_step({ name = 'b', execute = function(item, run) return run.index .. item end }):build()"
        ":execute({ names = { 'x', 'y' } }) print(table.concat(r.output, ','), r.metadata.extra.break_reason)",
        "const r = await Workflow.builder().loop().withCollection('{{ names }}').addStep({ name: 'b', execute: (item, run) => run.index + item }).build()"
        ".execute({ names: ['x', 'y'] }); say(r.output.join(), r.metadata.extra.breakReason)",
        "1x,2y\tfinished\n",
    ),
    Pair(
        "map and reduce",
        "local here, most = 0, 0 local w = Workflow.map_reduce({ collection = '{{ input }}', max_concurrency = 2,"
        " map = { name = 'double', execute = function(x) here = here + 1 most = math.max(most, here) Async.sleep(0.01) here = here - 1 return x * 2 end },"
        " reduce = function(all) local sum = 0 for _, n in ipairs(all) do sum = sum + n end return sum end }) "
        "print(w:execute({ 1, 2, 3 }).output, most, #w:get_last_result().step_results)",
        "let here = 0, most = 0; const w = Workflow.mapReduce({ collection: '{{ input }}', maxConcurrency: 2,"
        " map: { name: 'double', execute: async (x) => { here++; most = Math.max(most, here); await Async.sleep(0.01); here--; return x * 2 } },"
        " reduce: (all) => all.reduce((sum, n) => sum + n, 0) }); "
        "say((await w.execute([1, 2, 3])).output, most, w.getLastResult().stepResults.length)",
        "12\t2\t4\n",
    ),
    Pair(
        "a map keeps the order of its items, also by builder and without a reduce step",
        "local r = Workflow.builder():map_reduce():with_collection({ 3, 1, 2 }):map(function(x) Async.sleep(x / 200) return x end):build():execute() print(table.concat(r.output, ','))",
        "const r = await Workflow.builder().mapReduce().withCollection([3, 1, 2]).map(async (x) => { await Async.sleep(x / 200); return x }).build().execute(); say(r.output.join())",
        "3,1,2\n",
    ),
    Pair(
        "a pipeline of functions, agents, workflows and steps",
        "local inner = Workflow.sequential({ name = 'inner', steps = { { name = 's', execute = function(t) return t .. '?' end } } }) "
        "local w = Workflow.pipeline({ stages = { function(t) return t .. '!' end, Agent.create({ model = 'echo' }), inner,"
        " { name = 'last', input = '<{{ previous }}>', execute = function(t) return t:upper() end } } }) print(w:execute('hi').output)",
        "const inner = Workflow.sequential({ name: 'inner', steps: [{ name: 's', execute: (t) => t + '?' }] }); "
        "const w = Workflow.pipeline({ stages: [(t) => t + '!', Agent.create({ model: 'echo' }), inner,"
        " { name: 'last', input: '<{{ previous }}>', execute: (t) => t.toUpperCase() }] }); say((await w.execute('hi')).output)",
        "<HI!?>\n",
    ),
    Pair(
        "workflows within workflows",
        "local inner = Workflow.map_reduce({ name = 'inner', collection = '{{ input.list }}', map = function(x) return x + 1 end }) "
        "local w = Workflow.sequential({ steps = { { name = 'in', workflow = inner, input = { list = '{{ input }}' } },"
        " { name = 'by_name', type = 'workflow', workflow = 'inner', input = { list = '{{ steps[\"in\"].output }}' } } } }) print(table.concat(w:execute({ 1, 2 }).output, ','))",
        "const inner = Workflow.mapReduce({ name: 'inner', collection: '{{ input.list }}', map: (x) => x + 1 }); "
        "const w = Workflow.sequential({ steps: [{ name: 'in', workflow: inner, input: { list: '{{ input }}' } },"
        " { name: 'by_name', type: 'workflow', workflow: 'inner', input: { list: '{{ steps[\"in\"].output }}' } }] }); say((await w.execute([1, 2])).output.join())",
        "3,4\n",
    ),
    Pair(
        "steps under conditions, and skipped ones",
        "local w = Workflow.sequential({ steps = { { name = 'a', execute = function() return 1 end },"
        " { name = 'b', condition = '{{ a.output > 1 }}', execute = function() return 2 end },"
        " { name = 'c', skip_if = { type = 'step_succeeded', step = 'a' }, execute = function() return 3 end } } }) "
        "local r = w:execute() print(r.output, r.step_results[2].skipped, r.metadata.extra.skipped_steps, r.outputs.b)",
        "const w = Workflow.sequential({ steps: [{ name: 'a', execute: () => 1 },"
        " { name: 'b', condition: '{{ a.output > 1 }}', execute: () => 2 },"
        " { name: 'c', skipIf: { type: 'step_succeeded', step: 'a' }, execute: () => 3 }] }); "
        "const r = await w.execute(); say(r.output, r.stepResults[1].skipped, r.metadata.extra.skippedSteps, r.outputs.b)",
        "1\ttrue\t2\tnil\n",
    ),
    Pair(
        "state is handed on",
        "local w = Workflow.sequential({ name = 'st', shared_data = { tier = 'gold' }, steps = {"
        " { name = 'a', output_key = 'first', execute = function() return { success = true, output = 7, state = { extra = 8 } } end },"
        " { name = 'b', input = '{{ state.first + state.extra }} {{ state.tier }} {{ state.later }}', execute = function(x) return x end } } }) "
        "w:set_shared_data('later', 'x') local r = w:execute() print(r.output, r.final_state.first, w:get_state('extra'), w:set_state('k', 1), w:get_state('nothing'))",
        "const w = Workflow.sequential({ name: 'st', sharedData: { tier: 'gold' }, steps: ["
        " { name: 'a', outputKey: 'first', execute: () => ({ success: true, output: 7, state: { extra: 8 } }) },"
        " { name: 'b', input: '{{ state.first + state.extra }} {{ state.tier }} {{ state.later }}', execute: (x) => x }] }); "
        "w.setSharedData('later', 'x'); const r = await w.execute(); say(r.output, r.finalState.first, w.getState('extra'), w.setState('k', 1), w.getState('nothing'))",
        "15 gold x\t7\t8\ttrue\tnil\n",
    ),
    Pair(
        "conditions are records",
        "local function is(condition) local r = Workflow.builder():sequential():shared_data('k', 'v'):add_step({ name = 'ask', agent = Agent.create({ model = 'scripted/critic' }), input = 'x' })"
        ":add_step({ name = 'then_', condition = condition, execute = function() return 1 end }):build():execute() return not r.step_results[2].skipped end "
        "print(is({ type = 'shared_data_equals', key = 'k', value = 'v' }), is({ type = 'agent_classification', step = 'ask', category = 'BAD' }))",
        "const is = async (condition) => { const r = await Workflow.builder().sequential().sharedData('k', 'v').addStep({ name: 'ask', agent: Agent.create({ model: 'scripted/critic' }), input: 'x' })"
        ".addStep({ name: 'then_', condition, execute: () => 1 }).build().execute(); return !r.stepResults[1].skipped }; "
        "say(await is({ type: 'shared_data_equals', key: 'k', value: 'v' }), await is({ type: 'agent_classification', step: 'ask', category: 'BAD' }))",
        "true\ttrue\n",
    ),
    Pair(
        "outputs are kept, and read from State",
        "local w = Workflow.sequential({ name = 'kept', steps = { { name = 'a', execute = function() return { 1, 2 } end } } }) w:execute() "
        "print(#State.workflow_get('kept', 'a'), State.workflow_list('kept')[1], #w:get_output('a'), w:list_outputs()[1], w:get_execution_id() ~= nil) "
        "w:clear_outputs() print(State.workflow_get('kept', 'a'), #w:list_outputs(), w:get_last_result())",
        "const w = Workflow.sequential({ name: 'kept', steps: [{ name: 'a', execute: () => [1, 2] }] }); await w.execute(); "
        "say(State.workflowGet('kept', 'a').length, State.workflowList('kept')[0], w.getOutput('a').length, w.listOutputs()[0], w.getExecutionId() != null); "
        "w.clearOutputs(); say(State.workflowGet('kept', 'a'), w.listOutputs().length, w.getLastResult())",
        "2\ta\t2\ta\ttrue\nnil\t0\tnil\n",
    ),
    Pair(
        "workflows are found by id and name, and counted",
        "local w = Workflow.get(Workflow.register('sequential', { name = 'r', description = 'd', steps = { { execute = function() return 1 end } } })) "
        "print(Workflow.get('r') == w, w.type, Workflow.execute('r').output, w:get_info().executions, w:get_metrics().failures, w:get_status(), #Workflow.types()) "
        "print(Workflow.list()[1].description, Workflow.remove('r'), Workflow.get('r'), #Workflow.list())",
        "const w = Workflow.get(Workflow.register('sequential', { name: 'r', description: 'd', steps: [{ execute: () => 1 }] })); "
        "say(Workflow.get('r') === w, w.type, (await Workflow.execute('r')).output, w.getInfo().executions, w.getMetrics().failures, w.getStatus(), Workflow.types().length); "
        "say(Workflow.list()[0].description, Workflow.remove('r'), Workflow.get('r'), Workflow.list().length)",
        "true\tsequential\t1\t1\t0\tcompleted\t6\nd\ttrue\tnil\t0\n",
    ),
    Pair(
        "a workflow as the tool of an agent",
        "local w = Workflow.sequential({ name = 'shout', description = 'Shouts.', steps = { { name = 's', execute = function(t) return t:upper() end } } }) "
        "local r = Agent.create({ model = 'scripted/caller', tools = { w } }):execute('x') print(r.text, r.tool_calls[1].result)",
        "const w = Workflow.sequential({ name: 'shout', description: 'Shouts.', steps: [{ name: 's', execute: (t) => t.toUpperCase() }] }); "
        "const r = await Agent.create({ model: 'scripted/caller', tools: [w] }).execute('x'); say(r.text, r.toolCalls[0].result)",
        "done\tHI\n",
    ),
]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.name)
def test_kinds(pair: Pair, language: Language, tmp_path: Path) -> None:
    answers = tmp_path / "answers.yaml"
    answers.write_text(ANSWERS)
    services = Services(providers=standard_providers(answers), root=tmp_path)
    check_pair(pair, language, services=services)
