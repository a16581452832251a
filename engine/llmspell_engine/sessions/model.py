"""What a session is, which operation is possible when, and what can go wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Status = Literal["active", "suspended", "completed", "expired"]
Operation = Literal[
    "save", "load", "suspend", "resume", "complete", "checkpoint", "restore", "select", "store", "forget"
]

_GOING_ON: tuple[Status, ...] = ("active", "suspended")
_POSSIBLE: Mapping[Operation, tuple[Status, ...]] = {
    "save": _GOING_ON,
    "load": _GOING_ON,
    "suspend": ("active",),
    "resume": ("suspended",),
    "complete": _GOING_ON,
    "checkpoint": _GOING_ON,
    "restore": _GOING_ON,
    "select": ("active",),
    "store": ("active",),
    "forget": ("active", "suspended", "completed"),
}
_DONE: Mapping[Operation, str] = {
    "save": "be saved",
    "load": "be loaded",
    "suspend": "be suspended",
    "resume": "be resumed",
    "complete": "be completed",
    "checkpoint": "get a checkpoint",
    "restore": "be restored",
    "select": "become the current one",
    "store": "take artifacts",
    "forget": "lose artifacts",
}
_WHY: Mapping[Status, str] = {
    "active": "it is not suspended",
    "suspended": "Session.resume lets it go on",
    "completed": "what is completed is over; Session.create begins another one",
    "expired": "its time is up; Session.create begins another one",
}


class SessionError(Exception):
    """A session or an artifact cannot be used so; the message says which and why."""

    kind = "SessionError"


@dataclass(frozen=True, slots=True)
class SessionLimits:
    """How much sessions may keep."""

    ttl_seconds: float | None = None
    """How long a session lives that does not say so itself; for ever where None."""
    max_artifacts: int = 1000
    """How many artifacts a session may have."""
    max_artifact_bytes: int = 10 * 1024 * 1024
    """How large an artifact may be."""
    max_events: int = 10_000
    """How many events of a session are recorded."""


@dataclass(frozen=True, slots=True)
class Session:
    """A session as it is kept. Times are seconds since 1970.

    Attributes:
        status: as it is kept; :meth:`status_at` also knows of time that is up.
        expires: when its time is up, unless something is done with it before.
        artifacts: how many it has.
        stored: how many it was ever given, by which they are numbered.
        checkpoints: how many checkpoints were ever made, by which they are numbered.
        records: whether its events are kept.
    """

    id: str
    created: float
    updated: float
    status: Status = "active"
    name: str | None = None
    description: str | None = None
    tags: tuple[str, ...] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict)
    parent: str | None = None
    ttl_seconds: float | None = None
    expires: float | None = None
    ended: float | None = None
    artifacts: int = 0
    stored: int = 0
    checkpoints: int = 0
    records: bool = False

    @property
    def called(self) -> str:
        """What it is called in messages and hooks."""
        return self.name or self.id

    def told(self, operation: str) -> dict[str, Any]:
        """What hooks are told of an operation on it."""
        return {
            "operation": operation,
            "session_id": self.id,
            "status": self.status,
            "name": self.name,
            "description": self.description,
            "tags": list(self.tags),
            "metadata": dict(self.metadata),
        }

    def status_at(self, now: float) -> Status:
        """What it is at a time."""
        if self.status != "completed" and self.expires is not None and self.expires <= now:
            return "expired"
        return self.status

    def check(self, operation: Operation, now: float) -> None:
        """Raises SessionError where an operation is not possible."""
        status = self.status_at(now)
        if status not in _POSSIBLE[operation]:
            shown = f"'{self.name}' ({self.id})" if self.name else f"'{self.id}'"
            raise SessionError(
                f"the session {shown} is {status} and cannot {_DONE[operation]}: {_WHY[status]}"
            )


def unknown(session_id: str) -> SessionError:
    """The error of an id that no session has."""
    return SessionError(f"there is no session '{session_id}'; Session.list() tells which ones there are")


@dataclass(frozen=True, slots=True)
class Begun:
    """The session that a run was started in."""

    session: Session
    is_new: bool
    """Whether it began with the run; else it goes on."""
