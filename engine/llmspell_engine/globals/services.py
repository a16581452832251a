"""What the globals of one run stand on: state, events, models, tools, logging."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

from llmspell_engine.agents.contexts import Contexts
from llmspell_engine.events import EventBus
from llmspell_engine.globals.configured_agents import RunAgents
from llmspell_engine.globals.run_tools import RunTools, SharedTools
from llmspell_engine.hooks import HookRegistry
from llmspell_engine.observability import (
    LEVELS,
    NO_TRACER,
    Level,
    LogSettings,
    LogSink,
    RunLog,
    Tracer,
    level_from_environment,
)
from llmspell_engine.prompts import NO_PROMPTS, PromptLibrary
from llmspell_engine.providers import Providers, standard_providers
from llmspell_engine.providers.metering import Budget, Meter, Used
from llmspell_engine.scheduling import EngineLoop
from llmspell_engine.security.permissions import Permissions
from llmspell_engine.state import MemoryStore, StateStore

if TYPE_CHECKING:
    from llmspell_engine.config.resolution import ResolvedConfig
    from llmspell_engine.language import Language
    from llmspell_engine.scheduling import Scheduler
    from llmspell_engine.tools.python_modules import OwnTools

__all__ = ["LEVELS", "Level", "Run", "Services", "level_from_environment"]


def _nothing() -> None:
    """Where nothing is configured."""


@dataclass(frozen=True, slots=True)
class Services:
    """What an engine offers to the scripts that it runs. Shared between runs, if its parts are."""

    state: StateStore = field(default_factory=MemoryStore)
    project: Path = field(default_factory=Path.cwd)
    """The folder that state belongs to where nothing says where it is kept: that of the configuration, or of
    the script."""
    events: EventBus = field(default_factory=EventBus)
    providers: Providers = field(default_factory=standard_providers)
    budget: Budget = field(default_factory=Budget)
    """What each run may use of models."""
    usage: dict[str, Used] = field(default_factory=dict)
    """What the runs have used of models so far, by provider and model."""
    loop: EngineLoop = field(default_factory=EngineLoop)
    tracer: Tracer = NO_TRACER
    log_level: Level | None = None
    """The least level that is logged, instead of that of ``log``."""
    log: LogSettings = field(default_factory=LogSettings)
    """What the runs log."""
    secrets: Sequence[str] = ()
    """What is masked wherever something is written, beside the secrets of the environment."""
    log_sink: LogSink = field(init=False)
    """Where they log; settings can be applied to it while they run."""
    prompts: PromptLibrary = NO_PROMPTS
    """The prompts that every script finds."""
    root: Path = field(default_factory=Path.cwd)
    """The folder in which tools may read and write files."""
    disabled_tools: frozenset[str] = frozenset()
    """The tools that neither scripts nor agents find."""
    own_tools: Callable[[], OwnTools | None] = _nothing
    """The tools that users have written in Python."""
    tool_seconds: float | None = None
    """How long a call of a tool may take that is not done at once."""
    tool_settings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """What is configured for each tool, by its own name."""
    shared_tools: SharedTools = field(default_factory=SharedTools)
    """The tools that scripts share with each other while they run."""
    permissions: Permissions = None  # type: ignore[assignment]
    """What tools may touch and scripts may use; where not given, what the default profile allows."""
    handlers: WeakSet[HookRegistry] = field(default_factory=WeakSet)
    """The hooks of the runs that are under way."""
    configuration: Callable[[], ResolvedConfig | None] = _nothing
    """What is configured now; it may change while a script runs."""

    def __post_init__(self) -> None:
        """Open the log. Raises OSError where its file cannot be written."""
        if self.permissions is None:
            object.__setattr__(self, "permissions", Permissions(root=self.root))
        settings = replace(self.log, level=self.log_level) if self.log_level else self.log
        object.__setattr__(self, "log", settings)
        object.__setattr__(self, "log_level", settings.level)
        object.__setattr__(self, "log_sink", LogSink(settings, self.secrets))

    def state_backups(self) -> Path | None:
        """The folder of the state's backups; None where there can be none."""
        from llmspell_engine.state.location import backups_of

        return backups_of(self.state, self.project)

    def close(self) -> None:
        """End what is under way and write what is left. Nothing may be used after it."""
        if self.providers.is_open:
            self.loop.run(self.providers.close)
        self.loop.close()
        self.tracer.close()
        self.state.close()
        self.log_sink.close()


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a script, as its globals see it."""

    services: Services
    language: Language
    write_error: Callable[[str], None]
    """Writes to the run's standard error."""
    scheduler: Scheduler
    """What the run has going on the engine's loop; calls functions of the script from there."""
    hooks: HookRegistry = field(init=False)
    """Who steps in where."""
    agents: RunAgents = field(init=False)
    """The handles of the run's agents, by name."""
    tools: RunTools = field(init=False)
    """The tools that the script makes."""
    contexts: Contexts = field(init=False)
    """What agents are told, by the ids of contexts."""
    prompts: PromptLibrary = field(init=False)
    """The run's prompts, before those of the configuration."""
    meter: Meter = field(init=False)
    """Counts what the run uses of models."""
    log: RunLog = field(init=False)
    """What the run logs."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "agents", RunAgents(self))
        object.__setattr__(self, "prompts", PromptLibrary(behind=self.services.prompts))
        services = self.services
        meter = Meter(services.budget, services.tracer, by_model_of_all=services.usage)
        object.__setattr__(self, "meter", meter)
        log = RunLog(self.services.log_sink, self.write_error, self.scheduler.tell)
        object.__setattr__(self, "log", log)
        tools = RunTools(services.shared_tools, self._is_own_tool, self.scheduler.closing)
        object.__setattr__(self, "tools", tools)
        object.__setattr__(self, "contexts", Contexts(self.services.state))
        object.__setattr__(self, "hooks", HookRegistry(self._warn))
        services.handlers.add(self.hooks)

    def _is_own_tool(self, name: str) -> bool:
        own = self.services.own_tools()
        return own is not None and own.get(name) is not None

    def _warn(self, message: str, fields: Mapping[str, Any]) -> None:
        """Log a warning, from any thread: what is written to the streams is written by the script's."""
        self.log.put("warn", message, fields, "llmspell.hooks")
