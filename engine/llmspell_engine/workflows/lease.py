"""Who runs a run that State keeps: one at a time, of all processes that share the store.

A lease is an entry with a time to live, written where there was none (or none that counts) and renewed as
long as the run goes on. What the run writes down is written only while the lease is still as it was: a
process that stood still for so long that another has taken over cannot write between that one's lines. The
lease of a process that is gone counts for nothing on the same machine; elsewhere its time has to run out.
"""

from __future__ import annotations

import json
import os
import threading
import time
import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from llmspell_engine.state.store import Seen, StateError, Write
from llmspell_engine.workflows.results import WorkflowError

if TYPE_CHECKING:
    from llmspell_engine.state import StateStore
    from llmspell_engine.state.store import Address

T = TypeVar("T")
Done = Callable[[Callable[[], bool]], Awaitable[bool]]
"""Does what may take a while, such as waiting for a disk, beside the loop."""
LEASES_SCOPE = ".leases"
"""Where leases are kept; a scope that scripts cannot name."""
LEASE_SECONDS = 30.0
"""How long a lease counts that nobody renews."""
_RENEWALS = 3
"""How often a lease is renewed within that time."""
_ATTEMPTS = 10
"""How often it is tried to be the first where several want the same run at once."""


class LeaseError(WorkflowError):
    """A run belongs to somebody else."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a lease: a run in a process, and where to look for that.

    Attributes:
        machine: another one for each machine, each of its starts, and each container.
        born: when the process began, by which it is told from a later one of the same number.
    """

    token: str
    machine: str
    host: str
    pid: int
    born: str | None
    since: float

    @property
    def is_gone(self) -> bool:
        """Whether its process has surely ended."""
        return self.machine == _machine() and not _is_alive(self.pid, self.born)

    def __str__(self) -> str:
        since = time.strftime("%H:%M:%S", time.localtime(self.since))
        where = "this process" if self._is_here else f"the process {self.pid} on '{self.host}'"
        return f"{where}, since {since}"

    @property
    def _is_here(self) -> bool:
        return self.machine == _machine() and self.pid == os.getpid()


class Lease:
    """The lease of one run."""

    def __init__(self, store: StateStore, workflow: str, run_id: str, seconds: float | None = None) -> None:
        self._store = store
        self._what = f"the run '{run_id}' of the workflow '{workflow}'"
        self._address: Address = (LEASES_SCOPE, f"{workflow}:{run_id}")
        self._seconds = LEASE_SECONDS if seconds is None else seconds
        self._holder = _this_process()
        self._lock = threading.Lock()
        self._version = 0
        self.is_lost = False
        """Whether somebody else has the run now."""

    @property
    def is_held(self) -> bool:
        """Whether it was taken, and neither lost nor released."""
        return self._version > 0 and not self.is_lost

    def take(self) -> None:
        """Hold the run from now on. Raises LeaseError, which tells who holds it."""
        for _ in range(_ATTEMPTS):
            found = self._store.entry(*self._address)
            if found is not None:
                self._check_gone(_holder_of(found.text))
            if self._write(found.version if found else 0):
                return
        raise LeaseError(f"{self._what} is wanted by others again and again; try again")

    def renew(self) -> bool:
        """Hold it for some time more; whether it still was this one's."""
        with self._lock:
            self.is_lost = self.is_lost or not self._write(self._version)
            return not self.is_lost

    def commit(self, writes: Mapping[Address, Write], *, durable: bool) -> None:
        """Write all, as long as the run is this one's. Raises LeaseError."""
        with self._lock:
            if self.is_lost or not self._store.commit(writes, self._seen(self._version), durable=durable):
                self.is_lost = True
                raise self.lost()

    def release(self) -> None:
        """Hold the run no more."""
        with self._lock:
            if self.is_held:
                self._store.commit({self._address: Write(None)}, self._seen(self._version), durable=False)
                self._version = 0

    def lost(self) -> LeaseError:
        """What is told where somebody else has taken over."""
        found = self._store.entry(*self._address)
        now = f"it is under way in {_holder_of(found.text)}" if found else "its lease has run out"
        return LeaseError(f"{self._what} is no longer this one's, which stood still for too long: {now}")

    async def held(self, done: Done, work: Callable[[], Awaitable[T]]) -> T:
        """What work gives, while the lease is renewed.

        Raises LeaseError, and ends the work, where somebody else has taken over.
        """
        import anyio

        async def go_on_renewing() -> None:
            while True:
                await anyio.sleep(self._seconds / _RENEWALS)
                try:
                    is_held = await done(self.renew)
                except StateError:
                    continue  # The store may be back the next time; nothing is written without the lease.
                if not is_held:
                    group.cancel_scope.cancel()
                    return

        outcome: list[T] = []
        problem: Exception | None = None
        async with anyio.create_task_group() as group:
            group.start_soon(go_on_renewing)
            try:
                outcome.append(await work())
            except Exception as error:  # noqa: BLE001 - a group would raise it as one of several
                problem = error
            group.cancel_scope.cancel()
        if problem is not None:
            raise problem
        if not outcome:
            raise self.lost()
        return outcome[0]

    def _check_gone(self, holder: Holder) -> None:
        if not holder.is_gone:
            raise LeaseError(
                f"{self._what} is under way already, in {holder}; wait for its end, or take another run_id"
            )

    def _write(self, version: int) -> bool:
        text = json.dumps(asdict(self._holder))
        writes = {self._address: Write(text, self._seconds)}
        if not self._store.commit(writes, self._seen(version), durable=False):
            return False
        written = self._store.entry(*self._address)
        self._version = written.version if written is not None and written.text == text else 0
        return True

    def _seen(self, version: int) -> Seen:
        return Seen({self._address: version}, {})


def holder_of(store: StateStore, workflow: str, run_id: str) -> Holder | None:
    """Who holds a run, if anybody does who is not gone."""
    found = store.entry(LEASES_SCOPE, f"{workflow}:{run_id}")
    holder = _holder_of(found.text) if found else None
    return None if holder is None or holder.is_gone else holder


def _holder_of(text: str) -> Holder:
    return Holder(**json.loads(text))


def _this_process() -> Holder:
    import platform

    pid = os.getpid()
    return Holder(str(uuid.uuid4()), _machine(), platform.node(), pid, _born(pid), time.time())


@cache
def _machine() -> str:
    import platform

    parts = [platform.node(), _first_line("/proc/sys/kernel/random/boot_id")]
    try:
        parts.append(str(Path("/proc/self/ns/pid").readlink()))
    except OSError:
        parts.append("")
    return " ".join(parts)


def _first_line(path: str) -> str:
    try:
        return Path(path).read_text("utf-8").strip()
    except OSError:
        return ""


def _is_alive(pid: int, born: str | None) -> bool:
    """Whether a process goes on that began then. One that cannot be looked at may."""
    import psutil

    try:
        return born is not None and _born(pid) == born
    except psutil.AccessDenied:
        return True


def _born(pid: int) -> str | None:
    """When a process began; None where there is none, or one that has ended and was not fetched yet."""
    import psutil

    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return None
        # Linux counts from the machine's start, which no change of the clock moves.
        line = _first_line(f"/proc/{pid}/stat")
        return line.rpartition(")")[2].split()[19] if line else str(round(process.create_time()))
    except psutil.NoSuchProcess:
        return None
