"""A script may put something of its own in the place of what the API has; that changes its own calls only."""

# ruff: noqa: E501 - a script is easier to read in one line

from __future__ import annotations

from dataclasses import dataclass

import pytest
from llmspell_engine.language import Language
from support.runtime import Script, both, run


@dataclass(frozen=True)
class Case:
    """A script in both languages, and what both print."""

    name: str
    lua: str
    javascript: str
    prints: str

    def __str__(self) -> str:
        """For the names of tests."""
        return self.name


CASES = [
    Case(
        "a member that was not used before",
        "State.load = function() return 'mine' end print(State.load('global', 'x'))",
        "State.load = () => 'mine'; console.log(State.load('global', 'x'));",
        "mine\n",
    ),
    Case(
        "a member that was used before",
        "State.save('global', 'x', 1) State.save = function() end State.save('global', 'x', 2) print(State.load('global', 'x'))",
        "State.save('global', 'x', 1); State.save = () => {}; State.save('global', 'x', 2); console.log(State.load('global', 'x'));",
        "1\n",
    ),
    Case(
        "a member of a handle",
        "local a = Agent.create({ model = 'echo' }) a.execute = function() return 'mine' end print(a.execute())"
        " print(Agent.create({ model = 'echo' }):execute('real').text)",
        "const a = Agent.create({ model: 'echo' }); a.execute = () => 'mine'; console.log(a.execute());"
        " console.log((await Agent.create({ model: 'echo' }).execute('real')).text);",
        "mine\nreal\n",
    ),
    Case(
        "a name that the API does not have",
        "Tool.helper = function() return 'mine' end print(Tool.helper(), Tool.exists('helper'))",
        "Tool.helper = () => 'mine'; console.log(Tool.helper(), Tool.exists('helper'));",
        "mine {} false\n",
    ),
    Case(
        "a member that is given back",
        "State.save('global', 'x', 1) State.load = 5 State.load = nil print(State.load('global', 'x'))",
        "State.save('global', 'x', 1); State.load = 5; delete State.load; console.log(State.load('global', 'x'));",
        "1\n",
    ),
    Case(
        "what tools and workflows call is not what a script put there",
        "Tool.execute = function() return { text = 'mine' } end"
        " local flow = Workflow.sequential({ name = 'w', steps = { { name = 's', tool = 'calculator', input = { operation = 'evaluate', input = '1+1' } } } })"
        " print(flow:execute({}).success)",
        "Tool.execute = () => ({ text: 'mine' });"
        " const flow = Workflow.sequential({ name: 'w', steps: [{ name: 's', tool: 'calculator', input: { operation: 'evaluate', input: '1+1' } }] });"
        " console.log((await flow.execute({})).success);",
        "true\n",
    ),
    Case(
        "a member of Async",
        "Async.sleep = function() return 'mine' end print(Async.sleep(600), Async.retry(function() return 1 end))",
        "Async.sleep = () => 'mine'; console.log(Async.sleep(600), await Async.retry(() => 1));",
        "mine {} 1\n",
    ),
]


@both
@pytest.mark.parametrize("case", CASES, ids=str)
def test_what_a_script_puts_there_is_its_own(case: Case, language: Language) -> None:
    ran = run(Script(language, case.lua if language == "lua" else case.javascript))
    assert ran.error is None
    assert ran.out == case.prints.replace(" {} ", "\t" if language == "lua" else " ")
