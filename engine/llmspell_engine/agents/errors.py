"""What agents raise."""

from __future__ import annotations


class AgentError(Exception):
    """An agent cannot be made or cannot do what is asked; the message says why."""

    kind = "AgentError"


class AgentTimeoutError(AgentError):
    """An agent took longer than it may."""

    kind = "TimeoutError"
