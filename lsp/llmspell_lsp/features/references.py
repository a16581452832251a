"""``textDocument/references``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmspell_lsp import from_lsp, to_lsp

if TYPE_CHECKING:
    from lsprotocol import types

    from llmspell_lsp.state import View


def references(view: View, params: types.ReferenceParams) -> list[types.Location]:
    """Tell where what is under the cursor is used, in all scripts of the workspace."""
    document, offset = from_lsp.place(view, params)
    found = view.snapshot.uses_at(document.path, offset, view.scripts)
    wanted = params.context.include_declaration
    return [to_lsp.location(view, one.location) for one in found if wanted or not one.is_definition]
