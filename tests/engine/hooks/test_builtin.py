"""The engine's own hooks: rightly used, wrongly set, and failing half-way."""

# ruff: noqa: E501 (scripts read best on one line)

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import anyio
import pytest
from llmspell_engine.hooks import HookCancelledError, HookError, HookRegistry
from llmspell_engine.hooks.base import HookContext
from llmspell_engine.hooks.builtin import BUILTIN_NAMES, Builtin, BuiltinScope, disable, disable_all, enable
from llmspell_engine.hooks.points import MODEL_CALL, TOOL_EXECUTION
from llmspell_engine.language import LANGUAGES, Language
from support.runtime import Script, run

Data = dict[str, Any]
Line = tuple[str, str, Data]


class Engine:
    """A registry with what its built-ins write, and work to do."""

    def __init__(self, folder: Path) -> None:
        self.lines: list[Line] = []
        self.failures: list[Data] = []
        self.hooks = HookRegistry(lambda _message, fields: self.failures.append(fields))
        self.scope = BuiltinScope(
            lambda level, message, fields: self.lines.append((level, message, dict(fields))),
            lambda given: folder / given,
        )
        self.calls = 0

    def enable(self, name: str, **options: Any) -> Builtin:
        return enable(self.hooks, name, options, self.scope)

    async def tool(self, failures: int = 0, seconds: float = 0, **data: Any) -> Data:
        return await self.hooks.around(TOOL_EXECUTION, "tool", "adder", data, self._work(failures, seconds))

    async def model(self, **usage: Any) -> Data:
        async def answer(_: Data) -> Data:
            self.calls += 1
            return {"text": "yes", "usage": usage}

        return await self.hooks.around(MODEL_CALL, "model", "echo", {"messages": ["hello"]}, answer)

    def _work(self, failures: int, seconds: float) -> Any:
        left = [failures]

        async def work(data: Data) -> Data:
            self.calls += 1
            if left[0]:
                left[0] -= 1
                raise ValueError("broken")
            if seconds:
                await anyio.sleep(seconds)
            return {"result": data.get("input", 0) + 1}

        return work


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = Engine(tmp_path)
    yield made
    disable_all(made.hooks)


@pytest.mark.parametrize("name", BUILTIN_NAMES)
def test_each_is_enabled_anew_and_disabled(engine: Engine, name: str) -> None:
    options = {"security": {"path": "a.jsonl"}, "rate_limit": {"max_calls": 1}}.get(name, {})
    engine.enable(name, **options)
    count = len(engine.hooks.handlers)
    engine.enable(name, **options)
    assert len(engine.hooks.handlers) == count > 0
    assert (disable(engine.hooks, name), disable(engine.hooks, name)) == (True, False)
    assert engine.hooks.handlers == ()


@pytest.mark.parametrize(
    ("name", "options", "problem"),
    [
        ("loging", {}, "did you mean 'logging'?"),
        ("none", {}, "there are caching, cost_tracking"),
        (
            "logging",
            {"path": "x"},
            "'path' is no option of the built-in hook 'logging'; it takes level, points",
        ),
        ("logging", {"points": ["pre_tol"]}, "there is no hook point 'pre_tol'"),
        ("security", {}, "needs the option 'path'"),
        (
            "security",
            {"path": "no/such/folder.jsonl"},
            "'no/such/folder.jsonl' cannot be written: No such file",
        ),
        ("tracing", {"path": "."}, "'.' cannot be written: Is a directory"),
        ("rate_limit", {}, "needs the option 'max_calls'"),
        ("rate_limit", {"max_calls": 1, "points": ["post_tool"]}, "'rate_limit' works at Before"),
        ("retry", {"points": ["pre_tool"]}, "'retry' works at AgentError"),
        ("caching", {"components": ["disk"]}, "'caching' keeps results of agent, model, tool, not of 'disk'"),
    ],
)
def test_what_cannot_be_set_is_told_and_changes_nothing(
    engine: Engine, name: str, options: Data, problem: str
) -> None:
    engine.enable("metrics")
    before = engine.hooks.handlers
    with pytest.raises(HookError) as raised:
        engine.enable(name, **options)
    assert problem in str(raised.value)
    assert engine.hooks.handlers == before


async def test_logging(engine: Engine) -> None:
    engine.enable("logging", level="warn")
    begin = time.perf_counter()
    await engine.tool(seconds=0.02, input=1)
    whole = time.perf_counter() - begin
    with pytest.raises(ValueError, match="broken"):
        await engine.tool(1)
    assert [(level, message) for level, message, _ in engine.lines] == [
        ("warn", "BeforeToolExecution"),
        ("warn", "AfterToolExecution"),
        ("warn", "BeforeToolExecution"),
        ("warn", "ToolError"),
    ]
    assert engine.lines[0][2]["tool"] == "adder"
    assert 19 <= engine.lines[1][2]["duration_ms"] <= whole * 1000
    assert engine.lines[3][2]["error"] == "broken"


async def test_debugging_tells_the_data(engine: Engine) -> None:
    engine.enable("debugging", points=["pre_tool"])
    await engine.tool(input=1)
    assert [(level, fields["data"]) for level, _, fields in engine.lines] == [("debug", {"input": 1})]


async def test_metrics(engine: Engine) -> None:
    metrics = engine.enable("metrics")
    await engine.tool()
    await engine.tool()
    with pytest.raises(ValueError, match="broken"):
        await engine.tool(1)
    told = metrics.report()["tool"]["adder"]
    assert (told["calls"], told["errors"]) == (2, 1)
    assert 0 <= told["p50_ms"] <= told["p95_ms"] <= told["max_ms"] <= told["total_ms"]
    metrics.reset()
    assert metrics.report() == {}


@pytest.mark.parametrize(
    ("took", "p50", "p95", "longest"),
    [
        ([7.0], 7, 7, 7),
        ([2.0, 1.0], 1, 2, 2),
        ([3.0, 1.0, 2.0], 2, 3, 3),
        (range(20, 0, -1), 10, 19, 20),
        (range(21, 0, -1), 11, 20, 21),
        (range(1, 101), 50, 95, 100),
        # The percentiles are those of the last thousand.
        ([99999.0, *range(1, 1001)], 500, 950, 1000),
        ([*range(999), 99999.0], 499, 949, 99999),
    ],
)
def test_percentiles_of_metrics(
    engine: Engine, took: Sequence[float], p50: float, p95: float, longest: float
) -> None:
    metrics = engine.enable("metrics", points=["post_tool"])
    [handler] = metrics.handlers()
    for one in took:
        context = HookContext("AfterToolExecution", "tool", "adder", {}, "c", {"duration_ms": one})
        handler.function(context)
    assert metrics.report() == {
        "tool": {
            "adder": {
                "calls": len(took),
                "errors": 0,
                "total_ms": sum(took),
                "average_ms": round(sum(took) / len(took), 3),
                "p50_ms": p50,
                "p95_ms": p95,
                "max_ms": longest,
            }
        }
    }


async def test_tracing_keeps_the_last_and_writes_all(engine: Engine, tmp_path: Path) -> None:
    tracing = engine.enable("tracing", path="trace.jsonl", max_entries=2)
    with pytest.raises(ValueError, match="broken"):
        await engine.tool(1)
    await engine.tool()
    lines = [json.loads(line) for line in (tmp_path / "trace.jsonl").read_text("utf-8").splitlines()]
    points = ["BeforeToolExecution", "ToolError", "BeforeToolExecution", "AfterToolExecution"]
    assert [line["point"] for line in lines] == points
    assert lines[1]["error"] == "broken"
    assert lines[0]["correlation_id"] == lines[1]["correlation_id"] != lines[2]["correlation_id"]
    assert tracing.report()["entries"] == lines[2:]


async def test_rate_limit_refuses(engine: Engine) -> None:
    limit = engine.enable("rate_limit", max_calls=2, per_seconds=60, points=["pre_tool"], wait=False)
    await engine.tool()
    await engine.tool()
    with pytest.raises(HookCancelledError, match="more than 2 calls in 60 s"):
        await engine.tool()
    assert (engine.calls, limit.report()) == (2, {"waited": 0, "refused": 1})


async def test_rate_limit_waits(engine: Engine) -> None:
    limit = engine.enable("rate_limit", max_calls=1, per_seconds=0.05, points=["pre_tool"])
    for _ in range(3):
        await engine.tool()
    assert (engine.calls, limit.report()["waited"]) == (3, 2)


async def test_rate_limit_looks_at_names(engine: Engine) -> None:
    engine.enable(
        "rate_limit", max_calls=1, per_seconds=60, points=["pre_tool"], component="other-*", wait=False
    )
    await engine.tool()
    await engine.tool()
    assert engine.calls == 2


async def test_caching(engine: Engine) -> None:
    cache = engine.enable("caching")
    assert [await engine.tool(input=value) for value in (1, 2, 1)] == [
        {"result": 2},
        {"result": 3},
        {"result": 2},
    ]
    assert (engine.calls, cache.report()) == (2, {"entries": 2, "hits": 1, "misses": 2})
    cache.reset()
    await engine.tool(input=1)
    assert engine.calls == 3


async def test_caching_asks_not_who_asks_and_forgets_in_time(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [0.0]
    monkeypatch.setattr("llmspell_engine.hooks.builtin.caching.time.monotonic", lambda: now[0])
    engine.enable("caching", ttl_seconds=10)
    await engine.tool(input=1, agent="ann")
    await engine.tool(input=1, agent="bob")
    assert engine.calls == 1
    now[0] = 11
    await engine.tool(input=1, agent="ann")
    assert engine.calls == 2


async def test_caching_keeps_no_failure_and_drops_what_was_used_longest_ago(engine: Engine) -> None:
    cache = engine.enable("caching", max_entries=2)
    with pytest.raises(ValueError, match="broken"):
        await engine.tool(1, input=1)
    for value in (1, 2, 1, 3, 1):
        await engine.tool(input=value)
    assert (engine.calls, cache.report()["entries"]) == (4, 2)
    await engine.tool(input=2)
    assert engine.calls == 5


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_tool_that_tells_of_a_failure_is_asked_again_and_counted(language: Language) -> None:
    text = {
        "lua": "Tool.register({ name = 'odd', description = 'd', handler = function() return { success = false, error = 'no' } end }) "
        "local c, m = Hook.enable('caching'), Hook.enable('metrics') Tool.execute('odd', {}) Tool.execute('odd', {}) "
        "print(c:report().hits, c:report().entries, m:report().tool.odd.calls, m:report().tool.odd.errors)",
        "javascript": "Tool.register({ name: 'odd', description: 'd', handler: () => ({ success: false, error: 'no' }) }); "
        "const c = Hook.enable('caching'), m = Hook.enable('metrics'); await Tool.execute('odd', {}); await Tool.execute('odd', {}); "
        "console.log([c.report().hits, c.report().entries, m.report().tool.odd.calls, m.report().tool.odd.errors].join('\\t'))",
    }[language]
    ran = run(Script(language, text))
    assert (ran.error, ran.out) == (None, "0\t0\t2\t2\n")


@pytest.mark.parametrize(
    ("options", "failures", "calls", "report"),
    [
        ({}, 2, 3, {"retries": 2, "given_up": 0}),
        ({}, 3, 3, {"retries": 2, "given_up": 1}),
        ({"max_attempts": 2}, 2, 2, {"retries": 1, "given_up": 1}),
        ({"kinds": ["Other"]}, 1, 1, {"retries": 0, "given_up": 0}),
        ({"component": "other"}, 1, 1, {"retries": 0, "given_up": 0}),
    ],
)
async def test_retry(engine: Engine, options: Data, failures: int, calls: int, report: Data) -> None:
    retry = engine.enable("retry", delay_ms=1, **options)
    try:
        await engine.tool(failures)
    except ValueError:
        assert engine.calls <= failures
    assert (engine.calls, retry.report()) == (calls, report)


class FailureError(Exception):
    def __init__(self, kind: str) -> None:
        super().__init__("broken")
        self.kind = kind


@pytest.mark.parametrize(
    ("kind", "kinds", "calls"),
    [
        ("ToolError", [], 3),
        ("ArgumentError", [], 1),
        ("AuthenticationError", [], 1),
        ("BudgetError", [], 1),
        ("HookCancelledError", [], 1),
        ("BudgetError", ["BudgetError"], 1),
        ("TimeoutError", ["RateLimitError", "TimeoutError"], 3),
        ("ToolError", ["RateLimitError"], 1),
    ],
)
async def test_what_another_try_brings_again_is_not_tried_again(
    engine: Engine, kind: str, kinds: list[str], calls: int
) -> None:
    retry = engine.enable("retry", delay_ms=0, kinds=kinds)

    async def work(_: Data) -> Data:
        engine.calls += 1
        raise FailureError(kind)

    with pytest.raises(FailureError):
        await engine.hooks.around(TOOL_EXECUTION, "tool", "adder", {}, work)
    assert (engine.calls, retry.report()) == (calls, {"retries": calls - 1, "given_up": int(calls > 1)})
    retry.reset()
    assert retry.report() == {"retries": 0, "given_up": 0}


@pytest.mark.parametrize(
    ("options", "pauses"),
    [
        ({"max_attempts": 4}, [0.5, 1.0, 2.0]),
        ({"delay_ms": 100, "backoff": 3}, [0.1, 0.3]),
        ({"delay_ms": 100, "backoff": 1}, [0.1, 0.1]),
    ],
)
async def test_retry_waits_longer_each_time(
    engine: Engine, options: Data, pauses: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    monkeypatch.setattr("anyio.sleep", sleep)
    engine.enable("retry", **options)
    assert await engine.tool(len(pauses)) == {"result": 1}
    assert slept == pytest.approx(pauses)


async def test_cost_tracking(engine: Engine) -> None:
    costs = engine.enable("cost_tracking", max_cost=0.5)
    await engine.model(input_tokens=10, output_tokens=2, cost=0.3)
    assert engine.lines == []
    await engine.model(cost=0.15)
    [(level, message, _)] = engine.lines
    assert (level, message) == ("warn", "a limit of cost_tracking is near")
    await engine.model(input_tokens=1, cost=0.15)
    with pytest.raises(HookCancelledError, match=r"max_cost 0.6 of 0.5"):
        await engine.model(cost=0.3)
    used = {"calls": 3, "input_tokens": 11, "output_tokens": 2, "cost": 0.6}
    assert costs.report() == {**used, "models": {"echo": used}}
    costs.reset()
    await engine.model()
    assert costs.report()["calls"] == 1


@pytest.mark.parametrize(("limit", "value"), [("max_calls", 1), ("max_tokens", 12)])
async def test_cost_tracking_limits(engine: Engine, limit: str, value: int) -> None:
    engine.enable("cost_tracking", **{limit: value})
    await engine.model(input_tokens=10, output_tokens=2)
    with pytest.raises(HookCancelledError, match=limit):
        await engine.model()
    assert engine.calls == 1


async def test_an_answer_of_the_cache_costs_nothing(engine: Engine) -> None:
    engine.enable("caching")
    costs = engine.enable("cost_tracking")
    await engine.model(cost=0.1)
    await engine.model(cost=0.1)
    assert (engine.calls, costs.report()["cost"]) == (1, 0.1)


async def test_security_writes_down_what_is_done(engine: Engine, tmp_path: Path) -> None:
    audit = engine.enable("security", path="audit.jsonl")
    await engine.tool(input=1)
    await engine.hooks.reach("SecurityViolation", "tool", "adder", {"error": "outside"})
    lines = [json.loads(line) for line in (tmp_path / "audit.jsonl").read_text("utf-8").splitlines()]
    assert [(line["point"], line["name"], line["data"]) for line in lines] == [
        ("BeforeToolExecution", "adder", {"input": 1}),
        ("SecurityViolation", "adder", {"error": "outside"}),
    ]
    assert audit.report() == {"entries": 2, "violations": 1}


async def test_an_audit_that_can_be_written_no_more_is_told_and_breaks_nothing(engine: Engine) -> None:
    audit = engine.enable("security", path="audit.jsonl")
    audit.close()
    assert await engine.tool(input=1) == {"result": 2}
    [failure] = engine.failures
    assert (failure["hook"], failure["point"]) == ("security", "BeforeToolExecution")
    assert "closed file" in failure["error"]
