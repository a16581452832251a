"""What a rule looks at: one script, its meaning, and its suppression comments."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from llmspell_engine.lint.naming import made_tools, tool_names
from llmspell_engine.lint.suppression import Entry, Suppression, suppressions

if TYPE_CHECKING:
    from llmspell_engine.analysis.nodes import Literal
    from llmspell_engine.analysis.semantics import Semantics
    from llmspell_engine.analysis.workspace import Document
    from llmspell_engine.catalog.model import Catalog, Entity
    from llmspell_engine.language import Language
    from llmspell_engine.lint.rule import RegisteredRule
    from llmspell_engine.lint.settings import LintSettings
    from llmspell_engine.security.configured import LeftOut
    from llmspell_engine.syntax import SyntaxTree


@dataclass(eq=False)
class Subject:
    """One script under inspection. Rules read it; only :mod:`.check` fills it."""

    document: Document
    active: tuple[RegisteredRule, ...]
    """The rules that run on it."""
    settings: LintSettings
    """How it is checked."""
    used: set[Entry] = field(default_factory=set)
    """The entries of suppression comments that suppressed something, once the other rules have run."""

    @cached_property
    def left_out(self) -> LeftOut:
        """The names of the language that it does not get where it runs."""
        return self.settings.names.left_out(Path(self.document.path), self.language, self.settings.profile)

    @property
    def tree(self) -> SyntaxTree:
        """Its syntax tree."""
        return self.document.tree

    @property
    def language(self) -> Language:
        """Its language."""
        return self.document.language

    @property
    def semantics(self) -> Semantics:
        """What its names, calls and tables mean."""
        return self.document.semantics

    @property
    def catalog(self) -> Catalog:
        """The script API."""
        return self.document.snapshot.catalog

    def is_of_the_language(self, entity: Entity | None) -> bool:
        """Whether a global or prototype belongs to the language and not to the script API."""
        return id(entity) in self._own_entities

    @cached_property
    def _own_entities(self) -> frozenset[int]:
        """The identities of what belongs to the language; the catalog keeps it alive."""
        own = self.catalog.standard(self.language)
        return frozenset(map(id, (*own.globals.values(), *own.prototypes.values())))

    @cached_property
    def tool_names(self) -> tuple[tuple[Literal, str], ...]:
        """Every constant string that stands where a tool's name is expected, but for questions."""
        return tuple(tool_names(self.semantics))

    @cached_property
    def made_tools(self) -> frozenset[str]:
        """The names of the tools that the script itself makes, and of those that the configuration has."""
        return frozenset(made_tools(self.semantics)) | self.settings.tools

    @cached_property
    def packaged_tools(self) -> frozenset[str]:
        """The names of the tools of installed packages; it takes a while to look for them."""
        return self.settings.packaged_tools()

    @cached_property
    def suppressions(self) -> tuple[Suppression, ...]:
        """Its suppression comments."""
        return suppressions(self.tree)
