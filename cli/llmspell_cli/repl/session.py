"""The thread of a session: it runs what is entered, and else lets go on what is under way."""

from __future__ import annotations

import queue
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from llmspell_cli.running.signals import Ended
from llmspell_cli.running.thread import LOOK_SECONDS, start_with_deep_stack

if TYPE_CHECKING:
    from llmspell_engine.globals.services import Services
    from llmspell_engine.language import Language
    from llmspell_engine.runtime.base import RunContext, ScriptError, ScriptRuntime
    from llmspell_engine.runtime.session import ScriptSession

NAME = "input"


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of an input.

    Attributes:
        shown: its value, to be shown; None where there is none.
        error: what it failed of.
        exit: the code with which the script wants to leave.
        is_interrupted: whether it was ended from outside.
    """

    shown: str | None = None
    error: ScriptError | None = None
    exit: int | None = None
    is_interrupted: bool = False


@dataclass(frozen=True, slots=True)
class _Input:
    name: str
    text: str


class SessionThread:
    """One language's session on a thread of its own.

    ``explain`` tells of errors of what goes on by itself.
    """

    def __init__(
        self,
        language: Language,
        context: RunContext,
        services: Services,
        explain: Callable[[ScriptError], None],
    ) -> None:
        self.language: Language = language
        self._context = context
        self._services = services
        self._explain = explain
        self._inputs: queue.SimpleQueue[_Input | Callable[[], None]] = queue.SimpleQueue()
        self._answers: queue.SimpleQueue[Answer] = queue.SimpleQueue()
        self._runtime: ScriptRuntime | None = None
        self._session: ScriptSession | None = None
        self._is_over = False
        self._is_interrupted = False
        self._thread = start_with_deep_stack(self._work)

    def enter(self, name: str, text: str) -> Answer:
        """Run an input and wait for its end. A KeyboardInterrupt meanwhile ends the input alone."""
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
        self._put(what)
        while True:
            try:
                return self._answers.get(timeout=LOOK_SECONDS)
            except queue.Empty:
                continue
            except KeyboardInterrupt as asked:
                if isinstance(asked, Ended):
                    raise
                self._interrupt()

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
        from llmspell_engine.runtime.base import ScriptError
        from llmspell_engine.runtime.create import create

        try:
            runtime = create(self.language, self._context, self._services)
            self._session = runtime.session(NAME)
        except ScriptError as error:
            self._answers.put(Answer(error=error))
            return
        self._runtime = runtime
        while not self._is_over:
            if runtime.scheduler.stand_by(self._has_input):
                self._go_on()
            else:
                self._answers.put(self._answer(self._inputs.get()))
        runtime.close()

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
