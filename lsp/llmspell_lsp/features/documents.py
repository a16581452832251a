"""``textDocument/didOpen``, ``didChange`` and ``didClose``: the texts the editor owns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmspell_lsp import from_lsp

if TYPE_CHECKING:
    from lsprotocol import types

    from llmspell_lsp.state import ServerState


def did_open(state: ServerState, params: types.DidOpenTextDocumentParams) -> None:
    """The editor owns a document's text from now on. What is no script is left alone."""
    document = from_lsp.document(params.text_document)
    if document is not None:
        state.open(document)


def did_change(state: ServerState, params: types.DidChangeTextDocumentParams) -> None:
    """Apply edits, in their order."""
    identifier = params.text_document
    document = state.documents.get(identifier.uri)
    if document is not None:
        text = from_lsp.edited(document.text, params.content_changes, state.client.encoding)
        state.change(identifier.uri, text, identifier.version)


def did_close(state: ServerState, params: types.DidCloseTextDocumentParams) -> None:
    """The file on disk counts again."""
    state.close(params.text_document.uri)
