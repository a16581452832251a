"""The scripts a command line names: files as they are, directories walked, ``-`` for stdin."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from os import walk
from os.path import normpath
from pathlib import Path
from typing import TYPE_CHECKING

from llmspell_engine.language import Language, language_of
from llmspell_engine.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

SUFFIXES = (".lua", ".js", ".mjs", ".cjs")
SKIPPED = frozenset({"node_modules", "__pycache__", "venv", "site-packages", "target", "dist"})
STDIN = "-"


class UnreadableError(Exception):
    """A script that cannot be checked; the message is for the user."""


@dataclass(frozen=True, slots=True)
class Script:
    """A script to check, under the name the user gave."""

    name: str
    text: Text
    language: Language


def script_names(
    paths: Sequence[str], is_excluded: Callable[[Path], bool] = lambda _: False
) -> Iterator[str]:
    """The scripts that ``paths`` name, each once, in the order of their names.

    Those that are excluded are left out of folders; a script that is named itself is not left out.
    """
    found: dict[str, str] = {}
    for path in paths:
        for name in _expand(path, is_excluded):
            found.setdefault(normpath(name), name)
    yield from sorted(found.values())


def read_script(name: str, stdin_name: str | None) -> Script:
    """Read a script. Raises UnreadableError when it is missing, no UTF-8 or of no known language."""
    shown = stdin_name or "<stdin>" if name == STDIN else name
    data = sys.stdin.buffer.read() if name == STDIN else _bytes_of(name)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        where = f"byte {data[error.start]:#04x} at offset {error.start}"
        raise UnreadableError(f"{shown} is not UTF-8 text ({where}); save it as UTF-8") from error
    language = language_of(shown, text.removeprefix("\ufeff"))
    if language is None:
        raise UnreadableError(_no_language(name, shown))
    return Script(shown, Text(text), language)


def _expand(path: str, is_excluded: Callable[[Path], bool]) -> Iterator[str]:
    if path == STDIN or not Path(path).is_dir():
        yield path
        return
    for folder, folders, files in walk(path):
        folders[:] = [name for name in folders if not name.startswith(".") and name not in SKIPPED]
        scripts = (name for name in files if name.endswith(SUFFIXES) and not name.startswith("."))
        named = (Path(folder, name) for name in scripts)
        yield from (str(script) for script in named if not is_excluded(script))


def _bytes_of(name: str) -> bytes:
    try:
        return Path(name).read_bytes()
    except OSError as error:
        raise UnreadableError(f"cannot read {name}: {error.strerror or error}") from error


def _no_language(name: str, shown: str) -> str:
    if name == STDIN:
        return "cannot tell the language of stdin; name it, such as --stdin-filename script.lua"
    return f"cannot tell the language of {shown}; name it .lua, .js, .mjs or .cjs, or begin it with a #! line"
