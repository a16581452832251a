"""What an agent is doing, what it has done, and whether it may be asked.

::

    uninitialized ── first use ──> ready <──> paused
                                   ready  ──> stopped ── start ──> ready
                                   any    ──> destroyed

An execution that is under way shows as ``running``; it is no transition, and is not cut off by one.
"""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from llmspell_engine.agents.errors import AgentError

if TYPE_CHECKING:
    from llmspell_engine.providers.base import Usage

State = Literal["uninitialized", "ready", "running", "paused", "stopped", "destroyed"]
Standing = Literal["uninitialized", "ready", "paused", "stopped", "destroyed"]
KEPT_TRANSITIONS = 100
"""How many transitions are remembered."""
_REFUSED = {
    "paused": "is paused; resume it first",
    "stopped": "is stopped; start it first",
    "destroyed": "was destroyed",
}
_FROM: dict[Standing, tuple[Standing, ...]] = {
    "ready": ("uninitialized", "ready", "paused", "stopped"),
    "paused": ("uninitialized", "ready", "paused"),
    "stopped": ("uninitialized", "ready", "paused", "stopped"),
    "destroyed": ("uninitialized", "ready", "paused", "stopped", "destroyed"),
}


@dataclass(slots=True)
class Metrics:
    """What an agent has done so far."""

    executions: int = 0
    failures: int = 0
    active: int = 0
    total_ms: float = 0.0
    tool_calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost: float = 0.0

    def count(self, usage: Usage, tool_calls: int) -> None:
        """Add what an execution used."""
        self.input_tokens += usage.input_tokens
        self.output_tokens += usage.output_tokens
        self.cost += usage.cost or 0.0
        self.tool_calls += tool_calls


@dataclass(frozen=True, slots=True)
class Transition:
    """A change of state. ``time`` is seconds since the epoch, ``elapsed`` those in the state before it."""

    before: Standing
    after: Standing
    time: float
    elapsed: float
    reason: str | None = None


@dataclass(slots=True)
class Lifecycle:
    """The state of one agent."""

    standing: Standing = "uninitialized"
    last_error: str | None = None
    """Of the last execution, where it failed."""
    history: deque[Transition] = field(default_factory=lambda: deque(maxlen=KEPT_TRANSITIONS))
    _since: float = field(default_factory=time.time)

    def check(self, name: str) -> None:
        """Raise AgentError where the agent may not be asked."""
        if (refused := _REFUSED.get(self.standing)) is not None:
            raise AgentError(f"the agent '{name}' {refused}")

    def change(self, name: str, after: Standing, reason: str | None = None) -> None:
        """Pass to another state, if it is in another. Raises AgentError where that cannot be."""
        before = self.standing
        if before not in _FROM[after]:
            raise AgentError(f"the agent '{name}' cannot become {after}: it {_REFUSED[before]}")
        if before == after:
            return
        now = time.time()
        self.history.append(Transition(before, after, now, now - self._since, reason))
        self.standing, self._since = after, now
