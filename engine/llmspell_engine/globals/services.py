"""What the globals of one run stand on: state, events, models, tools, logging."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

from llmspell_engine.events import EventBus
from llmspell_engine.hooks import HookRegistry
from llmspell_engine.observability import NO_TRACER, Tracer
from llmspell_engine.providers import Providers, standard_providers
from llmspell_engine.providers.metering import Budget, Meter
from llmspell_engine.scheduling import EngineLoop
from llmspell_engine.state import MemoryStore, StateStore

if TYPE_CHECKING:
    from llmspell_engine.language import Language
    from llmspell_engine.scheduling import Scheduler

Level = Literal["trace", "debug", "info", "warn", "error"]
LEVELS: tuple[Level, ...] = get_args(Level)
LEVEL_VARIABLE = "LLMSPELL_LOG"


def level_from_environment() -> Level:
    """The log level that the environment asks for; ``warn`` where it asks for none that exists."""
    asked = os.environ.get(LEVEL_VARIABLE, "").lower()
    return next((level for level in LEVELS if level == asked), "warn")


@dataclass(frozen=True, slots=True)
class Services:
    """What an engine offers to the scripts that it runs. Shared between runs, if its parts are."""

    state: StateStore = field(default_factory=MemoryStore)
    events: EventBus = field(default_factory=EventBus)
    providers: Providers = field(default_factory=standard_providers)
    budget: Budget = field(default_factory=Budget)
    """What each run may use of models."""
    loop: EngineLoop = field(default_factory=EngineLoop)
    tracer: Tracer = NO_TRACER
    log_level: Level = field(default_factory=level_from_environment)
    root: Path = field(default_factory=Path.cwd)
    """The folder in which tools may read and write files."""

    def close(self) -> None:
        """End what is under way and write what is left. Nothing may be used after it."""
        if self.providers.is_open:
            self.loop.run(self.providers.close)
        self.loop.close()
        self.tracer.close()
        self.state.close()


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
    agents: dict[str, Any] = field(default_factory=dict)
    """The handles of the run's agents, by name."""
    meter: Meter = field(init=False)
    """Counts what the run uses of models."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "meter", Meter(self.services.budget, self.services.tracer))
        object.__setattr__(self, "hooks", HookRegistry(self._warn))

    def _warn(self, message: str, fields: Mapping[str, Any]) -> None:
        """Log a warning, from any thread: what is written to the streams is written by the script's."""
        from llmspell_engine.globals.logger import Log

        log = Log(self.write_error, self.services.log_level, "llmspell")
        self.scheduler.tell(lambda: log.put("warn", message, fields))
