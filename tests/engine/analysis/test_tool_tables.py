"""Tables that name a tool and have its parameters beside: steps of workflows, calls in a batch, chains."""

from __future__ import annotations

import pytest
from llmspell_engine.analysis.workspace import Workspace
from llmspell_engine.language import LANGUAGES, Language
from support.lint import SUFFIXES, lint

PLACES: dict[str, tuple[str, str]] = {
    "a step": (
        'Workflow.sequential({ steps = { { name = "s", tool = "text-manipulator", input = { P } } } })',
        'Workflow.sequential({ steps: [{ name: "s", tool: "text-manipulator", input: { P } }] });',
    ),
    "a step of a builder": (
        'Workflow.builder():sequential():add_step({ name = "s", tool = "text-manipulator", input = { P } })',
        'Workflow.builder().sequential().addStep({ name: "s", tool: "text-manipulator", input: { P } });',
    ),
    "what undoes a step": (
        'Workflow.sequential({ steps = { { name = "s", execute = f,'
        ' compensate = { tool = "text-manipulator", input = { P } } } } })',
        'Workflow.sequential({ steps: [{ name: "s", execute: f,'
        ' compensate: { tool: "text-manipulator", input: { P } } }] });',
    ),
    "a call in a batch": (
        'Tool.batch({ { tool = "text-manipulator", parameters = { P } } })',
        'await Tool.batch([{ tool: "text-manipulator", parameters: { P } }]);',
    ),
    "a link of a chain": (
        'Tool.chain({ { tool = "text-manipulator", parameters = { P } } })',
        'Tool.chain([{ tool: "text-manipulator", parameters: { P } }]);',
    ),
    "a link of a chain, by a handle": (
        'local tool = Tool.get("text-manipulator")\nTool.chain({ { tool = tool, parameters = { P } } })',
        'const tool = Tool.get("text-manipulator");\nTool.chain([{ tool, parameters: { P } }]);',
    ),
}
each_place = pytest.mark.parametrize("place", PLACES)
both = pytest.mark.parametrize("language", LANGUAGES)


def script(place: str, language: Language, lua: str, javascript: str) -> str:
    """A script with parameters in a place."""
    texts = PLACES[place]
    return texts[1].replace("P", javascript) if language == "javascript" else texts[0].replace("P", lua)


def found(text: str, language: Language) -> list[tuple[str, str]]:
    """The findings about tools and their parameters: their codes, and what they are about."""
    named = ("LS112", "LS113", "LS114")
    return [
        (one.code, text[one.span.start : one.span.end]) for one in lint(text, language) if one.code in named
    ]


@both
@each_place
def test_parameters_are_proposed(place: str, language: Language) -> None:
    text = script(place, language, 'operation = "$0"', 'operation: "$0"')
    labels = proposed(text, language)
    assert {"uppercase", "truncate"} <= labels
    assert {"operation", "options"} <= proposed(script(place, language, "$0", "$0"), language)


def proposed(text: str, language: Language) -> set[str]:
    """The labels at the ``$0``."""
    path = f"/script{SUFFIXES[language]}"
    workspace = Workspace()
    workspace.open(path, text.replace("$0", ""), language)
    return {one.label for one in workspace.snapshot().completions_at(path, text.index("$0")).items}


@both
@each_place
def test_wrong_parameters_are_told(place: str, language: Language) -> None:
    text = script(
        place,
        language,
        'operation = "upcase", input = "x", inpt = 1',
        'operation: "upcase", input: "x", inpt: 1',
    )
    assert sorted(found(text, language)) == [
        ("LS112", "inpt"),
        ("LS114", '"upcase"'),
    ]


@both
@each_place
def test_what_is_missing_is_told_where_nothing_else_gives_it(place: str, language: Language) -> None:
    text = script(place, language, 'operation = "uppercase"', 'operation: "uppercase"')
    assert [code for code, _ in found(text, language)] == ([] if "chain" in place else ["LS113"])


@both
@each_place
def test_templates_are_no_wrong_values_in_steps(place: str, language: Language) -> None:
    text = script(
        place,
        language,
        'operation = "{{ input.how }}", input = "{{ s.text }}"',
        'operation: "{{ input.how }}", input: "{{ s.text }}"',
    )
    fills = place in {"a step", "a step of a builder", "what undoes a step"}
    assert [code for code, _ in found(text, language)] == ([] if fills else ["LS114"])
