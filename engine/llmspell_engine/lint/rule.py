"""What a rule is, and what it gets to look at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from llmspell_engine.diagnostics import Diagnostic, Fix, Severity
from llmspell_engine.language import LANGUAGES, Language

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Literal

    from llmspell_engine.lint.subject import Subject
    from llmspell_engine.text import Span


@dataclass(frozen=True, slots=True)
class Rule:
    """The facts of a rule. A rule module holds one as ``RULE`` and a function ``check``."""

    code: str
    """``LS`` and three digits; the first tells the group."""
    name: str
    """The kebab-case name, which suppression comments take as well as the code."""
    severity: Severity
    tolerant: bool = False
    """Whether the rule also runs on a file that does not parse."""
    last: bool = False
    """Whether the rule looks at what the others found: it is about suppression comments."""
    languages: tuple[Language, ...] = LANGUAGES
    """The languages in which what it reports can happen."""

    def at(
        self,
        span: Span,
        message: str,
        *,
        fix: Fix | None = None,
        tags: tuple[Literal["unnecessary", "deprecated"], ...] = (),
        severity: Severity | None = None,
    ) -> Diagnostic:
        """A finding of this rule, of the rule's severity unless another is given."""
        grade = severity or self.severity
        return Diagnostic(span, self.code, self.name, grade, message, fix, tags)


@dataclass(frozen=True, slots=True)
class RegisteredRule:
    """A rule as the registry knows it: its facts, its documentation and its check."""

    rule: Rule
    documentation: str
    check: Callable[[Subject], Iterable[Diagnostic]]
