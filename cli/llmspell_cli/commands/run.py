"""``llmspell run``: run a script.

Standard output is the script's alone. Exit codes: 0 the script ended well, 1 it failed, 2 it could not
be started, 130 it was interrupted, and whatever it asked for itself.

The script runs on a thread of its own, so that the main thread can take a Ctrl-C while the
script computes: it asks the script to end, and ends the process if that takes too long.
"""

from __future__ import annotations

import codecs
import io
import os
import sys
import threading
from typing import TYPE_CHECKING, TextIO

from llmspell_engine.language import LANGUAGES, Language, language_of

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from llmspell_engine.assembly import Assembly, Launch, Reloading
    from llmspell_engine.globals.services import Services
    from llmspell_engine.runtime.base import RunContext, ScriptError, Streams

SUCCEEDED, FAILED, UNUSABLE, INTERRUPTED = 0, 1, 2, 130
_LANGUAGE_NAMES: dict[str, Language] = {"lua": "lua", "javascript": "javascript", "js": "javascript"}
_LEVELS = ("trace", "debug", "info", "warn", "error")
_PATIENCE_SECONDS = 1.0
"""How long an interrupted script may take to end."""
_STACK_BYTES = 64 * 1024 * 1024
_ANY_TEXT = "llmspell-any-text"
"""How the standard streams code what is not Unicode, for the strings of scripts may hold anything."""


class UsageError(Exception):
    """The script cannot be started; the message is a sentence for the user."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("script", metavar="SCRIPT", help="the script's file, or - for standard input")
    parser.add_argument(
        "arguments",
        nargs="*",
        default=[],
        metavar="ARGS",
        help="arguments of the script, after -- where they begin with -",
    )
    parser.add_argument(
        "--param", action="append", default=[], metavar="NAME=VALUE", help="a named argument: ARGS.NAME"
    )
    parser.add_argument("--language", choices=list(_LANGUAGE_NAMES), help="where the file name does not tell")
    parser.add_argument("--state", metavar="FILE", help="keep State in this file (default: in memory)")
    parser.add_argument(
        "--config", metavar="FILE", help="the configuration (default: llmspell.toml, upward from the script)"
    )
    parser.add_argument("--scripted", metavar="FILE", help="the answers of the models scripted/NAME")
    parser.add_argument("--cassette", metavar="FILE", help="answer model calls from this recording")
    recording = parser.add_mutually_exclusive_group()
    recording.add_argument(
        "--record", action="store_true", help="make all model calls and add them to the cassette"
    )
    recording.add_argument(
        "--record-missing",
        action="store_true",
        help="make the model calls that the cassette lacks and add them",
    )
    parser.add_argument(
        "--trace-file", metavar="FILE", help="add a line of JSON to this file for each span of work"
    )
    parser.add_argument(
        "--otel",
        action="store_true",
        help="send traces, metrics and the log to where the OTEL_* variables say",
    )
    parser.add_argument(
        "--usage", action="store_true", help="tell at the end what was used of each model, on standard error"
    )
    parser.add_argument("--max-calls", type=_limit, metavar="N", help="how many model calls a run may make")
    parser.add_argument("--max-tokens", type=_limit, metavar="N", help="how many tokens a run may use")
    parser.add_argument("--max-cost", type=float, metavar="DOLLARS", help="what a run's model calls may cost")
    parser.add_argument(
        "--log-level",
        choices=_LEVELS,
        help="the least level that Logger writes (default: LLMSPELL_LOG, or warn)",
    )


def main(arguments: argparse.Namespace) -> int:
    """Run the script."""
    try:
        text = _read(arguments.script)
        language = _language(arguments, text)
        assembly = _assembled(_launch(arguments))
        context = assembly.context(language, _streams(), arguments.arguments)
    except UsageError as error:
        sys.stderr.write(f"llmspell run: {error}\n")
        return UNUSABLE
    except KeyboardInterrupt:
        return INTERRUPTED
    reloading = _reloading(assembly)
    code = _ScriptThread(arguments.script, text, language, context, assembly.services).result()
    reloading.stop()
    _tell_unused(assembly)
    if arguments.usage:
        from llmspell_cli.usage import table

        _writer(sys.stderr)(table(assembly.services.usage))
    return code


def _read(script: str) -> str:
    from llmspell_engine.runtime.modules import ModuleError, read_source

    if script == "-":
        return sys.stdin.read()
    if os.path.isdir(script):  # noqa: PTH112
        raise UsageError(f"'{script}' is a directory; name a script")
    try:
        return read_source(script)
    except ModuleError as error:
        raise UsageError(str(error)) from None


def _language(arguments: argparse.Namespace, text: str) -> Language:
    if arguments.language:
        return _LANGUAGE_NAMES[arguments.language]
    found = language_of(arguments.script, text)
    if found is None:
        choices = " or ".join(f"--language {name}" for name in LANGUAGES)
        raise UsageError(f"the language of '{arguments.script}' is not known; say {choices}")
    return found


def _launch(arguments: argparse.Namespace) -> Launch:
    """What the command line asks for."""
    from pathlib import Path

    from llmspell_engine.assembly import Launch

    if (arguments.record or arguments.record_missing) and not arguments.cassette:
        raise UsageError("recording needs a file; name it with --cassette FILE")

    def path(name: str) -> Path | None:
        given = getattr(arguments, name)
        return Path(given) if given else None

    return Launch(
        folder=Path.cwd() if arguments.script == "-" else Path(arguments.script).absolute().parent,
        config=path("config"),
        scripted=path("scripted"),
        cassette=path("cassette"),
        cassette_mode="record" if arguments.record else "auto" if arguments.record_missing else "replay",
        trace_file=path("trace_file"),
        otel=arguments.otel,
        state=path("state"),
        max_calls=arguments.max_calls,
        max_tokens=arguments.max_tokens,
        max_cost=arguments.max_cost,
        log_level=arguments.log_level,
        parameters=dict(map(_parameter, arguments.param)),
    )


def _assembled(launch: Launch) -> Assembly:
    from llmspell_engine.assembly import AssemblyError, assemble

    try:
        return assemble(launch)
    except AssemblyError as error:
        raise UsageError(str(error)) from None


def _reloading(assembly: Assembly) -> Reloading:
    """Let changes of the configuration hold while the script runs."""
    from contextlib import suppress

    from llmspell_engine.assembly import Reloading

    def write(text: str) -> None:
        with suppress(OSError):
            if sys.stderr is not None:
                sys.stderr.write(text)

    reloading = Reloading(assembly, write)
    reloading.start()
    return reloading


def _parameter(given: str) -> tuple[str, str]:
    name, equals, value = given.partition("=")
    if not name or not equals:
        raise UsageError(f"--param takes NAME=VALUE, and '{given}' is not of that form")
    return name, value


def _tell_unused(assembly: Assembly) -> None:
    from llmspell_engine.observability import RunLog

    cassette = assembly.cassette
    lines = [] if cassette is None or cassette.mode == "record" else cassette.unused()
    if cassette is not None and lines:
        told = {"file": str(cassette.path), "lines": lines}
        log = RunLog(assembly.services.log_sink, _writer(sys.stderr))
        log.put("info", "calls of the cassette were not asked for", told, "cassette")


def _limit(given: str) -> int:
    count = int(given)
    if count < 0:
        raise ValueError(given)
    return count


def _streams() -> Streams:
    from llmspell_engine.runtime.base import Streams

    codecs.register_error(_ANY_TEXT, _any_text)
    for stream in (sys.stdout, sys.stderr, sys.stdin):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors=_ANY_TEXT)
    return Streams(_writer(sys.stdout), _writer(sys.stderr), _read_line)


def _any_text(error: UnicodeError) -> tuple[str | bytes, int]:
    """Bytes that are no text go out as they came in; other halves of a surrogate pair have no bytes."""
    try:
        return codecs.lookup_error("surrogateescape")(error)
    except UnicodeEncodeError as problem:
        return "\N{REPLACEMENT CHARACTER}".encode(), problem.start + 1


def _read_line() -> str | None:
    if sys.stdin is None:
        return None
    if sys.stdout is not None:
        sys.stdout.flush()
    return sys.stdin.readline() or None


def _writer(stream: TextIO | None) -> Callable[[str], None]:
    """Write, and end the script quietly once nobody reads any more. A stream may be closed from the start."""

    def write(text: str) -> None:
        from llmspell_engine.runtime.base import ScriptExit

        try:
            if stream is not None:
                stream.write(text)
        except BrokenPipeError:
            raise ScriptExit(SUCCEEDED) from None

    return write


class _ScriptThread:
    """The thread that makes the runtime, runs the script and frees the runtime."""

    def __init__(
        self, script: str, text: str, language: Language, context: RunContext, services: Services
    ) -> None:
        self._script = script
        self._text = text
        self._language = language
        self._context = context
        self._services = services
        self._interrupt: Callable[[], None] = lambda: None
        self._code = FAILED
        threading.stack_size(_STACK_BYTES)
        self._thread = threading.Thread(target=self._work, name="script", daemon=True)
        threading.stack_size(0)

    def result(self) -> int:
        """Start the script and wait for its end; the result is the exit code."""
        self._thread.start()
        try:
            self._thread.join()
        except KeyboardInterrupt:
            self._interrupt()
            self._thread.join(_PATIENCE_SECONDS)
            self._code = INTERRUPTED
        return self._flushed()

    def _work(self) -> None:
        from llmspell_engine.runtime.base import Interrupted, ScriptError, ScriptExit
        from llmspell_engine.runtime.create import create

        try:
            runtime = create(self._language, self._context, self._services)
            self._interrupt = runtime.interrupt
            with self._services.tracer.span("run", os.path.basename(self._script)):  # noqa: PTH119
                runtime.run(self._script, self._text)
            self._code = SUCCEEDED
        except ScriptExit as leaving:
            self._code = leaving.code & 0xFF
        except Interrupted:
            self._code = INTERRUPTED
        except ScriptError as error:
            self._code = FAILED
            self._explain(error)

    def _explain(self, error: ScriptError) -> None:
        from llmspell_engine.runtime.modules import SourceFiles, read_source
        from llmspell_engine.runtime.report import report

        files = SourceFiles(self._script)

        def read(path: str) -> str:
            return self._text if path == files.program else read_source(path)

        self._flush_output()
        _writer(sys.stderr)(report(error, files.shown, read))

    def _flush_output(self) -> None:
        try:
            if sys.stdout is not None:
                sys.stdout.flush()
        except BrokenPipeError:
            _discard_output()

    def _flushed(self) -> int:
        """Write out what is left. A script that does not end in time is left behind with its process."""
        self._flush_output()
        if self._thread.is_alive():
            os._exit(self._code)
        self._services.close()
        return self._code


def _discard_output() -> None:
    """Let the interpreter's own last flush go nowhere, for nobody reads the pipe any more."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
