"""A library of prompt templates. A script's stands on the configuration's and may hide what that has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from llmspell_engine.agents.prompts import PromptError, render, variables_of


@dataclass(frozen=True, slots=True)
class PromptTemplate:
    """A text with variables. ``defaults`` are the values of those that are not given."""

    name: str
    text: str
    description: str | None = None
    defaults: Mapping[str, Any] = field(default_factory=dict)

    @property
    def variables(self) -> list[str]:
        """The variables that the text reads. Raises PromptError where it is no template."""
        return variables_of(self.text, self._called)

    def render(self, variables: Mapping[str, Any]) -> str:
        """The text with its variables put in. Raises PromptError naming the template."""
        return render(self.text, {**self.defaults, **variables}, self._called)

    @property
    def _called(self) -> str:
        return f"the prompt '{self.name}'"


class PromptLibrary:
    """Templates by name, with those of another library behind them. Safe to use from any thread.

    What is behind is asked each time, so that a change of the configuration is seen at once.
    """

    def __init__(self, templates: Iterable[PromptTemplate] = (), behind: PromptLibrary | None = None) -> None:
        self._templates: Mapping[str, PromptTemplate] = {each.name: each for each in templates}
        self._behind = behind

    def all(self) -> list[PromptTemplate]:
        """All templates in alphabetical order of their names."""
        return [self._by_name()[name] for name in sorted(self._by_name())]

    def get(self, name: str) -> PromptTemplate | None:
        """The template of a name; None where there is none."""
        return self._by_name().get(name)

    def add(self, template: PromptTemplate) -> None:
        """Keep a template, in place of one of the same name. Raises PromptError where it is no template."""
        _ = template.variables
        self._templates = {**self._templates, template.name: template}

    def replace(self, templates: Iterable[PromptTemplate]) -> None:
        """Forget all own templates and keep these."""
        self._templates = {each.name: each for each in templates}

    def render(self, name_or_text: str, variables: Mapping[str, Any]) -> str:
        """The template of a name, or a text, with its variables put in.

        A single word is a name. Raises PromptError where nothing has it.
        """
        template = self.get(name_or_text)
        if template is not None:
            return template.render(variables)
        if _is_word(name_or_text):
            raise self.unknown(name_or_text)
        return render(name_or_text, variables)

    def unknown(self, name: str) -> PromptError:
        """The error that there is no such template."""
        names = sorted(self._by_name())
        near = get_close_matches(name, names, n=1)
        known = ", ".join(f"'{each}'" for each in names)
        hint = f"did you mean '{near[0]}'?" if near else f"there is {known}" if known else "there is none yet"
        return PromptError(f"there is no prompt '{name}'; {hint}")

    def _by_name(self) -> Mapping[str, PromptTemplate]:
        behind = self._behind._by_name() if self._behind else {}
        return {**behind, **self._templates}


NO_PROMPTS = PromptLibrary()
"""What a script's library stands on where nothing is configured. Nobody adds to it."""


def _is_word(text: str) -> bool:
    return not any(mark.isspace() or mark == "{" for mark in text)
