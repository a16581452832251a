"""Prompt templates: texts with variables and filters, in the language of Jinja.

The library is imported for texts that hold a template, and for no other.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jinja2 import Environment, Template

_MISSING = re.compile(r"'(\w+)' is undefined")


class PromptError(Exception):
    """A prompt cannot be made; the message says which variable or line is at fault."""

    kind = "PromptError"


def render(text: str, variables: Mapping[str, Any], name: str = "the prompt") -> str:
    """The text with its variables put in. Raises PromptError."""
    if not _is_template(text):
        return text
    from jinja2 import TemplateError, UndefinedError

    try:
        return _compiled(text).render(variables)
    except UndefinedError as error:
        raise PromptError(f"{name}: {error}; {_advice(str(error), variables)}") from None
    except TemplateError as error:
        raise PromptError(f"{name}: {_placed(error)}") from None
    except (TypeError, ValueError, ArithmeticError, LookupError, RecursionError) as error:
        raise PromptError(f"{name}: {error}") from None


def variables_of(text: str, name: str = "the prompt") -> list[str]:
    """The variables that a template reads and does not set itself, sorted. Raises PromptError."""
    if not _is_template(text):
        return []
    from jinja2 import TemplateError
    from jinja2.meta import find_undeclared_variables

    try:
        return sorted(find_undeclared_variables(_environment().parse(text)))
    except TemplateError as error:
        raise PromptError(f"{name}: {_placed(error)}") from None


def _is_template(text: str) -> bool:
    return "{{" in text or "{%" in text or "{#" in text


def _placed(error: Exception) -> str:
    line = getattr(error, "lineno", None)
    return f"{f'line {line}: ' if line else ''}{error}"


def _advice(problem: str, variables: Mapping[str, Any]) -> str:
    """What was given, and what may have been meant."""
    from difflib import get_close_matches

    given = ", ".join(f"'{key}'" for key in sorted(map(str, variables))) or "none"
    missing = _MISSING.match(problem)
    near = get_close_matches(missing[1], [str(key) for key in variables], n=1) if missing else []
    return f"the variables given are {given}" + (f"; did you mean '{near[0]}'?" if near else "")


@cache
def _environment() -> Environment:
    from llmspell_engine.templating import TemplateEnvironment

    return TemplateEnvironment()


@cache
def _compiled(text: str) -> Template:
    return _environment().from_string(text)
