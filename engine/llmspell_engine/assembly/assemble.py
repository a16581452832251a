"""Putting together what a script stands on. What no configuration asks for is not imported."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from llmspell_engine.assembly.launch import AssemblyError, Launch
from llmspell_engine.assembly.tracers import tracer_of
from llmspell_engine.globals.services import Services, level_from_environment
from llmspell_engine.observability.secrets import secrets_of_environment
from llmspell_engine.providers import Providers, standard_providers
from llmspell_engine.providers.metering import Budget
from llmspell_engine.runtime.base import RunContext, Streams
from llmspell_engine.state import StateError, StateStore, open_store

if TYPE_CHECKING:
    from collections.abc import Sequence

    from llmspell_engine.config.model import Config
    from llmspell_engine.language import Language
    from llmspell_engine.providers.cassette import Cassette
    from llmspell_engine.runtime.base import Observer


@dataclass(frozen=True, slots=True)
class Assembly:
    """What a launch came to."""

    launch: Launch
    services: Services
    config: Config | None
    """None where nothing is configured."""
    cassette: Cassette | None

    def context(
        self,
        language: Language,
        streams: Streams,
        arguments: Sequence[str] = (),
        observer: Observer | None = None,
    ) -> RunContext:
        """What the script is given besides its text."""
        return RunContext(streams, tuple(arguments), self.launch.parameters, observer)


def assemble(launch: Launch) -> Assembly:
    """Put a run together. Raises AssemblyError for whatever keeps the script from being started."""
    config = _config(launch)
    secrets = secrets_of_environment()
    cassette = _cassette(launch, secrets)
    services = Services(
        state=_store(launch),
        providers=_providers(launch, config, cassette),
        tracer=tracer_of(launch, secrets),
        budget=_budget(launch, config),
        log_level=launch.log_level or level_from_environment(),
    )
    return Assembly(launch, services, config, cassette)


def _config(launch: Launch) -> Config | None:
    from llmspell_engine.config import ConfigError, find, load

    path = launch.config or find(launch.folder)
    try:
        return load(path) if path else None
    except ConfigError as error:
        raise AssemblyError(str(error)) from None


def _cassette(launch: Launch, secrets: Sequence[str]) -> Cassette | None:
    if launch.cassette is None:
        return None
    from llmspell_engine.providers.cassette import CassetteError, open_cassette

    try:
        return open_cassette(launch.cassette, launch.cassette_mode, secrets)
    except CassetteError as error:
        raise AssemblyError(str(error)) from None


def _store(launch: Launch) -> StateStore:
    try:
        return open_store(launch.state)
    except StateError as error:
        raise AssemblyError(str(error)) from None


def _providers(launch: Launch, config: Config | None, cassette: Cassette | None) -> Providers:
    providers = standard_providers(launch.scripted, config.providers if config else None)
    if cassette is None:
        return providers
    from llmspell_engine.providers.cassette import CassetteProviders

    return CassetteProviders(providers, cassette)


def _budget(launch: Launch, config: Config | None) -> Budget:
    """The limits of the launch, else of the configuration."""

    def limit(name: str) -> Any:
        given = getattr(launch, name)
        return given if given is not None or config is None else getattr(config.run, name)

    return Budget(limit("max_calls"), limit("max_tokens"), limit("max_cost"))
