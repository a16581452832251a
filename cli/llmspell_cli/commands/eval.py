"""``llmspell eval``: print the value of an expression, or of the last of several statements.

Exit codes are those of ``run``.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from llmspell_cli.running.options import LANGUAGE_NAMES, add_options
from llmspell_cli.running.run import Program, as_command, explainer, run_script
from llmspell_cli.running.streams import source_of_input

if TYPE_CHECKING:
    import argparse

    from llmspell_engine.runtime.base import ScriptRuntime, Streams
    from llmspell_engine.runtime.session import Entered

USAGE = "llmspell eval EXPR|- [--language lua|js] [OPTIONS] [-- ARGS...]"
EXAMPLES = (
    "llmspell eval '1 + 2'",
    'llmspell eval --language js --json \'await Tool.execute("calculator", { input: "6 * 7" })\'',
)
_NAME = "eval"
"""What stands for the text's file in errors."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument(
        "expression", metavar="EXPR", help="an expression or statements, or - for standard input"
    )
    parser.add_argument(
        "arguments", nargs="*", default=[], metavar="ARGS", help="what the text finds in ARGS"
    )
    parser.add_argument("--language", choices=list(LANGUAGE_NAMES), default="lua", help="(default: lua)")
    parser.add_argument("--json", action="store_true", help="print the value as JSON")
    add_options(parser)


def main(arguments: argparse.Namespace) -> int:
    """Evaluate and print."""
    return as_command("eval", lambda: _eval(arguments))


def _eval(arguments: argparse.Namespace) -> int:
    from llmspell_engine.runtime.modules import SourceFiles, read_source

    text: str = arguments.expression
    if text == "-":
        text = source_of_input()
    files = SourceFiles(_NAME)

    def read(path: str) -> str:
        return text if path == files.program else read_source(path)

    def work(runtime: ScriptRuntime, streams: Streams) -> None:
        session = runtime.session(_NAME)
        entered = session.enter(_NAME, text)
        found = _json(entered) if arguments.json else entered.printed
        session.finish()
        if found is not None:
            streams.out(f"{found}\n")

    program = Program(_NAME, LANGUAGE_NAMES[arguments.language], Path.cwd(), arguments.arguments)
    explain = explainer(lambda: files, read, no_color=arguments.no_color, command="eval")
    return run_script(arguments, program, work, explain)


def _json(entered: Entered) -> str:
    """The value as JSON text. Raises ScriptError where JSON cannot write it."""
    from llmspell_engine.runtime.base import ScriptError
    from llmspell_engine.state.encoding import JSONError, encode

    try:
        return encode(entered.value(), "--json")
    except JSONError as problem:
        raise ScriptError(str(problem), kind="JSONError") from None
