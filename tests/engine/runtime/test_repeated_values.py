"""Values that hold the same tables in many places: they pass as copies, of which there is a limit."""

# ruff: noqa: E501 (scripts read best on one line)

from __future__ import annotations

import pytest
from llmspell_engine.language import LANGUAGES, Language
from support.runtime import check_error, check_out

pytestmark = pytest.mark.timeout(60)
MOST = "holds the same values more than 100000 times over, and each time counts: pass what is needed of it"
GROWN = {
    "lua": "local t = { 1 } for _ = 1, %d do t = { t, t } end ",
    "javascript": "let t = [1]; for (let i = 0; i < %d; i++) t = [t, t]; ",
}
"""As many levels of lists that hold the next one twice."""
TAKERS = {
    "State.save": ("State.save('global', 'k', t)", "State.save('global', 'k', t)", "State.save: argument 3"),
    "JSON.stringify": ("JSON.stringify({ t = t })", None, "JSON.stringify: argument 1"),
    "Tool.execute": (
        "Tool.execute('json-processor', { input = t })",
        "await Tool.execute('json-processor', { input: t })",
        "Tool.execute: argument 2",
    ),
}


@pytest.mark.parametrize("name", TAKERS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_what_would_be_more_than_fits_any_memory_is_refused(language: Language, name: str) -> None:
    lua, javascript, told = TAKERS[name]
    call = lua if language == "lua" else javascript
    if call is not None:
        check_error(language, GROWN[language] % 40 + call, f"{told} {MOST}")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_list_may_hold_one_table_many_times(language: Language) -> None:
    text = {
        "lua": "local one, all = { tags = { 'x' } }, {} for i = 1, 30000 do all[i] = one end State.save('global', 'k', all)"
        " local back = State.load('global', 'k') print(#back, back[30000].tags[1], back[1] ~= back[2])",
        "javascript": "const one = { tags: ['x'] }; State.save('global', 'k', Array(30000).fill(one));"
        " const back = State.load('global', 'k'); console.log(back.length + '\\t' + back[29999].tags[0] + '\\t' + (back[0] !== back[1]))",
    }
    check_out(language, text[language], "30000\tx\ttrue\n")


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_still_small_passes(language: Language) -> None:
    text = {"lua": "print(#JSON.stringify(t))", "javascript": "console.log(JSON.stringify(t).length)"}
    check_out(
        language, GROWN[language] % 10 + text[language], {"lua": "6141\n", "javascript": "6141\n"}[language]
    )
