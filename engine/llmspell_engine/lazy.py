"""Attributes that are made when they are first asked for, so that a run pays only for what it uses."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, Generic, TypeVar, overload

S = TypeVar("S")
T = TypeVar("T")
_MAKING = threading.RLock()
"""Held while something is made: the script's thread, the loop and who watches the configuration may all be
the first to ask."""


class lazy(Generic[S, T]):  # noqa: N801 - it decorates methods, as cached_property does
    """Turns a method into an attribute that holds what the method gives, made once.

    Unlike ``functools.cached_property``, it is made once however many threads ask at the same time. An object
    that is given the attribute at its beginning keeps it in its ``__dict__``, and nothing is made.
    """

    def __init__(self, make: Callable[[S], T]) -> None:
        self._make = make
        self._name = make.__name__
        self.__doc__ = make.__doc__

    @overload
    def __get__(self, instance: None, owner: type) -> lazy[S, T]: ...
    @overload
    def __get__(self, instance: S, owner: type) -> T: ...
    def __get__(self, instance: S | None, owner: type) -> lazy[S, T] | T:
        if instance is None:
            return self
        with _MAKING:
            made: dict[str, Any] = vars(instance)
            if self._name not in made:
                made[self._name] = self._make(instance)
            found: T = made[self._name]
        return found
