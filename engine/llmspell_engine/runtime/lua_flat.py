"""Tables of plain values that pass to Lua and back in one piece; ``lua_prelude/flat.lua`` is the other half.

What holds anything else, is large or nested deeply passes part by part, as ``lua_values.py`` has it: there is
told what cannot pass, and where it stands.
"""

from __future__ import annotations

from collections.abc import Iterator
from operator import itemgetter
from typing import Any

from llmspell_engine.runtime.values import Prepared

_MOST_PARTS = 2000
_MOST_LEVELS = 20
_INTEGER_LIMIT = 2**63
_VALUE, _CLOSING, _LIST = b".}["
_AS_THEY_ARE: frozenset[type] = frozenset((bool, float, bytes, type(None)))
NOTHING: Any = object()
"""For what does not pass so."""


class FlatTables:
    """Passes tables of one runtime. ``prelude`` has the functions of ``lua_prelude``."""

    def __init__(self, prelude: dict[str, Any]) -> None:
        self._flat = prelude["flat"]
        self._laid_out = prelude["laid_out"]
        self._mark = prelude["table_mark"]()
        self._prepared = Prepared()

    def to_lua(self, value: Any, text: str | None = None) -> Any:
        """The table for a dictionary or a list; NOTHING where it does not pass so.

        Where its text of JSON is given, :meth:`known` has it from now on.
        """
        parts: list[Any] = []
        if not self._lay_out(value, parts, _MOST_LEVELS) or len(parts) > _MOST_PARTS:
            return NOTHING
        if text is not None:
            self._prepared.put(text, parts)
        return self._laid_out(*parts)

    def known(self, text: str) -> Any:
        """The table for a text of JSON that has passed lately; NOTHING where it has not."""
        parts = self._prepared.get(text)
        return NOTHING if parts is None else self._laid_out(*parts)

    def to_python(self, table: Any) -> Any:
        """The dictionary or list for a table; NOTHING where it does not pass so."""
        found = self._flat(table)
        if found is None:
            return NOTHING
        form, *parts = found if isinstance(found, tuple) else (found,)
        marks = iter(form)
        return _read(next(marks), marks, iter(parts))

    def _lay_out(self, value: Any, parts: list[Any], levels: int) -> bool:
        """Add the parts of a value; whether it is plain. See ``laid_out`` in the prelude for their order."""
        if not levels or len(parts) > _MOST_PARTS:
            return False
        if type(value) is not dict:
            parts.append(-len(value) - 1)
            return all(self._add(item, parts, levels) for item in value)
        parts.append(len(value))
        for key, item in value.items():
            if type(key) is str:
                parts.append(key.encode("utf-8", "surrogatepass"))
            elif type(key) is int and abs(key) < _INTEGER_LIMIT:
                parts.append(key)
            else:
                return False
            if not self._add(item, parts, levels):
                return False
        return True

    def _add(self, item: Any, parts: list[Any], levels: int) -> bool:
        kind = type(item)
        if kind is str:
            parts.append(item.encode("utf-8", "surrogatepass"))
        elif kind in _AS_THEY_ARE or (kind is int and abs(item) < _INTEGER_LIMIT):
            parts.append(item)
        elif kind is dict or kind is list or kind is tuple:
            parts.append(self._mark)
            return self._lay_out(item, parts, levels - 1)
        else:
            return False
        return True


def text_of(value: bytes) -> str | bytes:
    """A string of Lua: a text, where it is UTF-8."""
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value


def in_order(items: list[tuple[Any, Any]]) -> dict[Any, Any]:
    """The entries of a table. Lua visits them in another order in each run; here it is the same in each."""
    if all(type(key) is str for key, _ in items):
        items.sort(key=itemgetter(0))
    else:
        items.sort(key=lambda item: (isinstance(item[0], str | bytes), str(item[0])))
    return dict(items)


def _read(opening: int, marks: Iterator[int], parts: Iterator[Any]) -> Any:
    if opening == _LIST:
        return [_value(mark, marks, parts) for mark in iter(marks.__next__, _CLOSING)]
    items = []
    for mark in iter(marks.__next__, _CLOSING):
        key = next(parts)
        items.append((text_of(key) if type(key) is bytes else key, _value(mark, marks, parts)))
    return in_order(items)


def _value(mark: int, marks: Iterator[int], parts: Iterator[Any]) -> Any:
    if mark != _VALUE:
        return _read(mark, marks, parts)
    value = next(parts)
    return text_of(value) if type(value) is bytes else value
