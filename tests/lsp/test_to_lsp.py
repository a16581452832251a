"""What less able editors are sent."""

from __future__ import annotations

import pytest
from llmspell_engine.analysis.model import Signature, SignatureHelp, SignatureParameter
from llmspell_engine.text import Span
from llmspell_lsp import to_lsp
from llmspell_lsp.client import Client
from llmspell_lsp.state import ServerState
from lsprotocol import types


@pytest.mark.parametrize(
    ("snippet", "expected"),
    [
        ("plain", "plain"),
        ('name = "$1"', 'name = ""'),
        ('execute({ text = "$1" })$0', 'execute({ text = "" })'),
        ("${1:first}, ${2:second}", "first, second"),
        ("${1|one,two|}", "one"),
        (r"cost \$5 \}", "cost $5 }"),
    ],
)
def test_snippets_without_tab_stops(snippet: str, expected: str) -> None:
    assert to_lsp.without_tab_stops(snippet) == expected


def test_plain_text_for_an_editor_that_shows_no_markdown() -> None:
    markdown = "```lua\nAgent.create()\n```\n\n**Makes** an `Agent`."
    assert to_lsp.documentation(markdown, keep=False) == "Agent.create()\n\nMakes an Agent."
    kept = to_lsp.documentation(markdown, keep=True)
    assert kept == types.MarkupContent(types.MarkupKind.Markdown, markdown)


def test_parameters_are_told_in_utf_16_or_by_name() -> None:
    signature = Signature(
        "f(😀: a, b)", "", (SignatureParameter(Span(2, 6), ""), SignatureParameter(Span(8, 9), ""))
    )
    found = SignatureHelp((signature,), 0, None)
    state = ServerState()
    state.client = Client(encoding="utf-8", signature_offsets=True)
    told = to_lsp.signature_help(state.view(), found)
    assert [one.label for one in told.signatures[0].parameters or ()] == [(2, 7), (9, 10)]
    assert told.active_parameter == 2
    state.client = Client(no_active_parameter=True)
    told = to_lsp.signature_help(state.view(), found)
    assert [one.label for one in told.signatures[0].parameters or ()] == ["😀: a", "b"]
    assert told.active_parameter is None


@pytest.mark.parametrize(
    ("path", "uri"),
    [("/a b/ü.lua", "file:///a%20b/%C3%BC.lua"), ("untitled:Untitled-1", "untitled:Untitled-1")],
)
def test_paths_become_uris(path: str, uri: str) -> None:
    assert to_lsp.uri(path) == uri
