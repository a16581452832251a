"""What debugging costs a script that never stops: a breakpoint is armed and never hit.

The micro-workload is the worst case, for real scripts wait on models: a recursive ``fib`` and a loop of
300,000 turns over a table. Plain and debugged runs take turns in this process; the ratio is that of the
medians of their CPU time. Targets: 1.25 in Lua, 1.5 in JavaScript.
"""

from __future__ import annotations

import argparse
import statistics
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from llmspell_engine.debug.core import Debugger
from llmspell_engine.debug.model import SourceBreakpoint
from llmspell_engine.language import LANGUAGES, Language
from llmspell_engine.runtime.base import RunContext, Streams
from llmspell_engine.runtime.create import create

if TYPE_CHECKING:
    from llmspell_engine.debug.backend import Backend

TARGETS: dict[Language, float] = {"lua": 1.25, "javascript": 1.5}
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
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=9, help="runs of each kind (default: 9)")
    parser.add_argument("--language", choices=LANGUAGES, help="one language only")
    arguments = parser.parse_args()
    for language in [arguments.language] if arguments.language else LANGUAGES:
        plain, debugged = measure(language, arguments.runs)
        ratio = debugged / plain
        verdict = "ok" if ratio <= TARGETS[language] else "over the target"
        print(
            f"{language:10} plain {plain * 1000:6.1f} ms  debugged {debugged * 1000:6.1f} ms"
            f"  ratio {ratio:.2f}  (target {TARGETS[language]:.2f}: {verdict})"
        )


def measure(language: Language, runs: int) -> tuple[float, float]:
    """The median CPU seconds of plain and of debugged runs."""
    plain, debugged = [], []
    for _ in range(runs):
        plain.append(_run(language, debug=False))
        debugged.append(_run(language, debug=True))
    return statistics.median(plain), statistics.median(debugged)


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


def _armed(language: Language, path: Path) -> Backend:
    core = Debugger(lambda event: None)
    core.backend = _backend(language, core)
    column = PROGRAMS[language].split("\n")[NEVER - 1].index('("never")')
    (status,) = core.set_breakpoints(str(path), [SourceBreakpoint(NEVER, column)])
    assert "not loaded" in status.message, status
    return core.backend


def _backend(language: Language, core: Any) -> Backend:
    if language == "lua":
        from llmspell_engine.debug.lua import LuaBackend

        return LuaBackend(core)
    from llmspell_engine.debug.javascript import JavaScriptBackend

    return JavaScriptBackend(core)


if __name__ == "__main__":
    main()
