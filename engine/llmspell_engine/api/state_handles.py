"""What `State` hands out: transactions, and watches."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import Field

from llmspell_engine.api.declare import Handle, Item, Waiting, example, member
from llmspell_engine.api.state_types import Key, SaveOptions, Scope


class StateTransaction(Handle):
    """Reads and writes within `State.transaction`. What it writes is kept at once, when that ends well."""

    @abstractmethod
    def load(self, scope: Scope, key: Key) -> Any | None:
        """The value of a key, as the transaction has left it, or nothing.

        Args:
            scope: what the value belongs to.
            key: the value's name within the scope.
        """

    @abstractmethod
    def save(self, scope: Scope, key: Key, value: Any, options: SaveOptions | None = None) -> None:
        """Keep a value once the transaction ends.

        Args:
            scope: what the value belongs to.
            key: the value's name within the scope.
            value: what to keep.
            options: for how long.
        """

    @abstractmethod
    def delete(self, scope: Scope, key: Key) -> None:
        """Forget a value once the transaction ends.

        Args:
            scope: what the value belongs to.
            key: the value's name within the scope.
        """

    @abstractmethod
    def exists(self, scope: Scope, key: Key) -> bool:
        """Whether a key has a value, as the transaction has left it.

        Args:
            scope: what the value belongs to.
            key: the value's name within the scope.
        """

    @abstractmethod
    def list_keys(self, scope: Scope) -> Sequence[str]:
        """The keys of a scope, as the transaction has left them, in alphabetical order.

        Args:
            scope: what the values belong to.
        """

    @abstractmethod
    def rollback(self) -> None:
        """Write nothing at the end. The function goes on, and what it gives is given as always."""


class StateWatch(Handle):
    """Tells of changes, one after the other. Loop over it with `for`, in JavaScript with `for await`."""

    iterates = True

    @abstractmethod
    @member(waits=True)
    @example(
        lua='local watch = State.watch("global", "visits")\nState.save("global", "visits", 1)\n'
        "print(watch:next().value)\nwatch:stop()",
        javascript='const watch = State.watch("global", "visits");\nState.save("global", "visits", 1);\n'
        "console.log((await watch.next()).value);\nwatch.stop();",
    )
    def next(self, timeout_ms: Annotated[int, Field(ge=0)] | None = None) -> Waiting[Item | None]:
        """Wait for the next change; nothing when none came in time, or when the watch was stopped.

        Args:
            timeout_ms: how long to wait, in milliseconds; for ever, if nothing is said.
        """

    @abstractmethod
    def stop(self) -> None:
        """Tell of no more changes. It is no error to stop twice."""

    @abstractmethod
    def close(self) -> None:
        """The same as `stop`, as loops that are left do it; a watch with a handler goes on."""

    @abstractmethod
    def is_stopped(self) -> bool:
        """Whether the watch was stopped."""
