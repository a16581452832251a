"""Real debugging sessions for tests: a marked script, a real adapter, and a player of it.

A script's lines are named by comments (``-- @here``, ``// @here``); a line ``-- file: lib.lua`` begins
another file beside it. ``@both(lua=…, javascript=…)`` runs a test on a script in each language.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import pytest
from llmspell_dap.client import LIMIT, Json
from support.dap_client import INITIALIZE, CheckedClient, adapter, session

Language = Literal["lua", "javascript"]

_MARK = re.compile(r"(?:--|//).*?@(\w+)")
_FILE = re.compile(r"^(?:--|//) file: (\S+)\n", re.MULTILINE)
_SUFFIX = {"lua": ".lua", "javascript": ".js"}


@dataclass(frozen=True, slots=True)
class Script:
    """A script on disk, and where its marks are."""

    path: str
    language: Language
    marks: dict[str, tuple[str, int]]
    """For each mark its file and line."""

    def line(self, mark: str) -> int:
        """The line of a mark."""
        return self.marks[mark][1]

    def say(self, lua: Any, javascript: Any) -> Any:
        """What differs between the languages."""
        return lua if self.language == "lua" else javascript


def both(*, lua: str, javascript: str) -> pytest.MarkDecorator:
    """Run a test on a script in each language; it gets the ``script`` fixture."""
    return pytest.mark.parametrize(
        "script", [("lua", lua), ("javascript", javascript)], ids=["lua", "javascript"], indirect=True
    )


def only(language: Language, text: str) -> pytest.MarkDecorator:
    """Run a test on a script in the one language that has what it is about."""
    return pytest.mark.parametrize("script", [(language, text)], ids=[language], indirect=True)


def write_script(folder: Path, language: Language, text: str) -> Script:
    """Write a marked script."""
    parts = _FILE.split(textwrap.dedent(text).lstrip("\n"))
    main = f"main{_SUFFIX[language]}"
    marks: dict[str, tuple[str, int]] = {}
    for name, content in zip([main, *parts[1::2]], parts[::2], strict=True):
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(content, "utf-8")
        for number, line in enumerate(content.splitlines(), 1):
            marks.update((mark, (str(path), number)) for mark in _MARK.findall(line))
    return Script(str(folder / main), language, marks)


@dataclass(slots=True)
class Player:
    """A session that is being played."""

    client: CheckedClient
    script: Script
    thread: int = 1
    frames: list[Json] = field(default_factory=list)
    """The stack at the last stop."""
    breakpoints: list[Json] = field(default_factory=list)
    """What became of the breakpoints that were set last."""

    async def set_breakpoints(self, *wanted: str | Json, file: str | None = None) -> list[Json]:
        """Set breakpoints at marks (or ``{"at": mark, …}``, ``{"line": n, …}``) of one file."""
        found = [self._wanted(one) for one in wanted]
        path = file or next((path for path, _ in found if path), self.script.path)
        body = await self.client.request(
            "setBreakpoints", {"source": {"path": path}, "breakpoints": [one for _, one in found]}
        )
        self.breakpoints = body["breakpoints"]
        return self.breakpoints

    def _wanted(self, wanted: str | Json) -> tuple[str | None, Json]:
        rest: Json = {"at": wanted} if isinstance(wanted, str) else dict(wanted)
        mark = rest.pop("at", None)
        if mark is None:
            return None, rest
        path, line = self.script.marks[mark]
        return path, {"line": line, **rest}

    async def stopped(self, reason: str | None = None, *, at: str | None = None) -> Json:
        """The script stops, for that reason and at that mark; its stack is in ``frames`` then."""
        stop = await self.client.event("stopped")
        self.thread = stop["threadId"]
        self.frames = (await self.client.request("stackTrace", {"threadId": self.thread}))["stackFrames"]
        if reason is not None:
            assert stop["reason"] == reason
        if at is not None:
            assert self.place() == self.script.marks[at]
        return stop

    def place(self, frame: int = 0) -> tuple[str, int]:
        """Where a frame stands."""
        return self.frames[frame]["source"]["path"], self.frames[frame]["line"]

    async def go(self, command: str = "continue") -> None:
        """Go on, or step."""
        await self.client.request(command, {"threadId": self.thread})

    async def step(self, command: str, *, at: str) -> None:
        """Step, and be at that mark."""
        await self.go(command)
        await self.stopped("step", at=at)

    async def evaluate(self, expression: str, context: str = "watch", frame: int = 0, **more: Any) -> Json:
        """The value of an expression in a frame."""
        return await self.client.request(
            "evaluate",
            {"expression": expression, "frameId": self.frames[frame]["id"], "context": context, **more},
        )

    async def value(self, expression: str, context: str = "watch", frame: int = 0) -> str:
        """The value of an expression in a frame, as text."""
        result: str = (await self.evaluate(expression, context, frame))["result"]
        return result

    async def refusal(self, command: str, **arguments: Any) -> str:
        """The text with which a request is refused."""
        return (await self.client.refused(command, arguments))[1]

    async def scopes(self, frame: int = 0) -> dict[str, Json]:
        """The scopes of a frame, by name."""
        body = await self.client.request("scopes", {"frameId": self.frames[frame]["id"]})
        return {scope["name"]: scope for scope in body["scopes"]}

    async def variables(self, reference: int, **more: Any) -> dict[str, Json]:
        """The parts of a scope or value, by name."""
        body = await self.client.request("variables", {"variablesReference": reference, **more})
        return {variable["name"]: variable for variable in body["variables"]}

    async def visible(self, frame: int = 0) -> dict[str, Json]:
        """All variables of a frame but the globals; the innermost scope wins."""
        found: dict[str, Json] = {}
        for name, scope in (await self.scopes(frame)).items():
            if not name.lower().startswith("global"):
                found = {**await self.variables(scope["variablesReference"]), **found}
        return found

    async def values(self, *names: str, frame: int = 0) -> list[str]:
        """The values of variables of a frame, as text."""
        visible = await self.visible(frame)
        return [visible[name]["value"] for name in names]

    async def home(self, name: str, frame: int = 0) -> int:
        """The reference of the innermost scope in which a name stands."""
        for scope in (await self.scopes(frame)).values():
            if name in await self.variables(scope["variablesReference"]):
                return int(scope["variablesReference"])
        raise AssertionError(f"no scope holds {name}")

    def printed(self, category: str = "stdout") -> str:
        """What the script has printed until now."""
        told = self.client.pending("output")
        return "".join(body["output"] for body in told if body["category"] == category)

    async def ends(self, *, code: int = 0, printed: str | None = None, limit: float = LIMIT) -> None:
        """The script ends by itself."""
        exited = await self.client.event("exited", limit=limit)
        await self.client.event("terminated")
        assert exited["exitCode"] == code
        if printed is not None:
            assert self.printed() == printed
        await self.client.request("disconnect")
        await self.client.ended()


@asynccontextmanager
async def playing(
    script: Script,
    *breakpoints: str | Json,
    filters: Sequence[str] = ("uncaught",),
    initialize: Json = INITIALIZE,
    own_adapter: bool = False,
    **launch: Any,
) -> AsyncIterator[Player]:
    """A session on a script that has just been let run, with breakpoints in its main file."""
    async with (adapter if own_adapter else session)() as client:
        player = Player(client, script)
        await client.request("initialize", initialize)
        await client.request(
            "launch", {"program": script.path, "cwd": str(Path(script.path).parent), **launch}
        )
        await client.event("initialized")
        if breakpoints:
            await player.set_breakpoints(*breakpoints)
        await client.request("setExceptionBreakpoints", {"filters": list(filters)})
        await client.request("configurationDone")
        yield player
