"""Each hook point: scripts of both languages reach it, and what handlers that listen, fail, cancel or never
end make of the work.

A point that has no row here, or is tested by nobody, fails by its name.
"""

# ruff: noqa: E501 (scripts read best on one line)

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from llmspell_engine.globals.services import Services
from llmspell_engine.hooks import HOOK_POINTS
from llmspell_engine.hooks.points import HookPoint
from llmspell_engine.language import LANGUAGES, Language
from llmspell_engine.providers.metering import Budget
from llmspell_engine.state import MemoryStore
from support.runtime import Ran, Script, host, run

REPOSITORY = Path(__file__).parents[3]


@dataclass(frozen=True)
class Reaching:
    """A script that reaches a point, and what there is to say of it.

    Attributes:
        component: the kind of what reaches it.
        data: keys of what handlers are given, at least.
        waits: whether handlers may wait there.
        cancels: whether a handler ends the work there by cancelling it.
        max_calls: how many model calls the run may make.
    """

    lua: str
    javascript: str
    component: str
    data: frozenset[str]
    waits: bool = True
    cancels: bool = True
    max_calls: int = 100

    def text(self, language: Language) -> str:
        return self.lua if language == "lua" else self.javascript


def _at(
    lua: str,
    javascript: str,
    component: str,
    data: str,
    *,
    waits: bool = True,
    cancels: bool = True,
    max_calls: int = 100,
) -> Reaching:
    return Reaching(lua, javascript, component, frozenset(data.split()), waits, cancels, max_calls)


ASKS = (
    "Agent.create({ name = 'ann', model = 'echo' }):execute('hi')",
    "await Agent.create({ name: 'ann', model: 'echo' }).execute('hi');",
)
FAILS = (
    "pcall(function() Agent.create({ name = 'ann', model = 'echo' }):execute('hi') end)",
    "await Agent.create({ name: 'ann', model: 'echo' }).execute('hi').catch(() => {});",
)
ENDS = (
    "local a = Agent.create({ name = 'ann', model = 'echo' }) a:execute('hi') a:destroy()",
    "const a = Agent.create({ name: 'ann', model: 'echo' }); await a.execute('hi'); await a.destroy();",
)
SUM = (
    "Tool.execute('calculator', { input = '1 + 1' })",
    "await Tool.execute('calculator', { input: '1 + 1' });",
)
WRONG = (
    "pcall(Tool.execute, 'json-processor', { input = '{', query = '.' })",
    "await Tool.execute('json-processor', { input: '{', query: '.' }).catch(() => {});",
)
FINDS = ("Tool.discover({ category = 'utility' })", "Tool.discover({ category: 'utility' });")
FLOWS = (
    "Workflow.sequential({ name = 'w', steps = { { name = 'a', execute = function() return 1 end }, { name = 'b', execute = function() return 2 end } } }):execute()",
    "await Workflow.sequential({ name: 'w', steps: [{ name: 'a', execute: () => 1 }, { name: 'b', execute: () => 2 }] }).execute();",
)
KEPT_FLOWS = tuple(
    text.replace(
        "execute()", "execute('x', " + ("{ run_id = 'r' }" if index == 0 else "{ runId: 'r' }") + ")"
    )
    for index, text in enumerate(FLOWS)
)
FLOW_FAILS = (
    "pcall(function() Workflow.sequential({ name = 'w', error_strategy = 'compensate', steps = { { name = 'a', execute = function() return 1 end, compensate = { execute = function() end } },"
    " { name = 'b', execute = function() error('broken') end } } }):execute() end)",
    "await Workflow.sequential({ name: 'w', errorStrategy: 'compensate', steps: [{ name: 'a', execute: () => 1, compensate: { execute: () => {} } },"
    " { name: 'b', execute: () => { throw new Error('broken'); } }] }).execute().catch(() => {});",
)
SAVES = ("State.save('global', 'k', 1)", "State.save('global', 'k', 1);")
LOADS = (
    "State.save('global', 'k', 1) State.load('global', 'k')",
    "State.save('global', 'k', 1); State.load('global', 'k');",
)
EMITS = ("Event.publish('a.b', 1)", "Event.publish('a.b', 1);")
BY_ITSELF = ("", "")

POINTS: dict[HookPoint, Reaching] = {
    "BeforeAgentInit": _at(*ASKS, "agent", ""),
    "AfterAgentInit": _at(*ASKS, "agent", ""),
    "BeforeAgentExecution": _at(*ASKS, "agent", "text parameters"),
    "AfterAgentExecution": _at(*ASKS, "agent", "text usage"),
    "AgentError": _at(*FAILS, "agent", "error kind input", max_calls=0, cancels=False),
    "BeforeAgentShutdown": _at(*ENDS, "agent", ""),
    "AfterAgentShutdown": _at(*ENDS, "agent", ""),
    "BeforeModelCall": _at(*ASKS, "model", "model provider messages"),
    "AfterModelCall": _at(*ASKS, "model", "text usage finish_reason"),
    "ModelError": _at(*FAILS, "model", "error kind input", max_calls=0, cancels=False),
    "BeforeToolDiscovery": _at(*FINDS, "tool", "", waits=False),
    "AfterToolDiscovery": _at(*FINDS, "tool", "tools", waits=False),
    "BeforeToolExecution": _at(*SUM, "tool", "tool parameters"),
    "AfterToolExecution": _at(*SUM, "tool", "tool result"),
    "ToolValidation": _at(*SUM, "tool", "parameters"),
    "ToolError": _at(*WRONG, "tool", "error kind input", cancels=False),
    "BeforeWorkflowStart": _at(*FLOWS, "workflow", ""),
    "WorkflowStageTransition": _at(*FLOWS, "workflow", "", cancels=True),
    "BeforeWorkflowStage": _at(*FLOWS, "step", "step"),
    "AfterWorkflowStage": _at(*FLOWS, "step", "step output"),
    "WorkflowCheckpoint": _at(*KEPT_FLOWS, "workflow", "step"),
    "WorkflowRollback": _at(*FLOW_FAILS, "workflow", "", cancels=False),
    "AfterWorkflowComplete": _at(*FLOWS, "workflow", "output"),
    "WorkflowError": _at(*FLOW_FAILS, "workflow", "error kind", cancels=False),
    "BeforeStateRead": _at(*LOADS, "state", "operation scope key", waits=False),
    "AfterStateRead": _at(*LOADS, "state", "operation scope key value", waits=False),
    "BeforeStateWrite": _at(*SAVES, "state", "operation scope key value", waits=False),
    "AfterStateWrite": _at(*SAVES, "state", "operation scope key value", waits=False),
    "StateConflict": _at("State.compare_and_set('global', 'none', 1, 2)", "State.compareAndSet('global', 'none', 1, 2);", "state", "operation keys", waits=False),
    "StateMigration": _at(
        "State.save('global', 'k', 1) State.register_schema('global', 2, { migrations = { [2] = function(all) return all end } }) State.migrate()",
        "State.save('global', 'k', 1); State.registerSchema('global', 2, { migrations: { 2: (all) => all } }); await State.migrate();",
        "state",
        "status from to scopes",
    ),
    "SystemStartup": _at(*BY_ITSELF, "system", "language", waits=False),
    "SystemShutdown": _at(*BY_ITSELF, "system", "language reason", waits=False, cancels=False),
    "ResourceLimitExceeded": _at(*FAILS, "model", "error", max_calls=0, cancels=False),
    "SecurityViolation": _at(
        "pcall(Tool.execute, 'file-operations', { operation = 'read', path = '/etc/hosts' })",
        "await Tool.execute('file-operations', { operation: 'read', path: '/etc/hosts' }).catch(() => {});",
        "tool",
        "error",
        cancels=False,
    ),
    "SessionStart": _at("Session.create({ name = 's' })", "Session.create({ name: 's' });", "session", "operation session_id", waits=False),
    "SessionEnd": _at("Session.complete(Session.create({ name = 's' }))", "Session.complete(Session.create({ name: 's' }));", "session", "operation session_id status", waits=False),
    "SessionCheckpoint": _at("Session.checkpoint(Session.create({ name = 's' }), 'c')", "Session.checkpoint(Session.create({ name: 's' }), 'c');", "session", "operation checkpoint", waits=False),
    "SessionRestore": _at("Session.load(Session.create({ name = 's' }))", "Session.load(Session.create({ name: 's' }));", "session", "operation session_id", waits=False),
    "SessionSave": _at("Session.suspend(Session.create({ name = 's' }))", "Session.suspend(Session.create({ name: 's' }));", "session", "operation session_id", waits=False),
    "BeforeEventEmit": _at(*EMITS, "event", "event_type data", waits=False),
    "AfterEventEmit": _at(*EMITS, "event", "event_type data", waits=False),
    "EventHandlerError": _at(
        "Event.on('a.*', function() error('broken') end) Event.publish('a.b') Async.sleep(0.02)",
        "Event.on('a.*', () => { throw new Error('broken'); }); Event.publish('a.b'); await Async.sleep(0.02);",
        "event",
        "pattern",
        cancels=False,
    ),
    "PerformanceThresholdExceeded": _at(*SUM, "tool", "value unit stage"),
    "MemoryUsageHigh": _at("while not host.is_told() do Async.sleep(0.01) end", "while (!host.is_told()) await Async.sleep(0.01);", "system", "value", cancels=False),
    "CpuUsageHigh": _at("while not host.is_told() do Async.sleep(0.01) end", "while (!host.is_told()) await Async.sleep(0.01);", "system", "value", cancels=False),
}  # fmt: skip
ELSEWHERE = {"ConfigurationChange": "tests/cli/test_reload.py"}
"""What needs more than a script, and who tests it."""
SAMPLED = {"MemoryUsageHigh", "CpuUsageHigh"}
"""Looked at each second; tests/engine/hooks/test_sampling.py has the rest of them."""


def test_every_point_has_a_row() -> None:
    assert POINTS.keys() | ELSEWHERE.keys() == set(HOOK_POINTS)
    for point, file in ELSEWHERE.items():
        assert point in (REPOSITORY / file).read_text("utf-8")


HANDLERS = {
    "hears": (
        "function(c) host.told(c.point, c.component_id.type, c.component_id.name, c.correlation_id, c.data) end",
        "(c) => { host.told(c.point, c.componentId.type, c.componentId.name, c.correlationId, c.data); }",
    ),
    "fails": ("function() host.told() error('broken') end", "() => { host.told(); throw new Error('broken'); }"),
    "cancels": ("function() host.told() return 'not now' end", "() => { host.told(); return 'not now'; }"),
    # What a handler of JavaScript has begun goes on, though nobody waits for it: it must not be for long.
    "never ends": ("function() host.told() Async.sleep(30) end", "async () => { host.told(); await Async.sleep(0.2); }"),
    "gives nonsense": ("function() host.told() return 42 end", "() => { host.told(); return 42; }"),
}  # fmt: skip


@dataclass
class Came:
    """What came of a script with a handler."""

    ran: Ran
    told: list[tuple[Any, ...]] = field(default_factory=list)


def _run(point: HookPoint, kind: str, language: Language) -> Came:
    row = POINTS[point]
    column = 0 if language == "lua" else 1
    # Who is to be given up is given up soon; all others have time, however busy the machine is.
    limit = 200 if kind == "never ends" else 20_000
    handler, options = (
        HANDLERS[kind][column],
        (
            f"{{ name = 'guard', threshold = 0, timeout_ms = {limit} }}",
            f"{{ name: 'guard', threshold: 0, timeoutMs: {limit} }}",
        )[column],
    )
    end = {"lua": " print('done')", "javascript": " console.log('done');"}[language]
    told: list[tuple[Any, ...]] = []
    names = host(told=lambda *facts: told.append(facts), is_told=lambda: bool(told))
    text = f"Hook.register('{point}', {handler}, {options}); {row.text(language)}{end}"
    services = Services(state=MemoryStore(), budget=Budget(max_calls=row.max_calls))
    ran = run(Script(language, text, names=names, services=services))
    services.close()
    return Came(ran, told)


each_point = pytest.mark.parametrize("point", POINTS)
in_both = pytest.mark.parametrize("language", LANGUAGES)


@in_both
@each_point
def test_a_script_reaches_it_and_hears_of_it(point: HookPoint, language: Language) -> None:
    came = _run(point, "hears", language)
    assert (came.ran.out, came.ran.error) == ("done\n", None)
    assert came.told
    name, component, of, correlation, data = came.told[0]
    row = POINTS[point]
    assert (name, component) == (point, row.component)
    assert of
    assert len(correlation) == 36
    assert set(data) >= row.data, data


@in_both
@pytest.mark.parametrize("kind", ["fails", "gives nonsense"])
@pytest.mark.parametrize("point", [one for one in POINTS if one not in SAMPLED])
def test_a_handler_that_fails_changes_nothing_and_is_told(
    point: HookPoint, kind: str, language: Language
) -> None:
    came = _run(point, kind, language)
    assert (came.ran.out, came.ran.error) == ("done\n", None)
    assert came.told
    assert "a hook handler failed; the work goes on without it" in came.ran.err
    assert f"point={point}" in came.ran.err


@in_both
@pytest.mark.parametrize("point", [one for one in POINTS if one not in SAMPLED])
def test_a_handler_that_never_ends_holds_nothing_up(point: HookPoint, language: Language) -> None:
    came = _run(point, "never ends", language)
    assert (came.ran.out, came.ran.error) == ("done\n", None)
    assert came.told
    expected = "it took longer than 0.2 s" if POINTS[point].waits else "a handler of this point cannot wait"
    assert expected in came.ran.err


@in_both
@pytest.mark.parametrize("point", [one for one in POINTS if one not in SAMPLED])
def test_what_cancelling_does(point: HookPoint, language: Language) -> None:
    came = _run(point, "cancels", language)
    assert came.told
    if not POINTS[point].cancels:
        assert (came.ran.out, came.ran.error) == ("done\n", None)
        return
    assert came.ran.error is not None
    assert f"by the hook 'guard' at {point}: not now" in str(came.ran.error)
