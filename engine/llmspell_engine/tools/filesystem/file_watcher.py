"""Waiting for changes of files."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import aclosing
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from llmspell_engine.api.declare import Result
from llmspell_engine.tools.base import Outcome, Tool, ToolContext, counted
from llmspell_engine.tools.files import told_as_tool_errors
from llmspell_engine.tools.given import GivenPath
from llmspell_engine.tools.parameters import Needs, ToolParameters

Kind = Literal["created", "modified", "deleted"]
_KINDS: tuple[Kind, ...] = ("created", "modified", "deleted")
"""The kinds of changes, at the places of watchfiles' numbers from 1."""
_LOOK_MS = 100
"""How often a watch looks whether its time is over; a cancelled one ends within it."""
MOST_PATHS = 100
MOST_EVENTS = 10_000


class WatcherParameters(ToolParameters):
    """What is watched, and for how long."""

    needs: ClassVar[Needs] = {"watch": ("input",)}
    without_effect: ClassVar[tuple[str, ...]] = ("events",)

    operation: Literal["watch", "config"] = Field(description="Watch, or tell the limits.")
    input: Annotated[list[GivenPath], Field(min_length=1, max_length=MOST_PATHS)] | None = Field(
        None, description="The files and folders to watch."
    )
    recursive: bool = Field(True, description="Watch the folders of a folder too.")
    pattern: Annotated[str, Field(min_length=1)] | None = Field(
        None, description="Tell of files with such names only.", json_schema_extra={"x-example": "*.lua"}
    )
    debounce_ms: Annotated[int, Field(ge=0, le=60_000)] = Field(
        100, description="Changes that follow each other this quickly are told together, in milliseconds."
    )
    timeout_seconds: Annotated[float, Field(ge=0, le=86_400)] = Field(
        300, description="How long to watch, in seconds."
    )
    timeout_ms: Annotated[int, Field(ge=0, le=86_400_000)] | None = Field(
        None, description="How long to watch, in milliseconds; counts before `timeout_seconds`."
    )
    max_events: Annotated[int, Field(ge=1, le=MOST_EVENTS)] = Field(
        1000, description="Stop when there are so many changes."
    )


class FileEvent(Result):
    """A change of a file or folder."""

    path: str = Field(description="The file, from the working folder where it is in it.")
    event_type: Kind = Field(description="What happened to it.")
    timestamp: float = Field(description="When it was noticed, in seconds since 1970.")


class Watched(Result):
    """What happened while files were watched."""

    events: list[FileEvent] = Field(description="The changes, in the order in which they were noticed.")
    event_count: int = Field(description="How many there were.")


class WatchLimits(Result):
    """The limits of watching."""

    max_events: int = Field(description="The most changes of a watch.")
    default_timeout: float = Field(description="How long a watch takes where not said, in seconds.")
    default_debounce_ms: int = Field(description="What is told together where not said, in milliseconds.")
    max_paths: int = Field(description="The most paths of a watch.")


class FileWatcher(Tool[WatcherParameters]):
    """Waits for changes of files and folders, and tells them."""

    name = "file-watcher"
    category = "filesystem"
    security = "restricted"
    aliases = ("file_watcher",)
    Parameters = WatcherParameters
    returns = Watched | WatchLimits

    async def run(self, parameters: WatcherParameters, context: ToolContext) -> Outcome:
        """Watch, until the time is over or there are enough changes."""
        if parameters.operation == "config":
            return _limits()
        given = parameters.input or []
        paths = [context.permissions.readable(one) for one in given]
        for path, one in zip(paths, given, strict=True):
            with told_as_tool_errors(one):
                path.stat()
        with told_as_tool_errors(", ".join(given)):
            events = await _events(paths, parameters, context.root.resolve())
        text = "\n".join(f"{event.event_type} {event.path}" for event in events)
        result = Watched(events=events, event_count=len(events))
        return Outcome("watch", result, text, f"Noticed {counted(len(events), 'change')}")


async def _events(paths: Sequence[Path], parameters: WatcherParameters, root: Path) -> list[FileEvent]:
    from watchfiles import awatch

    seconds = parameters.timeout_seconds if parameters.timeout_ms is None else parameters.timeout_ms / 1000
    end = time.monotonic() + seconds
    events: list[FileEvent] = []
    changes = awatch(
        *paths,
        watch_filter=None,
        debounce=max(1, parameters.debounce_ms),
        step=max(1, min(50, parameters.debounce_ms)),
        rust_timeout=_LOOK_MS,
        yield_on_timeout=True,
        recursive=parameters.recursive,
    )
    async with aclosing(changes):
        async for together in changes:
            events += _told(together, parameters.pattern, root)
            if len(events) >= parameters.max_events or time.monotonic() >= end:
                break
    return events[: parameters.max_events]


def _told(changes: Iterable[tuple[int, str]], pattern: str | None, root: Path) -> Iterator[FileEvent]:
    for kind, path in sorted(changes, key=lambda change: (change[1], change[0])):
        if pattern is None or fnmatchcase(Path(path).name, pattern):
            event_type, name = _KINDS[kind - 1], _name(Path(path), root)
            yield FileEvent(path=name, event_type=event_type, timestamp=time.time())


def _name(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)


def _limits() -> Outcome:
    fields = WatcherParameters.model_fields
    result = WatchLimits(
        max_events=MOST_EVENTS,
        default_timeout=fields["timeout_seconds"].default,
        default_debounce_ms=fields["debounce_ms"].default,
        max_paths=MOST_PATHS,
    )
    text = f"at most {MOST_PATHS} paths and {MOST_EVENTS} changes"
    return Outcome("config", result, text, "Told the limits")
