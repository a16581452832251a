"""The options that ``run``, ``eval`` and ``repl`` share, and what they ask of a run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from llmspell_engine.language import Language

from llmspell_cli.colour import add_option
from llmspell_cli.running.outcome import UsageError
from llmspell_cli.running.permissions import add_permissions, asked_permissions
from llmspell_cli.whole_numbers import whole_number

if TYPE_CHECKING:
    import argparse

    from llmspell_engine.assembly import Assembly, Launch

LANGUAGE_NAMES: dict[str, Language] = {"lua": "lua", "javascript": "javascript", "js": "javascript"}
_LEVELS = ("trace", "debug", "info", "warn", "error")


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add them to a command."""
    _add_parameters(parser)
    _add_models(parser)
    _add_observation(parser)
    add_permissions(parser)
    add_option(parser)


def _add_parameters(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--param", action="append", default=[], metavar="NAME=VALUE", help="a named argument: ARGS.NAME, text"
    )
    parser.add_argument(
        "--param-json",
        action="append",
        default=[],
        metavar="NAME=JSON",
        help="the same with a value in JSON: a number, a list, an object",
    )
    parser.add_argument(
        "--state", metavar="FILE", help="keep State in this file, or :memory: (default: one of the project)"
    )
    parser.add_argument(
        "--session",
        metavar="NAME|ID",
        help="run in this session; where none of this name goes on, one is begun",
    )
    parser.add_argument(
        "--config", metavar="FILE", help="the configuration (default: llmspell.toml, upward from the script)"
    )


def _add_models(parser: argparse.ArgumentParser) -> None:
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
        "--max-calls", type=whole_number(0), metavar="N", help="how many model calls a run may make"
    )
    parser.add_argument(
        "--max-tokens", type=whole_number(0), metavar="N", help="how many tokens a run may use"
    )
    parser.add_argument("--max-cost", type=float, metavar="DOLLARS", help="what a run's model calls may cost")


def _add_observation(parser: argparse.ArgumentParser) -> None:
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
    parser.add_argument(
        "--log-level",
        choices=_LEVELS,
        help="the least level that Logger writes (default: LLMSPELL_LOG, or warn)",
    )


def assembled(arguments: argparse.Namespace, folder: Path, **more: Any) -> Assembly:
    """What a run stands on. ``folder`` is the script's. Raises UsageError."""
    from llmspell_engine.assembly import AssemblyError, assemble

    try:
        return assemble(_launch(arguments, folder, more))
    except AssemblyError as error:
        raise UsageError(str(error)) from None


def _launch(arguments: argparse.Namespace, folder: Path, more: dict[str, Any]) -> Launch:
    from llmspell_engine.assembly import Launch

    if (arguments.record or arguments.record_missing) and not arguments.cassette:
        raise UsageError("recording needs a file; name it with --cassette FILE")

    def path(name: str) -> Path | None:
        given = getattr(arguments, name)
        return Path(given) if given else None

    return Launch(
        folder=folder,
        config=path("config"),
        scripted=path("scripted"),
        cassette=path("cassette"),
        cassette_mode="record" if arguments.record else "auto" if arguments.record_missing else "replay",
        trace_file=path("trace_file"),
        otel=arguments.otel,
        state=path("state"),
        session=arguments.session,
        max_calls=arguments.max_calls,
        max_tokens=arguments.max_tokens,
        max_cost=arguments.max_cost,
        log_level=arguments.log_level,
        parameters=_parameters(arguments),
        **asked_permissions(arguments),
        **more,
    )


def _parameters(arguments: argparse.Namespace) -> dict[str, Any]:
    plain = dict(_named("--param", given) for given in arguments.param)
    named = dict(_named("--param-json", given) for given in arguments.param_json)
    return {**plain, **{name: _parsed(name, text) for name, text in named.items()}}


def _named(option: str, given: str) -> tuple[str, str]:
    name, equals, value = given.partition("=")
    if not name or not equals:
        form = "NAME=JSON" if option == "--param-json" else "NAME=VALUE"
        raise UsageError(f"{option} takes {form}, and '{given}' is not of that form")
    return name, value


def _parsed(name: str, text: str) -> Any:
    from llmspell_engine.state.encoding import JSONError, decode

    try:
        return decode(text)
    except JSONError as error:
        raise UsageError(
            f"--param-json {name}: {error}; text is to be in quotes, or given by --param"
        ) from None
