"""The real language server in a process of its own, driven by a typed client."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from llmspell_engine.text import Text
from lsprotocol import types
from pytest_lsp import ClientServerConfig, LanguageClient, client_capabilities
from support.processes import environment

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from llmspell_engine.language import Language
    from llmspell_engine.text import Encoding

COMMAND = [sys.executable, "-m", "llmspell_cli", "lsp", "--stdio"]
LIMIT = 20.0
"""Seconds any one answer may take before a test fails."""
_SUFFIXES: dict[Language, str] = {"lua": ".lua", "javascript": ".js"}


def capabilities(
    *, pull: bool = True, encodings: list[str] | None = None, editor: str = "visual-studio-code"
) -> types.ClientCapabilities:
    """What VS Code can do, as a client that pulls diagnostics or waits to be told them."""
    found = client_capabilities(editor)
    assert found.text_document is not None
    found.text_document.diagnostic = types.DiagnosticClientCapabilities() if pull else None
    if found.workspace is not None:
        found.workspace.configuration = False
        found.workspace.did_change_configuration = None
        found.workspace.did_change_watched_files = None
    if encodings is not None:
        found.general = types.GeneralClientCapabilities(position_encodings=list(encodings))
    return found


@contextlib.asynccontextmanager
async def serving(
    *,
    abilities: types.ClientCapabilities | None = None,
    options: Any = None,
    command: list[str] | None = None,
) -> AsyncIterator[Session]:
    """A server that has been greeted; it is shut down, and waited for, at the end."""
    config = ClientServerConfig(server_command=command or COMMAND, server_env=environment())
    client = await config.start()
    assert isinstance(client, LanguageClient)
    session = Session(client)
    try:
        params = types.InitializeParams(
            capabilities=abilities or capabilities(), process_id=None, initialization_options=options
        )
        session.greeting = await asyncio.wait_for(client.initialize_session(params), LIMIT)
        yield session
    finally:
        await _end(client)


async def _end(client: LanguageClient) -> None:
    """Shut the server down as the protocol wants it, or end its process."""
    server = client._server
    assert server is not None
    if server.returncode is None:
        with contextlib.suppress(Exception):
            await asyncio.wait_for(client.shutdown_session(), LIMIT)
    if server.returncode is None:
        server.kill()
    await asyncio.wait_for(client.stop(), LIMIT)


class Session:
    """A conversation about documents named ``script.lua`` and so on."""

    greeting: types.InitializeResult

    def __init__(self, client: LanguageClient) -> None:
        self.client = client
        self.texts: dict[str, Text] = {}
        self.published: list[types.PublishDiagnosticsParams] = []
        self._publication = asyncio.Event()
        self._refresh = asyncio.Event()
        self._listen()

    @property
    def encoding(self) -> Encoding:
        """The agreed unit of columns."""
        found = self.greeting.capabilities.position_encoding
        return str(getattr(found, "value", found))  # type: ignore[return-value]

    def open(self, text: str, language: Language = "lua", path: Path | None = None) -> str:
        """Open a document; its URI."""
        file = path or Path(f"/nowhere/script{_SUFFIXES[language]}")
        uri = file.as_uri()
        self.texts[uri] = Text(text)
        item = types.TextDocumentItem(uri, language, 1, text)
        self.client.text_document_did_open(types.DidOpenTextDocumentParams(item))
        return uri

    def open_at_cursor(self, source: str, language: Language = "lua") -> types.TextDocumentPositionParams:
        """Open a document with a ``$0`` in it; the place of the ``$0``."""
        before, after = source.split("$0")
        uri = self.open(before + after, language)
        return types.TextDocumentPositionParams(
            types.TextDocumentIdentifier(uri), self.position(uri, len(before))
        )

    def change(self, uri: str, version: int, *changes: types.TextDocumentContentChangeEvent) -> None:
        """Send edits as they are."""
        identifier = types.VersionedTextDocumentIdentifier(uri=uri, version=version)
        self.client.text_document_did_change(types.DidChangeTextDocumentParams(identifier, list(changes)))

    def replace(self, uri: str, text: str, version: int) -> None:
        """Send a whole new text."""
        self.texts[uri] = Text(text)
        self.change(uri, version, types.TextDocumentContentChangeWholeDocument(text))

    def close(self, uri: str) -> None:
        """Close a document."""
        self.client.text_document_did_close(
            types.DidCloseTextDocumentParams(types.TextDocumentIdentifier(uri))
        )

    def position(self, uri: str, offset: int) -> types.Position:
        """Where an offset stands, in the agreed unit."""
        found = self.texts[uri].position(offset, self.encoding)
        return types.Position(found.line, found.column)

    def slice(self, uri: str, where: types.Range) -> str:
        """The text of a range."""
        from llmspell_lsp import from_lsp

        found = from_lsp.span(self.texts[uri], where, self.encoding)
        return self.texts[uri].value[found.start : found.end]

    async def pull(self, uri: str, previous: str | None = None) -> types.DocumentDiagnosticReport:
        """The diagnostics of a document."""
        params = types.DocumentDiagnosticParams(
            types.TextDocumentIdentifier(uri), previous_result_id=previous
        )
        return await asyncio.wait_for(self.client.text_document_diagnostic_async(params), LIMIT)

    async def pulled(self, uri: str) -> list[types.Diagnostic]:
        """The items of a full report."""
        report = await self.pull(uri)
        assert isinstance(report, types.RelatedFullDocumentDiagnosticReport), report
        return list(report.items)

    async def pushed(self, uri: str, version: int | None) -> list[types.Diagnostic]:
        """The first that the server publishes for a version; fails when it does not come in time."""
        async with asyncio.timeout(LIMIT):
            while True:
                for one in self.published:
                    if one.uri == uri and one.version == version:
                        return list(one.diagnostics)
                await self._publication.wait()
                self._publication.clear()

    async def refreshed(self) -> None:
        """Wait until the server asks to pull all diagnostics again."""
        await asyncio.wait_for(self._refresh.wait(), LIMIT)

    def _listen(self) -> None:
        """Note what is published, of which the client keeps only the last, and requests to refresh."""

        def publish(client: LanguageClient, params: types.PublishDiagnosticsParams) -> None:
            del client
            self.published.append(params)
            self._publication.set()

        def refresh(client: LanguageClient, params: None) -> None:
            del client, params
            self._refresh.set()

        self.client.protocol.fm.features.pop(types.WORKSPACE_DIAGNOSTIC_REFRESH)
        self.client.feature(types.WORKSPACE_DIAGNOSTIC_REFRESH)(refresh)
        self.client.protocol.fm.features.pop(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
        self.client.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)(publish)
