"""The ``llmspell`` command: finds the subcommand and runs it.

``llmspell FILE ARGS`` is ``llmspell run FILE -- ARGS``, so that ``#!/usr/bin/env llmspell`` can be the first
line of a script.

Only the module of the command that was asked for is imported, so that ``llmspell lint`` never pays for an
interpreter and ``llmspell run`` never for the language server.
"""

from __future__ import annotations

import argparse
import os
import re
import signal
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any, NoReturn, Protocol, cast

from llmspell_cli.closed_streams import open_closed_streams
from llmspell_cli.starting import start_fast

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

USAGE_ERROR, INTERRUPTED = 2, 130
_EXAMPLES = "examples:"

COMMANDS: dict[str, str] = {
    "run": "run a Lua or JavaScript script",
    "eval": "print the value of an expression",
    "repl": "enter Lua or JavaScript line by line",
    "lint": "check scripts without running them",
    "tools": "list, describe and run tools",
    "config": "show, check, begin and migrate configurations",
    "session": "list, show, export, import and delete sessions",
    "lsp": "serve editors over the Language Server Protocol",
    "dap": "serve debuggers over the Debug Adapter Protocol",
    "completion": "print what makes a shell complete these words",
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
    open_closed_streams()
    start_fast()
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        # Ctrl-C while the command is only being imported ends it without a word, as in other programs.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    if "_ARGCOMPLETE" in os.environ:
        from llmspell_cli.completing import complete

        complete(COMMANDS, lambda name, parser: _command(name).configure(parser))
    words = list(sys.argv[1:] if argv is None else argv)
    if words and words[0] not in COMMANDS and _is_script(words[0]):
        words = ["run", words[0], "--", *words[1:]]
    if not words or words[0] not in COMMANDS:
        return _overview(words)
    name = words[0]
    command = _command(name)
    return _written(name, lambda: _interruptible(command, parsed(name, command, words[1:])))


def parsed(name: str, command: Command, words: Sequence[str]) -> argparse.Namespace:
    """A command's arguments. Ends the process where they are wrong, or where help is asked for."""
    parser = CommandParser(
        prog=f"llmspell {name}",
        description=COMMANDS[name],
        usage=getattr(command, "USAGE", None),
        formatter_class=_Help,
    )
    if examples := getattr(command, "EXAMPLES", ()):
        parser.epilog = "\n  ".join((_EXAMPLES, *examples))
    command.configure(parser)
    parser.set_defaults(command=name)
    # argparse cannot mix options into the arguments of a command that has actions of its own.
    if getattr(command, "HAS_ACTIONS", False):
        return parser.parse_args(words)
    return parser.parse_intermixed_args(words)


def _interruptible(command: Command, arguments: argparse.Namespace) -> int:
    if signal.getsignal(signal.SIGINT) is signal.SIG_DFL:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return command.main(arguments)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever reads has seen enough; the interpreter's own last flush is to go nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _written(name: str, work: Callable[[], int]) -> int:
    """The exit code of work, once all that it has printed is written."""
    from llmspell_cli.running.streams import cannot_write, flush_output, is_of_output

    try:
        code = work()
    except OSError as error:
        if not is_of_output(error):
            raise
        return cannot_write(name, error)
    # Who fails has said why; that may have been this.
    flushed = flush_output(name, is_told=bool(code))
    return code or flushed


class CommandParser(argparse.ArgumentParser):
    """A parser that says what was meant by an option that does not exist."""

    def add_subparsers(self, **given: Any) -> Any:
        """Have actions, whose parsers tell their own usage."""
        return super().add_subparsers(**{"parser_class": ActionParser, **given})

    def error(self, message: str) -> NoReturn:
        """Say what is wrong, and leave."""
        epilog = self.epilog or ""
        example = "" if epilog.startswith(_EXAMPLES) else f"\n{epilog}".rstrip()
        super().error(message + self._hint(message) + example)

    def _hint(self, message: str) -> str:
        if (choice := re.search(r"invalid choice: '(.*)' \(choose from (.*)\)", message)) is not None:
            near = _near(choice[1], re.findall(r"'(.*?)'", choice[2]))
            return f"; did you mean '{near}'?" if near else ""
        unknown = message.partition("unrecognized arguments: ")[2].split(" ")[0].partition("=")[0]
        if not unknown.startswith("-"):
            return ""
        if near := _near(unknown, _options_of(self)):
            return f"; did you mean {near}?"
        if any(action.metavar == "NAME=VALUE" and not action.option_strings for action in self._actions):
            return f"; parameters have no dashes: {unknown.lstrip('-')}=VALUE"
        takes_words = any(action.dest == "arguments" for action in self._actions)
        return "; behind -- stand the script's own" if takes_words else ""


class ActionParser(CommandParser):
    """The parser of an action of a command: options may stand among its words."""

    _is_mixing = False

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Find the action's arguments. What it does not know is wrong with it, and not with the command."""
        if self._is_mixing:
            return super().parse_known_args(args, namespace)
        self._is_mixing = True
        known, unknown = self.parse_known_intermixed_args(args, namespace)
        if unknown:
            self.error(f"unrecognized arguments: {' '.join(unknown)}")
        return known, unknown


def _near(word: str, words: Sequence[str]) -> str | None:
    from difflib import get_close_matches

    return next(iter(get_close_matches(word, words, 1)), None)


def _options_of(parser: argparse.ArgumentParser) -> list[str]:
    """The options of a command and of its actions."""
    found: list[str] = []
    for action in parser._actions:
        found += action.option_strings
        if isinstance(action, argparse._SubParsersAction):
            for inner in action.choices.values():
                found += _options_of(inner)
    return found


class _Help(argparse.HelpFormatter):
    """Help as wide as the terminal. Unlike the one it is made from, it imports no ``shutil`` for that: one is
    made for each option that a command has.
    """

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=_columns() - 2)

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        """Examples are lines to be copied; they stay as they are."""
        return text if text.startswith(_EXAMPLES) else super()._fill_text(text, width, indent)


def _columns() -> int:
    given = os.environ.get("COLUMNS", "")
    if given.isdecimal() and int(given):
        return int(given)
    try:
        return os.get_terminal_size(sys.__stdout__.fileno() if sys.__stdout__ else 1).columns or 80
    except (OSError, ValueError):
        return 80


def _command(name: str) -> Command:
    return cast("Command", import_module(f"llmspell_cli.commands.{name}"))


def _is_script(word: str) -> bool:
    """Whether a first word that is no command names a file."""
    return not word.startswith("-") and os.path.isfile(word)  # noqa: PTH113


def _overview(words: list[str]) -> int:
    """Answer ``--help``, ``--version``, nothing, or a command that does not exist."""
    if words and words[0] == "--version":
        return main(["version"])
    if words and not words[0].startswith("-"):
        sys.stderr.write(f"llmspell: {_unknown(words[0])}\n")
        return USAGE_ERROR
    parser = argparse.ArgumentParser(
        prog="llmspell",
        usage="llmspell COMMAND ... | llmspell SCRIPT [ARGS...]",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Run, check and debug Lua and JavaScript scripts that orchestrate LLM agents.",
        epilog="commands:\n"
        + "\n".join(f"  {name:12}{text}" for name, text in COMMANDS.items())
        + "\n\n'llmspell COMMAND --help' explains a command.",
    )
    parser.add_argument("--version", action="store_true", help="print the version")
    parser.parse_args(words)
    parser.print_help(sys.stderr)
    return USAGE_ERROR


def _unknown(word: str) -> str:
    """A sentence on a command that does not exist."""
    from pathlib import PurePath

    if "/" in word or PurePath(word).suffix:
        return f"there is no file '{word}', and no such command; 'llmspell --help' lists the commands"
    near = _near(word, list(COMMANDS))
    guess = f"; did you mean '{near}'?" if near else ""
    return f"there is no command '{word}'{guess or '; llmspell --help lists the commands'}"


if __name__ == "__main__":
    sys.exit(main())
