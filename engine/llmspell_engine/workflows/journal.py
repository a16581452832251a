"""What a run has finished, kept in the store of state, so that a run that was killed can go on.

All is under the scope ``workflow:NAME``: the newest output of each step under the step's name, where
``State.workflow_get`` finds it; and of runs with an id, under ``run:ID`` what the run was given and under
``run:ID:PATH`` what came of each step and of each decision. A step is written down before the one after it
begins. A workflow that is a step of another writes into the journal of the outer one, below the step's path.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from llmspell_engine.state import MemoryStore
from llmspell_engine.state.encoding import JSONError, encode
from llmspell_engine.state.store import StateError, Write
from llmspell_engine.workflows.lease import Lease, LeaseError, holder_of
from llmspell_engine.workflows.records import record_of, result_of
from llmspell_engine.workflows.results import StepResult, WorkflowError

if TYPE_CHECKING:
    from anyio import Lock

    from llmspell_engine.state import StateStore
    from llmspell_engine.state.store import Address
    from llmspell_engine.workflows.records import Definition

T = TypeVar("T")
RUN_PREFIX = "run:"


def scope_of(workflow: str) -> str:
    """Where a workflow's outputs and runs are kept."""
    return f"workflow:{workflow}"


class Journal:
    """The records of one run. Without an id it keeps outputs only, and nothing can be taken up again.

    Outputs that nothing of the run depends on are not waited for until they are on the disk; where there is
    an id they are written together with the record. What several branches write at one time goes at once.
    """

    def __init__(self, store: StateStore, workflow: str, run_id: str | None) -> None:
        self._store = store
        self._workflow = workflow
        self._scope = scope_of(workflow)
        self._run_id = run_id
        self._lease = None if run_id is None else Lease(store, workflow, run_id)
        self._records: dict[str, Mapping[str, Any]] = {}
        self._sequence = itertools.count(1)
        self._later: dict[Address, Write] = {}
        """What is written with the next record: decisions from which nothing has followed yet."""
        self._batch = _Batch()
        self._turn: Lock | None = None

    @property
    def is_kept(self) -> bool:
        """Whether the run can be taken up again."""
        return self._run_id is not None

    @property
    def is_lost(self) -> bool:
        """Whether another process has taken the run over."""
        return self._lease is not None and self._lease.is_lost

    async def kept(self, definition: Definition, given: Any, work: Callable[[Any], Awaitable[T]]) -> T:
        """What work gives that goes on after what an earlier try has finished. It gets the input of that.

        Raises LeaseError where somebody else is at it, and WorkflowError where the workflow or its input has
        changed since then.
        """
        lease = self._lease
        assert lease is not None, "only runs with an id are kept"
        try:
            await self._done(lease.take)
            opened = await self._open(definition, given)
            found = await lease.held(self._done, lambda: work(opened))
            await self._written({}, durable=True)
            return found
        finally:
            await self._released(lease)

    async def _released(self, lease: Lease) -> None:
        import anyio

        with anyio.CancelScope(shield=True):
            try:
                if lease.is_held:
                    await self._written({}, durable=True)
                await self._done(lease.release)
            except (StateError, LeaseError):
                # The run has an error or a result already; the lease has its time.
                return

    async def _open(self, definition: Definition, given: Any) -> Any:
        head = await self._load(self._head)
        if head is None:
            opened = {"definition": definition.fingerprint, "steps": definition.names, "input": given}
            await self._written(self._encoded(self._head, opened, "its input"), durable=True)
            return given
        if head["definition"] != definition.fingerprint:
            raise WorkflowError(
                f"the workflow '{self._workflow}' has other steps than when the run '{self._run_id}' began"
                f"{definition.difference(head.get('steps'))}; take another run_id, or forget_run the old one"
            )
        if given is not None and given != head["input"]:
            raise WorkflowError(
                f"the run '{self._run_id}' of the workflow '{self._workflow}' began with another input; leave"
                " the input out to go on, or take another run_id"
            )
        self._records = await self._done(self._read)
        last = max((record["sequence"] for record in self._records.values()), default=0)
        self._sequence = itertools.count(last + 1)
        return head["input"]

    def restored(self, path: str) -> StepResult | None:
        """What came of a step in an earlier try, or None."""
        record = self._records.get(path)
        if record is None or "result" not in record:
            return None
        return result_of(record["result"])

    def below(self, prefix: str) -> Sequence[StepResult]:
        """What came of the steps below a path in earlier tries, in the order in which they ended."""
        own = [path for path, one in self._records.items() if path.startswith(prefix) and "result" in one]
        own.sort(key=lambda path: int(self._records[path]["sequence"]))
        return [found for path in own if (found := self.restored(path)) is not None]

    def state(self, prefix: str) -> Mapping[str, Any]:
        """The shared data as the newest record below a path has it."""
        own = [record for path, record in self._records.items() if path.startswith(prefix)]
        newest = max(own, key=lambda record: int(record["sequence"]), default=None)
        return newest["state"] if newest else {}

    async def write(self, result: StepResult, state: Mapping[str, Any], owner: str | None) -> None:
        """Keep what came of a step of the workflow ``owner``, which may be inside of the journal's.

        The output is found under the owner's name; where it has none of its own, nobody will look for it.
        Raises WorkflowError where a run with an id has what cannot be kept.
        """
        writes = {} if owner is None else _output(result, scope_of(owner))
        if self._run_id is not None:
            record = {"result": record_of(result), "state": dict(state)}
            writes |= self._recorded(result.path, record, f"the output of the step '{result.name}'")
        if writes:
            await self._written(writes, durable=self.is_kept)

    async def decide(
        self,
        path: str,
        decide: Callable[[], Awaitable[Any]],
        state: Mapping[str, Any],
        *,
        at_once: bool = True,
    ) -> Any:
        """What was decided at a path, in an earlier try or now: a run taken up again keeps to its ways.

        Where that is not written ``at_once``, it is with the next record.
        """
        record = self._records.get(path)
        if record is not None:
            return record["decision"]
        decision = await decide()
        if self._run_id is not None:
            decided = {"decision": decision, "state": dict(state)}
            self._later |= self._recorded(path, decided, f"the decision at '{path}'")
            if at_once:
                await self._written({}, durable=True)
        return decision

    async def forget(self, prefix: str, undone: Collection[str], left: Collection[str]) -> None:
        """Forget the steps below a path, because they were undone.

        Those that are ``left`` stay, and with them what ended before the last of them and was not undone.
        """
        if self._run_id is None:
            return
        own = {path: int(one["sequence"]) for path, one in self._records.items() if path.startswith(prefix)}
        last = max((own[path] for path in left if path in own), default=0)
        gone = [path for path, number in own.items() if path in undone or number > last]
        for path in gone:
            del self._records[path]
        await self._written({(self._scope, self._key(path)): Write(None) for path in gone}, durable=True)

    def _recorded(self, path: str, record: Mapping[str, Any], what: str) -> dict[Address, Write]:
        numbered = {"sequence": next(self._sequence), **record}
        writes = self._encoded(self._key(path), numbered, what)
        self._records[path] = numbered
        return writes

    def _encoded(self, key: str, value: Any, what: str) -> dict[Address, Write]:
        try:
            return {(self._scope, key): Write(encode(value, "State"))}
        except JSONError as error:
            raise WorkflowError(
                f"the workflow '{self._workflow}' cannot keep {what} for a run with a run_id: {error}"
            ) from None

    async def _written(self, writes: Mapping[Address, Write], *, durable: bool) -> None:
        """Write, together with what others have to write while it is waited for the store."""
        batch = self._batch
        batch.writes.update(self._later)
        batch.writes.update(writes)
        batch.durable |= durable
        self._later = {}
        if isinstance(self._store, MemoryStore):
            self._batch = _Batch()
            self._commit(batch)
        else:
            await self._in_turn(batch)

    async def _in_turn(self, batch: _Batch) -> None:
        import anyio

        self._turn = self._turn or anyio.Lock()
        # Not to be left half-way: others rely on whose turn it is.
        with anyio.CancelScope(shield=True):
            async with self._turn:
                if batch is self._batch:
                    self._batch = _Batch()
                    try:
                        await self._done(partial(self._commit, batch))
                    except Exception as error:  # noqa: BLE001 - it is each one's whose writes were in it
                        batch.error = error
        if batch.error is not None:
            raise batch.error

    def _commit(self, batch: _Batch) -> None:
        if not batch.writes:
            return
        if self._lease is not None:
            self._lease.commit(batch.writes, durable=batch.durable)
        else:
            self._store.commit(batch.writes, durable=batch.durable)

    async def _load(self, key: str) -> Any:
        text = await self._done(lambda: self._store.load(self._scope, key))
        return None if text is None else json.loads(text)

    def _read(self) -> dict[str, Mapping[str, Any]]:
        begin = self._key("")
        keys = [key for key in self._store.keys(self._scope) if key.startswith(begin)]
        texts = {key.removeprefix(begin): self._store.load(self._scope, key) for key in keys}
        return {path: json.loads(text) for path, text in texts.items() if text is not None}

    async def _done(self, work: Callable[[], T]) -> T:
        """What the store gives. One that writes to a disk must not hold up the loop."""
        if isinstance(self._store, MemoryStore):
            return work()
        from anyio import to_thread

        return await to_thread.run_sync(work)

    @property
    def _head(self) -> str:
        return f"{RUN_PREFIX}{self._run_id}"

    def _key(self, path: str) -> str:
        return f"{self._head}:{path}"


@dataclass(slots=True, eq=False)
class _Batch:
    """What goes to the store at once."""

    writes: dict[Address, Write] = field(default_factory=dict)
    durable: bool = False
    error: Exception | None = None


def _output(result: StepResult, scope: str) -> dict[Address, Write]:
    """Outputs that JSON cannot write are left out: nothing of the run depends on them."""
    try:
        return {(scope, result.name): Write(encode(result.output, "State"))}
    except JSONError:
        return {}


def runs(store: StateStore, workflow: str) -> list[str]:
    """The ids of the runs that are kept of a workflow."""
    keys = (key for key in store.keys(scope_of(workflow)) if key.startswith(RUN_PREFIX))
    return [key.removeprefix(RUN_PREFIX) for key in keys if ":" not in key.removeprefix(RUN_PREFIX)]


def outputs(store: StateStore, workflow: str) -> list[str]:
    """The names of the steps whose outputs are kept."""
    return [key for key in store.keys(scope_of(workflow)) if not key.startswith(RUN_PREFIX)]


def forget_run(store: StateStore, workflow: str, run_id: str) -> bool:
    """Forget a run; whether there was one. Raises LeaseError where it is under way."""
    holder = holder_of(store, workflow, run_id)
    if holder is not None:
        raise LeaseError(
            f"the run '{run_id}' of the workflow '{workflow}' is under way, in {holder}; wait for its end"
        )
    head = f"{RUN_PREFIX}{run_id}"
    scope = scope_of(workflow)
    found = [key for key in store.keys(scope) if key == head or key.startswith(f"{head}:")]
    if found:
        store.commit({(scope, key): Write(None) for key in found})
    return bool(found)
