"""``{{ name.field }}`` in the inputs of steps: values of the workflow's input and of earlier steps.

A string that is one expression and nothing else keeps the type of its value; in others the values stand as
text. The language is Jinja's, in its sandbox; the library is imported for texts that hold a template.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from difflib import get_close_matches
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from llmspell_engine.workflows.results import WorkflowError

if TYPE_CHECKING:
    from jinja2 import Environment, Template

_ALONE = re.compile(r"\s*\{\{((?:(?!\{\{|\}\}).)*)\}\}\s*", re.DOTALL)
_MARKS = ("{{", "{%", "{#")
_BRACES = re.compile(r"\{\{.*?\}\}", re.DOTALL)
_OLDER_STEP = re.compile(r"\bstep[:.]([A-Za-z_][\w-]*)[:.](?:output|result)\b((?:\.\w+)*)")
_OLDER_LOOP = re.compile(r"\bloop:current_(value|item|index)\b")
_OLDER_STATE = re.compile(r"\bstate:([A-Za-z_]\w*)")
_OLDER_BRANCH = re.compile(r"\bbranch:([\w-]+):([\w-]+):(?:output|result)\b((?:\.\w+)*)")
_REMEMBERED = 512
"""Compiled texts that are kept."""
Variables = Callable[[], Mapping[str, Any]]
"""Gives the variables; called where a template stands, and nowhere else."""


def rendered(value: Any, variables: Variables, where: str) -> Any:
    """The value with all templates in it filled in, in tables at any depth.

    Raises WorkflowError that begins with ``where`` and names the variables that are near.
    """
    if isinstance(value, str):
        return _rendered_text(value, variables, where) if any(mark in value for mark in _MARKS) else value
    if isinstance(value, Mapping):
        return {key: rendered(one, variables, f"{where}.{key}") for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [rendered(one, variables, f"{where}[{at}]") for at, one in enumerate(value, 1)]
    return value


def evaluated(expression: str, variables: Variables, where: str) -> Any:
    """The value of an expression, with or without the braces around it. Raises WorkflowError."""
    expression = _of_today(expression)
    alone = _ALONE.fullmatch(expression)
    text = alone[1] if alone else expression
    return _guarded(lambda names: _value(text, names), variables(), where)


def check(value: Any, where: str) -> None:
    """Raise WorkflowError, which begins with ``where``, if a template in a value cannot be read."""
    if isinstance(value, str) and any(mark in value for mark in _MARKS):
        value = _of_today(value)
        alone = _ALONE.fullmatch(value)
        _guarded(lambda _: _expression(alone[1]) if alone else _compiled(value), {}, where)
    elif isinstance(value, Mapping):
        for key, one in value.items():
            check(one, f"{where}.{key}")
    elif isinstance(value, list | tuple):
        for at, one in enumerate(value, 1):
            check(one, f"{where}[{at}]")


def check_expression(expression: str, where: str) -> None:
    """Raise WorkflowError, which begins with ``where``, if an expression cannot be read."""
    expression = _of_today(expression)
    alone = _ALONE.fullmatch(expression)
    _guarded(lambda _: _expression(alone[1] if alone else expression), {}, where)


def verbatim(text: str) -> str:
    """A template that comes to a text as it is, whatever marks of templates are in that."""
    ends = text.replace("{% endraw %}", '{% endraw %}{{ "{% endraw %}" }}{% raw %}')
    return f"{{% raw %}}{ends}{{% endraw %}}"


def names_one_of(text: str, names: Collection[str]) -> bool:
    """Whether a template asks for one of these variables; also where it is none that can be read here."""
    from jinja2 import TemplateError
    from jinja2.meta import find_undeclared_variables

    try:
        return not find_undeclared_variables(_environment().parse(text)).isdisjoint(names)
    except TemplateError:
        return True


@lru_cache(_REMEMBERED)
def _of_today(text: str) -> str:
    """A template with what older scripts write, such as `step:NAME:output`, as it is now."""
    if "step" not in text and not any(mark in text for mark in ("loop:", "state:", "branch:")):
        return text
    if "{{" not in text:
        return _expression_of_today(text)
    return _BRACES.sub(lambda found: _expression_of_today(found[0]), text)


def _expression_of_today(text: str) -> str:
    text = _OLDER_STATE.sub(lambda found: f"state.{found[1]}", _OLDER_BRANCH.sub(_of_branch, text))
    text = _OLDER_STEP.sub(lambda found: f'steps["{found[1]}"].{_part(found[2])}', text)
    return _OLDER_LOOP.sub(lambda found: "index" if found[1] == "index" else "item", text)


def _of_branch(found: re.Match[str]) -> str:
    branch, step = (f'selectattr("name", "equalto", "{name}") | first' for name in found.groups()[:2])
    return f"((branches | {branch}).steps | {step}).{_part(found[3])}"


def _part(fields: str) -> str:
    """The whole output of a step is meant as text, and a field of it as it is."""
    return f"data{fields}" if fields else "text"


def _rendered_text(text: str, variables: Variables, where: str) -> Any:
    text = _of_today(text)
    if _ALONE.fullmatch(text):
        return evaluated(text, variables, where)
    return _guarded(lambda names: _compiled(text).render(names), variables(), where)


def _value(text: str, names: Mapping[str, Any]) -> Any:
    from jinja2 import Undefined

    value = _expression(text)(**names)
    if isinstance(value, Undefined):
        str(value)  # Raises, for what is not known must not pass for nothing.
    return value


def _guarded(work: Callable[[Mapping[str, Any]], Any], names: Mapping[str, Any], where: str) -> Any:
    from jinja2 import TemplateError

    try:
        return work(names)
    except _UnknownNameError as error:
        known = names if error.owner is None else error.owner
        raise WorkflowError(f"{where}: {_unknown(error, [str(key) for key in known])}") from None
    except TemplateError as error:
        raise WorkflowError(f"{where}: the template cannot be read: {error}") from None
    except (TypeError, ValueError, ArithmeticError, LookupError, RecursionError, AttributeError) as error:
        raise WorkflowError(f"{where}: the template failed: {error}") from None


class _UnknownNameError(Exception):
    """A template names what is not there; ``owner`` has the fields there are, None stands for the top."""

    def __init__(self, name: str, owner: Mapping[Any, Any] | None) -> None:
        super().__init__(name)
        self.name = name
        self.owner = owner


def _unknown(error: _UnknownNameError, known: list[str]) -> str:
    near = get_close_matches(error.name, known, n=1, cutoff=0.6)
    hint = f"; did you mean '{near[0]}'?" if near else f"; there is {', '.join(known)}" if known else ""
    return f"the template names '{error.name}', which is not known{hint}"


@cache
def _environment() -> Environment:
    from jinja2 import StrictUndefined
    from jinja2.utils import missing

    from llmspell_engine.templating import TemplateEnvironment

    class Unknown(StrictUndefined):
        """Fails with what was looked for and where."""

        __slots__ = ()

        def __init__(self, hint: Any = None, obj: Any = missing, name: Any = None, exc: Any = None) -> None:
            owner = None if obj is missing else obj if isinstance(obj, Mapping) else {}
            super().__init__(hint, obj, name, lambda _: _UnknownNameError(str(name), owner))  # type: ignore[arg-type]

    return TemplateEnvironment(Unknown)


@lru_cache(_REMEMBERED)
def _compiled(text: str) -> Template:
    return _environment().from_string(text)


@lru_cache(_REMEMBERED)
def _expression(text: str) -> Callable[..., Any]:
    return _environment().compile_expression(text, undefined_to_none=False)
