"""What the globals ``Hook`` and ``Hooks`` do: functions of the script as handlers, built-ins by name."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from llmspell_engine.api import hook as api
from llmspell_engine.catalog.model import spelled
from llmspell_engine.hooks import HookCancelledError, HookContext
from llmspell_engine.hooks.builtin import BuiltinScope, disable, disable_all, enable
from llmspell_engine.hooks.handlers import PRIORITIES, Breaker, Filter, Handler
from llmspell_engine.hooks.names import point_named
from llmspell_engine.hooks.registry import AT_ONCE
from llmspell_engine.hooks.sampling import watch
from llmspell_engine.tools.base import VERSION, ToolContext

if TYPE_CHECKING:
    from llmspell_engine.globals.services import Run
    from llmspell_engine.hooks.builtin import Builtin
    from llmspell_engine.hooks.builtin.base import Level
    from llmspell_engine.hooks.points import HookPoint


class HookHandle(api.HookHandle):
    """A handler of the run."""

    def __init__(self, run: Run, handler: Handler) -> None:
        self._run = run
        self.handler = handler

    def id(self) -> str:
        return self.handler.id

    def hook_point(self) -> str:
        return self.handler.point

    def unregister(self) -> bool:
        return self._run.hooks.unregister(self.handler)

    def get_stats(self) -> api.HookCounters:
        return _counters(self.handler)


class BuiltinHook(api.BuiltinHook):
    """A built-in that is, or was, enabled."""

    def __init__(self, run: Run, builtin: Builtin) -> None:
        self._run = run
        self._builtin = builtin

    def get_name(self) -> api.BuiltinName:
        return cast("api.BuiltinName", self._builtin.name)

    def report(self) -> Mapping[str, Any]:
        return self._builtin.report()

    def reset(self) -> None:
        self._builtin.reset()

    def disable(self) -> bool:
        is_enabled = self._run.hooks.builtins.get(self._builtin.name) is self._builtin
        return is_enabled and disable(self._run.hooks, self._builtin.name)


class Registering:
    """The members that both globals have."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._calls = ScriptCalls(run)

    def register(
        self,
        hook_point: str,
        handler: Callable[[api.HookContext], api.HookAnswer],
        options: api.Priority | int | api.HookOptions | None = None,
    ) -> HookHandle:
        asked = (
            options if isinstance(options, api.HookOptions) else api.HookOptions(priority=options or "normal")
        )
        made = Handler(
            point=point_named(hook_point),
            function=self._calls.handler(handler),
            name=asked.name or "",
            priority=_number(asked.priority),
            filter=self._filter(asked.filter),
            timeout_seconds=asked.timeout_ms / 1000,
            once=asked.once,
            tags=tuple(asked.tags),
            language=self._run.language,
            description=asked.description,
            threshold=asked.threshold,
            breaker=Breaker(asked.breaker.failures, asked.breaker.pause_ms / 1000),
        )
        self._run.hooks.register(made)
        self._start(made)
        return HookHandle(self._run, made)

    def list(self, filter: str | api.HookSearch | None = None) -> Sequence[api.HookInfo]:  # noqa: A002
        search = api.HookSearch(hook_point=filter) if isinstance(filter, str) else filter or api.HookSearch()
        return [_info(one) for one in self._run.hooks.handlers if _meets(one, search)]

    def unregister(self, handle: api.HookHandle) -> bool:
        return handle.unregister()

    def enable(self, name: api.BuiltinName, options: api.BuiltinOptions | None = None) -> BuiltinHook:
        given = options.model_dump(exclude_unset=True) if options else {}
        if not self._run.hooks.builtins:
            self._run.scheduler.closing.append(partial(disable_all, self._run.hooks))
        return BuiltinHook(self._run, enable(self._run.hooks, name, given, self._scope()))

    def disable(self, name: api.BuiltinName) -> bool:
        return disable(self._run.hooks, name)

    def get_stats(self) -> api.HookStats:
        hooks = self._run.hooks
        details = [_counters(one) for one in hooks.handlers]
        calls = sum(one.calls for one in details)
        seconds = sum(one.stats.seconds for one in hooks.handlers)
        return api.HookStats(
            hooks=len(details),
            calls=calls,
            errors=sum(one.errors for one in details),
            timeouts=sum(one.timeouts for one in details),
            average_ms=_average(seconds, calls),
            points=dict(hooks.reached),
            details=details,
        )

    def _filter(self, given: str | api.HookFilter | Callable[[Any], Any] | None) -> Filter | None:
        if given is None:
            return None
        if isinstance(given, str):
            return Filter(name=given)
        if isinstance(given, api.HookFilter):
            return Filter(given.type, given.name)
        return Filter(condition=self._calls.handler(given))

    def _start(self, handler: Handler) -> None:
        """What has happened already is told at once; what is measured is measured from now on."""
        if handler.point == "SystemStartup":
            self._run.hooks.reach_now("SystemStartup", "system", "engine", {"language": self._run.language})
        elif handler.point == "SystemShutdown":
            _tell_shutdown(self._run)
        elif handler.point in ("SessionStart", "SessionRestore"):
            _tell_begun(self._run, handler.point)
        elif handler.point in ("MemoryUsageHigh", "CpuUsageHigh"):
            watch(self._run.hooks, self._run.services.loop, self._run.scheduler.closing)

    def _scope(self) -> BuiltinScope:
        run = self._run
        services = run.services
        context = ToolContext(
            root=services.root,
            language=run.language,
            permissions=services.permissions,
        )

        def log(level: Level, message: str, fields: Mapping[str, Any]) -> None:
            run.log.put(level, message, fields, "llmspell.hooks")

        return BuiltinScope(log, partial(context.path, writes=True), run.services.log_sink.scrubber.scrub)


class ScriptCalls:
    """Calls functions of the script as handlers, with the context as its language spells it."""

    def __init__(self, run: Run) -> None:
        self._run = run
        names = ("component_id", "correlation_id")
        self._component, self._correlation = (spelled(name, run.language) for name in names)

    def handler(self, function: Callable[..., Any]) -> Callable[[HookContext], Any]:
        """A function of the script as one of the engine's handlers."""

        def call(context: HookContext) -> Any | Awaitable[Any]:
            told = self._told(context)
            if AT_ONCE.get():
                return self._asked_at_once(function, told)
            return self._run.scheduler.call(function, told)

        return call

    def _asked_at_once(self, function: Callable[..., Any], told: dict[str, Any]) -> Any:
        scheduler = self._run.scheduler
        before, scheduler.is_at_once = scheduler.is_at_once, True
        try:
            return function(told)
        finally:
            scheduler.is_at_once = before

    def _told(self, context: HookContext) -> dict[str, Any]:
        return {
            "point": context.point,
            self._component: {"type": context.component, "name": context.name},
            self._correlation: context.correlation_id,
            "language": self._run.language,
            "data": context.data,
            "metadata": context.metadata,
        }


def _tell_begun(run: Run, point: HookPoint) -> None:
    """Tell of the session that the run was started in; nobody could be told before."""
    begun = run.services.session
    if begun is not None and (point == "SessionStart") == begun.is_new:
        session = begun.session
        told = session.told("create" if begun.is_new else "load")
        run.hooks.reach_now(point, "session", session.called, told)


def _tell_shutdown(run: Run) -> None:
    """Reach the point when the script has ended, once, with how it did."""

    def tell(told: dict[str, Any]) -> None:
        # The end is not to be cancelled: who tries has only the last word.
        with suppress(HookCancelledError):
            run.hooks.reach_now("SystemShutdown", "system", "engine", {"language": run.language, **told})

    if not run.scheduler.farewells:
        run.scheduler.farewells.append(tell)


def _number(priority: api.Priority | int) -> int:
    return priority if isinstance(priority, int) else PRIORITIES[priority]


def _meets(handler: Handler, search: api.HookSearch) -> bool:
    return (
        (search.hook_point is None or handler.point == point_named(search.hook_point))
        and (search.language is None or handler.language == search.language)
        and (search.priority is None or handler.priority == _number(search.priority))
        and (search.tag is None or search.tag in handler.tags)
    )


def _info(handler: Handler) -> api.HookInfo:
    return api.HookInfo(
        id=handler.id,
        name=handler.name,
        hook_point=handler.point,
        priority=handler.priority,
        language=handler.language,
        version=VERSION,
        description=handler.description,
        tags=list(handler.tags),
    )


def _counters(handler: Handler) -> api.HookCounters:
    stats = handler.stats
    return api.HookCounters(
        name=handler.name,
        hook_point=handler.point,
        calls=stats.calls,
        errors=stats.errors,
        timeouts=stats.timeouts,
        refused=stats.refused,
        average_ms=_average(stats.seconds, stats.calls),
        breaker=handler.breaker.state,
        last_error=stats.last_error,
    )


def _average(seconds: float, calls: int) -> float:
    return round(seconds * 1000 / calls, 3) if calls else 0.0
