"""Other editors than VS Code: what they are sent keeps to what they said they can take.

The client fails a test when an answer holds something that the editor did not announce.
"""

from __future__ import annotations

import pytest
from lsprotocol import types
from support.lsp import capabilities, serving


@pytest.mark.parametrize("editor", ["neovim", "emacs"])
async def test_answers_keep_to_the_abilities_of(editor: str) -> None:
    abilities = capabilities(pull=False, editor=editor)
    async with serving(abilities=abilities) as session:
        place = session.open_at_cursor('local a = Agent.create({ model = "echo", $0 })\nprint(a, anwser)')
        uri, client = place.text_document.uri, session.client
        found = await client.text_document_completion_async(
            types.CompletionParams(place.text_document, place.position)
        )
        assert isinstance(found, types.CompletionList)
        assert "temperature" in {one.label for one in found.items}
        await client.completion_item_resolve_async(found.items[0])
        over_create = types.Position(0, 18)
        assert await client.text_document_hover_async(types.HoverParams(place.text_document, over_create))
        assert await client.text_document_signature_help_async(
            types.SignatureHelpParams(place.text_document, place.position)
        )
        over_name = types.Position(1, 6)
        assert await client.text_document_definition_async(
            types.DefinitionParams(place.text_document, over_name)
        )
        assert await client.text_document_document_symbol_async(
            types.DocumentSymbolParams(place.text_document)
        )
        assert [one.code for one in await session.pushed(uri, 1)] == ["LS401"]
