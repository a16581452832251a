"""What debugging costs a script that never stops: a breakpoint is armed and never hit.

The micro-workload is the worst case, for real scripts wait on models: a recursive ``fib`` and a loop of
300,000 turns over a table. Plain and debugged runs take turns in this process; the ratio is that of the
medians of their CPU time. Beside them runs what debuggers for Lua commonly build on, a line hook written in
Lua: one that does nothing is the least they can cost.

    python benchmarks/debug_overhead.py [--runs N] [--language LANGUAGE]
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import TYPE_CHECKING

from conditions import tell_conditions
from figures import figures, ratios, verdict
from llmspell_engine.debug.core import Debugger
from llmspell_engine.debug.model import SourceBreakpoint
from llmspell_engine.language import LANGUAGES, Language
from llmspell_engine.runtime.base import RunContext, Streams
from llmspell_engine.runtime.create import create
from lupa.lua54 import LuaRuntime

if TYPE_CHECKING:
    from collections.abc import Callable

    from llmspell_engine.debug.backend import Backend, Core

GATES: dict[Language, float] = {"lua": 1.25, "javascript": 1.5}
NEVER = 10
"""The line of the statement that is never reached."""
PROGRAMS: dict[Language, str] = {
    "lua": """\
local function fib(n)
  if n < 2 then return n end
  return fib(n - 1) + fib(n - 2)
end
local seen = {}
for i = 1, 300000 do
  local sum = (seen[i % 64] or 0) + i
  seen[i % 64] = sum
end
local function never() print("never") end
print(fib(30), never)
""",
    "javascript": """\
function fib(n) {
  if (n < 2) return n
  return fib(n - 1) + fib(n - 2)
}
const seen = []
for (let i = 1; i <= 300000; i++) {
  const sum = (seen[i % 64] ?? 0) + i
  seen[i % 64] = sum
}
function never() { console.log("never") }
console.log(fib(25), never)
""",
}


def main() -> None:
    """Measure and print. A missed gate is told and is no failure: speed is never a test."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--runs", type=int, default=9, help="runs of each kind (default: 9)")
    parser.add_argument("--language", choices=LANGUAGES, help="one language only")
    arguments = parser.parse_args()
    tell_conditions()
    for language in [arguments.language] if arguments.language else LANGUAGES:
        measure(language, arguments.runs)


def measure(language: Language, runs: int) -> None:
    """Print the median CPU milliseconds of each kind of run and their ratios to the plain one."""
    kinds: dict[str, Callable[[], float]] = {
        "plain": lambda: _run(language, debug=False),
        "debugged": lambda: _run(language, debug=True),
    }
    if language == "lua":
        kinds["empty line hook"] = _run_with_line_hook
    times: dict[str, list[float]] = {kind: [] for kind in kinds}
    for _ in range(runs):
        for kind, run in kinds.items():
            times[kind].append(run() * 1000)
    found = {kind: figures(measured) for kind, measured in times.items()}
    print(f"{language}: CPU time, ratio to the plain run")
    for kind, one in found.items():
        print(f"  {kind:15} p50 {one.p50:6.1f}  best {one.best:6.1f} ms   {ratios(one, found['plain'])}")
    gate, reached = GATES[language], found["debugged"].p50 / found["plain"].p50
    print(f"  gate {gate:.2f}x: {verdict(reached, gate)}")


def _run(language: Language, *, debug: bool) -> float:
    path = Path(__file__).with_name(f"workload.{language}")
    printed: list[str] = []
    observer = _armed(language, path) if debug else None
    context = RunContext(Streams(printed.append, printed.append), observer=observer)
    runtime = create(language, context)
    before = time.process_time()
    runtime.run(str(path), PROGRAMS[language])
    taken = time.process_time() - before
    runtime.close()
    assert len(printed) == 1, printed
    return taken


def _run_with_line_hook() -> float:
    lua = LuaRuntime()
    lua.execute("print = function() end; debug.sethook(function() end, 'l')")
    before = time.process_time()
    lua.execute(PROGRAMS["lua"])
    return time.process_time() - before


def _armed(language: Language, path: Path) -> Backend:
    core = Debugger(lambda event: None, _backend(language))
    column = PROGRAMS[language].split("\n")[NEVER - 1].index('("never")')
    (status,) = core.set_breakpoints(str(path), [SourceBreakpoint(NEVER, column)])
    assert "not loaded" in status.message, status
    return core.backend


def _backend(language: Language) -> Callable[[Core], Backend]:
    if language == "lua":
        from llmspell_engine.debug.lua import LuaBackend

        return LuaBackend
    from llmspell_engine.debug.javascript import JavaScriptBackend

    return JavaScriptBackend


if __name__ == "__main__":
    main()
