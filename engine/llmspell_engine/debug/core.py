"""The debugger's core: breakpoints, steps, stops, and requests served while the script is stopped.

It knows no language: a :class:`~llmspell_engine.debug.backend.Backend` reads stacks and values.

Threads of a debuggee:

- The **script's thread** is the process's main thread. It runs the script; an armed statement calls
  :meth:`Debugger.reached` on it, which returns at once or stays for as long as the script is stopped.
  While it stays it serves requests that need the interpreter, one after the other, from a queue.
- The **control thread** is started by the host and reads the channel. It answers what needs no
  interpreter itself (breakpoints, filters, pause, terminate, detach) and puts the rest on the queue.
  It ends when the channel does, and then ends the script too, unless the client said it is detaching.

What both touch (breakpoints, filters, the pending pause, whether the script is stopped) is guarded by
one lock, which is never held while script code runs.
"""

from __future__ import annotations

import itertools
import queue
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from llmspell_engine.debug.backend import Backend, BackendValue, Core, EvaluationError, ProbedSource
from llmspell_engine.debug.breakpoints import (
    Breakpoint,
    Expression,
    Refused,
    hit_condition,
    log_message,
    place,
)
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

    from llmspell_engine.debug.backend import BackendFrame, Probe

THREAD = 1
"""The id of the script's one thread."""

Task = "Callable[[], None]"


class Debugger(Core):
    """A script under control. ``backend`` is set by whoever makes both, before anything else is called."""

    backend: Backend

    def __init__(self, send: Callable[[Event], None], *, stop_on_entry: bool = False) -> None:
        self._send = send
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
        self._detached = False
        self._tasks: queue.SimpleQueue[Callable[[], None] | StepKind] = queue.SimpleQueue()
        self._frames: Handles[Any] = Handles("Frame")
        self._values: Handles[Any] = Handles("Value")
        self._stack: Sequence[BackendFrame] | None = None
        self._error: tuple[Any, bool] | None = None
        self._complained: set[str] = set()

    # What the control thread calls.

    def set_breakpoints(self, path: str, specs: Sequence[SourceBreakpoint]) -> tuple[BreakpointStatus, ...]:
        """Replace the breakpoints of a file; one that did not change keeps its number and its count."""
        with self._lock:
            before = {each.spec: each for each in self._breakpoints.get(path, ())}
            source = self._sources.get(path) or self._probed_file(path)
            new = [before.pop(spec, None) or self._breakpoint(spec) for spec in specs]
            for each in new:
                _settle(each, source)
            self._breakpoints[path] = new
            self._index()
            self._arm()
            return tuple(each.status() for each in new)

    def set_exception_breakpoints(self, filters: Sequence[ExceptionBreakpoint]) -> None:
        """Replace the exception filters."""
        with self._lock:
            self._filters = {each.filter: each for each in filters}

    def pause(self) -> None:
        """Stop at the next statement."""
        with self._lock:
            if not self._stopped and self._wanted is None:
                self._wanted = "pause"
                self._arm()

    def threads(self) -> tuple[ScriptThread, ...]:
        """The script's one thread."""
        return (ScriptThread(THREAD, "script"),)

    def terminate(self) -> None:
        """End the script."""
        self._let_go()
        self.backend.terminate()

    def detach(self) -> None:
        """Let the script go on by itself, with nothing armed."""
        self._let_go()

    def when_stopped(self, task: Callable[[], None]) -> None:
        """Run a task on the script's thread. Raises DebuggeeError where the script is not stopped."""
        with self._lock:
            if not self._stopped:
                raise DebuggeeError("The script is running: pause it first.")
            self._tasks.put(task)

    def resume(self, kind: StepKind) -> None:
        """Go on from a stop."""
        with self._lock:
            if not self._stopped:
                raise DebuggeeError("The script is running already.")
            self._stopped = False
            self._tasks.put(kind)

    # What the backend calls, on the script's thread.

    def loaded(self, source: ProbedSource) -> None:
        """Know a source that is about to run, and settle its breakpoints."""
        with self._lock:
            self._sources[source.path] = source
            self._probes.update({probe.id: (source, probe) for probe in source.probes})
            for each in self._breakpoints.get(source.path, ()):
                before = each.status()
                each.probe = None
                _settle(each, source)
                if each.status() != before:
                    self._send(BreakpointChanged(each.status()))
            self._index()
            self._arm()
        if Path(source.path).is_absolute():
            self._send(SourceLoaded(source.path))

    def reached(self, probe_id: int) -> None:
        """Stop here if a breakpoint, a step or a pause says so."""
        with self._lock:
            if self._detached or self._stopped:
                return
            here = list(self._at.get(probe_id, ()))
        hit = [each.id for each in here if self._is_hit(each, probe_id)]
        reason = self._reason(hit)
        if reason:
            self._stop(Stopped(THREAD, reason, breakpoint_ids=tuple(hit)))

    def wants_raised(self, *, uncaught: bool) -> bool:
        """Whether a filter is on for such errors."""
        return not self._detached and ("all" in self._filters or (uncaught and "uncaught" in self._filters))

    def raised(self, error: Any, *, uncaught: bool) -> None:
        """Stop at an error if a filter says so."""
        if not self.wants_raised(uncaught=uncaught) or self._stopped:
            return
        self._error = (error, uncaught)
        details = self.backend.describe_error(error, uncaught=uncaught)
        self._stop(Stopped(THREAD, "exception", details.description))
        self._error = None

    # What is asked while the script is stopped, on the script's thread.

    def stack(self, start: int = 0, levels: int | None = None) -> Stack:
        """A window of the frames."""
        if self._stack is None:
            self._stack = self.backend.stack()
        end = len(self._stack) if not levels else start + levels
        shown = tuple(self._frame(frame) for frame in self._stack[start:end])
        return Stack(shown, len(self._stack))

    def scopes(self, frame_id: int) -> tuple[Scope, ...]:
        """The scopes of a frame."""
        frame = self._frames[frame_id]
        return tuple(
            Scope(
                each.name,
                each.kind,
                self._values.add((each.token, frame)),
                each.named,
                each.indexed,
                each.expensive,
            )
            for each in self.backend.scopes(frame)
        )

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

    def _reason(self, hit: list[int]) -> StopReason | None:
        with self._lock:
            if self._wanted == "entry":
                return "entry"
            if hit:
                return "breakpoint"
            if self._step is not None and self._step_ends(self._step):
                return "step"
            return self._wanted

    def _step_ends(self, step: Step) -> bool:
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
        line, depth = self.backend.depth()
        with self._lock:
            self._stack = None
            self._frames.clear()
            self._values.clear()
            if kind != "continue":
                self._step = Step(kind, line, depth, self.backend.waiting())
            self._arm()

    def _serve(self) -> StepKind:
        while True:
            task = self._tasks.get()
            if isinstance(task, str):
                return task
            task()

    def _let_go(self) -> None:
        with self._lock:
            self._detached = True
            self._wanted = self._step = None
            self.backend.arm(())
            if self._stopped:
                self._stopped = False
                self._tasks.put("continue")

    def _arm(self) -> None:
        if self._detached:
            return
        if self._wanted or self._step:
            self.backend.arm_all()
        else:
            self.backend.arm(self._at.keys())

    # Breakpoints.

    def _breakpoint(self, spec: SourceBreakpoint) -> Breakpoint:
        made = Breakpoint(next(self._ids), spec)
        try:
            made.counts = hit_condition(spec.hit_condition) if spec.hit_condition else None
            made.message = log_message(spec.log_message) if spec.log_message else ()
        except Refused as refused:
            made.problem = str(refused)
            return made
        expressions = [part.text for part in made.message if isinstance(part, Expression)]
        for expression in [spec.condition, *expressions]:
            problem = self.backend.check(expression) if expression else None
            if problem:
                made.problem = f"'{expression}' cannot be compiled: {problem}"
        return made

    def _probed_file(self, path: str) -> ProbedSource | None:
        """A file that is not loaded yet, probed to tell at once where its breakpoints will stand."""
        try:
            text = Path(path).read_text("utf-8")
        except (OSError, ValueError):
            return None
        return self.backend.probe(path, text)

    def _index(self) -> None:
        self._at = {}
        for each in itertools.chain.from_iterable(self._breakpoints.values()):
            if each.probe and not each.problem:
                self._at.setdefault(each.probe.id, []).append(each)

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

    def _print(self, category: Literal["console"], text: str, probe_id: int) -> None:
        source, probe = self._probes[probe_id]
        self._send(Output(category, text, source.path, probe.line, probe.column))

    # Values as the client sees them.

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

    def _variable(self, value: BackendValue, frame: Any) -> Variable:
        return Variable(
            value.name,
            value.value,
            value.type,
            0 if value.token is None else self._values.add((value.token, frame)),
            value.named,
            value.indexed,
            value.evaluate_name,
            value.read_only,
            value.lazy,
        )


def _settle(each: Breakpoint, source: ProbedSource | None) -> None:
    """Find the statement at which a breakpoint stands."""
    if each.problem or source is None:
        return
    each.probe = place(source, each.spec.line, each.spec.column)
    if each.probe is None:
        each.problem = "There is no statement to stop at, on this line or after it in its function."
