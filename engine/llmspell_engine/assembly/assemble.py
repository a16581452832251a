"""Putting together what a script stands on. What nothing asks for is not imported."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from llmspell_engine.assembly.events import link_events
from llmspell_engine.assembly.launch import AssemblyError, Launch
from llmspell_engine.assembly.permissions import for_language, permissions_of
from llmspell_engine.assembly.sections import (
    disabled_tools,
    log_settings,
    own_tools,
    prompts_of,
    tool_settings,
)
from llmspell_engine.assembly.state import deferred_store, project_of, store_of
from llmspell_engine.assembly.tracers import tracer_of
from llmspell_engine.config.error import ConfigError
from llmspell_engine.config.resolution import ResolvedConfig, resolve
from llmspell_engine.globals.services import Services
from llmspell_engine.runtime.base import RunContext, Streams

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from llmspell_engine.config.model import Config
    from llmspell_engine.globals.services import Given
    from llmspell_engine.language import Language
    from llmspell_engine.providers import Providers
    from llmspell_engine.providers.cassette import Cassette
    from llmspell_engine.runtime.base import Observer
    from llmspell_engine.security.permissions import Permissions


@dataclass(slots=True, eq=False, repr=False)
class Configured:
    """The configuration as it is now; taking over a new one changes it."""

    resolved: ResolvedConfig

    def __call__(self) -> ResolvedConfig:
        """What is configured now."""
        return self.resolved


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Assembly:
    """What a launch came to."""

    launch: Launch
    configured: Configured
    services: Services
    cassette: Cassette | None
    permissions: Permissions
    """What the script may touch and use, but for the memory that is configured for its language."""

    @property
    def config(self) -> Config | None:
        """What is configured now; None where nothing is."""
        return self.configured().beyond_options

    def context(
        self,
        language: Language,
        streams: Streams,
        arguments: Sequence[str] = (),
        observer: Observer | None = None,
    ) -> RunContext:
        """What the script is given besides its text."""
        config = self.config
        permissions = for_language(self.permissions, config, language)
        if config is None:
            return RunContext(
                streams, tuple(arguments), self.launch.parameters, observer, permissions=permissions
            )
        parameters = {**config.run.params, **self.launch.parameters}
        engine = getattr(config.engine, language)
        return RunContext(streams, tuple(arguments), parameters, observer, engine.path, permissions)


def assemble(launch: Launch) -> Assembly:
    """Put a run together. Raises AssemblyError for whatever keeps the script from being started."""
    resolved = _resolved(launch)
    config = resolved.beyond_options
    secrets = _secrets(resolved)
    cassette = _cassette(launch, config, secrets)
    configured = Configured(resolved)
    project = project_of(launch)
    root = config.tools.root if config and config.tools.root else Path.cwd()
    permissions = permissions_of(launch, resolved, root, secrets() if config else ())
    given: Given = {
        "project": project,
        "tracer": tracer_of(launch, config, secrets),
        "log": log_settings(launch, config),
        "secrets": resolved.secrets,
        "root": root,
        "permissions": permissions,
        "own_tools": own_tools(config),
        "configuration": configured,
    }
    given.update(_state(launch, config, project))
    given.update(_models(launch, config, cassette))
    if config is not None:
        given.update(_configured(config))
    try:
        services = Services(**given)
    except OSError as error:
        raise AssemblyError(f"the log file cannot be written: {error}") from None
    link_events(services, config)
    if launch.session is not None:
        from llmspell_engine.assembly.sessions import begin_session

        begin_session(services, launch.session)
    return Assembly(launch, configured, services, cassette, permissions)


def _state(launch: Launch, config: Config | None, project: Path) -> Given:
    store = store_of(launch, config)
    return {"state": store} if store else {"open_state": lambda: deferred_store(project)}


def _models(launch: Launch, config: Config | None, cassette: Cassette | None) -> Given:
    """Who answers prompts, and how many; what nobody has said anything of is made when it is asked for."""
    found: Given = {}
    if config or launch.scripted or cassette:
        found["providers"] = _providers(launch, config, cassette)
    if config or (launch.max_calls, launch.max_tokens, launch.max_cost) != (None, None, None):
        from llmspell_engine.assembly.budget import budget_of

        found["budget"] = budget_of(launch, config)
    return found


def _configured(config: Config) -> Given:
    """What the configuration alone says."""
    from llmspell_engine.assembly.sessions import limits_of
    from llmspell_engine.events import EventBus
    from llmspell_engine.prompts import PromptLibrary

    return {
        "events": EventBus(config.events.buffer_size),
        "prompts": PromptLibrary(prompts_of(config)),
        "disabled_tools": disabled_tools(config),
        "tool_seconds": config.tools.timeout_seconds,
        "tool_settings": tool_settings(config),
        "session_limits": limits_of(config),
    }


def _resolved(launch: Launch) -> ResolvedConfig:
    overrides = {
        "run.max_calls": launch.max_calls,
        "run.max_tokens": launch.max_tokens,
        "run.max_cost": launch.max_cost,
        "state.file": launch.state.absolute() if launch.state else None,
        "log.level": launch.log_level,
        "log.otel.enabled": launch.otel or None,
    }
    try:
        return resolve(launch.folder, file=launch.config, overrides=overrides)
    except ConfigError as error:
        raise AssemblyError(str(error)) from None


def _secrets(resolved: ResolvedConfig) -> Callable[[], Sequence[str]]:
    """What finds the secrets that are known, for what is recorded: most runs record nothing."""

    def find() -> Sequence[str]:
        from llmspell_engine.observability.secrets import secrets_of_environment

        return (*secrets_of_environment(), *resolved.secrets)

    return find


def _cassette(launch: Launch, config: Config | None, secrets: Callable[[], Sequence[str]]) -> Cassette | None:
    path = launch.cassette or (config.run.cassette if config else None)
    if path is None:
        if launch.cassette_mode != "replay":
            raise AssemblyError("recording needs a file; name it with --cassette FILE")
        return None
    from llmspell_engine.providers.cassette import CassetteError, open_cassette

    try:
        return open_cassette(path, launch.cassette_mode, secrets())
    except CassetteError as error:
        raise AssemblyError(str(error)) from None


def _providers(launch: Launch, config: Config | None, cassette: Cassette | None) -> Providers:
    from llmspell_engine.providers import standard_providers

    if launch.scripted is not None and not launch.scripted.exists():
        raise AssemblyError(f"there is no file '{launch.scripted}' with answers of scripted models")
    providers = standard_providers(launch.scripted, config.providers if config else None)
    if cassette is None:
        return providers
    from llmspell_engine.providers.cassette import CassetteProviders

    return CassetteProviders(providers, cassette)
