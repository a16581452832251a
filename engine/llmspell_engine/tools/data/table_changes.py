"""Tables made of tables: with fewer rows, and with columns that are renamed, chosen and computed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from llmspell_engine.tools.base import ToolError, stop_if_cancelled
from llmspell_engine.tools.data.tables import Table, number_of
from llmspell_engine.tools.utility.expression import ExpressionError, evaluate

_COMPARISONS: tuple[str, ...] = (
    "==",
    "!=",
    ">=",
    "<=",
    "=",
    ">",
    "<",
    "contains",
    "starts_with",
    "ends_with",
)


def filtered(table: Table, condition: str) -> Table:
    """The rows for which a condition holds, ``age >= 18``. Raises ToolError."""
    column, compare, value = _condition(condition, table)
    index = table.columns.index(column)
    rows = [row for row in table.rows if _holds(row[index], compare, value)]
    return Table(table.columns, rows)


def _condition(text: str, table: Table) -> tuple[str, str, str]:
    """The column, the comparison and the value. Names of columns may have blanks."""
    for column in sorted(table.columns, key=len, reverse=True):
        rest = text.strip().removeprefix(column)
        if rest == text.strip() or not column:
            continue
        for compare in _COMPARISONS:
            if (after := rest.lstrip()).startswith(compare):
                return column, compare, after[len(compare) :].strip().strip("\"'")
    columns = ", ".join(f"'{name}'" for name in table.columns)
    raise ToolError(
        f"'options.filter' must be a column ({columns}), a comparison and a value, such as "
        f'"age >= 18", but "{text}" was given',
        code="invalid_filter",
    )


def _holds(cell: str, compare: str, value: str) -> bool:
    match compare:
        case "contains":
            return value.lower() in cell.lower()
        case "starts_with":
            return cell.lower().startswith(value.lower())
        case "ends_with":
            return cell.lower().endswith(value.lower())
    left, right = number_of(cell), number_of(value)
    if left is not None and right is not None:
        return _ORDERS[compare](left, right)
    # What is no number is compared with numbers for sameness only; nothing is above or below it.
    if right is not None and compare not in ("==", "=", "!="):
        return False
    return _ORDERS[compare](cell.strip(), value)


_ORDERS: dict[str, Callable[[Any, Any], bool]] = {
    "==": lambda left, right: left == right,
    "=": lambda left, right: left == right,
    "!=": lambda left, right: left != right,
    ">": lambda left, right: left > right,
    ">=": lambda left, right: left >= right,
    "<": lambda left, right: left < right,
    "<=": lambda left, right: left <= right,
}


def sampled(table: Table, size: int) -> Table:
    """Rows from all over the table, the same ones each time."""
    step = max(1.0, len(table.rows) / size)
    count = min(size, len(table.rows))
    return Table(table.columns, [table.rows[int(number * step)] for number in range(count)])


def transformed(
    table: Table, chosen: Sequence[str] | None, new: Mapping[str, str], names: Mapping[str, str]
) -> Table:
    """A table with new columns, of those that are chosen, some under new names. Raises ToolError."""
    for name in (*names, *(chosen or ())):
        check_column(name, [*table.columns, *new])
    columns = [*table.columns, *(name for name in new if name not in table.columns)]
    records = [_extended(dict(zip(table.columns, row, strict=True)), new) for row in table.rows]
    kept = columns if chosen is None else chosen
    return Table([names.get(name, name) for name in kept], [[row[name] for name in kept] for row in records])


def check_column(name: str, columns: Sequence[str]) -> None:
    """Raise ToolError where there is no such column."""
    if name not in columns:
        listed = ", ".join(f"'{one}'" for one in columns)
        raise ToolError(f"there is no column '{name}'; there is {listed}", code="unknown_column")


def _extended(record: dict[str, str], new: Mapping[str, str]) -> dict[str, str]:
    stop_if_cancelled()
    for name, formula in new.items():
        record[name] = _computed(formula[1:], record) if formula.startswith("=") else _filled(formula, record)
    return record


def _computed(formula: str, record: dict[str, str]) -> str:
    numbers = {name: number for name, cell in record.items() if (number := number_of(cell)) is not None}
    try:
        value = evaluate(formula, numbers)
    except ExpressionError as error:
        raise ToolError(f"'={formula}' cannot be computed: {error}", code="invalid_formula") from None
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _filled(text: str, record: dict[str, str]) -> str:
    for name, cell in record.items():
        text = text.replace(f"{{{name}}}", cell)
    return text
