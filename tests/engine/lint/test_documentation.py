"""A rule's docstring is its documentation, so its examples must be true."""

from __future__ import annotations

import re

import pytest
from llmspell_engine.lint.registry import rule_named, rules
from llmspell_engine.lint.rule import RegisteredRule
from support.lint import lint

SECTIONS = ("What it does", "Why", "Example", "Use instead")
BLOCK = re.compile(r"^```(lua|javascript)\n(.*?)\n```$", re.DOTALL | re.MULTILINE)


def _sections(found: RegisteredRule) -> dict[str, str]:
    parts = re.split(r"^## (.+)$", found.documentation, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


@pytest.mark.parametrize("found", rules(), ids=lambda one: one.rule.name)
def test_documentation_is_whole_and_its_examples_are_true(found: RegisteredRule) -> None:
    assert found.documentation.splitlines()[0].endswith(".")
    sections = _sections(found)
    assert tuple(sections) == SECTIONS
    for section, is_reported in (("Example", True), ("Use instead", False)):
        blocks = BLOCK.findall(sections[section])
        assert [language for language, _ in blocks] == list(found.rule.languages)
        for language, source in blocks:
            codes = [one.code for one in lint(source, language)]
            assert (found.rule.code in codes) is is_reported, (language, codes)
            if not is_reported:
                assert codes == [], (language, codes)


def test_codes_and_names_are_well_formed_and_unique() -> None:
    facts = [one.rule for one in rules()]
    assert all(re.fullmatch(r"LS[0-7]\d\d", one.code) for one in facts)
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", one.name) for one in facts)
    assert len({one.code for one in facts}) == len({one.name for one in facts}) == len(facts)


def test_a_module_is_called_as_its_rule() -> None:
    for one in rules():
        assert one.check.__module__.rpartition(".")[2] == one.rule.name.replace("-", "_")


def test_rules_are_found_by_code_and_name() -> None:
    assert rule_named("ls111") == rule_named("Unknown-Tool") == rule_named("LS111")
    assert rule_named("LS11") is None
