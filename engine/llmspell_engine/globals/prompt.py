"""The global ``Prompt``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from llmspell_engine.agents.prompts import PromptError
from llmspell_engine.api import prompt as api
from llmspell_engine.globals.tool import tool_context
from llmspell_engine.prompts import PromptTemplate as Template

if TYPE_CHECKING:
    from llmspell_engine.api.agent_builder import AgentOptions
    from llmspell_engine.globals.services import Run


class PromptTemplate(api.PromptTemplate):
    """A template as scripts see it."""

    def __init__(self, template: Template) -> None:
        self.template = template
        self.name = template.name
        self.text = template.text
        self.description = template.description
        self.variables = template.variables

    def render(self, variables: Mapping[str, Any] | None = None) -> str:
        return self.template.render(variables or {})


class Prompt(api.Prompt):
    """The prompts of a run."""

    def __init__(self, run: Run) -> None:
        self._prompts = run.prompts
        self._context = tool_context(run)

    def register(self, name: str, template: api.PromptOptions | str) -> PromptTemplate:
        options = api.PromptOptions(text=template) if isinstance(template, str) else template
        made = Template(name, self._text(name, options), options.description, options.variables)
        self._prompts.add(made)
        return PromptTemplate(made)

    def get(self, name: str) -> PromptTemplate | None:
        found = self._prompts.get(name)
        return PromptTemplate(found) if found else None

    def list(self) -> Sequence[api.PromptInfo]:
        return [
            api.PromptInfo(name=each.name, description=each.description, variables=each.variables)
            for each in self._prompts.all()
        ]

    def render(self, name_or_text: str, variables: Mapping[str, Any] | None = None) -> str:
        return self._prompts.render(name_or_text, variables or {})

    def _text(self, name: str, options: api.PromptOptions) -> str:
        if (options.text is None) == (options.file is None):
            raise PromptError(f"the prompt '{name}' needs either a text or a file")
        if options.file is None:
            return options.text or ""
        try:
            return self._context.path(options.file).read_text("utf-8")
        except (OSError, UnicodeDecodeError) as problem:
            why = getattr(problem, "strerror", None) or "it is not UTF-8 text"
            raise PromptError(f"the prompt '{name}': '{options.file}' cannot be read: {why}") from None


def with_template(options: AgentOptions) -> AgentOptions:
    """Options whose system prompt is a text: that of the template which was given, with its variables."""
    given = options.system_prompt
    if not isinstance(given, PromptTemplate):
        return options
    variables = {**given.template.defaults, **options.variables}
    return options.model_copy(update={"system_prompt": given.text, "variables": variables})
