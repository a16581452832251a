"""From the arguments of a command to a script that runs: what ``run`` and ``eval`` do alike."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from llmspell_cli.colour import painted_report, wants_colour
from llmspell_cli.running import signals
from llmspell_cli.running.options import assembled
from llmspell_cli.running.outcome import FAILED, UNUSABLE, UsageError
from llmspell_cli.running.streams import flush_output, standard_streams, tell

if TYPE_CHECKING:
    import argparse

    from llmspell_engine.assembly import Assembly, Reloading
    from llmspell_engine.language import Language
    from llmspell_engine.runtime.base import ScriptError, ScriptRuntime, Streams
    from llmspell_engine.runtime.modules import SourceFiles

    from llmspell_cli.running.progress import StatusLine


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Program:
    """What is to run: its name in traces, its language, and what configures it."""

    name: str
    language: Language
    folder: Path
    arguments: Sequence[str] = ()


def as_command(name: str, work: Callable[[], int], ending: Sequence[str] = signals.ENDING) -> int:
    """The exit code of a command's work, what keeps a script from being started told to the user.

    ``ending`` are the signals that end it.
    """
    signals.listen(ending)
    try:
        return work()
    except UsageError as error:
        tell(f"llmspell {name}: {error}\n")
        return UNUSABLE
    except KeyboardInterrupt as ended:
        return signals.exit_code(ended)


def run_script(
    arguments: argparse.Namespace,
    program: Program,
    work: Callable[[ScriptRuntime, Streams], None],
    explain: Callable[[ScriptError], None],
) -> int:
    """Put a run together, do the work in it, and tell what is to be told at the end. Raises UsageError."""
    from llmspell_cli.running.guard import guarded
    from llmspell_cli.running.thread import ScriptThread

    status = status_of_terminal()
    assembly = assembled(arguments, program.folder, **({"watcher": status} if status else {}))
    streams = standard_streams(status)
    context = replace(
        assembly.context(program.language, streams, program.arguments), abandon=_abandoning(explain)
    )
    services = assembly.services

    def traced(runtime: ScriptRuntime) -> None:
        with services.tracer.span("run", program.name):
            work(runtime, streams)

    reloading = reloading_of(assembly)
    with guarded(context):
        code = ScriptThread(program.language, context, services, traced, explain).result(arguments.command)
    reloading.stop()
    services.close()
    _tell_unused(assembly)
    if arguments.usage:
        from llmspell_cli.usage import table

        tell(table(services.usage))
    return code


def _abandoning(explain: Callable[[ScriptError], None]) -> Callable[[ScriptError], None]:
    """What ends the process of a script that has used up its time and goes on."""

    def abandon(error: ScriptError) -> None:
        explain(error)
        os._exit(FAILED)

    return abandon


def status_of_terminal() -> StatusLine | None:
    """The line that tells what is under way, where somebody sees it."""
    if sys.stderr is None or not sys.stderr.isatty():
        return None
    from llmspell_cli.running.progress import status_line

    return status_line()


def explainer(
    files: Callable[[], SourceFiles], read: Callable[[str], str], *, no_color: bool, command: str
) -> Callable[[ScriptError], None]:
    """What tells of a script's error on standard error, behind what the script has written."""

    def explain(error: ScriptError) -> None:
        from llmspell_engine.runtime.report import report

        flush_output(command)
        text = report(error, files().shown, read)
        tell(painted_report(text) if wants_colour(sys.stderr, refused=no_color) else text)

    return explain


def reloading_of(assembly: Assembly) -> Reloading:
    """Let changes of the configuration hold while the script runs."""
    from llmspell_engine.assembly import Reloading

    reloading = Reloading(assembly, tell)
    reloading.start()
    return reloading


def _tell_unused(assembly: Assembly) -> None:
    from llmspell_engine.observability import RunLog

    cassette = assembly.cassette
    lines = [] if cassette is None or cassette.mode == "record" else cassette.unused()
    if cassette is not None and lines:
        told: dict[str, Any] = {"file": str(cassette.path), "lines": lines}
        log = RunLog(assembly.services.log_sink, tell)
        log.put("info", "calls of the cassette were not asked for", told, "cassette")
