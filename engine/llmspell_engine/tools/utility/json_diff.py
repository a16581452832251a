"""The difference of two JSON values, place by place."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import SequenceMatcher
from json import dumps
from typing import Any, Literal

from pydantic import Field

from llmspell_engine.api.declare import Result


class JsonChange(Result):
    """A difference of two values."""

    path: str = Field(description="The place, such as `$.items[0].name`.")
    change: Literal["added", "removed", "changed"] = Field(description="What happened there.")
    old: Any = Field(None, description="What stood there.")
    new: Any = Field(None, description="What stands there now.")


def changes(old: Any, new: Any, path: str = "$") -> Iterator[JsonChange]:
    """What leads from a value to another. Elements of lists that moved stay what they are."""
    if isinstance(old, dict) and isinstance(new, dict):
        yield from _of_tables(old, new, path)
    elif isinstance(old, list) and isinstance(new, list):
        yield from _of_lists(old, new, path)
    elif _sign(old) != _sign(new):
        yield JsonChange(path=path, change="changed", old=old, new=new)


def _of_tables(old: dict[str, Any], new: dict[str, Any], path: str) -> Iterator[JsonChange]:
    for key in dict.fromkeys((*old, *new)):
        place = f"{path}.{key}" if key.isidentifier() else f"{path}[{dumps(key, ensure_ascii=False)}]"
        if key not in new:
            yield JsonChange(path=place, change="removed", old=old[key])
        elif key not in old:
            yield JsonChange(path=place, change="added", new=new[key])
        else:
            yield from changes(old[key], new[key], place)


def _of_lists(old: list[Any], new: list[Any], path: str) -> Iterator[JsonChange]:
    pairs = SequenceMatcher(None, list(map(_sign, old)), list(map(_sign, new)), autojunk=False)
    for kind, start, end, first, last in pairs.get_opcodes():
        if kind == "equal":
            continue
        both = min(end - start, last - first)
        for step in range(both):
            yield from changes(old[start + step], new[first + step], f"{path}[{first + step}]")
        for place in range(start + both, end):
            yield JsonChange(path=f"{path}[{place}]", change="removed", old=old[place])
        for place in range(first + both, last):
            yield JsonChange(path=f"{path}[{place}]", change="added", new=new[place])


def _sign(value: Any) -> str:
    """What two values have alike that are the same: 1 and 1.0, but not 1 and true."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return dumps(value, sort_keys=True, default=str)
