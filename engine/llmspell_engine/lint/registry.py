"""Finds the rules: every module of :mod:`llmspell_engine.lint.rules` is one."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from inspect import cleandoc
from pathlib import Path

from llmspell_engine.lint import rules as package
from llmspell_engine.lint.rule import RegisteredRule


@cache
def rules() -> tuple[RegisteredRule, ...]:
    """All rules, by code."""
    files = Path(package.__path__[0]).glob("[!_]*.py")
    found = (_load(file.stem) for file in files)
    return tuple(sorted(found, key=lambda one: one.rule.code))


def rule_named(word: str) -> RegisteredRule | None:
    """The rule of a code (in any case) or a name."""
    code, name = word.upper(), word.lower()
    return next((one for one in rules() if code == one.rule.code or name == one.rule.name), None)


def _load(name: str) -> RegisteredRule:
    module = import_module(f"{package.__name__}.{name}")
    return RegisteredRule(module.RULE, cleandoc(module.__doc__ or ""), module.check)
