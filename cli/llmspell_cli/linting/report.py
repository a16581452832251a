"""What a run of the linter found, before it is printed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from llmspell_engine.diagnostics import Diagnostic, Severity
    from llmspell_engine.text import Text

    from llmspell_cli.linting.files import Script

SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info", "hint")
FAILING: frozenset[Severity] = frozenset({"error", "warning"})
"""The severities that make the exit code 1."""


@dataclass(frozen=True, slots=True)
class CheckedScript:
    """A script and its diagnostics, sorted."""

    script: Script
    diagnostics: tuple[Diagnostic, ...]
    fixed: int = 0
    """How many findings were fixed; the script has the fixed text."""
    before: Text | None = None
    """The text before that."""


@dataclass(frozen=True, slots=True)
class Report:
    """All scripts of a run, by name."""

    scripts: tuple[CheckedScript, ...]

    @property
    def diagnostics(self) -> Iterator[Diagnostic]:
        """Those of all scripts."""
        return (one for checked in self.scripts for one in checked.diagnostics)

    def count(self, severity: Severity) -> int:
        """How many findings have a severity."""
        return sum(one.severity == severity for one in self.diagnostics)

    @property
    def fixable(self) -> int:
        """How many findings carry a fix."""
        return sum(one.fix is not None for one in self.diagnostics)

    @property
    def fixed(self) -> int:
        """How many findings were fixed."""
        return sum(checked.fixed for checked in self.scripts)

    @property
    def fails(self) -> bool:
        """Whether anything is a warning or worse."""
        return any(one.severity in FAILING for one in self.diagnostics)
