"""``llmspell run``: run a script.

Standard output is the script's alone. Exit codes: 0 the script ended well, 1 it failed, 2 it could not be
started, 130 it was interrupted (143 and 129 by SIGTERM and SIGHUP), and whatever it asked for itself.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from llmspell_engine.language import LANGUAGES, Language, language_of

from llmspell_cli.running.options import LANGUAGE_NAMES, add_options
from llmspell_cli.running.outcome import UsageError
from llmspell_cli.running.run import Program, as_command, explainer, run_script
from llmspell_cli.running.streams import source_of_input

if TYPE_CHECKING:
    import argparse

    from llmspell_engine.runtime.base import ScriptRuntime, Streams

USAGE = "llmspell run SCRIPT|- [OPTIONS] [-- ARGS...]"
EXAMPLES = (
    "llmspell run hello.lua",
    "llmspell run report.js --param topic=tides -- --short",
    "llmspell run team.lua --scripted answers.yaml --usage",
    "echo 'print(ARGS[1])' | llmspell run - --language lua hi",
)


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
    parser.add_argument("--language", choices=list(LANGUAGE_NAMES), help="where the file name does not tell")
    add_options(parser)


def main(arguments: argparse.Namespace) -> int:
    """Run the script."""
    return as_command("run", lambda: _run(arguments))


def _run(arguments: argparse.Namespace) -> int:
    from llmspell_engine.runtime.modules import SourceFiles, read_source

    script: str = arguments.script
    text = _read(script)
    files = SourceFiles(script)

    def read(path: str) -> str:
        return text if path == files.program else read_source(path)

    def work(runtime: ScriptRuntime, streams: Streams) -> None:
        del streams
        runtime.run(script, text)

    explain = explainer(lambda: files, read, no_color=arguments.no_color, command="run")
    folder = Path.cwd() if script == "-" else files.folder
    program = Program(
        os.path.basename(script),  # noqa: PTH119
        _language(arguments, text),
        folder,
        arguments.arguments,
    )
    return run_script(arguments, program, work, explain)


def _read(script: str) -> str:
    from llmspell_engine.runtime.modules import ModuleError, read_source

    if script == "-":
        return source_of_input()
    if os.path.isdir(script):  # noqa: PTH112
        raise UsageError(f"'{script}' is a directory; name a script")
    try:
        return read_source(script)
    except ModuleError as error:
        raise UsageError(str(error)) from None


def _language(arguments: argparse.Namespace, text: str) -> Language:
    if arguments.language:
        return LANGUAGE_NAMES[arguments.language]
    found = language_of(arguments.script, text)
    if found is None:
        choices = " or ".join(f"--language {name}" for name in LANGUAGES)
        raise UsageError(f"the language of '{arguments.script}' is not known; say {choices}")
    return found
