"""The door in: protocol values become the engine's. No other module takes protocol values apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from llmspell_engine.language import Language, language_of
from llmspell_engine.text import Encoding, Position, Span, Text
from lsprotocol import types
from pygls.capabilities import get_capability
from pygls.exceptions import JsonRpcInvalidParams
from pygls.uris import to_fs_path

from llmspell_lsp.client import Client
from llmspell_lsp.state import Document

if TYPE_CHECKING:
    from collections.abc import Sequence

    from llmspell_lsp.state import View

_LANGUAGES: dict[str, Language] = {
    "lua": "lua",
    "javascript": "javascript",
    "javascriptreact": "javascript",
}


def client(capabilities: types.ClientCapabilities, encoding: str) -> Client:
    """The abilities of the editor."""

    def has(path: str) -> bool:
        return bool(get_capability(capabilities, path, False))

    item = "text_document.completion.completion_item"
    signature = "text_document.signature_help.signature_information"
    return Client(
        encoding=cast("Encoding", str(getattr(encoding, "value", encoding))),
        snippets=has(f"{item}.snippet_support"),
        deprecated_tag=_takes_deprecated(capabilities),
        label_details=has(f"{item}.label_details_support"),
        markdown_in_hovers=_takes_markdown(capabilities, "text_document.hover.content_format"),
        markdown_in_completions=_takes_markdown(capabilities, f"{item}.documentation_format"),
        markdown_in_signatures=_takes_markdown(capabilities, f"{signature}.documentation_format"),
        signature_offsets=has(f"{signature}.parameter_information.label_offset_support"),
        no_active_parameter=has(f"{signature}.no_active_parameter_support"),
        location_links=has("text_document.definition.link_support"),
        symbol_trees=has("text_document.document_symbol.hierarchical_document_symbol_support"),
        code_action_literals=has("text_document.code_action.code_action_literal_support"),
        versioned_edits=has("workspace.workspace_edit.document_changes"),
        pulls_diagnostics=get_capability(capabilities, "text_document.diagnostic") is not None,
        related_information=_diagnostics_may(capabilities, "related_information"),
        diagnostic_tags=_diagnostics_may(capabilities, "tag_support"),
        refreshes_diagnostics=has("workspace.diagnostics.refresh_support"),
        gives_configuration=has("workspace.configuration"),
        registers_configuration=has("workspace.did_change_configuration.dynamic_registration"),
        registers_watchers=has("workspace.did_change_watched_files.dynamic_registration"),
    )


def path(uri: str) -> str:
    """How the engine calls a document: a file's path, otherwise its URI."""
    if not uri.startswith("file:"):
        return uri
    return to_fs_path(uri) or uri


def folders(params: types.InitializeParams) -> tuple[str, ...]:
    """The folders that the editor has open, also as older editors tell it."""
    if params.workspace_folders:
        return tuple(path(one.uri) for one in params.workspace_folders)
    root = path(params.root_uri) if params.root_uri else params.root_path
    return (root,) if root else ()


def document(item: types.TextDocumentItem) -> Document | None:
    """A document the editor opened; None when it is no script."""
    language = _LANGUAGES.get(item.language_id) or language_of(path(item.uri), item.text)
    if language is None:
        return None
    return Document(item.uri, path(item.uri), Text(item.text), item.version, language)


def edited(text: Text, changes: Sequence[types.TextDocumentContentChangeEvent], encoding: Encoding) -> Text:
    """The text after the changes, each of which speaks of the text the one before it left."""
    for change in changes:
        if isinstance(change, types.TextDocumentContentChangePartial):
            text = text.replace(span(text, change.range, encoding), change.text)
        else:
            text = Text(change.text)
    return text


def open_document(view: View, identifier: types.TextDocumentIdentifier) -> Document:
    """The open document of a request. Raises the protocol's error when it is not open."""
    found = view.documents.get(identifier.uri)
    if found is None:
        raise JsonRpcInvalidParams(f"{identifier.uri} is not open")
    return found


def completion_key(item: types.CompletionItem) -> str:
    """What the engine documents a proposal by; empty for an item that is not the server's."""
    data = item.data
    return str(data.get("key", "")) if isinstance(data, dict) else ""


def place(view: View, params: types.TextDocumentPositionParams | Any) -> tuple[Document, int]:
    """The document and the offset that a request is about."""
    found = open_document(view, params.text_document)
    return found, offset(found.text, params.position, view.client.encoding)


def offset(text: Text, position: types.Position, encoding: Encoding) -> int:
    """The offset of a position, clamped to the text."""
    return text.offset(Position(position.line, position.character), encoding)


def span(text: Text, found: types.Range, encoding: Encoding) -> Span:
    """The span of a range; one that ends before it starts is empty."""
    start = offset(text, found.start, encoding)
    return Span(start, max(start, offset(text, found.end, encoding)))


def _values(capabilities: types.ClientCapabilities, path_to: str) -> Sequence[Any]:
    return get_capability(capabilities, path_to, ()) or ()


def _takes_deprecated(capabilities: types.ClientCapabilities) -> bool:
    tags = _values(capabilities, "text_document.completion.completion_item.tag_support.value_set")
    return types.CompletionItemTag.Deprecated in tags


def _takes_markdown(capabilities: types.ClientCapabilities, path_to: str) -> bool:
    return types.MarkupKind.Markdown in _values(capabilities, path_to)


def _diagnostics_may(capabilities: types.ClientCapabilities, ability: str) -> bool:
    """The abilities of pushed and of pulled diagnostics are told apart since LSP 3.18."""
    pushed = get_capability(capabilities, f"text_document.publish_diagnostics.{ability}", False)
    pulled = get_capability(capabilities, f"text_document.diagnostic.{ability}", False)
    return bool(pushed or pulled)
