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

import itertools
import logging
import os
import queue
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from llmspell_engine.debug.backend import Backend, BackendValue, Core, EvaluationError, ProbedSource
from llmspell_engine.debug.breakpoints import Breakpoint, Expression, RefusedError, hit_condition, log_message
from llmspell_engine.debug.handles import Handles
from llmspell_engine.debug.model import (
    BreakpointChanged,
    BreakpointStatus,
    DebuggeeError,
    EvaluateContext,
    Event,
    ExceptionBreakpoint,
    ExceptionDetails,
    Frame,
    Output,
    OutputCategory,
    Scope,
    ScriptThread,
    SourceBreakpoint,
    SourceLoaded,
    Stack,
    StepKind,
    Stopped,
    StopReason,
    Variable,
)
from llmspell_engine.debug.steps import Step, ends_at

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from llmspell_engine.debug.backend import BackendFrame, BackendScope, Probe

THREAD = 1
"""The id of the script's one thread."""

_log = logging.getLogger(__name__)


class Debugger(Core):
    """A script under control. ``backend`` is set by whoever makes both, before anything else is called."""

    backend: Backend

    def __init__(
        self, send: Callable[[Event], None], name: str = "script", *, stop_on_entry: bool = False
    ) -> None:
        self._send = send
        self._name = name
        self._lock = threading.RLock()
        self._ids = itertools.count(1)
        self._sources: dict[str, ProbedSource] = {}
        self._probes: dict[int, tuple[ProbedSource, Probe]] = {}
        self._breakpoints: dict[str, list[Breakpoint]] = {}
        self._at: dict[int, list[Breakpoint]] = {}
        self._filters: dict[str, ExceptionBreakpoint] = {}
        self._wanted: StopReason | None = "entry" if stop_on_entry else None
        self._step: Step | None = None
        self._stopped = False
        self._is_considering = False
        """Whether conditions and messages of a statement are evaluated: what they call does not stop."""
        self._detached = False
        self._tasks: queue.SimpleQueue[Callable[[], None] | StepKind] = queue.SimpleQueue()
        self._frames: Handles[Any] = Handles("Frame")
        self._values: Handles[tuple[Any, Any]] = Handles("Value")
        self._stack: Sequence[BackendFrame] | None = None
        self._error: tuple[Any, bool] | None = None

    # What the control thread calls.

    def set_breakpoints(self, path: str, specs: Sequence[SourceBreakpoint]) -> tuple[BreakpointStatus, ...]:
        """Replace the breakpoints of a file; one that did not change keeps its number and its count."""
        with self._lock:
            before = {each.spec: each for each in self._breakpoints.get(_key(path), ())}
            placed = [before.pop(spec) if spec in before else self._breakpoint(spec) for spec in specs]
            source = self._sources.get(_key(path)) or self._read(path)
            if source is not None:
                for each in placed:
                    each.settle(source)
            self._breakpoints[_key(path)] = placed
            self._index()
            return tuple(each.status() for each in placed)

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
            self._sources[_key(source.path)] = source
            self._probes.update({probe.id: (source, probe) for probe in source.probes})
            for each in self._breakpoints.get(_key(source.path), ()):
                before = each.status()
                each.settle(source)
                if each.status() != before:
                    self._send(BreakpointChanged(each.status()))
            self._index()
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

    def stack(self, start: int = 0, levels: int | None = None) -> Stack:
        """A window of the frames."""
        frames = self._whole_stack()
        end = start + levels if levels else len(frames)
        return Stack(tuple(self._frame(frame) for frame in frames[start:end]), len(frames))

    def scopes(self, frame_id: int) -> tuple[Scope, ...]:
        """The scopes of a frame."""
        frame = self._frames[frame_id]
        return tuple(self._scope(each, frame) for each in self.backend.scopes(frame))

    def variables(
        self,
        reference: int,
        kind: Literal["named", "indexed"] | None,
        start: int,
        count: int | None,
        hex_numbers: bool,
    ) -> tuple[Variable, ...]:
        """The parts of a scope or value."""
        token, frame = self._values[reference]
        parts = self.backend.children(token, kind, start, count, hex_numbers=hex_numbers)
        return tuple(self._variable(each, frame) for each in parts)

    def evaluate(
        self, expression: str, frame_id: int | None, context: EvaluateContext, hex_numbers: bool
    ) -> Variable:
        """The value of an expression."""
        frame = None if frame_id is None else self._frames[frame_id]
        value = self.backend.evaluate(expression, frame, context, hex_numbers=hex_numbers)
        return self._variable(value, frame)

    def set_variable(self, reference: int, name: str, expression: str) -> Variable:
        """Give a part of a scope or value a new value."""
        token, frame = self._values[reference]
        return self._variable(self.backend.set_child(token, name, expression, frame), frame)

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
            hit = [each.id for each in self._at.get(probe_id, ()) if self._is_hit(each, probe_id)]
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
        self._stack = None
        self._frames.clear()
        self._values.clear()
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
        inside = self._probes_on_stack() if kind != "step_in" else None
        return Step(kind, line, depth, self.backend.waiting(), inside)

    def _probes_on_stack(self) -> frozenset[int] | None:
        """The statements of all functions on the stack; None where one of them is not known."""
        functions: dict[str, set[int]] = {}
        for frame in self._whole_stack():
            source = self._sources.get(_key(frame.path)) if frame.path else None
            if source is None:
                continue
            at = (frame.line, frame.column)
            found = [each.function for each in source.probes if (each.line, each.column) == at]
            if not found:
                return None
            functions.setdefault(_key(source.path), set()).update(found)
        return frozenset(
            probe.id
            for path, numbers in functions.items()
            for probe in self._sources[path].probes
            if probe.function in numbers
        )

    def _arm(self) -> None:
        """Arm what could stop the script now. The lock is held."""
        if self._detached:
            return
        is_free = self._wanted is None and self._step is None
        self.backend.guard(self._conditions() if is_free else {})
        if self._wanted or (self._step and self._step.inside is None):
            self.backend.arm_all()
        elif self._step and self._step.inside:
            self.backend.arm(self._step.inside | self._at.keys())
        else:
            self.backend.arm(self._at.keys())

    # Breakpoints.

    def _breakpoint(self, spec: SourceBreakpoint) -> Breakpoint:
        made = Breakpoint(next(self._ids), spec)
        try:
            made.counts = hit_condition(spec.hit_condition) if spec.hit_condition else None
            made.message = log_message(spec.log_message) if spec.log_message else ()
        except RefusedError as refused:
            made.problem = str(refused)
        expressions = [part.text for part in made.message if isinstance(part, Expression)]
        for expression in [spec.condition, *expressions]:
            problem = self.backend.check(expression) if expression else None
            if problem:
                made.problem = f"'{expression}' cannot be compiled: {problem}"
        return made

    def _read(self, path: str) -> ProbedSource | None:
        """A file that is not loaded yet, probed to tell at once where its breakpoints will stand."""
        try:
            text = Path(path).read_text("utf-8-sig")
        except (OSError, ValueError):
            return None
        return self.backend.probe(path, text)

    def _index(self) -> None:
        """Note which statements carry breakpoints, and arm them. The lock is held."""
        at: dict[int, list[Breakpoint]] = {}
        for each in itertools.chain.from_iterable(self._breakpoints.values()):
            if each.probe and not each.problem:
                at.setdefault(each.probe.id, []).append(each)
        self._at = at
        self._arm()

    def _conditions(self) -> dict[int, list[str]]:
        """The conditions at statements where every breakpoint has one."""
        conditions = {
            probe_id: [each.spec.condition for each in here if each.spec.condition]
            for probe_id, here in self._at.items()
        }
        return {
            probe_id: texts for probe_id, texts in conditions.items() if len(texts) == len(self._at[probe_id])
        }

    def _is_hit(self, each: Breakpoint, probe_id: int) -> bool:
        """Whether a breakpoint stops here; counts the hit, and prints what a log point prints."""
        if each.spec.condition and not self._holds(each, each.spec.condition, probe_id):
            return False
        each.hits += 1
        if each.counts and not each.counts(each.hits):
            return False
        if not each.message:
            return True
        self._print("console", "".join(self._text(part) for part in each.message) + "\n", probe_id)
        return False

    def _holds(self, each: Breakpoint, condition: str, probe_id: int) -> bool:
        try:
            return self.backend.condition(condition)
        except EvaluationError as problem:
            if not each.complained:
                each.complained = True
                self._print("console", f"The condition '{condition}' failed: {problem}\n", probe_id)
            return False

    def _text(self, part: str | Expression) -> str:
        if isinstance(part, str):
            return part
        try:
            top = self.backend.stack()[0].token
            return self.backend.evaluate(part.text, top, "clipboard", hex_numbers=False).value
        except EvaluationError as problem:
            return f"{{{part.text}: {problem}}}"

    def _print(self, category: OutputCategory, text: str, probe_id: int) -> None:
        source, probe = self._probes[probe_id]
        self._send(Output(category, text, source.path, probe.line, probe.column))

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

    # Frames and values as the client sees them.

    def _whole_stack(self) -> Sequence[BackendFrame]:
        if self._stack is None:
            self._stack = self.backend.stack()
        return self._stack

    def _frame(self, frame: BackendFrame) -> Frame:
        return Frame(
            self._frames.add(frame.token),
            frame.name,
            frame.path,
            frame.line,
            frame.column,
            frame.end_line,
            frame.end_column,
            frame.is_subtle,
        )

    def _scope(self, scope: BackendScope, frame: Any) -> Scope:
        reference = self._handle(scope.token, frame)
        return Scope(scope.name, scope.kind, reference, scope.named, scope.indexed, scope.expensive)

    def _variable(self, value: BackendValue, frame: Any) -> Variable:
        return Variable(
            value.name,
            value.value,
            value.type,
            0 if value.token is None else self._handle(value.token, frame),
            value.named,
            value.indexed,
            value.evaluate_name,
            value.read_only,
            value.lazy,
        )

    def _handle(self, token: Any, frame: Any) -> int:
        return self._values.add((token, frame))


def _key(path: str) -> str:
    """A path as files are told apart: an editor may know one by another name than the script."""
    return os.path.normcase(os.path.realpath(path))
