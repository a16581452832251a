"""Adds up what models cost, and stops where it is too much."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from llmspell_engine.hooks.base import HookContext
from llmspell_engine.hooks.builtin.base import Builtin
from llmspell_engine.hooks.decisions import CONTINUE, Decision, cancel
from llmspell_engine.hooks.handlers import PRIORITIES, Filter, Handler


@dataclass(slots=True)
class _Used:
    calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost: float = 0.0

    def told(self) -> dict[str, Any]:
        return {
            "calls": self.calls,
            "input_tokens": self.input_tokens,
            "output_tokens": self.output_tokens,
            "cost": round(self.cost, 6),
        }


@dataclass
class CostTracking(Builtin):
    """Calls, tokens and dollars, by model; beyond a limit, calls are cancelled before they are made."""

    name: ClassVar[str] = "cost_tracking"
    max_cost: float | None = None
    max_tokens: int | None = None
    max_calls: int | None = None
    warn_at: float = 0.8
    component: str | None = None
    _total: _Used = field(default_factory=_Used, init=False)
    _by_model: dict[str, _Used] = field(default_factory=dict, init=False)
    _has_warned: bool = field(default=False, init=False)

    def handlers(self) -> Sequence[Handler]:
        """See the base class."""
        wanted = Filter(name=self.component)
        return [
            Handler("BeforeModelCall", self._check, self.name, PRIORITIES["highest"], wanted),
            Handler("AfterModelCall", self._count, self.name, PRIORITIES["highest"], wanted),
        ]

    def report(self) -> dict[str, Any]:
        """What was used, together and by model."""
        models = {name: used.told() for name, used in sorted(self._by_model.items())}
        return {**self._total.told(), "models": models}

    def reset(self) -> None:
        """See the base class."""
        self._total, self._by_model, self._has_warned = _Used(), {}, False

    def _check(self, context: HookContext) -> Decision:
        for word, now, limit in self._limits():
            if now >= limit:
                return cancel(f"the limit of cost_tracking is reached: {word} {now:g} of {limit:g}")
        return CONTINUE

    def _count(self, context: HookContext) -> None:
        if context.metadata.get("replaced"):
            return
        usage = context.data.get("usage") or {}
        for used in (self._total, self._by_model.setdefault(context.name, _Used())):
            used.calls += 1
            used.input_tokens += usage.get("input_tokens") or 0
            used.output_tokens += usage.get("output_tokens") or 0
            used.cost += usage.get("cost") or 0.0
        self._warn()

    def _warn(self) -> None:
        limits = self._limits()
        near = [(word, now, limit) for word, now, limit in limits if limit * self.warn_at <= now < limit]
        if near and not self._has_warned:
            self._has_warned = True
            told = {word: f"{now:g} of {limit:g}" for word, now, limit in near}
            self.scope.log("warn", "a limit of cost_tracking is near", told)

    def _limits(self) -> list[tuple[str, float, float]]:
        total = self._total
        limits = (
            ("max_cost", total.cost, self.max_cost),
            ("max_tokens", total.input_tokens + total.output_tokens, self.max_tokens),
            ("max_calls", total.calls, self.max_calls),
        )
        return [(word, now, limit) for word, now, limit in limits if limit is not None]
