"""The value bridge: what passes between the host and a script, whatever the script's language.

On the host's side values are plain Python: None, bool, int, float, str, bytes, lists and
dictionaries, and the classes of this module. Each language has its half (``lua_values.py``,
``javascript_values.py`` with their preludes), which keeps to this table:

=====================  ==================================  =====================================
Python                 Lua                                 JavaScript
=====================  ==================================  =====================================
None                   nil                                 null (undefined comes as None too)
int within 2**53       integer                             number
int beyond             integer of 64 bits, else float      BigInt
float                  float                               number
str                    string of UTF-8                     string
bytes                  string that is not UTF-8            Uint8Array
list, tuple            table 1..n                          Array
dict                   table (an empty one: see below)     object (Map too)
ScriptFunction         function                            function
any callable           function                            function
HostObject             table with its methods              object with its methods
Kept                   the same table each time            the same object each time
exception              error table                         Error with its cause
=====================  ==================================  =====================================

An empty table of Lua is a dictionary, unless it came as an empty list. A value that contains itself is
refused with the path that leads back.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from llmspell_engine.catalog.spelling import spelled
from llmspell_engine.language import Language

MAX_SAFE_INTEGER = 2**53 - 1
_numbers = itertools.count(1)
MAX_DEPTH = 100
"""Levels of a nested value: as many as the stacks of the interpreters and of Python surely bear."""
MAX_REPEATED = 100_000
"""How often the compound values in a value may stand there again."""
ERROR_FIELDS = ("code", "details", "tool", "profile", "rule", "remedy", "status", "retry_after")
"""What else scripts see of errors of the host that have it, in the spelling of their language."""


class BridgeError(Exception):
    """A value cannot pass between the host and a script; the message says which part and why."""

    kind = "TypeError"


class ScriptFunction(Protocol):
    """A script's function in the host's hands; dies with its runtime."""

    name: str

    def __call__(self, *arguments: Any) -> Any:
        """Call it on the script's thread. Raises ScriptError when it fails."""


@dataclass(frozen=True, slots=True)
class HostFunction:
    """A function of the API in a script's hands, called with bridged positional arguments.

    What ``call`` raises becomes an error of the script at the place of the call. Where ``waits`` is set,
    ``call`` gives an awaitable to run on the engine's loop, or the result itself if it is there already: Lua
    waits for it, JavaScript gets a promise of it.
    """

    name: str
    call: Callable[..., Any]
    waits: bool = False

    def __call__(self, *arguments: Any) -> Any:
        """Call it from the host."""
        return self.call(*arguments)


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """What the objects of one class have in common: runtimes make it once, and methods when they are called.

    Attributes:
        name: how the objects show when printed.
        methods: whether each waits, by their names.
        is_indexed: whether the objects answer other names.
        iterates: whether they give one thing after the other.
    """

    name: str
    methods: Mapping[str, bool]
    is_indexed: bool
    iterates: bool


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class HostObject:
    """A global or a handle of the API as scripts see it. Passed back, it arrives as itself.

    Attributes:
        name: how it shows when printed.
        methods: what scripts call, by the name in their language.
        fields: plain values beside the methods.
        index: answers names that are neither (``Tool.calculator``); None means there is no such name.
        source: the implementation behind it.
        iterates: whether it gives one thing after the other: its ``next`` gives None at the end, and its
            ``close`` ends it early. Lua loops over it with ``for``, JavaScript with ``for await``.
        class_shape: the shape of its class; objects without a class have one of their own.
    """

    name: str
    methods: Mapping[str, HostFunction]
    fields: Mapping[str, Any] = field(default_factory=dict)
    index: HostFunction | None = None
    source: Any = None
    iterates: bool = False
    class_shape: Shape | None = None

    @property
    def shape(self) -> Shape:
        """What it has in common with others of its class."""
        if self.class_shape is not None:
            return self.class_shape
        waits = {name: method.waits for name, method in self.methods.items()}
        return Shape(self.name, waits, self.index is not None, self.iterates)


class Kept:
    """A table that a script gets once, and again as the same table whenever it is passed.

    What is put in on the host's side passes with the next time, alone: so what grows is not passed as a whole
    again and again. Changes that the script makes stay in the script.
    """

    __slots__ = ("__weakref__", "first", "news", "number")

    def __init__(self, first: Any) -> None:
        self.number = next(_numbers)
        self.first = first
        self.news: list[tuple[str, Any]] = []

    def put(self, key: str, value: Any) -> None:
        """Put a value under a key, in place of the one before. Any thread."""
        self.news.append((key, value))


class Plain:
    """A dictionary or list in JSON: nothing in it has to be looked at before it passes.

    Attributes:
        text: the JSON.
    """

    __slots__ = ("_read", "text")

    def __init__(self, text: str, read: Callable[[str], Any]) -> None:
        self.text = text
        self._read = read

    @property
    def value(self) -> Any:
        """What it says; a new object each time. Raises what reading it raises."""
        return self._read(self.text)


class Prepared(dict[str, Any]):
    """What was made lately of texts of JSON, so that it passes again at no more than the cost of passing."""

    _most = 1_000_000
    """How many characters of texts it takes up before it begins anew."""

    def __init__(self) -> None:
        super().__init__()
        self._left = self._most

    def put(self, text: str, made: Any) -> None:
        """Keep what was made of a text, unless that is so large that little else would have a place."""
        size = len(text) + 100
        if size > self._most // 4:
            return
        if size > self._left:
            self.clear()
            self._left = self._most
        self._left -= size
        self[text] = made


class Walk:
    """The way into a nested value: refuses circles, and names the part that cannot pass.

    What a value holds in several places passes as several values. A few levels of tables that hold the next
    one twice would be more than fits any memory; so what comes again is counted.
    """

    def __init__(self, root: str = "value") -> None:
        self._names: list[str] = [root]
        self._open: dict[Any, str] = {}
        self._known: set[Any] = set()
        self._left = MAX_REPEATED

    @property
    def path(self) -> str:
        """Where the walk stands, as ``value.items[3].name``."""
        return "".join(self._names)

    @property
    def is_fresh(self) -> bool:
        """Whether it is in no compound value yet."""
        return not self._open

    def enter(self, identity: Any) -> None:
        """Begin with the parts of a compound value."""
        if identity in self._open:
            raise BridgeError(
                f"{self.path} leads back to {self._open[identity]}: a value cannot contain itself"
            )
        if len(self._open) >= MAX_DEPTH:
            raise BridgeError(f"{self._names[0]} is nested deeper than {MAX_DEPTH} levels")
        if identity in self._known:
            self._left -= 1
            if self._left < 0:
                raise BridgeError(
                    f"{self._names[0]} holds the same values more than {MAX_REPEATED} times over, and each "
                    "time counts: pass what is needed of it"
                )
        self._known.add(identity)
        self._open[identity] = self.path

    def leave(self, identity: Any) -> None:
        """Be done with the parts of a compound value."""
        del self._open[identity]

    def step(self, key: Any) -> None:
        """Go to the part under a key."""
        self._names.append(_part(key))

    def back(self) -> None:
        """Return from a part."""
        self._names.pop()

    def refuse(self, reason: str) -> BridgeError:
        """The error for the part at which the walk stands."""
        return BridgeError(f"{self.path} {reason}")


def type_name(value: Any) -> str:
    """What a bridged value is called in messages to users."""
    if value is None:
        return "nothing"
    for types, name in _TYPE_NAMES:
        if isinstance(value, types):
            return name
    if isinstance(value, HostObject):
        return value.name
    return "function" if callable(value) else type(value).__name__


def kind_of(error: BaseException) -> str:
    """The kind under which scripts see an error of the host."""
    kind = getattr(error, "kind", None)
    return kind if isinstance(kind, str) else type(error).__name__


_ATOMS = (str, bool, int, float, bytes)
_FIELD_LEVELS = 20
_FIELDLESS = (BridgeError, KeyError, TypeError, ValueError)
"""Errors that are raised often and have nothing more to say."""


def fields_of(error: BaseException, language: Language) -> dict[str, Any]:
    """What scripts see of an error of the host beside its kind, message and cause."""
    if isinstance(error, _FIELDLESS):
        return {}
    told = getattr(error, "fields", None)
    if isinstance(told, Mapping):  # it has been an error of a script, which keeps what the host's error knew
        known = ((name, told.get(name)) for name in ERROR_FIELDS)
    else:
        known = ((name, getattr(error, name, None)) for name in ERROR_FIELDS)
    return {
        spelled(name, language): value
        for name, value in known
        if value is not None and value != "" and _is_data(value, _FIELD_LEVELS)
    }


def _is_data(value: Any, levels: int) -> bool:
    """Whether a value passes to any script; its own failure to must not hide the error that has it."""
    if isinstance(value, dict):
        return all(isinstance(key, str | int) for key in value) and _is_data([*value.values()], levels)
    if isinstance(value, list | tuple):
        return levels > 0 and all(_is_data(item, levels - 1) for item in value)
    return value is None or isinstance(value, _ATOMS)


_TYPE_NAMES: tuple[tuple[type | tuple[type, ...], str], ...] = (
    (bool, "boolean"),
    ((int, float), "number"),
    (str, "string"),
    (bytes, "binary string"),
    ((list, tuple), "list"),
    (dict, "table"),
)


def _part(key: Any) -> str:
    if isinstance(key, str) and key.isidentifier():
        return f".{key}"
    return f"[{key!r}]"
