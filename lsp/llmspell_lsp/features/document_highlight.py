"""``textDocument/documentHighlight``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmspell_lsp import from_lsp, to_lsp

if TYPE_CHECKING:
    from lsprotocol import types

    from llmspell_lsp.state import View


def document_highlight(view: View, params: types.DocumentHighlightParams) -> list[types.DocumentHighlight]:
    """Mark what means the same as what is under the cursor, in its document."""
    document, offset = from_lsp.place(view, params)
    found = view.snapshot.uses_within(document.path, offset)
    return [to_lsp.highlight(document.text, one, view.client.encoding) for one in found]
