"""What a run has finished, kept in the store of state, so that a run that was killed can go on.

All is under the scope ``workflow:NAME``: the newest output of each step under the step's name, where
``State.workflow_get`` finds it; and of runs with an id, under ``run:ID`` what the run was given and under
``run:ID:PATH`` what came of each step and of each decision. A step is written down before the one after it
begins. A workflow that is a step of another writes into the journal of the outer one, below the step's path.
"""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, fields
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from llmspell_engine.agents.base import ToolUse
from llmspell_engine.providers.base import Usage
from llmspell_engine.state import MemoryStore
from llmspell_engine.state.encoding import JSONError, encode
from llmspell_engine.workflows.results import StepResult, WorkflowError

if TYPE_CHECKING:
    from llmspell_engine.state import StateStore

T = TypeVar("T")
RUN_PREFIX = "run:"


def scope_of(workflow: str) -> str:
    """Where a workflow's outputs and runs are kept."""
    return f"workflow:{workflow}"


class Journal:
    """The records of one run. Without an id it keeps outputs only, and nothing can be taken up again."""

    def __init__(self, store: StateStore, workflow: str, run_id: str | None) -> None:
        self._store = store
        self._workflow = workflow
        self._scope = scope_of(workflow)
        self._run_id = run_id
        self._records: dict[str, Mapping[str, Any]] = {}
        self._sequence = itertools.count(1)

    @property
    def is_kept(self) -> bool:
        """Whether the run can be taken up again."""
        return self._run_id is not None

    async def open(self, definition: str, given: Any) -> Any:
        """Read what an earlier try has finished; the input of the run, which is that of its first try.

        Raises WorkflowError where the workflow or its input has changed since then.
        """
        if self._run_id is None:
            return given
        head = await self._load(self._head)
        if head is None:
            await self._save(self._head, {"definition": definition, "input": given}, "its input")
            return given
        if head["definition"] != definition:
            raise WorkflowError(
                f"the workflow '{self._workflow}' has other steps than when the run '{self._run_id}' began;"
                " take another run_id, or forget_run the old one"
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
        kept = dict(record["result"])
        usage = Usage(**kept.pop("usage"))
        uses = tuple(ToolUse(**use) for use in kept.pop("tool_uses"))
        return StepResult(**{**kept, "usage": usage, "tool_uses": uses, "restored": True})

    def state(self, prefix: str) -> Mapping[str, Any]:
        """The shared data as the newest record below a path has it."""
        own = [record for path, record in self._records.items() if path.startswith(prefix)]
        newest = max(own, key=lambda record: int(record["sequence"]), default=None)
        return newest["state"] if newest else {}

    async def write(self, result: StepResult, state: Mapping[str, Any], owner: str) -> None:
        """Keep what came of a step of the workflow ``owner``, which may be inside of the journal's.

        Raises WorkflowError where a run with an id has what cannot be kept.
        """
        if self._run_id is not None:
            record = {"result": _record_of(result), "state": dict(state)}
            await self._record(result.path, record, f"the output of the step '{result.name}'")
        await self._keep_output(result, scope_of(owner))

    async def decide(self, path: str, decide: Callable[[], Awaitable[Any]], state: Mapping[str, Any]) -> Any:
        """What was decided at a path, in an earlier try or now: a run taken up again keeps to its ways."""
        record = self._records.get(path)
        if record is not None:
            return record["decision"]
        decision = await decide()
        if self._run_id is not None:
            await self._record(
                path, {"decision": decision, "state": dict(state)}, f"the decision at '{path}'"
            )
        return decision

    async def forget(self, prefix: str) -> None:
        """Forget the steps below a path, because they were undone."""
        if self._run_id is None:
            return
        gone = [path for path in self._records if path.startswith(prefix)]
        for path in gone:
            await self._done(partial(self._store.delete, self._scope, self._key(path)))
            del self._records[path]

    async def _record(self, path: str, record: Mapping[str, Any], what: str) -> None:
        numbered = {"sequence": next(self._sequence), **record}
        await self._save(self._key(path), numbered, what)
        self._records[path] = numbered

    async def _keep_output(self, result: StepResult, scope: str) -> None:
        """Outputs that JSON cannot write are left out: nothing of the run depends on them."""
        try:
            text = encode(result.output, "State")
        except JSONError:
            return
        await self._done(lambda: self._store.save(scope, result.name, text))

    async def _save(self, key: str, value: Any, what: str) -> None:
        try:
            text = encode(value, "State")
        except JSONError as error:
            raise WorkflowError(
                f"the workflow '{self._workflow}' cannot keep {what} for a run with a run_id: {error}"
            ) from None
        await self._done(lambda: self._store.save(self._scope, key, text))

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


def _record_of(result: StepResult) -> dict[str, Any]:
    plain = {one.name: getattr(result, one.name) for one in fields(result)}
    return {**plain, "usage": asdict(result.usage), "tool_uses": [asdict(use) for use in result.tool_uses]}


def runs(store: StateStore, workflow: str) -> list[str]:
    """The ids of the runs that are kept of a workflow."""
    keys = (key for key in store.keys(scope_of(workflow)) if key.startswith(RUN_PREFIX))
    return [key.removeprefix(RUN_PREFIX) for key in keys if ":" not in key.removeprefix(RUN_PREFIX)]


def outputs(store: StateStore, workflow: str) -> list[str]:
    """The names of the steps whose outputs are kept."""
    return [key for key in store.keys(scope_of(workflow)) if not key.startswith(RUN_PREFIX)]


def forget_run(store: StateStore, workflow: str, run_id: str) -> bool:
    """Forget a run; whether there was one."""
    head = f"{RUN_PREFIX}{run_id}"
    scope = scope_of(workflow)
    found = [key for key in store.keys(scope) if key == head or key.startswith(f"{head}:")]
    for key in found:
        store.delete(scope, key)
    return bool(found)


def fingerprint(kind: str, steps: object) -> str:
    """A short text that is another one for other steps."""
    return hashlib.sha256(json.dumps([kind, steps]).encode()).hexdigest()[:16]
