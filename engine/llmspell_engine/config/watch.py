"""A configuration that changes while a script runs: what changed, and what of it may be taken over.

Files are looked at once in a while, for their time and their size; a directory that is watched by the
system would say no more, and editors replace files in ways that such watches lose. A file that is wrong
at the moment is told and changes nothing; the next change is looked for as before.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from llmspell_engine.config import documents
from llmspell_engine.config.error import ConfigError
from llmspell_engine.config.origin import Keys
from llmspell_engine.config.resolution import ResolvedConfig, resolve

INTERVAL_SECONDS = 1.0
Stamp = tuple[int, int, int]
"""The time, the size and the number of a file; one that is replaced has another number."""
Stamps = Mapping[Path, Stamp]
SAFE = (
    ("run", "max_calls"),
    ("run", "max_tokens"),
    ("run", "max_cost"),
    ("log", "level"),
    ("log", "levels"),
    ("prompts",),
    ("providers", "*", "api_key"),
    ("providers", "*", "api_key_env"),
    ("providers", "*", "timeout_seconds"),
    ("providers", "*", "connect_timeout_seconds"),
    ("providers", "*", "total_timeout_seconds"),
    ("providers", "*", "max_retries"),
    ("providers", "*", "backoff_seconds"),
    ("providers", "*", "backoff_max_seconds"),
    ("providers", "*", "requests_per_minute"),
    ("providers", "*", "tokens_per_minute"),
    ("providers", "*", "max_concurrent"),
)
"""What a run asks anew each time, so that it may change under it. All else is read when a run begins."""
_NOT_OF_RUNS = (("lint",), ("version",))
"""What no run reads."""


@dataclass(frozen=True, slots=True)
class Changes:
    """The keys whose values differ."""

    safe: tuple[Keys, ...] = ()
    """May be taken over by a run that is under way."""
    restart: tuple[Keys, ...] = ()
    """Hold for the next run."""

    def __bool__(self) -> bool:
        return bool(self.safe or self.restart)


@dataclass(frozen=True, slots=True)
class Change:
    """The files changed. Either there is a new configuration, or it cannot be used."""

    config: ResolvedConfig | None
    changes: Changes = Changes()
    error: ConfigError | None = None


def safe_changes(old: ResolvedConfig, new: ResolvedConfig) -> Changes:
    """What differs between two configurations."""
    changed = [keys for keys in _differences(old.config, new.config) if not _is_in(keys, _NOT_OF_RUNS)]
    return Changes(
        tuple(keys for keys in changed if _is_in(keys, SAFE)),
        tuple(keys for keys in changed if not _is_in(keys, SAFE)),
    )


def stamps(resolved: ResolvedConfig) -> Stamps:
    """How the files are that a configuration comes from, or might, and those of its prompts."""
    files = [*_files_of_sources(resolved), *_files_of_prompts(resolved).values()]
    return {file: stamp for file in files if (stamp := _stamp(file)) is not None}


async def watch(
    resolved: ResolvedConfig, interval: float = INTERVAL_SECONDS, seen: Stamps | None = None
) -> AsyncGenerator[Change, None]:
    """Each change of the files of a configuration, also of ones that appear or go.

    ``seen`` is how they were when it was resolved; without it, changes count from the first look on.
    """
    import anyio

    latest = resolved
    seen = stamps(latest) if seen is None else seen
    while True:
        await anyio.sleep(interval)
        found = stamps(latest)
        if found == seen:
            continue
        rewritten = [
            keys for keys, file in _files_of_prompts(latest).items() if found.get(file) != seen.get(file)
        ]
        seen = found
        try:
            new = resolve(resolved.start, file=resolved.file, overrides=resolved.overrides)
            changes = safe_changes(latest, new)
        except ConfigError as error:
            yield Change(None, error=error)
            continue
        latest, seen = new, {**stamps(new), **found}
        changes = Changes(tuple(dict.fromkeys((*changes.safe, *rewritten))), changes.restart)
        if changes:
            yield Change(new, changes)


def _files_of_sources(resolved: ResolvedConfig) -> list[Path]:
    folder = documents.user_folder()
    folders = [folder] if folder else []
    if resolved.file is None:
        folders += [resolved.start, *resolved.start.parents]
    named = [] if resolved.file is None else [resolved.file]
    return [*named, *(each / name for each in folders for name in documents.FILE_NAMES)]


def _files_of_prompts(resolved: ResolvedConfig) -> dict[Keys, Path]:
    prompts = {} if resolved.is_empty else resolved.config.prompts
    return {("prompts", name, "file"): each.file for name, each in prompts.items() if each.file is not None}


def _stamp(file: Path) -> Stamp | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def _differences(old: Any, new: Any, place: Keys = ()) -> Iterator[Keys]:
    """The keys of two tables whose values differ, those in inner tables where both have one."""
    from llmspell_engine.config.fields import items_of

    before, after = dict(items_of(old)), dict(items_of(new))
    for key in dict.fromkeys((*before, *after)):
        left, right = before.get(key), after.get(key)
        if left == right:
            continue
        keys = (*place, key)
        if _is_table(left) and _is_table(right):
            yield from _differences(left, right, keys)
        else:
            yield keys


def _is_table(value: Any) -> bool:
    from pydantic import BaseModel

    return isinstance(value, BaseModel | Mapping)


def _is_in(keys: Keys, patterns: tuple[Keys, ...]) -> bool:
    return any(_begins_with(keys, pattern) for pattern in patterns)


def _begins_with(keys: Keys, pattern: Keys) -> bool:
    if len(keys) < len(pattern):
        return False
    return all(part in ("*", key) for part, key in zip(pattern, keys, strict=False))
