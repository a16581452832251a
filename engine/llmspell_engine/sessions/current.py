"""The session that the work at hand belongs to: events, lines of the log, spans and State know it by that."""

from __future__ import annotations

from dataclasses import replace

from llmspell_engine.observability.around import AROUND

_SCOPE = "session"


def current() -> str | None:
    """The id of the session that the work at hand belongs to."""
    return AROUND.get().session_id


def select(session_id: str | None) -> None:
    """Let all that follows from the work at hand belong to a session; None for none."""
    AROUND.set(replace(AROUND.get(), session_id=session_id))


def leave(session_id: str) -> None:
    """Let what follows belong to no session, if it would belong to this one."""
    if current() == session_id:
        select(None)


def scope_here(scope: str) -> str:
    """A scope of State with the current session's id, where it is that of sessions without one."""
    if scope != _SCOPE:
        return scope
    session_id = current()
    return scope if session_id is None else f"{_SCOPE}:{session_id}"
