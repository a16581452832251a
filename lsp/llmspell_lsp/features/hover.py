"""``textDocument/hover``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmspell_lsp import from_lsp, to_lsp

if TYPE_CHECKING:
    from lsprotocol import types

    from llmspell_lsp.state import View


def hover(view: View, params: types.HoverParams) -> types.Hover | None:
    """Explain what is under the cursor."""
    document, offset = from_lsp.place(view, params)
    found = view.snapshot.hover_at(document.path, offset)
    return to_lsp.hover(view, document, found) if found else None
