"""The look into QuickJS's memory is refused where the memory is not as it is known."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from llmspell_engine.debug.core import Debugger
from llmspell_engine.debug.javascript import JavaScriptBackend, layout, lines, memory
from llmspell_engine.debug.javascript.positions import encoded, positions
from llmspell_engine.debug.model import SourceBreakpoint
from llmspell_engine.runtime.base import RunContext, ScriptError, Streams
from llmspell_engine.runtime.javascript import JavaScriptRuntime
from support.debugging import launched, write

OFFSETS = [field.name for field in fields(layout.Layout) if not field.name.startswith("python_")]


@pytest.mark.parametrize("by", [-64, -8, 8, 24, 64])
@pytest.mark.parametrize("name", OFFSETS)
def test_an_interpreter_that_is_laid_out_differently_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, by: int
) -> None:
    wrong = replace(layout.LAYOUT, **{name: getattr(layout.LAYOUT, name) + by})
    monkeypatch.setattr(memory, "LAYOUT", wrong)
    monkeypatch.setattr(lines, "LAYOUT", wrong)
    core = Debugger(lambda event: None, JavaScriptBackend)
    runtime = JavaScriptRuntime(RunContext(Streams(print, print), observer=core.backend))
    with pytest.raises(ScriptError, match="needs quickjs-ng"):
        runtime.run(str(tmp_path / "main.js"), "1")
    runtime.close()


def test_position_tables_are_written_as_they_are_read() -> None:
    entries = [(0, 1, 1), (5, 3, 200), (300, 2, 1), (70_000, 90, 12)]
    code: Any = SimpleNamespace(table=encoded(entries, 1, 7), line=1, column=7)
    assert list(positions(code)) == entries


COLLECTED = """\
function plain(owned) {
  return owned
}
async function asynchronous(owned) {
  await null
  return owned
}
function* generator(owned) {
  yield owned
}
function outer(owned) {
  return () => {
    return owned
  }
}
plain({ a: 1 })
await asynchronous({ a: 1 })
;[...generator({ a: 1 })]
outer({ a: 1 })()
"""
COLLECTING = "Array.from({ length: 100000 }, () => { const each = {}; each.each = each; return each }).length"
"""So many objects, each in a circle, that the garbage collector runs."""


async def test_the_collector_may_run_while_an_expression_uses_a_frames_variables(tmp_path: Path) -> None:
    stops = [SourceBreakpoint(line, condition=f"{COLLECTING} && owned.a === 1") for line in (2, 6, 9, 13)]
    async with launched(write(tmp_path, "javascript", COLLECTED)) as session:
        await session.break_at(*stops)
        await session.debuggee.start()
        for line in (2, 6, 9, 13):
            await session.stop()
            assert await session.line() == line
            text = f"[{COLLECTING}, owned = {{ a: owned.a + 1 }}, {COLLECTING}, () => owned].length"
            assert await session.evaluate(text) == "4"
            assert await session.evaluate(f"{COLLECTING} && owned.a") == "2"
            await session.go()
        await session.ends()
