"""Values with more levels than pass: told in the bridge's own words, in both languages, wherever they end."""

from __future__ import annotations

import pytest
from llmspell_engine.language import LANGUAGES, Language
from support.runtime import Script, run

DEEPER = ("TypeError", "value is nested deeper than 100 levels")
FURTHER = ("ToolError", "json-processor: what it was given is nested too deeply to be gone through")
TOOL = {
    "lua": "Tool.execute('json-processor', { input = ('['):rep(N) .. (']'):rep(N) })",
    "javascript": "await Tool.execute('json-processor', { input: '['.repeat(N) + ']'.repeat(N) })",
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("levels", "told"), [(150, DEEPER), (900, DEEPER), (50_000, FURTHER)])
def test_what_a_tool_gives(levels: int, told: tuple[str, str], language: Language) -> None:
    ran = run(Script(language, TOOL[language].replace("N", str(levels))))
    assert ran.error is not None
    assert (ran.error.kind, str(ran.error)) == told


@pytest.mark.parametrize(
    ("levels", "told"),
    [(150, DEEPER), (900, DEEPER), (50_000, ("JSONError", "the text is nested too deeply"))],
)
def test_what_json_of_lua_gives(levels: int, told: tuple[str, str]) -> None:
    ran = run(Script("lua", f"JSON.parse(('['):rep({levels}) .. (']'):rep({levels}))"))
    assert ran.error is not None
    assert (ran.error.kind, str(ran.error)) == told


def test_a_text_for_a_tool_that_reads_it_itself() -> None:
    text = "Tool.execute('schema-inferrer', { input = ('['):rep(50000) })"
    ran = run(Script("lua", text))
    assert str(ran.error) == ("schema-inferrer: what it was given is nested too deeply to be gone through")
