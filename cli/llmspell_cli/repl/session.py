"""The thread of a session: it runs what is entered, and else lets go on what is under way."""

from __future__ import annotations

import queue
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from llmspell_cli.running.outcome import INTERRUPTED
from llmspell_cli.running.signals import Ended, counted_interrupts
from llmspell_cli.running.streams import has_line
from llmspell_cli.running.thread import LOOK_SECONDS, start_with_deep_stack

if TYPE_CHECKING:
    from llmspell_engine.globals.services import Services
    from llmspell_engine.language import Language
    from llmspell_engine.runtime.base import RunContext, ScriptError, ScriptRuntime
    from llmspell_engine.runtime.session import ScriptSession

NAME = "input"
_PATIENCE_SECONDS = 2.0
"""How long an interrupted input may take to end before the user is told how to leave it behind."""
_STUCK = "it has not ended yet; Ctrl-C once more leaves llmspell"


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of an input.

    Attributes:
        shown: its value, to be shown; None where there is none.
        error: what it failed of.
        exit: the code with which the script wants to leave.
        is_interrupted: whether it was ended from outside.
        fault: what is wrong with llmspell itself.
    """

    shown: str | None = None
    error: ScriptError | None = None
    exit: int | None = None
    is_interrupted: bool = False
    fault: BaseException | None = None


@dataclass(frozen=True, slots=True)
class _Input:
    name: str
    text: str


class SessionThread:
    """One language's session on a thread of its own.

    ``explain`` tells of errors of what goes on by itself, ``complain`` of other things.
    """

    def __init__(
        self,
        language: Language,
        context: RunContext,
        services: Services,
        explain: Callable[[ScriptError], None],
        complain: Callable[[str], None],
    ) -> None:
        self.language: Language = language
        self._read_line = context.streams.read_line
        self._context = replace(context, streams=replace(context.streams, read_line=self._line))
        self._services = services
        self._explain = explain
        self._complain = complain
        self._inputs: queue.SimpleQueue[_Input | Callable[[], None]] = queue.SimpleQueue()
        self._answers: queue.SimpleQueue[Answer] = queue.SimpleQueue()
        self._runtime: ScriptRuntime | None = None
        self._session: ScriptSession | None = None
        self._is_over = False
        self._is_interrupted = False
        self._thread = start_with_deep_stack(self._work)

    def enter(self, name: str, text: str) -> Answer:
        """Run an input and wait for its end. Ctrl-C meanwhile ends the input alone. Raises Ended."""
        return self._ask(_Input(name, text))

    def finish(self) -> Answer:
        """Wait until nothing is under way any more."""
        return self._ask(lambda: self._made().finish())

    def close(self, patience: float = 1.0) -> None:
        """End what is under way and the thread; one that does not end in time is left behind."""
        self._is_over = True
        self._put(lambda: None)
        self._thread.join(patience)

    def _ask(self, what: _Input | Callable[[], None]) -> Answer:
        # An interrupt that was raised might come before the input is on its way, or when it has just ended.
        with counted_interrupts() as pressed:
            self._put(what)
            answer = self._awaited(pressed)
        if answer.fault is not None:
            raise answer.fault
        return answer

    def _awaited(self, pressed: Callable[[], int]) -> Answer:
        heard, since, is_stuck = 0, 0.0, False
        while True:
            with suppress(queue.Empty):
                return self._answers.get(timeout=LOOK_SECONDS)
            if pressed() > heard:
                if is_stuck:
                    raise Ended(INTERRUPTED)
                heard, since = pressed(), since or time.monotonic()
                self._interrupt()
            if since and not is_stuck and time.monotonic() - since > _PATIENCE_SECONDS:
                is_stuck = True
                self._complain(_STUCK)

    def _interrupt(self) -> None:
        if self._session is not None:
            self._is_interrupted = True
            self._session.interrupt()

    def _put(self, what: _Input | Callable[[], None]) -> None:
        self._inputs.put(what)
        if self._runtime is not None:
            self._runtime.scheduler.wake()

    def _made(self) -> ScriptSession:
        assert self._session is not None, "it is made before anything is entered"
        return self._session

    # The thread

    def _work(self) -> None:
        try:
            self._run()
        except BaseException as fault:  # noqa: BLE001 - the thread that waits raises it
            self._answers.put(Answer(fault=fault))

    def _run(self) -> None:
        from llmspell_engine.runtime.base import ScriptError
        from llmspell_engine.runtime.create import create

        try:
            runtime = create(self.language, self._context, self._services)
            self._session = runtime.session(NAME)
        except ScriptError as error:
            while not self._is_over:
                self._inputs.get()
                self._answers.put(Answer(error=error))
            return
        self._runtime = runtime
        while not self._is_over:
            if runtime.scheduler.stand_by(self._has_input):
                self._go_on()
            else:
                self._answers.put(self._answer(self._inputs.get()))
        runtime.close()

    def _line(self) -> str | None:
        """A line of input for the script; None once the script is interrupted."""
        while not has_line(LOOK_SECONDS):
            if self._is_interrupted or self._is_over:
                return None
        return self._read_line()

    def _has_input(self) -> bool:
        return not self._inputs.empty()

    def _go_on(self) -> None:
        answer = self._guarded(self._made().go_on)
        if answer.error is not None:
            self._explain(answer.error)

    def _answer(self, what: _Input | Callable[[], None]) -> Answer:
        if callable(what):
            return self._guarded(what)
        shown: list[str | None] = []
        answer = self._guarded(lambda: shown.append(self._made().enter(what.name, what.text).shown))
        return Answer(shown[0]) if shown else answer

    def _guarded(self, work: Callable[[], None]) -> Answer:
        from llmspell_engine.runtime.base import Interrupted, ScriptError, ScriptExit

        # An interrupt may come when an input has just ended: it is not for the next one.
        self._recover()
        try:
            with self._services.tracer.span("run", NAME):
                work()
        except ScriptError as error:
            return Answer(error=error)
        except ScriptExit as leaving:
            return Answer(exit=leaving.code & 0xFF)
        except Interrupted:
            self._is_interrupted = True
            self._recover()
            return Answer(is_interrupted=True)
        return Answer()

    def _recover(self) -> None:
        if self._is_interrupted:
            self._is_interrupted = False
            self._made().recover()
