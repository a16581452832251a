"""What templates read and show: tables, truth values and nothing, as scripts know them."""

from __future__ import annotations

from typing import Any

import pytest
from jinja2 import UndefinedError
from jinja2.exceptions import SecurityError
from llmspell_engine.templating import TemplateEnvironment

VALUES: dict[str, Any] = {
    "table": {"items": [1, 2], "keys": None, "on": True},
    "list": [{"a": "ä"}],
    "nothing": None,
    "number": 1.5,
}
SHOWN = {
    "{{ table.items }}": "[1, 2]",
    "{{ table }}": '{"items": [1, 2], "keys": null, "on": true}',
    "{{ list }}": '[{"a": "ä"}]',
    "{{ table.on }} {{ not table.on }}": "true false",
    "[{{ nothing }}{{ table.keys }}]": "[]",
    "{{ number }}": "1.5",
    "{{ list[0].a | upper }}\n": "Ä\n",
}


@pytest.mark.parametrize(("template", "text"), SHOWN.items())
def test_values_are_shown_as_scripts_know_them(template: str, text: str) -> None:
    assert TemplateEnvironment().from_string(template).render(VALUES) == text


@pytest.mark.parametrize("template", ["{{ table.update }}", "{{ other }}", "{{ table.nobody }}"])
def test_what_is_not_there_is_an_error(template: str) -> None:
    with pytest.raises(UndefinedError):
        TemplateEnvironment().from_string(template).render(VALUES)


def test_the_sandbox_holds() -> None:
    with pytest.raises(SecurityError):
        TemplateEnvironment().from_string("{{ ''.__class__.__mro__ }}").render()
