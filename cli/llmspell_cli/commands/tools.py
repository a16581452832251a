"""``llmspell tools``: which tools there are, what they take, and running one.

Exit codes: 0 all is well, 1 the tool failed, 2 wrong usage: no such tool, a wrong parameter, a configuration
that cannot be used.
"""

from __future__ import annotations

import json
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from llmspell_cli.running import signals
from llmspell_cli.running.outcome import FAILED, SUCCEEDED, UNUSABLE, UsageError
from llmspell_cli.running.permissions import add_permissions, asked_permissions
from llmspell_cli.running.run import status_of_terminal
from llmspell_cli.running.thread import LOOK_SECONDS
from llmspell_cli.tool_parameters import advice, parameters_of
from llmspell_cli.whole_numbers import whole_number

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from llmspell_engine.api.tool import ToolParameter, ToolResult
    from llmspell_engine.assembly import Assembly
    from llmspell_engine.catalog.model import Tool
    from llmspell_engine.scheduling.loop import EngineLoop, Outcome
    from llmspell_engine.tools.base import ToolContext

HAS_ACTIONS = True
EXAMPLES = (
    "llmspell tools search base64",
    "llmspell tools info calculator",
    "llmspell tools invoke calculator input='2 * 21'",
)
_NARROWEST = 24
"""How narrow a column of text may become before lines are longer than the terminal."""
CATEGORIES = ("filesystem", "web", "api", "analysis", "data", "system", "media", "utility", "custom")


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the actions and their arguments."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="list|search|info|invoke")
    list_ = actions.add_parser("list", help="tell which tools there are", description=_list.__doc__)
    list_.add_argument("--category", choices=CATEGORIES, help="only those of this category")
    search = actions.add_parser("search", help="find tools by words", description=_search.__doc__)
    search.add_argument("words", nargs="+", metavar="WORD", help="words that the tools are about")
    info = actions.add_parser("info", help="tell what a tool takes", description=_info.__doc__)
    info.add_argument("name", metavar="NAME", help="the tool")
    search.epilog = "for example: llmspell tools search base64"
    info.epilog = "for example: llmspell tools info calculator"
    invoke = actions.add_parser("invoke", help="run a tool", description=_invoke.__doc__)
    invoke.usage = "llmspell tools invoke NAME [NAME=VALUE ... | JSON] [OPTION ...]"
    invoke.epilog = "for example: llmspell tools invoke calculator input='2 * 21'"
    invoke.add_argument("name", metavar="NAME", help="the tool")
    invoke.add_argument(
        "given",
        nargs="*",
        default=[],
        metavar="NAME=VALUE",
        help="a parameter; where it takes no text, the value is JSON. Or all of them as one object in JSON",
    )
    invoke.add_argument(
        "--param", action="append", default=[], metavar="NAME=VALUE", help="a parameter, as without --param"
    )
    invoke.add_argument(
        "--json", metavar="OBJECT", help="all parameters as JSON; @FILE reads a file, - standard input"
    )
    invoke.add_argument("--timeout-ms", type=whole_number(1), metavar="N", help="how long it may take")
    add_permissions(invoke)
    for action in (list_, search, info, invoke):
        action.add_argument("--format", choices=("text", "json"), default="text", help="how to print (text)")
        action.add_argument("--config", metavar="FILE", help="read FILE instead of the nearest one")


def main(arguments: argparse.Namespace) -> int:
    """Do what the action says."""
    actions: dict[str, Callable[[argparse.Namespace], int]] = {
        "list": _list,
        "search": _search,
        "info": _info,
        "invoke": _invoke,
    }
    signals.listen()
    try:
        return actions[arguments.action](arguments)
    except UsageError as error:
        return _complain(str(error), UNUSABLE)
    except KeyboardInterrupt as ended:
        return signals.exit_code(ended)
    except BrokenPipeError:
        return SUCCEEDED


def _list(arguments: argparse.Namespace) -> int:
    """Print the tools there are, those that the configuration and packages add too."""
    from llmspell_engine.globals.tool import known_tools

    tools = known_tools(_context(arguments))
    return _print_tools([one for one in tools if arguments.category in (None, one.category)], arguments)


def _search(arguments: argparse.Namespace) -> int:
    """Print the tools that all words are about, the best first."""
    from llmspell_engine.globals.tool import known_tools
    from llmspell_engine.tools.searching import found

    words = " ".join(arguments.words)
    tools = found(known_tools(_context(arguments)), words)
    if not tools:
        _complain(f"no tool is about '{words}'; llmspell tools list tells what there is", SUCCEEDED)
    return _print_tools(tools, arguments)


def _info(arguments: argparse.Namespace) -> int:
    """Print what a tool does, and what it takes."""
    from llmspell_engine.globals.tool import info_of, schema_of

    tool = _tool(arguments.name, _context(arguments))
    schema = schema_of(tool)
    if arguments.format == "json":
        facts = info_of(tool).model_dump()
        parameters = [one.model_dump(exclude_none=True) for one in schema.parameters]
        _print_json({**facts, "aliases": list(tool.aliases), "parameters": parameters})
        return SUCCEEDED
    lines = [f"{tool.name} ({tool.category}, {tool.security}): {tool.doc}"]
    if tool.aliases:
        lines.append(f"Older names: {', '.join(tool.aliases)}")
    rows = [(one.name, _kind(one), _about(one)) for one in schema.parameters]
    sys.stdout.write("\n".join([*lines, "", *_aligned(rows)]) + "\n")
    return SUCCEEDED


def _invoke(arguments: argparse.Namespace) -> int:
    """Run a tool and print the text of its result, or with --format json the whole of it."""
    from llmspell_engine.api.validation import ArgumentError
    from llmspell_engine.security.permissions import SecurityError
    from llmspell_engine.tools.base import ToolError

    assembly = _assembly(arguments)
    try:
        context = _context_of(assembly, arguments.timeout_ms)
        tool = _tool(arguments.name, context)
        try:
            parameters = parameters_of(arguments.given, arguments.param, arguments.json, tool)
            with assembly.services.tracer.span("run", "tools invoke"):
                result = _run(assembly.services.loop, tool.name, parameters, context)
        except (ArgumentError, UsageError) as error:
            raise UsageError(f"{error}\n{advice(tool)}") from None
        except (ToolError, SecurityError) as error:
            return _complain(str(error), FAILED)
    finally:
        assembly.services.close()
    if arguments.format == "json":
        _print_json(result.model_dump(exclude_none=True, mode="json"))
    elif result.text:
        sys.stdout.write(result.text if result.text.endswith("\n") else result.text + "\n")
    if result.error is not None:
        return _complain(f"{tool.name}: {result.error.message}", FAILED)
    return SUCCEEDED


def _run(loop: EngineLoop, name: str, parameters: Mapping[str, Any], context: ToolContext) -> ToolResult:
    """The tool's result. A thread that a tool leaves behind is none that the process waits for."""
    from concurrent.futures import Future

    from llmspell_engine.globals.tool import complete_tool

    ended: Future[Outcome] = Future()
    loop.start(lambda: complete_tool(name, parameters, context), ended.set_result)
    # A signal that comes just before a wait begins does not wake it.
    while not ended.done():
        with suppress(TimeoutError):
            ended.result(LOOK_SECONDS)
    outcome = ended.result()
    if outcome.error is not None:
        raise outcome.error
    return cast("ToolResult", outcome.value)


def _tool(name: str, context: ToolContext) -> Tool:
    from llmspell_engine.globals.tool import known_tool
    from llmspell_engine.tools.base import ToolError

    try:
        return known_tool(name, context)
    except ToolError as error:
        told = str(error).replace(
            "Tool.list() tells what there is", "llmspell tools list tells what there is"
        )
        raise UsageError(told) from None


def _context(arguments: argparse.Namespace) -> ToolContext:
    assembly = _assembly(arguments)
    try:
        return _context_of(assembly, None)
    finally:
        assembly.services.close()


def _context_of(assembly: Assembly, timeout_ms: int | None) -> ToolContext:
    from dataclasses import replace

    from llmspell_engine.globals.tool import context_of

    context = context_of(assembly.services, "lua")
    if context.own is not None:
        for problem in context.own.problems:
            sys.stderr.write(f"llmspell tools: warning: {problem}\n")
    return replace(context, seconds=timeout_ms / 1000) if timeout_ms else context


def _assembly(arguments: argparse.Namespace) -> Assembly:
    """What a run here stands on. Raises UsageError."""
    from llmspell_engine.assembly import AssemblyError, Launch, assemble

    allowed = asked_permissions(arguments) if arguments.action == "invoke" else {}
    file = Path(arguments.config) if arguments.config else None
    status = status_of_terminal() if arguments.action == "invoke" else None
    watched: dict[str, Any] = {"watcher": status} if status else {}
    try:
        return assemble(Launch(folder=Path.cwd(), config=file, **allowed, **watched))
    except AssemblyError as error:
        raise UsageError(str(error)) from None


def _print_tools(tools: Sequence[Tool], arguments: argparse.Namespace) -> int:
    from llmspell_engine.globals.tool import info_of

    if arguments.format == "json":
        _print_json([info_of(one).model_dump() for one in tools])
    elif tools:
        rows = [(one.name, one.category, one.doc) for one in tools]
        sys.stdout.write("\n".join(_aligned(rows)) + "\n")
    return SUCCEEDED


def _kind(parameter: ToolParameter) -> str:
    return f"{parameter.type}{', needed' if parameter.required else ''}"


def _about(parameter: ToolParameter) -> str:
    allowed = f" One of {', '.join(map(json.dumps, parameter.allowed))}." if parameter.allowed else ""
    default = f" ({json.dumps(parameter.default)})" if parameter.default is not None else ""
    return f"{parameter.description}{allowed}{default}"


def _aligned(rows: Iterable[tuple[str, str, str]]) -> Iterator[str]:
    """Rows as columns; on a terminal the last one is broken into lines, else a row is a line."""
    listed = list(rows)
    widths = [max((len(row[column]) for row in listed), default=0) for column in (0, 1)]
    indent = sum(widths) + 4
    for one, two, three in listed:
        line, *more = _broken(three, indent)
        yield f"{one.ljust(widths[0])}  {two.ljust(widths[1])}  {line}".rstrip()
        yield from (" " * indent + each for each in more)


def _broken(text: str, indent: int) -> list[str]:
    if not sys.stdout.isatty():
        return [text]
    from shutil import get_terminal_size
    from textwrap import wrap

    return wrap(text, max(get_terminal_size().columns - indent, _NARROWEST)) or [""]


def _print_json(value: Any) -> None:
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False, default=str) + "\n")


def _complain(sentence: str, code: int) -> int:
    sys.stdout.flush()
    sys.stderr.write(f"llmspell tools: {sentence}\n")
    return code
