"""JavaScript scripts, on the ``quickjs`` module of quickjs-ng.

Programs are ES modules: the runtime imports the program by its absolute path and lets the pending
jobs run until the program's promise is settled. All source comes through the loader of
``javascript_native.py``, so that stack traces carry the files' real names.

Calls into the host pass strings (see ``javascript_values.py``) because an exception of Python would
reach the script as a bare ``Python call failed``.

Threads: everything happens on the thread that made the runtime, except
:meth:`JavaScriptRuntime.interrupt`, which sets the engine's interrupt handler.
"""

from __future__ import annotations

import json
import math
import re
import threading
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar
from weakref import WeakKeyDictionary

import _quickjs
import quickjs

from llmspell_engine.runtime import javascript_native as native
from llmspell_engine.runtime.arguments import named_arguments
from llmspell_engine.runtime.base import (
    MEGABYTE,
    Interrupted,
    RunContext,
    ScriptError,
    ScriptExit,
    ScriptFrame,
    ScriptRuntime,
)
from llmspell_engine.runtime.javascript_tasks import JavaScriptTasks
from llmspell_engine.runtime.javascript_values import JavaScriptValues
from llmspell_engine.runtime.limits import Watch
from llmspell_engine.runtime.modules import ModuleError, SourceFiles, read_source
from llmspell_engine.runtime.reading import Reader
from llmspell_engine.runtime.values import HostFunction
from llmspell_engine.scheduling import EngineLoop, Scheduler

if TYPE_CHECKING:
    from llmspell_engine.language import Language
    from llmspell_engine.runtime.javascript_pieces import Piece
    from llmspell_engine.runtime.session import ScriptSession
    from llmspell_engine.security.limits import Limits

_PRELUDE = "llmspell:prelude"
_PARTS = (
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
_NO_EXPORT = re.compile(r"Could not find export '(?P<name>.*)' in module '(?P<path>.*)'")
_FRAME = re.compile(r"^\s*at (?:(?P<name>.*?) \()?(?P<path>[^()]+?):(?P<line>\d+)(?::(?P<column>\d+))?\)?$")


class JavaScriptRuntime(ScriptRuntime):
    """One JavaScript context.

    Attributes:
        context: the ``quickjs.Context``, for the debugger.
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
        self._files = self._source_files("(script)")
        self._reader = Reader(context.streams)
        limits = context.permissions.limits
        self._steps = 0
        self._watch = Watch(limits, context.permissions.profile, self.language, self._end_at_once)
        self._watch.abandon = context.abandon
        self.streams = self._watch.counted(context.streams, self.here)
        self._depth = 0
        self._carried: WeakKeyDictionary[ScriptError, int] = WeakKeyDictionary()
        """Errors of the script that are on their way through the host, with their numbers there."""
        self._import_failures: dict[str, ScriptFrame] = {}
        self._importers: dict[str, list[tuple[str, str]]] = {}
        """Which files import a module, and what they call it."""
        self._sources: dict[str, str] = {}
        self._pieces: dict[str, Piece] = {}
        """What a session's pieces were made to."""
        self._interrupted = threading.Event()
        self._exit_code: int | None = None
        self._values = JavaScriptValues(self._call_script, self._release, self._script_error)
        self._values.register(HostFunction("process.exit", self._exit))
        self.context = quickjs.Context()
        self.native = native.Native(_quickjs.__file__, self.context)
        self._prelude = self._load_prelude()
        self._tasks = JavaScriptTasks(
            self.scheduler, self._values, self._prelude, self._task_result, self._failure
        )
        self.native.watch_rejections()
        self._prelude["leaveOut"](json.dumps(sorted(context.permissions.rules.refused["javascript"])))
        self._limit(limits)

    def run(self, path: str, text: str) -> None:
        """Run a program; see the base class."""
        self._files = self._source_files(path)
        self._install_arguments()
        observer = self._context.observer
        if observer:
            observer.attached(self)
        program = self._files.program
        self._texts = {program: text}
        with self._watch:
            self._prelude["run"](program)
            self._settle()

    def evaluate(self, text: str) -> Any:
        """Evaluate an expression; see the base class."""
        return self._finish(self._guarded(lambda: self._prelude["evaluate"](text)))

    def session(self, name: str) -> ScriptSession:
        """A program entered piece by piece; see the base class."""
        from llmspell_engine.runtime.javascript_session import JavaScriptSession

        self._files = self._source_files(name)
        self._install_arguments()
        return JavaScriptSession(self)

    def enter(self, name: str, text: str, piece: Piece) -> str:
        """Run a piece of a session until its value is there; how that is shown and printed, as JSON."""
        self._files = SourceFiles(name, self._context.module_folders)
        program = self._files.program
        self._pieces[program] = piece
        self._texts = {program: text}
        self._prelude["declare"](json.dumps(piece.names))
        self._prelude["enter"](program)
        while self._run_jobs() and self._prelude["state"]() == "running":
            if self.scheduler.is_idle:
                raise ScriptError(_NEVER)
            self._guarded(partial(self._tasks.serve, self.scheduler.next()))
        self._raise_failures()
        return str(self._prelude["entered"]())

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
        """Let code run again that was interrupted.

        Whatever would go on without end ends first: the engine asks at each ten thousandth turn or call.
        """
        for _ in range(_TURNS_TO_END):
            with suppress(quickjs.JSException):
                if not self.context.execute_pending_job():
                    break
        self._interrupted.clear()
        self.native.let_go()

    def install(self, names: Mapping[str, Any]) -> None:
        """Define global variables; see the base class."""
        self._prelude["install"](self._values.dumps(dict(names)))

    def check(self) -> None:
        """Raise when the script is to end; see the base class."""
        if self._interrupted.is_set():
            raise Interrupted

    def here(self) -> ScriptFrame | None:
        """The innermost script frame; see the base class."""
        if not self._depth:
            return None
        frames = self._frames(self._prelude["stack"]())
        return frames[0] if frames else None

    def interrupt(self) -> None:
        """End the script; see the base class."""
        self._end_at_once()

    def _end_at_once(self) -> None:
        self._interrupted.set()
        self.native.stop()
        self.scheduler.wake()

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
        return self._interrupted.is_set()

    def lend_site_function(self, name: str) -> None:
        """Put into a global, before any script runs, what tells whether a call site is in a function."""
        self._prelude["lend"](name)

    def close(self) -> None:
        """Free the interpreter; see the base class."""
        self.scheduler.close()
        self.native.close()

    # Setting up

    def _load_prelude(self) -> dict[str, Any]:
        streams = self.streams
        self.context.add_callable("$host", self._call_host)
        self.context.add_callable("$out", self._writer(streams.out))
        self.context.add_callable("$err", self._writer(streams.err))
        self.context.add_callable("$read", self._read)
        self.context.add_callable("$tasks", self._ask_tasks)
        self.context.add_callable("$access", self._ask_access)
        folder = Path(__file__).with_name("javascript_prelude")
        self._texts = {_PRELUDE: "".join((folder / f"{part}.js").read_text("utf-8") for part in _PARTS)}
        self.native.serve_modules(self._locate, self._load)
        self.context.eval(f"import('{_PRELUDE}'); 0")
        while self.context.execute_pending_job():
            pass
        names = json.loads(self.context.eval("JSON.stringify(Object.keys($llmspell))"))
        kept = self.native.stack_limit.kept
        functions = {name: kept(self.context.eval(f"$llmspell.{name}")) for name in names}
        self.native.keep_box("$box")
        self.context.eval("delete globalThis.$llmspell; delete globalThis.$box; 0")
        return functions

    def _source_files(self, program: str) -> SourceFiles:
        return SourceFiles(program, self._context.module_folders, self._context.permissions)

    def _install_arguments(self) -> None:
        context = self._context
        program = self._files.program
        named = named_arguments(context.arguments, context.parameters)
        argv = ["llmspell", program, *context.arguments]
        self._prelude["installInvocation"](self._values.dumps([argv, named]))

    # Modules

    def _locate(self, importer: str, specifier: str) -> str:
        if specifier in self._texts:
            return specifier
        source = self._files.program if importer.startswith("<") else importer
        try:
            found = str(self._files.javascript_module(specifier, source))
        except ModuleError as error:
            self._import_failures[str(error)] = _place_of(specifier, source)
            raise
        self._importers.setdefault(found, []).append((source, specifier))
        return found

    def _load(self, name: str) -> tuple[str, ...]:
        """The texts of a module to compile: an observer's, and its own, whose syntax errors count."""
        text = self._texts.pop(name, None)
        if name == _PRELUDE and text:
            return (text,)
        text = read_source(name) if text is None else text
        piece = self._pieces.get(name)
        self._sources[name] = piece.text if piece else text
        if piece:
            return (piece.text, text)
        observer = self._context.observer
        return (observer.transform(name, text), text) if observer else (text,)

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
        self._raise_ending()
        return bool(self._prelude["state"]() != "failed")

    def _pending_jobs(self) -> None:
        while self.context.execute_pending_job():
            self._raise_ending()

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
        except quickjs.JSException as error:
            self._watch.stands_at(tuple(self._frames(str(error))))
            self._raise_ending()
            raise ScriptError(str(error).strip()) from None

    # Calls from the script

    def _call_host(self, number: int, packed: str) -> str:
        return self._served(lambda: self._called(number, packed))

    def _called(self, number: int, packed: str) -> str:
        function = self._values.host_functions[int(number)]
        if getattr(function, "waits", False):
            return self._begin(function, packed)
        return self._values.dumps(function(*self._values.loads(packed)))

    def _begin(self, function: Callable[..., Any], packed: str) -> str:
        """The result of a member that waits if it is there already, else the ticket of its operation."""
        found = function(*self._values.loads(packed))
        if isinstance(found, Awaitable):
            return f"P{self.scheduler.begin(found)}"
        return self._values.dumps(found)

    def _ask_tasks(self, packed: str) -> str:
        return self._serve(lambda: self._tasks.asked(*json.loads(packed)))

    def _ask_access(self, packed: str) -> str:
        return self._serve(lambda: self._access(*json.loads(packed)))

    def _access(self, question: str, name: str) -> Any:
        """What a script gets of what the profile has a say in. Raises SecurityError."""
        permissions = self._context.permissions
        if question == "variable":
            return permissions.variable(name)
        raise permissions.refuse_name("javascript", name)

    def _writer(self, write: Callable[[str], None]) -> Callable[[str], str]:
        return lambda packed: self._serve(lambda: write(json.loads(packed)))

    def _read(self, packed: str) -> str:
        return self._serve(lambda: self._reader.read(json.loads(packed)))

    def _serve(self, work: Callable[[], Any]) -> str:
        """Do the host's part of a call and give its value."""
        return self._served(lambda: self._values.dumps(work()))

    def _served(self, work: Callable[[], str]) -> str:
        """Do the host's part of a call; the answer's first letter says how the prelude goes on."""
        self._depth += 1
        try:
            self.check()
            self._values.release_dropped()
            return work()
        except ScriptExit as leaving:
            self._exit_code = leaving.code
        except Interrupted:
            self._interrupted.set()
        except Exception as error:  # noqa: BLE001 - every failure of the host becomes the script's error
            return self._failure(error)
        finally:
            self._depth -= 1
        self.native.stop()
        return "X"

    def _failure(self, error: Exception) -> str:
        number = self._carried.pop(error, None) if isinstance(error, ScriptError) else None
        return self._values.error(error) if number is None else f"R{number}"

    def _exit(self, code: Any = 0) -> None:
        is_number = isinstance(code, int | float) and math.isfinite(code)
        raise ScriptExit(int(code) & 0xFF if is_number else 1)

    # Calls into the script, and errors

    def _call_script(self, number: int, *arguments: Any) -> Any:
        packed = self._values.dumps_all(arguments)
        return self._finish(self._guarded(lambda: self._prelude["call"](float(number), packed)), carry=True)

    def _task_result(self, answer: str) -> Any:
        return self._finish(answer, carry=True)

    def _release(self, number: int) -> None:
        self._prelude["release"](float(number))

    def _finish(self, answer: str, *, carry: bool = False) -> Any:
        self._raise_ending()
        if answer[0] != "E":
            return self._values.loads(answer[1:])
        number, description = json.loads(answer[1:])
        error = self._described(description)
        if carry:
            self._carried[error] = number
        raise error

    def _raise_ending(self) -> None:
        if self._interrupted.is_set():
            raise Interrupted
        if self._exit_code is not None:
            raise ScriptExit(self._exit_code)

    def _described(self, description: list[Any]) -> ScriptError:
        kind, message, stack, cause = description
        if self._tells_of_memory(message):
            self._watch.exceeded("memory_mb", tuple(self._frames(stack)))
            self._raise_ending()
        return self._script_error(kind, message, stack, self._described(cause) if cause else None)

    def _tells_of_memory(self, message: str) -> bool:
        limit = self._watch.limits.memory_mb
        if not limit:
            return False
        is_short = self.native.memory_used() > limit * MEGABYTE / 2
        return message == _NO_MEMORY or (message == _THROWN_NULL and is_short)

    def _script_error(self, kind: str, message: str, stack: str, cause: BaseException | None) -> ScriptError:
        frames = self._frames(stack)
        missing = self._import_failures.get(message) or self._place_of_export(message)
        if missing and not any(frame.path == missing.path for frame in frames):
            frames = [missing, *frames]
        return ScriptError(message, kind=kind or "error", frames=frames, cause=cause)

    def _place_of_export(self, message: str) -> ScriptFrame | None:
        """Where a name is imported that its module does not export: QuickJS does not tell."""
        named = _NO_EXPORT.fullmatch(message)
        importers = self._importers.get(named["path"], []) if named else []
        places = [(_place_of(specifier, importer), importer) for importer, specifier in importers]
        mentions = (place for place, importer in places if named and named["name"] in self._sources[importer])
        return next(mentions, places[0][0] if places else None)

    def _frames(self, stack: str) -> list[ScriptFrame]:
        matches = (_FRAME.match(line) for line in stack.splitlines())
        return [self._frame(match) for match in matches if match and _is_script(match["path"])]

    def _frame(self, match: re.Match[str]) -> ScriptFrame:
        path, line = match["path"], int(match["line"])
        lines = self._sources.get(path, "").splitlines()
        column = int(match["column"]) if match["column"] else None
        if column is not None and line <= len(lines):
            column = _column(lines[line - 1], column)
            if path in self._pieces:
                column = self._pieces[path].column(line, column)
        return ScriptFrame(path, line, column, match["name"] or "<anonymous>")


def _is_script(path: str) -> bool:
    return not path.startswith(("llmspell:", "<", "native"))


def _column(line: str, reported: int) -> int:
    """The column, in code points, of a place that QuickJS reports in bytes.

    It reports the end of what comes before a statement's first token, so blanks are skipped.
    """
    before = line.encode("utf-8", "surrogatepass")[: reported - 1].decode("utf-8", "replace")
    rest = line[len(before) :]
    return len(before) + len(rest) - len(rest.lstrip()) + 1


def _place_of(specifier: str, importer: str) -> ScriptFrame:
    """Where a file imports a specifier: the place of its first mention in quotes."""
    try:
        text = read_source(importer)
    except ModuleError:
        text = ""
    found = re.search(f"[\"'`]{re.escape(specifier)}[\"'`]", text)
    offset = found.start() if found else 0
    line = text.count("\n", 0, offset) + 1
    return ScriptFrame(importer, line, offset - text.rfind("\n", 0, offset), "<anonymous>")
