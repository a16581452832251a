"""Templates in the inputs of steps: values keep their types, and what is not known is told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from llmspell_engine.worded import Worded
from llmspell_engine.workflows.results import WorkflowError
from llmspell_engine.workflows.templates import check, evaluated, rendered

NAMES: dict[str, Any] = {
    "draft": {"text": "hi", "data": {"n": 3, "items": [1, 2]}, "error": None},
    "input": {"topic": "bees"},
    "n": 2,
    "step": Worded(text="done", data={"n": 3}),
}


@pytest.mark.parametrize(
    ("value", "expect"),
    [
        ("plain { text }", "plain { text }"),
        ("it is {{ step }}: {{ step.data }}", 'it is done: {"n": 3}'),
        ("{{ step }}", {"text": "done", "data": {"n": 3}}),
        ("{{ draft.data }}", {"n": 3, "items": [1, 2]}),
        ("  {{ n }}  ", 2),
        ("{{ n }}{{ n }}", "22"),
        ("{{ draft.data.n > n }}", True),
        ("{{ draft.error }}", None),
        ("{{ draft.data.items }}", [1, 2]),
        ("{{ draft.data['items'][1] }}", 2),
        ("{{ {'a': n} }}", {"a": 2}),
        ("{{ missing|default(7) }}", 7),
        ("{{ missing is defined }}", False),
        ("{% for one in draft.data['items'] %}<{{ one }}>{% endfor %}", "<1><2>"),
        ("about {{ input.topic|upper }}\n", "about BEES\n"),
        ({"a": ["{{ n }}", {"b": "{{ n }}!"}], "c": 1.5}, {"a": [2, {"b": "2!"}], "c": 1.5}),
    ],
)
def test_rendered(value: Any, expect: Any) -> None:
    assert rendered(value, lambda: NAMES, "here") == expect


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("{{ drft.text }}", "here: the template names 'drft', which is not known; did you mean 'draft'?"),
        ("{{ zzz }}", "here: the template names 'zzz', which is not known; there is draft, input, n, step"),
        ("{{ draft.txt }}!", "here: the template names 'txt', which is not known; did you mean 'text'?"),
        ("{{ n.foo }}", "here: the template names 'foo', which is not known"),
        (["{{ 1 / 0 }}"], "here[1]: the template failed: division by zero"),
        ({"a": "{{ n"}, "here.a: the template cannot be read: unexpected end of template, expected 'end of"),
        ("{{ ''.__class__ }}", "here: the template names '__class__', which is not known"),
        ("{{ n.__class__.__mro__ }}", "here: the template names '__class__', which is not known"),
    ],
)
def test_refused(value: Any, message: str) -> None:
    with pytest.raises(WorkflowError) as failure:
        rendered(value, lambda: NAMES, "here")
    assert str(failure.value).startswith(message)


def test_variables_are_made_only_where_a_template_stands() -> None:
    assert rendered({"a": "plain"}, lambda: pytest.fail("asked for variables"), "here") == {"a": "plain"}


@pytest.mark.parametrize(("text", "expect"), [("{{ n > 1 }}", True), ("n > 5", False), ("draft.error", None)])
def test_evaluated(text: str, expect: Any) -> None:
    assert evaluated(text, lambda: NAMES, "here") is expect


@given(st.text())
def test_any_text_is_rendered_or_refused_with_a_sentence(text: str) -> None:
    for work in (lambda: rendered(text, lambda: NAMES, "here"), lambda: check(text, "here")):
        problem = _problem_of(work)
        assert problem is None or problem.startswith("here: the template")


def _problem_of(work: Callable[[], object]) -> str | None:
    try:
        work()
    except WorkflowError as error:
        return str(error)
    return None


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text("ab c"), st.lists, max_leaves=9))
def test_a_value_passes_through_a_template_unchanged(value: Any) -> None:
    assert rendered("{{ value }}", lambda: {"value": value}, "here") == value
