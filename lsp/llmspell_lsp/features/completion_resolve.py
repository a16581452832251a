"""``completionItem/resolve``: the documentation of the one proposal the user looks at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from llmspell_lsp import from_lsp, to_lsp

if TYPE_CHECKING:
    from lsprotocol import types

    from llmspell_lsp.state import View


def completion_resolve(view: View, item: types.CompletionItem) -> types.CompletionItem:
    """Add documentation to a proposal; nothing else changes."""
    key = from_lsp.completion_key(item)
    markdown = view.snapshot.completion_documentation(key) if key else None
    if markdown:
        keep = view.client.markdown_in_completions
        item.documentation = to_lsp.documentation(markdown, keep=keep)
    return item
