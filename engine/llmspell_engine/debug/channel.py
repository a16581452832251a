"""The private wire between a debuggee and its client: one JSON value a line, typed by dataclasses.

A value is a dataclass of this module or of :mod:`~llmspell_engine.debug.model`; in JSON it is an object
whose key ``$`` names its class. Lists are read back as tuples. What is printed comes far more often than
anything else: it is a list of its fields alone. The client sends :class:`Call`, the
debuggee :class:`Answer` and the events of the model, each in the order in which they happened.

The debuggee finds its client through one environment variable, and shows the random token found there
before anything else is said, so that no other process of the machine can take its place.
"""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from llmspell_engine.debug import model

if TYPE_CHECKING:
    from asyncio import StreamReader

HOST = "127.0.0.1"
VARIABLE = "LLMSPELL_DEBUG_CHANNEL"
"""The environment variable that leads a debuggee to its client: ``port:token``."""
LINE_LIMIT = 1 << 28
"""The longest line, in bytes: whole strings of a script pass through the channel."""
_CHUNK = 1 << 18


@dataclass(frozen=True, slots=True)
class Call:
    """A request: a method of :class:`~llmspell_engine.debug.client.Debuggee` by name."""

    id: int
    method: str
    arguments: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """What a call came to: a value, or a sentence that says why not."""

    id: int
    value: Any = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Address:
    """Where a client waits for its debuggee."""

    port: int
    token: str

    def variable(self) -> str:
        """The value of the environment variable that leads here."""
        return f"{self.port}:{self.token}"

    @classmethod
    def from_environment(cls) -> Address:
        """Take the address out of the environment, so that no process of the script inherits it.

        Raises KeyError where there is none.
        """
        port, _, token = os.environ.pop(VARIABLE).partition(":")
        return cls(int(port), token)


_CLASSES = {
    name: value
    for name, value in {**vars(model), "Call": Call, "Answer": Answer}.items()
    if dataclasses.is_dataclass(value) and isinstance(value, type)
}


_FIELDS = {class_: tuple(field.name for field in dataclasses.fields(class_)) for class_ in _CLASSES.values()}


def encode(value: Any) -> bytes:
    """A value as one line, its line end included."""
    if type(value) is model.Output:
        value = [getattr(value, name) for name in _FIELDS[model.Output]]
    return _write(value).encode("ascii") + b"\n"


def decode(line: bytes) -> Any:
    """The value of one line. Raises ValueError for what is no value of the channel."""
    found = _read(line.decode("ascii"))
    return model.Output(*found) if isinstance(found, list) else found


async def lines(reader: StreamReader) -> AsyncIterator[list[bytes]]:
    """The lines of a stream, as many at a time as have come. Raises ValueError for one that is too long."""
    begun: list[bytes] = []
    length = 0
    while chunk := await reader.read(_CHUNK):
        first, *whole = chunk.split(b"\n")
        begun.append(first)
        length += len(first)
        if length > LINE_LIMIT:
            raise ValueError(f"a line of more than {LINE_LIMIT} bytes")
        if whole:
            last = whole.pop()
            yield [b"".join(begun), *whole]
            begun, length = [last], len(last)


def together(values: Iterable[Any]) -> Iterator[Any]:
    """The same values, with texts in one that were printed one after the other at the same place."""
    texts: list[str] = []
    printed: model.Output | None = None
    for value in values:
        if printed is not None and isinstance(value, model.Output) and _place(value) == _place(printed):
            texts.append(value.text)
            continue
        if printed is not None:
            yield replace(printed, text="".join(texts))
            printed = None
        if isinstance(value, model.Output) and not value.reference:
            printed, texts = value, [value.text]
        else:
            yield value
    if printed is not None:
        yield replace(printed, text="".join(texts))


def _place(printed: model.Output) -> tuple[Any, ...]:
    return printed.category, printed.path, printed.line, printed.column, printed.reference


def _tagged(value: Any) -> dict[str, Any]:
    fields = {name: getattr(value, name) for name in _FIELDS[type(value)]}
    return {"$": type(value).__name__, **fields}


def _untagged(fields: dict[str, Any]) -> Any:
    name = fields.pop("$", None)
    if name is None:
        return fields
    if name not in _CLASSES:
        raise ValueError(f"no value of the debug channel is called {name!r}")
    return _CLASSES[name](**{key: _tuples(value) for key, value in fields.items()})


def _tuples(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(_tuples(part) for part in value)
    return value


_write = json.JSONEncoder(default=_tagged, separators=(",", ":")).encode
_read = json.JSONDecoder(object_hook=_untagged).decode
