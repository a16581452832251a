"""``textDocument/definition``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmspell_lsp import from_lsp, to_lsp

if TYPE_CHECKING:
    from lsprotocol import types

    from llmspell_lsp.state import View


def definition(
    view: View, params: types.DefinitionParams
) -> list[types.LocationLink] | list[types.Location] | None:
    """Tell where what is under the cursor is declared."""
    document, offset = from_lsp.place(view, params)
    found = view.snapshot.definition_at(document.path, offset, view.scripts)
    return to_lsp.locations(view, found) if found else None
