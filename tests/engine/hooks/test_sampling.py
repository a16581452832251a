"""Memory and processor time: who is told when, and when nobody looks any more."""

from __future__ import annotations

import threading

import pytest
from llmspell_engine.hooks import Handler, HookRegistry, sampling
from llmspell_engine.scheduling import EngineLoop


async def test_a_handler_is_told_when_a_value_comes_to_its_threshold(monkeypatch: pytest.MonkeyPatch) -> None:
    values = iter([100.0, 200.0, 250.0, 120.0, 210.0])
    monkeypatch.setattr(sampling, "memory_mebibytes", lambda: next(values))
    hooks, told = HookRegistry(), list[float]()
    hooks.register(
        Handler("MemoryUsageHigh", lambda context: told.append(context.data["value"]), threshold=150)
    )
    sampler = sampling.Sampler(hooks)
    for _ in range(5):
        await sampler.look()
    assert told == [200.0, 210.0]


def test_the_process_is_sampled_while_somebody_wants_to_know(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sampling, "INTERVAL_SECONDS", 0.001)
    hooks, loop, told = HookRegistry(), EngineLoop(), threading.Event()
    closing: list[object] = []
    handler = hooks.register(Handler("MemoryUsageHigh", lambda _: told.set(), threshold=1))
    sampling.watch(hooks, loop, closing)  # type: ignore[arg-type]
    sampling.watch(hooks, loop, closing)  # type: ignore[arg-type]
    assert told.wait(20)
    assert (hooks.is_sampled, len(closing)) == (True, 1)
    hooks.unregister(handler)
    loop.close()
    assert not hooks.is_sampled


def test_the_memory_of_this_process_is_plausible() -> None:
    assert 5 < sampling.memory_mebibytes() < 100_000
