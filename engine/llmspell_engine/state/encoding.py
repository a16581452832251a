"""Values of scripts as JSON text: what can be written, and why something cannot."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from typing import Any


class JSONError(Exception):
    """A text is not JSON, or a value cannot be written as JSON."""


def encode(value: Any, where: str) -> str:
    """The JSON text of a bridged value, for the global ``where``.

    Raises JSONError naming the part that JSON cannot write.
    """
    try:
        text = _ENCODER.encode(value)
    except (TypeError, ValueError):
        # It refuses the same values, but does not say where they stand.
        problem = next(_problems(value, "value"), None)
        if problem:
            raise JSONError(f"{where}: {problem}") from None
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text if _is_unicode(text) else json.dumps(value, separators=(",", ":"))


def decode(text: str) -> Any:
    """The value of a text. Raises JSONError with the place where it is not JSON."""
    try:
        # What the engine has written has no space about it; to look for some takes as long as all the rest.
        value, end = _DECODER.raw_decode(text)
        if end == len(text):
            return value
    except (ValueError, RecursionError):
        pass  # it is told below
    try:
        return _DECODER.decode(text)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise JSONError(f"the text is not JSON: {error.msg.lower()} at {place}") from None
    except RecursionError:
        raise JSONError("the text is nested too deeply") from None
    except ValueError as error:
        raise JSONError(f"the text has a number that cannot be read: {error}") from None


def _refuse(word: str) -> Any:
    raise JSONError(f"the text is not JSON: there is no {word} in it")


_DECODER = json.JSONDecoder(parse_constant=_refuse)
_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def _is_unicode(text: str) -> bool:
    """Whether a text can be written as it is: half of a surrogate pair, as JavaScript has them, cannot."""
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _problems(value: Any, path: str) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, part in value.items():
            yield from _problems(part, f"{path}.{key}")
    elif isinstance(value, list | tuple):
        for index, part in enumerate(value, 1):
            yield from _problems(part, f"{path}[{index}]")
    elif isinstance(value, float) and not math.isfinite(value):
        yield f"{path} is {_word(value)}, which JSON cannot write"
    elif not (value is None or isinstance(value, bool | int | float | str)):
        yield f"{path} is {_called(value)}, which JSON cannot write"


def _called(value: Any) -> str:
    if isinstance(value, bytes):
        return "a binary string"
    if isinstance(value, BaseException):
        return "an error"
    return "a function" if callable(value) else "an object of the API"


def _word(value: float) -> str:
    return "NaN" if math.isnan(value) else f"{'-' if value < 0 else ''}infinity"
