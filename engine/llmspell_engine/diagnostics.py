"""What analysis reports: the one diagnostic that the linter prints and the editor underlines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from llmspell_engine.text import Span

Severity = Literal["error", "warning", "info", "hint"]


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace the text of a span."""

    span: Span
    new_text: str


@dataclass(frozen=True, slots=True)
class Fix:
    """A change that resolves a diagnostic; a safe one never changes what a working script does."""

    title: str
    edits: tuple[Edit, ...]
    safe: bool


@dataclass(frozen=True, slots=True)
class Related:
    """Another place that explains a diagnostic."""

    path: str
    span: Span
    message: str


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding in one file. Sorted by place, then code."""

    span: Span
    code: str
    """``LS`` and three digits."""
    name: str
    """The rule's kebab-case name."""
    severity: Severity
    message: str
    fix: Fix | None = None
    tags: tuple[Literal["unnecessary", "deprecated"], ...] = ()
    related: tuple[Related, ...] = ()

    @property
    def sort_key(self) -> tuple[int, str, int]:
        """Order within a file."""
        return (self.span.start, self.code, self.span.end)
