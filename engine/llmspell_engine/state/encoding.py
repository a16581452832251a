"""Values of scripts as JSON text: what can be written, and why something cannot."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from typing import Any


class JSONError(Exception):
    """A text is not JSON, or a value cannot be written as JSON."""


def encode(value: Any, where: str) -> str:
    """The JSON text of a bridged value, for the function ``where``.

    Raises JSONError naming the part that JSON cannot write.
    """
    problem = next(_problems(value, "value"), None)
    if problem:
        raise JSONError(f"{where}: {problem}")
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
