"""A run that was killed goes on after its last finished step, in a process of its own."""

# ruff: noqa: E501 (scripts read best on one line)

from __future__ import annotations

import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anyio
import pytest
from llmspell_engine.agents.base import AgentScope
from llmspell_engine.globals.services import Services
from llmspell_engine.language import LANGUAGES, Language
from llmspell_engine.state import MemoryStore
from llmspell_engine.workflows.actions import FunctionAction
from llmspell_engine.workflows.results import WorkflowError
from llmspell_engine.workflows.sequential import Sequential
from llmspell_engine.workflows.step import Step
from llmspell_engine.workflows.workflow import Workflow, WorkflowSettings
from support.globals import Pair, check_pair
from support.processes import environment

SUFFIX = {"lua": "lua", "javascript": "js"}
HEAD = {
    "lua": "local function hold(where) print('at ' .. where) if arg and arg[1] == 'wait' then Async.sleep(60) end end "
    "local function say(...) print(...) end ",
    "javascript": "const hold = async (where) => { console.log('at ' + where); if (ARGS?.[0] === 'wait') await Async.sleep(60); }; "
    "const say = (...words) => console.log(words.map((word) => word ?? 'nil').join('\\t')); ",
}


@dataclass(frozen=True, slots=True)
class Killed:
    """A script that waits at a known point, what it prints before, and what it prints when it goes on."""

    name: str
    lua: str
    javascript: str
    before: list[str]
    after: list[str]


KILLED = [
    Killed(
        "sequential",
        "local w = Workflow.sequential({ name = 'w', steps = {"
        " { name = 'a', execute = function(given) say('a') return { success = true, output = given.n + 1, state = { k = 'kept' } } end },"
        " { name = 'b', execute = function() hold('b') return 2 end },"
        " { name = 'c', input = '{{ a.output }} {{ state.k }} {{ n }}', execute = function(text) return text end } } }) "
        "local r = w:execute({ n = 1 }, { run_id = 'r' }) say(r.output, r.metadata.extra.resumed_steps, r.step_results[1].restored, r.step_results[2].restored)",
        "const w = Workflow.sequential({ name: 'w', steps: ["
        " { name: 'a', execute: (given) => { say('a'); return { success: true, output: given.n + 1, state: { k: 'kept' } } } },"
        " { name: 'b', execute: async () => { await hold('b'); return 2 } },"
        " { name: 'c', input: '{{ a.output }} {{ state.k }} {{ n }}', execute: (text) => text }] }); "
        "const r = await w.execute({ n: 1 }, { runId: 'r' }); say(r.output, r.metadata.extra.resumedSteps, r.stepResults[0].restored, r.stepResults[1].restored)",
        ["a", "at b"],
        ["at b", "2 kept 1\t1\ttrue\tfalse"],
    ),
    Killed(
        "loop",
        "local w = Workflow.loop({ name = 'w', iterator = { collection = '{{ input }}' }, body = {"
        " { name = 'first', execute = function(item) say('first ' .. item) return item end },"
        " { name = 'second', execute = function(item) if item == 'y' then hold('y') end return item .. item end } } }) "
        "local r = w:execute({ 'x', 'y', 'z' }, { run_id = 'r' }) say(table.concat(r.output, ','), r.metadata.extra.resumed_steps)",
        "const w = Workflow.loop({ name: 'w', iterator: { collection: '{{ input }}' }, body: ["
        " { name: 'first', execute: (item) => { say('first ' + item); return item } },"
        " { name: 'second', execute: async (item) => { if (item === 'y') await hold('y'); return item + item } }] }); "
        "const r = await w.execute(['x', 'y', 'z'], { runId: 'r' }); say(r.output.join(), r.metadata.extra.resumedSteps)",
        ["first x", "first y", "at y"],
        ["at y", "first z", "xx,yy,zz\t3"],
    ),
    Killed(
        "parallel",
        "local w = Workflow.parallel({ name = 'w', steps = { { name = 'quick', execute = function() say('quick') return 1 end },"
        " { name = 'slow', execute = function() while State.workflow_get('w', 'quick') == nil do Async.sleep(0.005) end hold('slow') return 2 end } } }) "
        "local r = w:execute(nil, { run_id = 'r' }) say(r.output.quick, r.output.slow, r.metadata.extra.resumed_steps)",
        "const w = Workflow.parallel({ name: 'w', steps: [{ name: 'quick', execute: () => { say('quick'); return 1 } },"
        " { name: 'slow', execute: async () => { while (State.workflowGet('w', 'quick') == null) await Async.sleep(0.005); await hold('slow'); return 2 } }] }); "
        "const r = await w.execute(null, { runId: 'r' }); say(r.output.quick, r.output.slow, r.metadata.extra.resumedSteps)",
        ["quick", "at slow"],
        ["at slow", "1\t2\t1"],
    ),
    Killed(
        "nested, chosen by a condition that would choose otherwise now",
        "local inner = Workflow.sequential({ name = 'inner', steps = { { name = 'one', execute = function() say('one') return 1 end }, { name = 'two', execute = function() hold('two') return 2 end } } }) "
        "local w = Workflow.conditional({ name = 'w', branches = { { name = 'yes', condition = function() say('asked') return arg and arg[1] == 'wait' end, steps = { { name = 'in', workflow = inner } } } },"
        " default_branch = { steps = { { name = 'other', execute = function() return 'wrong' end } } } }) "
        "local r = w:execute('x', { resume_id = 'r' }) say(r.output, r.branch_taken)",
        "const inner = Workflow.sequential({ name: 'inner', steps: [{ name: 'one', execute: () => { say('one'); return 1 } }, { name: 'two', execute: async () => { await hold('two'); return 2 } }] }); "
        "const w = Workflow.conditional({ name: 'w', branches: [{ name: 'yes', condition: () => { say('asked'); return ARGS?.[0] === 'wait' }, steps: [{ name: 'in', workflow: inner }] }],"
        " defaultBranch: { steps: [{ name: 'other', execute: () => 'wrong' }] } }); "
        "const r = await w.execute('x', { resumeId: 'r' }); say(r.output, r.branchTaken)",
        ["asked", "one", "at two"],
        ["at two", "2\tyes"],
    ),
]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("killed", KILLED, ids=lambda killed: killed.name)
def test_a_killed_run_goes_on(killed: Killed, language: Language, tmp_path: Path) -> None:
    check_goes_on(killed, language, tmp_path, signal.SIGKILL)


def check_goes_on(killed: Killed, language: Language, tmp_path: Path, ended_by: signal.Signals) -> None:
    text = killed.lua if language == "lua" else killed.javascript
    script = tmp_path / f"main.{SUFFIX[language]}"
    script.write_text(HEAD[language] + text)
    run = [
        sys.executable,
        "-m",
        "llmspell_cli.main",
        "run",
        str(script),
        "--state",
        str(tmp_path / "state.db"),
    ]
    with subprocess.Popen(
        [*run, "--", "wait"], stdout=subprocess.PIPE, text=True, env=environment()
    ) as process:
        assert process.stdout is not None
        heard = [process.stdout.readline().rstrip("\n") for _ in killed.before]
        process.send_signal(ended_by)
        assert process.stdout.read() == ""
    assert heard == killed.before
    again = subprocess.run(run, capture_output=True, text=True, timeout=50, check=False, env=environment())
    assert (again.stdout.splitlines(), again.stderr) == (killed.after, "")


INTERRUPTED = Killed(
    "undone by a function",
    "local w = Workflow.sequential({ name = 'w', error_strategy = 'compensate', steps = {"
    " { name = 'a', execute = function() say('a') return 1 end, compensate = function() say('undone') end },"
    " { name = 'b', execute = function() hold('b') return 2 end } } }) say(w:execute(nil, { run_id = 'r' }).output)",
    "const w = Workflow.sequential({ name: 'w', errorStrategy: 'compensate', steps: ["
    " { name: 'a', execute: () => { say('a'); return 1 }, compensate: () => say('undone') },"
    " { name: 'b', execute: async () => { await hold('b'); return 2 } }] }); say((await w.execute(null, { runId: 'r' })).output)",
    ["a", "at b"],
    ["at b", "2"],
)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_no_function_could_undo_when_the_script_was_interrupted_counts_as_done(
    language: Language, tmp_path: Path
) -> None:
    check_goes_on(INTERRUPTED, language, tmp_path, signal.SIGINT)


PAIRS = [
    Pair(
        "a run that failed goes on at the step that failed; one that has ended gives its result",
        "local broken = true local w = Workflow.sequential({ name = 'w', steps = { { name = 'a', execute = function() print('a') return 1 end },"
        " { name = 'b', execute = function() print('b') if broken then error('x', 0) end return 2 end } } }) "
        "print(pcall(w.execute, 1, { run_id = 'r' }) == false) broken = false print(w:execute(nil, { run_id = 'r' }).output) print(w:execute(1, { run_id = 'r' }).output) "
        "print(table.concat(w:list_runs(), ','), w:forget_run('r'), w:forget_run('r'), #w:list_runs()) print(w:execute(1, { run_id = 'r' }).output)",
        "let broken = true; const w = Workflow.sequential({ name: 'w', steps: [{ name: 'a', execute: () => { say('a'); return 1 } },"
        " { name: 'b', execute: () => { say('b'); if (broken) throw new Error('x'); return 2 } }] }); "
        "try { await w.execute(1, { runId: 'r' }) } catch { say(true) } broken = false; say((await w.execute(null, { runId: 'r' })).output); say((await w.execute(1, { runId: 'r' })).output); "
        "say(w.listRuns().join(), w.forgetRun('r'), w.forgetRun('r'), w.listRuns().length); say((await w.execute(1, { runId: 'r' })).output)",
        "a\nb\ntrue\nb\n2\n2\nr\ttrue\tfalse\t0\na\nb\n2\n",
    ),
    Pair(
        "a workflow with other steps, and another input, are refused",
        "local function make(name) return Workflow.sequential({ name = 'w', steps = { { name = name, execute = function() return 1 end } } }) end "
        "make('a'):execute(1, { run_id = 'r' }) print(select(2, pcall(function() make('b'):execute(1, { run_id = 'r' }) end)).message) "
        "print(select(2, pcall(function() make('a'):execute(2, { run_id = 'r' }) end)).message)",
        "const make = (name) => Workflow.sequential({ name: 'w', steps: [{ name, execute: () => 1 }] }); "
        "await make('a').execute(1, { runId: 'r' }); try { await make('b').execute(1, { runId: 'r' }) } catch (e) { say(e.message) } "
        "try { await make('a').execute(2, { runId: 'r' }) } catch (e) { say(e.message) }",
        "the workflow 'w' has other steps than when the run 'r' began: 'a' is gone, 'b' is new; take another run_id, or forget_run the old one\n"
        "the run 'r' of the workflow 'w' began with another input; leave the input out to go on, or take another run_id\n",
    ),
    Pair(
        "of a changed workflow the steps are told that are new, and where only the order is",
        "local function make(...) local steps = {} for i, name in ipairs({ ... }) do steps[i] = { name = name, execute = function() return 1 end } end return Workflow.sequential({ name = 'w', steps = steps }) end "
        "local function told(...) local w = make(...) return select(2, pcall(function() w:execute(1, { run_id = 'r' }) end)).message:match('began(.-);') end "
        "make('a', 'b'):execute(1, { run_id = 'r' }) print(told('a', 'b', 'c')) print(told('b', 'a')) print(told('a'))",
        "const make = (...names) => Workflow.sequential({ name: 'w', steps: names.map((name) => ({ name, execute: () => 1 })) }); "
        "const told = async (...names) => { try { await make(...names).execute(1, { runId: 'r' }) } catch (e) { return e.message.match(/began(.*?);/)[1] } }; "
        "await make('a', 'b').execute(1, { runId: 'r' }); say(await told('a', 'b', 'c')); say(await told('b', 'a')); say(await told('a'))",
        ": 'c' is new\n: in another order, or of other kinds\n: 'b' is gone\n",
    ),
    Pair(
        "a workflow inside of another undoes what it did in an earlier try, and nothing of the other's",
        "local function flow(strategy) local inner = Workflow.sequential({ name = 'i', error_strategy = strategy, steps = { { name = 'b', execute = function() print('b') return 2 end, compensate = function(o) print('undo b', o) end },"
        " { name = 'c', execute = function() error('x', 0) end } } }) "
        "return Workflow.sequential({ name = 'w', steps = { { name = 'a', execute = function() print('a') return 1 end, compensate = function(o) print('undo a', o) end }, { name = 'in', workflow = inner } } }) end "
        "for _, strategy in ipairs({ 'fail_fast', 'compensate', 'fail_fast' }) do print(strategy) pcall(flow(strategy).execute, nil, { run_id = 'r' }) end",
        "const flow = (errorStrategy) => { const inner = Workflow.sequential({ name: 'i', errorStrategy, steps: [{ name: 'b', execute: () => { say('b'); return 2 }, compensate: (o) => say('undo b', o) },"
        " { name: 'c', execute: () => { throw 'x' } }] }); "
        "return Workflow.sequential({ name: 'w', steps: [{ name: 'a', execute: () => { say('a'); return 1 }, compensate: (o) => say('undo a', o) }, { name: 'in', workflow: inner }] }) }; "
        "for (const strategy of ['fail_fast', 'compensate', 'fail_fast']) { say(strategy); try { await flow(strategy).execute(null, { runId: 'r' }) } catch {} }",
        "fail_fast\na\nb\ncompensate\nundo b\t2\nfail_fast\nb\n",
    ),
    Pair(
        "what a round was begun for stays decided, though its first step failed",
        "local broken = true local w = Workflow.loop({ name = 'w', iterator = { while_condition = function(run) print('asked ' .. run.index) return run.index < 3 end },"
        " body = { { name = 'a', execute = function(_, run) if broken and run.index == 2 then error('x', 0) end print('round ' .. run.index) return run.index end } } }) "
        "print((pcall(w.execute, nil, { run_id = 'r' }))) broken = false w:execute(nil, { run_id = 'r' })",
        "let broken = true; const w = Workflow.loop({ name: 'w', iterator: { whileCondition: (run) => { say('asked ' + run.index); return run.index < 3 } },"
        " body: [{ name: 'a', execute: (_, run) => { if (broken && run.index === 2) throw 'x'; say('round ' + run.index); return run.index } }] }); "
        "try { await w.execute(null, { runId: 'r' }) } catch { say(false) } broken = false; await w.execute(null, { runId: 'r' })",
        "asked 1\nround 1\nasked 2\nfalse\nround 2\nasked 3\n",
    ),
    Pair(
        "a workflow inside of another is asked what must hold first, until it has begun itself",
        "local broken = true local inner = Workflow.sequential({ name = 'i', pre_condition = function() print('asked') return true end, steps = { { name = 'b', execute = function() print('b') return 2 end },"
        " { name = 'c', execute = function() if broken then error('x', 0) end print('c') return 3 end } } }) "
        "local w = Workflow.sequential({ name = 'w', steps = { { name = 'a', execute = function() print('a') return 1 end }, { name = 'in', workflow = inner } } }) "
        "print((pcall(w.execute, nil, { run_id = 'r' }))) broken = false w:execute(nil, { run_id = 'r' })",
        "let broken = true; const inner = Workflow.sequential({ name: 'i', preCondition: () => { say('asked'); return true }, steps: [{ name: 'b', execute: () => { say('b'); return 2 } },"
        " { name: 'c', execute: () => { if (broken) throw 'x'; say('c'); return 3 } }] }); "
        "const w = Workflow.sequential({ name: 'w', steps: [{ name: 'a', execute: () => { say('a'); return 1 } }, { name: 'in', workflow: inner }] }); "
        "try { await w.execute(null, { runId: 'r' }) } catch { say(false) } broken = false; await w.execute(null, { runId: 'r' })",
        "a\nasked\nb\nfalse\nc\n",
    ),
    Pair(
        "what was undone is done anew",
        "local broken = true local w = Workflow.sequential({ name = 'w', error_strategy = 'compensate', steps = { { name = 'a', execute = function() print('a') return 1 end, compensate = function() print('undo') end },"
        " { name = 'b', execute = function() if broken then error('x', 0) end return 2 end } } }) "
        "pcall(w.execute, 1, { run_id = 'r' }) broken = false print(w:execute(nil, { run_id = 'r' }).output)",
        "let broken = true; const w = Workflow.sequential({ name: 'w', errorStrategy: 'compensate', steps: [{ name: 'a', execute: () => { say('a'); return 1 }, compensate: () => say('undo') },"
        " { name: 'b', execute: () => { if (broken) throw new Error('x'); return 2 } }] }); "
        "try { await w.execute(1, { runId: 'r' }) } catch {} broken = false; say((await w.execute(null, { runId: 'r' })).output)",
        "a\nundo\na\n2\n",
    ),
    Pair(
        "what could not be undone is still done, with what nothing undoes before it",
        "local broken = true local function step(name, undo) return { name = name, compensate = undo, execute = function() print(name) return name end } end "
        "local w = Workflow.sequential({ name = 'w', error_strategy = 'compensate', steps = { step('z'), step('a', function() if broken then error('cannot', 0) end end), step('y'), step('m', function(name) print('undo ' .. name) end),"
        " { name = 'b', execute = function() if broken then error('x', 0) end return 2 end } } }) "
        "print(pcall(w.execute, 1, { run_id = 'r' }) == false) broken = false print(w:execute(nil, { run_id = 'r' }).output)",
        "let broken = true; const step = (name, compensate) => ({ name, ...(compensate && { compensate }), execute: () => { say(name); return name } }); "
        "const w = Workflow.sequential({ name: 'w', errorStrategy: 'compensate', steps: [step('z'), step('a', () => { if (broken) throw 'cannot' }), step('y'), step('m', (name) => say('undo ' + name)),"
        " { name: 'b', execute: () => { if (broken) throw new Error('x'); return 2 } }] }); "
        "try { await w.execute(1, { runId: 'r' }) } catch { say(true) } broken = false; say((await w.execute(null, { runId: 'r' })).output)",
        "z\na\ny\nm\nundo m\ntrue\ny\nm\n2\n",
    ),
    Pair(
        "what branches with steps of one name did before is undone by each one's own",
        "local broken = 'fail_fast' local function flow(strategy) return Workflow.parallel({ name = 'w', error_strategy = strategy, branches = (function() local all = {} for i, n in ipairs({ 'l', 'r' }) do"
        " all[i] = { name = n, steps = { { name = 's', execute = function() print(n) return n end, compensate = function(o) print('undo', n, o) end } } } end return all end)(),"
        " post_steps = { { name = 'after', execute = function() error('x', 0) end } } }) end "
        "pcall(flow('fail_fast').execute, nil, { run_id = 'r' }) pcall(flow('compensate').execute, nil, { run_id = 'r' })",
        "const flow = (errorStrategy) => Workflow.parallel({ name: 'w', errorStrategy, branches: ['l', 'r'].map((n) =>"
        " ({ name: n, steps: [{ name: 's', execute: () => { say(n); return n }, compensate: (o) => say('undo', n, o) }] })),"
        " postSteps: [{ name: 'after', execute: () => { throw 'x' } }] }); "
        "for (const strategy of ['fail_fast', 'compensate']) try { await flow(strategy).execute(null, { runId: 'r' }) } catch {}",
        "l\nr\nundo\tr\tr\nundo\tl\tl\n",
    ),
    Pair(
        "a list that a function gave, and a failure that one let pass, are as they were; handlers hear of what is new alone",
        "local first = true local w = Workflow.loop({ name = 'w', iterator = { collection = function() return first and { 1, 2 } or { 7 } end }, on_iteration_complete = function(i, o) print('round', i, o) end,"
        " on_step_complete = function(name) print(name) end, body = { { name = 'a', on_error = function() return 'continue' end, execute = function(n) if n == 1 then error('one', 0) end return n end },"
        " { name = 'b', execute = function(n, run) if first and n == 2 then error('stop', 0) end return run.steps.a.success end } } }) "
        "print(pcall(w.execute, nil, { run_id = 'r' }) == false) first = false print(JSON.stringify(w:execute(nil, { run_id = 'r' }).output))",
        "let first = true; const w = Workflow.loop({ name: 'w', iterator: { collection: () => first ? [1, 2] : [7] }, onIterationComplete: (i, o) => say('round', i, o),"
        " onStepComplete: (name) => say(name), body: [{ name: 'a', onError: () => 'continue', execute: (n) => { if (n === 1) throw 'one'; return n } },"
        " { name: 'b', execute: (n, run) => { if (first && n === 2) throw 'stop'; return run.steps.a.success } }] }); "
        "try { await w.execute(null, { runId: 'r' }) } catch { say(true) } first = false; say(JSON.stringify((await w.execute(null, { runId: 'r' })).output))",
        "a\nb\nround\t1\tfalse\na\nb\ntrue\nb\nround\t2\ttrue\n[false,true]\n",
    ),
]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.name)
def test_runs_with_an_id(pair: Pair, language: Language) -> None:
    check_pair(pair, language, services=Services())


def test_steps_restored_from_an_earlier_try_can_be_undone() -> None:
    store, undone, fail = MemoryStore(), [], [True]

    async def give(given: Any, _facts: Any) -> Any:
        return given

    async def break_(_given: Any, _facts: Any) -> Any:
        raise ValueError("first" if fail[0] else "second")

    async def undo(given: Any, _facts: Any) -> None:
        undone.append(given)

    def workflow(policy: Any) -> Workflow:
        first = Step("a", FunctionAction(give), compensation=Step("undo_a", FunctionAction(undo)))
        body = Sequential([first, Step("b", FunctionAction(break_))])
        return Workflow("w", body, AgentScope(state=store), WorkflowSettings(on_error=policy))

    async def go() -> None:
        with pytest.raises(WorkflowError, match="first"):
            await workflow("fail").run({"n": 1}, run_id="r")
        fail[0] = False
        with pytest.raises(WorkflowError, match="second; undone: a") as failure:
            await workflow("compensate").run(None, run_id="r")
        assert failure.value.outcome is not None
        assert failure.value.outcome.steps[0].restored

    anyio.run(go)
    assert undone == [{"n": 1}]
