"""The debugger's core: breakpoints, steps, stops, and requests served while the script is stopped.

It knows no language: a :class:`~llmspell_engine.debug.backend.Backend` reads stacks and values.

Threads of a debuggee:

- The **control thread** is the process's main thread and reads the channel. It answers what needs no
  interpreter itself (breakpoints, filters, pause, terminate, detach) and queues the rest. It ends when
  the channel does: because the script has ended, or because the client went away, and then it ends the
  process too, unless the client said that the script may go on without it.
- The **script's thread** is started by the host when it knows what to run. It runs the script; an armed
  statement calls :meth:`Debugger.reached` on it, which returns at once or stays for as long as the
  script is stopped. While it stays it runs, one after the other, the tasks that
  :meth:`Debugger.when_stopped` queues: all that needs the interpreter. It ends with the script.

What both touch (breakpoints, filters, the wish to stop, whether the script is stopped) is guarded by
one lock, which is never held while script code runs. Arming is the backend's, and safe from both.

A step is a :class:`~llmspell_engine.debug.steps.Step` that every statement of the functions on the stack
is measured against. Others are left alone while a step goes over them, so that a long call costs
nothing; where the stack holds a function that is not known, all statements are armed.
"""

from __future__ import annotations

import logging
import queue
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from llmspell_engine.debug.backend import Core, EvaluationError
from llmspell_engine.debug.breakpoint_table import BreakpointTable
from llmspell_engine.debug.inspection import Inspection
from llmspell_engine.debug.model import (
    BreakpointStatus,
    DebuggeeError,
    Event,
    ExceptionBreakpoint,
    ExceptionDetails,
    Output,
    ScriptThread,
    SourceBreakpoint,
    SourceLoaded,
    StepKind,
    Stopped,
    StopReason,
)
from llmspell_engine.debug.sources import Sources
from llmspell_engine.debug.steps import Step, ends_at

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from llmspell_engine.debug.backend import Backend, ProbedSource

THREAD = 1
"""The id of the script's one thread."""

_log = logging.getLogger(__name__)


class Debugger(Core):
    """A script under control."""

    def __init__(
        self,
        send: Callable[[Event], None],
        backend: Callable[[Core], Backend],
        name: str = "script",
        *,
        stop_on_entry: bool = False,
    ) -> None:
        self.backend = backend(self)
        self.inspection = Inspection(self.backend)
        """The stopped script: asked on its thread."""
        self._send = send
        self._name = name
        self._lock = threading.RLock()
        self._sources = Sources()
        self._breakpoints = BreakpointTable(self.backend, self._sources, send)
        self._filters: dict[str, ExceptionBreakpoint] = {}
        self._wanted: StopReason | None = "entry" if stop_on_entry else None
        self._step: Step | None = None
        self._stopped = False
        self._is_considering = False
        """Whether conditions and messages of a statement are evaluated: what they call does not stop."""
        self._detached = False
        self._tasks: queue.SimpleQueue[Callable[[], None] | StepKind] = queue.SimpleQueue()
        self._error: tuple[Any, bool] | None = None

    # What the control thread calls.

    def set_breakpoints(self, path: str, specs: Sequence[SourceBreakpoint]) -> tuple[BreakpointStatus, ...]:
        """Replace the breakpoints of a file; one that did not change keeps its number and its count."""
        with self._lock:
            statuses = self._breakpoints.set(path, specs)
            self._arm()
            return statuses

    def set_exception_breakpoints(self, filters: Sequence[ExceptionBreakpoint]) -> None:
        """Replace the exception filters. Raises DebuggeeError for a condition that cannot be compiled."""
        for each in filters:
            problem = self.backend.check(each.condition) if each.condition else None
            if problem:
                raise DebuggeeError(f"The condition '{each.condition}' cannot be compiled: {problem}")
        with self._lock:
            self._filters = {each.filter: each for each in filters}
            self.backend.watch_errors([each.filter for each in filters])

    def pause(self) -> None:
        """Stop at the next statement."""
        with self._lock:
            if not self._stopped and self._wanted is None:
                self._wanted = "pause"
                self._arm()

    def threads(self) -> tuple[ScriptThread, ...]:
        """The script's one thread."""
        return (ScriptThread(THREAD, self._name),)

    def terminate(self) -> None:
        """End the script."""
        self.let_go()
        self.backend.terminate()

    def let_go(self) -> None:
        """Let the script go on by itself, with nothing armed."""
        with self._lock:
            self._detached = True
            self._wanted = self._step = None
            self.backend.arm(())
            self.backend.watch_errors(())
            if self._stopped:
                self.resume("continue")

    def when_stopped(self, task: Callable[[], None]) -> None:
        """Run a task on the script's thread. Raises DebuggeeError where the script is not stopped."""
        with self._lock:
            if not self._stopped:
                raise DebuggeeError("The script is running: pause it first.")
            self._tasks.put(task)

    def resume(self, kind: StepKind) -> None:
        """Go on from a stop. Raises DebuggeeError where the script is not stopped."""
        with self._lock:
            if not self._stopped:
                raise DebuggeeError("The script is running already.")
            self._stopped = False
            self._tasks.put(kind)

    # What the backend calls, on the script's thread.

    def loaded(self, source: ProbedSource) -> None:
        """Know a source that is about to run, and settle its breakpoints."""
        if not Path(source.path).is_absolute():
            return
        with self._lock:
            self._sources.add(source)
            self._breakpoints.settle(source)
            self._arm()
        self._send(SourceLoaded(source.path))

    def reached(self, probe_id: int, *, halts: bool = False) -> None:
        """Stop here if a breakpoint, a step, a pause or the statement itself says so."""
        if self._detached or self._stopped or self._is_considering:
            return
        try:
            self._consider(probe_id, halts)
        except Exception:  # noqa: BLE001 - a fault of the debugger is none of the script's
            _log.exception("The debugger failed at a statement.")

    def wants_raised(self, *, uncaught: bool) -> bool:
        """Whether a filter is on for such errors."""
        if self._detached or self._stopped or self._is_considering:
            return False
        return "all" in self._filters or (uncaught and "uncaught" in self._filters)

    def raised(self, error: Any, *, uncaught: bool) -> None:
        """Stop at an error if a filter says so."""
        if not self.wants_raised(uncaught=uncaught) or not self._is_filtered(error, uncaught):
            return
        self._error = (error, uncaught)
        details = self.backend.describe_error(error, uncaught=uncaught)
        self._stop(Stopped(THREAD, "exception", details.description))
        self._error = None

    # What is asked while the script is stopped, on the script's thread.

    def exception(self) -> ExceptionDetails:
        """The error at which the script is stopped."""
        if self._error is None:
            raise DebuggeeError("The script has not stopped at an error.")
        error, uncaught = self._error
        return self.backend.describe_error(error, uncaught=uncaught)

    # Stopping and going on.

    def _consider(self, probe_id: int, halts: bool) -> None:
        self._is_considering = True
        try:
            hit = self._breakpoints.hit(probe_id)
        finally:
            self._is_considering = False
        reason = self._reason(hit) or ("debugger_statement" if halts else None)
        if reason:
            self._stop(Stopped(THREAD, reason, breakpoint_ids=tuple(hit)))

    def _reason(self, hit: list[int]) -> StopReason | None:
        if self._wanted == "entry":
            return "entry"
        if hit:
            return "breakpoint"
        if self._step is not None and self._ends(self._step):
            return "step"
        return self._wanted

    def _ends(self, step: Step) -> bool:
        line, depth = self.backend.depth()
        return ends_at(step, line, depth, self.backend.is_alive)

    def _stop(self, stopped: Stopped) -> None:
        """Tell the client, and serve it until it lets the script go on."""
        with self._lock:
            if self._detached:
                return
            self._stopped, self._wanted, self._step = True, None, None
            self._send(stopped)
        kind = self._serve()
        step = self._begun(kind) if kind != "continue" and not self._detached else None
        self.inspection.forget()
        with self._lock:
            self._step = step
            self._arm()

    def _serve(self) -> StepKind:
        """Run tasks until one says how to go on. A task that fails says so to the log, not the script."""
        while True:
            task = self._tasks.get()
            if isinstance(task, str):
                return task
            try:
                task()
            except Exception:  # noqa: BLE001 - whatever fails here must not reach the script
                _log.exception("The debugger failed while the script was stopped.")

    def _begun(self, kind: StepKind) -> Step:
        line, depth = self.backend.depth()
        frames = self.inspection.whole_stack() if kind != "step_in" else None
        inside = None if frames is None else self._sources.statements_around(frames)
        return Step(kind, line, depth, self.backend.waiting(), inside)

    def _arm(self) -> None:
        """Arm what could stop the script now. The lock is held."""
        if self._detached:
            return
        is_free = self._wanted is None and self._step is None
        self.backend.guard(self._breakpoints.conditions() if is_free else {})
        if self._wanted or (self._step and self._step.inside is None):
            self.backend.arm_all()
        elif self._step and self._step.inside:
            self.backend.arm(self._step.inside.union(self._breakpoints.statements))
        else:
            self.backend.arm(self._breakpoints.statements)

    def _is_filtered(self, error: Any, uncaught: bool) -> bool:
        """Whether a filter that is on, and its condition, are for this error."""
        for each in self._filters.values():
            if each.filter == "uncaught" and not uncaught:
                continue
            if each.condition is None:
                return True
            try:
                if self.backend.error_condition(each.condition, error):
                    return True
            except EvaluationError as problem:
                self._send(Output("console", f"The condition '{each.condition}' failed: {problem}\n"))
        return False
