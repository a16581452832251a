"""How often a step is tried and how long it waits in between, and what conditions make of what was skipped."""

# ruff: noqa: E501 (scripts read best on one line)

from __future__ import annotations

import pytest
from llmspell_engine.globals.services import Services
from llmspell_engine.language import LANGUAGES, Language
from llmspell_engine.workflows.step import LONGEST_BACKOFF_SECONDS, Retry
from support.globals import Pair, check_pair


@pytest.mark.parametrize(
    ("retry", "pauses"),
    [
        (Retry(3), [0, 0, 0]),
        (Retry(3, 500), [0.5, 0.5, 0.5]),
        (Retry(4, 500, 2), [0.5, 1, 2, 4]),
        (Retry(4, 1000, 10), [1, 10, LONGEST_BACKOFF_SECONDS, LONGEST_BACKOFF_SECONDS]),
    ],
)
def test_pauses_grow_up_to_the_longest(retry: Retry, pauses: list[float]) -> None:
    assert [retry.pause(attempt) for attempt in range(1, len(pauses) + 1)] == pauses


PAIRS = [
    Pair(
        "what a handler cancels inside of a step is not tried again, what fails is",
        "Hook.register('BeforeToolExecution', function() return { type = 'cancel', reason = 'not now' } end) "
        "local function try(step) step.name, step.retry = 's', { attempts = 3 } local w = Workflow.sequential({ name = 'w', steps = { step } }) "
        "pcall(w.execute) return w:get_last_result().step_results[1].attempts end "
        "print(try({ tool = 'uuid-generator', input = {} }), try({ execute = function() error('x', 0) end }))",
        "Hook.register('BeforeToolExecution', () => ({ type: 'cancel', reason: 'not now' })); "
        "const attempt = async (step) => { Object.assign(step, { name: 's', retry: { attempts: 3 } }); const w = Workflow.sequential({ name: 'w', steps: [step] }); "
        "try { await w.execute() } catch {} return w.getLastResult().stepResults[0].attempts }; "
        "say(await attempt({ tool: 'uuid-generator', input: {} }), await attempt({ execute: () => { throw 'x' } }))",
        "1\t3\n",
    ),
    Pair(
        "a step that was skipped has neither succeeded nor failed",
        "local function done() return 1 end local function when(kind) return { name = kind, condition = { type = kind, step = 'a' }, execute = done } end "
        "local w = Workflow.sequential({ name = 'w', steps = { { name = 'a', condition = function() return false end, execute = done }, when('step_succeeded'), when('step_failed') } }) "
        "for _, one in ipairs(w:execute().step_results) do print(one.name, one.skipped) end",
        "const done = () => 1; const when = (kind) => ({ name: kind, condition: { type: kind, step: 'a' }, execute: done }); "
        "const w = Workflow.sequential({ name: 'w', steps: [{ name: 'a', condition: () => false, execute: done }, when('step_succeeded'), when('step_failed')] }); "
        "for (const one of (await w.execute()).stepResults) say(one.name, one.skipped)",
        "a\ttrue\nstep_succeeded\ttrue\nstep_failed\ttrue\n",
    ),
    Pair(
        "of a function's answers nothing and false are false, of an expression's 0 and an empty text too",
        "local function step(name, condition) return { name = name, condition = condition, execute = function() return 1 end } end "
        "local w = Workflow.sequential({ name = 'w', steps = { step('zero', function() return 0 end), step('empty', function() return '' end), step('no', function() return false end),"
        " step('nothing', function() end), step('text', '{{ 0 }}'), step('texts', \"{{ '' }}\") } }) "
        "for _, one in ipairs(w:execute().step_results) do print(one.name, one.skipped) end",
        "const step = (name, condition) => ({ name, condition, execute: () => 1 }); "
        "const w = Workflow.sequential({ name: 'w', steps: [step('zero', () => 0), step('empty', () => ''), step('no', () => false),"
        " step('nothing', () => {}), step('text', '{{ 0 }}'), step('texts', \"{{ '' }}\")] }); "
        "for (const one of (await w.execute()).stepResults) say(one.name, one.skipped)",
        "zero\tfalse\nempty\tfalse\nno\ttrue\nnothing\ttrue\ntext\ttrue\ntexts\ttrue\n",
    ),
]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.name)
def test_tries(pair: Pair, language: Language) -> None:
    services = Services()
    check_pair(pair, language, services=services)
    services.close()
