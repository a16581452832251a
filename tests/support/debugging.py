"""A real debuggee under test: launched, driven by awaiting, with a transcript when a wait fails."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any, TypeVar

from llmspell_engine.debug.client import Debuggee, launch
from llmspell_engine.debug.model import (
    BreakpointStatus,
    EvaluateContext,
    Event,
    ExceptionBreakpoint,
    ExceptionFilter,
    Exited,
    Frame,
    LaunchOptions,
    Output,
    SourceBreakpoint,
    StepKind,
    Stopped,
    Variable,
)

WAIT = 20.0
"""Seconds after which a wait fails."""
SUFFIXES = {"lua": ".lua", "javascript": ".js"}

Kind = TypeVar("Kind")


@dataclass(slots=True)
class Session:
    """A debuggee and everything it has said."""

    program: Path
    debuggee: Debuggee = field(init=False)
    said: list[Event] = field(default_factory=list)
    _taken: int = 0
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    def hear(self, event: Event) -> None:
        """Take an event of the debuggee."""
        self.said.append(event)
        self._news.set()

    @property
    def transcript(self) -> str:
        """What was said, for the message of a failure; pieces of output are joined."""
        lines: list[str] = []
        for category, events in groupby(self.said, key=lambda event: getattr(event, "category", None)):
            if category:
                lines.append(
                    f"{category}: {''.join(event.text for event in events if isinstance(event, Output))}"
                )
            else:
                lines += map(str, events)
        return "\n".join(lines)

    @property
    def output(self) -> str:
        """What the script has printed."""
        return "".join(
            each.text for each in self.said if isinstance(each, Output) and each.category == "stdout"
        )

    @property
    def console(self) -> str:
        """What the debugger itself has printed."""
        return "".join(
            each.text for each in self.said if isinstance(each, Output) and each.category == "console"
        )

    async def next(self, kind: type[Kind], but: type[Any] = Exited) -> Kind:
        """The next event of a kind, past those already waited for; fails when ``but`` comes instead."""
        try:
            async with asyncio.timeout(WAIT):
                while True:
                    for index in range(self._taken, len(self.said)):
                        event = self.said[index]
                        if isinstance(event, kind):
                            self._taken = index + 1
                            return event
                        assert not isinstance(event, but), (
                            f"{event} instead of {kind.__name__}:\n{self.transcript}"
                        )
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            raise AssertionError(f"no {kind.__name__} came:\n{self.transcript}") from None

    async def stop(self) -> Stopped:
        """The next stop."""
        return await self.next(Stopped)

    async def end(self) -> int:
        """The exit code; fails if the script stops again instead."""
        return (await self.next(Exited, but=Stopped)).code

    async def ends(self, code: int = 0) -> None:
        """Wait for the end; fails with the transcript where the exit code is another."""
        assert await self.end() == code, self.transcript

    async def go(self, kind: StepKind = "continue") -> None:
        """Let the script go on."""
        await self.debuggee.resume(1, kind)

    async def step(self, kind: StepKind = "next") -> tuple[str, int]:
        """Step, and tell where it stopped."""
        await self.go(kind)
        await self.stop()
        return await self.where()

    async def frames(self) -> tuple[Frame, ...]:
        """The script's own frames of the stopped script."""
        stack = await self.debuggee.stack(1)
        return tuple(frame for frame in stack.frames if not frame.is_subtle)

    async def where(self) -> tuple[str, int]:
        """The file's name and the line at which the script is stopped."""
        top = (await self.debuggee.stack(1, 0, 1)).frames[0]
        return Path(top.path or "?").name, top.line

    async def line(self) -> int:
        """The line at which the script is stopped."""
        return (await self.where())[1]

    async def break_at(
        self, *specs: int | SourceBreakpoint, path: Path | None = None
    ) -> tuple[BreakpointStatus, ...]:
        """Set the breakpoints of a file, the program if none is named."""
        breakpoints = [SourceBreakpoint(spec) if isinstance(spec, int) else spec for spec in specs]
        return await self.debuggee.set_breakpoints(str(path or self.program), breakpoints)

    async def break_on(self, kind: ExceptionFilter, condition: str | None = None) -> None:
        """Switch one exception filter on."""
        await self.debuggee.set_exception_breakpoints([ExceptionBreakpoint(kind, condition)])

    async def evaluate(self, expression: str, context: EvaluateContext = "watch", frame: int = 0) -> str:
        """The value of an expression in one of the script's frames."""
        frames = await self.frames()
        return (await self.debuggee.evaluate(expression, frames[frame].id, context)).value

    async def scope(self, kind: str = "locals", frame: int = 0) -> dict[str, Variable]:
        """The variables of a scope of one of the script's frames, by name."""
        frames = await self.frames()
        scopes = await self.debuggee.scopes(frames[frame].id)
        found = next(scope for scope in scopes if scope.kind == kind)
        return {each.name: each for each in await self.debuggee.variables(found.reference)}

    async def shown(self, kind: str = "locals", frame: int = 0) -> dict[str, str]:
        """The variables of a scope as text."""
        return {name: each.value for name, each in (await self.scope(kind, frame)).items()}


@asynccontextmanager
async def launched(program: Path, **options: Any) -> AsyncIterator[Session]:
    """A debuggee that has not started yet; killed at the end of the block."""
    session = Session(program)
    session.debuggee = await launch(
        LaunchOptions(str(program), cwd=str(program.parent), **options), session.hear
    )
    try:
        yield session
    finally:
        await session.debuggee.close()


@asynccontextmanager
async def stopped_at(program: Path, *lines: int | SourceBreakpoint, **options: Any) -> AsyncIterator[Session]:
    """A debuggee that runs to its first stop, at one of the lines."""
    async with launched(program, **options) as session:
        await session.break_at(*lines)
        await session.debuggee.start()
        await session.stop()
        yield session


def write(folder: Path, language: str, text: str, name: str = "main") -> Path:
    """A script in a folder."""
    path = folder / (name + SUFFIXES[language])
    path.write_text(text, "utf-8")
    return path


def marked(text: str) -> tuple[str, dict[str, int]]:
    """A script with its markers ``@name`` at ends of lines taken out, and the line of each, from 1."""
    lines, places = [], {}
    for number, line in enumerate(text.split("\n"), 1):
        plain, *names = re.split(r"\s+@(?=\w+)", line)
        places.update({name.strip(): number for name in names})
        lines.append(plain)
    return "\n".join(lines), places


def names(sequence: Sequence[Frame]) -> list[str]:
    """The names of frames."""
    return [frame.name for frame in sequence]


PROGRAMS: dict[str, dict[str, str]] = {
    "counting": {
        "lua": """\
local function add(a, b)
  local sum = a + b
  return sum
end
local total = 0
for i = 1, 5 do
  total = add(total, i)
end
print(total)
""",
        "javascript": """\
function add(a, b) {
  const sum = a + b
  return sum
}
let total = 0
for (let i = 1; i <= 5; i++) {
  total = add(total, i)
}
console.log(total)
""",
    },
    "recursion": {
        "lua": """\
local function down(n)
  if n == 0 then
    return 0
  end
  local below = down(n - 1)
  return below + 1
end
local depth = down(3)
print(depth)
""",
        "javascript": """\
function down(n) {
  if (n === 0) {
    return 0
  }
  const below = down(n - 1)
  return below + 1
}
const depth = down(3)
console.log(depth)
""",
    },
    "catching": {
        "lua": """\
local function fail()
  local reason = "no luck"
  error(reason)
end
local ok = pcall(fail)
print(ok)
local last = 1
""",
        "javascript": """\
function fail() {
  let reason = "no luck"
  throw new Error(reason)
}
let ok = true; try { fail() } catch { ok = false }
console.log(ok)
let last = 1
""",
    },
    "failing": {
        "lua": """\
local function fail(reason)
  error(reason)
end
local before = 1
fail("no luck")
""",
        "javascript": """\
function fail(reason) {
  throw new Error(reason)
}
let before = 1
fail("no luck")
""",
    },
    "spinning": {
        "lua": """\
local turns = 0
while true do
  turns = turns + 1
end
""",
        "javascript": """\
let turns = 0
while (true) {
  turns = turns + 1
}
""",
    },
    "swallowing": {
        "lua": """\
local turns = 0
local function fail() turns = turns + 1 error("again") end
while true do
  pcall(fail)
end
""",
        "javascript": """\
let turns = 0
function fail() { turns = turns + 1; throw new Error("again") }
while (true) {
  try { fail() } catch { }
}
""",
    },
    "several_on_a_line": {
        "lua": 'print("a"); print("b"); print("c")\n',
        "javascript": 'console.log("a"); console.log("b"); console.log("c")\n',
    },
}
"""Programs that are the same, line for line, in both languages."""


def program(folder: Path, language: str, name: str) -> Path:
    """One of the programs that exist in both languages."""
    return write(folder, language, PROGRAMS[name][language])
