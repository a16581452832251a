"""What handlers make of the data of points: other kinds of values are told as failures, and work goes on.

Each field that work goes on with is given each kind of value, and the work is done for real, in both languages.
"""

# ruff: noqa: E501 (scripts read best on one line)

from __future__ import annotations

from typing import Any

import pytest
from llmspell_engine.hooks.decisions import Decision, DecisionError
from llmspell_engine.hooks.fields import fitted
from llmspell_engine.hooks.points import HOOK_POINTS, HookPoint
from llmspell_engine.language import LANGUAGES, Language
from support.runtime import Script, run

ASKS = (
    "(Agent.get('ann') or Agent.create({ name = 'ann', model = 'echo' })):execute('hi')",
    "await (Agent.get('ann') ?? Agent.create({ name: 'ann', model: 'echo' })).execute('hi')",
)
SUM = (
    "Tool.execute('calculator', { input = '1 + 1' })",
    "await Tool.execute('calculator', { input: '1 + 1' })",
)
OWN = (
    "(Tool.get('own') or Tool.register({ name = 'own', description = 'd', handler = function(p) return { x = p.x } end })):execute({ x = 1 })",
    "await (Tool.get('own') ?? Tool.register({ name: 'own', description: 'd', handler: (p) => ({ x: p.x }) })).execute({ x: 1 })",
)
FINDS = ("Tool.discover({ category = 'utility' })", "Tool.discover({ category: 'utility' })")
LOADS = ("State.load('global', 'k')", "State.load('global', 'k')")
SAVES = ("State.save('global', 'k', 1)", "State.save('global', 'k', 1)")
ADDS = ("State.increment('global', 'n')", "State.increment('global', 'n')")
CLEARS = ("State.clear('global')", "State.clear('global')")
EMITS = ("Event.publish('a.b', 1)", "Event.publish('a.b', 1)")
FIELDS: list[tuple[HookPoint, str, tuple[str, str]]] = [
    ("BeforeAgentExecution", "text", ASKS),
    ("BeforeAgentExecution", "parameters", ASKS),
    ("BeforeAgentExecution", "context", ASKS),
    ("AfterAgentExecution", "text", ASKS),
    ("BeforeModelCall", "messages", ASKS),
    ("BeforeModelCall", "temperature", ASKS),
    ("BeforeModelCall", "max_tokens", ASKS),
    ("AfterModelCall", "text", ASKS),
    ("AfterModelCall", "tool_calls", ASKS),
    ("BeforeToolExecution", "parameters", SUM),
    ("BeforeToolExecution", "parameters", OWN),
    ("ToolValidation", "parameters", SUM),
    ("ToolValidation", "parameters", OWN),
    ("BeforeToolDiscovery", "category", FINDS),
    ("BeforeToolDiscovery", "tag", FINDS),
    ("AfterToolDiscovery", "tools", FINDS),
    ("BeforeStateRead", "scope", LOADS),
    ("BeforeStateRead", "key", LOADS),
    ("BeforeStateWrite", "scope", SAVES),
    ("BeforeStateWrite", "key", SAVES),
    ("BeforeStateWrite", "by", ADDS),
    ("BeforeStateWrite", "keys", CLEARS),
    ("AfterStateWrite", "removed", CLEARS),
    ("BeforeEventEmit", "event_type", EMITS),
    ("BeforeEventEmit", "correlation_id", EMITS),
    ("BeforeEventEmit", "ttl_seconds", EMITS),
]
WRONG = ("7", "'zzz'", "false", "{ 7 }", "{ q = 7 }")
WRONG_JS = ("7", "'zzz'", "false", "[7]", "({ q: 7 })")
NOT_WRONG = {
    ("text", 1),
    ("messages", 1),
    ("temperature", 0),
    ("max_tokens", 0),
    ("parameters", 4),
    ("context", 4),
    ("category", 1),
    ("tag", 1),
    ("key", 1),
    ("scope", 1),
    ("by", 0),
    ("removed", 0),
    ("event_type", 1),
    ("correlation_id", 1),
    ("ttl_seconds", 0),
}
"""By field, the values of those that are of its kind."""


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("point", "field", "work"), FIELDS)
def test_a_value_of_another_kind_is_told_and_the_work_goes_on(
    point: HookPoint, field: str, work: tuple[str, str], language: Language
) -> None:
    values = WRONG if language == "lua" else WRONG_JS
    wrong = [value for at, value in enumerate(values) if (field, at) not in NOT_WRONG]
    ran = run(Script(language, _trying(point, field, work, wrong, language)))
    assert (ran.error, ran.out) == (None, f"{len(wrong)}\tfine\n"), ran.err
    assert f"'{field}' must be" in ran.err
    assert f" at {point}, not a" in ran.err


def _trying(
    point: HookPoint, field: str, work: tuple[str, str], values: list[str], language: Language
) -> str:
    """A script that does the work with a hook for each value, and tells how many of them failed."""
    if language == "lua":
        hooks = "".join(
            f"handle = Hook.register('{point}', function() return {{ type = 'modified', data = {{ {field} = {value} }} }} end)"
            f" do local _ = {work[0]} end failed = failed + handle:get_stats().errors handle:unregister() "
            for value in values
        )
        return f"local failed, handle = 0 {hooks} print(string.format('%d', failed), 'fine')"
    hooks = "".join(
        f"handle = Hook.register('{point}', () => ({{ type: 'modified', data: {{ {field}: {value} }} }}));"
        f" {work[1]}; failed += handle.getStats().errors; handle.unregister(); "
        for value in values
    )
    return f"let failed = 0, handle; {hooks} console.log(failed + '\\tfine')"


@pytest.mark.parametrize("work", [SUM, OWN], ids=["the engine's", "the script's"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_checked_stays_where_a_handler_gives_other_data(
    work: tuple[str, str], language: Language
) -> None:
    text = {
        "lua": f"Hook.register('tool_validation', function() return {{ type = 'replace', data = {{ note = 1 }} }} end) print(({work[0]}).success)",
        "javascript": f"Hook.register('tool_validation', () => ({{ type: 'replace', data: {{ note: 1 }} }})); console.log(({work[1]}).success)",
    }[language]
    ran = run(Script(language, text))
    assert (ran.error, ran.out) == (None, "true\n")


@pytest.mark.parametrize(
    ("point", "field", "empty", "expected"),
    [
        ("BeforeToolExecution", "parameters", [], {}),
        ("BeforeToolExecution", "parameters", {}, {}),
        ("AfterModelCall", "tool_calls", {}, []),
        ("BeforeModelCall", "messages", {}, []),
        ("BeforeStateWrite", "keys", {}, []),
    ],
)
def test_an_empty_table_is_what_the_field_is(point: HookPoint, field: str, empty: Any, expected: Any) -> None:
    found = fitted(point, Decision("modified", {field: empty, "more": 1}))
    assert found == Decision("modified", {field: expected, "more": 1})
    assert type(found.data[field]) is type(expected)


def test_a_result_in_the_place_of_work_is_looked_at_as_a_result() -> None:
    taken = Decision("replace", {"parameters": 1, "result": 1})
    assert fitted("AfterToolExecution", taken) is taken
    with pytest.raises(DecisionError, match=r"^'text' must be a text at BeforeModelCall, not nothing$"):
        fitted("BeforeModelCall", Decision("replace", {"text": None}))


RETRIED = {
    "AfterAgentExecution", "AgentError", "AfterModelCall", "ModelError", "AfterToolExecution", "ToolError",
    "AfterWorkflowStage", "AfterWorkflowComplete", "WorkflowError", "AfterStateRead", "AfterStateWrite",
    "AfterEventEmit",
}  # fmt: skip


@pytest.mark.parametrize("point", HOOK_POINTS)
def test_what_cannot_be_at_a_point_is_told(point: HookPoint) -> None:
    for kind, possible in (
        ("retry", RETRIED),
        ("redirect", {"BeforeToolExecution", "BeforeEventEmit"}),
    ):
        decision = Decision(kind, target="other")  # type: ignore[arg-type]
        if point in possible:
            assert fitted(point, decision) is decision
        else:
            with pytest.raises(DecisionError, match=f"at {point}, only "):
                fitted(point, decision)
