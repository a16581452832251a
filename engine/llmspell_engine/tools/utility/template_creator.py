"""Templates: texts with places for values, in the language of Tera or of Handlebars.

The library is imported by what needs it, so that scripts which use other tools start fast.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from llmspell_engine.api.declare import Result
from llmspell_engine.tools.base import Outcome, Tool, ToolContext, ToolError
from llmspell_engine.tools.data_values import DataTable
from llmspell_engine.tools.parameters import ToolParameters
from llmspell_engine.tools.utility import handlebars

Engine = Literal["tera", "handlebars"]
LONGEST = 1024 * 1024
"""Characters of a rendered template."""
_HANDLEBARS = re.compile(r"\{\{\s*[#/^]|\{\{\{|\{\{\s*(else|this)\b|\{\{!")
_TERA = re.compile(r"(?<!\{)\{[%#]|\{\{[^}]*\|")


class TemplateParameters(ToolParameters):
    """What is rendered."""

    only_operation: ClassVar[str] = "render_template"
    older_names: ClassVar[dict[str, str]] = {"template": "input", "variables": "context"}
    without_effect: ClassVar[tuple[str, ...]] = ("operation",)

    input: Annotated[str, Field(max_length=LONGEST)] = Field(description="The template.")
    context: DataTable = Field({}, description="The values of the names in the template.")
    engine: Engine = Field("tera", description="The language of the template.")
    auto_detect: bool = Field(True, description="Tell the language by the template where it shows.")


class RenderedTemplate(Result):
    """A template that was rendered."""

    rendered: str = Field(description="The text.")
    engine: Engine = Field(description="The language that the template was read in.")
    template_length: int = Field(description="The length of the template, in characters.")
    context_size: int = Field(description="How many values were given.")


class TemplateCreator(Tool[TemplateParameters]):
    """Renders a text template in the language of Tera (as Jinja) or Handlebars."""

    name = "template-creator"
    category = "utility"
    security = "restricted"
    aliases = ("template_engine", "template-engine")
    Parameters = TemplateParameters
    returns = RenderedTemplate

    def run(self, parameters: TemplateParameters, context: ToolContext) -> Outcome:
        """Render the template."""
        engine = _detected(parameters.input) if parameters.auto_detect else None
        engine = engine or parameters.engine
        render = _tera if engine == "tera" else _handlebars
        rendered = render(parameters.input, parameters.context)
        result = RenderedTemplate(
            rendered=rendered,
            engine=engine,
            template_length=len(parameters.input),
            context_size=len(parameters.context),
        )
        return Outcome("render_template", result, rendered, f"Rendered {len(rendered)} characters")


def _detected(template: str) -> Engine | None:
    if _TERA.search(template):
        return "tera"
    return "handlebars" if _HANDLEBARS.search(template) else None


def _tera(template: str, values: dict[str, Any]) -> str:
    from jinja2 import TemplateError

    from llmspell_engine.templating import TemplateEnvironment

    environment = TemplateEnvironment()
    parts: list[str] = []
    length = 0
    try:
        for part in environment.from_string(template).generate(values):
            length += len(part)
            if length > LONGEST:
                raise ToolError(f"the text is longer than {LONGEST} characters", code="too_long")
            parts.append(part)
    except (TemplateError, TypeError, ValueError, ArithmeticError, LookupError, RecursionError) as error:
        raise ToolError(f"the template fails: {_told(error)}", code="template_failed") from None
    return "".join(parts)


def _told(error: Exception) -> str:
    from jinja2 import TemplateSyntaxError

    return f"line {error.lineno}: {error}" if isinstance(error, TemplateSyntaxError) else str(error)


def _handlebars(template: str, values: dict[str, Any]) -> str:
    try:
        return handlebars.render(template, values, longest=LONGEST)
    except handlebars.HandlebarsError as fault:
        raise ToolError(f"the template fails: {fault}", code="template_failed") from None
