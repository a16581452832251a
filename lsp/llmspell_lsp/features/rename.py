"""``textDocument/prepareRename`` and ``textDocument/rename``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmspell_engine.analysis.renaming import RenameError
from lsprotocol.types import LSPErrorCodes
from pygls.exceptions import JsonRpcException

from llmspell_lsp import from_lsp, to_lsp

if TYPE_CHECKING:
    from lsprotocol import types

    from llmspell_lsp.state import View


def prepare_rename(view: View, params: types.PrepareRenameParams) -> types.Range:
    """Tell what would be renamed."""
    document, offset = from_lsp.place(view, params)
    try:
        span = view.snapshot.renameable_at(document.path, offset)
    except RenameError as refusal:
        raise _refused(refusal) from refusal
    return to_lsp.range_of(document.text, span, view.client.encoding)


def rename(view: View, params: types.RenameParams) -> types.WorkspaceEdit:
    """Give what is under the cursor another name, in all scripts of the workspace."""
    document, offset = from_lsp.place(view, params)
    try:
        edits = view.snapshot.rename(document.path, offset, params.new_name, view.scripts)
    except RenameError as refusal:
        raise _refused(refusal) from refusal
    return to_lsp.edits_by_file(view, edits)


def _refused(refusal: RenameError) -> JsonRpcException:
    """The error that editors show beside the name."""
    return JsonRpcException(f"This cannot be renamed: {refusal}.", LSPErrorCodes.RequestFailed)
