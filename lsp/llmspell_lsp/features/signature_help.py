"""``textDocument/signatureHelp``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmspell_lsp import from_lsp, to_lsp

if TYPE_CHECKING:
    from lsprotocol import types

    from llmspell_lsp.state import View


def signature_help(view: View, params: types.SignatureHelpParams) -> types.SignatureHelp | None:
    """Show how the call around the cursor is written."""
    document, offset = from_lsp.place(view, params)
    found = view.snapshot.signature_at(document.path, offset)
    return to_lsp.signature_help(view, found) if found else None
