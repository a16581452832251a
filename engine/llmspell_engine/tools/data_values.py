"""Parameters of any form that are data: what JSON can hold, and no function, object or binary string."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel
from pydantic_core import InitErrorDetails, PydanticCustomError, PydanticSerializationError, ValidationError

Place = tuple[str | int, ...]
_FAULT = PydanticCustomError("no_data", "a value that JSON can hold")


def json_text(model: BaseModel) -> str:
    """A result in JSON, to read; half of a character, as texts of JavaScript may hold, is escaped in it."""
    try:
        return model.model_dump_json(exclude_none=True, indent=2)
    except PydanticSerializationError:
        return json.dumps(model.model_dump(exclude_none=True), indent=2)


def _checked(value: Any) -> Any:
    try:
        # It looks at a large value ten times as fast as the search for the place.
        json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError):
        faults = [InitErrorDetails(type=_FAULT, loc=place, input=one) for place, one in _not_data(value, ())]
        if faults:
            raise ValidationError.from_exception_data("data", faults[:1]) from None
    return value


def _not_data(value: Any, place: Place) -> Iterator[tuple[Place, Any]]:
    if isinstance(value, Mapping):
        for key, one in value.items():
            yield from _not_data(one, (*place, str(key)))
    elif isinstance(value, list | tuple):
        for index, one in enumerate(value):
            yield from _not_data(one, (*place, index))
    elif not (value is None or isinstance(value, bool | int | float | str)):
        yield place, value


# A tool would fail in the middle, or write what Python calls the value, where these let all pass.
Data = Annotated[Any, AfterValidator(_checked)]
DataTable = Annotated[dict[str, Any], AfterValidator(_checked)]
DataList = Annotated[list[Any], AfterValidator(_checked)]
