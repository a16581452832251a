"""One test a request over the real server: does each reach the engine and come back right?"""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from lsprotocol import types
from pygls.exceptions import JsonRpcException
from support.lsp import Session, capabilities, serving

ENCODINGS = ["utf-8", "utf-16", "utf-32"]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def session() -> AsyncIterator[Session]:
    async with serving() as running:
        yield running


pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_the_greeting_names_what_the_server_can_do(session: Session) -> None:
    able = session.greeting.capabilities
    assert isinstance(able.text_document_sync, types.TextDocumentSyncOptions)
    assert able.text_document_sync.change == types.TextDocumentSyncKind.Incremental
    assert able.completion_provider is not None
    assert able.completion_provider.resolve_provider
    assert able.hover_provider
    assert able.definition_provider
    assert able.references_provider
    assert able.document_highlight_provider
    assert able.rename_provider == types.RenameOptions(prepare_provider=True)
    assert able.document_symbol_provider
    assert able.signature_help_provider is not None
    assert able.diagnostic_provider is not None
    assert able.code_action_provider


@pytest.mark.parametrize(
    ("language", "source", "label"),
    [
        ("lua", "Agent.cre$0", "create"),
        ("javascript", "Agent.cre$0", "create"),
        ("lua", 'Agent.create({ model = "echo", temp$0 })', "temperature"),
        ("javascript", 'Agent.create({ model: "echo", maxT$0 })', "maxTokens"),
        ("lua", 'Tool.execute("calc$0")', "calculator"),
        ("javascript", 'Tool.execute("calc$0")', "calculator"),
        ("lua", "Ag$0", "Agent"),
    ],
)
async def test_completion(session: Session, language: str, source: str, label: str) -> None:
    place = session.open_at_cursor(source, language)  # type: ignore[arg-type]
    found = await session.client.text_document_completion_async(
        types.CompletionParams(place.text_document, place.position)
    )
    assert isinstance(found, types.CompletionList)
    item = next(one for one in found.items if one.label == label)
    assert isinstance(item.text_edit, types.TextEdit)
    assert label.startswith(session.slice(place.text_document.uri, item.text_edit.range))
    resolved = await session.client.completion_item_resolve_async(item)
    assert isinstance(resolved.documentation, types.MarkupContent)
    assert resolved.documentation.value


@pytest.mark.parametrize(
    ("language", "source"),
    [("lua", "local agent = Agent.cre$0ate({})"), ("javascript", "const agent = Agent.cre$0ate({});")],
)
async def test_hover(session: Session, language: str, source: str) -> None:
    place = session.open_at_cursor(source, language)  # type: ignore[arg-type]
    found = await session.client.text_document_hover_async(
        types.HoverParams(place.text_document, place.position)
    )
    assert found is not None
    assert found.range is not None
    assert session.slice(place.text_document.uri, found.range) == "create"
    assert isinstance(found.contents, types.MarkupContent)
    assert "Agent.create(" in found.contents.value


async def test_hover_over_nothing_is_nothing(session: Session) -> None:
    place = session.open_at_cursor("local a = 1 $0 ")
    params = types.HoverParams(place.text_document, place.position)
    assert await session.client.text_document_hover_async(params) is None


@pytest.mark.parametrize(
    ("source", "active"), [("Tool.execute($0)", 0), ('Tool.execute("calculator", $0)', 1)]
)
async def test_signature_help(session: Session, source: str, active: int) -> None:
    place = session.open_at_cursor(source)
    found = await session.client.text_document_signature_help_async(
        types.SignatureHelpParams(place.text_document, place.position)
    )
    assert found is not None
    assert found.signatures[0].label.startswith("Tool.execute(")
    assert found.active_parameter == active


async def test_definition(session: Session) -> None:
    place = session.open_at_cursor("local answer = 42\nprint(ans$0wer)")
    found = await session.client.text_document_definition_async(
        types.DefinitionParams(place.text_document, place.position)
    )
    assert isinstance(found, list)
    assert [one.target_uri if isinstance(one, types.LocationLink) else one.uri for one in found] == [
        place.text_document.uri
    ]
    where = found[0].target_range if isinstance(found[0], types.LocationLink) else found[0].range
    assert session.slice(place.text_document.uri, where) == "answer"


async def test_a_tool_is_found_and_renamed_across_languages(session: Session, tmp_path: Path) -> None:
    folder = types.WorkspaceFolder(tmp_path.as_uri(), "scripts")
    closed = tmp_path / "closed.js"
    closed.write_text('await Tool.execute("price-of", {});\n')
    event = types.WorkspaceFoldersChangeEvent(added=[folder], removed=[])
    session.client.workspace_did_change_workspace_folders(types.DidChangeWorkspaceFoldersParams(event))
    place = session.open_at_cursor('Tool.register({ name = "price-of" })\nprint(Tool.get("price$0-of"))')
    here, there = place.text_document.uri, closed.as_uri()
    found = await session.client.text_document_references_async(
        types.ReferenceParams(types.ReferenceContext(True), place.text_document, place.position)
    )
    assert [(one.uri, one.range.start.line) for one in found or ()] == [(here, 0), (here, 1), (there, 0)]
    uses = await session.client.text_document_references_async(
        types.ReferenceParams(types.ReferenceContext(False), place.text_document, place.position)
    )
    assert [(one.uri, one.range.start.line) for one in uses or ()] == [(here, 1), (there, 0)]
    marked = await session.client.text_document_document_highlight_async(
        types.DocumentHighlightParams(place.text_document, place.position)
    )
    kinds = [types.DocumentHighlightKind.Write, types.DocumentHighlightKind.Read]
    assert [one.kind for one in marked or ()] == kinds
    shown = await session.client.text_document_prepare_rename_async(
        types.PrepareRenameParams(place.text_document, place.position)
    )
    assert isinstance(shown, types.Range)
    assert session.slice(here, shown) == "price-of"
    edit = await session.client.text_document_rename_async(
        types.RenameParams(place.text_document, place.position, "cost-of")
    )
    assert edit is not None
    changes = [one for one in edit.document_changes or () if isinstance(one, types.TextDocumentEdit)]
    assert [(one.text_document.uri, one.text_document.version, len(one.edits)) for one in changes] == [
        (here, 1, 2),
        (there, None, 1),
    ]
    assert {row.new_text for one in changes for row in one.edits if isinstance(row, types.TextEdit)} == {
        "cost-of"
    }
    event = types.WorkspaceFoldersChangeEvent(added=[], removed=[folder])
    session.client.workspace_did_change_workspace_folders(types.DidChangeWorkspaceFoldersParams(event))


async def test_what_cannot_be_renamed_says_why(session: Session) -> None:
    place = session.open_at_cursor('print(Tool.get("calcu$0lator"))')
    with pytest.raises(JsonRpcException, match="'calculator' is a tool of llmspell"):
        await session.client.text_document_prepare_rename_async(
            types.PrepareRenameParams(place.text_document, place.position)
        )
    place = session.open_at_cursor("local a$0 = 1\nlocal b = 2\nprint(a, b)")
    with pytest.raises(JsonRpcException, match="with the name 'b' something else would be meant"):
        await session.client.text_document_rename_async(
            types.RenameParams(place.text_document, place.position, "b")
        )


@pytest.mark.parametrize(
    ("language", "source"),
    [
        ("lua", "function greet(name) return name end"),
        ("javascript", "function greet(name) { return name; }"),
    ],
)
async def test_document_symbols(session: Session, language: str, source: str) -> None:
    uri = session.open(source, language)  # type: ignore[arg-type]
    found = await session.client.text_document_document_symbol_async(
        types.DocumentSymbolParams(types.TextDocumentIdentifier(uri))
    )
    assert isinstance(found, list)
    assert [(one.name, one.kind) for one in found] == [("greet", types.SymbolKind.Function)]
    assert isinstance(found[0], types.DocumentSymbol)
    assert session.slice(uri, found[0].selection_range) == "greet"


async def test_pulled_diagnostics_know_when_nothing_changed(session: Session) -> None:
    uri = session.open("print(anwser)")
    report = await session.pull(uri)
    assert isinstance(report, types.RelatedFullDocumentDiagnosticReport)
    assert [(one.code, session.slice(uri, one.range)) for one in report.items] == [("LS401", "anwser")]
    again = await session.pull(uri, report.result_id)
    assert isinstance(again, types.RelatedUnchangedDocumentDiagnosticReport)
    session.replace(uri, "\nprint(anwser)", 2)
    moved = await session.pull(uri, report.result_id)
    assert isinstance(moved, types.RelatedFullDocumentDiagnosticReport)
    assert moved.items[0].range.start.line == 1


async def test_quick_fixes_change_what_they_say(session: Session) -> None:
    uri = session.open("local answer = 1\nprint(anwser, answer)")
    where = types.Range(session.position(uri, 24), session.position(uri, 24))
    found = await session.client.text_document_code_action_async(
        types.CodeActionParams(types.TextDocumentIdentifier(uri), where, types.CodeActionContext([]))
    )
    assert found is not None
    actions = [one for one in found if isinstance(one, types.CodeAction)]
    assert [one.title for one in actions] == [
        "Change to 'answer'",
        "Ignore LS401 (undefined-variable) on this line",
    ]
    assert _edited(session, uri, actions[0]) == "local answer = 1\nprint(answer, answer)"
    assert _edited(session, uri, actions[1]).endswith("answer) -- llmspell: ignore LS401")


@pytest.mark.parametrize("encoding", ENCODINGS)
async def test_columns_count_what_was_agreed_on(encoding: str) -> None:
    source = '-- 漢字 😀\nlocal s = "😀漢é" print(anwser, s)'
    async with serving(abilities=capabilities(encodings=[encoding])) as running:
        assert running.encoding == encoding
        uri = running.open(source)
        (found,) = await running.pulled(uri)
        assert running.slice(uri, found.range) == "anwser"
        # An edit right after the wide characters lands where the editor meant it.
        at = running.position(uri, source.index("anwser"))
        end = running.position(uri, source.index("anwser") + len("anwser"))
        running.change(uri, 2, types.TextDocumentContentChangePartial(types.Range(at, end), "s"))
        assert await running.pulled(uri) == []


async def test_carriage_returns_end_lines(session: Session) -> None:
    uri = session.open("local a = 1\r\nprint(a)\r\nprint(anwser)\r\n")
    (found,) = await session.pulled(uri)
    assert (found.range.start.line, found.range.start.character) == (2, 6)


def _edited(session: Session, uri: str, action: types.CodeAction) -> str:
    """The document after an action's edits, which are given from the end backwards."""
    assert action.edit is not None
    changes = action.edit.document_changes
    assert changes is not None
    (change,) = changes
    assert isinstance(change, types.TextDocumentEdit)
    text = session.texts[uri]
    from llmspell_lsp import from_lsp

    for edit in sorted(change.edits, key=lambda one: one.range.start.line, reverse=True):
        assert isinstance(edit, types.TextEdit)
        text = text.replace(from_lsp.span(text, edit.range, session.encoding), edit.new_text)
    return text.value


async def test_of_a_long_list_what_goes_with_the_typed_letters_comes(session: Session) -> None:
    declared = "".join(f"local name{number} = {number}\n" for number in range(400))
    place = session.open_at_cursor(f"{declared}print(nm39$0)")
    found = await session.client.text_document_completion_async(
        types.CompletionParams(place.text_document, place.position)
    )
    assert isinstance(found, types.CompletionList)
    assert found.is_incomplete
    labels = [one.label for one in found.items]
    assert {"name39", "name390", "name399"} <= set(labels)
    assert "name1" not in labels
    assert len(labels) <= 200
