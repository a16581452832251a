"""``textDocument/documentSymbol``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmspell_lsp import from_lsp, to_lsp

if TYPE_CHECKING:
    from lsprotocol import types

    from llmspell_lsp.state import View


def document_symbol(
    view: View, params: types.DocumentSymbolParams
) -> list[types.DocumentSymbol] | list[types.SymbolInformation]:
    """Outline a document."""
    document = from_lsp.open_document(view, params.text_document)
    symbols = view.snapshot.symbols(document.path)
    if view.client.symbol_trees:
        return to_lsp.symbol_tree(document.text, symbols, view.client.encoding)
    return to_lsp.symbol_list(document, symbols, view.client.encoding)
