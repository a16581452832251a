"""The sessions that are kept for the current folder, for who completes their names."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from llmspell_engine.assembly import AssemblyError, Launch, assemble
from llmspell_engine.sessions.model import SessionError
from llmspell_engine.sessions.sessions import Sessions
from llmspell_engine.state.store import StateError


def sessions_of(config: str | None, state: str | None) -> Mapping[str, str]:
    """Their names, or ids, with how they stand; none where State cannot be read."""
    try:
        launch = Launch(
            folder=Path.cwd(), config=Path(config) if config else None, state=Path(state) if state else None
        )
        services = assemble(launch).services
        try:
            found = Sessions(services.state, services.session_limits).all()
        finally:
            services.close()
    except (AssemblyError, SessionError, StateError, OSError):
        return {}
    return {one.name or one.id: one.status for one in found}
