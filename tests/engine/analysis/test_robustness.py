"""Analysis never raises, whatever the text and wherever the cursor."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from llmspell_engine.analysis.workspace import Workspace
from llmspell_engine.language import Language
from support.analysis import catalog, path_of

EXAMPLES = Path(__file__).parents[3] / "examples"
SCRIPTS: dict[Language, list[str]] = {
    "lua": [path.read_text() for path in sorted(EXAMPLES.rglob("*.lua"))],
    "javascript": [path.read_text() for path in sorted(EXAMPLES.rglob("*.js"))],
}
LANGUAGES = st.sampled_from(["lua", "javascript"])
PIECES = st.sampled_from(
    [
        "Agent", ".", ":", "(", ")", "{", "}", "[", "]", ",", "'", '"', "`", "${", "--", "//", "/*", "\n",
        " ", "=", "=>", "local ", "const ", "function ", "end ", "if ", "then ", "x", "🙂", "create",
        "Tool.execute", "'calculator'", "1", "for ", "in ", "of ", "do ", "return ", "import ", "from ",
        "class ", "...", "?.", "[[", "]]", "\\", "\0", "\r", "this", "self", "async ", "get ",
    ]
)  # fmt: skip


def ask_everything(text: str, language: Language, offset: int) -> None:
    """Put every question about a text, and check that all spans lie in it."""
    path = path_of(language)
    workspace = Workspace(catalog())
    workspace.open(path, text, language)
    snapshot = workspace.snapshot()
    for item in snapshot.completions_at(path, offset).items:
        assert 0 <= item.replace.start <= item.replace.end <= len(text)
        assert item.label
        if item.key:
            snapshot.completion_documentation(item.key)
    help_ = snapshot.signature_at(path, offset)
    if help_ is not None and help_.active_parameter is not None:
        assert help_.active_parameter < len(help_.signatures[help_.active_signature].parameters)
    found = snapshot.hover_at(path, offset)
    assert found is None or found.span.contains(offset)
    snapshot.definition_at(path, offset)
    for symbol in snapshot.symbols(path):
        assert (
            0
            <= symbol.span.start
            <= symbol.selection.start
            <= symbol.selection.end
            <= symbol.span.end
            <= len(text)
        )
    semantics = snapshot.document(path).semantics
    assert len(semantics.calls) == len(semantics.program.calls)
    assert len(semantics.member_accesses) == len(semantics.program.member_accesses)
    for table in semantics.tables:
        assert table.options
    for reference in semantics.references:
        assert text[reference.start : reference.end] == reference.name
    for made in semantics.declarations:
        assert made.is_implicit or text[made.start : made.end] == made.name


@settings(max_examples=250, deadline=None)
@given(st.data())
def test_cut_off_scripts(data: st.DataObject) -> None:
    language: Language = data.draw(LANGUAGES)
    script = data.draw(st.sampled_from(SCRIPTS[language]))
    cut = data.draw(st.integers(0, len(script)))
    ask_everything(script[:cut], language, cut)


@settings(max_examples=250, deadline=None)
@given(st.data())
def test_damaged_scripts(data: st.DataObject) -> None:
    language: Language = data.draw(LANGUAGES)
    script = data.draw(st.sampled_from(SCRIPTS[language]))
    start = data.draw(st.integers(0, len(script)))
    end = min(len(script), start + data.draw(st.integers(0, 20)))
    inserted = "".join(data.draw(st.lists(PIECES, max_size=5)))
    ask_everything(script[:start] + inserted + script[end:], language, start + len(inserted))


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES, max_size=25).map("".join), LANGUAGES, st.data())
def test_made_up_scripts(text: str, language: Language, data: st.DataObject) -> None:
    ask_everything(text, language, data.draw(st.integers(0, len(text))))


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=40), LANGUAGES, st.data())
def test_arbitrary_text(text: str, language: Language, data: st.DataObject) -> None:
    ask_everything(text, language, data.draw(st.integers(0, len(text))))


@settings(max_examples=40, deadline=None)
@given(PIECES, st.integers(100, 1500), LANGUAGES)
def test_deep_repetition(piece: str, times: int, language: Language) -> None:
    text = "x = " + piece * times
    ask_everything(text, language, len(text))


def test_every_prefix_of_the_examples_answers() -> None:
    for language, scripts in SCRIPTS.items():
        script = max(scripts, key=len)
        for cut in range(0, len(script), 7):
            ask_everything(script[:cut], language, cut)
