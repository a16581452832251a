"""What is reported of a script that does not parse: the fault, and what stands in whole statements."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from support.lint import check_lint, lint

if TYPE_CHECKING:
    from llmspell_engine.language import Language

CALL = 'Tool.execute("calculater", {})'
UNKNOWN = "LS111 no tool is called 'calculater'; did you mean 'calculator'?"


@pytest.mark.parametrize(
    ("source", "codes"),
    [
        (f"{CALL}\nprint(1))", ["LS111", "LS001"]),
        (f"local function f()\n  {CALL}\n  print(1,)\nend", ["LS111", "LS001"]),
        (f"print({CALL}, 1 2)", ["LS001"]),
        ("print(undefined) print(1))", ["LS001"]),
        ("local unused = 1 print(1))", ["LS001"]),
    ],
)
def test_in_lua(source: str, codes: list[str]) -> None:
    assert [one.code for one in lint(source)] == codes


@pytest.mark.parametrize(
    ("source", "codes"),
    [
        (f"{CALL};\nconst a = 1 2;", ["LS111", "LS001"]),
        (f"function f() {{\n  {CALL};\n  const a = 1 2;\n}}", ["LS111", "LS001"]),
        (f"const a = [{CALL}, 1 2];", ["LS001"]),
    ],
)
def test_in_javascript(source: str, codes: list[str]) -> None:
    assert [one.code for one in lint(source, "javascript")] == codes


def test_a_script_being_written_keeps_its_other_findings() -> None:
    source = 'Tool.execute(<!"calculater"!>, {})\nprint(1)<!)!>'
    check_lint(source, UNKNOWN, "LS001 unexpected ')'")


@pytest.mark.parametrize("language", ["lua", "javascript"])
@pytest.mark.parametrize(
    "source", ["", "\n", "\ufeff", "\0", "(" * 2000, "{" * 500, "a." * 500, "\ud800", "--[[", "`", "'"]
)
def test_any_text_can_be_checked(source: str, language: Language) -> None:
    lint(source, language)
