"""The calculator: expressions with variables and scientific functions."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from llmspell_engine.api.declare import Result
from llmspell_engine.tools.base import Outcome, Tool, ToolContext, ToolError
from llmspell_engine.tools.parameters import Needs, ToolParameters
from llmspell_engine.tools.utility import expression


class CalculatorParameters(ToolParameters):
    """What is computed."""

    needs: ClassVar[Needs] = {"evaluate": ("input",), "validate": ("input",)}
    older_names: ClassVar[dict[str, str]] = {"expression": "input"}

    operation: Literal["evaluate", "validate", "functions"] = Field(
        "evaluate", description="Compute, only check, or list the functions there are."
    )
    input: Annotated[str, Field(min_length=1, max_length=expression.LONGEST)] | None = Field(
        None, description="The expression, such as `2 * (x + 1)`.", json_schema_extra={"x-example": "1 + 2"}
    )
    variables: dict[str, bool | int | float] = Field({}, description="The values of names in the expression.")


class Evaluation(Result):
    """The value of an expression."""

    input: str = Field(description="The expression.")
    result: bool | int | float = Field(description="Its value.")
    result_type: Literal["integer", "float", "boolean"] = Field(description="The kind of value.")
    variables: dict[str, Any] = Field(description="The values of names that were given.")


class ExpressionCheck(Result):
    """Whether an expression can be read."""

    input: str = Field(description="The expression.")
    valid: bool = Field(description="Whether it can be read.")
    error: str | None = Field(None, description="Why it cannot.")


class FunctionList(Result):
    """What expressions are made of."""

    arithmetic: list[str] = Field(description="Operators that compute.")
    comparison: list[str] = Field(description="Operators that compare.")
    logical: list[str] = Field(description="Operators on truth.")
    trigonometric: list[str] = Field(description="Functions of angles, in radians.")
    hyperbolic: list[str] = Field(description="Hyperbolic functions.")
    mathematical: list[str] = Field(description="Roots, powers and logarithms.")
    rounding: list[str] = Field(description="Functions that round.")
    constants: list[str] = Field(description="Names with a value.")
    utility: list[str] = Field(description="Other functions.")
    examples: list[str] = Field(description="Expressions to try.")
    note: str = Field(description="What is worth knowing.")


class Calculator(Tool[CalculatorParameters]):
    """Evaluates arithmetic expressions with variables and scientific functions."""

    name = "calculator"
    category = "utility"
    Parameters = CalculatorParameters
    returns = Evaluation | ExpressionCheck | FunctionList
    soft_failures = frozenset({"evaluate"})

    def run(self, parameters: CalculatorParameters, context: ToolContext) -> Outcome:
        """Compute, check or list."""
        match parameters.operation:
            case "evaluate":
                return _evaluate(parameters.input or "", parameters.variables)
            case "validate":
                return _validate(parameters.input or "")
            case _:
                return _functions()


def _evaluate(text: str, variables: dict[str, bool | int | float]) -> Outcome:
    try:
        value = expression.evaluate(text, variables)
    except expression.ExpressionError as error:
        raise ToolError(str(error), code=error.code, details={"input": text}) from None
    shown = str(value).lower() if isinstance(value, bool) else str(value)
    result = Evaluation(input=text, result=value, result_type=_kind(value), variables=variables)
    return Outcome("evaluate", result, shown, f"{text} = {shown}")


def _kind(value: bool | int | float) -> Literal["integer", "float", "boolean"]:
    if isinstance(value, bool):
        return "boolean"
    return "integer" if isinstance(value, int) else "float"


def _validate(text: str) -> Outcome:
    try:
        expression.parse(text)
    except expression.ExpressionError as error:
        result = ExpressionCheck(input=text, valid=False, error=str(error))
        return Outcome("validate", result, "invalid", f"The expression is not valid: {error}")
    return Outcome("validate", ExpressionCheck(input=text, valid=True), "valid", "The expression is valid")


def _functions() -> Outcome:
    result = FunctionList(
        arithmetic=["+", "-", "*", "/", "//", "%", "^", "**"],
        comparison=["==", "!=", "<", "<=", ">", ">="],
        logical=["and", "or", "not", "&&", "||", "!"],
        trigonometric=list(expression.TRIGONOMETRIC),
        hyperbolic=list(expression.HYPERBOLIC),
        mathematical=list(expression.MATHEMATICAL),
        rounding=list(expression.ROUNDING),
        constants=list(expression.CONSTANTS),
        utility=list(expression.UTILITY),
        examples=["2 + 3 * 4", "sqrt(x^2 + y^2)", "sin(pi / 2)", "max(1, 2, 3)", "10 % 3"],
        note="Angles are in radians; `log` is the natural logarithm unless a base is given.",
    )
    names = ", ".join(expression.FUNCTIONS)
    return Outcome("functions", result, names, f"{len(expression.FUNCTIONS)} functions")
