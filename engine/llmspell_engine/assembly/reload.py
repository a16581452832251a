"""Taking over a configuration that changes while a script runs.

Only what a run asks for anew each time is taken over: limits, levels, prompts, how providers are asked. What
a script may touch is taken back at once where the new configuration does not allow it, and never widened.
What else changed holds for the next run, and is said so. A thread of the process starts the watch once the
script has run for a while, so that short ones pay nothing; the watch itself is a task of the engine's loop,
which :meth:`Services.close` ends.
"""

from __future__ import annotations

import threading
from contextlib import aclosing, suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from llmspell_engine.assembly.launch import AssemblyError
from llmspell_engine.assembly.permissions import narrow
from llmspell_engine.assembly.sections import log_settings, prompts_of
from llmspell_engine.observability import RunLog

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Mapping, Sequence

    from llmspell_engine.assembly.assemble import Assembly
    from llmspell_engine.assembly.permissions import Narrowed
    from llmspell_engine.config.resolution import ResolvedConfig
    from llmspell_engine.config.watch import Change

DELAY_SECONDS = 1.0
"""How long a script runs before anybody looks for changes."""
LOGGER = "llmspell.config"


class Reloading:
    """Watches the configuration of an assembly from :meth:`start` to :meth:`stop`.

    ``write`` gets the lines that tell of changes; it is called on the loop's thread.
    """

    def __init__(
        self, assembly: Assembly, write: Callable[[str], None], interval: float = DELAY_SECONDS
    ) -> None:
        self._assembly = assembly
        self._log = RunLog(assembly.services.log_sink, write)
        self._interval = interval
        self._changes: AsyncGenerator[Change, None]
        self._timer = threading.Timer(interval, self._watch)
        self._timer.daemon = True

    def start(self) -> None:
        """Watch from a while on, if there is a configuration."""
        resolved = self._assembly.configured()
        if resolved.files:
            from llmspell_engine.config.watch import stamps, watch

            # What changes before anybody looks is a change too: it is from now on that counts.
            self._changes = watch(resolved, self._interval, stamps(resolved))
            self._timer.start()

    def stop(self) -> None:
        """Begin no watch any more. One that is under way ends with the services."""
        self._timer.cancel()

    def _watch(self) -> None:
        self._assembly.services.loop.start(self._follow, lambda _: None)

    async def _follow(self) -> None:
        async with aclosing(self._changes) as changes:
            async for change in changes:
                told = self._tell(change)
                if told is not None:
                    await self._reach(told)

    async def _reach(self, told: Mapping[str, Sequence[str]]) -> None:
        """Let the hooks of the runs know. A handler cannot take a change back."""
        from llmspell_engine.hooks import HookCancelledError

        for hooks in [one for one in self._assembly.services.handlers if one.listens("ConfigurationChange")]:
            with suppress(HookCancelledError):
                await hooks.reach("ConfigurationChange", "system", "configuration", dict(told))

    def _tell(self, change: Change) -> Mapping[str, Sequence[str]] | None:
        """Take a change over and say so; what hooks are told of it, None where it cannot be used."""
        if change.config is None:
            self._log.put("warn", f"the configuration cannot be used: {change.error}", None, LOGGER)
            return None
        try:
            narrowed = take_over(self._assembly, change.config)
        except (AssemblyError, OSError) as problem:
            self._log.put("warn", f"the configuration cannot be used: {problem}", None, LOGGER)
            return None
        later = change.changes.restart
        if narrowed.taken_back and not narrowed.leaves_rest:
            later = tuple(keys for keys in later if keys[0] != "security")
        told = {"changed": _dotted(change.changes.safe), "next_run": _dotted(later)}
        if told["changed"]:
            self._log.put("info", "taken over", {"keys": told["changed"]}, LOGGER)
        if narrowed.taken_back:
            told["taken_back"] = list(narrowed.taken_back)
            self._log.put("warn", "not allowed any more", {"permissions": told["taken_back"]}, LOGGER)
        if later:
            self._log.put("info", "holds for the next run", {"keys": told["next_run"]}, LOGGER)
        return told


def take_over(assembly: Assembly, resolved: ResolvedConfig) -> Narrowed:
    """Let what may change hold for a run that is under way. Raises AssemblyError, and changes nothing."""
    from llmspell_engine.assembly.budget import budget_of

    services, launch, config = assembly.services, assembly.launch, resolved.config
    prompts = prompts_of(config)
    log = log_settings(launch, config)
    narrowed = narrow(assembly.permissions, launch, resolved)
    current = services.log_sink.settings
    services.log_sink.apply(replace(current, level=log.level, levels=log.levels), resolved.secrets)
    services.prompts.replace(prompts)
    services.budget.change(budget_of(launch, config))
    services.providers.limit(config.providers)
    assembly.configured.resolved = resolved
    return narrowed


def _dotted(keys: Sequence[tuple[str, ...]]) -> list[str]:
    return [".".join(each) for each in keys]
