"""``textDocument/diagnostic``: the editor pulls what the linter finds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from llmspell_lsp import to_lsp
from llmspell_lsp.linting import found_in

if TYPE_CHECKING:
    from llmspell_lsp.state import Document, View


def diagnostic(view: View, params: types.DocumentDiagnosticParams) -> types.DocumentDiagnosticReport:
    """Report a document's diagnostics, or that they are what the editor has already."""
    document = view.documents.get(params.text_document.uri)
    found = document_diagnostics(view, document) if document else []
    result_id = to_lsp.fingerprint(found)
    if result_id == params.previous_result_id:
        return types.RelatedUnchangedDocumentDiagnosticReport(result_id)
    return types.RelatedFullDocumentDiagnosticReport(items=found, result_id=result_id)


def document_diagnostics(view: View, document: Document) -> list[types.Diagnostic]:
    """What the linter finds in an open document; the same, in the same order, as on the command line."""
    return [to_lsp.diagnostic(view, document, one) for one in found_in(view, document)]
