"""The registry: order, decisions, limits, breakers, and what becomes of the work."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import anyio
import pytest
from llmspell_engine.hooks import Filter, Handler, HookCancelledError, HookContext, HookRegistry
from llmspell_engine.hooks.decisions import Decision, cancel, modify, replace
from llmspell_engine.hooks.handlers import Breaker
from llmspell_engine.hooks.points import MODEL_CALL, STATE_WRITE, TOOL_EXECUTION, HookPoint

Data = dict[str, Any]


class Work:
    """Work that fails so many times, and keeps what it was given; it takes some seconds if told so."""

    def __init__(self, failures: int = 0, *, seconds: float = 0) -> None:
        self.failures = failures
        self.seconds = seconds
        self.given: list[Data] = []

    async def __call__(self, data: Data) -> Data:
        self.given.append(data)
        if len(self.given) <= self.failures:
            raise ValueError(f"failure {len(self.given)}")
        if self.seconds:
            await anyio.sleep(self.seconds)
        return {"result": data.get("input")}


def registry(**handlers: Any) -> HookRegistry:
    """With a handler at each point."""
    made = HookRegistry()
    for point, function in handlers.items():
        made.register(Handler(point, function))  # type: ignore[arg-type]
    return made


async def do(hooks: HookRegistry, work: Work, **data: Any) -> Data:
    return await hooks.around(TOOL_EXECUTION, "tool", "calculator", data, work)


async def test_nobody_listens() -> None:
    work = Work()
    assert await do(HookRegistry(), work, input=1) == {"result": 1}
    assert work.given == [{"input": 1}]


async def test_handlers_are_called_in_the_order_of_priority_then_of_registration() -> None:
    hooks, called = HookRegistry(), list[str]()
    for name, priority in (("late", 100), ("first", -100), ("a", 0), ("b", 0)):
        hooks.register(
            Handler("BeforeToolExecution", lambda _, name=name: called.append(name), name, priority)
        )
    await do(hooks, Work())
    assert called == ["first", "a", "b", "late"]


@pytest.mark.parametrize(
    ("before", "after", "given", "result"),
    [
        (modify(input=2), None, [{"input": 2, "unit": "m"}], {"result": 2}),
        (replace({"result": 9}), None, [], {"result": 9}),
        (None, modify(more=1), [{"input": 1, "unit": "m"}], {"result": 1, "more": 1}),
        (None, replace({"other": 1}), [{"input": 1, "unit": "m"}], {"other": 1}),
        (replace({"result": 9}), modify(more=1), [], {"result": 9, "more": 1}),
        (
            Decision("redirect", target="t"),
            None,
            [{"input": 1, "unit": "m", "redirect_to": "t"}],
            {"result": 1},
        ),
    ],
)
async def test_decisions(
    before: Decision | None, after: Decision | None, given: list[Data], result: Data
) -> None:
    work = Work()
    hooks = registry(BeforeToolExecution=lambda _: before, AfterToolExecution=lambda _: after)
    assert await do(hooks, work, input=1, unit="m") == result
    assert work.given == given


async def test_a_cancelled_piece_of_work_is_not_done() -> None:
    work = Work()
    hooks = registry(BeforeToolExecution=lambda _: "too dear")
    with pytest.raises(
        HookCancelledError, match=r"the tool 'calculator' was cancelled by the hook 'hook-.*' at"
    ):
        await do(hooks, work)
    assert not work.given


async def test_skip_leaves_out_the_handlers_that_follow() -> None:
    hooks, called = HookRegistry(), list[str]()
    hooks.register(Handler("BeforeToolExecution", lambda _: "skip"))
    hooks.register(Handler("BeforeToolExecution", lambda _: called.append("second")))
    assert await do(hooks, Work(), input=1) == {"result": 1}
    assert not called


async def test_nothing_is_redirected_where_nothing_can_be() -> None:
    told: list[str] = []
    hooks = HookRegistry(lambda message, _: told.append(message))
    hooks.register(Handler("BeforeModelCall", lambda _: {"type": "redirect", "target": "t"}))
    work = Work()
    await hooks.around(MODEL_CALL, "model", "echo", {"input": 1}, work)
    assert (work.given, told) == ([{"input": 1}], ["a hook handler failed; the work goes on without it"])
    [handler] = hooks.handlers
    assert handler.stats.last_error.startswith("nothing can be redirected at BeforeModelCall, only at")


@pytest.mark.parametrize(
    ("failures", "attempts", "outcome"), [(2, 3, {"result": 1}), (2, 2, "failure 2"), (1, 1, "failure 1")]
)
async def test_an_error_point_may_ask_for_another_try(failures: int, attempts: int, outcome: Any) -> None:
    seen: list[tuple[int, str]] = []

    def again(context: HookContext) -> Decision:
        seen.append((context.metadata["attempt"], context.data["error"]))
        return Decision("retry", delay_ms=1, max_attempts=attempts)

    work = Work(failures)
    try:
        result: Any = await do(registry(ToolError=again), work, input=1)
    except ValueError as error:
        result = str(error)
    assert result == outcome
    assert seen == [(number, f"failure {number}") for number in range(1, min(failures, attempts) + 1)]


async def test_an_error_point_may_give_the_result() -> None:
    hooks = registry(ToolError=lambda context: replace({"result": context.data["kind"]}))
    assert await do(hooks, Work(1)) == {"result": "ValueError"}


async def test_a_cancelled_error_is_raised_in_its_place() -> None:
    with pytest.raises(HookCancelledError, match="hopeless"):
        await do(registry(ToolError=lambda _: "hopeless"), Work(1))


async def test_an_after_point_may_ask_for_another_try() -> None:
    def again(context: HookContext) -> Decision | None:
        return Decision("retry", max_attempts=2) if context.metadata["attempt"] == 1 else None

    work = Work()
    await do(registry(AfterToolExecution=again), work, input=1)
    assert len(work.given) == 2


async def test_what_came_out_is_told_with_what_was_given_and_how_long_it_took() -> None:
    seen: list[HookContext] = []
    begin = time.perf_counter()
    await do(registry(AfterToolExecution=seen.append), Work(seconds=0.02), input=1)
    whole = time.perf_counter() - begin
    [context] = seen
    assert (context.data, context.metadata["input"]) == ({"result": 1}, {"input": 1})
    assert 19 <= context.metadata["duration_ms"] <= whole * 1000


async def test_one_piece_of_work_has_one_correlation() -> None:
    seen: list[str] = []

    def keep(context: HookContext) -> None:
        seen.append(context.correlation_id)

    hooks = registry(BeforeModelCall=keep, AfterToolExecution=keep)

    async def ask(data: Data) -> Data:
        return await hooks.around(MODEL_CALL, "model", "echo", data, Work())

    await hooks.around(TOOL_EXECUTION, "tool", "a", {}, ask)
    await hooks.around(TOOL_EXECUTION, "tool", "a", {}, ask)
    assert (seen[0], seen[2]) == (seen[1], seen[3])
    assert seen[0] != seen[2]


@pytest.mark.parametrize(
    ("wanted", "is_called"),
    [
        (Filter(), True),
        (Filter("tool"), True),
        (Filter("agent"), False),
        (Filter(name="calc*"), True),
        (Filter(name="file-*"), False),
        (Filter("tool", "calculator"), True),
        (Filter(condition=lambda context: context.data["input"] == 1), True),
        (Filter(condition=lambda context: context.data["input"] == 2), False),
    ],
)
async def test_filters(wanted: Filter, is_called: bool) -> None:
    called: list[HookContext] = []
    hooks = HookRegistry()
    hooks.register(Handler("BeforeToolExecution", called.append, filter=wanted))
    await do(hooks, Work(), input=1)
    assert bool(called) == is_called


async def test_once() -> None:
    called: list[HookContext] = []
    hooks = HookRegistry()
    hooks.register(Handler("BeforeToolExecution", called.append, once=True))
    await asyncio.gather(do(hooks, Work()), do(hooks, Work()))
    assert (len(called), hooks.handlers) == (1, ())


def _fail(_: HookContext) -> None:
    raise ValueError("broken")


async def _be_slow(_: HookContext) -> None:
    await asyncio.sleep(60)


@pytest.mark.parametrize(
    ("function", "error"),
    [
        (_fail, "broken"),
        (_be_slow, "it took longer than 0.02 s"),
        (lambda _: 7, "a handler gives nothing, a string or a table, not int"),
    ],
)
async def test_a_handler_that_fails_is_told_and_breaks_nothing(
    function: Callable[[HookContext], Any], error: str
) -> None:
    told: list[dict[str, Any]] = []
    hooks = HookRegistry(lambda _message, fields: told.append(fields))
    hooks.register(Handler("BeforeToolExecution", function, "bad", timeout_seconds=0.02))
    assert await do(hooks, Work(), input=1) == {"result": 1}
    assert told == [{"hook": "bad", "point": "BeforeToolExecution", "error": error}]


async def test_the_breaker_opens_lets_one_try_and_closes(monkeypatch: pytest.MonkeyPatch) -> None:
    now, fails = [0.0], [True]
    monkeypatch.setattr("llmspell_engine.hooks.handlers.time.monotonic", lambda: now[0])

    def sometimes(_: HookContext) -> None:
        if fails[0]:
            raise ValueError("broken")

    hooks, told = HookRegistry(), list[dict[str, Any]]()
    hooks = HookRegistry(lambda _message, fields: told.append(fields))
    handler = hooks.register(Handler("BeforeToolExecution", sometimes, breaker=Breaker(2, 10)))
    states = []
    for moment, breaks in ((0, True), (1, True), (2, True), (12, True), (13, True), (30, False), (31, True)):
        now[0], fails[0] = float(moment), breaks
        await do(hooks, Work())
        states.append(handler.breaker.state)
    assert states == ["closed", "open", "open", "open", "open", "closed", "closed"]
    assert (handler.stats.calls, handler.stats.errors, handler.stats.refused) == (5, 4, 2)
    assert [one.get("paused_seconds") for one in told] == [None, 10, 10, None]


async def test_a_handler_is_not_called_for_what_it_does_itself() -> None:
    hooks, called = HookRegistry(), list[int]()

    async def use_a_tool(context: HookContext) -> None:
        called.append(context.data["input"])
        await do(hooks, Work(), input=context.data["input"] + 1)

    hooks.register(Handler("BeforeToolExecution", use_a_tool))
    await do(hooks, Work(), input=1)
    assert called == [1]


async def test_handlers_of_concurrent_work_are_called_for_each() -> None:
    called: list[int] = []

    async def wait(context: HookContext) -> None:
        await asyncio.sleep(0.01)
        called.append(context.data["input"])

    hooks = registry(BeforeToolExecution=wait)
    await asyncio.gather(*(do(hooks, Work(), input=number) for number in range(5)))
    assert sorted(called) == [0, 1, 2, 3, 4]


class RefusedError(Exception):
    """An error as tools and budgets raise them."""

    def __init__(self, code: str = "", kind: str = "") -> None:
        super().__init__("refused")
        self.code, self.kind = code, kind


@pytest.mark.parametrize(
    ("error", "point"),
    [
        (RefusedError(code="forbidden"), "SecurityViolation"),
        (RefusedError(kind="BudgetError"), "ResourceLimitExceeded"),
        (RefusedError(code="failed"), None),
    ],
)
async def test_limits_and_violations_are_told_once_however_far_they_travel(
    error: RefusedError, point: HookPoint | None
) -> None:
    seen: list[tuple[str, str]] = []

    def keep(context: HookContext) -> None:
        seen.append((context.point, context.data["error"]))

    hooks = registry(SecurityViolation=keep, ResourceLimitExceeded=keep)
    assert hooks.listens("ToolError")

    async def fail(_: Data) -> Data:
        raise error

    async def call(data: Data) -> Data:
        return await hooks.around(MODEL_CALL, "model", "echo", data, fail)

    with pytest.raises(RefusedError):
        await hooks.around(TOOL_EXECUTION, "tool", "a", {}, call)
    assert seen == ([(point, "refused")] if point else [])


async def test_work_that_takes_too_long_is_told() -> None:
    seen: list[Data] = []

    async def slow(data: Data) -> Data:
        await asyncio.sleep(0.02)
        return data

    hooks = HookRegistry()
    point: HookPoint = "PerformanceThresholdExceeded"
    hooks.register(Handler(point, lambda context: seen.append(context.data), threshold=10))
    hooks.register(Handler(point, lambda _: seen.append({}), threshold=10_000))
    await hooks.around(TOOL_EXECUTION, "tool", "a", {}, slow)
    [told] = seen
    assert told["value"] >= 10
    assert (told["unit"], told["stage"]) == ("ms", "BeforeToolExecution")


@pytest.mark.parametrize("fails", [True, False])
async def test_of_many_at_once_one_is_the_try(fails: bool) -> None:
    calls: list[str] = []

    async def handle(_: HookContext) -> None:
        calls.append(handler.breaker.state)
        await asyncio.sleep(0)
        if fails or len(calls) == 1:
            raise ValueError

    hooks = HookRegistry()
    handler = hooks.register(Handler("BeforeToolExecution", handle, breaker=Breaker(1, 0)))
    await do(hooks, Work(), input=1)
    await asyncio.gather(*(do(hooks, Work(), input=1) for _ in range(10)))
    assert (calls, handler.stats.refused) == (["closed", "half_open"], 9)
    assert (handler.breaker.opened_at is None) is not fails
    await do(hooks, Work(), input=1)
    assert len(calls) == 3


async def test_a_try_that_is_cancelled_is_no_longer_under_way() -> None:
    calls: list[int] = []
    begun = asyncio.Event()

    async def handle(_: HookContext) -> None:
        calls.append(1)
        if len(calls) == 1:
            raise ValueError
        begun.set()
        await asyncio.sleep(60)

    hooks = HookRegistry()
    hooks.register(Handler("BeforeToolExecution", handle, breaker=Breaker(1, 0)))
    await do(hooks, Work(), input=1)
    for number in (2, 3):
        begun.clear()
        task = asyncio.ensure_future(do(hooks, Work(), input=1))
        await asyncio.wait_for(begun.wait(), 10)
        assert len(calls) == number
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


async def test_a_handler_that_another_one_unregisters_is_not_called_any_more() -> None:
    hooks, called = HookRegistry(), list[str]()
    hooks.register(Handler("BeforeToolExecution", lambda _: hooks.unregister(second) and None))
    second = hooks.register(Handler("BeforeToolExecution", lambda _: called.append("second")))
    await do(hooks, Work(), input=1)
    assert not called
    hooks.register(second)
    hooks.register(Handler("BeforeModelCall", lambda _: None))
    assert not second.is_gone


def test_on_the_scripts_thread_nothing_waits() -> None:
    told: list[str] = []
    hooks = HookRegistry(lambda _message, fields: told.append(fields["error"]))
    hooks.register(Handler("BeforeStateWrite", _be_slow))
    hooks.register(Handler("BeforeStateWrite", lambda _: modify(value=2)))
    found = hooks.around_now(STATE_WRITE, "state", "global:a", {"value": 1}, lambda data: data)
    assert found == {"value": 2}
    assert told == ["it waits; a handler of this point cannot wait"]


def test_on_the_scripts_thread_work_may_be_cancelled_and_fail() -> None:
    hooks = registry(BeforeStateWrite=lambda _: cancel("read only"))
    with pytest.raises(HookCancelledError, match="read only"):
        hooks.around_now(STATE_WRITE, "state", "global:a", {}, lambda data: data)

    def fail(_: Data) -> Data:
        raise ValueError("disk")

    with pytest.raises(ValueError, match="disk"):
        registry(AfterStateWrite=lambda _: None).around_now(STATE_WRITE, "state", "global:a", {}, fail)


async def test_reaching_a_point_gives_what_handlers_leave() -> None:
    hooks = registry(ToolValidation=lambda context: modify(size=context.data["size"] * 2))
    assert await hooks.reach("ToolValidation", "tool", "a", {"size": 2}) == {"size": 4}
    assert await hooks.reach("ConfigurationChange", "system", "a", {"size": 2}) == {"size": 2}


def test_handlers_come_and_go_from_many_threads() -> None:
    hooks, told = HookRegistry(), list[bool]()
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    shared = [hooks.register(Handler("BeforeToolExecution", lambda _: None, once=True)) for _ in range(400)]

    def change() -> None:
        for _ in range(100):
            own = hooks.register(Handler("BeforeToolExecution", lambda _: None))
            assert hooks.unregister(own)
        hooks.register(Handler("BeforeToolExecution", lambda _: None, "kept"))
        told.extend(hooks.unregister(one) for one in shared)

    try:
        with ThreadPoolExecutor(4) as threads:
            for done in [threads.submit(change) for _ in range(4)]:
                done.result(60)
    finally:
        sys.setswitchinterval(before)
    assert [one.name for one in hooks.handlers] == ["kept"] * 4
    assert told.count(True) == len(shared), "each is taken away once, by one of them"
