"""``textDocument/completion``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmspell_lsp import from_lsp, to_lsp

if TYPE_CHECKING:
    from lsprotocol import types

    from llmspell_lsp.state import View


def completion(view: View, params: types.CompletionParams) -> types.CompletionList:
    """Propose what may stand at the cursor."""
    document, offset = from_lsp.place(view, params)
    found = view.snapshot.completions_at(document.path, offset)
    return to_lsp.completions(view, document, offset, found)
