"""Prompt templates: texts with variables and filters, in the language of Jinja.

The library is imported for texts that hold a template, and for no other.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jinja2 import Environment, Template


class PromptError(Exception):
    """A prompt cannot be made; the message says which variable or line is at fault."""

    kind = "PromptError"


def render(text: str, variables: Mapping[str, Any], name: str = "the prompt") -> str:
    """The text with its variables put in. Raises PromptError."""
    if "{{" not in text and "{%" not in text and "{#" not in text:
        return text
    from jinja2 import TemplateError, UndefinedError

    try:
        return _compiled(text).render(variables)
    except UndefinedError as error:
        given = ", ".join(f"'{key}'" for key in variables) or "none"
        raise PromptError(f"{name}: {error}; the variables given are {given}") from None
    except TemplateError as error:
        line = getattr(error, "lineno", None)
        raise PromptError(f"{name}: {f'line {line}: ' if line else ''}{error}") from None
    except (TypeError, ValueError, ArithmeticError, LookupError, RecursionError) as error:
        raise PromptError(f"{name}: {error}") from None


@cache
def _environment() -> Environment:
    from jinja2 import StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    return ImmutableSandboxedEnvironment(undefined=StrictUndefined, keep_trailing_newline=True)


@cache
def _compiled(text: str) -> Template:
    return _environment().from_string(text)
