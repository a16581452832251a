"""The JavaScript half of the value bridge: between JSON with marks and plain Python values.

QuickJS's Python module cuts strings at NUL, truncates integers beyond 32 bits and does not know
BigInt, so values pass as one ASCII string of JSON. A value that JSON does not have is an object whose
only key is ``"\\0"``, holding its kind and its parts; ``prelude.js`` has the other end. An answer
begins with ``0`` where it holds no such object, else with ``1``.
"""

from __future__ import annotations

import itertools
import json
import math
import re
import weakref
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from llmspell_engine.runtime.values import (
    MAX_DEPTH,
    MAX_SAFE_INTEGER,
    BridgeError,
    HostObject,
    Kept,
    Plain,
    Prepared,
    Shape,
    Walk,
    fields_of,
    kind_of,
)

if TYPE_CHECKING:
    from llmspell_engine.runtime.base import ScriptError

_MARK = "\0"
_ESCAPED_MARK = json.dumps(_MARK)
"""How it is written in JSON."""
_MANY_DIGITS = re.compile(r"\d{16}")
_SHALLOW = 20
"""To so many levels values are looked at that may be plain."""


class JavaScriptFunction:
    """A JavaScript function held by the host through a number."""

    def __init__(self, number: int, name: str, call: Callable[..., Any]) -> None:
        self.number = number
        self.name = name
        self._call = call

    def __call__(self, *arguments: Any) -> Any:
        """Call it. Raises ScriptError when it fails."""
        return self._call(self.number, *arguments)


class JavaScriptValues:
    """Converts values of one JavaScript runtime.

    ``call`` calls a held function, ``release`` lets go of one, ``script_error`` makes an exception of
    kind, message, stack, cause and fields.
    """

    def __init__(
        self,
        call: Callable[..., Any],
        release: Callable[[int], Any],
        script_error: Callable[[str, str, str, BaseException | None, Mapping[str, Any]], ScriptError],
    ) -> None:
        self._call = call
        self._release = release
        self._script_error = script_error
        self.host_functions: dict[int, Callable[..., Any]] = {}
        self._function_numbers: dict[int, int] = {}
        self._objects: dict[int, HostObject] = {}
        """By their numbers, those that the script has."""
        self._object_numbers: dict[int, int] = {}
        self._numbers = itertools.count()
        self._shapes: dict[Shape, int] = {}
        self._functions: weakref.WeakValueDictionary[int, JavaScriptFunction] = weakref.WeakValueDictionary()
        self._released: list[int] = []
        self._kept: dict[int, int] = {}
        """By the number of what is kept: how much of its news the script has."""
        self._dropped: list[int] = []
        self._prepared = Prepared()

    def loads(self, text: str) -> Any:
        """The Python value of what the script's side packed."""
        value, _ = _parse(text)
        return self._decode(value) if _ESCAPED_MARK in text else value

    def decoded(self, value: Any) -> Any:
        """The Python value of a part of what was packed."""
        return self._decode(value)

    def dumps(self, value: Any) -> str:
        """What the script's side unpacks to the value. Raises BridgeError for what cannot pass."""
        if type(value) is Plain:
            packed = self._prepared.get(value.text)
            return packed or self._of_text(value)
        if _is_plain(value, _SHALLOW):
            return "0" + _write(value)
        return self._packed(lambda marks: self._encode(value, Walk(), marks))

    def _of_text(self, plain: Plain) -> str:
        """The text as it is, where JavaScript reads the same in it."""
        value = plain.value
        if not _is_read_alike(plain.text):
            return self.dumps(value)
        packed = "0" + plain.text
        self._prepared.put(plain.text, packed)
        return packed

    def dumps_all(self, values: Iterable[Any]) -> str:
        """The same for a list of arguments; a path into one begins with that one."""
        return self._packed(lambda marks: [self._encode(value, Walk(), marks) for value in values])

    def _packed(self, encode: Callable[[list[str]], Any]) -> str:
        marks: list[str] = []
        try:
            return _text(encode(marks), marks)
        except BridgeError:
            # The script has got nothing of it: what is kept is handed over anew.
            self._kept.clear()
            raise

    def error(self, error: BaseException) -> str:
        """An exception as the answer to a call that failed."""
        message = str(error) or type(error).__name__
        return "E" + _write([kind_of(error), message, self._cause(error), self._fields(error)])

    def release_dropped(self) -> None:
        """Let go of the functions that the host no longer holds."""
        while self._released:
            number = self._released.pop()
            if number not in self._functions:
                self._release(number)
        while self._dropped:
            number = self._dropped.pop()
            self._kept.pop(number, None)
            self._release(-number)

    def register(self, function: Callable[..., Any]) -> int:
        """The number under which the script calls a host function."""
        number = self._function_numbers.get(id(function))
        if number is None:
            number = self._function_numbers[id(function)] = next(self._numbers)
            self.host_functions[number] = function
        return number

    def method(self, number: int, name: str) -> int:
        """The number of a method of an object, as :meth:`register` gives it."""
        return self.register(self._objects[number].methods[name])

    def forget(self, number: int) -> None:
        """Let go of an object that the script no longer has."""
        value = self._objects.pop(number, None)
        if value is None:
            return
        del self._object_numbers[id(value)]
        if value.iterates:
            value.methods["close"]()

    def forget_function(self, number: int) -> None:
        """Let go of a function that the script no longer has."""
        function = self.host_functions.pop(number, None)
        self._function_numbers.pop(id(function), None)

    # From the script

    def _decode(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._decode(item) for item in value]
        if not isinstance(value, dict):
            return value
        marked = value.get(_MARK)
        if marked is not None:
            return self._decode_marked(*marked)
        return {key: self._decode(item) for key, item in value.items()}

    def _decode_marked(self, mark: str, first: Any, *rest: Any) -> Any:
        match mark:
            case "bigint":
                return int(first)
            case "number":
                return float(first.replace("Infinity", "inf"))
            case "bytes":
                return first.encode("latin-1")
            case "entries":
                return {key: self._decode(item) for key, item in first}
            case "function":
                return self._function(first, rest[0])
            case "host":
                return self.host_functions[first]
            case "object":
                return self._objects[first]
            case _:
                return self._decode_error(first, *rest)

    def _decode_error(self, name: str, message: str, stack: str, cause: Any, fields: Any) -> ScriptError:
        led = self._decode(cause)
        if led is not None and not isinstance(led, BaseException):
            led = self._script_error("error", str(led), "", None, {})
        return self._script_error(name, message, stack, led, self._decode(fields))

    def _function(self, number: int, name: str) -> JavaScriptFunction:
        found = self._functions.get(number)
        if found is None:
            found = JavaScriptFunction(number, name or f"function {number}", self._call)
            self._functions[number] = found
            weakref.finalize(found, self._released.append, number).atexit = False
        return found

    # To the script

    def _encode(self, value: Any, walk: Walk, marks: list[str]) -> Any:
        if value is None or isinstance(value, bool | str):
            return value
        if isinstance(value, int):
            return value if abs(value) <= MAX_SAFE_INTEGER else _marked(marks, "bigint", str(value))
        if isinstance(value, float):
            return value if math.isfinite(value) else _marked(marks, "number", _word(value))
        if isinstance(value, bytes):
            return _marked(marks, "bytes", value.decode("latin-1"))
        return self._encode_compound(value, walk, marks)

    def _encode_compound(self, value: Any, walk: Walk, marks: list[str]) -> Any:
        if isinstance(value, Mapping):
            return self._encode_mapping(value, walk, marks)
        if isinstance(value, list | tuple):
            walk.enter(id(value))
            parts = [self._encode_part(key, item, walk, marks) for key, item in enumerate(value)]
            walk.leave(id(value))
            return parts
        if isinstance(value, HostObject):
            return self._encode_object(value, walk, marks)
        if isinstance(value, Kept):
            return self._encode_kept(value, walk, marks)
        if isinstance(value, JavaScriptFunction):
            return _marked(marks, "function", value.number)
        if isinstance(value, BaseException):
            above, fields = self._cause(value), self._fields(value)
            return _marked(marks, "error", kind_of(value), str(value), "", above, fields)
        if callable(value):
            name = getattr(value, "name", None) or getattr(value, "__name__", "")
            return _marked(marks, "host", self._signed(value), str(name))
        raise walk.refuse(f"is a {type(value).__name__}, which cannot enter a script")

    def _encode_mapping(self, value: Mapping[Any, Any], walk: Walk, marks: list[str]) -> Any:
        walk.enter(id(value))
        parts = {_key(key, walk): self._encode_part(key, item, walk, marks) for key, item in value.items()}
        walk.leave(id(value))
        if _MARK in parts:
            return _marked(marks, "entries", list(parts.items()))
        return parts

    def _encode_kept(self, value: Kept, walk: Walk, marks: list[str]) -> Any:
        """Functions are held by numbers above zero, and what is kept by those below."""
        known = self._kept.get(value.number)
        if known is None:
            weakref.finalize(value, self._dropped.append, value.number).atexit = False
        first = self._encode(value.first, walk, marks) if known is None else None
        news = value.news[known or 0 :]
        encoded = [[key, self._encode(item, Walk(), marks)] for key, item in news]
        self._kept[value.number] = (known or 0) + len(news)
        return _marked(marks, "kept", -value.number, known is None, first, encoded)

    def _encode_part(self, key: Any, value: Any, walk: Walk, marks: list[str]) -> Any:
        if value is None or type(value) is str or type(value) is bool:
            return value
        walk.step(key)
        part = self._encode(value, walk, marks)
        walk.back()
        return part

    def _encode_object(self, value: HostObject, walk: Walk, marks: list[str]) -> Any:
        number = self._object_numbers.get(id(value))
        if number is None:
            number = self._object_numbers[id(value)] = next(self._numbers)
            self._objects[number] = value
        fields = self._encode(dict(value.fields), walk, marks)
        index = self.register(value.index) if value.index else None
        return _marked(marks, "object", number, fields, index, *self._encode_shape(value.shape))

    def _encode_shape(self, shape: Shape) -> list[Any]:
        """Its number, and where the script does not know that yet, what it is."""
        number = self._shapes.get(shape)
        if number is not None:
            return [number]
        number = self._shapes[shape] = len(self._shapes)
        return [number, shape.name, dict(shape.methods), shape.iterates]

    def _signed(self, function: Callable[..., Any]) -> int:
        """The number of a function of the host; below zero for one that waits."""
        number = self.register(function)
        return -1 - number if getattr(function, "waits", False) else number

    def _cause(self, error: BaseException) -> Any:
        cause = error.__cause__ or getattr(error, "cause", None)
        if cause is None:
            return None
        above, fields = self._cause(cause), self._fields(cause)
        return {_MARK: ["error", kind_of(cause), str(cause), _stack(cause), above, fields]}

    def _fields(self, error: BaseException) -> Any:
        found = fields_of(error, "javascript")
        return self._encode(found, Walk(), []) if found else found


def _stack(error: BaseException) -> str:
    """Where a script's error happened, as JavaScript writes it; nothing for an error of the host."""
    lines = (
        f"    at {each.function} ({each.path}:{each.line}:{each.column or 1})\n"
        for each in getattr(error, "frames", ())
    )
    return "".join(lines)


def _text(encoded: Any, marks: list[str]) -> str:
    return ("1" if marks else "0") + _write(encoded)


def _is_read_alike(text: str) -> bool:
    """Whether JavaScript reads a text of JSON as the bridge would hand its value over."""
    # The engine takes ASCII; numbers of many digits come as BigInt; and levels are counted.
    return text.isascii() and text.count("{") + text.count("[") < MAX_DEPTH and not _MANY_DIGITS.search(text)


def _is_plain(value: Any, levels: int) -> bool:
    """Whether JSON says all of a value. Of what is nested deeply that is not looked at."""
    kind = type(value)
    if kind is str or kind is bool or value is None:
        return True
    if kind is int:
        return bool(-MAX_SAFE_INTEGER <= value <= MAX_SAFE_INTEGER)
    if kind is float:
        return math.isfinite(value)
    if kind is dict:
        return levels > 0 and all(
            type(key) is str and key != _MARK and _is_plain(item, levels - 1) for key, item in value.items()
        )
    return kind is list and levels > 0 and all(_is_plain(item, levels - 1) for item in value)


def _marked(marks: list[str], mark: str, *parts: Any) -> dict[str, Any]:
    marks.append(mark)
    return {_MARK: [mark, *parts]}


def _key(key: Any, walk: Walk) -> str:
    if isinstance(key, str):
        return key
    if isinstance(key, bool):
        return "true" if key else "false"
    if isinstance(key, int | float):
        return str(key)
    raise walk.refuse(f"has a key of type {type(key).__name__}: keys are strings and numbers")


def _word(value: float) -> str:
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def _integer(digits: str) -> int | float:
    """A number that JavaScript wrote without a fraction: beyond the exact integers it is a float."""
    number = int(digits)
    return number if abs(number) <= MAX_SAFE_INTEGER else float(number)


_parse = json.JSONDecoder(parse_int=_integer).raw_decode
_write = json.JSONEncoder(separators=(",", ":")).encode
