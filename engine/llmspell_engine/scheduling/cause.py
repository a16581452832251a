"""What the work at hand follows from, carried along wherever it goes: on the loop, into the script and back.

On the loop tasks inherit it. A script's thread cannot tell which of the script's functions runs; but all that
follows from one thing that happened is run before the next is looked at, so it is that of what happened last.
"""

from __future__ import annotations

import random
from contextvars import ContextVar
from typing import NamedTuple


class Cause(NamedTuple):
    """Why something is done.

    Attributes:
        correlation_id: shared by all that one piece of work leads to.
        event_id: the event that is being handled.
        depth: how many events led to each other on the way here.
        handlers: the hook handlers that run at the moment, which are not called for what they do themselves.
        agents: the ids and names of the agents that are answering at the moment, from the outermost.
        tools: the names of the script's tools that are running at the moment, from the outermost.
    """

    correlation_id: str
    event_id: str | None = None
    depth: int = 0
    handlers: frozenset[str] = frozenset()
    agents: tuple[tuple[str, str], ...] = ()
    tools: tuple[str, ...] = ()

    def of_event(self, correlation_id: str, event_id: str) -> Cause:
        """The same while an event is handled."""
        return Cause(correlation_id, event_id, self.depth + 1, self.handlers)

    def of_handler(self, handler_id: str) -> Cause:
        """The same while a hook handler runs."""
        return Cause(self.correlation_id, self.event_id, self.depth, self.handlers | {handler_id})

    def of_agent(self, agent_id: str, name: str) -> Cause:
        """The same while an agent answers."""
        agents = (*self.agents, (agent_id, name))
        return Cause(self.correlation_id, self.event_id, self.depth, self.handlers, agents, self.tools)

    def of_tool(self, name: str) -> Cause:
        """The same while a tool of the script runs."""
        return self._replace(tools=(*self.tools, name))


CAUSE: ContextVar[Cause | None] = ContextVar("cause", default=None)
_VERSION = 4 << 76 | 2 << 62
_FREE = ~(15 << 76 | 3 << 62)
"""The bits of a random UUID that say what it is, and those that do not."""
_random = random.Random()  # noqa: S311 - ids are no secrets


def new_id() -> str:
    """A random UUID, for a fifth of what ``uuid.uuid4`` takes: each event and each piece of work gets one."""
    digits = f"{_random.getrandbits(128) & _FREE | _VERSION:032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def new_cause() -> Cause:
    """The beginning of something that nothing led to."""
    return Cause(new_id())
