"""What the globals of one run stand on: state, events, models, tools, logging.

A part is made when it is first asked for, and its room imported then: a script that asks no model pays
nothing for models.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

from llmspell_engine.lazy import lazy
from llmspell_engine.observability import LEVELS, NO_TRACER, Level, Tracer, level_from_environment

if TYPE_CHECKING:
    from typing import TypedDict, Unpack

    from llmspell_engine.agents.contexts import Contexts
    from llmspell_engine.config.resolution import ResolvedConfig
    from llmspell_engine.events import EventBus
    from llmspell_engine.globals.configured_agents import RunAgents
    from llmspell_engine.globals.run_tools import RunTools, SharedTools
    from llmspell_engine.hooks import HookRegistry
    from llmspell_engine.language import Language
    from llmspell_engine.observability import LogSettings, LogSink, RunLog
    from llmspell_engine.prompts import PromptLibrary
    from llmspell_engine.providers import Providers
    from llmspell_engine.providers.metering import Budget, Meter, Used
    from llmspell_engine.scheduling import EngineLoop, Scheduler
    from llmspell_engine.security.permissions import Permissions
    from llmspell_engine.sessions.model import Begun, SessionLimits
    from llmspell_engine.sessions.recording import Recorder
    from llmspell_engine.state import StateStore
    from llmspell_engine.tools.python_modules import OwnTools

    class Given(TypedDict, total=False):
        """The parts of an engine that are not as by default."""

        state: StateStore
        open_state: Callable[[], StateStore]
        project: Path
        events: EventBus
        providers: Providers
        budget: Budget
        usage: dict[str, Used]
        loop: EngineLoop
        tracer: Tracer
        log_level: Level | None
        log: LogSettings
        secrets: Sequence[str]
        prompts: PromptLibrary
        root: Path
        disabled_tools: frozenset[str]
        own_tools: Callable[[], OwnTools | None]
        tool_seconds: float | None
        tool_settings: Mapping[str, Mapping[str, Any]]
        shared_tools: SharedTools
        permissions: Permissions
        configuration: Callable[[], ResolvedConfig | None]
        session: Begun | None
        session_limits: SessionLimits


__all__ = ["LEVELS", "Level", "Run", "Services", "level_from_environment"]


def _nothing() -> None:
    """Where nothing is configured."""


def _in_memory() -> StateStore:
    from llmspell_engine.state import MemoryStore

    return MemoryStore()


class Services:
    """What an engine offers to the scripts that it runs. Shared between runs, if its parts are.

    What is given at the beginning takes the place of what would be made.

    Attributes:
        open_state: makes ``state``.
        tracer: where spans go.
        log_level: the least level that is logged, instead of that of ``log``.
        secrets: what is masked wherever something is written, beside the secrets of the environment.
        disabled_tools: the tools that neither scripts nor agents find.
        own_tools: the tools that users have written in Python.
        tool_seconds: how long a call of a tool may take that is not done at once.
        configuration: what is configured now; it may change while a script runs.
        session: the session that the runs are started in.
    """

    open_state: Callable[[], StateStore] = staticmethod(_in_memory)
    tracer: Tracer = NO_TRACER
    log_level: Level | None = None
    secrets: Sequence[str] = ()
    disabled_tools: frozenset[str] = frozenset()
    own_tools: Callable[[], OwnTools | None] = staticmethod(_nothing)
    tool_seconds: float | None = None
    configuration: Callable[[], ResolvedConfig | None] = staticmethod(_nothing)
    session: Begun | None = None

    def __init__(self, **given: Unpack[Given]) -> None:
        """Open the log. Raises OSError where its file cannot be written."""
        if unknown := given.keys() - vars(Services).keys():
            raise TypeError(f"an engine has no {', '.join(sorted(unknown))}")
        vars(self).update(given)
        _ = self.log_sink

    @lazy
    def state(self) -> StateStore:
        """Where values are kept."""
        return self.open_state()

    @lazy
    def session_limits(self) -> SessionLimits:
        """How much sessions may keep."""
        from llmspell_engine.sessions.model import SessionLimits

        return SessionLimits()

    @lazy
    def recorder(self) -> Recorder:
        """Keeps the events of sessions that record theirs, from now on."""
        from llmspell_engine.sessions.recording import Recorder

        made = Recorder(self.state, self.session_limits)
        self.events.published_here.append(made)
        return made

    @lazy
    def project(self) -> Path:
        """The folder that state belongs to where nothing says where it is kept: that of the configuration, or
        of the script.
        """
        return Path.cwd()

    @lazy
    def events(self) -> EventBus:
        """The events of all runs."""
        from llmspell_engine.events import EventBus

        return EventBus()

    @lazy
    def providers(self) -> Providers:
        """Who answers prompts."""
        from llmspell_engine.providers import standard_providers

        return standard_providers()

    @lazy
    def budget(self) -> Budget:
        """What each run may use of models."""
        from llmspell_engine.providers.metering import Budget

        return Budget()

    @lazy
    def usage(self) -> dict[str, Used]:
        """What the runs have used of models so far, by provider and model."""
        return {}

    @lazy
    def loop(self) -> EngineLoop:
        """Where all that waits is done."""
        from llmspell_engine.scheduling import EngineLoop

        return EngineLoop()

    @lazy
    def log(self) -> LogSettings:
        """What the runs log."""
        from llmspell_engine.observability import LogSettings

        return LogSettings()

    @lazy
    def log_sink(self) -> LogSink:
        """Where they log; settings can be applied to it while they run."""
        from llmspell_engine.observability import LogSink

        return LogSink(replace(self.log, level=self.log_level) if self.log_level else self.log, self.secrets)

    @lazy
    def prompts(self) -> PromptLibrary:
        """The prompts that every script finds."""
        from llmspell_engine.prompts import PromptLibrary

        return PromptLibrary()

    @lazy
    def root(self) -> Path:
        """The folder in which tools may read and write files."""
        return Path.cwd()

    @lazy
    def tool_settings(self) -> Mapping[str, Mapping[str, Any]]:
        """What is configured for each tool, by its own name."""
        return {}

    @lazy
    def shared_tools(self) -> SharedTools:
        """The tools that scripts share with each other while they run."""
        from llmspell_engine.globals.run_tools import SharedTools

        return SharedTools()

    @lazy
    def permissions(self) -> Permissions:
        """What tools may touch and scripts may use: by default, what the default profile allows."""
        from llmspell_engine.security.permissions import Permissions

        return Permissions(root=self.root)

    @lazy
    def handlers(self) -> WeakSet[HookRegistry]:
        """The hooks of the runs that are under way."""
        return WeakSet()

    def state_backups(self) -> Path | None:
        """The folder of the state's backups; None where there can be none."""
        from llmspell_engine.state.location import backups_of

        return backups_of(self.state, self.project)

    def close(self) -> None:
        """End what is under way and write what is left. Nothing may be used after it."""
        made = vars(self)
        if "providers" in made and self.providers.is_open:
            self.loop.run(self.providers.close)
        if "loop" in made:
            self.loop.close()
        self.tracer.close()
        if "state" in made:
            self.state.close()
        self.log_sink.close()


class Run:
    """One run of a script, as its globals see it.

    Attributes:
        write_error: writes to the run's standard error.
        scheduler: what the run has going on the engine's loop; calls functions of the script from there.
    """

    def __init__(
        self,
        services: Services,
        language: Language,
        write_error: Callable[[str], None],
        scheduler: Scheduler,
    ) -> None:
        self.services = services
        self.language = language
        self.write_error = write_error
        self.scheduler = scheduler

    @lazy
    def hooks(self) -> HookRegistry:
        """Who steps in where."""
        from llmspell_engine.hooks import HookRegistry

        hooks = HookRegistry(self._warn, self.scheduler.pause)
        self.services.handlers.add(hooks)
        return hooks

    @lazy
    def agents(self) -> RunAgents:
        """The handles of the run's agents, by name."""
        from llmspell_engine.globals.configured_agents import RunAgents

        return RunAgents(self)

    @lazy
    def tools(self) -> RunTools:
        """The tools that the script makes."""
        from llmspell_engine.globals.run_tools import RunTools

        return RunTools(self.services.shared_tools, self._is_own_tool, self.scheduler.closing)

    @lazy
    def contexts(self) -> Contexts:
        """What agents are told, by the ids of contexts."""
        from llmspell_engine.agents.contexts import Contexts

        return Contexts(self.services.state)

    @lazy
    def prompts(self) -> PromptLibrary:
        """The run's prompts, before those of the configuration."""
        from llmspell_engine.prompts import PromptLibrary

        return PromptLibrary(behind=self.services.prompts)

    @lazy
    def meter(self) -> Meter:
        """Counts what the run uses of models."""
        from llmspell_engine.providers.metering import Meter

        services = self.services
        return Meter(services.budget, services.tracer, by_model_of_all=services.usage)

    @lazy
    def log(self) -> RunLog:
        """What the run logs. First asked for on the script's thread."""
        from llmspell_engine.observability import RunLog

        return RunLog(self.services.log_sink, self.write_error, self.scheduler.tell)

    def _is_own_tool(self, name: str) -> bool:
        own = self.services.own_tools()
        return own is not None and own.get(name) is not None

    def _warn(self, message: str, fields: Mapping[str, Any]) -> None:
        """Log a warning, from any thread: what is written to the streams is written by the script's."""
        self.log.put("warn", message, fields, "llmspell.hooks")
