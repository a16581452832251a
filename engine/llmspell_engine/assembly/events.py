"""Linking the events of an engine to those of others, where that is configured."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmspell_engine.assembly.launch import AssemblyError

if TYPE_CHECKING:
    from llmspell_engine.config.model import Config
    from llmspell_engine.globals.services import Services


def link_events(services: Services, config: Config | None) -> None:
    """Share the events over the configured server. Raises AssemblyError where it cannot be reached."""
    settings = config.events if config else None
    if settings is None or settings.redis is None:
        return
    from llmspell_engine.events.link import Link
    from llmspell_engine.events.redis import RedisStream
    from llmspell_engine.events.transport import TransportError

    transport = RedisStream(settings.redis.get_secret_value(), settings.stream)
    try:
        Link(services.events, transport, services.loop).open()
    except TransportError as problem:
        services.close()
        raise AssemblyError(str(problem)) from None
