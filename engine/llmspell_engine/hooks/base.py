"""What is done at hook points, as those who reach one see it.

Whoever does a piece of work asks :meth:`Hooks.around` to do it, or :meth:`Hooks.reach` where something has
only happened. Handlers may change what is worked on, cancel, replace the result, or ask for another try.
Where nobody listens, a point costs one look into a set.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from llmspell_engine.hooks.points import HookPoint, Stage

Component = Literal["agent", "tool", "model", "workflow", "step", "state", "event", "system", "session"]
Data = dict[str, Any]


class HookCancelledError(Exception):
    """A handler cancelled the work; the message has its reason, the point and what it was about."""

    kind = "HookCancelledError"


@dataclass(slots=True)
class HookContext:
    """What a handler is given.

    Attributes:
        component: the kind of what has reached the point, and ``name`` its name.
        data: what is worked on, or what came of it; plain values, a copy that is the handlers' own.
        correlation_id: shared by all that one piece of work reaches.
        metadata: what else is known, as plain values: the attempt, the input of what came out, the error.
        notes: what handlers of the engine leave for themselves from one point of a stage to the next.
    """

    point: HookPoint
    component: Component
    name: str
    data: Data
    correlation_id: str
    metadata: dict[str, Any] = field(default_factory=dict)
    notes: dict[Any, Any] = field(default_factory=dict)


class Hooks(ABC):
    """The handlers of one run, and the engine's own. On the engine's loop."""

    @abstractmethod
    def listens(self, point: HookPoint) -> bool:
        """Whether anybody listens at a point. Any thread."""

    def listens_around(self, stage: Stage) -> bool:
        """Whether anybody may step in at a stage. Any thread."""
        points = (stage.before, stage.after, *((stage.error,) if stage.error else ()))
        return any(self.listens(point) for point in points)

    @abstractmethod
    async def around(
        self,
        stage: Stage,
        component: Component,
        name: str,
        data: Data,
        work: Callable[[Data], Awaitable[Data]],
    ) -> Data:
        """Do ``work`` with what the handlers before it leave of ``data``; the handlers after it may change
        its result.

        A replaced result is the handler's data, taken instead of working. An error of the work is told at the
        stage's error point, where a handler may replace the result or ask for another try; else it is raised.
        Raises HookCancelledError.
        """

    @abstractmethod
    async def reach(self, point: HookPoint, component: Component, name: str, data: Data) -> Data:
        """Tell that something happened; what the handlers leave of the data. Raises HookCancelledError."""


class _NoHooks(Hooks):
    """Nobody listens."""

    def listens(self, point: HookPoint) -> bool:
        return False

    def listens_around(self, stage: Stage) -> bool:
        return False

    async def around(
        self,
        stage: Stage,
        component: Component,
        name: str,
        data: Data,
        work: Callable[[Data], Awaitable[Data]],
    ) -> Data:
        return await work(data)

    async def reach(self, point: HookPoint, component: Component, name: str, data: Data) -> Data:
        return data


NO_HOOKS: Hooks = _NoHooks()


def plain(values: Mapping[str, Any]) -> Data:
    """What has a value, as data for handlers."""
    return {name: value for name, value in values.items() if value is not None}
