"""Physical units: from one to another."""

from __future__ import annotations

from functools import cache
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from llmspell_engine.api.declare import Result
from llmspell_engine.tools.base import Outcome, Tool, ToolContext, ToolError, counted
from llmspell_engine.tools.parameters import Needs, ToolParameters
from llmspell_engine.tools.requirements import Extra

Unit = Annotated[str, Field(min_length=1, max_length=200)]


class UnitParameters(ToolParameters):
    """What is converted."""

    needs: ClassVar[Needs] = {
        "convert": ("value", "from_", "to"),
        "compatible": ("from_",),
        "describe": ("from_",),
    }
    older_names: ClassVar[dict[str, str]] = {"from_unit": "from", "to_unit": "to"}

    operation: Literal["convert", "compatible", "describe"] = Field(
        "convert", description="Convert a value, tell the units of the same kind, or tell what a unit is."
    )
    value: float | None = Field(None, description="The number of units.")
    from_: Unit | None = Field(
        None, alias="from", description="The unit it is in.", json_schema_extra={"x-example": "km/hour"}
    )
    to: Unit | None = Field(
        None, description="The unit that is wanted.", json_schema_extra={"x-example": "mph"}
    )


class Conversion(Result):
    """A value in another unit."""

    value: float = Field(description="The number of the new units.")
    from_unit: str = Field(description="The unit it was in, by its whole name.")
    to_unit: str = Field(description="The unit it is in now, by its whole name.")


class UnitFacts(Result):
    """What is known of a unit."""

    unit: str = Field(description="The unit, by its whole name.")
    dimension: str = Field(description="What it measures, such as `[length] / [time]`.")
    base: str = Field(description="What it is in base units, such as `0.2777778 meter / second`.")
    units: list[str] | None = Field(None, description="Units of the same kind.")


class UnitConverter(Tool[UnitParameters]):
    """Converts physical units: lengths, masses, temperatures, speeds, data and what is made of them."""

    name = "unit-converter"
    category = "utility"
    aliases = ("unit_converter",)
    requires = (Extra("pint", "units"),)
    Parameters = UnitParameters
    returns = Conversion | UnitFacts
    blocks = True

    def run(self, parameters: UnitParameters, context: ToolContext) -> Outcome:
        """Convert, or tell."""
        start = _unit(parameters.from_ or "")
        if parameters.operation != "convert":
            return _facts(start, parameters.operation)
        return _converted(parameters.value or 0.0, start, _unit(parameters.to or ""))


@cache
def _registry() -> Any:
    """The units there are; reading them takes a while."""
    import pint

    return pint.UnitRegistry(autoconvert_offset_to_baseunit=True)


def _unit(text: str) -> Any:
    try:
        return _registry().Unit(text)
    except Exception as error:  # noqa: BLE001 (what is no unit at all fails in the parser, in any way)
        raise ToolError(f"'{text}' is no unit that is known: {error}", code="unknown_unit") from None


def _converted(value: float, start: Any, end: Any) -> Outcome:
    import pint

    try:
        found = float(_registry().Quantity(value, start).to(end).magnitude)
    except pint.PintError as error:
        raise ToolError(f"{start} cannot be told in {end}: {error}", code="incompatible_units") from None
    except OverflowError:
        raise ToolError(f"{value:g} {start} is too large to be told in {end}", code="overflow") from None
    result = Conversion(value=found, from_unit=str(start), to_unit=str(end))
    text = f"{found:.10g} {end}"
    return Outcome("convert", result, text, f"{value:g} {start} is {text}")


def _facts(unit: Any, operation: str) -> Outcome:
    others = sorted(map(str, _registry().get_compatible_units(unit))) if operation == "compatible" else None
    base = _registry().Quantity(1, unit).to_base_units()
    facts = UnitFacts(unit=str(unit), dimension=str(unit.dimensionality), base=f"{base:.7g}", units=others)
    text = "\n".join(others) if others is not None else f"{unit}: {facts.dimension}, {facts.base}"
    told = f"Found {counted(len(others), 'unit')}" if others is not None else f"{unit} is {facts.base}"
    return Outcome(operation, facts, text, told)
