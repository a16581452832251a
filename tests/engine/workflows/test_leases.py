"""A run is one process's at a time, and what a process that lost it writes is not taken."""

# ruff: noqa: E501 (scripts read best on one line)

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext, suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import anyio
import anyio.to_thread
import psutil
import pytest
from llmspell_engine.agents.base import AgentScope
from llmspell_engine.globals.services import Services
from llmspell_engine.language import LANGUAGES, Language
from llmspell_engine.state import MemoryStore, SQLiteStore, StateStore, Write
from llmspell_engine.state.redis import RedisStore
from llmspell_engine.workflows import journal, lease
from llmspell_engine.workflows.actions import FunctionAction
from llmspell_engine.workflows.lease import LEASES_SCOPE, Holder, Lease, LeaseError
from llmspell_engine.workflows.results import WorkflowError
from llmspell_engine.workflows.sequential import Sequential
from llmspell_engine.workflows.step import Step
from llmspell_engine.workflows.workflow import Workflow, WorkflowSettings
from support.globals import Pair, check_pair
from support.processes import environment
from support.redis_server import RedisServer, redis_server

LONGEST_SECONDS = 20
ADDRESS = (LEASES_SCOPE, "w:r")


@pytest.fixture(scope="module")
def server() -> Iterator[RedisServer]:
    with redis_server() as started:
        yield started


@pytest.fixture(params=["memory", "sqlite", "redis"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[StateStore]:
    if request.param == "redis":
        made: StateStore = RedisStore(request.getfixturevalue("server").url, f"lease-{tmp_path.name}")
    else:
        made = MemoryStore() if request.param == "memory" else SQLiteStore(tmp_path / "state.db")
    yield made
    made.close()


def _holder(**other: Any) -> Holder:
    """A run of this process, but for what is given."""
    return replace(lease._this_process(), **other)


def _put(store: StateStore, holder: Holder, seconds: float = 60) -> None:
    store.commit({ADDRESS: Write(json.dumps(asdict(holder)), seconds)})


@pytest.mark.parametrize(
    ("other", "told"),
    [
        ({}, "in this process, since "),
        ({"machine": "another", "host": "mill", "pid": 7}, "in the process 7 on 'mill', since "),
        ({"pid": os.getppid(), "born": lease._born(os.getppid())}, f"in the process {os.getppid()} on '"),
    ],
    ids=["here", "elsewhere", "beside"],
)
def test_what_another_holds_is_refused(store: StateStore, other: dict[str, Any], told: str) -> None:
    _put(store, _holder(**other))
    with pytest.raises(LeaseError, match="the run 'r' of the workflow 'w' is under way already") as refused:
        Lease(store, "w", "r").take()
    assert told in str(refused.value)
    assert str(refused.value).endswith("; wait for its end, or take another run_id")


@pytest.mark.parametrize(
    "other",
    [{"pid": 2**22 + 1}, {"pid": os.getppid(), "born": "1"}, {"born": None}],
    ids=["ended", "reused", "zombie"],
)
def test_what_a_process_holds_that_is_gone_is_taken_over_at_once(
    store: StateStore, other: dict[str, Any]
) -> None:
    _put(store, _holder(**other))
    taken = Lease(store, "w", "r")
    taken.take()
    with pytest.raises(LeaseError, match="in this process"):
        Lease(store, "w", "r").take()
    taken.release()
    Lease(store, "w", "r").take()


def test_what_another_machine_holds_is_waited_for_until_its_time_is_up(store: StateStore) -> None:
    _put(store, _holder(machine="another"), 0.2)
    until = time.monotonic() + LONGEST_SECONDS
    refused = 0
    while time.monotonic() < until:
        try:
            Lease(store, "w", "r").take()
        except LeaseError:
            refused += 1
            time.sleep(0.01)
        else:
            break
    assert refused
    assert time.monotonic() < until


def test_of_many_who_want_it_at_once_one_gets_it(tmp_path: Path) -> None:
    """Each with a connection of its own, as processes have."""
    _put(first := SQLiteStore(tmp_path / "state.db"), _holder(pid=2**22 + 1))
    stores = [first, *(SQLiteStore(tmp_path / "state.db") for _ in range(7))]
    start = threading.Barrier(len(stores))
    taken: list[Lease] = []

    def want(store: StateStore) -> None:
        wanted = Lease(store, "w", "r")
        start.wait(LONGEST_SECONDS)
        with suppress(LeaseError):
            wanted.take()
            taken.append(wanted)

    threads = [threading.Thread(target=want, args=(store,)) for store in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(LONGEST_SECONDS)
    assert len(taken) == 1
    taken[0].commit({("s", "k"): Write("1")}, durable=True)
    for store in stores:
        store.close()


def test_a_process_that_cannot_be_looked_at_may_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_pid: int) -> None:
        raise psutil.AccessDenied

    holder = _holder(pid=7, born="7")
    monkeypatch.setattr(psutil, "Process", refuse)
    assert not holder.is_gone


def test_a_run_that_is_cancelled_as_it_takes_the_lease_leaves_none(tmp_path: Path) -> None:
    entered, go_on = threading.Event(), threading.Event()

    class Slow(SQLiteStore):
        def entry(self, scope: str, key: str) -> Any:
            found = super().entry(scope, key)
            if scope == LEASES_SCOPE and found is not None:
                entered.set()
                go_on.wait(LONGEST_SECONDS)
            return found

    store = Slow(tmp_path / "state.db")

    async def work() -> str:
        return "x"

    async def go() -> None:
        with anyio.fail_after(LONGEST_SECONDS):
            async with anyio.create_task_group() as group:
                group.start_soon(lambda: _workflow(store, work, []).run("x", run_id="r"))
                await anyio.to_thread.run_sync(entered.wait)
                group.cancel_scope.cancel()
                go_on.set()
        assert (await _workflow(store, work, []).run("x", run_id="r")).output == "x"

    anyio.run(go)
    store.close()


def test_a_zombie_is_gone() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        holder = _holder(pid=process.pid, born=lease._born(process.pid))
        assert not holder.is_gone
        process.send_signal(signal.SIGKILL)
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert holder.is_gone


def _workflow(store: StateStore, work: Callable[[], Any], done: list[str]) -> Workflow:
    async def call(_given: Any, _facts: Any) -> Any:
        return await work()

    async def undo(_given: Any, _facts: Any) -> None:
        done.append("undone")

    async def clean(_given: Any, _facts: Any) -> None:
        done.append("cleaned")

    first = Step("a", FunctionAction(call), compensation=Step("undo_a", FunctionAction(undo)))
    settings = WorkflowSettings(on_error="compensate", cleanup=[Step("clean", FunctionAction(clean))])
    return Workflow(
        "w", Sequential([first, Step("b", FunctionAction(call))]), AgentScope(state=store), settings
    )


def test_the_lease_is_renewed_as_long_as_the_run_goes_on(
    store: StateStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lease, "LEASE_SECONDS", 0.3)
    until: list[float] = []

    async def work() -> str:
        while time.time() < until[0]:
            await anyio.sleep(0.01)
            with pytest.raises(LeaseError):
                Lease(store, "w", "r").take()
        return "done"

    async def go() -> None:
        until.append(time.time() + 0.7)
        with anyio.fail_after(LONGEST_SECONDS):
            assert (await _workflow(store, work, []).run("x", run_id="r")).output == "done"
        assert store.entry(*ADDRESS) is None

    anyio.run(go)


@pytest.mark.parametrize("notices", ["as it writes", "as it renews"])
def test_a_run_that_another_has_taken_over_writes_and_undoes_nothing(
    store: StateStore, monkeypatch: pytest.MonkeyPatch, notices: str
) -> None:
    monkeypatch.setattr(lease, "LEASE_SECONDS", 30.0 if notices == "as it writes" else 0.05)
    done: list[str] = []
    keys: list[str] = []

    async def work() -> str:
        if not keys:
            _put(store, _holder(machine="another", host="mill", pid=7))
            keys.extend(store.keys("workflow:w"))
            if notices == "as it renews":
                await anyio.sleep(LONGEST_SECONDS)
        return "x"

    async def go() -> None:
        with (
            anyio.fail_after(LONGEST_SECONDS),
            pytest.raises(
                WorkflowError, match=r"no longer this one's.*it is under way in the process 7 on 'mill'"
            ),
        ):
            await _workflow(store, work, done).run("x", run_id="r")

    anyio.run(go)
    assert done == []
    assert store.keys("workflow:w") == keys
    held = store.entry(*ADDRESS)
    assert held is not None
    assert json.loads(held.text)["host"] == "mill"


PAIRS = [
    Pair(
        "two workflows of one name in one process; what is under way is not forgotten",
        "local function make() return Workflow.sequential({ name = 'w', steps = { { name = 'a', execute = function() Async.sleep(0.05) return 1 end } } }) end "
        "local other = make() local first = Async.run(function() return make():execute(1, { run_id = 'r' }).output end) Async.sleep(0.01) "
        "print((select(2, pcall(other.execute, 1, { run_id = 'r' })).message:gsub('since [%d:]+', 'since T'))) "
        "print((select(2, pcall(other.forget_run, 'r')).message:gsub('since [%d:]+', 'since T'))) "
        "print(first:await(), other:execute(nil, { run_id = 'r' }).output, other:forget_run('r'))",
        "const make = () => Workflow.sequential({ name: 'w', steps: [{ name: 'a', execute: async () => { await Async.sleep(0.05); return 1 } }] }); "
        "const other = make(); const first = make().execute(1, { runId: 'r' }); await Async.sleep(0.01); const tell = (e) => say(e.message.replace(/since [\\d:]+/, 'since T')); "
        "try { await other.execute(1, { runId: 'r' }) } catch (e) { tell(e) } try { other.forgetRun('r') } catch (e) { tell(e) } "
        "say((await first).output, (await other.execute(null, { runId: 'r' })).output, other.forgetRun('r'))",
        "the run 'r' of the workflow 'w' is under way already, in this process, since T; wait for its end, or take another run_id\n"
        "the run 'r' of the workflow 'w' is under way, in this process, since T; wait for its end\n1\t1\ttrue\n",
    ),
]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.name)
def test_in_scripts(pair: Pair, language: Language) -> None:
    check_pair(pair, language, services=Services())


SCRIPT = """\
local w = Workflow.sequential({ name = "w", steps = {
  { name = "a", execute = function() print("a") return 1 end },
  { name = "b", execute = function() print("at b") if arg and arg[1] == "wait" then Async.sleep(60) end return 2 end },
} })
local ok, result = pcall(w.execute, nil, { run_id = "r" })
print(ok and result.output or result.message)
"""


def test_two_processes_do_not_run_the_same_and_a_killed_one_is_followed_at_once(tmp_path: Path) -> None:
    script = tmp_path / "main.lua"
    script.write_text(SCRIPT)
    state = ["--state", str(tmp_path / "state.db")]
    command = [sys.executable, "-m", "llmspell_cli.main", "run", str(script), *state]

    def other() -> list[str]:
        ran = subprocess.run(
            command, capture_output=True, text=True, timeout=50, check=False, env=environment()
        )
        assert ran.stderr == ""
        return ran.stdout.splitlines()

    with subprocess.Popen(
        [*command, "--", "wait"], stdout=subprocess.PIPE, text=True, env=environment()
    ) as process:
        assert process.stdout is not None
        assert [process.stdout.readline() for _ in range(2)] == ["a\n", "at b\n"]
        [refused] = other()
        assert f"is under way already, in the process {process.pid} on '" in refused
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert other() == ["at b", "2"]


def test_a_lease_is_held_from_its_taking_to_its_release_or_loss() -> None:
    store = MemoryStore()
    own = Lease(store, "w", "r")
    held = [own.is_held]
    own.take()
    held.append(own.is_held)
    own.release()
    held.append(own.is_held)
    assert (held, store.entry(*ADDRESS)) == ([False, True, False], None)
    own.take()
    _put(store, _holder(token="other"))
    assert (own.renew(), own.is_lost, own.is_held) == (False, True, False)
    own.release()
    assert json.loads(store.entry(*ADDRESS).text)["token"] == "other", "what another holds is left to it"  # type: ignore[union-attr]
    with pytest.raises(LeaseError, match=r"is no longer this one's.*in this process"):
        own.commit({("workflow:w", "run:r:a"): Write("1")}, durable=False)
    assert store.load("workflow:w", "run:r:a") is None


def test_where_a_lease_was_lost_is_told_also_where_nobody_has_it_now() -> None:
    own = Lease(MemoryStore(), "w", "r")
    assert str(own.lost()).endswith("which stood still for too long: its lease has run out")


def test_a_lease_that_nobody_renews_runs_out_in_its_own_time() -> None:
    store = MemoryStore()
    Lease(store, "w", "r", seconds=0.05).take()
    Lease(store, "w", "long").take()
    deadline = time.monotonic() + LONGEST_SECONDS
    while store.entry(*ADDRESS) is not None:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert store.entry(LEASES_SCOPE, "w:long") is not None


def test_where_others_are_first_again_and_again_it_is_given_up() -> None:
    class Contested(MemoryStore):
        tries = 0

        def commit(self, *arguments: Any, **more: Any) -> bool:
            self.tries += 1
            return False

    store = Contested()
    with pytest.raises(
        LeaseError, match="the run 'r' of the workflow 'w' is wanted by others again and again"
    ):
        Lease(store, "w", "r").take()
    assert store.tries > 1


@pytest.mark.parametrize(
    ("other", "is_here"),
    [({}, True), ({"machine": "another"}, False), ({"pid": os.getppid()}, False)],
)
def test_a_holder_is_told_as_this_process_where_it_is(other: dict[str, Any], is_here: bool) -> None:
    assert str(_holder(**other)).startswith("this process") == is_here


def test_machines_and_their_starts_are_told_apart() -> None:
    parts = lease._machine().split(" ")
    boot = Path("/proc/sys/kernel/random/boot_id")
    if boot.exists():
        assert boot.read_text().strip() in parts
    assert len(parts[0]) > 0


@pytest.mark.parametrize(("other", "is_forgotten"), [({}, False), ({"pid": 2**22 + 1}, True)])
def test_a_run_whose_process_is_gone_is_forgotten_and_one_under_way_is_not(
    other: dict[str, Any], is_forgotten: bool
) -> None:
    store = MemoryStore()
    store.commit({("workflow:w", "run:r"): Write("{}"), ("workflow:w", "run:rest"): Write("{}")})
    _put(store, _holder(**other))
    refused = (
        nullcontext() if is_forgotten else pytest.raises(LeaseError, match="is under way, in this process")
    )
    with refused:
        assert journal.forget_run(store, "w", "r")
    assert (journal.runs(store, "w") == ["rest"]) == is_forgotten
    assert not journal.forget_run(store, "w", "never")


def test_an_error_of_the_work_is_raised_as_it_is_while_the_lease_is_held() -> None:
    async def go() -> None:
        own = Lease(MemoryStore(), "w", "r")
        own.take()

        async def done(work: Callable[[], bool]) -> bool:
            return work()

        async def fail() -> None:
            raise ValueError("odd")

        with pytest.raises(ValueError, match="odd"):
            await own.held(done, fail)

    anyio.run(go)
