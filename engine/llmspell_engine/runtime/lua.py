"""Lua 5.4 scripts, on lupa.

The interpreter sees the host only through the functions in ``lua_prelude``: no Python object ever
reaches a script, so there is no attribute to climb out by. A function of the host fails by raising
:class:`_Raised`, which Lua sees as an opaque error value; the prelude turns it into an error table
wherever a script could lay hands on it.

Threads: everything happens on the thread that made the runtime, except :meth:`LuaRuntime.interrupt`,
which makes the running coroutine raise an error at its next instruction (see ``lua_hook.py``). The
prelude's ``pcall`` passes that error on.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal
from weakref import WeakKeyDictionary

import lupa.lua54

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
from llmspell_engine.runtime.limits import Watch
from llmspell_engine.runtime.lua_access import LuaAccess
from llmspell_engine.runtime.lua_errors import LuaErrors, frame
from llmspell_engine.runtime.lua_hook import INSTRUCTIONS, RunningCoroutine
from llmspell_engine.runtime.lua_tasks import LuaTasks
from llmspell_engine.runtime.lua_values import LuaHost, LuaValues
from llmspell_engine.runtime.modules import Found, ModuleError, SourceFiles
from llmspell_engine.runtime.reading import Reader
from llmspell_engine.runtime.values import BridgeError, HostObject, Walk
from llmspell_engine.scheduling import EngineLoop, Scheduler

if TYPE_CHECKING:
    from llmspell_engine.language import Language
    from llmspell_engine.runtime.session import ScriptSession

_NO_MEMORY = b"not enough memory"
"""What Lua raises when there is no more: a bare text, which no handler is told of."""
_PRELUDE = Path(__file__).with_name("lua_prelude")
_PARTS = (
    "base", "tasks", "calls", "library", "loading", "promise", "members", "combinators", "async", "exports",
)  # fmt: skip
"""The files of the prelude: one chunk, whose locals they share, joined in this order."""


class LuaRuntime(ScriptRuntime):
    """One Lua state.

    Attributes:
        lua: lupa's runtime, for the debugger.
        debug_library: the whole ``debug`` table, which scripts do not get.
        natives: Lua's own functions that the prelude puts others in the place of, for the debugger.
    """

    language: ClassVar[Language] = "lua"

    def __init__(self, context: RunContext, scheduler: Scheduler | None = None) -> None:
        self.scheduler = scheduler or Scheduler(EngineLoop())
        self.scheduler.check = self.check
        limits = context.permissions.limits
        self._watch = Watch(limits, context.permissions.profile, self.language, self._end_at_once)
        self._watch.abandon = context.abandon
        self.streams = self._watch.counted(context.streams, self.here)
        self.lua = lupa.lua54.LuaRuntime(
            encoding=None,
            register_eval=False,
            register_builtins=False,
            unpack_returned_tuples=True,
            attribute_filter=_no_attribute,
            **({"max_memory": limits.memory_mb * MEGABYTE} if limits.memory_mb else {}),
        )
        self.debug_library: Any = self.lua.globals()[b"debug"]
        self.natives: Any = self.lua.eval(
            b"{ load = load, dump = string.dump, pcall = pcall, xpcall = xpcall, resume = coroutine.resume }"
        )
        self._context = context
        self._files = self._source_files("(script)")
        self._reader = Reader(context.streams)
        self._instructions = 0
        self._depth = 0
        self._carried: WeakKeyDictionary[ScriptError, Any] = WeakKeyDictionary()
        """Errors of the script that are on their way through the host, with their values in Lua."""
        self._interrupted = threading.Event()
        self._stripped: Any = self.lua.eval(
            b"(function(load, dump) return function(text)"
            b" return load(dump(load(text, '=prelude', 't'), true), '=?', 'b') end end)(load, string.dump)"
        )
        self._exit_code: int | None = None
        self._tasks = LuaTasks(self.scheduler, lambda: self._values, self._task_error)
        self._prelude = self._load_prelude()
        self._running: RunningCoroutine | None = RunningCoroutine(self.lua, self._prelude["running"])
        if limits.instructions and self._running is not None:
            self._running.count(self._count_instructions)
        self._errors = LuaErrors(self._prelude, lupa.lua54.lua_type)
        host = LuaHost(self._call_script, self._served, lambda table: self._errors.script_error(table, None))
        self._values = LuaValues(self.lua, lupa.lua54.lua_type, self._prelude, host)

    def run(self, path: str, text: str) -> None:
        """Run a program; see the base class."""
        self._files = self._source_files(path)
        self._set_arguments(path)
        observer = self._context.observer
        if observer:
            observer.attached(self)
        program = self._files.program
        source = self._prepare(program, _without_shebang(text))
        words = (source, program, self._files.shown(program))
        with self._watch:
            self._finish(self._enter(self._prelude["program"], *map(_bytes, words), observer is not None))

    def evaluate(self, text: str) -> Any:
        """Evaluate an expression; see the base class."""
        return self._finish(self._enter(self._prelude["evaluate"], _bytes(text)))

    def session(self, name: str) -> ScriptSession:
        """A program entered piece by piece; see the base class."""
        from llmspell_engine.runtime.lua_session import LuaSession

        self.begin(name)
        self._set_arguments(name)
        inside = self._prelude["inside"](self.debug_library)
        text = (_PRELUDE / "session.lua").read_bytes()
        return LuaSession(self, self._stripped(text)(inside))

    def begin(self, name: str) -> str:
        """Begin a piece of a session; the path of what it stands for."""
        self._files = self._source_files(name)
        return self._files.program

    def enter(self, function: Any, *arguments: Any) -> Any:
        """What a function of a session gives; its last value bridged. Raises as :meth:`run`."""
        return self._finish(self._enter(function, *arguments))

    def recover(self) -> None:
        """Let code run again that was interrupted."""
        self._interrupted.clear()
        if self._running is not None:
            self._running.let_go()

    def install(self, names: Mapping[str, Any]) -> None:
        """Define global variables; see the base class."""
        table = self.lua.globals()
        for name, value in names.items():
            table[name.encode()] = self._values.to_lua(value)

    def check(self) -> None:
        """Raise when the script is to end; see the base class."""
        if self._interrupted.is_set():
            raise Interrupted

    def here(self) -> ScriptFrame | None:
        """The innermost script frame; see the base class."""
        if not self._depth:
            return None
        found = self._prelude["where"]()
        return frame(*found[:3]) if found else None

    def interrupt(self) -> None:
        """End the script; see the base class."""
        self._interrupted.set()
        self.scheduler.wake()
        if self._running is not None:
            self._running.end()

    def _end_at_once(self) -> None:
        """End the script for a limit. From any thread; says where it stood."""
        self._interrupted.set()
        self.scheduler.wake()
        if self._running is not None:
            self._running.end(self._note_place)

    def _note_place(self, source: bytes, line: int) -> None:
        if source.startswith(b"@"):
            self._watch.stands_at((frame(source, line, b"?"),))

    def _count_instructions(self) -> None:
        self._instructions += INSTRUCTIONS
        if self._instructions > (self._watch.limits.instructions or math.inf):
            self._watch.exceeded("instructions")

    def close(self) -> None:
        """Free the interpreter; see the base class."""
        self.scheduler.close()
        self._carried.clear()
        self._running = None

    # Setting up

    def _load_prelude(self) -> dict[str, Any]:
        """The functions of the prelude, taken out of their table once and for all.

        While a coroutine runs, lupa's reading of a single field mistakes what lies on the main
        stack for results; calling functions, walking tables and making them work at any time.
        """
        text = b"".join((_PRELUDE / f"{part}.lua").read_bytes() for part in _PARTS)
        host = {
            b"error_value": self._error_value,
            b"out": self._writer(self.streams.out),
            b"err": self._writer(self.streams.err),
            b"read": self._answering(self._read),
            b"exit": self._answering(self._exit),
            b"prepare": self._answering(self._prepare_loaded),
            b"compiled": self._compiled,
            b"raised": self._raised,
            b"method": self._answering(self._method),
            b"file": self._finder("lua_file"),
            b"module": self._finder("lua_module"),
            b"resumers": self._note_resumers,
            b"is_interrupted": self._interrupted.is_set,
            b"has_memory_limit": self._watch.limits.memory_mb is not None,
            b"charge": self._answering(self._count_instructions) if self._watch.limits.instructions else None,
            **LuaAccess(self._context.permissions).functions(self.lua, self._answering),
            **{name: self._answering(function) for name, function in self._tasks.functions().items()},
        }
        prelude = self._stripped(text)(self.lua.table_from(host))
        self.natives[b"presented"] = prelude[b"presented"]
        return {name.decode(): function for name, function in prelude.items()}

    def _note_resumers(self, catching: Any, others: Any) -> None:
        self.natives[b"catching_resumers"], self.natives[b"other_resumers"] = catching, others

    def _source_files(self, program: str) -> SourceFiles:
        return SourceFiles(program, self._context.module_folders, self._context.permissions)

    def _set_arguments(self, program: str) -> None:
        context = self._context
        numbered: dict[int | str, str] = dict(enumerate((program, *context.arguments)))
        named = named_arguments(context.arguments, context.parameters)
        self.install({"ARGS": {**numbered, **named}, "arg": numbered})

    # Calls from the script

    def _served(self, function: Callable[..., Any], owner: HostObject | None) -> Callable[..., Any]:
        """What Lua calls of a function of the host; ``owner:method()`` is the same as ``owner.method()``."""

        def call(*arguments: Any) -> Any:
            given = self._given(function, arguments)
            if owner is not None and given and given[0] is owner:
                del given[0]
            return self._values.to_lua(function(*given))

        def begin(*arguments: Any) -> Any:
            given = self._given(function, arguments)
            if owner is not None and given and given[0] is owner:
                del given[0]
            found = function(*given)
            if isinstance(found, Awaitable):
                return self.scheduler.begin(found)
            return None, self._values.to_lua(found)

        return self._answering(begin if getattr(function, "waits", False) else call)

    def _given(self, function: Any, arguments: tuple[Any, ...]) -> list[Any]:
        try:
            return [
                self._values.to_python(argument, Walk(f"argument {number}"))
                for number, argument in enumerate(arguments, 1)
            ]
        except BridgeError as error:
            raise BridgeError(f"{getattr(function, 'name', 'function')}: {error}") from None

    def _answering(self, work: Callable[..., Any]) -> Callable[..., Any]:
        """A function for Lua to call; it raises nothing but _Raised and _Ending."""

        def answer(*arguments: Any) -> Any:
            self._depth += 1
            try:
                self.check()
                self._values.release_dropped()
                return work(*arguments)
            except ScriptExit as leaving:
                self._exit_code = leaving.code
            except Interrupted:
                self._interrupted.set()
            except Exception as error:  # noqa: BLE001 - every failure of the host becomes the script's error
                raise _Raised(self._value_of(error)) from None
            finally:
                self._depth -= 1
            self._prelude["finish"]()
            raise _Ending

        return answer

    def _value_of(self, error: Exception) -> Any:
        if isinstance(error, ScriptError) and error in self._carried:
            return self._carried.pop(error)
        return self._values.error(error, placed=True)

    def _error_value(self, error: Any) -> Any:
        return error.value if isinstance(error, _Raised) else self._values.error(error)

    def _method(self, number: int, name: bytes | None = None) -> Callable[..., Any]:
        return self._values.method(number, name.decode() if name is not None else None)

    def _writer(self, write: Callable[[str], None]) -> Callable[..., Any]:
        return self._answering(lambda text: write(text.decode("utf-8", "surrogateescape")))

    def _read(self, form: bytes) -> Any:
        found = self._reader.read(form.decode())
        return _bytes(found) if isinstance(found, str) else found

    def _exit(self, code: Any) -> None:
        raise ScriptExit(int(code))

    def _finder(self, method: Literal["lua_file", "lua_module"]) -> Callable[..., Any]:
        def answer(name: bytes, requester: bytes | None = None) -> Any:
            find: Callable[[str, str | None], Found] = getattr(self._files, method)
            try:
                found = find(name.decode(), requester.decode() if requester else None)
            except ModuleError as error:
                return None, str(error).encode()
            text = self._prepare(found.path, _without_shebang(found.text))
            return _bytes(text), _bytes(found.path), _bytes(self._files.shown(found.path))

        return answer

    # The observer

    def _prepare(self, path: str, text: str) -> str:
        observer = self._context.observer
        return observer.transform(path, text) if observer else text

    def _prepare_loaded(self, path: bytes, text: bytes) -> bytes:
        observer = self._context.observer
        if not observer:
            return text
        given = text.decode("utf-8", "surrogateescape")
        return observer.transform(path.decode("utf-8", "replace"), given).encode("utf-8", "surrogateescape")

    def _compiled(self, path: bytes, function: Any) -> None:
        if self._context.observer:
            self._context.observer.compiled(path.decode("utf-8", "replace"), function)

    def _raised(self, value: Any) -> None:
        if self._context.observer:
            self._context.observer.raised(value, uncaught=True)

    # Results and errors

    def _task_error(self, value: Any, frames: Any) -> ScriptError:
        """An error that ended a task, with its value should it come back to the script."""
        error = self._errors.script_error(value, frames, self._files)
        self._carried[error] = value
        return error

    def _call_script(self, number: int, *arguments: Any) -> Any:
        given = [self._values.to_lua(argument) for argument in arguments]
        return self._finish(self._enter(self._prelude["call"], number, *given), carry=True)

    def _enter(self, function: Any, *arguments: Any) -> Any:
        """Call a function of the prelude. It catches the script's errors; what it cannot is told here."""
        try:
            return function(*arguments)
        except (lupa.lua54.LuaError, _Raised, _Ending) as error:
            self._raise_ending()
            if isinstance(error, lupa.lua54.LuaMemoryError):
                return False, _NO_MEMORY, self.lua.table()
            raise ScriptError(str(error).partition("\nstack traceback:")[0]) from None

    def _finish(self, answer: Any, *, carry: bool = False) -> Any:
        """The value of a call into the script, or its error as an exception."""
        results = answer if isinstance(answer, tuple) else (answer,)
        self._raise_ending()
        if results[0]:
            return self._values.to_python(results[1]) if len(results) > 1 else None
        if self._watch.limits.memory_mb and (
            results[1] == _NO_MEMORY or self._prelude["is_memory_used_up"]()
        ):
            self._watch.exceeded("memory_mb")
            self._raise_ending()
        error = self._errors.script_error(results[1], results[2], self._files)
        if carry:
            self._carried[error] = results[1]
        elif len(results) > 3:
            error.besides = [self._besides(*one.values()) for one in results[3].values()]
        raise error

    def _besides(self, *value_and_frames: Any) -> ScriptError:
        *value, frames = value_and_frames  # a value that is nil is none
        return self._errors.script_error(value[0] if value else None, frames, self._files)

    def _raise_ending(self) -> None:
        if self._interrupted.is_set():
            raise Interrupted
        if self._exit_code is not None:
            raise ScriptExit(self._exit_code)


class _Raised(Exception):  # noqa: N818 - no error of its own: it carries one through lupa
    """An error of the host on its way to the script, with its value in Lua."""

    def __init__(self, value: Any) -> None:
        super().__init__("an error of the host")
        self.value = value


class _Ending(Exception):  # noqa: N818 - no error: it unwinds a script that is to end
    """The script is to end; the prelude lets nothing catch it."""


def _no_attribute(_owner: Any, _name: Any, _setting: bool) -> Any:
    raise AttributeError("the host's objects are closed to scripts")


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _without_shebang(text: str) -> str:
    """Lua's own loader skips a first line that begins with ``#``; a comment keeps the line count."""
    return f"--{text[2:]}" if text.startswith("#!") else text
