"""Where the keys of llmspell 0.14 and before are now."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

from llmspell_engine.config.origin import Keys


@dataclass(frozen=True, slots=True)
class Moved:
    """Where a key is now. Without keys it is said by something else; a value of None is as it was."""

    keys: Keys = ()
    value: Any = None


def moved(keys: Keys, value: Any, names: Sequence[str]) -> Moved | None:
    """Where a key is now; None where there is nothing like it. ``names`` are those of ``[[providers]]``."""
    if keys[0] == "providers" and len(keys) > 2:
        name = names[int(keys[1])] if names else keys[1]
        return _of_provider(name, keys[2:], value)
    if keys[:3] == ("debug", "module_filters", "levels"):
        return Moved(("log", "levels", *keys[3:]))
    target = _MOVED.get(".".join(keys))
    if target is None:
        return None
    made, change = target
    changed = value if change is None else change(value)
    return None if changed is None else Moved(tuple(made.split(".")), None if change is None else changed)


def _of_provider(name: str, keys: Keys, value: Any) -> Moved | None:
    if keys == ("name",):
        return Moved()
    target = _OF_PROVIDERS.get(".".join(keys))
    if target is None:
        return None
    made, change = target
    changed = value if change is None else change(value)
    if changed is None:
        return None
    return Moved(("providers", name, made), None if change is None else changed)


def _megabytes(count: int) -> int:
    return max(1, ceil(count / 2**20))


def _seconds(milliseconds: Any) -> float:
    return float(milliseconds) / 1000


def _service(word: Any) -> str | None:
    from llmspell_engine.providers.services import ALIASES, SERVICES

    found = ALIASES.get(word, word)
    return found if found in SERVICES else None


def _only(folders: Any) -> Any:
    """There is one root for tools now."""
    return folders[0] if isinstance(folders, list) and len(folders) == 1 else None


def _one_of(*words: str) -> Callable[[Any], Any]:
    return lambda word: word if word in words else None


_Target = tuple[str, Callable[[Any], Any] | None]
_MOVED: dict[str, _Target] = {
    "engines.lua.max_memory_bytes": ("engine.lua.memory_mb", _megabytes),
    "engines.javascript.max_heap_size_bytes": ("engine.javascript.memory_mb", _megabytes),
    "tools.file_operations.allowed_paths": ("tools.root", _only),
    "runtime.sessions.max_artifacts_per_session": ("sessions.max_artifacts", None),
    "runtime.sessions.session_timeout_seconds": ("sessions.ttl_seconds", None),
    "events.buffer_size": ("events.buffer_size", None),
    "debug.level": ("log.level", None),
    "debug.output.format": ("log.format", _one_of("text", "json")),
    "debug.output.file.path": ("log.file", None),
}
_OF_PROVIDERS: dict[str, _Target] = {
    "provider_type": ("type", _service),
    "base_url": ("base_url", None),
    "api_key": ("api_key", None),
    "api_key_env": ("api_key_env", None),
    "timeout_seconds": ("timeout_seconds", None),
    "max_retries": ("max_retries", None),
    "retry.max_retries": ("max_retries", None),
    "retry.initial_delay_ms": ("backoff_seconds", _seconds),
    "retry.max_delay_ms": ("backoff_max_seconds", _seconds),
    "rate_limit.requests_per_minute": ("requests_per_minute", None),
}
