"""The ``llmspell`` command: finds the subcommand and runs it.

Only the module of the command that was asked for is imported, so that ``llmspell lint`` never pays
for an interpreter and ``llmspell run`` never for the language server.
"""

from __future__ import annotations

import argparse
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    from collections.abc import Sequence

USAGE_ERROR = 2

COMMANDS: dict[str, str] = {
    "run": "run a Lua or JavaScript script",
    "lint": "check scripts without running them",
    "config": "show, check, begin and migrate configurations",
    "lsp": "serve editors over the Language Server Protocol",
    "dap": "serve debuggers over the Debug Adapter Protocol",
    "version": "print the version and what it runs on",
}


class Command(Protocol):
    """What a module of ``commands`` provides."""

    def configure(self, parser: argparse.ArgumentParser) -> None:
        """Add the command's arguments."""

    def main(self, arguments: argparse.Namespace) -> int:
        """Run the command; the result is the process's exit code."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    if not words or words[0] not in COMMANDS:
        return _overview(words)
    command = cast("Command", import_module(f"llmspell_cli.commands.{words[0]}"))
    parser = argparse.ArgumentParser(prog=f"llmspell {words[0]}", description=COMMANDS[words[0]])
    command.configure(parser)
    # argparse cannot mix options into the arguments of a command that has actions of its own.
    parse = parser.parse_args if getattr(command, "HAS_ACTIONS", False) else parser.parse_intermixed_args
    return command.main(parse(words[1:]))


def _overview(words: list[str]) -> int:
    """Answer ``--help``, ``--version``, nothing, or a command that does not exist."""
    if words and words[0] == "--version":
        return main(["version"])
    parser = argparse.ArgumentParser(
        prog="llmspell",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Run, check and debug Lua and JavaScript scripts that orchestrate LLM agents.",
        epilog="commands:\n"
        + "\n".join(f"  {name:9}{text}" for name, text in COMMANDS.items())
        + "\n\n'llmspell COMMAND --help' explains a command.",
    )
    parser.add_argument("command", nargs="?", choices=list(COMMANDS), metavar="COMMAND", help="see below")
    parser.add_argument("--version", action="store_true", help="print the version")
    parser.parse_args(words)
    parser.print_help(sys.stderr)
    return USAGE_ERROR


if __name__ == "__main__":
    sys.exit(main())
