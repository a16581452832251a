"""What workflows do where it gets difficult: errors in odd places, undoing across workflows, limits, order."""

# ruff: noqa: E501 (scripts read best on one line)

from __future__ import annotations

import pytest
from llmspell_engine.globals.services import Services
from llmspell_engine.language import LANGUAGES, Language
from support.globals import Pair, check_pair

PAIRS = [
    Pair(
        "the error of a condition is the step's, and goes by its policy",
        "local w = Workflow.sequential({ name = 'w', error_strategy = 'continue', steps = { { name = 'a', condition = '{{ nope }}', execute = function() return 1 end },"
        " { name = 'b', skip_if = function() error('odd', 0) end, execute = function() return 1 end }, { name = 'c', execute = function(_, run) return run.steps.a.success end } } }) "
        "local r = w:execute() print(r.output, r.success, r.failed_step, r.step_results[1].attempts, r.step_results[2].error) "
        "print(r.step_results[1].error:match('^condition: the template names .nope., which is not known') ~= nil)",
        "const w = Workflow.sequential({ name: 'w', errorStrategy: 'continue', steps: [{ name: 'a', condition: '{{ nope }}', execute: () => 1 },"
        " { name: 'b', skipIf: () => { throw 'odd' }, execute: () => 1 }, { name: 'c', execute: (_, run) => run.steps.a.success }] }); "
        "const r = await w.execute(); say(r.output, r.success, r.failedStep, r.stepResults[0].attempts, r.stepResults[1].error); "
        "say(/^condition: the template names .nope., which is not known/.test(r.stepResults[0].error))",
        "false\tfalse\ta\t0\todd\ntrue\n",
    ),
    Pair(
        "a table that a function or a hook gives says its text and its name itself",
        "Hook.register('AfterWorkflowStage', function(c) if c.component_id.name == 'b' then return { type = 'modified', data = { output = { text = 'hooked' } } } end end) "
        "local w = Workflow.sequential({ name = 'w', steps = { { name = 'a', execute = function() return { text = 'made', name = 'Ann', error = 'odd' } end },"
        " { name = 'b', execute = function() return 1 end }, { name = 'c', execute = function(input) return { text = input.t } end,"
        " input = { t = '{{ a.text }} {{ a.name }} {{ a.output.error }} {{ a.error }} {{ b.text }} {{ b.name }}' } } } }) "
        "local r = w:execute() print(r.output.text) print(r.step_results[1].text, JSON.stringify(r.media))",
        "Hook.register('AfterWorkflowStage', (c) => c.componentId.name === 'b' ? { type: 'modified', data: { output: { text: 'hooked' } } } : null); "
        "const w = Workflow.sequential({ name: 'w', steps: [{ name: 'a', execute: () => ({ text: 'made', name: 'Ann', error: 'odd' }) },"
        " { name: 'b', execute: () => 1 }, { name: 'c', execute: (input) => ({ text: input.t }),"
        " input: { t: '{{ a.text }} {{ a.name }} {{ a.output.error }} {{ a.error }} {{ b.text }} {{ b.name }}' } }] }); "
        "const r = await w.execute(); say(r.output.text); say(r.stepResults[0].text, JSON.stringify(r.media))",
        "made Ann odd  hooked b\nmade\t[]\n",
    ),
    Pair(
        "what a workflow did that is a step is undone with the rest, unless the step says how; undoing that fails is told and the rest goes on",
        "local log = {} local function step(name, broken) return { name = name, execute = function() if broken then error('broke', 0) end return name end,"
        " compensate = function(output) log[#log + 1] = output if name == 'i2' then error('cannot', 0) end end } end "
        "local function inner() return Workflow.sequential({ name = 'n', steps = { step('i1'), step('i2') } }) end "
        "local w = Workflow.sequential({ name = 'w', error_strategy = 'compensate', steps = { step('o1'), { name = 'n', workflow = inner() },"
        " { name = 'm', workflow = inner(), compensate = function() log[#log + 1] = 'all of m' end }, step('o2', true) } }) "
        "print(pcall(w.execute) == false, table.concat(log, ' ')) local r = w:get_last_result() "
        "for _, one in ipairs(r.compensations) do print(one.name, one.success, one.error) end",
        "const log = []; const step = (name, broken) => ({ name, execute: () => { if (broken) throw 'broke'; return name },"
        " compensate: (output) => { log.push(output); if (name === 'i2') throw 'cannot' } }); "
        "const inner = () => Workflow.sequential({ name: 'n', steps: [step('i1'), step('i2')] }); "
        "const w = Workflow.sequential({ name: 'w', errorStrategy: 'compensate', steps: [step('o1'), { name: 'n', workflow: inner() },"
        " { name: 'm', workflow: inner(), compensate: () => { log.push('all of m') } }, step('o2', true)] }); "
        "try { await w.execute() } catch { say(true, log.join(' ')) } const r = w.getLastResult(); "
        "for (const one of r.compensations) say(one.name, one.success, one.error)",
        "true\tall of m i2 i1 o1\nundo_m\ttrue\tnil\nundo_i2\tfalse\tcannot\nundo_i1\ttrue\tnil\nundo_o1\ttrue\tnil\n",
    ),
    Pair(
        "what an earlier try did inside of a workflow that is a step is undone too, deep ones and rounds among it",
        "local log, how = {}, 'fail' local function step(name) return { name = name, execute = function(v) return v end, compensate = function(output) log[#log + 1] = name .. output end } end "
        "local function make() local deep = Workflow.sequential({ name = 'deep', steps = { step('x') } }) "
        "local loop = Workflow.loop({ name = 'loop', iterator = { collection = { 1, 2 } }, body = { step('x'), { name = 'in', workflow = deep } } }) "
        "return Workflow.sequential({ name = 'w', error_strategy = how == 'fail' and 'fail_fast' or 'compensate', steps = { step('o'), { name = 'l', workflow = loop }, { name = 'end', execute = function() error('broke', 0) end } } }) end "
        "print(pcall(make().execute, 0, { run_id = 'r' }) == false, #log) how = 'undo' local w = make() print(pcall(w.execute, nil, { run_id = 'r' }) == false, table.concat(log, ' '))",
        "const log = []; let how = 'fail'; const step = (name) => ({ name, execute: (v) => v, compensate: (output) => { log.push(name + output) } }); "
        "const make = () => { const deep = Workflow.sequential({ name: 'deep', steps: [step('x')] }); "
        "const loop = Workflow.loop({ name: 'loop', iterator: { collection: [1, 2] }, body: [step('x'), { name: 'in', workflow: deep }] }); "
        "return Workflow.sequential({ name: 'w', errorStrategy: how === 'fail' ? 'fail_fast' : 'compensate', steps: [step('o'), { name: 'l', workflow: loop }, { name: 'end', execute: () => { throw 'broke' } }] }) }; "
        "try { await make().execute(0, { runId: 'r' }) } catch { say(true, log.length) } how = 'undo'; try { await make().execute(null, { runId: 'r' }) } catch { say(true, log.join(' ')) }",
        "true\t0\ntrue\tx2 x2 x1 x1 o0\n",
    ),
    Pair(
        "cancelling reaches the innermost step; each workflow undoes and cleans up, from the inside to the outside",
        "local log = {} local function note(text) return function() log[#log + 1] = text end end "
        "local deep = Workflow.parallel({ name = 'deep', error_strategy = 'compensate', cleanup = { { name = 'c', execute = note('deep clean') } }, steps = { { name = 'p', execute = function() return 1 end, compensate = note('p') },"
        " { name = 'q', execute = function() Async.sleep(60) end } } }) "
        "local w = Workflow.sequential({ name = 'w', error_strategy = 'compensate', cleanup = { { name = 'c', execute = note('clean') } }, steps = { { name = 'o', execute = function() return 1 end, compensate = note('o') }, { name = 'd', workflow = deep } } }) "
        "local run = Async.run(function() return w:execute() end) while not State.workflow_get('deep', 'p') do Async.sleep(0.001) end run:cancel() print(pcall(run.await, run) == false) "
        "while w:get_status() == 'running' do Async.sleep(0.001) end print(table.concat(log, ', '), deep:get_status(), w:get_status(), w:get_last_result().metadata.extra.error_type)",
        "const log = []; const note = (text) => () => { log.push(text) }; "
        "const deep = Workflow.parallel({ name: 'deep', errorStrategy: 'compensate', cleanup: [{ name: 'c', execute: note('deep clean') }], steps: [{ name: 'p', execute: () => 1, compensate: note('p') },"
        " { name: 'q', execute: () => Async.sleep(60) }] }); "
        "const w = Workflow.sequential({ name: 'w', errorStrategy: 'compensate', cleanup: [{ name: 'c', execute: note('clean') }], steps: [{ name: 'o', execute: () => 1, compensate: note('o') }, { name: 'd', workflow: deep }] }); "
        "const run = Async.run(() => w.execute()); while (!State.workflowGet('deep', 'p')) await Async.sleep(0.001); Async.cancel(run); try { await run } catch { say(true) } "
        "while (w.getStatus() === 'running') await Async.sleep(0.001); say(log.join(', '), deep.getStatus(), w.getStatus(), w.getLastResult().metadata.extra.errorType)",
        "true\np, deep clean, o, clean\tcancelled\tcancelled\tCancelled\n",
    ),
    Pair(
        "a time limit ends a function, a tool and a workflow that are under way",
        "local ended = 0 local function slow() local ok, problem = pcall(Async.sleep, 60) ended = ended + 1 error(problem, 0) end "
        "Tool.register({ name = 'slow', description = 'Sleeps.', parameters = {}, execute = slow }) "
        "local inner = Workflow.sequential({ name = 'inner', steps = { { name = 'x', execute = slow } } }) "
        "for _, step in ipairs({ { execute = slow }, { tool = 'slow', input = { a = 1 } }, { workflow = inner } }) do step.name, step.timeout_ms = 's', 30 "
        "local w = Workflow.sequential({ name = 'w', steps = { step } }) local ok, problem = pcall(w.execute) print(problem.message, w:get_last_result().step_results[1].error_type) end "
        "while ended < 3 do Async.sleep(0.001) end print(ended, inner:get_status())",
        "let ended = 0; const slow = async () => { try { await Async.sleep(60) } finally { ended++ } }; "
        "Tool.register({ name: 'slow', description: 'Sleeps.', parameters: {}, execute: slow }); "
        "const inner = Workflow.sequential({ name: 'inner', steps: [{ name: 'x', execute: slow }] }); "
        "for (const step of [{ execute: slow }, { tool: 'slow', input: { a: 1 } }, { workflow: inner }]) { Object.assign(step, { name: 's', timeoutMs: 30 }); "
        "const w = Workflow.sequential({ name: 'w', steps: [step] }); try { await w.execute() } catch (e) { say(e.message, w.getLastResult().stepResults[0].errorType) } } "
        "while (ended < 3) await Async.sleep(0.001); say(ended, inner.getStatus())",
        "the workflow 'w' failed at the step 's': the step 's' took longer than 30 ms; raise timeout_ms\tTimeoutError\n"
        * 3
        + "3\tcancelled\n",
    ),
    Pair(
        "so many at once and no more, begun in order; without fail_fast all come to their ends",
        "local now, most, begun = 0, 0, {} local function work(i) now = now + 1 most = math.max(most, now) begun[#begun + 1] = i Async.sleep(0.005) now = now - 1 if i % 2 == 0 then error('even ' .. i, 0) end return i end "
        "local w = Workflow.map_reduce({ name = 'w', collection = { 1, 2, 3, 4, 5 }, max_concurrency = 2, fail_fast = false, map = { name = 'm', execute = work } }) "
        "print(select(2, pcall(w.execute)).message, most, table.concat(begun, ' ')) local e = w:get_last_result().metadata.extra print(e.total_items, e.successful_items, e.failed_items) "
        "w = Workflow.map_reduce({ name = 'w', collection = { 1, 2, 3, 4, 5 }, error_strategy = 'continue', map = { name = 'm', execute = work }, reduce = function(left) return #left end }) print(w:execute().output)",
        "let now = 0, most = 0; const begun = []; const work = async (i) => { most = Math.max(most, ++now); begun.push(i); await Async.sleep(0.005); now--; if (i % 2 === 0) throw 'even ' + i; return i }; "
        "let w = Workflow.mapReduce({ name: 'w', collection: [1, 2, 3, 4, 5], maxConcurrency: 2, failFast: false, map: { name: 'm', execute: work } }); "
        "try { await w.execute() } catch (e) { say(e.message, most, begun.join(' ')) } const e = w.getLastResult().metadata.extra; say(e.totalItems, e.successfulItems, e.failedItems); "
        "w = Workflow.mapReduce({ name: 'w', collection: [1, 2, 3, 4, 5], errorStrategy: 'continue', map: { name: 'm', execute: work }, reduce: (left) => left.length }); say((await w.execute()).output)",
        "the workflow 'w' failed at the step 'm': even 2\t2\t1 2 3 4 5\n5\t3\t2\n3\n",
    ),
    Pair(
        "items go through a pipeline side by side, in order, and a slow stage holds up those before it",
        "local log, inside, most = {}, 0, 0 local function stage(name, seconds) return { name = name, execute = function(v, run) if name == 'a' then inside = inside + 1 most = math.max(most, inside) end"
        " log[#log + 1] = name .. run.index Async.sleep(seconds) if name == 'b' then inside = inside - 1 end return v .. name end } end "
        "local w = Workflow.builder():name('w'):pipeline():with_collection('{{ input }}'):add_stage(stage('a', 0.001)):add_stage(stage('b', 0.02)):build() "
        "local r = w:execute({ 'x', 'y', 'z', 'u' }) print(table.concat(r.output, ' '), most, table.concat(log, ' ')) local e = r.metadata.extra print(e.total_items, e.successful_items, e.total_stages, e.completed_stages, e.max_concurrency) print(#w:execute({}).output)",
        "const log = []; let inside = 0, most = 0; const stage = (name, seconds) => ({ name, execute: async (v, run) => { if (name === 'a') most = Math.max(most, ++inside);"
        " log.push(name + run.index); await Async.sleep(seconds); if (name === 'b') inside--; return v + name } }); "
        "const w = Workflow.builder().name('w').pipeline().withCollection('{{ input }}').addStage(stage('a', 0.001)).addStage(stage('b', 0.02)).build(); "
        "const r = await w.execute(['x', 'y', 'z', 'u']); say(r.output.join(' '), most, log.join(' ')); const e = r.metadata.extra; say(e.totalItems, e.successfulItems, e.totalStages, e.completedStages, e.maxConcurrency); say((await w.execute([])).output.length)",
        "xab yab zab uab\t2\ta1 a2 b1 b2 a3 b3 a4 b4\n4\t4\t2\t8\t2\n0\n",
    ),
    Pair(
        "no range is written out; numbers that are none are refused",
        "local function loop(from, to, step) return Workflow.loop({ name = 'w', iterator = { range = { start = from, ['end'] = to, step = step } }, max_iterations = 3, body = { { name = 's', execute = function(i) return i end } } }) end "
        "local r = loop(1, 1e15):execute() print(table.concat(r.output, ' '), r.metadata.extra.break_reason) print(table.concat(loop(1, 0, -0.5):execute().output, ' '), #loop(1, 1):execute().output) "
        "print(select(2, pcall(loop, 1, math.huge)).message)",
        "const loop = (start, end, step = 1) => Workflow.loop({ name: 'w', iterator: { range: { start, end, step } }, maxIterations: 3, body: [{ name: 's', execute: (i) => i }] }); "
        "const r = await loop(1, 1e15).execute(); say(r.output.join(' '), r.metadata.extra.breakReason); say((await loop(1, 0, -0.5).execute()).output.join(' '), (await loop(1, 1).execute()).output.length); "
        "try { loop(1, Infinity) } catch (e) { say(e.message) }",
        "1 2 3\tmax_iterations\n1 0.5\t0\nWorkflow.loop: range: 'start', 'end' and 'step' are finite numbers\n",
    ),
    Pair(
        "a handler that changes the output of a step leaves what it cost",
        "Hook.register('AfterWorkflowStage', function(context) return { type = 'modified', data = { output = 'changed' } } end) Agent.create({ name = 'e', model = 'echo' }) "
        "local r = Workflow.sequential({ name = 'w', steps = { { name = 'a', agent = 'e', input = 'some words' } } }):execute() print(r.output, r.step_results[1].token_count > 0, r.metadata.token_count > 0)",
        "Hook.register('AfterWorkflowStage', () => ({ type: 'modified', data: { output: 'changed' } })); Agent.create({ name: 'e', model: 'echo' }); "
        "const r = await Workflow.sequential({ name: 'w', steps: [{ name: 'a', agent: 'e', input: 'some words' }] }).execute(); say(r.output, r.stepResults[0].tokenCount > 0, r.metadata.tokenCount > 0)",
        "changed\ttrue\ttrue\n",
    ),
    Pair(
        "workflows without a name leave nothing in State",
        "Workflow.sequential({ steps = { { name = 'a', execute = function() return 1 end } } }):execute() local w = Workflow.sequential({ name = 'w', steps = { { name = 'a', execute = function() return 1 end } } }) w:execute() "
        "print(#State.workflow_list('w'), JSON.stringify(State.export()):find('workflow%-') == nil)",
        "await Workflow.sequential({ steps: [{ name: 'a', execute: () => 1 }] }).execute(); const w = Workflow.sequential({ name: 'w', steps: [{ name: 'a', execute: () => 1 }] }); await w.execute(); "
        "say(State.workflowList('w').length, !JSON.stringify(State.export()).includes('workflow-'))",
        "1\ttrue\n",
    ),
    Pair(
        "functions see all earlier steps as one table, which grows",
        "local seen local function look(_, run) local names = {} for name, one in pairs(run.steps) do names[#names + 1] = name .. '=' .. tostring(one.output) end table.sort(names) "
        "local same = seen == run.steps seen = run.steps return table.concat(names, ' ') .. ' ' .. tostring(same) .. ' ' .. run.input.n end "
        "local w = Workflow.sequential({ name = 'w', steps = { { name = 'a', execute = function() return 1 end }, { name = 'b', execute = look }, { name = 'c', execute = look }, { name = 'd', execute = function(_, run) return JSON.stringify(run.steps.a.output) .. run.steps.c.name end } } }) "
        "local r = w:execute({ n = 5 }) print(r.outputs.b) print(r.outputs.c) print(r.output) print(w:execute({ n = 6 }).outputs.b)",
        "let seen; const look = (_, run) => { const names = Object.entries(run.steps).map(([name, one]) => name + '=' + one.output).sort().join(' '); "
        "const same = seen === run.steps; seen = run.steps; return names + ' ' + same + ' ' + run.input.n }; "
        "const w = Workflow.sequential({ name: 'w', steps: [{ name: 'a', execute: () => 1 }, { name: 'b', execute: look }, { name: 'c', execute: look }, { name: 'd', execute: (_, run) => JSON.stringify(run.steps.a.output) + run.steps.c.name }] }); "
        "const r = await w.execute({ n: 5 }); say(r.outputs.b); say(r.outputs.c); say(r.output); say((await w.execute({ n: 6 })).outputs.b)",
        "a=1 false 5\na=1 b=a=1 false 5 true 5\n1c\na=1 false 6\n",
    ),
    Pair(
        "the newest round is seen, items see nothing of each other",
        "local w = Workflow.loop({ name = 'w', iterator = { collection = { 1, 2, 3 } }, body = { { name = 'a', execute = function(i) return i end }, { name = 'b', execute = function(_, run) return run.steps.a.output * 10 end } } }) print(table.concat(w:execute().output, ' ')) "
        "w = Workflow.map_reduce({ name = 'w', collection = { 1, 2 }, max_concurrency = 1, map = function(_, run) return next(run.steps) == nil end }) print(tostring(w:execute().output[2]))",
        "let w = Workflow.loop({ name: 'w', iterator: { collection: [1, 2, 3] }, body: [{ name: 'a', execute: (i) => i }, { name: 'b', execute: (_, run) => run.steps.a.output * 10 }] }); say((await w.execute()).output.join(' ')); "
        "w = Workflow.mapReduce({ name: 'w', collection: [1, 2], maxConcurrency: 1, map: (_, run) => Object.keys(run.steps).length === 0 }); say(String((await w.execute()).output[1]))",
        "10 20 30\ntrue\n",
    ),
]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.name)
def test_semantics(pair: Pair, language: Language) -> None:
    services = Services()
    check_pair(pair, language, services=services)
    services.close()
