"""The fixes that wait for a promise: where ``await`` may stand, and what it must not change."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from llmspell_engine.lint.settings import LintSettings
from support.lint import fixed, lint

if TYPE_CHECKING:
    from llmspell_engine.language import Language

AGENT = 'const agent = Agent.create({ model: "echo" });\n'
CALCULATE = 'Tool.execute("calculator", { input: "1" })'


@pytest.mark.parametrize(
    ("source", "expect", "safe"),
    [
        ('agent.execute("a").text;', '(await agent.execute("a")).text;', True),
        ('(agent.execute("a")).text;', '((await agent.execute("a"))).text;', True),
        ('"a" + agent.execute("a");', '"a" + await agent.execute("a");', True),
        ('agent.execute("a") ** 2;', '(await agent.execute("a")) ** 2;', True),
        ('const { text } = agent.execute("a");', 'const { text } = await agent.execute("a");', True),
        (
            'const one = agent.execute("a");\nconsole.log(one.text);',
            'const one = await agent.execute("a");\nconsole.log(one.text);',
            True,
        ),
        (
            'const one = agent.execute("a");\none.catch(() => {});\nconsole.log(one.text);',
            'const one = agent.execute("a");\none.catch(() => {});\nconsole.log((await one).text);',
            True,
        ),
        (
            'const one = agent.execute("a");\nconst read = () => one.text;',
            'const one = await agent.execute("a");\nconst read = () => one.text;',
            True,
        ),
        ('console.log(agent.execute("a"));', 'console.log(await agent.execute("a"));', False),
        ('agent.execute("a");', 'await agent.execute("a");', False),
        (
            'const ask = async () => { agent.execute("a"); };',
            'const ask = async () => { await agent.execute("a"); };',
            False,
        ),
        (
            'for(const format of agent.stream("a")) format.text;',
            'for await(const format of agent.stream("a")) format.text;',
            True,
        ),
        ('function ask() { return agent.execute("a").text; }', None, None),
        ('["a"].map((word) => agent.execute(word).text);', None, None),
        ('const ask = async (word = agent.execute("a").text) => word;', None, None),
        ('async function ask({ word = agent.execute("a").text }) { return word; }', None, None),
        ('class Asker { word = agent.execute("a").text; }', None, None),
        ('class Asker { static { agent.execute("a").text; } }', None, None),
        (
            'class Asker { async ask() { return agent.execute("a").text; } }',
            'class Asker { async ask() { return (await agent.execute("a")).text; } }',
            True,
        ),
        (
            'const ask = async (one = 1) => agent.execute("a").text + one;',
            'const ask = async (one = 1) => (await agent.execute("a")).text + one;',
            True,
        ),
    ],
)
def test_await_is_put_where_it_may_stand(source: str, expect: str | None, safe: bool | None) -> None:
    text = AGENT + source
    (found,) = lint(text, "javascript", LintSettings(("missing-await", "floating-promise")))
    if expect is None:
        assert found.fix is None
        return
    assert found.fix is not None
    assert (fixed(text, found.fix).removeprefix(AGENT), found.fix.safe) == (expect, safe)


def test_lua_waits_with_a_method() -> None:
    text = 'local word = Async.run(function() return "ready" end)\nreturn "It is " .. word'
    (found,) = lint(text, "lua", LintSettings(("missing-await",)))
    assert fixed(text, found.fix).endswith('"It is " .. word:await()')


@pytest.mark.parametrize(
    ("language", "source"),
    [
        ("lua", "return Async.run(tostring, 1).length"),
        ("javascript", f"export const answer = {CALCULATE}.result;"),
    ],
)
def test_a_member_that_no_promise_has_is_reported_by_one_rule(language: Language, source: str) -> None:
    assert len(lint(source, language)) == 1
