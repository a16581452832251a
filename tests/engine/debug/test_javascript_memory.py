"""The look into QuickJS's memory is refused where the memory is not as it is known."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from llmspell_engine.debug.core import Debugger
from llmspell_engine.debug.javascript import JavaScriptBackend, memory
from llmspell_engine.debug.javascript.positions import encoded, positions
from llmspell_engine.runtime.base import RunContext, ScriptError, Streams
from llmspell_engine.runtime.javascript import JavaScriptRuntime


def test_an_interpreter_that_is_laid_out_differently_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    empty = memory.LAYOUT.runtime_frame + 16
    monkeypatch.setattr(memory, "LAYOUT", replace(memory.LAYOUT, runtime_frame=empty))
    core = Debugger(lambda event: None)
    core.backend = JavaScriptBackend(core)
    runtime = JavaScriptRuntime(RunContext(Streams(print, print), observer=core.backend))
    with pytest.raises(ScriptError, match="needs quickjs-ng"):
        runtime.run(str(tmp_path / "main.js"), "1")
    runtime.close()


def test_position_tables_are_written_as_they_are_read() -> None:
    entries = [(0, 1, 1), (5, 3, 200), (300, 2, 1), (70_000, 90, 12)]
    code: Any = SimpleNamespace(table=encoded(entries, 1, 7), line=1, column=7)
    assert list(positions(code)) == entries
