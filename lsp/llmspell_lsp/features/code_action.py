"""``textDocument/codeAction``: fixes of what the linter found, and comments that accept it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmspell_engine.lint.suppression import suppress
from lsprotocol import types

from llmspell_lsp import from_lsp, to_lsp
from llmspell_lsp.linting import found_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmspell_engine.diagnostics import Diagnostic

    from llmspell_lsp.state import Document, View


def code_action(view: View, params: types.CodeActionParams) -> list[types.CodeAction]:
    """Offer what can be done about the findings in a range."""
    document = from_lsp.open_document(view, params.text_document)
    if not (view.client.code_action_literals and _wanted(params.context)):
        return []
    asked = from_lsp.span(document.text, params.range, view.client.encoding)
    touched = [
        one for one in found_in(view, document) if one.span.start <= asked.end and asked.start <= one.span.end
    ]
    return [action for one in touched for action in _actions(view, document, one)]


def _wanted(context: types.CodeActionContext) -> bool:
    """Whether the editor asks for quick fixes, by name or by asking for everything."""
    return context.only is None or any(
        kind in (types.CodeActionKind.QuickFix, types.CodeActionKind.Empty) for kind in context.only
    )


def _actions(view: View, document: Document, found: Diagnostic) -> Iterator[types.CodeAction]:
    if found.fix:
        yield to_lsp.quick_fix(view, document, found, found.fix)
    comment = suppress(view.snapshot.document(document.path).tree, found)
    if comment:
        yield to_lsp.quick_fix(view, document, found, comment)
