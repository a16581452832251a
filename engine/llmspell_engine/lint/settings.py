"""Which rules run."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from llmspell_engine.lint.registry import rules
from llmspell_engine.lint.suggest import did_you_mean, nearest
from llmspell_engine.security.configured import NameSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from llmspell_engine.diagnostics import Diagnostic, Severity
    from llmspell_engine.lint.rule import Rule


@dataclass(frozen=True, slots=True)
class LintSettings:
    """Selectors are codes (``LS101``), the beginnings of codes (``LS1``) or names (``unknown-tool``).

    ``select`` empty means every rule; ``ignore`` wins over ``select``.
    """

    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    severity: tuple[tuple[str, Severity], ...] = ()
    """Other severities of rules. The most exact selector of a rule wins, then the last one."""
    profile: str | None = None
    """The security profile in which the scripts run; the one that is configured for runs where not given."""
    tools: frozenset[str] = frozenset()
    """The tools of users that are found beside those of the engine."""
    packaged_tools: Callable[[], frozenset[str]] = field(default=frozenset, compare=False)
    """Gives the tools of installed packages; called only where a name is none of the others."""
    names: NameSettings = field(default_factory=NameSettings)
    """What is configured of the names that scripts get."""

    def allows(self, rule: Rule) -> bool:
        """Whether a rule runs."""
        if self.select and not any(_matches(selector, rule) for selector in self.select):
            return False
        return not any(_matches(selector, rule) for selector in self.ignore)

    def weighed(self, found: Diagnostic) -> Diagnostic:
        """A finding with the severity that it has here."""
        meant = [
            (_exactness(selector), at, severity)
            for at, (selector, severity) in enumerate(self.severity)
            if found.name == selector.lower() or _is_code_of(selector, found.code)
        ]
        return replace(found, severity=max(meant)[-1]) if meant else found


def unknown_selectors(selectors: Iterable[str]) -> list[str]:
    """A sentence for each selector that matches no rule."""
    known = [one.rule for one in rules()]
    return [_complaint(word, known) for word in selectors if not any(_matches(word, rule) for rule in known)]


def _matches(selector: str, rule: Rule) -> bool:
    if selector.lower() == rule.name:
        return True
    return _is_code_of(selector, rule.code)


def _is_code_of(selector: str, code: str) -> bool:
    """Whether a selector is a code or the beginning of it."""
    return selector.upper().startswith("LS") and code.startswith(selector.upper())


def _exactness(selector: str) -> int:
    """Names are as exact as whole codes; the beginning of a code is less, the shorter it is."""
    return len(selector) if selector.upper().startswith("LS") else len("LS000")


def _complaint(word: str, known: list[Rule]) -> str:
    names = [rule.name for rule in known] + [rule.code for rule in known]
    return f"no rule is called '{word}'{did_you_mean(nearest(word, names))}"
