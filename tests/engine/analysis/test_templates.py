"""Templates in the texts of workflows: what is proposed in them, and where a step is that they name."""

from __future__ import annotations

import pytest
from llmspell_engine.analysis.workspace import Workspace
from llmspell_engine.language import LANGUAGES, Language
from support.lint import SUFFIXES

FORMS: dict[str, tuple[str, str]] = {
    "a table": (
        'Workflow.sequential({ steps = {\n  { name = "sum", tool = "calculator", input = { input = "1" } },\n'
        '  { name = "letter", agent = "writer", input = "T" },\n} })',
        'Workflow.sequential({ steps: [\n  { name: "sum", tool: "calculator", input: { input: "1" } },\n'
        '  { name: "letter", agent: "writer", input: "T" },\n] });',
    ),
    "a builder": (
        'Workflow.builder():sequential()\n  :add_step({ name = "sum", tool = "calculator", input = {} })\n'
        '  :add_step({ name = "letter", tool = "calculator", input = { input = "T" } })\n  :build()',
        'Workflow.builder().sequential()\n  .addStep({ name: "sum", tool: "calculator", input: {} })\n'
        '  .addStep({ name: "letter", tool: "calculator", input: { input: "T" } })\n  .build();',
    ),
    "a condition": (
        'Workflow.conditional({ steps = {\n  { name = "sum", tool = "calculator", input = {} },\n'
        '}, branches = { { condition = "T", steps = { { name = "letter", agent = "writer" } } } } })',
        'Workflow.conditional({ steps: [\n  { name: "sum", tool: "calculator", input: { input: "1" } },\n'
        '], branches: [{ condition: "T", steps: [{ name: "letter", agent: "writer" }] }] });',
    ),
}
each_form = pytest.mark.parametrize("form", FORMS)
both = pytest.mark.parametrize("language", LANGUAGES)


def proposed(text: str, language: Language) -> list[str]:
    """The labels at the ``$0``."""
    path = f"/script{SUFFIXES[language]}"
    workspace = Workspace()
    workspace.open(path, text.replace("$0", ""), language)
    return [one.label for one in workspace.snapshot().completions_at(path, text.index("$0")).items]


def script(form: str, language: Language, template: str) -> str:
    """A workflow with a text."""
    return FORMS[form][language == "javascript"].replace("T", template, 1)


@both
@each_form
@pytest.mark.parametrize(
    ("template", "first", "others"),
    [
        ("{{ $0 }}", "sum", {"input", "state", "item"}),
        ("{{ su$0", "sum", {"letter"}),
        ("{{ sum.$0 }}", "text", {"data", "output"}),
        ("so {{ sum.te$0 }} and", "text", {"success"}),
        ("{{ sum.text }} {{ $0 }}", "sum", {"steps"}),
        ("{{ steps.$0 }}", "sum", {"letter"}),
        ("{{ steps.sum.$0 }}", "text", {"data"}),
    ],
)
def test_steps_are_proposed(
    template: str, first: str, others: set[str], form: str, language: Language
) -> None:
    labels = proposed(script(form, language, template), language)
    assert labels[0] == first
    assert others <= set(labels)


@both
@pytest.mark.parametrize("template", ["$0", "sum $0", "{{ sum.text }} $0", "{{ nothing.$0 }}"])
def test_nothing_is_proposed_elsewhere(template: str, language: Language) -> None:
    assert proposed(script("a table", language, template), language) == []


@both
def test_texts_of_anything_else_are_no_templates(language: Language) -> None:
    assert proposed('print("{{ $0 }}")' if language == "lua" else 'console.log("{{ $0 }}");', language) == []


@both
@each_form
@pytest.mark.parametrize(
    "template", ["{{ su$0m.text }}", "a {{ 1 + sum$0.data }} b", "{{ steps.su$0m.text }}"]
)
def test_the_step_is_found(template: str, form: str, language: Language) -> None:
    text = script(form, language, template)
    path = f"/script{SUFFIXES[language]}"
    workspace = Workspace()
    workspace.open(path, text.replace("$0", ""), language)
    (found,) = workspace.snapshot().definition_at(path, text.index("$0"))
    assert found.span.start == text.index("sum")
    assert text[found.span.start : found.span.end] == "sum"


@both
def test_a_field_is_no_step(language: Language) -> None:
    text = script("a table", language, "{{ state.su$0m }}")
    path = f"/script{SUFFIXES[language]}"
    workspace = Workspace()
    workspace.open(path, text.replace("$0", ""), language)
    assert workspace.snapshot().definition_at(path, text.index("$0")) == ()
