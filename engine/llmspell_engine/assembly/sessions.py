"""The session that a run is started in, and how much sessions may keep."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmspell_engine.assembly.launch import AssemblyError
from llmspell_engine.sessions.model import Begun, SessionError, SessionLimits

if TYPE_CHECKING:
    from llmspell_engine.config.model import Config
    from llmspell_engine.globals.services import Services


def limits_of(config: Config) -> SessionLimits:
    """How much sessions may keep."""
    return SessionLimits(**config.sessions.model_dump())


def begin_session(services: Services, given: str) -> None:
    """Go on with the session of an id or a name, or begin it. Raises AssemblyError where it is over."""
    from llmspell_engine.sessions.sessions import Sessions
    from llmspell_engine.state import StateError

    try:
        session, is_new = Sessions(services.state, services.session_limits).begin(given)
    except (SessionError, StateError) as error:
        services.close()
        raise AssemblyError(str(error)) from None
    services.session = Begun(session, is_new)
