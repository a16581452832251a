"""Every rule in both languages, from ``rules/*.md``: what it reports, and what it leaves alone.

A fenced block is a script; ``<!marks!>`` stand around what is reported, and the lines that follow the
block and begin with ``>`` are the messages, in order. A block without messages must be clean.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest
from llmspell_engine.lint.registry import rule_named, rules
from support.lint import check_lint

if TYPE_CHECKING:
    from llmspell_engine.language import Language
    from llmspell_engine.lint.rule import Rule

SUITES = Path(__file__).parent / "rules"
BLOCK = re.compile(
    r"^```(?P<language>lua|javascript)\n(?P<source>.*?)\n```\n(?P<messages>(?:> [^\n]*\n)*)",
    re.DOTALL | re.MULTILINE,
)
ELSEWHERE = {"unused-suppression", "unknown-suppression"}
"""Rules with a test module of their own."""


def _cases() -> Iterator[object]:
    for suite in sorted(SUITES.glob("*.md")):
        text = suite.read_text("utf-8")
        for block in BLOCK.finditer(text):
            line = text.count("\n", 0, block.start()) + 1
            messages = [message[2:] for message in block["messages"].splitlines()]
            yield pytest.param(
                suite.stem, block["language"], block["source"], messages, id=f"{suite.name}:{line}"
            )


@pytest.mark.parametrize(("name", "language", "source", "messages"), list(_cases()))
def test_rule(name: str, language: str, source: str, messages: list[str]) -> None:
    found = rule_named(name)
    assert found is not None
    expected = [f"{found.rule.code} {message}" for message in messages]
    check_lint(source, *expected, language=cast("Language", language), select=name)


@pytest.mark.parametrize("rule", [one.rule for one in rules() if one.rule.name not in ELSEWHERE])
def test_each_rule_has_a_suite_in_its_languages(rule: Rule) -> None:
    blocks = list(BLOCK.finditer((SUITES / f"{rule.name}.md").read_text("utf-8")))
    for language in rule.languages:
        assert {bool(block["messages"]) for block in blocks if block["language"] == language} == {True, False}
