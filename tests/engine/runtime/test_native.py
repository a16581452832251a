"""The C side of QuickJS: what happens where it is not there, and that it does not leak."""

from __future__ import annotations

import pytest
from llmspell_engine.runtime import javascript_native
from llmspell_engine.runtime.base import RunContext, ScriptError, Streams
from llmspell_engine.runtime.create import create
from support.runtime import Script, run

CONTEXT = RunContext(Streams(lambda _: None, lambda _: None))


def test_a_build_without_the_c_interface_is_refused_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(javascript_native, "_NEEDED", ("JS_Eval", "JS_NoSuchFunction"))
    with pytest.raises(ScriptError, match=r"install quickjs-ng 0\.17 or later"):
        create("javascript", CONTEXT)


def test_many_runs_keep_no_memory() -> None:
    import resource

    text = "await Promise.resolve(1); Promise.reject(1).catch(() => {}); throw new Error('x')"
    for _ in range(10):
        run(Script("javascript", text))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in range(60):
        run(Script("javascript", text))
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 30_000, f"{grown} kB more after 60 runs"
