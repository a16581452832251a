"""What the server holds: the open documents, the engine's workspace, the client and its settings.

This is the only mutable state, and only the event loop changes it. A request gets a :class:`View`
made when the request arrives; it never changes and may be read from any thread.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from llmspell_engine.analysis.workspace import Workspace

from llmspell_lsp.client import Client
from llmspell_lsp.scripts import scripts_in
from llmspell_lsp.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from llmspell_engine.analysis.workspace import Snapshot
    from llmspell_engine.language import Language
    from llmspell_engine.text import Text


@dataclass(frozen=True, slots=True)
class Document:
    """An open document at one version."""

    uri: str
    path: str
    """How the engine calls it: the file's path, or the URI of a document that is no file."""
    text: Text
    version: int
    language: Language


@dataclass(frozen=True, slots=True)
class View:
    """What a request sees: everything as it was when the request arrived."""

    snapshot: Snapshot
    documents: Mapping[str, Document]
    """The open documents by URI."""
    client: Client
    settings: Settings
    folders: tuple[str, ...] = ()
    """The folders that the editor has open."""

    @property
    def scripts(self) -> Iterator[str]:
        """The paths of the scripts in these folders; no folder is looked into before they are asked for."""
        return scripts_in(self.folders)


@dataclass(slots=True)
class ServerState:
    """The server's mutable state."""

    workspace: Workspace = field(default_factory=Workspace)
    documents: dict[str, Document] = field(default_factory=dict)
    client: Client = field(default_factory=Client)
    settings: Settings = field(default_factory=Settings)
    folders: tuple[str, ...] = ()

    def view(self) -> View:
        """The state as it is now."""
        documents = MappingProxyType(dict(self.documents))
        return View(self.workspace.snapshot(), documents, self.client, self.settings, self.folders)

    def version_of(self, uri: str) -> int | None:
        """The version of an open document; None when it is closed."""
        document = self.documents.get(uri)
        return None if document is None else document.version

    def open(self, document: Document) -> None:
        """Take over a document from its file."""
        self.documents[document.uri] = document
        self.workspace.open(document.path, document.text.value, document.language)

    def change(self, uri: str, text: Text, version: int) -> None:
        """Replace the text of an open document."""
        document = replace(self.documents[uri], text=text, version=version)
        self.documents[uri] = document
        self.workspace.change(document.path, text.value)

    def close(self, uri: str) -> None:
        """Give a document back to its file."""
        document = self.documents.pop(uri, None)
        if document is not None:
            self.workspace.close(document.path)
