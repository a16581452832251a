"""``llmspell repl``: enter Lua or JavaScript line by line; each input finds what earlier ones have defined.

On a terminal there are prompts, history and completion. Through a pipe inputs are run as they come, and the
exit code is 1 where one of them has failed.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from llmspell_cli.running import signals
from llmspell_cli.running.options import LANGUAGE_NAMES, add_options, assembled
from llmspell_cli.running.run import as_command, reloading_of, status_of_terminal
from llmspell_cli.running.streams import flush_output, standard_streams, tell

if TYPE_CHECKING:
    import argparse

    from llmspell_cli.repl.loop import Loop

USAGE = "llmspell repl [--language lua|js] [OPTIONS] [-- ARGS...]"
EXAMPLES = (
    "llmspell repl",
    "llmspell repl --language js --state :memory:",
)


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument(
        "arguments", nargs="*", default=[], metavar="ARGS", help="what the inputs find in ARGS"
    )
    parser.add_argument("--language", choices=list(LANGUAGE_NAMES), default="lua", help="(default: lua)")
    add_options(parser)


def main(arguments: argparse.Namespace) -> int:
    """Take inputs until their end."""
    # On a terminal Ctrl-C ends an input, not the session.
    return as_command("repl", lambda: _repl(arguments), ("SIGTERM", "SIGHUP"))


def _repl(arguments: argparse.Namespace) -> int:
    from llmspell_cli.repl.loop import Loop

    status = status_of_terminal()
    assembly = assembled(arguments, Path.cwd(), **({"watcher": status} if status else {}))
    language = LANGUAGE_NAMES[arguments.language]
    loop = Loop(
        assembly, standard_streams(status), language, arguments.arguments, no_color=arguments.no_color
    )
    reloading = reloading_of(assembly)
    try:
        code = _take_inputs(loop)
    except KeyboardInterrupt as ended:
        code = signals.exit_code(ended)
    reloading.stop()
    loop.close()
    flushed = flush_output("repl")
    assembly.services.close()
    if arguments.usage:
        from llmspell_cli.usage import table

        tell(table(assembly.services.usage))
    return code or flushed


def _take_inputs(loop: Loop) -> int:
    if not all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stdout)):
        from llmspell_cli.repl import piped

        signals.listen(("SIGINT",))
        return piped.run(loop)
    from llmspell_cli.repl import terminal

    loop.complain(f"llmspell, {loop.language}; .help lists the commands, Ctrl-D leaves")
    return terminal.run(loop)
