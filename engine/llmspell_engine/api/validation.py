"""Checking what a script passes against the declared types, with errors a script writer understands.

An error names the field as the script spells it, what was given, and what is allowed; an unknown key
is answered with the nearest known one.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ValidationError

from llmspell_engine.api.fitting import fitted, models_of
from llmspell_engine.api.schemas import adapter_of
from llmspell_engine.catalog.model import spelled

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

    from llmspell_engine.language import Language

Model = TypeVar("Model", bound=BaseModel)
_LONGEST_VALUE = 60
"""Characters of a given value that an error shows."""
_LONGEST_LIST = 12
"""Names that an error lists when none of them is near what was written."""


class ArgumentError(Exception):
    """What a script passed is not what is declared. ``str()`` is the sentence to show."""


def validate(model: type[Model], data: Any, *, where: str, language: Language) -> Model:
    """The model made of a table that a script passed to ``where`` (``Agent.create``, ``calculator``).

    Keys may be in the spelling of ``language`` or in snake_case. Raises ArgumentError.
    """
    if isinstance(data, model):
        return data
    try:
        return model.model_validate(fitted(model, data))
    except ValidationError as error:
        raise ArgumentError(f"{where}: {_sentence(error, model, (), language)}") from None


def validate_value(annotation: Any, value: Any, *, name: str, where: str, language: Language) -> Any:
    """The argument ``name`` of ``where``, checked against its declared type. Raises ArgumentError."""
    try:
        return adapter_of(annotation).validate_python(fitted(annotation, value), strict=True)
    except ValidationError as error:
        raise ArgumentError(f"{where}: {_sentence(error, annotation, (name,), language)}") from None


def _sentence(error: ValidationError, declared: Any, prefix: tuple[str, ...], language: Language) -> str:
    """The first fault in full and how many others there are."""
    faults = error.errors(include_url=False)
    first = faults[0]
    owner = _owner(declared, first["loc"])
    sentence = _fault(first, _path((*prefix, *first["loc"]), language), owner, language)
    more = len(faults) - 1
    return sentence if not more else f"{sentence} (and {more} more fault{'s' if more > 1 else ''})"


def _owner(declared: Any, place: tuple[int | str, ...]) -> type[BaseModel] | None:
    """The model whose field a fault is about."""
    model = next(models_of(declared), None)
    for step in place[:-1]:
        if model is None:
            return None
        if isinstance(step, str) and step in model.model_fields:
            model = next(models_of(model.model_fields[step].annotation), None)
    return model


def _path(place: Sequence[int | str], language: Language) -> str:
    """Where in the options a fault is, as the script would write it: ``resource_limits.max_tool_calls``."""
    path = ""
    for step in place:
        if isinstance(step, int):
            path += f"[{step + 1 if language == 'lua' else step}]"
        else:
            path += ("." if path else "") + spelled(step, language)
    return path


def _fault(fault: ErrorDetails, path: str, owner: type[BaseModel] | None, language: Language) -> str:
    kind = fault["type"]
    if kind == "missing":
        return f"'{path}' is missing"
    if kind == "extra_forbidden":
        return _unknown(fault, path, owner, language)
    context = {key: value for key, value in fault.get("ctx", {}).items() if key != "error"}
    if kind == "needed":
        return _needed(context, language)
    allowed = _allowed(fault, context, owner, language)
    return (
        f"'{path}' must be {allowed}, but {shown(fault['input'], language)} was given"
        if path
        else (f"expected {allowed}, but {shown(fault['input'], language)} was given")
    )


def _unknown(fault: ErrorDetails, path: str, owner: type[BaseModel] | None, language: Language) -> str:
    known = [spelled(name, language) for name in owner.model_fields] if owner else []
    return f"there is no '{path}'; {_suggestion(path.rsplit('.', 1)[-1], known)}"


def _suggestion(written: str, known: Sequence[str]) -> str:
    near = get_close_matches(written, known, n=1, cutoff=0.6)
    if near:
        return f"did you mean '{near[0]}'?"
    if len(known) > _LONGEST_LIST:
        return "see the reference for what there is"
    return f"there is {', '.join(known)}" if known else "nothing is allowed there"


def _needed(context: Mapping[str, Any], language: Language) -> str:
    names = " or ".join(f"'{spelled(name, language)}'" for name in context["names"])
    return f"{names} is missing; the operation '{context['operation']}' needs it"


def _allowed(
    fault: ErrorDetails, context: Mapping[str, Any], owner: type[BaseModel] | None, language: Language
) -> str:
    """What a fault's place takes, to be read after "must be"."""
    phrase = _PHRASES.get(fault["type"])
    if phrase:
        return phrase(context)
    if fault["type"] in ("dict_type", "model_type", "mapping_type"):
        return "a table" if language == "lua" else "an object"
    if fault["type"] == "literal_error":
        return _choices(fault, context)
    if fault["type"] == "string_pattern_mismatch":
        return _form(fault, context, owner)
    return _lowered(fault["msg"])


def _choices(fault: ErrorDetails, context: Mapping[str, Any]) -> str:
    return "one of " + str(context["expected"]).replace(" or ", ", ")


def _form(fault: ErrorDetails, context: Mapping[str, Any], owner: type[BaseModel] | None) -> str:
    return f"of the form {context['pattern']}"


def _lowered(message: str) -> str:
    return message.removeprefix("Input should be ").removeprefix("Value error, ")


_PHRASES: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "string_type": lambda _: "a string",
    "int_type": lambda _: "an integer",
    "int_from_float": lambda _: "an integer",
    "float_type": lambda _: "a number",
    "finite_number": lambda _: "a finite number",
    "bool_type": lambda _: "true or false",
    "list_type": lambda _: "a list",
    "greater_than_equal": lambda context: f"at least {context['ge']}",
    "greater_than": lambda context: f"greater than {context['gt']}",
    "less_than_equal": lambda context: f"at most {context['le']}",
    "less_than": lambda context: f"less than {context['lt']}",
    "string_too_short": lambda context: _at_least(context["min_length"], "character"),
    "string_too_long": lambda context: f"at most {context['max_length']} characters long",
    "too_short": lambda context: _at_least(context["min_length"], "element"),
    "too_long": lambda context: f"at most {context['max_length']} elements long",
}


def _at_least(count: int, what: str) -> str:
    return f"at least {count} {what}{'s' if count != 1 else ''} long"


def shown(value: Any, language: Language) -> str:
    """A given value, shortened, as the script would write it."""
    if value is None:
        return "nil" if language == "lua" else "null"
    if isinstance(value, Mapping):
        return "a table" if language == "lua" else "an object"
    if isinstance(value, list | tuple):
        return "a list"
    if not isinstance(value, str | bool | int | float):
        return f"a {type(value).__name__}"
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST_VALUE else text[: _LONGEST_VALUE - 1] + "…"
