"""Each kind of workflow with each sort of step: right use, and steps that fail, take too long or are
cancelled half-way, in both languages.

The kinds are those of the catalog; one that has no row fails by its name. What each kind does with its steps
is in test_kinds.py and test_semantics.py; wrong parameters are derived in tests/engine/catalog.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from llmspell_engine.catalog.loader import load
from llmspell_engine.catalog.model import spelled
from llmspell_engine.language import LANGUAGES, Language
from support.runtime import Script, host, run

Steps = list[Any]


@dataclass(frozen=True, slots=True)
class Code:
    """An expression in both languages."""

    lua: str
    javascript: str


def written(value: Any, language: Language) -> str:
    """A value as a script writes it; keys of tables are snake_case."""
    if isinstance(value, Code):
        return value.lua if language == "lua" else value.javascript
    if isinstance(value, dict):
        sign = " =" if language == "lua" else ":"
        pairs = [f"{spelled(key, language)}{sign} {written(one, language)}" for key, one in value.items()]
        return f"{{ {', '.join(pairs)} }}"
    if isinstance(value, list):
        items = ", ".join(written(one, language) for one in value)
        return f"{{ {items} }}" if language == "lua" else f"[{items}]"
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else str(value)


KINDS: dict[str, Callable[[Steps], dict[str, Any]]] = {
    "sequential": lambda steps: {"steps": steps},
    "parallel": lambda steps: {"steps": steps, "max_concurrency": 1},
    "conditional": lambda steps: {"branches": [{"condition": "{{ true }}", "steps": steps}]},
    "loop": lambda steps: {"iterator": {"collection": [1]}, "body": steps},
    "map_reduce": lambda steps: {"collection": list(range(len(steps))), "map": _nested(steps)},
    "pipeline": lambda steps: {"stages": steps},
}
"""How each kind is told to do steps one after the other."""


def _nested(steps: Steps) -> Any:
    """One step in the place of several: a map has one, so it runs them as a workflow of their own."""
    return (
        steps[0] if len(steps) == 1 else {"workflow": _made("sequential", {"name": "inner", "steps": steps})}
    )


def _made(kind: str, config: dict[str, Any]) -> Code:
    texts = [f"Workflow.{spelled(kind, one)}({written(config, one)})" for one in LANGUAGES]
    return Code(*texts)


def test_every_kind_has_a_row() -> None:
    members = load().globals["Workflow"].members
    returns = members["types"].returns
    assert returns is not None
    assert KINDS.keys() == set(returns["items"]["enum"])
    assert KINDS.keys() <= members.keys()


STEPS: dict[str, Code] = {
    "tool": Code(
        '{ name = "s", tool = "calculator", input = { input = "6 * 7" } }',
        '{ name: "s", tool: "calculator", input: { input: "6 * 7" } }',
    ),
    "agent": Code(
        '{ name = "s", agent = Agent.create({ name = "ann", model = "echo" }), input = "42" }',
        '{ name: "s", agent: Agent.create({ name: "ann", model: "echo" }), input: "42" }',
    ),
    "function": Code(
        '{ name = "s", execute = function() return "42" end }', '{ name: "s", execute: () => "42" }'
    ),
    "workflow": Code(
        '{ name = "s", workflow = Workflow.sequential({ name = "inner", steps = {'
        ' { name = "i", execute = function() return "42" end } } }) }',
        '{ name: "s", workflow: Workflow.sequential({ name: "inner", steps: ['
        '{ name: "i", execute: () => "42" }] }) }',
    ),
}
"""A step of each sort that comes to 42."""
MAKE = {
    "its own function": Code("Workflow.{member}({config})", "Workflow.{member}({config})"),
    "Workflow.create": Code(
        'Workflow.create({{ type = "{kind}", {inner} }})', 'Workflow.create({{ type: "{kind}", {inner} }})'
    ),
}
TELL = {
    "lua": "local w = {made} local r = w:execute('x')"
    " host.told(r.success, tostring(r.text), #r.step_results > 0, r.metadata.execution_time_ms >= 0,"
    " r.step_results[1].success, r.step_results[1].name ~= nil)",
    "javascript": "const w = {made}; const r = await w.execute('x');"
    " host.told(r.success, String(r.text), r.stepResults.length > 0, r.metadata.executionTimeMs >= 0,"
    " r.stepResults[0].success, r.stepResults[0].name !== undefined);",
}


def _told(language: Language, text: str) -> list[tuple[Any, ...]]:
    told: list[tuple[Any, ...]] = []
    ran = run(Script(language, text, names=host(told=lambda *facts: told.append(facts))))
    assert (ran.error, ran.err) == (None, ""), text
    return told


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("way", MAKE)
@pytest.mark.parametrize("sort", STEPS)
@pytest.mark.parametrize("kind", KINDS)
def test_each_sort_of_step_in_each_kind(kind: str, sort: str, way: str, language: Language) -> None:
    whole = written({"name": "w", **KINDS[kind]([STEPS[sort]])}, language)
    template = written(MAKE[way], language)
    made = template.format(member=spelled(kind, language), kind=kind, config=whole, inner=whole.strip()[1:-1])
    (told,) = _told(language, TELL[language].replace("{made}", made))
    assert told[0] is True
    assert all(told[2:]), told


FAILING = Code('function() error("broken", 0) end', '() => { throw new Error("broken"); }')
WORKS = Code("function() host.told('a') return 1 end", "() => { host.told('a'); return 1; }")
UNDOES = Code("function() host.told('undone') end", "() => { host.told('undone'); }")
ASK = {
    "lua": "local w = {made} local ok, problem = pcall(w.execute, w) local r = w:get_last_result()"
    " host.told(ok, ok and '' or problem.message, r.status, r.success, r.partial_success, r.failed_step)",
    "javascript": "const w = {made}; let ok = true, message = ''; try { await w.execute(); }"
    " catch (error) { ok = false; message = error.message; } const r = w.getLastResult();"
    " host.told(ok, message, r.status, r.success, r.partialSuccess, r.failedStep);",
}


def _asked(kind: str, steps: Steps, language: Language, **more: Any) -> list[tuple[Any, ...]]:
    made = written(_made(kind, {"name": "w", **KINDS[kind](steps), **more}), language)
    return _told(language, ASK[language].replace("{made}", made))


def _steps(second: Code, **more: Any) -> Steps:
    return [
        {"name": "a", "execute": WORKS, "compensate": {"execute": UNDOES}},
        {"name": "b", "execute": second, **more},
    ]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_a_step_that_fails_ends_the_run_and_is_named(kind: str, language: Language) -> None:
    *before, (ok, message, status, success, _, failed) = _asked(kind, _steps(FAILING), language)
    assert before[0] == ("a",)
    assert (ok, status, success) == (False, "failed", False)
    assert message.startswith("the workflow 'w' failed at the step '")
    assert message.endswith("broken")
    assert failed


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_going_on_tells_what_failed(kind: str, language: Language) -> None:
    *_, (ok, _, _, success, partial, failed) = _asked(
        kind, _steps(FAILING), language, error_strategy="continue"
    )
    assert (ok, success) == (True, False)
    assert failed
    assert partial is True


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", [one for one in KINDS if one != "map_reduce"])
def test_what_was_done_is_undone(kind: str, language: Language) -> None:
    told = _asked(kind, _steps(FAILING), language, error_strategy="compensate")
    assert told[:2] == [("a",), ("undone",)]
    assert told[2][:1] == (False,)


WAITS = Code("function() Async.sleep(30) end", "() => Async.sleep(30)")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_a_step_that_takes_too_long_is_ended(kind: str, language: Language) -> None:
    *_, (ok, message, status, *_rest) = _asked(kind, _steps(WAITS, timeout_ms=20), language)
    assert (ok, status) == (False, "failed")
    assert "took longer than 20 ms; raise timeout_ms" in message


CANCEL = {
    "lua": "local w = {made} local p = Async.run(function() return w:execute() end)"
    " Async.after(0.02, function() p:cancel() end) local ok = pcall(p.await, p)"
    " host.told(ok, w:get_last_result().status)",
    "javascript": "const w = {made}; const p = Async.run(() => w.execute());"
    " Async.after(0.02, () => Async.cancel(p)); let ok = true; try { await p; } catch { ok = false; }"
    " host.told(ok, w.getLastResult().status);",
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_a_run_that_is_cancelled_says_so(kind: str, language: Language) -> None:
    made = written(_made(kind, {"name": "w", **KINDS[kind](_steps(WAITS))}), language)
    told = _told(language, CANCEL[language].replace("{made}", made))
    assert told[-1] == (False, "cancelled")
