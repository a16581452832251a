"""Arithmetic expressions: read as Python's syntax trees, computed by rules of our own.

Nothing of an expression is ever executed as code: only the node types listed here are computed, and
numbers are kept small enough that no expression can take long.
"""

from __future__ import annotations

import ast
import math
import operator
import re
from collections.abc import Callable, Mapping
from typing import Any

Number = bool | int | float

LONGEST = 1000
"""Characters of an expression."""
_DEEPEST = 250
_LARGEST_BITS = 4096
_LARGEST_FACTORIAL = 170

CONSTANTS: dict[str, Number] = {
    "pi": math.pi, "e": math.e, "tau": math.tau, "inf": math.inf, "true": True, "false": False,
}  # fmt: skip


class ExpressionError(Exception):
    """An expression that cannot be read or computed; ``code`` is a word for why."""

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.code = code


def evaluate(text: str, variables: Mapping[str, Number]) -> Number:
    """The value of an expression. Raises ExpressionError."""
    tree = parse(text)
    try:
        return _plain(_compute(tree, variables))
    except ZeroDivisionError:
        raise ExpressionError("division by zero", "division_by_zero") from None
    except (ValueError, TypeError) as error:
        raise ExpressionError(f"cannot be computed: {error}", "domain_error") from None
    except OverflowError:
        raise ExpressionError("the result is too large", "overflow") from None


def parse(text: str) -> ast.expr:
    """The tree of an expression. Raises ExpressionError when it is none."""
    if len(text) > LONGEST:
        raise ExpressionError(f"longer than {LONGEST} characters", "too_long")
    try:
        tree = ast.parse(_in_python_spelling(text), mode="eval").body
        _check(tree)
    except (SyntaxError, ValueError):
        raise ExpressionError(f"'{text}' is no expression", "syntax_error") from None
    except (RecursionError, MemoryError):
        raise ExpressionError("nested too deeply", "too_long") from None
    return tree


def _in_python_spelling(text: str) -> str:
    text = text.replace("^", "**").replace("&&", " and ").replace("||", " or ")
    return re.sub(r"!(?!=)", " not ", text).strip()


def _check(node: ast.expr, depth: int = 0) -> None:
    """Refuse what is no arithmetic, before anything is computed."""
    if depth > _DEEPEST:
        raise ExpressionError("nested too deeply", "too_long")
    if isinstance(node, ast.Constant):
        if not isinstance(node.value, int | float):
            raise ExpressionError(f"{node.value!r} is no number", "syntax_error")
    elif isinstance(node, ast.Call):
        _check_call(node)
    elif not _is_computable(node):
        raise ExpressionError(f"'{ast.unparse(node)}' is no arithmetic", "syntax_error")
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.expr) and not (isinstance(node, ast.Call) and child is node.func):
            _check(child, depth + 1)


def _is_computable(node: ast.expr) -> bool:
    match node:
        case ast.UnaryOp(op=op):
            return type(op) in _UNARY
        case ast.BinOp(op=op):
            return type(op) in _BINARY
        case ast.Compare(ops=ops):
            return all(type(op) in _COMPARISONS for op in ops)
    return isinstance(node, ast.Name | ast.BoolOp | ast.IfExp)


def _check_call(node: ast.Call) -> None:
    name = node.func.id if isinstance(node.func, ast.Name) else ast.unparse(node.func)
    if name not in FUNCTIONS:
        raise ExpressionError(f"there is no function '{name}'", "unknown_function")
    if node.keywords:
        raise ExpressionError(f"'{name}' takes no named arguments", "syntax_error")


def _compute(node: ast.expr, variables: Mapping[str, Number]) -> Number:
    match node:
        case ast.Constant(value=int() | float() as value):
            return value
        case ast.Name(id=name):
            return _named(name, variables)
        case ast.UnaryOp(op=op, operand=operand):
            return _UNARY[type(op)](_compute(operand, variables))
        case ast.BinOp(left=left, op=op, right=right):
            return _BINARY[type(op)](_compute(left, variables), _compute(right, variables))
        case ast.BoolOp():
            return _logical(node, variables)
        case ast.Compare():
            return _compared(node, variables)
        case ast.IfExp(test=test, body=body, orelse=otherwise):
            return _compute(body if _compute(test, variables) else otherwise, variables)
        case ast.Call(func=ast.Name(id=name), args=arguments):
            return FUNCTIONS[name](*[_compute(one, variables) for one in arguments])
    raise ExpressionError(f"'{ast.unparse(node)}' is no arithmetic", "syntax_error")


def _named(name: str, variables: Mapping[str, Number]) -> Number:
    if name in variables:
        return variables[name]
    if name.lower() in CONSTANTS:
        return CONSTANTS[name.lower()]
    raise ExpressionError(f"the variable '{name}' has no value", "unknown_variable")


def _logical(node: ast.BoolOp, variables: Mapping[str, Number]) -> bool:
    values = (bool(_compute(one, variables)) for one in node.values)
    return all(values) if isinstance(node.op, ast.And) else any(values)


def _compared(node: ast.Compare, variables: Mapping[str, Number]) -> bool:
    left = _compute(node.left, variables)
    for op, expression in zip(node.ops, node.comparators, strict=True):
        right = _compute(expression, variables)
        if not _COMPARISONS[type(op)](left, right):
            return False
        left = right
    return True


def _power(base: Number, exponent: Number) -> Number:
    is_whole = isinstance(base, int) and isinstance(exponent, int) and exponent >= 0
    if is_whole and int(base).bit_length() * exponent > _LARGEST_BITS:
        return float(base) ** exponent
    result = base**exponent
    if not isinstance(result, complex):
        return result
    raise ValueError("the root of a negative number is not real")


def _factorial(n: Number) -> int:
    if not 0 <= n <= _LARGEST_FACTORIAL or n != int(n):
        raise ValueError(f"factorial takes whole numbers from 0 to {_LARGEST_FACTORIAL}")
    return math.factorial(int(n))


def _plain(value: Number) -> Number:
    """A whole result as an integer while it is exact; refuses what is no number."""
    if isinstance(value, float) and not math.isfinite(value):
        raise ExpressionError("the result is not a finite number", "overflow")
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > 2**53:
        return float(value)
    exact = isinstance(value, float) and value.is_integer() and abs(value) <= 2**53
    return int(value) if exact else value


_UNARY: dict[type[ast.unaryop], Callable[[Any], Number]] = {
    ast.UAdd: operator.pos, ast.USub: operator.neg, ast.Not: operator.not_,
}  # fmt: skip
_BINARY: dict[type[ast.operator], Callable[[Any, Any], Number]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv, ast.Mod: operator.mod, ast.Pow: _power,
}  # fmt: skip
_COMPARISONS: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq, ast.NotEq: operator.ne, ast.Lt: operator.lt, ast.LtE: operator.le,
    ast.Gt: operator.gt, ast.GtE: operator.ge,
}  # fmt: skip
TRIGONOMETRIC: dict[str, Callable[..., Number]] = {
    "sin": math.sin, "cos": math.cos, "tan": math.tan, "asin": math.asin, "acos": math.acos,
    "atan": math.atan, "atan2": math.atan2, "deg": math.degrees, "rad": math.radians,
}  # fmt: skip
HYPERBOLIC: dict[str, Callable[..., Number]] = {
    "sinh": math.sinh, "cosh": math.cosh, "tanh": math.tanh,
    "asinh": math.asinh, "acosh": math.acosh, "atanh": math.atanh,
}  # fmt: skip
MATHEMATICAL: dict[str, Callable[..., Number]] = {
    "sqrt": math.sqrt, "cbrt": math.cbrt, "exp": math.exp, "ln": math.log, "log": math.log,
    "log2": math.log2, "log10": math.log10, "pow": _power, "hypot": math.hypot,
    "factorial": _factorial,
}  # fmt: skip
ROUNDING: dict[str, Callable[..., Number]] = {
    "floor": math.floor, "ceil": math.ceil, "round": round, "trunc": math.trunc,
}  # fmt: skip
UTILITY: dict[str, Callable[..., Number]] = {
    "abs": abs, "min": min, "max": max, "sign": lambda x: (x > 0) - (x < 0), "mod": operator.mod,
    "gcd": lambda a, b: math.gcd(int(a), int(b)),
}  # fmt: skip
_CALLED_CONSTANTS: dict[str, Callable[..., Number]] = {"pi": lambda: math.pi, "e": lambda: math.e}
"""Constants that older scripts call."""
FUNCTIONS = TRIGONOMETRIC | HYPERBOLIC | MATHEMATICAL | ROUNDING | UTILITY | _CALLED_CONSTANTS
