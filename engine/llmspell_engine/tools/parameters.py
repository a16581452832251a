"""The base of tool parameters: what an operation needs, and the names that older scripts use."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Self

from pydantic import GetJsonSchemaHandler, model_validator
from pydantic_core import CoreSchema, PydanticCustomError

from llmspell_engine.api.declare import Options
from llmspell_engine.api.fitting import key_of
from llmspell_engine.api.older import WithOlderNames

Need = str | tuple[str, ...]
"""A parameter that must be given, or several of which one must be."""
Needs = Mapping[str, tuple[Need, ...]]
"""What each operation needs."""


class PlainParameters(Options):
    """The parameters of a tool."""

    chosen_by: ClassVar[str] = "operation"
    """The parameter that says what is done."""
    only_operation: ClassVar[str] = "execute"
    """What a tool without a choice of operations calls what it does."""

    @property
    def selected(self) -> str:
        """The operation that is asked for."""
        return str(getattr(self, self.chosen_by, self.only_operation))


class ToolParameters(PlainParameters, WithOlderNames):
    """The parameters of a tool of the engine. One with several operations has a field ``operation``."""

    needs: ClassVar[Needs] = {}
    """What each operation needs beside what every operation needs."""

    @model_validator(mode="after")
    def _complete(self) -> Self:
        for need in self.needs.get(self.selected, ()):
            names = (need,) if isinstance(need, str) else need
            if all(getattr(self, name) is None for name in names):
                keys = [key_of(type(self), name) for name in names]
                raise PydanticCustomError("needed", "{names}", {"names": keys, "operation": self.selected})
        return self

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        schema = super().__get_pydantic_json_schema__(core_schema, handler)
        conditions = [_condition(cls, operation, needs) for operation, needs in cls.needs.items()]
        return {**schema, "allOf": conditions} if conditions else schema


def _condition(parameters: type[ToolParameters], operation: str, needs: tuple[Need, ...]) -> dict[str, Any]:
    """What an operation needs, in JSON Schema. The default operation is also meant by leaving it out."""
    selector = parameters.chosen_by
    declared = parameters.model_fields[selector]
    chosen: dict[str, Any] = {"properties": {selector: {"const": operation}}}
    if declared.is_required() or declared.default != operation:
        chosen["required"] = [selector]
    needed: dict[str, Any] = {}
    if required := [key_of(parameters, need) for need in needs if isinstance(need, str)]:
        needed["required"] = required
    if choices := [_any_of(need) for need in needs if not isinstance(need, str)]:
        needed["allOf"] = choices
    return {"if": chosen, "then": needed}


def _any_of(names: tuple[str, ...]) -> dict[str, Any]:
    return {"anyOf": [{"required": [name]} for name in names]}
