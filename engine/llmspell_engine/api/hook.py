"""Hooks: functions of a script that step in where something happens."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field
from typing_extensions import TypeAliasType

from llmspell_engine.api.declare import Global, Handle, Options, Result, example
from llmspell_engine.hooks.names import POINT_NAMES
from llmspell_engine.language import Language


def _known(name: str) -> str:
    if name in POINT_NAMES:
        return name
    near = get_close_matches(name, POINT_NAMES, n=1, cutoff=0.6)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    raise ValueError(f"the name of a hook point, such as 'BeforeToolExecution' or 'pre_tool'{hint}")


HookPointName = TypeAliasType(
    "HookPointName",
    Annotated[
        str,
        AfterValidator(_known),
        Field(
            description="A hook point: its name, the same in snake_case, or a short one such as `pre_tool`.",
            json_schema_extra={"enum": list(POINT_NAMES)},
        ),
    ],
)
Priority = Literal["highest", "high", "normal", "low", "lowest"]
ComponentKind = Literal["agent", "model", "tool", "workflow", "step", "state", "event", "system", "session"]
BuiltinName = Literal[
    "caching",
    "cost_tracking",
    "debugging",
    "logging",
    "metrics",
    "rate_limit",
    "retry",
    "security",
    "tracing",
]


class ComponentId(Result):
    """What has reached a hook point."""

    type: ComponentKind = Field(description="Its kind.")
    name: str = Field(description="Its name.")


class HookContext(Result):
    """What a hook is given."""

    point: str = Field(description="The point that was reached.")
    component_id: ComponentId = Field(description="What has reached it.")
    correlation_id: str = Field(description="Shared by all that one piece of work leads to.")
    language: Language = Field(description="The language of the script.")
    data: Mapping[str, Any] = Field(description="What is worked on, or what came of it; a copy.")
    metadata: Mapping[str, Any] = Field(
        description="What else is known: `attempt`; after the work `input` and `duration_ms`."
    )


class HookDecision(Result):
    """What a hook wants, as a table."""

    type: Literal["modified", "cancel", "redirect", "replace", "retry", "skipped"] = Field(
        description="What is to happen."
    )
    data: Mapping[str, Any] | None = Field(
        None, description="The fields to change (`modified`), or the result to take (`replace`)."
    )
    reason: str | None = Field(None, description="Why (`cancel`, `skipped`).")
    target: str | None = Field(None, description="The tool or event that takes its place (`redirect`).")
    delay_ms: float | None = Field(None, description="How long to wait before (`retry`).")
    max_attempts: int | None = Field(
        None, description="How often it is done at most, the first time included (`retry`)."
    )


HookAnswer = HookDecision | str | bool | None
HookFunction = Callable[[HookContext], HookAnswer]


class HookFilter(Options):
    """For which components a hook is called; all conditions must hold."""

    type: ComponentKind | None = Field(None, description="Their kind.")
    name: Annotated[str, Field(min_length=1)] | None = Field(
        None, description="A pattern of their names, such as `file-*`."
    )


class BreakerOptions(Options):
    """When a hook that keeps failing is left alone."""

    failures: Annotated[int, Field(ge=1)] = Field(5, description="After how many failures in a row.")
    pause_ms: Annotated[int, Field(ge=0)] = Field(
        30_000, description="For how long; then it gets one try, in milliseconds."
    )


class HookOptions(Options):
    """How a hook is called."""

    priority: Priority | int = Field(
        "normal", description="When among the hooks of its point: the lower number first; `high` is -100."
    )
    filter: str | HookFilter | Callable[[HookContext], bool] | None = Field(
        None, description="For what: a pattern of names, a table, or a function that tells."
    )
    timeout_ms: Annotated[int, Field(ge=1)] = Field(
        5000, description="How long it may take; the work then goes on without it."
    )
    name: Annotated[str, Field(min_length=1, max_length=128)] | None = Field(
        None, description="What it is called in lists and messages."
    )
    description: str = Field("", description="What it is for.")
    tags: list[str] = Field([], description="Words to find it by.")
    once: bool = Field(False, description="Whether it is called the first time only.")
    threshold: float | None = Field(
        None,
        description="At points of measured values, from which on: milliseconds for"
        " `PerformanceThresholdExceeded`, MiB for `MemoryUsageHigh`, percent for `CpuUsageHigh`.",
    )
    breaker: BreakerOptions = Field(
        BreakerOptions.model_construct(), description="When it is left alone for a while."
    )


class HookSearch(Options):
    """Which hooks are wanted; all conditions must hold."""

    hook_point: HookPointName | None = Field(None, description="Those at this point.")
    language: Literal["lua", "javascript", "engine"] | None = Field(
        None, description="Those of scripts in this language, or of the engine."
    )
    priority: Priority | int | None = Field(None, description="Those of this priority.")
    tag: str | None = Field(None, description="Those with this tag.")


class BuiltinOptions(Options):
    """Settings of the engine's own hooks. Each takes some of them; `security` needs `path`."""

    points: list[HookPointName] = Field(
        [], description="Where it steps in; all but `caching`, `cost_tracking`."
    )
    component: str = Field(
        "", description="A pattern of names: `rate_limit`, `caching`, `retry`, `cost_tracking`."
    )
    level: Literal["trace", "debug", "info", "warn", "error"] = Field(
        "info", description="The level of its lines: `logging`, `debugging`."
    )
    include_data: bool = Field(
        False, description="Whether data are told: `logging`, `debugging`, `security`."
    )
    path: Annotated[str, Field(min_length=1)] = Field(
        "", description="The file that JSON lines are added to: `security`, `tracing`."
    )
    max_entries: Annotated[int, Field(ge=1)] = Field(
        1000, description="How much is kept: `caching`, `tracing`."
    )
    max_calls: Annotated[int, Field(ge=1)] = Field(
        1, description="How many calls may be made: `rate_limit` in its time, `cost_tracking` in all."
    )
    per_seconds: Annotated[float, Field(gt=0)] = Field(1, description="The time of `rate_limit`.")
    wait: bool = Field(True, description="Whether `rate_limit` waits; else it cancels.")
    ttl_seconds: Annotated[float, Field(gt=0)] = Field(300, description="How long `caching` keeps a result.")
    components: list[Literal["agent", "model", "tool"]] = Field(
        [], description="Whose results `caching` keeps; models' and tools', if none are named."
    )
    max_attempts: Annotated[int, Field(ge=1)] = Field(3, description="How often `retry` has it done at most.")
    delay_ms: Annotated[float, Field(ge=0)] = Field(500, description="The first pause of `retry`.")
    backoff: Annotated[float, Field(ge=1)] = Field(2, description="How much longer its next pause is.")
    kinds: list[str] = Field([], description="The kinds of errors that `retry` tries again; all without any.")
    max_cost: Annotated[float, Field(ge=0)] = Field(
        0, description="The dollars that `cost_tracking` lets spend."
    )
    max_tokens: Annotated[int, Field(ge=1)] = Field(
        1, description="The tokens that `cost_tracking` lets use."
    )
    warn_at: Annotated[float, Field(gt=0, le=1)] = Field(
        0.8, description="At which part of a limit `cost_tracking` warns."
    )


class HookInfo(Result):
    """A hook in a list."""

    id: str = Field(description="Its id.")
    name: str = Field(description="Its name.")
    hook_point: str = Field(description="Its point.")
    priority: int = Field(description="The number of its priority.")
    language: str = Field(description="The language of its script; `engine` for the engine's own.")
    version: str = Field(description="The version of the API that calls it.")
    description: str = Field(description="What it is for.")
    tags: list[str] = Field(description="Words to find it by.")


class HookCounters(Result):
    """How a hook has fared."""

    name: str = Field(description="Its name.")
    hook_point: str = Field(description="Its point.")
    calls: int = Field(description="How often it was called.")
    errors: int = Field(description="How often it failed.")
    timeouts: int = Field(description="How often it took too long.")
    refused: int = Field(description="How often its breaker left it alone.")
    average_ms: float = Field(description="How long a call took on average.")
    breaker: Literal["closed", "open", "half_open"] = Field(description="Open while it is left alone.")
    last_error: str = Field(description="What went wrong the last time; empty if nothing did.")


class HookStats(Result):
    """Counters of all hooks."""

    hooks: int = Field(description="How many are registered.")
    calls: int = Field(description="How often hooks were called.")
    errors: int = Field(description="How often one failed.")
    timeouts: int = Field(description="How often one took too long.")
    average_ms: float = Field(description="How long a call took on average.")
    points: Mapping[str, int] = Field(description="How often points with hooks were reached.")
    details: list[HookCounters] = Field(description="The same for each hook.")


class HookHandle(Handle):
    """A hook that was registered. It stays registered when the handle is forgotten."""

    @abstractmethod
    def id(self) -> str:
        """Its id."""

    @abstractmethod
    def hook_point(self) -> str:
        """The point it is called at."""

    @abstractmethod
    def unregister(self) -> bool:
        """Have it called no more; tells whether it was registered."""

    @abstractmethod
    def get_stats(self) -> HookCounters:
        """How it has fared."""


class BuiltinHook(Handle):
    """One of the engine's own hooks, enabled."""

    @abstractmethod
    def get_name(self) -> BuiltinName:
        """Its name."""

    @abstractmethod
    @example(
        lua='local costs = Hook.enable("cost_tracking")\nprint(costs:report().cost)',
        javascript='const costs = Hook.enable("cost_tracking");\nconsole.log(costs.report().cost);',
    )
    def report(self) -> Mapping[str, Any]:
        """What it has counted or kept."""

    @abstractmethod
    def reset(self) -> None:
        """Let it begin to count anew; a cache forgets everything."""

    @abstractmethod
    def disable(self) -> bool:
        """Have it called no more; tells whether it was enabled."""


class _Registers(ABC):
    """What `Hook` and `Hooks` have in common."""

    @abstractmethod
    @example(
        lua='Hook.register("BeforeToolExecution", function(context)\n'
        '  if context.component_id.name == "file-operations" then return "no files, please" end\n'
        "end)",
        javascript='Hook.register("BeforeToolExecution", (context) => {\n'
        '  if (context.componentId.name === "file-operations") return "no files, please";\n'
        "});",
    )
    def register(
        self,
        hook_point: HookPointName,
        handler: HookFunction,
        options: Priority | int | HookOptions | None = None,
    ) -> HookHandle:
        """Have a function called whenever a point is reached.

        It gives nothing to go on, a string to cancel with as the reason, `"skip"` to leave out the hooks that
        follow, or a table with a `type`.

        Args:
            hook_point: where, such as `BeforeToolExecution`, `before_tool_execution` or `pre_tool`.
            handler: what to call.
            options: its priority, or a table with more.
        """

    @abstractmethod
    def list(self, filter: HookPointName | HookSearch | None = None) -> Sequence[HookInfo]:  # noqa: A002
        """The registered hooks, point by point, in the order in which they are called.

        Args:
            filter: a point, or conditions.
        """

    @abstractmethod
    def unregister(self, handle: HookHandle) -> bool:
        """Have a hook called no more; tells whether it was registered.

        Args:
            handle: what `register` gave.
        """

    @abstractmethod
    @example(
        lua='Hook.enable("rate_limit", { max_calls = 5, per_seconds = 1 })',
        javascript='Hook.enable("rate_limit", { maxCalls: 5, perSeconds: 1 });',
    )
    def enable(self, name: BuiltinName, options: BuiltinOptions | None = None) -> BuiltinHook:
        """Enable one of the engine's own hooks, anew if it is enabled already.

        Args:
            name: which.
            options: its settings.
        """

    @abstractmethod
    def disable(self, name: BuiltinName) -> bool:
        """Disable one of the engine's own hooks; tells whether it was enabled.

        Args:
            name: which.
        """

    @abstractmethod
    def get_stats(self) -> HookStats:
        """How often hooks were called, failed, and how long they took."""


class Hook(_Registers, Global):
    """Steps in where agents, models, tools, workflows, state and events do something."""

    name = "Hook"

    @abstractmethod
    def points(self) -> Sequence[str]:
        """The names of all points."""


class Hooks(_Registers, Global):
    """The same as `Hook`, with a collector of metrics."""

    name = "Hooks"

    @abstractmethod
    @example(
        lua="local metrics = Hooks.create_metrics_collector()\n"
        'Tool.execute("calculator", { input = "1 + 2" })\n'
        "print(metrics:report().tool.calculator.calls)",
        javascript="const metrics = Hooks.createMetricsCollector();\n"
        'await Tool.execute("calculator", { input: "1 + 2" });\n'
        "console.log(metrics.report().tool.calculator.calls);",
    )
    def create_metrics_collector(self, options: BuiltinOptions | None = None) -> BuiltinHook:
        """Count calls, errors and durations; the same as enabling `metrics`.

        Args:
            options: the points to count at.
        """
