"""The handlers of a run, and the calling of them.

Handlers of a point are called in the order of their priorities, then of their registration. One that fails or
takes too long never breaks the work: it is reported, and its breaker leaves it alone when that happens again
and again. A handler is not called for what it does itself, so none calls itself without end.

On the loop handlers may wait. What scripts do without waiting, such as reading state, asks them on the
script's thread with :meth:`HookRegistry.around_now` and :meth:`HookRegistry.reach_now`.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Coroutine
from contextvars import ContextVar, Token
from typing import TYPE_CHECKING, Any, TypeVar

from llmspell_engine.hooks.base import Component, Data, HookCancelledError, HookContext, Hooks
from llmspell_engine.hooks.decisions import CONTINUE, Decision, decide
from llmspell_engine.hooks.fields import fitted
from llmspell_engine.hooks.passing import Pass, Work
from llmspell_engine.hooks.points import HookPoint, Stage
from llmspell_engine.scheduling.cause import CAUSE, Cause, new_cause

if TYPE_CHECKING:
    from llmspell_engine.hooks.builtin.base import Builtin
    from llmspell_engine.hooks.handlers import Handler

T = TypeVar("T")
REDIRECT = "redirect_to"
"""The field of the data that names what does the work instead."""
_WATCHED: tuple[HookPoint, ...] = (
    "SecurityViolation",
    "ResourceLimitExceeded",
    "PerformanceThresholdExceeded",
)
"""Points that any piece of work may reach."""
_ERROR_POINTS = frozenset(("AgentError", "ModelError", "ToolError", "WorkflowError"))
AT_ONCE: ContextVar[bool] = ContextVar("at_once", default=False)
"""Whether the handlers are called on the script's thread, where nothing can wait."""
_WAITS = ("it waits", "is a promise: await it first")
"""How errors of handlers end that wait where nothing can, in the words of the runtimes."""


class HookRegistry(Hooks):
    """The handlers of one run."""

    def __init__(
        self,
        report: Callable[[str, dict[str, Any]], None] = lambda _message, _fields: None,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._report = report
        self._pause = pause
        self._by_point: dict[HookPoint, tuple[Handler, ...]] = {}
        self._changing = threading.Lock()
        self._watches = False
        self.builtins: dict[str, Builtin] = {}
        """The handlers of the engine that are enabled, by name."""
        self.is_sampled = False
        """Whether memory and processor time are looked at."""
        self.reached: Counter[HookPoint] = Counter()
        """How often points were reached at which somebody listens."""
        self.on_change: list[Callable[[], None]] = []
        """Told when handlers come and go."""

    # Registering. Any thread: what is being called is never changed, but replaced.

    def register(self, handler: Handler) -> Handler:
        """Call a handler from now on."""
        with self._changing:
            handler.is_gone = False
            handlers = [*self._by_point.get(handler.point, ()), handler]
            self._by_point[handler.point] = tuple(sorted(handlers, key=lambda one: one.priority))
        self._changed()
        return handler

    def unregister(self, handler: Handler) -> bool:
        """Call a handler no more; whether it was there."""
        with self._changing:
            handler.is_gone = True
            handlers = self._by_point.get(handler.point, ())
            left = tuple(one for one in handlers if one is not handler)
            if left:
                self._by_point[handler.point] = left
            else:
                self._by_point.pop(handler.point, None)
        self._changed()
        return len(left) < len(handlers)

    @property
    def handlers(self) -> tuple[Handler, ...]:
        """All handlers, point by point, in the order in which they are called."""
        return tuple(one for handlers in list(self._by_point.values()) for one in handlers)

    def _changed(self) -> None:
        self._watches = any(point in self._by_point for point in _WATCHED)
        for tell in self.on_change:
            tell()

    # Reaching points

    def listens(self, point: HookPoint) -> bool:
        """See the base class. Who watches limits and violations listens wherever work may fail."""
        return point in self._by_point or (self._watches and point in _ERROR_POINTS)

    def listens_around(self, stage: Stage) -> bool:
        """Whether anybody may step in at a stage."""
        points = self._by_point
        return bool(points) and (
            stage.before in points or stage.after in points or stage.error in points or self._watches
        )

    async def around(self, stage: Stage, component: Component, name: str, data: Data, work: Work) -> Data:
        """See the base class."""
        if not self.listens_around(stage):
            return await work(data)
        cause, token = _begun()
        try:
            return await Pass(self, stage, component, name, cause).do(data, work)
        finally:
            _ended(token)

    async def reach(self, point: HookPoint, component: Component, name: str, data: Data) -> Data:
        """See the base class."""
        if point not in self._by_point:
            return data
        cause, token = _begun()
        try:
            context = HookContext(point, component, name, dict(data), cause.correlation_id)
            await self.run(context)
        finally:
            _ended(token)
        return context.data

    def around_now(
        self, stage: Stage, component: Component, name: str, data: Data, work: Callable[[Data], Data]
    ) -> Data:
        """As :meth:`around`, for work that does not wait. On the script's thread."""
        if not self.listens_around(stage):
            return work(data)

        async def do(given: Data) -> Data:
            return work(given)

        return _at_once(self.around(stage, component, name, data, do))

    def reach_now(self, point: HookPoint, component: Component, name: str, data: Data) -> Data:
        """As :meth:`reach`, on the script's thread."""
        return _at_once(self.reach(point, component, name, data)) if point in self._by_point else data

    async def run(self, context: HookContext) -> Decision:
        """Call the handlers of the context's point; what they changed is in its data afterwards.

        The result is what is to happen beside that: a replacement, another try, or nothing. Raises
        HookCancelledError.
        """
        self.reached[context.point] += 1
        outcome = CONTINUE
        for handler in self._by_point.get(context.point, ()):
            decision = await self._asked(handler, context)
            if decision is CONTINUE:
                continue
            match decision.kind:
                case "modified":
                    context.data = {**context.data, **decision.data}
                case "redirect":
                    context.data = {**context.data, REDIRECT: decision.target}
                case "replace":
                    context.data, outcome = dict(decision.data), decision
                    if not context.point.startswith("After"):
                        return outcome
                case "retry":
                    return decision
                case "skipped":
                    return outcome
                case "cancel":
                    raise HookCancelledError(_cancelled(context, handler, decision.reason))
        return outcome

    async def pause(self, seconds: float) -> None:
        """Wait before another try. The script's thread stands still for it, until the run is to end."""
        if AT_ONCE.get():
            self._pause(seconds)
            return
        import anyio

        await anyio.sleep(seconds)

    # Calling one handler

    async def _asked(self, handler: Handler, context: HookContext) -> Decision:
        cause = CAUSE.get()
        assert cause is not None, "a point is reached within a cause"
        if handler.is_gone or handler.id in cause.handlers:
            return CONTINUE
        if handler.threshold is not None and not _is_over_threshold(handler.threshold, context):
            return CONTINUE
        if handler.filter is not None and not handler.filter.wants(context):
            return CONTINUE
        is_try = handler.breaker.opened_at is not None
        if is_try and not handler.breaker.admits():
            handler.stats.refused += 1
            return CONTINUE
        token = CAUSE.set(cause.of_handler(handler.id))
        try:
            return await self._called(handler, context)
        finally:
            CAUSE.reset(token)
            if is_try:
                handler.breaker.tried()

    async def _called(self, handler: Handler, context: HookContext) -> Decision:
        stats, begin = handler.stats, time.perf_counter()
        try:
            condition = handler.filter.condition if handler.filter else None
            if condition is not None and not await _limited(condition(context), handler.timeout_seconds):
                return CONTINUE
            if handler.once and not self.unregister(handler):
                return CONTINUE
            stats.calls += 1
            found = handler.function(context)
            given = None if found is None else await _limited(found, handler.timeout_seconds)
            decision = CONTINUE if given is None else fitted(context.point, decide(given))
        except TimeoutError:
            stats.timeouts += 1
            self._failed(handler, f"it took longer than {handler.timeout_seconds:g} s")
            return CONTINUE
        except Exception as error:  # noqa: BLE001 - a handler never breaks the work
            stats.errors += 1
            problem = str(error) or type(error).__name__
            cannot = "; a handler of this point cannot wait" if problem.endswith(_WAITS) else ""
            self._failed(handler, problem + cannot)
            return CONTINUE
        finally:
            stats.seconds += time.perf_counter() - begin
        if handler.breaker.in_a_row:
            handler.breaker.succeeded()
        return decision

    def _failed(self, handler: Handler, problem: str) -> None:
        handler.stats.last_error = problem
        fields: dict[str, Any] = {"hook": handler.name, "point": handler.point, "error": problem}
        if handler.breaker.failed():
            fields["paused_seconds"] = handler.breaker.pause_seconds
        self._report("a hook handler failed; the work goes on without it", fields)


def _cancelled(context: HookContext, handler: Handler, reason: str) -> str:
    why = f": {reason}" if reason else ""
    what = f"the {context.component} '{context.name}'"
    return f"{what} was cancelled by the hook '{handler.name}' at {context.point}{why}"


def _is_over_threshold(threshold: float, context: HookContext) -> bool:
    return bool(context.data.get("value", threshold) >= threshold)


def _begun() -> tuple[Cause, Token[Cause | None] | None]:
    """What the work follows from, and how to undo that; without anything, it is a beginning."""
    found = CAUSE.get()
    if found is not None:
        return found, None
    made = new_cause()
    return made, CAUSE.set(made)


def _ended(token: Token[Cause | None] | None) -> None:
    if token is not None:
        CAUSE.reset(token)


async def _limited(found: Any, seconds: float | None) -> Any:
    """What a handler gave, waited for if need be. Raises TimeoutError."""
    if not hasattr(type(found), "__await__"):
        return found
    if AT_ONCE.get():
        if isinstance(found, Coroutine):
            found.close()
        raise RuntimeError(_WAITS[0])
    import asyncio

    async with asyncio.timeout(seconds):
        return await found


def _at_once(work: Coroutine[Any, Any, T]) -> T:
    """The value of a coroutine in which nothing waits."""
    token = AT_ONCE.set(True)
    try:
        work.send(None)
    except StopIteration as done:
        value: T = done.value
        return value
    finally:
        AT_ONCE.reset(token)
        work.close()
    raise RuntimeError("work that is to be done at once waits")
