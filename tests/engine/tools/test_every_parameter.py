"""Each parameter of each tool, at any depth, refuses what its schema does not allow, and says so in scripts.

The rows are derived from the catalog, so that none is missed. One script of each language calls them all.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from llmspell_engine.catalog.loader import load
from llmspell_engine.catalog.model import spelled
from llmspell_engine.language import LANGUAGES, Language
from support.runtime import Script, host, run
from support.wrong_values import Wrong, Wrongs

CATALOG = load()
CALLS = {
    "lua": """
        for _, row in ipairs(host.rows()) do
          local ok, problem = pcall(Tool.execute, row.tool, row.parameters)
          host.heard(row.number, ok and "it was taken" or problem.message)
        end""",
    "javascript": """
        for (const row of host.rows()) {
          try { await Tool.execute(row.tool, row.parameters); host.heard(row.number, "it was taken"); }
          catch (error) { host.heard(row.number, error.message); }
        }""",
}


@cache
def rows(tool: str) -> list[Wrong]:
    return list(Wrongs(CATALOG.tools[tool].parameters, CATALOG.definitions).all())


@cache
def heard(language: Language) -> dict[str, list[str]]:
    """What scripts of a language hear of each row, by tool."""
    every = [(tool, wrong) for tool in CATALOG.tools for wrong in rows(tool)]
    given = [
        {"tool": tool, "number": number, "parameters": _in(language, wrong.table)}
        for number, (tool, wrong) in enumerate(every)
    ]
    said = [""] * len(every)

    def hear(number: float, message: str) -> None:
        said[int(number)] = message

    ran = run(Script(language, CALLS[language], names=host(rows=lambda: given, heard=hear)))
    assert ran.error is None
    found: dict[str, list[str]] = {tool: [] for tool in CATALOG.tools}
    for (tool, _), message in zip(every, said, strict=True):
        found[tool].append(message)
    return found


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("tool", CATALOG.tools)
def test_each_wrong_parameter_is_told_with_the_tool_the_place_and_what_is_allowed(
    tool: str, language: Language
) -> None:
    missed = [
        f"{wrong.about}: {wrong.table}\n    {message}"
        for wrong, message in zip(rows(tool), heard(language)[tool], strict=True)
        if not (message.startswith(f"{tool}: ") and wrong.is_told(message, language))
    ]
    assert not missed, "\n".join(missed)


def _in(language: Language, value: Any) -> Any:
    """A table with its keys as a language spells them."""
    if isinstance(value, dict):
        return {spelled(key, language): _in(language, one) for key, one in value.items()}
    return [_in(language, one) for one in value] if isinstance(value, list) else value


@pytest.mark.parametrize("tool", CATALOG.tools)
def test_there_are_rows_of_each_parameter(tool: str) -> None:
    """A parameter that takes anything has none of its own, which its schema must say."""
    properties = CATALOG.tools[tool].parameters["properties"]
    spoilt = {wrong.place[0] for wrong in rows(tool)}
    takes_all = {
        name for name, one in properties.items() if not one.keys() & {"type", "anyOf", "enum", "$ref"}
    }
    assert {name for name, one in properties.items() if not one.get("deprecated")} <= spoilt | takes_all
