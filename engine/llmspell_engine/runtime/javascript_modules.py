"""The modules of one JavaScript program: where they are, what was compiled, and who imports them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from llmspell_engine.runtime.base import ScriptFrame
from llmspell_engine.runtime.modules import ModuleError, SourceFiles, read_source
from llmspell_engine.security.errors import SecurityError

if TYPE_CHECKING:
    from llmspell_engine.runtime.javascript_pieces import Piece

_NO_EXPORT = re.compile(r"Could not find export '(?P<name>.*)' in module '(?P<path>.*)'")


class JavaScriptModules:
    """What the engine's module loader is served with; ``transform`` gives the text that a debugger sees.

    Attributes:
        files: where modules are found.
    """

    def __init__(self, files: SourceFiles, transform: Callable[[str, str], str] | None) -> None:
        self.files = files
        self._transform = transform
        self._given: dict[str, str] = {}
        """Texts that are not read from a file, until they are loaded."""
        self._own: dict[str, str] = {}
        """Those of the host's own side, which no debugger sees."""
        self._loaded: dict[str, str] = {}
        self._pieces: dict[str, Piece] = {}
        """What a session's pieces were made to."""
        self._failures: dict[str, ScriptFrame] = {}
        self._importers: dict[str, list[tuple[str, str]]] = {}
        """Which files import a module, and what they call it."""

    def give(self, text: str, piece: Piece | None = None) -> str:
        """Make a text the program's; the name to import it by."""
        program = self.files.program
        self._given = {program: text}
        if piece:
            self._pieces[program] = piece
        return program

    def give_own(self, name: str, text: str) -> None:
        """Make a text of the host's own side known."""
        self._own[name] = text

    def locate(self, importer: str, specifier: str) -> str:
        """The name of what a module imports. Raises ModuleError."""
        if specifier in self._given or specifier in self._own:
            return specifier
        source = self.files.program if importer.startswith("<") else importer
        try:
            found = str(self.files.javascript_module(specifier, source))
        except (ModuleError, SecurityError) as error:
            self._failures[str(error)] = _place_of(specifier, source)
            raise
        self._importers.setdefault(found, []).append((source, specifier))
        return found

    def load(self, name: str) -> tuple[str, ...]:
        """The texts of a module to compile: an observer's, and its own, whose syntax errors count."""
        own = self._own.pop(name, None)
        if own is not None:
            return (own,)
        given = self._given.pop(name, None)
        text = self.files.source(name) if given is None else given
        piece = self._pieces.get(name)
        self._loaded[name] = piece.text if piece else text
        if piece:
            return (piece.text, text)
        return (self._transform(name, text), text) if self._transform else (text,)

    def text(self, path: str) -> str | None:
        """What was loaded from a file, as it was written; None for a piece of a session."""
        return None if path in self._pieces else self._loaded.get(path)

    def line(self, path: str, number: int) -> str | None:
        """A line, from 1, of what was loaded."""
        lines = self._loaded.get(path, "").splitlines()
        return lines[number - 1] if number <= len(lines) else None

    def is_piece(self, path: str) -> bool:
        """Whether a module is a piece of a session."""
        return path in self._pieces

    def own_column(self, path: str, line: int, column: int) -> int:
        """The column in the text as it was entered, for a piece of a session."""
        piece = self._pieces.get(path)
        return piece.column(line, column) if piece else column

    def place_of_failure(self, message: str) -> ScriptFrame | None:
        """Where that is imported which cannot be: QuickJS does not tell."""
        return self._failures.get(message) or self._place_of_export(message)

    def _place_of_export(self, message: str) -> ScriptFrame | None:
        """Where a name is imported that its module does not export."""
        named = _NO_EXPORT.fullmatch(message)
        importers = self._importers.get(named["path"], []) if named else []
        places = [(_place_of(specifier, importer), importer) for importer, specifier in importers]
        mentions = (place for place, importer in places if named and named["name"] in self._loaded[importer])
        return next(mentions, places[0][0] if places else None)


def _place_of(specifier: str, importer: str) -> ScriptFrame:
    """Where a file imports a specifier: the place of its first mention in quotes."""
    try:
        text = read_source(importer)
    except ModuleError:
        text = ""
    found = re.search(f"[\"'`]{re.escape(specifier)}[\"'`]", text)
    offset = found.start() if found else 0
    line = text.count("\n", 0, offset) + 1
    return ScriptFrame(importer, line, offset - text.rfind("\n", 0, offset), "<anonymous>")
