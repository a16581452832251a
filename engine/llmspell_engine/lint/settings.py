"""Which rules run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from llmspell_engine.lint.registry import rules
from llmspell_engine.lint.suggest import did_you_mean, nearest

if TYPE_CHECKING:
    from collections.abc import Iterable

    from llmspell_engine.lint.rule import Rule


@dataclass(frozen=True, slots=True)
class LintSettings:
    """Selectors are codes (``LS101``), the beginnings of codes (``LS1``) or names (``unknown-tool``).

    ``select`` empty means every rule; ``ignore`` wins over ``select``.
    """

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()

    def allows(self, rule: Rule) -> bool:
        """Whether a rule runs."""
        if self.select and not any(_matches(selector, rule) for selector in self.select):
            return False
        return not any(_matches(selector, rule) for selector in self.ignore)


def unknown_selectors(selectors: Iterable[str]) -> list[str]:
    """A sentence for each selector that matches no rule."""
    known = [one.rule for one in rules()]
    return [_complaint(word, known) for word in selectors if not any(_matches(word, rule) for rule in known)]


def _matches(selector: str, rule: Rule) -> bool:
    if selector.lower() == rule.name:
        return True
    code = selector.upper()
    return code.startswith("LS") and rule.code.startswith(code)


def _complaint(word: str, known: list[Rule]) -> str:
    names = [rule.name for rule in known] + [rule.code for rule in known]
    return f"no rule is called '{word}'{did_you_mean(nearest(word, names))}"
