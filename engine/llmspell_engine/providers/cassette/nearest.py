"""Saying why a request is not on a cassette: the recorded one that is most like it, and what differs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from difflib import SequenceMatcher
from typing import Any, NamedTuple

_SHOWN_DIFFERENCES = 4
_SHOWN_LENGTH = 120
_COMPARED_LENGTH = 2000
_NOTHING = object()


class Difference(NamedTuple):
    """A place where two requests differ."""

    path: str
    recorded: Any
    asked: Any

    @property
    def weight(self) -> float:
        """How much: from 0 to 1."""
        if isinstance(self.recorded, str) and isinstance(self.asked, str):
            texts = self.recorded[:_COMPARED_LENGTH], self.asked[:_COMPARED_LENGTH]
            return 1 - SequenceMatcher(None, *texts).quick_ratio()
        return 1.0


def differences(recorded: Any, asked: Any, path: str = "") -> list[Difference]:
    """The innermost places where two plain values differ, in order."""
    if isinstance(recorded, Mapping) and isinstance(asked, Mapping):
        keys = dict.fromkeys([*recorded, *asked])
        pairs = [
            (f"{path}.{key}" if path else key, recorded.get(key, _NOTHING), asked.get(key, _NOTHING))
            for key in keys
        ]
    elif isinstance(recorded, list) and isinstance(asked, list):
        count = max(len(recorded), len(asked))
        pairs = [(f"{path}[{at}]", _at(recorded, at), _at(asked, at)) for at in range(count)]
    else:
        return [] if recorded == asked else [Difference(path, recorded, asked)]
    return [each for name, left, right in pairs for each in differences(left, right, name)]


def nearest(asked: Any, recorded: Iterable[tuple[int, Any]]) -> tuple[int, list[Difference]] | None:
    """The line of the recorded request that is most like what is asked, and what differs."""
    found = [(line, differences(each, asked)) for line, each in recorded]
    return min(found, key=lambda each: sum(one.weight for one in each[1]), default=None)


def shown(found: list[Difference]) -> str:
    """The differences for a message, some lines of them."""
    lines = [
        f"\n  {each.path}: recorded {_short(each.recorded)}, asked {_short(each.asked)}"
        for each in found[:_SHOWN_DIFFERENCES]
    ]
    more = len(found) - _SHOWN_DIFFERENCES
    return "".join(lines) + (f"\n  and {more} more" if more > 0 else "")


def _at(values: list[Any], index: int) -> Any:
    return values[index] if index < len(values) else _NOTHING


def _short(value: Any) -> str:
    if value is _NOTHING:
        return "nothing"
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _SHOWN_LENGTH else f"{text[:_SHOWN_LENGTH]}…"
