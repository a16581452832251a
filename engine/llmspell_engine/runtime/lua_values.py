"""The Lua half of the value bridge: between lupa's objects and plain Python values."""

from __future__ import annotations

import itertools
import math
import weakref
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from llmspell_engine.runtime.lua_flat import NOTHING, FlatTables, in_order, text_of
from llmspell_engine.runtime.values import HostObject, Kept, Plain, Shape, Walk, fields_of, kind_of

if TYPE_CHECKING:
    from llmspell_engine.runtime.base import ScriptError

_INTEGER_LIMIT = 2**63
_CONTAINERS = frozenset((dict, list, tuple))
_PLAIN = frozenset((str, bool, int, float))
SCALARS = frozenset((bytes, bool, int, float, type(None)))
"""The types of Lua's plain values."""


class LuaFunction:
    """A Lua function held by the host through a number, so that it never outlives its coroutine."""

    def __init__(self, number: int, name: str, call: Callable[..., Any]) -> None:
        self.number = number
        self.name = name
        self._call = call

    def __call__(self, *arguments: Any) -> Any:
        """Call it. Raises ScriptError when it fails."""
        return self._call(self.number, *arguments)


@dataclass(frozen=True, slots=True)
class LuaHost:
    """What the bridge asks of the runtime.

    Attributes:
        call: calls a function of the script, held by its number.
        serve: makes what Lua calls of a function of the host and the object that it belongs to.
        script_error: makes an exception of an error table.
    """

    call: Callable[..., Any]
    serve: Callable[[Callable[..., Any], HostObject | None], Callable[..., Any]]
    script_error: Callable[[Any], ScriptError]


class LuaValues:
    """Converts values of one Lua runtime. ``prelude`` has the functions of ``lua_prelude``."""

    def __init__(
        self, lua: Any, lua_type: Callable[[Any], str | None], prelude: dict[str, Any], host: LuaHost
    ) -> None:
        self._lua = lua
        self._type = lua_type
        self._host = host
        self._identify = prelude["identify"]
        self._keep = prelude["keep"]
        self._kept = prelude["kept"]
        self._release = prelude["release"]
        self._object = prelude["object"]
        self._object_of = prelude["object_of"]
        self._shape = prelude["shape"]
        self._gone = prelude["gone"]
        self._bind = prelude["bind"]
        self._put = prelude["put"]
        self._waiting = prelude["waiting"]
        self._error = prelude["error"]
        self._is_error = prelude["is_error"]
        self._empty_list = prelude["empty_list"]
        self._is_empty_list = prelude["is_empty_list"]
        self._flat = FlatTables(prelude)
        self._host_functions: weakref.WeakValueDictionary[int, Callable[..., Any]]
        self._host_functions = weakref.WeakValueDictionary()
        """By the identity of a function of the host: what Lua calls, which keeps that function alive."""
        self._originals: weakref.WeakKeyDictionary[Callable[..., Any], Callable[..., Any]]
        self._originals = weakref.WeakKeyDictionary()
        """By what Lua calls: the function of the host."""
        self._objects: dict[int, HostObject] = {}
        """By their numbers, those that the script has."""
        self._object_numbers: dict[int, int] = {}
        self._numbers = itertools.count(1)
        self._shapes: dict[Shape, Any] = {}
        """What Lua has made of each."""
        self._functions: weakref.WeakValueDictionary[int, LuaFunction] = weakref.WeakValueDictionary()
        self._released: list[int] = []
        self._kept_tables: dict[int, tuple[Any, int]] = {}
        """By the number of what is kept: the table, and how much of the news it has."""
        self._dropped: list[int] = []

    def to_python(self, value: Any, walk: Walk | None = None) -> Any:
        """A Lua value as a Python value. Raises BridgeError for what cannot pass."""
        kind = type(value)
        if kind in SCALARS:
            return text_of(value) if kind is bytes else value
        return self._compound(value, walk or Walk())

    def to_lua(self, value: Any, walk: Walk | None = None) -> Any:
        """A Python value as a Lua value. Raises BridgeError for what cannot pass."""
        kind = type(value)
        if kind is str:
            return value.encode("utf-8", "surrogatepass")
        if kind in SCALARS and kind is not int:
            return value
        if kind is Plain:
            return self._of_text(value)
        if isinstance(value, str):
            return value.encode("utf-8", "surrogatepass")
        if isinstance(value, int):
            return value if -_INTEGER_LIMIT <= value < _INTEGER_LIMIT else _as_float(value)
        return self._build(value, walk or Walk())

    def release_dropped(self) -> None:
        """Let go of the Lua functions that the host no longer holds."""
        while self._released:
            number = self._released.pop()
            if number not in self._functions:
                self._release(number)
        while self._dropped:
            self._kept_tables.pop(self._dropped.pop(), None)

    def _compound(self, value: Any, walk: Walk) -> Any:
        kind = self._type(value)
        if kind is None and callable(value):
            return self._originals.get(value, value)
        if kind == "table":
            return self._table(value, walk)
        if kind == "function":
            return self._function(value)
        raise walk.refuse(f"is a {kind or type(value).__name__}, which cannot leave the script")

    def _table(self, table: Any, walk: Walk) -> Any:
        if walk.is_fresh:
            flat = self._flat.to_python(table)
            if flat is not NOTHING:
                return flat
        identity, handle = self._identify(table)
        if handle is not None:
            return self._objects[handle]
        if self._is_error(table):
            return self._host.script_error(table)
        walk.enter(identity)
        items = [(self._key(key, walk), value) for key, value in table.items()]
        is_list = _is_sequence(items) or (not items and self._is_empty_list(table))
        found: Any = self._sequence(items, walk) if is_list else self._mapping(items, walk)
        walk.leave(identity)
        return found

    def _sequence(self, items: list[tuple[Any, Any]], walk: Walk) -> list[Any]:
        # Entries of the hash part come in any order, those of the array part in theirs.
        items.sort(key=lambda item: item[0])
        return [self._part(key, value, walk) for key, value in items]

    def _mapping(self, items: list[tuple[Any, Any]], walk: Walk) -> dict[Any, Any]:
        return {key: self._part(key, value, walk) for key, value in in_order(items).items()}

    def _part(self, key: Any, value: Any, walk: Walk) -> Any:
        walk.step(key)
        found = self.to_python(value, walk)
        walk.back()
        return found

    def _key(self, key: Any, walk: Walk) -> Any:
        if isinstance(key, bytes):
            return text_of(key)
        if isinstance(key, bool | int | float):
            return key
        raise walk.refuse(f"has a {self._type(key)} as a key: keys are strings and numbers")

    def _function(self, function: Any) -> LuaFunction:
        number = self._keep(function)
        found = self._functions.get(number)
        if found is None:
            found = LuaFunction(number, f"function {number}", self._host.call)
            self._functions[number] = found
            weakref.finalize(found, self._released.append, number).atexit = False
        return found

    def _build(self, value: Any, walk: Walk) -> Any:
        if isinstance(value, Mapping | list | tuple):
            return self._build_table(value, walk)
        if isinstance(value, HostObject):
            return self._build_object(value)
        if isinstance(value, Kept):
            return self._build_kept(value, walk)
        if isinstance(value, LuaFunction):
            return self._kept(value.number)
        if isinstance(value, BaseException):
            return self.error(value)
        if callable(value):
            bind = self._waiting if getattr(value, "waits", False) else self._bind
            return bind(self._served(value, None))
        raise walk.refuse(f"is a {type(value).__name__}, which cannot enter a script")

    def _of_text(self, plain: Plain) -> Any:
        known = self._flat.known(plain.text)
        if known is not NOTHING:
            return known
        value = plain.value
        flat = self._flat.to_lua(value, plain.text)
        return self._build_by_parts(value, Walk()) if flat is NOTHING else flat

    def _build_table(self, value: Any, walk: Walk) -> Any:
        flat = self._flat.to_lua(value) if walk.is_fresh and type(value) in _CONTAINERS else NOTHING
        return self._build_by_parts(value, walk) if flat is NOTHING else flat

    def _build_by_parts(self, value: Any, walk: Walk) -> Any:
        if not value and not isinstance(value, Mapping):
            return self._empty_list()
        return self._build_parts(
            value, value.items() if isinstance(value, Mapping) else enumerate(value, 1), walk
        )

    def _build_parts(self, owner: Any, items: Any, walk: Walk) -> Any:
        walk.enter(id(owner))
        built = {}
        for key, value in items:
            # Most parts are plain: they need no place to be told by.
            if value is None or type(value) in _PLAIN:
                kind = type(key)
                if kind is str:
                    built[key.encode("utf-8", "surrogatepass")] = self.to_lua(value)
                    continue
                if kind is int and abs(key) < _INTEGER_LIMIT:
                    built[key] = self.to_lua(value)
                    continue
            walk.step(key)
            built[self._build_key(key, walk)] = self.to_lua(value, walk)
            walk.back()
        walk.leave(id(owner))
        return self._lua.table_from(built)

    def _build_kept(self, value: Kept, walk: Walk) -> Any:
        table, known = self._kept_tables.get(value.number, (None, 0))
        if table is None:
            table = self.to_lua(value.first, walk)
            weakref.finalize(value, self._dropped.append, value.number).atexit = False
        news = value.news[known:]
        for key, item in news:
            self._put(table, key.encode("utf-8", "surrogatepass"), self.to_lua(item))
        self._kept_tables[value.number] = table, known + len(news)
        return table

    def _build_key(self, key: Any, walk: Walk) -> Any:
        if isinstance(key, str | bytes | int) or (isinstance(key, float) and not math.isnan(key)):
            return self.to_lua(key)
        raise walk.refuse(f"stands under a key of type {type(key).__name__}: keys are strings and numbers")

    def _build_object(self, value: HostObject) -> Any:
        number = self._object_numbers.get(id(value))
        if number is None:
            self._forget_gone()
            number = self._object_numbers[id(value)] = next(self._numbers)
            self._objects[number] = value
        existing = self._object_of(number)
        if existing is not None:
            return existing
        return self._object(number, self.to_lua(dict(value.fields)), self._shape_of(value))

    def _shape_of(self, value: HostObject) -> Any:
        shape = value.shape
        found = self._shapes.get(shape)
        if found is None:
            waits = {name.encode(): waits for name, waits in shape.methods.items()}
            table = self._lua.table_from(waits)
            found = self._shape(shape.name.encode(), table, shape.is_indexed, shape.iterates)
            self._shapes[shape] = found
        return found

    def _forget_gone(self) -> None:
        """Let go of the objects that the script no longer has."""
        gone = self._gone()
        for number in gone.values() if gone is not None else ():
            value = self._objects.pop(number, None)
            if value is not None:
                del self._object_numbers[id(value)]

    def method(self, number: int, name: str | None) -> Callable[..., Any]:
        """What Lua calls of a method of an object, or of its index."""
        value = self._objects[number]
        function = value.index if name is None else value.methods[name]
        assert function is not None, "scripts ask for what the shape has"
        return self._served(function, value if name is not None else None)

    def _served(self, function: Callable[..., Any], owner: HostObject | None) -> Callable[..., Any]:
        known = self._host_functions.get(id(function))
        if known is None:
            known = self._host_functions[id(function)] = self._host.serve(function, owner)
            self._originals[known] = function
        return known

    def error(self, error: BaseException, *, placed: bool = False) -> Any:
        """An exception as an error value of Lua, its causes with it; placed: where the script calls."""
        cause = error.__cause__ or getattr(error, "cause", None)
        message = str(error) or type(error).__name__
        frames = () if placed else getattr(error, "frames", ())
        path, line = (
            (frames[0].path.encode("utf-8", "surrogateescape"), frames[0].line) if frames else (None, None)
        )
        fields = fields_of(error, "lua")
        return self._error(
            kind_of(error).encode(),
            message.encode("utf-8", "surrogatepass"),
            self.error(cause) if cause is not None else None,
            placed,
            path,
            line,
            self.to_lua(fields) if fields else None,
        )


def _is_sequence(items: list[tuple[Any, Any]]) -> bool:
    count = len(items)
    return count > 0 and all(type(key) is int and 0 < key <= count for key, _ in items)


def _as_float(value: int) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf
