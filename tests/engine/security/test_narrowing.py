"""Telling what one set of permissions allows no longer that another did."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any, get_args, get_type_hints

import pytest
from llmspell_engine.security import narrowing
from llmspell_engine.security.narrowing import is_wider, taken_back
from llmspell_engine.security.profiles import PROFILES, Profile
from support.security import permissions

LEVELS: dict[str, tuple[Any, ...]] = {
    "read": ("all", "root", "listed"),
    "write": ("all", "root", "listed"),
    "hosts": ("all", "local", "public", "listed"),
    "https": (False, True),
    "processes": ("all", "listed"),
    "variables": ("all", "plain", "usual", "listed"),
    "modules": ("all", "listed", "own"),
}
"""The levels of each rule, the widest first, as the profiles and their documentation have them."""
STEPS = [(rule, pair) for rule, levels in LEVELS.items() for pair in pairwise(levels)]


def test_every_rule_and_level_is_known() -> None:
    hints = get_type_hints(Profile)
    assert {rule: set(get_args(hints[rule]) or (False, True)) for rule in LEVELS} == {
        rule: set(levels) for rule, levels in LEVELS.items()
    }
    assert set(narrowing._LADDERS) == set(LEVELS)


@pytest.mark.parametrize(("rule", "levels"), STEPS)
def test_a_lower_level_is_taken_back_and_a_higher_one_is_not(rule: str, levels: tuple[Any, Any]) -> None:
    rules = PROFILES["none"]
    wide, narrow = (replace(permissions(), rules=replace(rules, **{rule: level})) for level in levels)
    words = [str(level).lower() if isinstance(level, bool) else level for level in levels]
    assert taken_back(wide, narrow) == (f"{rule}: {words[0]} -> {words[1]}",)
    assert taken_back(narrow, wide) == ()
    assert (is_wider(narrow, wide), is_wider(wide, narrow)) == (True, False)


PROFILE_NAMES = ("none", "low", "medium", "high")


@pytest.mark.parametrize(("wide", "narrow"), list(pairwise(PROFILE_NAMES)))
def test_no_profile_gives_what_the_one_before_it_does_not(wide: str, narrow: str) -> None:
    assert taken_back(permissions(wide), permissions(narrow)) != ()
    assert taken_back(permissions(narrow), permissions(wide)) == ()


def test_other_limits_and_names_count_as_wider() -> None:
    usual = permissions()
    for other in (
        permissions(limits={"memory_mb": 2048}),
        replace(usual, rules=replace(usual.rules, refused={})),
    ):
        assert taken_back(usual, other) == ()
        assert is_wider(usual, other)
    assert not is_wider(usual, permissions())


def test_entries_of_lists_are_taken_back_one_by_one() -> None:
    before = permissions(hosts=("a", "b", "c"), processes=("git",))
    after = permissions(hosts=("b", "d"), processes=("git",))
    assert taken_back(before, after) == ("hosts: a", "hosts: c")
    assert is_wider(before, after)
