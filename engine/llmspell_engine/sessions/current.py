"""The session that a run is in: events, lines of the log, spans and State know it by that."""

from __future__ import annotations

from dataclasses import replace

from llmspell_engine.observability.around import AROUND, CurrentSession

_SCOPE = "session"


def current() -> str | None:
    """The id of the session that the run is in."""
    return AROUND.get().session_id


def select(session_id: str | None) -> None:
    """Let all that the run does from now on belong to a session; None for none."""
    around = AROUND.get()
    if around.session is None:
        AROUND.set(replace(around, session=CurrentSession(session_id)))
    else:
        around.session.id = session_id


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
