"""The scripts an editor or the linter looks at: mutable :class:`Workspace`, immutable :class:`Snapshot`.

A workspace belongs to one thread. A snapshot can be asked from any thread, one at a time: it loads
modules from disk and remembers inferred types as it is asked, both without changing any answer.
A document is walked once; snapshots share the walk as long as the text is the same.
"""

from __future__ import annotations

import gc
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from llmspell_engine.analysis.inference import Inference
from llmspell_engine.analysis.javascript_walk import walk_javascript
from llmspell_engine.analysis.lua_walk import walk_lua
from llmspell_engine.analysis.modules import candidates
from llmspell_engine.analysis.semantics import Semantics
from llmspell_engine.language import language_of
from llmspell_engine.syntax import parse
from llmspell_engine.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from llmspell_engine.analysis.model import (
        Completions,
        Hover,
        Location,
        SignatureHelp,
        Symbol,
        Use,
    )
    from llmspell_engine.analysis.program import Program
    from llmspell_engine.catalog.model import Catalog
    from llmspell_engine.diagnostics import Edit
    from llmspell_engine.language import Language
    from llmspell_engine.syntax import SyntaxTree
    from llmspell_engine.text import Span


class Source:
    """The text of a script with its tree and walk, made when first asked; shared between snapshots."""

    def __init__(self, path: str, text: Text, language: Language, before: Source | None = None) -> None:
        self.path = path
        self.text = text
        self.language: Language = language
        self.earlier: Source | None = before
        """The last text of this path that was whole; it answers while the script is broken."""
        if before is not None and not before.is_whole_and_walked:
            self.earlier = before.earlier
        if self.earlier is not None:
            self.earlier.earlier = None

    @cached_property
    def tree(self) -> SyntaxTree:
        """The parsed text."""
        return parse(self.text, self.language)

    @cached_property
    def program(self) -> Program:
        """The one walk over the tree."""
        tree = self.tree
        with _no_collection():
            return walk_lua(tree) if self.language == "lua" else walk_javascript(tree)

    @property
    def is_whole_and_walked(self) -> bool:
        """Whether the walk is made already and found no faults."""
        return "program" in self.__dict__ and not self.tree.is_broken


class Document:
    """A script within a snapshot."""

    def __init__(self, source: Source, snapshot: Snapshot) -> None:
        self.source = source
        self.snapshot = snapshot
        self._mended: Inference | None = None

    @property
    def path(self) -> str:
        """The path it was opened or loaded under."""
        return self.source.path

    @property
    def text(self) -> Text:
        """Its text."""
        return self.source.text

    @property
    def language(self) -> Language:
        """Its language."""
        return self.source.language

    @property
    def tree(self) -> SyntaxTree:
        """Its syntax tree, with the faults found in it."""
        return self.source.tree

    @cached_property
    def semantics(self) -> Semantics:
        """What its names, calls and tables mean, in this snapshot."""
        return Semantics(self.source.program, self.inference)

    @cached_property
    def inference(self) -> Inference:
        """The types of its expressions, in this snapshot."""
        return self._inference(self.source)

    @cached_property
    def earlier(self) -> Inference | None:
        """The types of the script as it was when it was last whole; None when it never was."""
        return self._inference(self.source.earlier) if self.source.earlier is not None else None

    def mended(self, text: str) -> Inference:
        """The types of a mended copy of the script, for questions asked while it is broken."""
        if self._mended is None or self._mended.program.tree.text.value != text:
            self._mended = self._inference(Source(self.path, Text(text), self.language))
        return self._mended

    def _inference(self, source: Source) -> Inference:
        return Inference(self.path, source.program, self.snapshot.catalog, self._module)

    def _module(self, name: str) -> Inference | None:
        found = self.snapshot.module(self, name)
        return found.inference if found is not None and found is not self else None


class Snapshot:
    """All scripts at one moment. Raises KeyError only for a path that is neither open nor on disk."""

    def __init__(self, catalog: Catalog, sources: Mapping[str, Source], disk: _Disk) -> None:
        self.catalog = catalog
        self._sources = sources
        self._disk = disk
        self._documents: dict[str, Document] = {}

    def document(self, path: str) -> Document:
        """The script of a path, open or on disk. Raises KeyError when there is none."""
        found = self._find(path)
        if found is None:
            raise KeyError(path)
        return found

    def module(self, document: Document, name: str) -> Document | None:
        """The script that ``require(name)`` or ``import … from name`` in a document means."""
        paths = candidates(document.path, name, document.language)
        return next((found for path in paths if (found := self._find(path)) is not None), None)

    def _find(self, path: str) -> Document | None:
        known = self._documents.get(path)
        if known is not None:
            return known
        source = self._sources.get(path) or self._disk.load(path)
        if source is None:
            return None
        made = Document(source, self)
        self._documents[path] = made
        return made

    def others(self, path: str) -> Iterator[Document]:
        """The open scripts but for one."""
        return (self.document(other) for other in self._sources if other != path)

    def completions_at(self, path: str, offset: int) -> Completions:
        """What may be written at an offset."""
        from llmspell_engine.analysis.completion import completions_at

        return completions_at(self.document(path), offset)

    def completion_documentation(self, key: str) -> str:
        """The documentation of a proposal in Markdown, by its key; empty for an unknown key."""
        from llmspell_engine.analysis.documentation import completion_documentation

        return completion_documentation(self.catalog, key)

    def hover_at(self, path: str, offset: int) -> Hover | None:
        """What stands at an offset."""
        from llmspell_engine.analysis.hover import hover_at

        return hover_at(self.document(path), offset)

    def signature_at(self, path: str, offset: int) -> SignatureHelp | None:
        """The call around an offset and the parameter being written."""
        from llmspell_engine.analysis.signature import signature_at

        return signature_at(self.document(path), offset)

    def definition_at(self, path: str, offset: int, others: Iterable[str] = ()) -> tuple[Location, ...]:
        """Where what stands at an offset is made, also in other scripts; none for what the host makes."""
        from llmspell_engine.analysis.definition import definition_at

        return definition_at(self.document(path), offset, lambda: self._scripts(path, others))

    def uses_at(self, path: str, offset: int, others: Iterable[str] = ()) -> tuple[Use, ...]:
        """Where what stands at an offset is used, in its script, the open ones and some others."""
        from llmspell_engine.analysis.references import uses_at

        return uses_at(self.document(path), offset, self._scripts(path, others))

    def uses_within(self, path: str, offset: int) -> tuple[Use, ...]:
        """Where what stands at an offset is used in the same script."""
        from llmspell_engine.analysis.references import uses_at

        return uses_at(self.document(path), offset, [path])

    def renameable_at(self, path: str, offset: int) -> Span:
        """The name at an offset. Raises RenameError where scripts do not make it."""
        from llmspell_engine.analysis.renaming import renameable_at

        return renameable_at(self.document(path), offset)

    def rename(
        self, path: str, offset: int, name: str, others: Iterable[str] = ()
    ) -> dict[str, tuple[Edit, ...]]:
        """The edits that rename what stands at an offset, by path. Raises RenameError."""
        from llmspell_engine.analysis.renaming import renamed

        return renamed(self, self.document(path), offset, name, self._scripts(path, others))

    def _scripts(self, path: str, others: Iterable[str]) -> list[str]:
        """A script, the open ones, and those of the others that can be read."""
        paths = dict.fromkeys((path, *self._sources, *others))
        return [one for one in paths if self._find(one) is not None]

    def symbols(self, path: str) -> tuple[Symbol, ...]:
        """The named parts of a script, nested."""
        from llmspell_engine.analysis.symbols import symbols

        return symbols(self.document(path))


class Workspace:
    """The open scripts. Opening, changing and closing are all that changes it."""

    def __init__(self, catalog: Catalog | None = None) -> None:
        if catalog is None:
            from llmspell_engine.catalog.loader import load

            catalog = load()
        self._catalog = catalog
        self._sources: dict[str, Source] = {}
        self._disk = _Disk()
        self._snapshot: Snapshot | None = None

    def open(self, path: str, text: str, language: Language | None = None) -> None:
        """Take up a script; its language is told by path and first line unless given, else it is Lua."""
        known = language or language_of(path, text) or "lua"
        self._put(Source(path, Text(text), known))

    def change(self, path: str, text: str) -> None:
        """Replace the whole text of an open script. Raises KeyError when it is not open."""
        before = self._sources[path]
        self._put(Source(path, Text(text), before.language, before))

    def close(self, path: str) -> None:
        """Let a script go; from now on its file counts. Closing twice is no error."""
        self._sources.pop(path, None)
        self._snapshot = None

    def forget_files(self) -> None:
        """Look at files on disk anew: some may have changed."""
        self._disk = _Disk()
        self._snapshot = None

    def snapshot(self) -> Snapshot:
        """The scripts as they are now."""
        if self._snapshot is None:
            self._snapshot = Snapshot(self._catalog, dict(self._sources), self._disk)
        return self._snapshot

    def _put(self, source: Source) -> None:
        known = self._sources.get(source.path)
        if known is not None and known.text.value == source.text.value and known.language == source.language:
            return
        self._sources[source.path] = source
        self._snapshot = None


@contextmanager
def _no_collection() -> Iterator[None]:
    """Let no garbage collection run: a walk makes tens of thousands of objects and drops none.

    A full collection in the midst of it would cost more than the walk and free nothing of it.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class _Disk:
    """Scripts read from files; read again when the file's time or size changes."""

    def __init__(self) -> None:
        self._loaded: dict[str, tuple[tuple[int, int], Source]] = {}

    def load(self, path: str) -> Source | None:
        """The script in a file; None when there is none that can be read."""
        language = language_of(path)
        if language is None:
            return None
        try:
            stamp = Path(path).stat()
            version = (stamp.st_mtime_ns, stamp.st_size)
            known = self._loaded.get(path)
            if known is not None and known[0] == version:
                return known[1]
            text = Path(path).read_bytes().decode("utf-8", "replace")
        except (OSError, ValueError):
            return None
        source = Source(path, Text(text), language)
        self._loaded[path] = (version, source)
        return source
