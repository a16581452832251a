"""JavaScript scripts, on the ``quickjs`` module of quickjs-ng.

Programs are ES modules: the runtime imports the program by its absolute path and lets the pending
jobs run until the program's promise is settled. All source comes through the loader of
``javascript_native.py``, so that stack traces carry the files' real names.

Its parts: ``javascript_calls.py`` is what the script calls, ``javascript_modules.py`` what it imports,
``javascript_tasks.py`` what it waits for, ``javascript_values.py`` how values pass, ``javascript_errors.py``
what its errors become.

Threads: everything happens on the thread that made the runtime, except
:meth:`JavaScriptRuntime.interrupt`, which sets the engine's interrupt handler.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import _quickjs

from llmspell_engine.runtime import javascript_native as native
from llmspell_engine.runtime.arguments import named_arguments
from llmspell_engine.runtime.base import (
    MEGABYTE,
    Interrupted,
    RunContext,
    ScriptError,
    ScriptFrame,
    ScriptRuntime,
)
from llmspell_engine.runtime.ending import Ending
from llmspell_engine.runtime.farewell import say_farewell
from llmspell_engine.runtime.javascript_calls import JavaScriptCalls
from llmspell_engine.runtime.javascript_errors import JavaScriptErrors
from llmspell_engine.runtime.javascript_modules import JavaScriptModules
from llmspell_engine.runtime.javascript_tasks import JavaScriptTasks
from llmspell_engine.runtime.javascript_values import JavaScriptValues
from llmspell_engine.runtime.limits import Watch
from llmspell_engine.runtime.modules import SourceFiles
from llmspell_engine.scheduling import EngineLoop, Scheduler

if TYPE_CHECKING:
    from llmspell_engine.language import Language
    from llmspell_engine.runtime.javascript_pieces import Piece
    from llmspell_engine.runtime.session import ScriptSession
    from llmspell_engine.security.limits import Limits

_PRELUDE = "llmspell:prelude"
_PARTS = (
    "primordials",
    "to_host",
    "from_host",
    "errors",
    "inspect",
    "clone",
    "console",
    "tasks",
    "async",
    "access",
    "exports",
)
"""The files of the prelude: one module, joined in this order."""
_REASON = "$reason"
_TURNS_TO_END = 50_000
_NEVER = "the program waits for a promise that nothing will ever settle"
_NO_MEMORY = "out of memory"
_THROWN_NULL = "what was thrown is not an Error but null"
"""How QuickJS tells that there is no more memory, where it has none left for an error object."""


class JavaScriptRuntime(ScriptRuntime):
    """One JavaScript context.

    Attributes:
        context: the ``_quickjs.Context``, for the debugger.
        native: its C side, with the raw pointers.
    """

    language: ClassVar[Language] = "javascript"

    def __init__(self, context: RunContext, scheduler: Scheduler | None = None) -> None:
        self.scheduler = scheduler or Scheduler(EngineLoop())
        self.scheduler.check = self.check
        if not native.is_available(_quickjs.__file__):
            raise ScriptError(
                "JavaScript needs QuickJS with its C interface exported, and this build has none:"
                " install quickjs-ng 0.17 or later from its wheel"
            )
        self._context = context
        observer = context.observer
        files = self._source_files("(script)")
        self._modules = JavaScriptModules(files, observer.transform if observer else None)
        self._errors = JavaScriptErrors(self._modules)
        limits = context.permissions.limits
        self._steps = 0
        self._watch = Watch(limits, context.permissions.profile, self.language, self._end_at_once)
        self._watch.abandon = context.abandon
        self.streams = self._watch.counted(context.streams, self.here)
        self._ending = Ending()
        self._values = JavaScriptValues(self._call_script, self._release, self._errors.script_error)
        self.context = _quickjs.Context()
        self.native = native.Native(_quickjs.__file__, self.context)
        self._calls = JavaScriptCalls(context, self._values, self._errors, self._ending, self.native.stop)
        self._prelude = self._load_prelude()
        self._tasks = JavaScriptTasks(
            self.scheduler, self._values, self._prelude, self._task_result, self._calls.failure
        )
        self._calls.tasks = self._tasks
        self.native.watch_rejections()
        self._prelude["leaveOut"](json.dumps(self._left_out()))
        self._limit(limits)

    def run(self, path: str, text: str) -> None:
        """Run a program; see the base class."""
        self._modules.files = self._source_files(path)
        self._install_arguments()
        observer = self._context.observer
        if observer:
            observer.attached(self)
        program = self._modules.give(text)
        with self._watch:
            try:
                self._prelude["run"](program)
                self._settle()
            finally:
                self._note_place()

    def evaluate(self, text: str) -> Any:
        """Evaluate an expression; see the base class."""
        return self._finish(self._guarded(lambda: self._prelude["evaluate"](text)))

    def session(self, name: str) -> ScriptSession:
        """A program entered piece by piece; see the base class."""
        from llmspell_engine.runtime.javascript_session import JavaScriptSession

        self._modules.files = self._source_files(name)
        self._install_arguments()
        return JavaScriptSession(self)

    def enter(self, name: str, text: str, piece: Piece) -> str:
        """Run a piece of a session until its value is there; how that is shown and printed, as JSON."""
        self._modules.files = self._source_files(name)
        program = self._modules.give(text, piece)
        self._prelude["declare"](json.dumps(piece.names))
        self._prelude["enter"](program)
        while self._run_jobs() and self._prelude["state"]() == "running":
            if self.scheduler.is_idle:
                raise ScriptError(_NEVER)
            self._guarded(partial(self._tasks.serve, self.scheduler.next()))
        self._raise_failures()
        return str(self._prelude["entered"]())

    def own_places(self, shown: str | None) -> str | None:
        """A value that is shown, where the stacks of errors tell places as they were entered."""
        return shown and self._errors.with_own_places(shown)

    def entered(self) -> Any:
        """The value of the last piece, bridged."""
        return self._finish(self._guarded(self._prelude["enteredValue"]))

    def go_on(self) -> None:
        """Let the pieces of a session go on as far as they can without waiting."""
        self._prelude["rest"]()
        while self._run_jobs() and self.scheduler.has_next:
            self._guarded(partial(self._tasks.serve, self.scheduler.next()))
        self._raise_failures()

    def settle(self) -> None:
        """Let the pieces of a session go on to their end."""
        self._prelude["rest"]()
        self._settle()

    def recover(self) -> None:
        """Let code run again; see the base class.

        Whatever would go on without end ends first: the engine asks at each ten thousandth turn or call.
        """
        for _ in range(_TURNS_TO_END):
            with suppress(_quickjs.JSException):
                if not self.context.execute_pending_job():
                    break
        with self._ending.changing:
            self._ending.forget()
            self.native.let_go()

    def install(self, names: Mapping[str, Any]) -> None:
        """Define global variables; see the base class."""
        self._prelude["install"](self._values.dumps(dict(names)))

    def check(self) -> None:
        """Raise when the script is to end; see the base class."""
        self._ending.check()

    def here(self) -> ScriptFrame | None:
        """The innermost script frame; see the base class."""
        if not self._calls.depth:
            return None
        return self._errors.first_frame(self._prelude["stack"]())

    def interrupt(self) -> None:
        """End the script; see the base class."""
        self._end_at_once()

    def _end_at_once(self) -> None:
        with self._ending.changing:
            self._ending.interrupted.set()
            self.native.stop()
        self.scheduler.wake()

    def _note_place(self) -> None:
        """Tell where the script was ended for a limit, where only a promise has the error of that.

        A script that waited has none, but the call that it waited for. No code of the script runs meanwhile,
        so that the interrupt can be lifted.
        """
        if self._watch.error is None or self._watch.error.frames:
            return
        self.native.let_go()
        try:
            if self.native.take_interruption(_REASON):
                self._stands_at(self._prelude["stackOf"](_REASON))
            else:
                self._watch.stands_at(tuple(self._errors.frames(self._prelude["waitingAt"]())))
        finally:
            self.native.stop()

    def _stands_at(self, stack: str) -> None:
        if self._watch.error is not None and not self._watch.error.frames:
            self._watch.stands_at(tuple(self._errors.frames_of_end(stack)))

    def _limit(self, limits: Limits) -> None:
        """Let the engine ask, while the script runs, whether it has used up what it may use.

        The engine itself refuses what goes far beyond: its own refusal can be caught, so it comes later.
        """
        if limits.memory_mb:
            self.native.set_memory_limit(2 * limits.memory_mb * MEGABYTE)
        if limits.memory_mb or limits.instructions:
            self.native.watch(self._uses_too_much)

    def _uses_too_much(self) -> bool:
        self._steps += native.STEPS
        limits = self._watch.limits
        if limits.instructions and self._steps > limits.instructions:
            self._watch.exceeded("instructions")
        elif limits.memory_mb and self.native.memory_used() > limits.memory_mb * MEGABYTE:
            self._watch.exceeded("memory_mb")
        return self._ending.interrupted.is_set()

    def lend_site_function(self, name: str) -> None:
        """Put into a global, before any script runs, what tells whether a call site is in a function."""
        self._prelude["lend"](name)

    def close(self) -> None:
        """Free the interpreter; see the base class."""
        say_farewell(self, self._watch.ended, self._context)
        self.scheduler.close()
        self.native.close()

    # Setting up

    def _load_prelude(self) -> dict[str, Any]:
        for name, function in self._calls.functions(self.streams).items():
            self.context.add_callable(name, function)
        folder = Path(__file__).with_name("javascript_prelude")
        prelude = "".join((folder / f"{part}.js").read_text("utf-8") for part in _PARTS)
        self._modules.give_own(_PRELUDE, prelude)
        self.native.serve_modules(self._modules.locate, self._modules.load)
        self.context.eval(f"import('{_PRELUDE}'); 0")
        while self.context.execute_pending_job():
            pass
        names = json.loads(self.context.eval("JSON.stringify(Object.keys($llmspell))"))
        kept = self.native.stack_limit.kept
        functions = {name: kept(self.context.eval(f"$llmspell.{name}")) for name in names}
        self.native.keep_box("$box")
        self.context.eval("delete globalThis.$llmspell; delete globalThis.$box; 0")
        return functions

    def _left_out(self) -> list[list[str]]:
        """What scripts find refusing in its place: globals, and members of those that they have."""
        from llmspell_engine.security.names import NOWHERE

        refused = self._context.permissions.rules.refused["javascript"]
        nowhere = [name.split(".") for name in NOWHERE["javascript"]]
        return [*([name] for name in sorted(refused)), *(path for path in nowhere if path[0] not in refused)]

    def _source_files(self, program: str) -> SourceFiles:
        return SourceFiles(program, self._context.module_folders, self._context.permissions)

    def _install_arguments(self) -> None:
        context = self._context
        program = self._modules.files.program
        named = named_arguments(context.arguments, context.parameters)
        argv = ["llmspell", program, *context.arguments]
        self._prelude["installInvocation"](self._values.dumps([argv, named]))

    # Running

    def _settle(self) -> None:
        """Let the program go on until there is nothing left to do, then see how it went."""
        while self._run_jobs() and not self.scheduler.is_idle:
            self._guarded(partial(self._tasks.serve, self.scheduler.next()))
        state = self._prelude["state"]()
        self._raise_failures()
        if state == "running":
            if self._watch.limits.memory_mb and self._uses_too_much():
                raise Interrupted  # what should settle it had no memory to do so
            raise ScriptError(_NEVER)

    def _raise_failures(self) -> None:
        """Raise what ended the program, else the first error that nobody has looked at."""
        if self._prelude["state"]() == "failed":
            self._observe_thrown()
            self._raise_thrown()
        while self.native.take_rejection(_REASON):
            if self._prelude["takeRejection"](_REASON):
                self._observe_thrown()
                self._raise_thrown()

    def _run_jobs(self) -> bool:
        """Run what can be run now; whether the program has not failed by it."""
        self._guarded(self._pending_jobs)
        self._ending.raise_if_over()
        return bool(self._prelude["state"]() != "failed")

    def _pending_jobs(self) -> None:
        while self.context.execute_pending_job():
            self._ending.raise_if_over()

    def _observe_thrown(self) -> None:
        if self._context.observer:
            self._context.observer.raised(self._prelude["thrown"](), uncaught=True)

    def _raise_thrown(self) -> None:
        """Raise what ended the program, with the errors that nobody had looked at by then."""
        error, others = self._thrown(), []
        while self.native.take_rejection(_REASON):
            if self._prelude["takeRejection"](_REASON):
                others.append(self._thrown())
        error.besides = others
        raise error

    def _thrown(self) -> ScriptError:
        return self._described(json.loads(self._guarded(self._prelude["failure"])))

    def _guarded(self, action: Callable[[], Any]) -> Any:
        """Run script code; an error that ends the script comes out of it as one of the engine's own."""
        try:
            return action()
        except _quickjs.JSException as error:
            self._stands_at(str(error))
            self._ending.raise_if_over()
            raise ScriptError(str(error).strip()) from None

    # Calls into the script, and errors

    def _call_script(self, number: int, *arguments: Any) -> Any:
        packed = self._values.dumps_all(arguments)
        return self._finish(self._guarded(lambda: self._prelude["call"](float(number), packed)), carry=True)

    def _task_result(self, answer: str) -> Any:
        return self._finish(answer, carry=True)

    def _release(self, number: int) -> None:
        self._prelude["release"](float(number))

    def _finish(self, answer: str, *, carry: bool = False) -> Any:
        self._ending.raise_if_over()
        if answer[0] != "E":
            return self._values.loads(answer[1:])
        number, description = json.loads(answer[1:])
        error = self._described(description)
        if carry:
            self._errors.carried[error] = number
        raise error

    def _described(self, description: list[Any]) -> ScriptError:
        kind, message, stack, cause, fields = description
        if self._tells_of_memory(message):
            self._watch.exceeded("memory_mb", tuple(self._errors.frames(stack)))
            self._ending.raise_if_over()
        led = self._described(cause) if cause else None
        return self._errors.script_error(kind, message, stack, led, self._values.decoded(fields))

    def _tells_of_memory(self, message: str) -> bool:
        limit = self._watch.limits.memory_mb
        if not limit:
            return False
        is_short = self.native.memory_used() > limit * MEGABYTE / 2
        return message == _NO_MEMORY or (message == _THROWN_NULL and is_short)
