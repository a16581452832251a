"""What a shell proposes for the word under the cursor, when Tab is pressed.

The code of ``llmspell completion`` starts the command with ``_ARGCOMPLETE`` set. What may stand in a place is
told by the parsers of the commands themselves, and by the names of their arguments: FILE is a file wherever
it stands. Only the command that is being written is imported.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Iterable, Mapping

from argcomplete import autocomplete
from argcomplete.completers import BaseCompleter, DirectoriesCompleter, FilesCompleter, SuppressCompleter

SCRIPT_SUFFIXES = ("lua", "js", "mjs", "cjs")


def complete(commands: Mapping[str, str], load: Callable[[str, argparse.ArgumentParser], None]) -> None:
    """Tell the shell what may stand here, and end the process.

    ``commands`` are the commands with what each does; ``load`` adds the arguments of one.
    """
    parser = argparse.ArgumentParser(prog="llmspell")
    parser.add_argument("--version", action="store_true", help="print the version")
    actions = parser.add_subparsers(metavar="COMMAND")
    words = os.environ.get("COMP_LINE", "").split()
    for name, about in commands.items():
        command = actions.add_parser(name, help=about)
        if name == (words[1] if len(words) > 1 else ""):
            load(name, command)
    if words[1:2] and words[1] not in commands and os.path.isfile(words[1]):  # noqa: PTH113
        # All words behind a script are its own; the shell's own way is to complete files.
        parser = argparse.ArgumentParser(prog="llmspell", add_help=False)
        parser.add_argument("words", nargs="*", metavar="FILE")
    else:
        actions.completer = _scripts  # type: ignore[attr-defined]
    _tell_completers(parser)
    autocomplete(parser, always_complete_options="long", default_completer=SuppressCompleter())


def _tell_completers(parser: argparse.ArgumentParser) -> None:
    """Say of each argument what completes it."""
    for action in parser._actions:  # argparse has no other way to them
        if isinstance(action, argparse._SubParsersAction):
            for inner in set(action.choices.values()):
                _tell_completers(inner)
        elif action.choices is None and isinstance(action.metavar, str):
            found = _COMPLETERS.get((parser.prog, action.metavar)) or _COMPLETERS.get(("", action.metavar))
            if found is not None:
                action.completer = found  # type: ignore[attr-defined]


def _scripts(prefix: str, **_: object) -> Iterable[str]:
    return FilesCompleter(SCRIPT_SUFFIXES)(prefix)


class _ToolNames(BaseCompleter):
    def __call__(self, **_: object) -> Mapping[str, str]:
        from llmspell_engine.catalog.loader import load

        return {name: tool.doc for name, tool in load().tools.items()}


class _ToolParameters(BaseCompleter):
    """``NAME=`` for what the tool takes that was named before."""

    def __call__(self, *, parsed_args: argparse.Namespace, **_: object) -> Mapping[str, str]:
        from llmspell_engine.catalog.loader import load

        tool = load().tool(getattr(parsed_args, "name", None) or "")
        fields = tool.parameters.get("properties", {}) if tool else {}
        return {
            f"{name}=": field.get("description", "")
            for name, field in fields.items()
            if not field.get("deprecated")
        }


class _Rules(BaseCompleter):
    def __call__(self, **_: object) -> Mapping[str, str]:
        from llmspell_engine.lint.registry import rules

        return {one.rule.code: one.rule.name for one in rules()}


class _Sections(BaseCompleter):
    def __call__(self, **_: object) -> Mapping[str, str]:
        import json
        from importlib.resources import files

        schema = json.loads(files("llmspell_engine.config").joinpath("llmspell.schema.json").read_bytes())
        return {name: field.get("description", "") for name, field in schema["properties"].items()}


class _Sessions(BaseCompleter):
    """The names of sessions that are kept for the current folder; none where State cannot be read."""

    def __call__(self, *, parsed_args: argparse.Namespace, **_: object) -> Mapping[str, str]:
        from importlib import import_module

        # By name: it imports what a run does, and whoever lints imports this module.
        kept = import_module("llmspell_cli.kept_sessions")
        found: Mapping[str, str] = kept.sessions_of(
            getattr(parsed_args, "config", None), getattr(parsed_args, "state", None)
        )
        return found


_FILES = FilesCompleter()
_COMPLETERS: dict[tuple[str, str], BaseCompleter] = {
    ("", "SCRIPT"): FilesCompleter(SCRIPT_SUFFIXES),
    ("", "PATH"): _FILES,
    ("", "FILE"): _FILES,
    ("", "F"): _FILES,
    ("", "FOLDER"): DirectoriesCompleter(),
    ("", "CODE"): _Rules(),
    ("", "SECTION"): _Sections(),
    ("", "NAME|ID"): _Sessions(),
    ("llmspell tools info", "NAME"): _ToolNames(),
    ("llmspell tools invoke", "NAME"): _ToolNames(),
    ("llmspell tools invoke", "NAME=VALUE"): _ToolParameters(),
}
