"""Gives the same answer to the same question, for a while."""

from __future__ import annotations

import hashlib
import json
import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from llmspell_engine.hooks.base import Data, HookContext
from llmspell_engine.hooks.builtin.base import Builtin, tells_failure
from llmspell_engine.hooks.decisions import CONTINUE, Decision, replace
from llmspell_engine.hooks.handlers import PRIORITIES, Filter, Handler
from llmspell_engine.hooks.names import HookError
from llmspell_engine.hooks.points import AGENT_EXECUTION, MODEL_CALL, TOOL_EXECUTION, Stage

_STAGES: dict[str, Stage] = {"agent": AGENT_EXECUTION, "model": MODEL_CALL, "tool": TOOL_EXECUTION}
_ABOUT_WHO_ASKS = ("agent",)
"""Fields that say who asks and nothing of what is asked."""


@dataclass
class Caching(Builtin):
    """Keeps results of models and tools by all that they were given. The oldest used one goes first."""

    name: ClassVar[str] = "caching"
    ttl_seconds: float = 300.0
    max_entries: int = 1000
    components: Sequence[str] = ("model", "tool")
    component: str | None = None
    _kept: OrderedDict[str, tuple[float, Data]] = field(default_factory=OrderedDict, init=False)
    _hits: int = field(default=0, init=False)
    _misses: int = field(default=0, init=False)

    def handlers(self) -> Sequence[Handler]:
        """See the base class. The look into the cache comes after others have changed what is asked."""
        wanted = Filter(name=self.component)
        made: list[Handler] = []
        for component in dict.fromkeys(self.components):
            stage = _STAGES.get(component)
            if stage is None:
                raise HookError(f"'caching' keeps results of {', '.join(_STAGES)}, not of '{component}'")
            made.append(Handler(stage.before, self._look, self.name, PRIORITIES["lowest"], wanted))
            made.append(Handler(stage.after, self._keep, self.name, PRIORITIES["highest"], wanted))
        return made

    def report(self) -> dict[str, Any]:
        """How often a result was there."""
        return {"entries": len(self._kept), "hits": self._hits, "misses": self._misses}

    def reset(self) -> None:
        """Forget everything."""
        self._kept.clear()
        self._hits = self._misses = 0

    def _look(self, context: HookContext) -> Decision:
        key = _key(context)
        found = self._kept.get(key)
        if found is not None and time.monotonic() < found[0]:
            self._hits += 1
            self._kept.move_to_end(key)
            return replace(found[1])
        self._misses += 1
        context.notes[self] = key
        return CONTINUE

    def _keep(self, context: HookContext) -> None:
        key = context.notes.pop(self, None)
        if key is None or context.metadata.get("replaced") or tells_failure(context):
            return
        self._kept[key] = (time.monotonic() + self.ttl_seconds, dict(context.data))
        self._kept.move_to_end(key)
        while len(self._kept) > self.max_entries:
            self._kept.popitem(last=False)

    __hash__ = object.__hash__


def _key(context: HookContext) -> str:
    asked = {name: one for name, one in context.data.items() if name not in _ABOUT_WHO_ASKS}
    text = json.dumps([context.component, context.name, asked], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()
