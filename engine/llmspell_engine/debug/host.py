"""The debuggee: a process that runs one script under the debugger's core.

Started by the client as ``python -m llmspell_engine.debug.host``. The main thread runs the script; the
control thread, a daemon, reads the channel for as long as the client lives. See ``core`` for who does
what on which.
"""

from __future__ import annotations

import os
import socket
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from llmspell_engine.debug.backend import EvaluationError
from llmspell_engine.debug.channel import HOST, Address, Answer, Call, decode, encode
from llmspell_engine.debug.core import Debugger
from llmspell_engine.debug.model import DebuggeeError, Event, LaunchOptions, Output
from llmspell_engine.language import language_of
from llmspell_engine.runtime.base import Interrupted, RunContext, ScriptError, ScriptExit, Streams
from llmspell_engine.runtime.create import create

if TYPE_CHECKING:
    from collections.abc import Callable
    from io import BufferedReader

    from llmspell_engine.debug.backend import Backend
    from llmspell_engine.debug.model import OutputCategory
    from llmspell_engine.language import Language
    from llmspell_engine.runtime.base import ScriptRuntime

AT_ONCE = (
    "set_breakpoints",
    "set_exception_breakpoints",
    "pause",
    "threads",
    "terminate",
    "detach",
    "resume",
)
"""Calls that the control thread answers itself."""
WHEN_STOPPED = ("stack", "scopes", "variables", "evaluate", "set_variable", "exception")
"""Calls that the script's thread answers, while it is stopped."""


class Channel:
    """The debuggee's end of the channel. Sending is safe from any thread."""

    def __init__(self, address: Address) -> None:
        self._socket = socket.create_connection((HOST, address.port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._lock = threading.Lock()
        self.lines: BufferedReader = self._socket.makefile("rb")
        self._socket.sendall(address.token.encode() + b"\n")

    def send(self, value: Event | Answer) -> None:
        """Send one value; a client that is gone is not told."""
        with self._lock:
            try:
                self._socket.sendall(encode(value))
            except OSError:
                return

    def close(self) -> None:
        """Say that nothing more comes."""
        self._socket.shutdown(socket.SHUT_RDWR)


class Host:
    """One script, its debugger and the client's calls."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._started = threading.Event()
        self._is_over = False
        self.options: LaunchOptions
        self.language: Language
        self.text: str
        self.core: Debugger
        self._runtime: ScriptRuntime

    # On the control thread.

    def control(self) -> None:
        """Answer the client until it is gone; a script that runs on without its leave ends with it."""
        for line in self._channel.lines:
            call: Call = decode(line)
            try:
                self._take(call)
            except DebuggeeError as refused:
                self._channel.send(Answer(call.id, error=str(refused)))
        if not self._is_over:
            os._exit(1)

    def _take(self, call: Call) -> None:
        if call.method in WHEN_STOPPED:
            self.core.when_stopped(lambda: self._channel.send(self._answered(call)))
        else:
            self._channel.send(Answer(call.id, self._at_once(call)))

    def _at_once(self, call: Call) -> Any:
        match call.method:
            case "prepare":
                return self._prepare(*call.arguments)
            case "start":
                return self._started.set()
            case "resume":
                return self.core.resume(call.arguments[1])
            case "pause":
                return self.core.pause()
            case "threads":
                return self.core.threads()
            case "terminate":
                self._started.set()
                return self.core.terminate()
            case "detach":
                self._is_over = True
                return self.core.let_go()
            case "set_breakpoints" | "set_exception_breakpoints":
                return getattr(self.core, call.method)(*call.arguments)
        raise DebuggeeError(f"The debuggee knows no '{call.method}'.")

    def _prepare(self, options: LaunchOptions) -> None:
        try:
            self.text = Path(options.program).read_text("utf-8")
        except (OSError, ValueError) as problem:
            raise DebuggeeError(f"The script cannot be read: {problem}.") from problem
        language = options.language or language_of(options.program, self.text)
        if language is None:
            raise DebuggeeError(
                f"The language of {options.program} is not known: name it .lua or .js, or set 'language'."
            )
        self.options, self.language = options, language
        name = Path(options.program).name
        self.core = Debugger(self._channel.send, name, stop_on_entry=options.stop_on_entry)
        self.core.backend = _backend(language, self.core)

    def _answered(self, call: Call) -> Answer:
        """On the script's thread: the answer to a call that needs the stopped script."""
        arguments = call.arguments[1:] if call.method in ("stack", "exception") else call.arguments
        try:
            return Answer(call.id, getattr(self.core, call.method)(*arguments))
        except (DebuggeeError, EvaluationError) as refused:
            return Answer(call.id, error=str(refused))

    # On the script's thread.

    def run(self) -> int:
        """Run the script when the client says so; the process's exit code."""
        self._started.wait()
        streams = Streams(out=self._printer("stdout"), err=self._printer("stderr"))
        observer = self.core.backend if self.options.debug else None
        context = RunContext(streams, self.options.arguments, self.options.parameters, observer)
        try:
            self._runtime = create(self.language, context)
            self._runtime.run(self.options.program, self.text)
        except ScriptError as error:
            self._channel.send(Output("stderr", _report(error)))
            return 1
        except ScriptExit as ending:
            return ending.code
        except Interrupted:
            return 130
        finally:
            self._is_over = True
        return 0

    def _printer(self, category: OutputCategory) -> Callable[[str], None]:
        def write(text: str) -> None:
            frame = self._runtime.here()
            place = (frame.path, frame.line, frame.column) if frame else (None, None, None)
            self._channel.send(Output(category, text, *place))

        return write


def main() -> int:
    """Run the debuggee; the result is the process's exit code."""
    channel = Channel(Address.from_environment())
    host = Host(channel)
    threading.Thread(target=host.control, name="control", daemon=True).start()
    code = host.run()
    sys.stdout.flush()
    sys.stderr.flush()
    channel.close()
    return code


def _backend(language: Language, core: Debugger) -> Backend:
    if language == "lua":
        from llmspell_engine.debug.lua import LuaBackend

        return LuaBackend(core)
    from llmspell_engine.debug.javascript import JavaScriptBackend

    return JavaScriptBackend(core)


def _report(error: ScriptError) -> str:
    frames = "".join(f"\n  at {frame.path}:{frame.line} in {frame.function}" for frame in error.frames)
    return f"{error}{frames}\n"


if __name__ == "__main__":
    sys.exit(main())
