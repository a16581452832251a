"""Lua 5.4 scripts, on lupa.

The interpreter sees the host only through the functions in ``lua_prelude``: no Python object ever
reaches a script, so there is no attribute to climb out by. Its parts: ``lua_calls.py`` is what the script
calls, ``lua_sources.py`` what it loads, ``lua_tasks.py`` what it waits for, ``lua_values.py`` how values
pass, ``lua_errors.py`` what its errors become.

Threads: everything happens on the thread that made the runtime, except :meth:`LuaRuntime.interrupt`,
which makes the running coroutine raise an error at its next instruction (see ``lua_hook.py``). The
prelude's ``pcall`` passes that error on.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import lupa.lua54

from llmspell_engine.runtime.arguments import named_arguments
from llmspell_engine.runtime.base import (
    MEGABYTE,
    RunContext,
    ScriptError,
    ScriptExit,
    ScriptFrame,
    ScriptRuntime,
)
from llmspell_engine.runtime.ending import Ending
from llmspell_engine.runtime.farewell import say_farewell
from llmspell_engine.runtime.limits import Watch
from llmspell_engine.runtime.lua_access import LuaAccess
from llmspell_engine.runtime.lua_calls import LuaCalls, Raised, Unwinding
from llmspell_engine.runtime.lua_errors import LuaErrors, frame
from llmspell_engine.runtime.lua_hook import INSTRUCTIONS, Noted, RunningCoroutine
from llmspell_engine.runtime.lua_sources import LuaSources, as_bytes
from llmspell_engine.runtime.lua_tasks import LuaTasks
from llmspell_engine.runtime.lua_values import LuaHost, LuaValues
from llmspell_engine.runtime.modules import SourceFiles
from llmspell_engine.runtime.reading import Reader
from llmspell_engine.scheduling import EngineLoop, Scheduler

if TYPE_CHECKING:
    from llmspell_engine.language import Language
    from llmspell_engine.runtime.session import ScriptSession

_NO_MEMORY = b"not enough memory"
"""What Lua raises when there is no more: a bare text, which no handler is told of."""
_PRELUDE = Path(__file__).with_name("lua_prelude")
_PARTS = (
    "base", "tasks", "calls", "library", "loading", "promise", "members", "combinators", "async", "flat",
    "exports",
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
        anchored = self.lua.eval(b"function(value) return value end")
        self._sources = LuaSources(self._source_files("(script)"), context.observer, anchored)
        self._reader = Reader(context.streams)
        self._instructions = 0
        self._ending = Ending()
        self._calls = LuaCalls(self._ending, self.scheduler)
        self._stripped: Any = self.lua.eval(
            b"(function(load, dump) return function(text)"
            b" return load(dump(load(text, '=prelude', 't'), true), '=?', 'b') end end)(load, string.dump)"
        )
        self._tasks = LuaTasks(self.scheduler, lambda: self._values, self._task_error)
        self._prelude = self._load_prelude()
        self._running: RunningCoroutine | None = RunningCoroutine(self.lua, self._prelude["running"])
        if limits.instructions and self._running is not None:
            self._running.count(self._count_instructions)
        host = LuaHost(
            self._call_script, self._calls.served, lambda table: self._errors.script_error(table, None)
        )
        self._values = LuaValues(self.lua, lupa.lua54.lua_type, self._prelude, host)
        self._errors = LuaErrors(self._prelude, lupa.lua54.lua_type, self._values.to_python)
        self._calls.values, self._calls.finish = self._values, self._prelude["finish"]

    def run(self, path: str, text: str) -> None:
        """Run a program; see the base class."""
        self._sources.files = self._source_files(path)
        self._set_arguments(path)
        observer = self._context.observer
        if observer:
            observer.attached(self)
        words = self._sources.program(text)
        with self._watch:
            self._finish(self._enter(self._prelude["program"], *words, observer is not None))

    def evaluate(self, text: str) -> Any:
        """Evaluate an expression; see the base class."""
        return self._finish(self._enter(self._prelude["evaluate"], as_bytes(text)))

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
        self._sources.files = self._source_files(name)
        return self._sources.files.program

    def enter(self, function: Any, *arguments: Any) -> Any:
        """What a function of a session gives; its last value bridged. Raises as :meth:`run`."""
        return self._finish(self._enter(function, *arguments))

    def recover(self) -> None:
        """Let code run again; see the base class."""
        with self._ending.changing:
            self._ending.forget()
            if self._running is not None:
                self._running.let_go()
        self._prelude["recover"]()

    def install(self, names: Mapping[str, Any]) -> None:
        """Define global variables; see the base class."""
        table = self.lua.globals()
        for name, value in names.items():
            table[name.encode()] = self._values.to_lua(value)

    def check(self) -> None:
        """Raise when the script is to end; see the base class."""
        self._ending.check()

    def here(self) -> ScriptFrame | None:
        """The innermost script frame; see the base class."""
        if not self._calls.depth:
            return None
        found = self._prelude["where"]()
        return frame(*found[:3]) if found else None

    def interrupt(self) -> None:
        """End the script; see the base class."""
        self._end()

    def _end_at_once(self) -> None:
        """End the script for a limit. From any thread; says where it stood."""
        self._end(self._note_place)

    def _end(self, note: Noted | None = None) -> None:
        with self._ending.changing:
            self._ending.interrupted.set()
            if self._running is not None:
                self._running.end(note)
        self.scheduler.wake()

    def _note_place(self, source: bytes, line: int) -> None:
        if source.startswith(b"@"):
            self._watch.stands_at((frame(source, line, b"?"),))

    def _count_instructions(self) -> None:
        self._instructions += INSTRUCTIONS
        if self._instructions > (self._watch.limits.instructions or math.inf):
            self._watch.exceeded("instructions")

    def close(self) -> None:
        """Free the interpreter; see the base class."""
        say_farewell(self, self._watch.ended, self._context)
        self.scheduler.close()
        self._calls.carried.clear()
        self._running = None

    # Setting up

    def _load_prelude(self) -> dict[str, Any]:
        """The functions of the prelude, taken out of their table once and for all.

        While a coroutine runs, lupa's reading of a single field mistakes what lies on the main
        stack for results; calling functions, walking tables and making them work at any time.
        """
        answering = self._calls.answering
        text = b"".join((_PRELUDE / f"{part}.lua").read_bytes() for part in _PARTS)
        host = {
            b"error_value": self._calls.error_value,
            b"out": self._writer(self.streams.out),
            b"err": self._writer(self.streams.err),
            b"read": answering(self._read),
            b"exit": answering(self._exit),
            b"method": answering(self._calls.method),
            **self._sources.functions(answering),
            b"resumers": self._note_resumers,
            b"is_interrupted": self._ending.interrupted.is_set,
            b"has_memory_limit": self._watch.limits.memory_mb is not None,
            b"charge": answering(self._count_instructions) if self._watch.limits.instructions else None,
            **LuaAccess(self._context.permissions).functions(self.lua, answering),
            **{name: answering(function) for name, function in self._tasks.functions().items()},
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

    # What the prelude asks for

    def _writer(self, write: Callable[[str], None]) -> Callable[..., Any]:
        return self._calls.answering(lambda text: write(text.decode("utf-8", "surrogateescape")))

    def _read(self, form: bytes) -> Any:
        found = self._reader.read(form.decode())
        return as_bytes(found) if isinstance(found, str) else found

    def _exit(self, code: Any) -> None:
        raise ScriptExit(int(code))

    # Results and errors

    def _task_error(self, value: Any, frames: Any) -> ScriptError:
        """An error that ended a task, with its value should it come back to the script."""
        error = self._errors.script_error(value, frames, self._sources.files)
        self._calls.carried[error] = value
        return error

    def _call_script(self, number: int, *arguments: Any) -> Any:
        given = [self._values.to_lua(argument) for argument in arguments]
        return self._finish(self._enter(self._prelude["call"], number, *given), carry=True)

    def _enter(self, function: Any, *arguments: Any) -> Any:
        """Call a function of the prelude. It catches the script's errors; what it cannot is told here."""
        try:
            return function(*arguments)
        except (lupa.lua54.LuaError, Raised, Unwinding) as error:
            self._ending.raise_if_over()
            if isinstance(error, lupa.lua54.LuaMemoryError):
                return False, _NO_MEMORY, self.lua.table()
            raise ScriptError(str(error).partition("\nstack traceback:")[0]) from None

    def _finish(self, answer: Any, *, carry: bool = False) -> Any:
        """The value of a call into the script, or its error as an exception."""
        results = answer if isinstance(answer, tuple) else (answer,)
        self._ending.raise_if_over()
        if results[0]:
            return self._values.to_python(results[1]) if len(results) > 1 else None
        if self._watch.limits.memory_mb and (
            results[1] == _NO_MEMORY or self._prelude["is_memory_used_up"]()
        ):
            self._watch.exceeded("memory_mb")
            self._ending.raise_if_over()
        error = self._errors.script_error(results[1], results[2], self._sources.files)
        if carry:
            self._calls.carried[error] = results[1]
        elif len(results) > 3:
            error.besides = [self._besides(*one.values()) for one in results[3].values()]
        raise error

    def _besides(self, *value_and_frames: Any) -> ScriptError:
        *value, frames = value_and_frames  # a value that is nil is none
        return self._errors.script_error(value[0] if value else None, frames, self._sources.files)


def _no_attribute(_owner: Any, _name: Any, _setting: bool) -> Any:
    raise AttributeError("the host's objects are closed to scripts")
