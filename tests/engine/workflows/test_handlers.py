"""Functions that workflows call around steps, rounds and branches, and where a step fails; and what else
steps, branches and rounds may have: computed inputs and lists, batches, steps after the branches."""

# ruff: noqa: E501 (scripts read best on one line)

from __future__ import annotations

import pytest
from llmspell_engine.language import LANGUAGES, Language
from support.globals import Pair, check_pair

PAIRS = [
    Pair(
        "around a step: before, each further try, and the end, in this order; older names are the same",
        "local n = 0 local w = Workflow.sequential({ name = 'w', steps = { { name = 'a', retry = { max_attempts = 3, backoff_ms = 1, backoff_multiplier = 2 },"
        " setup = function(run) print('before', run.step, n) end, on_retry = function(number, why, run) print('again', number, why, run.step) end,"
        " execute = function() n = n + 1 if n < 3 then error('no ' .. n, 0) end return n end,"
        " on_complete = function(result, run) print('end', result.success, result.output, result.attempts, run.workflow) end } } }) "
        "print(w:execute().output)",
        "let n = 0; const w = Workflow.sequential({ name: 'w', steps: [{ name: 'a', retry: { maxAttempts: 3, backoffMs: 1, backoffMultiplier: 2 },"
        " setup: (run) => say('before', run.step, n), onRetry: (number, why, run) => say('again', number, why, run.step),"
        " execute: () => { n += 1; if (n < 3) throw 'no ' + n; return n },"
        " onComplete: (result, run) => say('end', result.success, result.output, result.attempts, run.workflow) }] }); "
        "say((await w.execute()).output)",
        "before\ta\t0\nagain\t2\tno 1\ta\nagain\t3\tno 2\ta\nend\ttrue\t3\t3\tw\n3\n",
    ),
    Pair(
        "what a failing step comes to where a function decides: a value instead, its failure in other words, a policy, nothing",
        "local function run(decide, strategy) local w = Workflow.sequential({ name = 'w', error_strategy = strategy, steps = {"
        " { name = 'a', execute = function() error('odd', 0) end, on_error = decide }, { name = 'b', execute = function(_, r) return r.steps.a.text end } } }) "
        "local ok, r = pcall(w.execute) if not ok then r = w:get_last_result() end print(ok, r.success, r.step_results[1].success, r.step_results[1].error, r.output) end "
        "run(function(why, step, r) return { success = true, output = why .. step .. r.attempt, state = {} } end) "
        "run(function() return { success = false, output = 'spare', error = 'worse' } end, 'continue') "
        "run(function() return 'continue' end) run(function() end) run(function() end, 'continue') run(function() return 'fail' end, 'continue')",
        "const run = async (decide, errorStrategy) => { const w = Workflow.sequential({ name: 'w', errorStrategy, steps: ["
        " { name: 'a', execute: () => { throw 'odd' }, onError: decide }, { name: 'b', execute: (_, r) => r.steps.a.text }] }); "
        "let ok = true, r; try { r = await w.execute() } catch { ok = false; r = w.getLastResult() } say(ok, r.success, r.stepResults[0].success, r.stepResults[0].error ?? undefined, r.output ?? undefined) }; "
        "await run((why, step, r) => ({ success: true, output: why + step + r.attempt, state: {} })); "
        "await run(() => ({ success: false, output: 'spare', error: 'worse' }), 'continue'); "
        "await run(() => 'continue'); await run(() => {}); await run(() => {}, 'continue'); await run(() => 'fail', 'continue')",
        "true\ttrue\ttrue\tnil\todda1\ntrue\tfalse\tfalse\tworse\tspare\ntrue\tfalse\tfalse\todd\t\nfalse\tfalse\tfalse\todd\tnil\ntrue\tfalse\tfalse\todd\t\nfalse\tfalse\tfalse\todd\tnil\n",
    ),
    Pair(
        "a function may have a step tried again, which ends at a hundred tries",
        "local n = 0 local function flow(most) n = 0 return Workflow.sequential({ name = 'w', steps = { { name = 'a', execute = function(_, r) n = n + 1 if n < most then error('no', 0) end return r.attempt end,"
        " on_error = function(_, _, r) return r.attempt % 2 == 1 and { retry = true } or 'retry' end } } }) end "
        "print(flow(5):execute().output) print(pcall(flow(1000).execute) == false, n)",
        "let n = 0; const flow = (most) => { n = 0; return Workflow.sequential({ name: 'w', steps: [{ name: 'a', execute: (_, r) => { n += 1; if (n < most) throw 'no'; return r.attempt },"
        " onError: (why, step, r) => r.attempt % 2 == 1 ? { retry: true } : 'retry' }] }) }; "
        "say((await flow(5).execute()).output); try { await flow(1000).execute() } catch { say(true, n) }",
        "5\ntrue\t100\n",
    ),
    Pair(
        "what a function gives that is no decision, and errors of these functions, are failures of the step",
        "local function run(step) step.name = 'a' step.execute = step.execute or function() error('odd', 0) end local w = Workflow.sequential({ name = 'w', steps = { step } }) local _, e = pcall(w.execute) print(e.message) end "
        "run({ on_error = function() return 'maybe' end }) run({ on_error = function() error('lost', 0) end }) run({ after_execute = function() error('lost', 0) end }) "
        "run({ execute = function() return 1 end, after_execute = function() error('late', 0) end }) run({ execute = function() return 1 end, before_execute = function() error('early', 0) end })",
        "const run = async (step) => { const w = Workflow.sequential({ name: 'w', steps: [{ name: 'a', execute: () => { throw 'odd' }, ...step }] }); try { await w.execute() } catch (e) { say(e.message) } }; "
        "await run({ onError: () => 'maybe' }); await run({ onError: () => { throw 'lost' } }); await run({ afterExecute: () => { throw 'lost' } }); "
        "await run({ execute: () => 1, afterExecute: () => { throw 'late' } }); await run({ execute: () => 1, beforeExecute: () => { throw 'early' } })",
        "the workflow 'w' failed at the step 'a': odd; its on_error failed: it gave 'maybe'; it gives nothing, one of fail, continue, compensate and retry, or a table with 'success'\n"
        "the workflow 'w' failed at the step 'a': odd; its on_error failed: lost\nthe workflow 'w' failed at the step 'a': odd; its after_execute failed: lost\n"
        "the workflow 'w' failed at the step 'a': its after_execute failed: late\nthe workflow 'w' failed at the step 'a': early\n",
    ),
    Pair(
        "what is called before the first try is not called before others, whoever asks for them",
        "local n = 0 local w = Workflow.sequential({ name = 'w', steps = { { name = 'a', retry = { attempts = 2, backoff_ms = 0 }, before_execute = function() print('before') end, "
        "execute = function() n = n + 1 if n < 4 then error('odd', 0) end return n end, on_error = function() return 'retry' end } } }) print(w.execute().output)",
        "let n = 0; const w = Workflow.sequential({ name: 'w', steps: [{ name: 'a', retry: { attempts: 2, backoffMs: 0 }, beforeExecute: () => say('before'), "
        "execute: () => { n += 1; if (n < 4) throw 'odd'; return n }, onError: () => 'retry' }] }); say((await w.execute()).output)",
        "before\n4\n",
    ),
    Pair(
        "a workflow's functions around all steps, and where those fail that say nothing; policies of steps come first",
        "local w = Workflow.builder():name('w'):on_step_start(function(name, run) print('>', name, run.step) end)"
        ":on_step_complete(function(name, result) print('<', name, result.success, result.output) end):on_error(function(why, name) print('!', why, name) return 'continue' end)"
        ":add_step({ name = 'a', execute = function() return 1 end }):add_step({ name = 'skipped', condition = '{{ false }}', execute = function() end })"
        ":add_step({ name = 'b', execute = function() error('odd', 0) end }):add_step({ name = 'c', on_error = 'fail', execute = function() error('end', 0) end }):build() "
        "local _, e = pcall(w.execute) print(e.message)",
        "const w = Workflow.builder().name('w').onStepStart((name, run) => say('>', name, run.step))"
        ".onStepComplete((name, result) => say('<', name, result.success, result.output ?? undefined)).onError((why, name) => { say('!', why, name); return 'continue' })"
        ".addStep({ name: 'a', execute: () => 1 }).addStep({ name: 'skipped', condition: '{{ false }}', execute: () => {} })"
        ".addStep({ name: 'b', execute: () => { throw 'odd' } }).addStep({ name: 'c', onError: 'fail', execute: () => { throw 'end' } }).build(); "
        "try { await w.execute() } catch (e) { say(e.message) }",
        "> a a\n< a true 1\n> b b\n! odd b\n< b false nil\n> c c\n< c false nil\nthe workflow 'w' failed at the step 'c': end\n".replace(
            " ", "\t"
        ).replace(
            "the\tworkflow\t'w'\tfailed\tat\tthe\tstep\t'c':\tend",
            "the workflow 'w' failed at the step 'c': end",
        ),
    ),
    Pair(
        "compensation by decision, a strategy as a table, and a function that hears of too long a run",
        "local log = {} local n = 0 local w = Workflow.sequential({ name = 'w', error_strategy = { type = 'retry', attempts = 2 }, steps = {"
        " { name = 'a', execute = function() return 1 end, compensate = function() log[#log + 1] = 'undone' end },"
        " { name = 'b', execute = function() n = n + 1 error('odd', 0) end, on_error = function() return 'compensate' end } } }) "
        "print(pcall(w.execute) == false, n, log[1]) "
        "local slow = Workflow.sequential({ name = 's', timeout_ms = 20, on_timeout = function(told) print('late', told.workflow, told.error) end, steps = { { name = 'a', execute = function() Async.sleep(5) end } } }) print(pcall(slow.execute) == false) "
        "local step = Workflow.sequential({ name = 's', on_timeout = function() print('wrong') end, steps = { { name = 'a', timeout_ms = 20, execute = function() Async.sleep(5) end } } }) print(pcall(step.execute) == false)",
        "const log = []; let n = 0; const w = Workflow.sequential({ name: 'w', errorStrategy: { type: 'retry', attempts: 2 }, steps: ["
        " { name: 'a', execute: () => 1, compensate: () => { log.push('undone') } },"
        " { name: 'b', execute: () => { n += 1; throw 'odd' }, onError: () => 'compensate' }] }); "
        "const fails = async (flow) => { try { await flow.execute(); return false } catch { return true } }; say(await fails(w), n, log[0]); "
        "const slow = Workflow.sequential({ name: 's', timeoutMs: 20, onTimeout: (told) => say('late', told.workflow, told.error), steps: [{ name: 'a', execute: () => Async.sleep(5) }] }); say(await fails(slow)); "
        "const step = Workflow.sequential({ name: 's', onTimeout: () => say('wrong'), steps: [{ name: 'a', timeoutMs: 20, execute: () => Async.sleep(5) }] }); say(await fails(step))",
        "true\t2\tundone\nlate\ts\tthe workflow 's' failed: the workflow took longer than 20 ms; raise timeout_ms\ntrue\ntrue\n",
    ),
    Pair(
        "an input that a function gives, also of what undoes; a pre_condition",
        "local w = Workflow.builder():name('w'):pre_condition('{{ input.ready }}'):add_step({ name = 'a', execute = function(given) return given.n end, input = function(run) return { n = run.input.n + 1 } end })"
        ":add_step({ name = 'b', tool = 'calculator', input = function(run) return { input = run.steps.a.output .. ' * 2' } end }):build() "
        "print(w:execute({ n = 2, ready = true }).output.text) local _, e = pcall(w.execute, { n = 1, ready = false }) print(e.message, #w:get_last_result().step_results)",
        "const w = Workflow.builder().name('w').preCondition('{{ input.ready }}').addStep({ name: 'a', execute: (given) => given.n, input: (run) => ({ n: run.input.n + 1 }) })"
        ".addStep({ name: 'b', tool: 'calculator', input: (run) => ({ input: `${run.steps.a.output} * 2` }) }).build(); "
        "say((await w.execute({ n: 2, ready: true })).output.text); try { await w.execute({ n: 1, ready: false }) } catch (e) { say(e.message, w.getLastResult().stepResults.length) }",
        "6\nthe workflow 'w' failed: its pre_condition does not hold\t0\n",
    ),
    Pair(
        "branches with steps of one name see their own; steps after them see all, by functions, templates and older names",
        "local branches = {} for i = 1, 3 do branches[i] = { name = 'b' .. i, steps = { { name = 'one', execute = function() return i end }, { name = 'two', input = '{{ one.output }}', execute = function(n) return n * 10 end } } } end "
        "local w = Workflow.parallel({ name = 'w', branches = branches, on_branch_complete = function(name, branch, run) print(name, branch.success, branch.output, branch.steps[1].name, run.workflow) end, max_concurrency = 1,"
        " post_steps = { { name = 'sum', execute = function(outputs, run) local all = 0 for _, b in ipairs(run.branches) do all = all + b.steps[1].output + b.output end return all + outputs.b1 end },"
        " { name = 'older', type = 'custom', execute = function(context) return { success = true, output = #context.branch_results .. context.branch_results[2].steps[2].text } end },"
        " { name = 'text', input = '{{ sum.output }} {{branch:b2:one:output}} {{branch:b3:two:output}} {{ older.text }} {{ branches[0].name }}', execute = function(text) return text end } } }) "
        "local r = w:execute() print(r.output, r.metadata.extra.successful_branches)",
        "const branches = [1, 2, 3].map((i) => ({ name: `b${i}`, steps: [{ name: 'one', execute: () => i }, { name: 'two', input: '{{ one.output }}', execute: (n) => n * 10 }] })); "
        "const w = Workflow.parallel({ name: 'w', branches, onBranchComplete: (name, branch, run) => say(name, branch.success, branch.output, branch.steps[0].name, run.workflow), maxConcurrency: 1,"
        " postSteps: [{ name: 'sum', execute: (outputs, run) => run.branches.reduce((all, b) => all + b.steps[0].output + b.output, outputs.b1) },"
        " { name: 'older', type: 'custom', execute: (context) => ({ success: true, output: context.branchResults.length + context.branchResults[1].steps[1].text }) },"
        " { name: 'text', input: '{{ sum.output }} {{branch:b2:one:output}} {{branch:b3:two:output}} {{ older.text }} {{ branches[0].name }}', execute: (text) => text }] }); "
        "const r = await w.execute(); say(r.output, r.metadata.extra.successfulBranches)",
        "b1\ttrue\t10\tone\tw\nb2\ttrue\t20\tone\tw\nb3\ttrue\t30\tone\tw\n76 2 30 320 b1\t3\n",
    ),
    Pair(
        "a branch sees nothing of the others, also of those that have ended; the clean-up sees all",
        "local w = Workflow.parallel({ name = 'w', max_concurrency = 1, error_strategy = 'continue', branches = { { name = 'l', steps = { { name = 'a', execute = function() return 1 end } } },"
        " { name = 'r', steps = { { name = 'b', input = '{{ a.output }}', execute = function() end }, { name = 'c', execute = function(_, run) return run.steps.a == nil end } } } },"
        " cleanup = { { name = 'last', execute = function(_, run) print(run.steps.a.output, run.steps.b.error ~= nil, run.steps.c.output) end } } }) print(w:execute().failed_step)",
        "const w = Workflow.parallel({ name: 'w', maxConcurrency: 1, errorStrategy: 'continue', branches: [{ name: 'l', steps: [{ name: 'a', execute: () => 1 }] },"
        " { name: 'r', steps: [{ name: 'b', input: '{{ a.output }}', execute: () => {} }, { name: 'c', execute: (_, run) => run.steps.a === undefined }] }],"
        " cleanup: [{ name: 'last', execute: (_, run) => say(run.steps.a.output, run.steps.b.error !== null, run.steps.c.output) }] }); say((await w.execute()).failedStep)",
        "1\ttrue\ttrue\nb\n",
    ),
    Pair(
        "a branch that is not required fails alone; another one ends the rest, and steps after them do not run",
        "local function run(required) local w = Workflow.parallel({ name = 'w', branches = { { name = 'a', required = required, steps = { { name = 's', execute = function() error('odd', 0) end } } },"
        " { name = 'b', steps = { { name = 's', execute = function() return 1 end } } } }, on_branch_complete = function(name, branch) print(name, branch.success, branch.error) end, max_concurrency = 1,"
        " post_steps = { { name = 'after', execute = function(outputs, run) return JSON.stringify(outputs) .. tostring(run.branches[1].error) end } } }) "
        "local ok, r = pcall(w.execute) if not ok then r = w:get_last_result() end print(ok, r.success, r.partial_success, r.failed_step, r.output, r.metadata.extra.failed_branches) end run(false) run(true)",
        "const run = async (required) => { const w = Workflow.parallel({ name: 'w', branches: [{ name: 'a', required, steps: [{ name: 's', execute: () => { throw 'odd' } }] },"
        " { name: 'b', steps: [{ name: 's', execute: () => 1 }] }], onBranchComplete: (name, branch) => say(name, branch.success, branch.error ?? undefined), maxConcurrency: 1,"
        " postSteps: [{ name: 'after', execute: (outputs, run) => JSON.stringify(outputs) + run.branches[0].error }] }); "
        "let ok = true, r; try { r = await w.execute() } catch { ok = false; r = w.getLastResult() } say(ok, r.success, r.partialSuccess, r.failedStep ?? undefined, r.output ?? undefined, r.metadata.extra.failedBranches) }; await run(false); await run(true)",
        'a\tfalse\todd\nb\ttrue\tnil\ntrue\ttrue\tfalse\tnil\t{"b":1}odd\t1\na\tfalse\todd\nfalse\tfalse\tfalse\ts\tnil\t1\n',
    ),
    Pair(
        "rounds of several items, a list by a function, what ends a loop after a round, and what hears of rounds",
        "local w = Workflow.builder():name('w'):loop():with_collection({ 1, 2, 3, 4, 5 }):batch_size(2):add_step({ name = 's', type = 'custom', execute = function(context, batch) return #context.batch .. '/' .. #batch end }):build() "
        "print(table.concat(w:execute().output, ' ')) "
        "local l = Workflow.loop({ name = 'l', iterator = { collection = function(run) return run.input end }, continue_condition = { type = 'custom', evaluate = function(run) return run.steps.s.output < 20 end },"
        " on_iteration_complete = function(index, output, run) print(index, output, run.item) end, body = { { name = 's', execute = function(n) return n * 10 end } } }) "
        "print(l:execute({ 1, 2, 3 }).metadata.extra.break_reason) "
        "local r = Workflow.loop({ name = 'r', iterator = { range = { start = 1, ['end'] = 6 } }, batch_size = 3, body = { { name = 's', execute = function(batch) return JSON.stringify(batch) end } } }) print(table.concat(r:execute().output, ' ')) "
        "print(JSON.stringify(Workflow.map_reduce({ name = 'm', collection = function() return { 2, 3 } end, map = function(n) return n * n end }):execute().output))",
        "const w = Workflow.builder().name('w').loop().withCollection([1, 2, 3, 4, 5]).batchSize(2).addStep({ name: 's', type: 'custom', execute: (context, batch) => `${context.batch.length}/${batch.length}` }).build(); "
        "say((await w.execute()).output.join(' ')); "
        "const l = Workflow.loop({ name: 'l', iterator: { collection: (run) => run.input }, continueCondition: { type: 'custom', evaluate: (run) => run.steps.s.output < 20 },"
        " onIterationComplete: (index, output, run) => say(index, output, run.item), body: [{ name: 's', execute: (n) => n * 10 }] }); "
        "say((await l.execute([1, 2, 3])).metadata.extra.breakReason); "
        "const r = Workflow.loop({ name: 'r', iterator: { range: { start: 1, end: 6 } }, batchSize: 3, body: [{ name: 's', execute: (batch) => JSON.stringify(batch) }] }); say((await r.execute()).output.join(' ')); "
        "say(JSON.stringify((await Workflow.mapReduce({ name: 'm', collection: () => [2, 3], map: (n) => n * n }).execute()).output))",
        "2/2 2/2 1/1\n1\t10\t1\n2\t20\t2\nbreak_condition\n[1,2,3] [4,5]\n[4,9]\n",
    ),
    Pair(
        "conditions: more and less than, an agent's word, and the older names of fields",
        "Agent.create({ name = 'e', model = 'echo' }) local function run(condition) local w = Workflow.conditional({ name = 'w', shared_data = { n = 5, t = 'x' }, steps = { { name = 'look', execute = function() return 'all valid' end } },"
        " branches = { { condition = condition, steps = { { name = 'yes', execute = function() return true end } } } }, default_branch = { steps = { { name = 'no', execute = function() return false end } } } }) "
        "local ok, r = pcall(w.execute) print(ok and r.output or r.message or false) end "
        "for _, v in ipairs({ 4, 5, 6 }) do run({ type = 'shared_data_greater_than', key = 'n', value = v }) run({ type = 'shared_data_less_than', key = 'n', expected = v }) end "
        "run({ type = 'shared_data_less_than', key = 'nope', value = 5 }) run({ type = 'shared_data_greater_than', key = 't', value = 5 }) "
        "run({ type = 'step_output_contains', step_name = 'look', substring = 'valid' }) run({ type = 'custom', expression = '{{ look.text == 1 }}', description = 'odd' }) "
        "run({ type = 'agent_decision', agent = 'e', input = 'Yes.', expected = 'yes' }) run({ type = 'agent_decision', agent = 'e', input = '{{ look.text }}', value = 'yes' })",
        "Agent.create({ name: 'e', model: 'echo' }); const run = async (condition) => { const w = Workflow.conditional({ name: 'w', sharedData: { n: 5, t: 'x' }, steps: [{ name: 'look', execute: () => 'all valid' }],"
        " branches: [{ condition, steps: [{ name: 'yes', execute: () => true }] }], defaultBranch: { steps: [{ name: 'no', execute: () => false }] } }); "
        "try { say((await w.execute()).output) } catch (e) { say(e.message) } }; "
        "for (const v of [4, 5, 6]) { await run({ type: 'shared_data_greater_than', key: 'n', value: v }); await run({ type: 'shared_data_less_than', key: 'n', expected: v }) } "
        "await run({ type: 'shared_data_less_than', key: 'nope', value: 5 }); await run({ type: 'shared_data_greater_than', key: 't', value: 5 }); "
        "await run({ type: 'step_output_contains', stepName: 'look', substring: 'valid' }); await run({ type: 'custom', expression: '{{ look.text == 1 }}', description: 'odd' }); "
        "await run({ type: 'agent_decision', agent: 'e', input: 'Yes.', expected: 'yes' }); await run({ type: 'agent_decision', agent: 'e', input: '{{ look.text }}', value: 'yes' })",
        "true\nfalse\nfalse\nfalse\nfalse\ntrue\nfalse\nthe workflow 'w' failed: the branch 'branch_1': condition: the shared data has 'x' as 't', which cannot be compared with '5'\ntrue\nfalse\ntrue\nfalse\n",
    ),
    Pair(
        "what older tables and templates say is taken: parameters, initial_state, state in templates, and switches that do nothing",
        "local w = Workflow.sequential({ name = 'w', initial_state = { who = { name = 'Ann' } }, debug = true, log_level = 'debug', skip_state_sync = true, minimal_logging = true, steps = {"
        " { name = 'a', tool = 'calculator', parameters = { input = '1 + 1' } }, { name = 'b', input = '{{state:who.name}} {{step:a:output}}', execute = function(text) return text end } } }) print(w:execute().output)",
        "const w = Workflow.sequential({ name: 'w', initialState: { who: { name: 'Ann' } }, debug: true, logLevel: 'debug', skipStateSync: true, minimalLogging: true, steps: ["
        " { name: 'a', tool: 'calculator', parameters: { input: '1 + 1' } }, { name: 'b', input: '{{state:who.name}} {{step:a:output}}', execute: (text) => text }] }); say((await w.execute()).output)",
        "Ann 2\n",
    ),
]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.name)
def test_handlers(pair: Pair, language: Language) -> None:
    check_pair(pair, language)
