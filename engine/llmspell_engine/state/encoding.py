"""State as JSON text: what scripts may keep, and why something may not."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from typing import Any

from llmspell_engine.state.store import StateError


def encode(value: Any) -> str:
    """The JSON text of a bridged value. Raises StateError naming the part that JSON cannot write."""
    problem = next(_problems(value, "value"), None)
    if problem:
        raise StateError(problem)
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def decode(text: str) -> Any:
    """The value of a text."""
    return json.loads(text)


def _problems(value: Any, path: str) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, part in value.items():
            yield from _problems(part, f"{path}.{key}")
    elif isinstance(value, list | tuple):
        for index, part in enumerate(value, 1):
            yield from _problems(part, f"{path}[{index}]")
    elif isinstance(value, float) and not math.isfinite(value):
        yield f"{path} is {value}, which JSON cannot write"
    elif not (value is None or isinstance(value, bool | int | float | str)):
        yield f"{path} is {_called(value)}, which JSON cannot write"


def _called(value: Any) -> str:
    if isinstance(value, bytes):
        return "a binary string"
    return "a function" if callable(value) else "an object of the API"
