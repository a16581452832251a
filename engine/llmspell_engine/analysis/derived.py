"""Results that follow from what is passed: of functions that are called, of promises that are waited for.

The catalog says which with ``x-gives``, beside the type of what holds the result:

- ``callback``: what the function gives that is the first argument (``list.map(f)``, ``promise.then(f)``);
- ``argument``: the first argument, or what it brings or gives;
- ``each``: a list of what the elements of the first argument bring or give, in their places;
- ``first``: what all elements of the first argument agree on;
- ``settled``: a list of how each element ended;
- ``item``: what the promise, whose method it is, brings.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmspell_engine.analysis.values import (
    UNKNOWN,
    Callback,
    FunctionValue,
    Handle,
    HostFunction,
    Instance,
    Record,
    Sequence,
    TableValue,
    Type,
    same,
)

if TYPE_CHECKING:
    from llmspell_engine.analysis.inference import Inference
    from llmspell_engine.analysis.nodes import Call
    from llmspell_engine.catalog.model import Schema

_PROMISES = frozenset({"Promise", "PromiseObject"})
_SETTLED = "SettledPromise"


def is_promise(one: Type) -> bool:
    """Whether a value surely is a promise, of either language."""
    if isinstance(one, Instance):
        return one.entity.name == "Promise.prototype"
    return isinstance(one, Handle) and one.entity.name == "PromiseObject"


def brought(one: Type) -> Type:
    """What waiting for a value gives: of a promise what it brings, others themselves."""
    if isinstance(one, Instance) and is_promise(one):
        return one.content
    if isinstance(one, Handle) and is_promise(one):
        return one.item or UNKNOWN
    return one


def derived(inference: Inference, called: HostFunction, returns: Schema, call: Call | None) -> Type | None:
    """The type of a result that the catalog derives from the arguments; None where it does not."""
    gives = returns.get("x-gives")
    if gives is None:
        return None
    given = inference.type_of(call.arguments[0]) if call is not None and call.arguments else UNKNOWN
    content = _content(inference, str(gives), given, called)
    if returns.get("x-handle") in _PROMISES:
        return inference.promise(content)
    return Sequence(content) if returns.get("type") == "array" and gives == "callback" else content


def _content(inference: Inference, gives: str, given: Type, called: HostFunction) -> Type:
    if gives == "callback":
        return brought(inference.result_type(given, None))
    if gives == "argument":
        return _result(inference, given)
    if gives == "item":
        return called.item or UNKNOWN
    if gives == "settled":
        schema = inference.catalog.definitions.get(_SETTLED)
        return Sequence(Record(_SETTLED, schema) if schema is not None else UNKNOWN)
    places = tuple(_result(inference, one) for one in _elements(given))
    if gives == "first":
        return _agreed(places)
    is_whole = isinstance(given, TableValue) or (isinstance(given, Sequence) and bool(given.places))
    return Sequence(_agreed(places), places if is_whole else ())


def _elements(given: Type) -> tuple[Type, ...]:
    """What stands in a list: its elements, or one of them where they are alike."""
    if isinstance(given, Sequence):
        return given.places or (given.items,)
    if isinstance(given, TableValue) and given.table is not None and not given.table.is_open:
        placed = [one for one in given.table.fields if one.position is not None]
        return tuple(given.home.type_of(one.value) for one in placed)
    return ()


def _result(inference: Inference, one: Type) -> Type:
    """What a function gives when it is called, and a promise in the end."""
    if isinstance(one, FunctionValue | HostFunction | Callback):
        return brought(inference.result_type(one, None))
    return brought(one)


def _agreed(places: tuple[Type, ...]) -> Type:
    return places[0] if places and all(same(places[0], other) for other in places[1:]) else UNKNOWN
