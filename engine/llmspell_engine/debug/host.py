"""The debuggee: a process that runs one script under the debugger's core.

Started by the client as ``python -m llmspell_engine.debug.host``. The main thread is the control thread,
which reads the channel; it starts the script's thread, which makes the runtime while the client is still
setting breakpoints, runs the script when it is told to, and closes the channel when that has ended. See
``core`` for what is done on which.
"""

from __future__ import annotations

import logging
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
from llmspell_engine.runtime.base import Interrupted, ScriptError, ScriptExit, Streams
from llmspell_engine.runtime.create import create
from llmspell_engine.runtime.modules import ModuleError, read_source
from llmspell_engine.runtime.report import report

if TYPE_CHECKING:
    from collections.abc import Callable
    from io import BufferedReader

    from llmspell_engine.assembly import Assembly
    from llmspell_engine.debug.backend import Backend, Core
    from llmspell_engine.debug.model import OutputCategory
    from llmspell_engine.language import Language
    from llmspell_engine.runtime.base import ScriptRuntime

_log = logging.getLogger(__name__)
SUCCEEDED, FAILED, INTERRUPTED = 0, 1, 130
WHEN_STOPPED = frozenset({"stack", "scopes", "variables", "evaluate", "set_variable", "exception"})
"""Calls that the script's thread answers, while it is stopped."""
_STACK_BYTES = 64 * 1024 * 1024
"""The script's thread has the stack that ``llmspell run`` gives it."""


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
        """Say that nothing more comes, and stop reading."""
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            return


class Host:
    """One script, its debugger and the client's calls."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._may_start = threading.Event()
        self._answering = threading.Lock()
        """Held while a call is carried out and answered: the channel stays open for the answer to the call
        that let the script run to its end.
        """
        self._needs_client = True
        """Whether a client that goes away takes the script with it."""
        self._code = FAILED
        threading.stack_size(_STACK_BYTES)
        self._thread = threading.Thread(target=self._run, name="script", daemon=True)
        threading.stack_size(0)
        self._options: LaunchOptions
        self._language: Language
        self._assembly: Assembly
        self._text: str
        self._core: Debugger
        self._runtime: ScriptRuntime | None = None

    # On the control thread.

    def control(self) -> int:
        """Answer the client until the script has ended; the result is the exit code."""
        for line in self._channel.lines:
            call: Call = decode(line)
            try:
                self._take(call)
            except DebuggeeError as refused:
                self._channel.send(Answer(call.id, error=str(refused)))
        if self._needs_client:
            os._exit(FAILED)
        self._thread.join()
        return self._code

    def _take(self, call: Call) -> None:
        if call.method in WHEN_STOPPED:
            self._core.when_stopped(lambda: self._channel.send(self._answered(call)))
        else:
            with self._answering:
                self._channel.send(Answer(call.id, self._at_once(call)))

    def _at_once(self, call: Call) -> Any:
        match call.method:
            case "prepare":
                return self._prepare(*call.arguments)
            case "start":
                return self._may_start.set()
            case "resume":
                return self._core.resume(call.arguments[1])
            case "pause":
                return self._core.pause()
            case "threads":
                return self._core.threads()
            case "terminate":
                return self._terminate()
            case "detach":
                self._needs_client = False
                return self._core.let_go()
            case "set_breakpoints" | "set_exception_breakpoints":
                return getattr(self._core, call.method)(*call.arguments)
        raise DebuggeeError(f"The debuggee knows no '{call.method}'.")

    def _prepare(self, options: LaunchOptions) -> None:
        try:
            self._text = read_source(options.program)
        except ModuleError as problem:
            raise DebuggeeError(f"The script cannot be run: {problem}.") from problem
        language = options.language or language_of(options.program, self._text)
        if language is None:
            raise DebuggeeError(
                f"The language of {options.program} is not known: name it .lua or .js, or set 'language'."
            )
        self._options, self._language = options, language
        self._assembly = _assembled(options)
        name = Path(options.program).name
        backend = _backend(language)
        self._core = Debugger(self._channel.send, backend, name, stop_on_entry=options.stop_on_entry)
        self._thread.start()

    def _terminate(self) -> None:
        if not self._may_start.is_set():
            os._exit(INTERRUPTED)
        self._core.terminate()

    # On the script's thread.

    def _answered(self, call: Call) -> Answer:
        """The answer to a call that needs the stopped script."""
        arguments = call.arguments[1:] if call.method in ("stack", "exception") else call.arguments
        try:
            asked = self._core if call.method == "exception" else self._core.inspection
            return Answer(call.id, getattr(asked, call.method)(*arguments))
        except (DebuggeeError, EvaluationError) as refused:
            return Answer(call.id, error=str(refused))
        except Exception as fault:  # noqa: BLE001 - the client waits for an answer, whatever fails
            _log.exception("The debugger failed while the script was stopped.")
            return Answer(call.id, error=f"The debugger failed at '{call.method}': {fault!r}.")

    def _run(self) -> None:
        try:
            self._code = self._result()
            if self._runtime is not None:
                self._runtime.close()
        finally:
            self._needs_client = False
            with self._answering:
                self._channel.close()
        self._assembly.services.close()

    def _result(self) -> int:
        """Run the script when the client says so; the exit code."""
        streams = Streams(out=self._printer("stdout"), err=self._printer("stderr"))
        observer = self._core.backend if self._options.debug else None
        context = self._assembly.context(self._language, streams, self._options.arguments, observer)
        try:
            self._runtime = create(self._language, context, self._assembly.services)
            self._may_start.wait()
            self._run_observed(self._runtime)
        except ScriptError as error:
            self._channel.send(Output("stderr", report(error), *_place(error)))
            return FAILED
        except ScriptExit as leaving:
            return leaving.code & 0xFF
        except Interrupted:
            return INTERRUPTED
        return SUCCEEDED

    def _run_observed(self, runtime: ScriptRuntime) -> None:
        """Run the script as ``llmspell run`` does: in a span, and with changes of its configuration."""
        from llmspell_engine.assembly import Reloading

        # The loop's thread tells of changes: it must not ask the interpreter where the script is.
        reloading = Reloading(self._assembly, lambda text: self._channel.send(Output("stderr", text)))
        reloading.start()
        try:
            with self._assembly.services.tracer.span("run", Path(self._options.program).name):
                runtime.run(self._options.program, self._text)
        finally:
            reloading.stop()

    def _printer(self, category: OutputCategory) -> Callable[[str], None]:
        def write(text: str) -> None:
            frame = self._runtime.here() if self._runtime is not None else None
            place = (frame.path, frame.line, frame.column) if frame else ()
            self._channel.send(Output(category, text, *place))

        return write


def main() -> int:
    """Run the debuggee; the result is the process's exit code."""
    code = Host(Channel(Address.from_environment())).control()
    sys.stdout.flush()
    sys.stderr.flush()
    return code


def _assembled(options: LaunchOptions) -> Assembly:
    """What the script stands on, as ``llmspell run`` would make it. Raises DebuggeeError."""
    from llmspell_engine.assembly import AssemblyError, Launch, assemble

    launch = Launch(
        folder=Path(options.program).absolute().parent,
        config=Path(options.config) if options.config else None,
        scripted=Path(options.scripted) if options.scripted else None,
        session=options.session,
        cassette=Path(options.cassette) if options.cassette else None,
        cassette_mode=options.cassette_mode,
        parameters=options.parameters,
        script=Path(options.program),
        profile=options.profile,
    )
    try:
        return assemble(launch)
    except AssemblyError as problem:
        raise DebuggeeError(f"The script cannot be run: {problem}.") from problem


def _backend(language: Language) -> Callable[[Core], Backend]:
    if language == "lua":
        from llmspell_engine.debug.lua import LuaBackend

        return LuaBackend
    from llmspell_engine.debug.javascript import JavaScriptBackend

    return JavaScriptBackend


def _place(error: ScriptError) -> tuple[str, int, int | None] | tuple[()]:
    """Where a script failed."""
    if not error.frames:
        return ()
    innermost = error.frames[0]
    return (innermost.path, innermost.line, innermost.column)


if __name__ == "__main__":
    sys.exit(main())
