"""What happens when steps fail: policies, retries, time limits, undoing, clean-up and cancelling."""

# ruff: noqa: E501 (scripts read best on one line)

from __future__ import annotations

import pytest
from llmspell_engine.language import LANGUAGES, Language
from support.globals import Pair, check_pair

PAIRS = [
    Pair(
        "a failure ends the run and is raised; the last result tells what was done",
        "local w = Workflow.sequential({ name = 'f', steps = { { name = 'a', execute = function() return 1 end },"
        " { name = 'b', execute = function() error({ message = 'no disk' }) end }, { name = 'c', execute = function() print('never') end } } }) "
        "local ok, e = pcall(w.execute) print(ok, e.kind, e.message) "
        "local r = w:get_last_result() print(r.success, r.status, r.failed_step, r.error, r.last_completed_step, #r.step_results, r.text)",
        "const w = Workflow.sequential({ name: 'f', steps: [{ name: 'a', execute: () => 1 },"
        " { name: 'b', execute: () => { throw new Error('no disk') } }, { name: 'c', execute: () => say('never') }] }); "
        "try { await w.execute() } catch (e) { say(false, e.name, e.message) } "
        "const r = w.getLastResult(); say(r.success, r.status, r.failedStep, r.error, r.lastCompletedStep, r.stepResults.length, r.text)",
        "false\tWorkflowError\tthe workflow 'f' failed at the step 'b': no disk\n"
        "false\tfailed\tb\tno disk\ta\t2\tThe workflow 'f' failed at the step 'b': 1 step done.\n",
    ),
    Pair(
        "a step that reports a failure in its result has failed",
        "local w = Workflow.sequential({ name = 'f', steps = { { name = 'a', execute = function() return { success = false, error = 'not today' } end } } }) "
        "print(select(2, pcall(w.execute)).message)",
        "const w = Workflow.sequential({ name: 'f', steps: [{ name: 'a', execute: () => ({ success: false, error: 'not today' }) }] }); "
        "try { await w.execute() } catch (e) { say(e.message) }",
        "the workflow 'f' failed at the step 'a': not today\n",
    ),
    Pair(
        "a tool that fails",
        "local w = Workflow.sequential({ name = 'f', steps = { { name = 'a', tool = 'calculator', input = { input = '1 / 0' } } } }) "
        "print(select(2, pcall(w.execute)).message) w = Workflow.sequential({ name = 'g', steps = { { name = 'a', tool = 'calculator', input = 'x' } } }) print(select(2, pcall(w.execute)).message)",
        "let w = Workflow.sequential({ name: 'f', steps: [{ name: 'a', tool: 'calculator', input: { input: '1 / 0' } }] }); "
        "try { await w.execute() } catch (e) { say(e.message) } w = Workflow.sequential({ name: 'g', steps: [{ name: 'a', tool: 'calculator', input: 'x' }] }); try { await w.execute() } catch (e) { say(e.message) }",
        "the workflow 'f' failed at the step 'a': division by zero\n"
        "the workflow 'g' failed at the step 'a': the tool 'calculator' takes a table of parameters, but the input is 'x'; write input = { … }\n",
    ),
    Pair(
        "going on after failures",
        "local w = Workflow.sequential({ name = 'c', error_strategy = 'continue', steps = { { name = 'a', execute = function() error('x', 0) end },"
        " { name = 'b', condition = { type = 'step_failed', step = 'a' }, execute = function(_, run) return run.steps.a.error end } } }) "
        "local r = w:execute() print(r.output, r.success, r.partial_success, r.failed_step, r.metadata.extra.success_rate, r.text)",
        "const w = Workflow.sequential({ name: 'c', errorStrategy: 'continue', steps: [{ name: 'a', execute: () => { throw new Error('x') } },"
        " { name: 'b', condition: { type: 'step_failed', step: 'a' }, execute: (_, run) => run.steps.a.error }] }); "
        "const r = await w.execute(); say(r.output, r.success, r.partialSuccess, r.failedStep, r.metadata.extra.successRate, r.text)",
        "x\tfalse\ttrue\ta\t0.5\tThe workflow 'c' completed: 1 step done, 'a' failed.\n",
    ),
    Pair(
        "the policy of one step",
        "local w = Workflow.sequential({ steps = { { name = 'a', on_error = 'continue', execute = function() error('x') end }, { name = 'b', execute = function() return 2 end } } }) "
        "print(w:execute().output)",
        "const w = Workflow.sequential({ steps: [{ name: 'a', onError: 'continue', execute: () => { throw new Error('x') } }, { name: 'b', execute: () => 2 }] }); "
        "say((await w.execute()).output)",
        "2\n",
    ),
    Pair(
        "a step is tried again",
        "local n = 0 local w = Workflow.sequential({ steps = { { name = 'a', retry = { attempts = 3, backoff_ms = 1, factor = 2 },"
        " execute = function(_, run) n = n + 1 if n < 3 then error('busy') end return run.attempt end } } }) local r = w:execute() print(r.output, r.step_results[1].attempts) "
        "n = -9 local f = Workflow.sequential({ steps = { { name = 'b', retry_count = 1, execute = function() n = n + 1 error('busy', 0) end } } }) print(pcall(f.execute), n)",
        "let n = 0; const w = Workflow.sequential({ steps: [{ name: 'a', retry: { attempts: 3, backoffMs: 1, factor: 2 },"
        " execute: (_, run) => { n++; if (n < 3) throw new Error('busy'); return run.attempt } }] }); const r = await w.execute(); say(r.output, r.stepResults[0].attempts); "
        "n = -9; const f = Workflow.sequential({ steps: [{ name: 'b', retryCount: 1, execute: () => { n++; throw new Error('busy') } }] }); try { await f.execute() } catch { say(false, n) }",
        "3\t3\nfalse\t-7\n",
    ),
    Pair(
        "a step that takes too long",
        "local w = Workflow.sequential({ name = 'slow', steps = { { name = 'a', timeout_ms = 20, execute = function() Async.sleep(0.2) end } } }) "
        "print(select(2, pcall(w.execute)).message)",
        "const w = Workflow.sequential({ name: 'slow', steps: [{ name: 'a', timeoutMs: 20, execute: () => Async.sleep(0.2) }] }); "
        "try { await w.execute() } catch (e) { say(e.message) }",
        "the workflow 'slow' failed at the step 'a': the step 'a' took longer than 20 ms; raise timeout_ms\n",
    ),
    Pair(
        "a workflow that takes too long",
        "local w = Workflow.builder():name('slow'):timeout_ms(30):add_step({ name = 'a', execute = function() return 1 end }):add_step({ name = 'b', execute = function() Async.sleep(0.2) end }):build() "
        "print(select(2, pcall(w.execute)).message) print(w:get_last_result().last_completed_step, w:get_status())",
        "const w = Workflow.builder().name('slow').timeoutMs(30).addStep({ name: 'a', execute: () => 1 }).addStep({ name: 'b', execute: () => Async.sleep(0.2) }).build(); "
        "try { await w.execute() } catch (e) { say(e.message) } say(w.getLastResult().lastCompletedStep, w.getStatus())",
        "the workflow 'slow' failed: the workflow took longer than 30 ms; raise timeout_ms\na\tfailed\n",
    ),
    Pair(
        "steps are undone in reverse, and clean-up runs",
        "local w = Workflow.sequential({ name = 'u', error_strategy = 'compensate', cleanup = { { name = 'sweep', execute = function() print('sweep') end } }, steps = {"
        " { name = 'a', execute = function() return 'A' end, compensate = function(output, run) print('undo a', output, run.undone.name) end },"
        " { name = 'b', execute = function() return 'B' end, compensate = { name = 'unb', input = '{{ previous }}!', execute = function(text) print(text) end } },"
        " { name = 'no', execute = function() return 1 end }, { name = 'c', execute = function() error('x', 0) end, compensate = function() print('never') end } } }) "
        "print(select(2, pcall(w.execute)).message) local r = w:get_last_result() print(#r.compensations, r.compensations[1].name, r.compensations[2].name, r.cleanup_results[1].success)",
        "const w = Workflow.sequential({ name: 'u', errorStrategy: 'compensate', cleanup: [{ name: 'sweep', execute: () => say('sweep') }], steps: ["
        " { name: 'a', execute: () => 'A', compensate: (output, run) => say('undo a', output, run.undone.name) },"
        " { name: 'b', execute: () => 'B', compensate: { name: 'unb', input: '{{ previous }}!', execute: (text) => say(text) } },"
        " { name: 'no', execute: () => 1 }, { name: 'c', execute: () => { throw new Error('x') }, compensate: () => say('never') }] }); "
        "try { await w.execute() } catch (e) { say(e.message) } const r = w.getLastResult(); say(r.compensations.length, r.compensations[0].name, r.compensations[1].name, r.cleanupResults[0].success)",
        "B!\nundo a\tA\ta\nsweep\nthe workflow 'u' failed at the step 'c': x; undone: b, a\n2\tunb\tundo_a\ttrue\n",
    ),
    Pair(
        "undoing that fails is told, and the rest is undone",
        "local w = Workflow.sequential({ name = 'u', steps = { { name = 'a', execute = function() return 1 end, compensate = function() print('undo a') end },"
        " { name = 'b', execute = function() return 2 end, compensate = function() error('stuck', 0) end }, { name = 'c', on_error = 'compensate', execute = function() error('x', 0) end } } }) "
        "pcall(w.execute) local r = w:get_last_result() print(r.compensations[1].error, r.compensations[1].success, r.compensations[2].success)",
        "const w = Workflow.sequential({ name: 'u', steps: [{ name: 'a', execute: () => 1, compensate: () => say('undo a') },"
        " { name: 'b', execute: () => 2, compensate: () => { throw new Error('stuck') } }, { name: 'c', onError: 'compensate', execute: () => { throw new Error('x') } }] }); "
        "try { await w.execute() } catch {} const r = w.getLastResult(); say(r.compensations[0].error, r.compensations[0].success, r.compensations[1].success)",
        "undo a\nstuck\tfalse\ttrue\n",
    ),
    Pair(
        "the first failing branch ends the others",
        "local w = Workflow.parallel({ name = 'p', steps = { { name = 'bad', execute = function() error('x', 0) end },"
        " { name = 'slow', tool = 'calculator', input = { input = '1' }, condition = function() Async.sleep(5) end } } }) print(select(2, pcall(w.execute)).message)",
        "const w = Workflow.parallel({ name: 'p', steps: [{ name: 'bad', execute: () => { throw new Error('x') } },"
        " { name: 'slow', tool: 'calculator', input: { input: '1' }, condition: async () => { for (let i = 0; i < 3; i++) await null; return false } }] }); try { await w.execute() } catch (e) { say(e.message) }",
        "the workflow 'p' failed at the step 'bad': x\n",
    ),
    Pair(
        "branches that come to their ends although one fails",
        "local w = Workflow.builder():name('p'):parallel():let_others_finish():add_step({ name = 'bad', execute = function() error('x', 0) end })"
        ":add_step({ name = 'good', execute = function() Async.sleep(0.02) return 1 end }):build() print(select(2, pcall(w.execute)).message, w:get_output('good')) "
        "local c = Workflow.parallel({ error_strategy = 'continue', steps = { { name = 'bad', execute = function() error('x') end }, { name = 'good', execute = function() return 1 end } } }):execute() print(c.output.good, c.success)",
        "const w = Workflow.builder().name('p').parallel().letOthersFinish().addStep({ name: 'bad', execute: () => { throw new Error('x') } })"
        ".addStep({ name: 'good', execute: async () => { await Async.sleep(0.02); return 1 } }).build(); try { await w.execute() } catch (e) { say(e.message, w.getOutput('good')) } "
        "const c = await Workflow.parallel({ errorStrategy: 'continue', steps: [{ name: 'bad', execute: () => { throw new Error('x') } }, { name: 'good', execute: () => 1 }] }).execute(); say(c.output.good, c.success)",
        "the workflow 'p' failed at the step 'bad': x\t1\n1\tfalse\n",
    ),
    Pair(
        "items that fail are left out where the run goes on",
        "local r = Workflow.map_reduce({ collection = { 1, 2, 3 }, error_strategy = 'continue', map = function(x) if x == 2 then error('x') end return x end }):execute() print(table.concat(r.output, ','), r.partial_success)",
        "const r = await Workflow.mapReduce({ collection: [1, 2, 3], errorStrategy: 'continue', map: (x) => { if (x === 2) throw new Error('x'); return x } }).execute(); say(r.output.join(), r.partialSuccess)",
        "1,3\ttrue\n",
    ),
    Pair(
        "a nested workflow that fails",
        "local inner = Workflow.sequential({ name = 'inner', steps = { { name = 'deep', execute = function() error('x', 0) end } } }) "
        "local w = Workflow.sequential({ name = 'outer', steps = { { name = 'in', workflow = inner } } }) print(select(2, pcall(w.execute)).message)",
        "const inner = Workflow.sequential({ name: 'inner', steps: [{ name: 'deep', execute: () => { throw new Error('x') } }] }); "
        "const w = Workflow.sequential({ name: 'outer', steps: [{ name: 'in', workflow: inner }] }); try { await w.execute() } catch (e) { say(e.message) }",
        "the workflow 'outer' failed at the step 'in': the workflow 'inner' failed at the step 'deep': x\n",
    ),
    Pair(
        "templates that name what is not there",
        "local function try(input) local w = Workflow.sequential({ name = 't', steps = { { name = 'draft', execute = function() return { title = 'x' } end }, { name = 'use', input = input, execute = function() end } } }) "
        "print(select(2, pcall(w.execute, { topic = 1 })).message) end try('{{ drafts.title }}') try({ a = { b = 'x {{ draft.titel }}' } })",
        "const attempt = async (input) => { const w = Workflow.sequential({ name: 't', steps: [{ name: 'draft', execute: () => ({ title: 'x' }) }, { name: 'use', input, execute: () => {} }] }); "
        "try { await w.execute({ topic: 1 }) } catch (e) { say(e.message) } }; await attempt('{{ drafts.title }}'); await attempt({ a: { b: 'x {{ draft.titel }}' } })",
        "the workflow 't' failed at the step 'use': input: the template names 'drafts', which is not known; did you mean 'draft'?\n"
        "the workflow 't' failed at the step 'use': input.a.b: the template names 'titel', which is not known; did you mean 'title'?\n",
    ),
    Pair(
        "a cancelled run ends its step, cleans up, and tells what was done",
        "local w = Workflow.sequential({ name = 'k', error_strategy = 'compensate', cleanup = { { execute = function() print('sweep') end } }, steps = {"
        " { name = 'a', execute = function() return 1 end, compensate = function(o) print('undo', o) end }, { name = 'b', execute = function() print('at b') Async.sleep(30) end } } }) "
        "local p = Async.run(function() return w:execute() end) while w:get_status() ~= 'running' or not w:get_info() do Async.sleep(0.001) end Async.sleep(0.05) p:cancel() "
        "print(select(2, pcall(p.await)).kind) while w:get_status() == 'running' do Async.sleep(0.005) end local r = w:get_last_result() print(r.status, r.last_completed_step, r.text)",
        "const w = Workflow.sequential({ name: 'k', errorStrategy: 'compensate', cleanup: [{ execute: () => say('sweep') }], steps: ["
        " { name: 'a', execute: () => 1, compensate: (o) => say('undo', o) }, { name: 'b', execute: async () => { say('at b'); await Async.sleep(30) } }] }); "
        "const p = Async.run(() => w.execute()); while (w.getStatus() !== 'running') await Async.sleep(0.001); await Async.sleep(0.05); Async.cancel(p); "
        "try { await p } catch (e) { say(e.name) } while (w.getStatus() === 'running') await Async.sleep(0.005); const r = w.getLastResult(); say(r.status, r.lastCompletedStep, r.text)",
        "at b\nundo\t1\nsweep\nCancelled\ncancelled\ta\tThe workflow 'k' was cancelled: 1 step done.\n",
    ),
    Pair(
        "functions around runs",
        "local w = Workflow.sequential({ name = 'h', steps = { { name = 'a', execute = function(x) if x == 2 then error('x', 0) end return x end } } }) "
        "w:on_before_execute(function(p) print('before', p.input) end):on_after_execute(function(p) print('after', p.result.output) end):on_error(function(p) print('error', p.result.failed_step) end) "
        "w:execute(1) pcall(w.execute, 2) print(w:get_metrics().executions, w:get_metrics().failures)",
        "const w = Workflow.sequential({ name: 'h', steps: [{ name: 'a', execute: (x) => { if (x === 2) throw new Error('x'); return x } }] }); "
        "w.onBeforeExecute((p) => say('before', p.input)).onAfterExecute((p) => say('after', p.result.output)).onError((p) => say('error', p.result.failedStep)); "
        "await w.execute(1); try { await w.execute(2) } catch {} say(w.getMetrics().executions, w.getMetrics().failures)",
        "before\t1\nafter\t1\nbefore\t2\nerror\ta\n2\t1\n",
    ),
]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.name)
def test_failures(pair: Pair, language: Language) -> None:
    check_pair(pair, language)
