"""Lua 5.4 scripts, on lupa.

The interpreter sees the host only through the functions in ``prelude.lua``: no Python object ever
reaches a script, so there is no attribute to climb out by. Each call into the host brings a *gate*, a
Lua function that runs on the calling coroutine; while the call lasts, the host reads positions and
calls script functions through it.

Threads: everything happens on the thread that made the runtime, except :meth:`LuaRuntime.interrupt`,
which plants a hook in the running state (the one call that Lua allows from outside). The hook is
``luaL_error`` itself: it raises an error at the next instruction without entering Python, and
the prelude's ``pcall`` passes that error on.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import lupa.lua54

from llmspell_engine.runtime.arguments import script_arguments
from llmspell_engine.runtime.base import (
    Interrupted,
    RunContext,
    ScriptError,
    ScriptExit,
    ScriptFrame,
    ScriptRuntime,
)
from llmspell_engine.runtime.lua_values import LuaValues
from llmspell_engine.runtime.modules import Found, ModuleError, SourceFiles
from llmspell_engine.runtime.reading import Reader
from llmspell_engine.runtime.values import BridgeError, Walk

if TYPE_CHECKING:
    from llmspell_engine.language import Language

_HOOK_CALL, _HOOK_COUNT = 1 << 0, 1 << 3


class LuaRuntime(ScriptRuntime):
    """One Lua state.

    Attributes:
        lua: lupa's runtime, for the debugger.
        debug_library: the whole ``debug`` table, which scripts do not get.
        natives: Lua's own functions that the prelude puts others in the place of, for the debugger.
    """

    language: ClassVar[Language] = "lua"

    def __init__(self, context: RunContext) -> None:
        self.lua = lupa.lua54.LuaRuntime(
            encoding=None,
            register_eval=False,
            register_builtins=False,
            unpack_returned_tuples=True,
            attribute_filter=_no_attribute,
        )
        self.debug_library: Any = self.lua.globals()[b"debug"]
        self.natives: Any = self.lua.eval(
            b"{ load = load, pcall = pcall, xpcall = xpcall, resume = coroutine.resume }"
        )
        self._context = context
        self._files = SourceFiles("(script)")
        self._reader = Reader(context.streams)
        self._gates: list[Any] = []
        self._errors: dict[int, ScriptError] = {}
        self._interrupted = threading.Event()
        self._exit_code: int | None = None
        self._state = _address(self.lua)
        self._prelude = self._load_prelude()
        self._values = LuaValues(
            self.lua, lupa.lua54.lua_type, self._prelude, self._call_script, self._as_exception
        )

    def run(self, path: str, text: str) -> None:
        """Run a program; see the base class."""
        self._files = SourceFiles(path)
        self._set_arguments(path)
        observer = self._context.observer
        if observer:
            observer.attached(self)
        program = self._files.program
        source = self._prepare(program, _without_shebang(text))
        words = (source, program, self._files.shown(program))
        self._finish(self._enter(self._prelude[b"program"], *map(_bytes, words), observer is not None))

    def evaluate(self, text: str) -> Any:
        """Evaluate an expression; see the base class."""
        return self._finish(self._enter(self._prelude[b"evaluate"], _bytes(text)))

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
        if not self._gates:
            return None
        found = self._gates[-1](b"where")
        if not found:
            return None
        source, line, name = found[:3]
        return ScriptFrame(_path(source), int(line), None, name.decode("utf-8", "replace"))

    def interrupt(self) -> None:
        """End the script; see the base class."""
        self._interrupted.set()
        if self._state:
            _plant_hook(self._state)

    def close(self) -> None:
        """Free the interpreter; see the base class."""
        self._gates.clear()
        self._state = None

    # Setting up

    def _load_prelude(self) -> Any:
        text = Path(__file__).with_name("prelude.lua").read_bytes()
        strip = self.lua.eval(
            b"function(text) return load(string.dump(load(text, '=prelude', 't'), true), '=?', 'b') end"
        )
        host = {
            b"call": self._call_host,
            b"out": self._writer(self._context.streams.out),
            b"err": self._writer(self._context.streams.err),
            b"read": self._answering(lambda _gate, form: self._reader.read(form.decode())),
            b"exit": self._exit,
            b"prepare": self._answering(self._prepare_loaded),
            b"compiled": self._compiled,
            b"raised": self._raised,
            b"file": self._finder("lua_file"),
            b"module": self._finder("lua_module"),
            b"is_interrupted": self._interrupted.is_set,
        }
        prelude = strip(text)(self.lua.table_from(host))
        self.lua.globals()[b"python"] = None
        return prelude

    def _set_arguments(self, program: str) -> None:
        context = self._context
        arguments = script_arguments("lua", program, context.arguments, context.parameters)
        numbered = dict(enumerate((program, *context.arguments)))
        self.install({"ARGS": arguments, "arg": numbered})

    # Calls from the script

    def _call_host(self, gate: Any, number: int, *arguments: Any) -> Any:
        function = self._values.host_functions[number]

        def work() -> Any:
            return self._values.to_lua(function(*self._given(function, arguments)))

        return self._serve(gate, work)

    def _given(self, function: Any, arguments: tuple[Any, ...]) -> list[Any]:
        try:
            return [
                self._values.to_python(argument, Walk(f"argument {number}"))
                for number, argument in enumerate(arguments, 1)
            ]
        except BridgeError as error:
            raise BridgeError(f"{getattr(function, 'name', 'function')}: {error}") from None

    def _serve(self, gate: Any, work: Callable[[], Any]) -> Any:
        """Do the host's part of a call. The result begins with how the prelude is to go on."""
        self._gates.append(gate)
        try:
            if self._interrupted.is_set():
                return b"end"
            self._values.release_dropped()
            return True, work()
        except ScriptExit as leaving:
            self._exit_code = leaving.code
            return b"end"
        except Interrupted:
            self._interrupted.set()
            return b"end"
        except Exception as error:  # noqa: BLE001 - every failure of the host becomes the script's error
            return self._failure(error)
        finally:
            self._gates.pop()

    def _failure(self, error: Exception) -> Any:
        for number, carried in self._errors.items():
            if carried is error:
                del self._errors[number]
                return b"again", number
        return b"error", self._values.error(error)

    def _answering(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def answer(*arguments: Any) -> Any:
            return self._serve(arguments[0], lambda: self._values.to_lua(function(*arguments)))

        return answer

    def _writer(self, write: Callable[[str], None]) -> Callable[[Any, bytes], Any]:
        def answer(gate: Any, text: bytes) -> Any:
            return self._serve(gate, lambda: write(text.decode("utf-8", "surrogateescape")))

        return answer

    def _exit(self, code: Any) -> Any:
        self._exit_code = int(code)
        return b"end"

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

    def _prepare_loaded(self, _gate: Any, path: bytes, text: bytes) -> bytes:
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

    def _call_script(self, number: int, *arguments: Any) -> Any:
        given = [self._values.to_lua(argument) for argument in arguments]
        if self._gates:
            answer = self._enter(self._gates[-1], b"call", number, *given)
        else:
            answer = self._enter(self._prelude[b"call"], number, *given)
        return self._finish(answer, carry=True)

    def _enter(self, function: Any, *arguments: Any) -> Any:
        """Call a function of the prelude. It catches the script's errors; what it cannot is told here."""
        try:
            return function(*arguments)
        except lupa.lua54.LuaError as error:
            self._raise_ending()
            raise ScriptError(str(error).partition("\nstack traceback:")[0]) from None

    def _finish(self, answer: Any, *, carry: bool = False) -> Any:
        """The value of a call into the script, or its error as an exception."""
        results = answer if isinstance(answer, tuple) else (answer,)
        self._raise_ending()
        if results[0]:
            return self._values.to_python(results[1]) if len(results) > 1 else None
        error = self._script_error(results[1], results[2])
        if carry:
            self._errors[id(error)] = error
            self._prelude[b"carry"](id(error), results[1])
        raise error

    def _raise_ending(self) -> None:
        if self._interrupted.is_set():
            raise Interrupted
        if self._exit_code is not None:
            raise ScriptExit(self._exit_code)

    def _as_exception(self, table: Any) -> ScriptError:
        return self._script_error(table, None)

    def _script_error(self, value: Any, flat: Any) -> ScriptError:
        frames = self._frames(flat)
        if isinstance(value, bytes):
            return self._from_message(value.decode("utf-8", "replace"), frames)
        if lupa.lua54.lua_type(value) == "table":
            return self._from_table(value, frames)
        text = self._prelude[b"text"](value).decode("utf-8", "replace")
        return ScriptError(f"the error is not a message but a {_lua_name(value)}: {text}", frames=frames)

    def _from_message(self, message: str, frames: list[ScriptFrame]) -> ScriptError:
        """Split the position off a message; a syntax error has no other frame than that."""
        for frame in frames:
            prefix = f"{self._files.shown(frame.path)}:{frame.line}: "
            if message.startswith(prefix):
                return ScriptError(message.removeprefix(prefix), frames=frames)
        shown = self._files.shown(self._files.program)
        if not frames and message.startswith(f"{shown}:"):
            line, _, rest = message.removeprefix(f"{shown}:").partition(": ")
            if line.isdigit():
                frame = ScriptFrame(self._files.program, int(line), None, "main chunk")
                return ScriptError(rest, kind="SyntaxError", frames=[frame])
        return ScriptError(message, frames=frames)

    def _from_table(self, table: Any, frames: list[ScriptFrame]) -> ScriptError:
        fields = {name: table[name] for name in (b"kind", b"message", b"cause")}
        message = fields[b"message"]
        if not isinstance(message, bytes):
            message = self._prelude[b"text"](table)
        kind = fields[b"kind"] if isinstance(fields[b"kind"], bytes) else b"error"
        cause = fields[b"cause"]
        return ScriptError(
            message.decode("utf-8", "replace"),
            kind=kind.decode("utf-8", "replace"),
            frames=frames,
            cause=self._script_error(cause, None) if cause is not None else None,
        )

    def _frames(self, flat: Any) -> list[ScriptFrame]:
        if flat is None:
            return []
        words = list(flat.values())
        return [
            ScriptFrame(_path(words[at]), int(words[at + 1]), None, words[at + 2].decode("utf-8", "replace"))
            for at in range(0, len(words), 3)
        ]


def _no_attribute(_owner: Any, _name: Any, _setting: bool) -> Any:
    raise AttributeError("the host's objects are closed to scripts")


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _path(source: bytes) -> str:
    return source.decode("utf-8", "surrogateescape").removeprefix("@")


def _without_shebang(text: str) -> str:
    """Lua's own loader skips a first line that begins with ``#``; a comment keeps the line count."""
    return f"--{text[2:]}" if text.startswith("#!") else text


def _lua_name(value: Any) -> str:
    return {bool: "boolean", int: "number", float: "number", type(None): "nil"}.get(
        type(value), lupa.lua54.lua_type(value) or "value"
    )


def _address(lua: Any) -> int | None:
    """The address of the main ``lua_State``."""
    return int(lua.eval(b"string.format('%p', (coroutine.running()))"), 16)


def _plant_hook(state: int) -> None:
    """Make the state raise an error at its next instructions, for good."""
    import ctypes

    library = ctypes.CDLL(lupa.lua54.__file__)
    if not hasattr(library, "lua_sethook"):
        return
    raising = ctypes.cast(library.luaL_error, ctypes.c_void_p)
    library.lua_sethook.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int, ctypes.c_int]
    library.lua_sethook(state, raising, _HOOK_COUNT, 1)
