"""Transactions of scripts: the function is called, and called again where others were in its way."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from llmspell_engine.api import state_handles as api
from llmspell_engine.api.state_types import SaveOptions
from llmspell_engine.globals.state_hooks import ALL, StateHooks, names_of
from llmspell_engine.state import MemoryStore, StateConflictError, StateError, StateStore
from llmspell_engine.state.encoding import decode, encode
from llmspell_engine.state.transaction import Transaction

if TYPE_CHECKING:
    from llmspell_engine.globals.services import Run
    from llmspell_engine.hooks.base import Data
    from llmspell_engine.runtime.binding import Binder

T = TypeVar("T")
_PAUSE_SECONDS = 0.005
_LONGEST_PAUSE_SECONDS = 0.2


class StateTransaction(StateHooks, api.StateTransaction):
    """One try of a transaction. The hooks hear of each read and write as the script makes it."""

    def __init__(self, run: Run) -> None:
        super().__init__(run)
        self._told = {"transaction": True}
        self.inner = Transaction(run.services.state)
        self.is_rolled_back = False
        self.has_ended = False

    def load(self, scope: str, key: str) -> Any | None:
        def work(data: Data) -> Data:
            text = self._open.load(data["scope"], data["key"])
            return {**data, "value": None if text is None else decode(text)}

        return self._read("load", scope, key, work).get("value")

    def save(self, scope: str, key: str, value: Any, options: SaveOptions | None = None) -> None:
        def work(data: Data) -> Data:
            text = encode(data.get("value"), "State")
            self._open.save(data["scope"], data["key"], text, options.ttl_seconds if options else None)
            return data

        self._write("save", scope, key, {"value": value}, work)

    def delete(self, scope: str, key: str) -> None:
        def work(data: Data) -> Data:
            self._open.delete(data["scope"], data["key"])
            return data

        self._write("delete", scope, key, {}, work)

    def exists(self, scope: str, key: str) -> bool:
        def work(data: Data) -> Data:
            return {**data, "value": self._open.load(data["scope"], data["key"]) is not None}

        return bool(self._read("exists", scope, key, work).get("value"))

    def list_keys(self, scope: str) -> Sequence[str]:
        def work(data: Data) -> Data:
            return {**data, "value": self._open.keys(data["scope"])}

        return names_of(self._read("list_keys", scope, ALL, work))

    def rollback(self) -> None:
        self.is_rolled_back = self._open is self.inner

    @property
    def _open(self) -> Transaction:
        if self.has_ended:
            raise StateError("the transaction has ended; use it within the function that it was given to")
        return self.inner


async def transact(
    run: Run, binder: Binder, handler: Callable[[StateTransaction], Any], attempts: int
) -> Any:
    """What the function of a script gives, once what it wrote is kept. Raises StateConflictError."""
    import anyio

    for attempt in range(1, attempts + 1):
        transaction = StateTransaction(run)
        try:
            given = await run.scheduler.call(handler, binder.handle(transaction))
        finally:
            transaction.has_ended = True
        inner = transaction.inner
        if transaction.is_rolled_back or await asked(run.services.state, inner.commit):
            return given
        told = {
            "operation": "transaction",
            "keys": [":".join(one) for one in inner.addresses],
            "attempt": attempt,
        }
        await run.hooks.reach("StateConflict", "state", "transaction", told)
        # Those who were in each other's way are not to be there again at the same moment.
        longest = min(_PAUSE_SECONDS * 2**attempt, _LONGEST_PAUSE_SECONDS)
        await anyio.sleep(random.uniform(0, longest))  # noqa: S311
    raise StateConflictError(
        f"the transaction was given up after {attempts} attempts: others changed what it had read each time;"
        " raise max_attempts, or read less in it"
    )


async def asked(store: StateStore, work: Callable[[], T]) -> T:
    """What a store gives. One that writes to a disk must not hold up the loop."""
    if isinstance(store, MemoryStore):
        return work()
    from anyio import to_thread

    return await to_thread.run_sync(work)
