from __future__ import annotations

import math
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from llmspell_engine.tools.utility import expression
from support.tools import check_refused, check_soft_failure, check_tool, payload


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 + 2", 3),
        ("2 + 3 * 4", 14),
        ("(2 + 3) * 4", 20),
        ("10 / 4", 2.5),
        ("10 / 2", 5),
        ("7 // 2", 3),
        ("7 % 3", 1),
        ("2 ^ 10", 1024),
        ("2 ** 0.5", math.sqrt(2)),
        ("-3 + +1", -2),
        ("1e3", 1000),
        ("sqrt(16)", 4),
        ("sin(pi / 2)", 1),
        ("max(1, 5, 3)", 5),
        ("round(2.567, 2)", 2.57),
        ("factorial(5)", 120),
        ("ln(e)", 1),
        ("log(8, 2)", 3),
        ("hypot(3, 4)", 5),
        ("sign(-2)", -1),
        ("1 < 2", True),
        ("1 < 2 and 2 < 1", False),
        ("!(1 == 1) || 3 != 4", True),
        ("1 < 2 < 3", True),
        ("5 if 1 > 2 else 6", 6),
    ],
)
def test_expressions(text: str, value: Any) -> None:
    found = payload("calculator", {"input": text})["result"]
    assert found == pytest.approx(value)
    assert isinstance(found, bool) == isinstance(value, bool)


def test_variables_and_their_kinds() -> None:
    given_values = {"x": 3, "y": 4.5}
    check_tool(
        "calculator",
        {"input": "x * y", "variables": given_values},
        text="13.5",
        result=13.5,
        result_type="float",
        variables=given_values,
        input="x * y",
    )
    check_tool("calculator", {"input": "1 == 1"}, text="true", result_type="boolean")
    check_tool("calculator", {"input": "4 / 2"}, text="2", result_type="integer")


def test_the_older_name_of_the_expression() -> None:
    check_tool("calculator", {"expression": "6 * 7"}, result=42, input="6 * 7")


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("1 / 0", "division_by_zero", "division by zero"),
        ("1 % 0", "division_by_zero", "division by zero"),
        ("2 +", "syntax_error", "'2 +' is no expression"),
        ("1 << 9999", "syntax_error", "is no arithmetic"),
        ("~1", "syntax_error", "is no arithmetic"),
        ("1 in 2", "syntax_error", "is no arithmetic"),
        ("'a'", "syntax_error", "'a' is no number"),
        ("[1][0]", "syntax_error", "is no arithmetic"),
        ("(1).real", "syntax_error", "is no arithmetic"),
        ("lambda: 1", "syntax_error", "is no arithmetic"),
        ("__import__('os')", "unknown_function", "there is no function '__import__'"),
        ("max.__class__(1)", "unknown_function", "there is no function 'max.__class__'"),
        ("max(1, key=2)", "syntax_error", "takes no named arguments"),
        ("x + 1", "unknown_variable", "the variable 'x' has no value"),
        ("sqrt(-1)", "domain_error", "cannot be computed"),
        ("(-8) ^ 0.5", "domain_error", "is not real"),
        ("sin()", "domain_error", "cannot be computed"),
        ("9 ** 9 ** 9", "overflow", "too large"),
        ("1e308 * 10", "overflow", "not a finite number"),
        ("10 ** 400", "overflow", "too large"),
        ("factorial(1000)", "domain_error", "factorial takes whole numbers from 0 to 170"),
        ("-" * 999 + "1", "too_long", "nested too deeply"),
        ("(" * 300 + "1" + ")" * 300, "syntax_error", "is no expression"),
    ],
)
def test_what_cannot_be_computed_is_told_in_the_result(text: str, code: str, words: str) -> None:
    check_soft_failure("calculator", {"input": text}, code, words)


def test_validate() -> None:
    check_tool("calculator", {"operation": "validate", "input": "sin(x)"}, valid=True, text="valid")
    check_tool("calculator", {"operation": "validate", "input": "sin("}, valid=False, text="invalid")


def test_functions_that_are_listed_exist() -> None:
    found = payload("calculator", {"operation": "functions"})
    listed = [*found["trigonometric"], *found["hyperbolic"], *found["mathematical"], *found["rounding"]]
    assert set(listed) | set(found["utility"]) | {"pi", "e"} == set(expression.FUNCTIONS)
    for example in found["examples"]:
        assert payload("calculator", {"operation": "validate", "input": example})["valid"]


def test_wrong_calls() -> None:
    check_refused("calculator", {}, "'input' is missing; the operation 'evaluate' needs it")
    check_refused("calculator", {"input": 3}, "'input' must be a string, but 3 was given")
    check_refused(
        "calculator", {"input": ""}, "'input' must be at least 1 character long, but \"\" was given"
    )
    check_refused("calculator", {"inpt": "1"}, "there is no 'inpt'; did you mean 'input'?")
    check_refused(
        "calculator",
        {"input": "1", "operation": "eval"},
        '\'operation\' must be "evaluate" or "validate" or "functions", but "eval" was given; '
        'did you mean "evaluate"?',
    )


@given(st.text(max_size=60))
def test_any_text_is_computed_or_told(text: str) -> None:
    with suppress(expression.ExpressionError):
        assert math.isfinite(expression.evaluate(text, {"x": 2}))


@given(st.integers(-1000, 1000), st.integers(-1000, 1000), st.sampled_from("+-*"))
def test_arithmetic_is_python_s(left: int, right: int, sign: str) -> None:
    assert (
        expression.evaluate(f"({left}) {sign} ({right})", {})
        == {
            "+": left + right,
            "-": left - right,
            "*": left * right,
        }[sign]
    )
