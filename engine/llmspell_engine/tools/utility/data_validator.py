"""Checking values against rules."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import Field

from llmspell_engine.api.declare import Result
from llmspell_engine.tools.base import Outcome, Tool, ToolContext, ToolError, counted
from llmspell_engine.tools.parameters import ToolParameters
from llmspell_engine.tools.utility.rules import RuleError, RuleSet, faults


class ValidatorParameters(ToolParameters):
    """What is checked against which rules."""

    only_operation: ClassVar[str] = "validate_data"
    older_names: ClassVar[dict[str, str]] = {"data": "input"}

    input: Any = Field(description="The value to check.", json_schema_extra={"x-example": "ann@example.com"})
    rules: RuleSet = Field(
        description="The rules that it must meet.",
        json_schema_extra={"x-example": {"rules": [{"type": "Email"}]}},
    )


class RuleFault(Result):
    """A rule that a value does not meet."""

    field: str = Field(description="The place in the value, such as `$.items[0]`; `$` is the whole.")
    rule: str = Field(description="The type of the rule.")
    message: str = Field(description="What is wrong.")
    value: Any = Field(None, description="What was found there.")


class RuleCheck(Result):
    """Whether a value meets its rules."""

    valid: bool = Field(description="Whether it meets all of them.")
    errors: list[RuleFault] = Field(description="The rules that it does not meet.")


class DataValidator(Tool[ValidatorParameters]):
    """Checks data against a tree of rules: type, length, range, pattern, e-mail, fields and more."""

    name = "data-validator"
    category = "utility"
    aliases = ("data_validation", "data-validation", "data_validator")
    Parameters = ValidatorParameters
    returns = RuleCheck

    def run(self, parameters: ValidatorParameters, context: ToolContext) -> Outcome:
        """Check the value."""
        try:
            found = list(faults(parameters.input, parameters.rules))
        except RuleError as error:
            raise ToolError(str(error), code="invalid_rule") from None
        errors = [
            RuleFault(field=one.place, rule=one.rule, message=one.message, value=one.value) for one in found
        ]
        text = "\n".join(f"{one.field}: {one.message}" for one in errors) or "valid"
        message = "The value is valid" if not errors else f"The value breaks {counted(len(errors), 'rule')}"
        return Outcome("validate_data", RuleCheck(valid=not errors, errors=errors), text, message)
