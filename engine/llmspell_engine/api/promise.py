"""Promises for Lua: what comes later. JavaScript has its own."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence
from typing import Annotated, Any, Literal

from llmspell_engine.api.declare import Global, Handle, Item, Result, Waiting, example, gives, member
from llmspell_engine.language import Language

LUA: tuple[Language, ...] = ("lua",)


class SettledPromise(Result):
    """How a promise ended."""

    status: Literal["fulfilled", "rejected"] = "fulfilled"
    value: Any = None
    reason: Any = None


class PromiseObject(Handle):
    """What comes later: a value or an error."""

    languages = LUA

    @abstractmethod
    @member(languages=LUA)
    @example(lua='promise:and_then(function(value) print("got " .. value) end)')
    def and_then(
        self,
        on_fulfilled: Callable[[Item], Any] | None = None,
        on_rejected: Callable[[Any], Any] | None = None,
    ) -> Annotated[PromiseObject, gives("callback")]:
        """Call a function when the promise ends; a promise of what that gives. Also called `["then"]`.

        Args:
            on_fulfilled: gets the value.
            on_rejected: gets the error.
        """

    @abstractmethod
    @member(languages=LUA)
    def catch(self, on_rejected: Callable[[Any], Any]) -> Annotated[PromiseObject, gives("item")]:
        """Call a function when the promise fails; a promise of what that gives.

        Args:
            on_rejected: gets the error.
        """

    @abstractmethod
    @member(name="finally", languages=LUA)
    def finally_(self, on_settled: Callable[[], Any]) -> Annotated[PromiseObject, gives("item")]:
        """Call a function when the promise ends, whichever way; a promise of the same end.

        Args:
            on_settled: called without arguments.
        """

    @abstractmethod
    @member(name="await", waits=True, languages=LUA)
    @example(lua='print(Promise.resolve("ready"):await())')
    def await_(self) -> Waiting[Item]:
        """Wait for the value; other work goes on meanwhile. An error is raised here."""

    @abstractmethod
    @member(languages=LUA)
    def cancel(self, reason: str | None = None) -> bool:
        """End the work behind the promise with an error of the kind `Cancelled`; whether it was under way.

        Args:
            reason: what the error says.
        """

    @abstractmethod
    @member(languages=LUA)
    def state(self) -> Literal["pending", "fulfilled", "rejected"]:
        """How far it is."""


class Promise(Global):
    """Makes promises, and waits for several at once."""

    name = "Promise"
    languages = LUA

    @abstractmethod
    @member(languages=LUA)
    @example(lua='local promise = Promise.new(function(resolve, reject) resolve("done") end)')
    def new(self, executor: Callable[[Callable[[Any], None], Callable[[Any], None]], Any]) -> PromiseObject:
        """A promise that a function settles.

        Args:
            executor: gets two functions, to fulfil the promise with a value and to reject it with an error.
        """

    @abstractmethod
    @member(languages=LUA)
    def resolve(self, value: Any = None) -> Annotated[PromiseObject, gives("argument")]:
        """A promise that is fulfilled already.

        Args:
            value: its value; a promise is given back as it is.
        """

    @abstractmethod
    @member(languages=LUA)
    def reject(self, reason: Any = None) -> PromiseObject:
        """A promise that is rejected already.

        Args:
            reason: its error.
        """

    @abstractmethod
    @member(languages=LUA)
    def all(self, promises: Sequence[Any]) -> Annotated[PromiseObject, gives("each")]:
        """A promise of the values of all, in their order; it is rejected with the first error.

        Args:
            promises: promises and values.
        """

    @abstractmethod
    @member(languages=LUA)
    def race(self, promises: Sequence[Any]) -> Annotated[PromiseObject, gives("first")]:
        """A promise that ends as the first does.

        Args:
            promises: promises and values.
        """

    @abstractmethod
    @member(languages=LUA)
    def any(self, promises: Sequence[Any]) -> Annotated[PromiseObject, gives("first")]:
        """A promise of the first value; it is rejected when all are.

        Args:
            promises: promises and values.
        """

    @abstractmethod
    @member(languages=LUA)
    def all_settled(self, promises: Sequence[Any]) -> Annotated[PromiseObject, gives("settled")]:
        """A promise of how all ended: tables of `status` and `value` or `reason`. It is never rejected.

        Args:
            promises: promises and values.
        """
