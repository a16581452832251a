"""Each wrong parameter is told with the step, the field, and what to write."""

# ruff: noqa: E501 (scripts read best on one line)

from __future__ import annotations

import pytest
from llmspell_engine.language import LANGUAGES, Language
from support.globals import Pair, check_refused

F_LUA, F_JS = "execute = function() end", "execute: () => {}"


def _step(name: str, lua: str, javascript: str, expect: str) -> Pair:
    """A sequential workflow of the steps given, and what is said of them."""
    return Pair(
        name,
        f"Workflow.sequential({{ steps = {{ {lua} }} }})",
        f"Workflow.sequential({{ steps: [{javascript}] }})",
        f"Workflow.sequential: {expect}",
    )


WRONG = [
    _step("no steps", "", "", "'config.steps' must be at least 1 element long, but a list was given"),
    _step(
        "a step that does nothing",
        "{ name = 'a' }",
        "{ name: 'a' }",
        "the step 'a': it does nothing; write one of tool, agent, execute and workflow",
    ),
    _step(
        "two things at once",
        "{ name = 'a', tool = 'calculator', agent = 'b' }",
        "{ name: 'a', tool: 'calculator', agent: 'b' }",
        "the step 'a': 'tool' and 'agent' exclude each other; write one of tool, agent, execute and workflow",
    ),
    _step(
        "an unknown type",
        "{ name = 'a', type = 'tol' }",
        "{ name: 'a', type: 'tol' }",
        '\'config.steps[{0}].type\' must be one of "tool", "agent", "function", "workflow", "custom", "sequential", "parallel", "conditional", "loop", "map_reduce", "pipeline", but "tol" was given; did you mean "tool"?',
    ),
    _step(
        "an unknown field",
        "{ name = 'a', tol = 'calculator' }",
        "{ name: 'a', tol: 'calculator' }",
        "there is no 'config.steps[{0}].tol'; did you mean 'tool'?",
    ),
    _step(
        "a tool that is not there",
        "{ name = 'a', tool = 'calculater' }",
        "{ name: 'a', tool: 'calculater' }",
        "the step 'a': 'tool': there is no tool 'calculater'; did you mean 'calculator'?",
    ),
    _step(
        "an agent that is not there",
        "{ name = 'a', agent = 'writer' }",
        "{ name: 'a', agent: 'writer' }",
        "the step 'a': 'agent': there is no agent \"writer\"; there is none yet",
    ),
    _step(
        "a workflow that is not there",
        "{ name = 'a', workflow = 'w' }",
        "{ name: 'a', workflow: 'w' }",
        "the step 'a': 'workflow': there is no workflow 'w'; make it before",
    ),
    _step(
        "two steps of one name",
        f"{{ name = 'a', {F_LUA} }}, {{ name = 'a', {F_LUA} }}",
        f"{{ name: 'a', {F_JS} }}, {{ name: 'a', {F_JS} }}",
        "the step 'a' stands there twice; give each step a name of its own",
    ),
    _step(
        "a name that templates use",
        f"{{ name = 'input', {F_LUA} }}",
        f"{{ name: 'input', {F_JS} }}",
        "the step 'input': templates mean something else by 'input'; choose another name",
    ),
    _step(
        "both ways to say how often",
        f"{{ name = 'a', retry_count = 1, retry = {{ attempts = 2 }}, {F_LUA} }}",
        f"{{ name: 'a', retryCount: 1, retry: {{ attempts: 2 }}, {F_JS} }}",
        "the step 'a': 'retry' and 'retry_count' exclude each other; write one of them",
    ),
    _step(
        "a template that cannot be read",
        f"{{ name = 'a', input = {{ text = '{{{{ x' }}, {F_LUA} }}",
        f"{{ name: 'a', input: {{ text: '{{{{ x' }}, {F_JS} }}",
        "the step 'a': input.text: the template cannot be read: unexpected end of template, expected 'end of print statement'.",
    ),
    _step(
        "a condition without its field",
        f"{{ name = 'a', condition = {{ type = 'step_failed' }}, {F_LUA} }}",
        f"{{ name: 'a', condition: {{ type: 'step_failed' }}, {F_JS} }}",
        "the step 'a': condition: 'step' is missing; a condition 'step_failed' needs it",
    ),
    _step(
        "a condition that cannot be read",
        f"{{ name = 'a', skip_if = 'a ==', {F_LUA} }}",
        f"{{ name: 'a', skipIf: 'a ==', {F_JS} }}",
        "the step 'a': skip_if: the template cannot be read: unexpected 'end of template'",
    ),
    _step(
        "what undoes a step does nothing",
        f"{{ name = 'a', compensate = {{ input = 1 }}, {F_LUA} }}",
        f"{{ name: 'a', compensate: {{ input: 1 }}, {F_JS} }}",
        "the step 'a': compensate: it does nothing; write one of tool, agent, execute and workflow",
    ),
    _step(
        "a limit that is none",
        f"{{ name = 'a', timeout_ms = 0, {F_LUA} }}",
        f"{{ name: 'a', timeoutMs: 0, {F_JS} }}",
        "'config.steps[{0}].{timeout_ms}' must be greater than 0, but 0 was given",
    ),
    Pair(
        "a type that does not fit",
        "Workflow.sequential({ steps = { { name = 'a', type = 'tool', agent = 'b' } } })",
        "Workflow.sequential({ steps: [{ name: 'a', type: 'tool', agent: 'b' }] })",
        "Workflow.sequential: the step 'a': 'tool' is missing; a step of the type 'tool' needs tool{=}\"calculator\", not 'agent'",
    ),
    Pair(
        "two branches of one name",
        f"Workflow.parallel({{ branches = {{ {{ name = 'a', steps = {{ {{ name = 'x', {F_LUA} }} }} }}, {{ name = 'a', steps = {{ {{ name = 'y', {F_LUA} }} }} }} }} }})",
        f"Workflow.parallel({{ branches: [{{ name: 'a', steps: [{{ name: 'x', {F_JS} }}] }}, {{ name: 'a', steps: [{{ name: 'y', {F_JS} }}] }}] }})",
        "Workflow.parallel: two branches are called 'a'; give each a name of its own",
    ),
    Pair(
        "nothing at the same time",
        "Workflow.parallel({})",
        "Workflow.parallel({})",
        "Workflow.parallel: it has nothing to do; give 'branches' or 'steps'",
    ),
    Pair(
        "a loop over nothing",
        f"Workflow.loop({{ iterator = {{}}, body = {{ {{ {F_LUA} }} }} }})",
        f"Workflow.loop({{ iterator: {{}}, body: [{{ {F_JS} }}] }})",
        "Workflow.loop: 'iterator' has exactly one of range, collection and while_condition",
    ),
    Pair(
        "a range that never ends",
        f"Workflow.loop({{ iterator = {{ range = {{ start = 1, ['end'] = 2, step = 0 }} }}, body = {{ {{ {F_LUA} }} }} }})",
        f"Workflow.loop({{ iterator: {{ range: {{ start: 1, end: 2, step: 0 }} }}, body: [{{ {F_JS} }}] }})",
        "Workflow.loop: range: 'step' is 0, so that it never ends; write step = 1",
    ),
    Pair(
        "then without a condition",
        f"Workflow.builder():conditional():add_then_step({{ name = 'a', {F_LUA} }}):build()",
        f"Workflow.builder().conditional().addThenStep({{ name: 'a', {F_JS} }}).build()",
        "WorkflowBuilder.build: 'condition' is missing; it decides between the then and the else steps",
    ),
    Pair(
        "a branch with a condition in a parallel workflow",
        f"Workflow.builder():parallel():add_branch({{ type = 'always' }}, {{ {{ {F_LUA} }} }}):build()",
        f"Workflow.builder().parallel().addBranch({{ type: 'always' }}, [{{ {F_JS} }}]).build()",
        "WorkflowBuilder.build: a branch of a parallel workflow has a name, not a condition",
    ),
    Pair(
        "options of another kind",
        f"Workflow.builder():sequential():max_iterations(2):add_step({{ {F_LUA} }}):build()",
        f"Workflow.builder().sequential().maxIterations(2).addStep({{ {F_JS} }}).build()",
        "WorkflowBuilder.build: there is no '{max_iterations}'; there is name, description, {error_strategy}, {on_error}, {pre_condition}, {timeout_ms}, cleanup, {shared_data}, {on_before_execute}, {on_after_execute}, {on_step_start}, {on_step_complete}, …",
    ),
    Pair(
        "a collection that is no list",
        "Workflow.map_reduce({ name = 'm', collection = '{{ input }}', map = function() end }):execute('x')",
        "await Workflow.mapReduce({ name: 'm', collection: '{{ input }}', map: () => {} }).execute('x')",
        "the workflow 'm' failed: collection: a list is needed, but '{{ input }}' gives x; write a list, or a template such as \"{{ input.items }}\"",
    ),
    Pair(
        "a condition on a step that has not run",
        f"Workflow.sequential({{ name = 'm', steps = {{ {{ name = 'a', condition = {{ type = 'step_succeeded', step = 'b' }}, {F_LUA} }} }} }}):execute()",
        f"await Workflow.sequential({{ name: 'm', steps: [{{ name: 'a', condition: {{ type: 'step_succeeded', step: 'b' }}, {F_JS} }}] }}).execute()",
        "the workflow 'm' failed at the step 'a': condition: the step 'b' has not run before; done so far: none",
    ),
    Pair(
        "an agent that is asked nothing",
        "Workflow.sequential({ name = 'm', steps = { { name = 'a', agent = Agent.create({ name = 'e', model = 'echo' }) } } }):execute()",
        "await Workflow.sequential({ name: 'm', steps: [{ name: 'a', agent: Agent.create({ name: 'e', model: 'echo' }) }] }).execute()",
        "the workflow 'm' failed at the step 'a': the agent 'e' is asked nothing; write input = \"…\", or give the workflow an input",
    ),
    Pair(
        "a run whose output cannot be kept",
        "Workflow.sequential({ name = 'm', steps = { { name = 'a', execute = function() return { f = print } end } } }):execute(1, { run_id = 'r' })",
        "await Workflow.sequential({ name: 'm', steps: [{ name: 'a', execute: () => ({ f: () => 1 }) }] }).execute(1, { runId: 'r' })",
        "the workflow 'm' failed: the workflow 'm' cannot keep the output of the step 'a' for a run with a run_id: State: value.result.output.f is a function, which JSON cannot write",
    ),
    Pair(
        "an id that cannot be one",
        f"Workflow.sequential({{ steps = {{ {{ {F_LUA} }} }} }}):execute(1, {{ run_id = 'a b' }})",
        f"await Workflow.sequential({{ steps: [{{ {F_JS} }}] }}).execute(1, {{ runId: 'a b' }})",
        "WorkflowInstance.execute: 'options.{run_id}' must be a name of letters, digits, `.`, `_` and `-`, under which State keeps each finished step: executing again with the same goes on after the last one, but \"a b\" was given",
    ),
    Pair(
        "an id for a workflow without a name",
        f"Workflow.sequential({{ steps = {{ {{ {F_LUA} }} }} }}):execute(1, {{ run_id = 'r' }})",
        f"await Workflow.sequential({{ steps: [{{ {F_JS} }}] }}).execute(1, {{ runId: 'r' }})",
        "a run with a run_id is found again by the name of its workflow, and this one has none; give it a name",
    ),
    Pair(
        "no such kind",
        "Workflow.create({ type = 'sequence', steps = {} })",
        "Workflow.create({ type: 'sequence', steps: [] })",
        "Workflow.create: there is no kind 'sequence'; did you mean 'sequential'?",
    ),
    Pair(
        "no such workflow",
        "Workflow.execute('w')",
        "await Workflow.execute('w')",
        "there is no workflow 'w'; there is none yet",
    ),
]


def _spelled(text: str, language: Language) -> str:
    """The message in the spelling of a language: indices, signs, and names in braces."""
    text = text.replace("{0}", "1" if language == "lua" else "0").replace(
        "{=}", " = " if language == "lua" else ": "
    )
    snake = ("timeout_ms", "max_iterations", "error_strategy", "shared_data", "run_id")
    handlers = ("on_before_execute", "on_after_execute", "on_step_start", "on_step_complete", "on_error")
    for name in (*snake, *handlers, "pre_condition"):
        head, *rest = name.split("_")
        camel = head + "".join(word.capitalize() for word in rest)
        text = text.replace(f"{{{name}}}", name if language == "lua" else camel)
    return text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("pair", WRONG, ids=lambda pair: pair.name)
def test_wrong(pair: Pair, language: Language) -> None:
    check_refused(Pair(pair.name, pair.lua, pair.javascript, _spelled(pair.expect, language)), language)
