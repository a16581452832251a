"""Checking what a script passes against the declared types.

An error names the field as the script spells it, what was given, and what is allowed; an unknown key
is answered with the nearest known one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ValidationError

from llmspell_engine.api.faults import sentence
from llmspell_engine.api.fitting import fitted
from llmspell_engine.api.schemas import adapter_of

if TYPE_CHECKING:
    from llmspell_engine.language import Language

Model = TypeVar("Model", bound=BaseModel)


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
        raise ArgumentError(f"{where}: {sentence(error, model, (), language)}") from None


def validate_value(annotation: Any, value: Any, *, name: str, where: str, language: Language) -> Any:
    """The argument ``name`` of ``where``, checked against its declared type. Raises ArgumentError."""
    try:
        return adapter_of(annotation).validate_python(fitted(annotation, value), strict=True)
    except ValidationError as error:
        raise ArgumentError(f"{where}: {sentence(error, annotation, (name,), language)}") from None
