"""Tables in CSV: what is in them, and other forms of them."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Callable
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from llmspell_engine.api.declare import Options, Result
from llmspell_engine.tools.base import Outcome, Tool, ToolContext, ToolError, counted, stop_if_cancelled
from llmspell_engine.tools.data.tables import (
    ColumnType,
    Table,
    excel_of,
    number_of,
    read_table,
    type_of,
    written,
)
from llmspell_engine.tools.given import GivenPath, given_text, keep
from llmspell_engine.tools.parameters import Needs, ToolParameters
from llmspell_engine.tools.requirements import Extra
from llmspell_engine.tools.utility.expression import ExpressionError, evaluate
from llmspell_engine.tools.utility.patterns import PatternSettings, compiled, told_when_slow

Operation = Literal["analyze", "convert", "filter", "sample", "transform", "validate"]
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
_MOST_FAULTS = 1000
_EXCEL = Extra("openpyxl", "excel")


class ColumnRule(Options):
    """What the cells of a column must be."""

    required: bool = Field(False, description="Whether no cell may be empty.")
    unique: bool = Field(False, description="Whether no two cells may be the same.")
    type: ColumnType | None = Field(None, description="The type of the cells.")
    min: float | None = Field(None, description="The least number.")
    max: float | None = Field(None, description="The greatest number.")
    pattern: str | None = Field(None, description="A regular expression that the whole cell matches.")
    allowed: list[str] | None = Field(None, description="The only texts there may be.")


class CsvOptions(Options):
    """Settings of single operations."""

    format: Literal["csv", "json", "jsonl", "tsv", "markdown", "excel"] = Field(
        "json", description="`convert`: the new format; `excel` needs `target_path`."
    )
    filter: Annotated[str, Field(min_length=1)] | None = Field(
        None,
        description="`filter`: a column, how to compare (`==`, `!=`, `<`, `<=`, `>`, `>=`, `contains`, "
        "`starts_with`, `ends_with`), and a value.",
        json_schema_extra={"x-example": "age >= 18"},
    )
    size: Annotated[int, Field(ge=1)] = Field(10, description="`sample`: how many rows.")
    columns: list[str] | None = Field(None, description="`transform`: the columns to keep, in this order.")
    add_columns: dict[str, str] | None = Field(
        None,
        description="`transform`: new columns, as text with `{column}` in it, or computed: `=price * count`.",
    )
    rename_columns: dict[str, str] | None = Field(
        None, description="`transform`: new names of columns, by the old ones."
    )
    rules: dict[str, ColumnRule] | None = Field(
        None, description="`validate`: what the cells of columns must be."
    )
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] | None = Field(
        None, description="What separates cells; found out where left out."
    )


class CsvParameters(ToolParameters):
    """What is done with which table."""

    needs: ClassVar[Needs] = {
        **dict.fromkeys(("analyze", "convert", "sample"), (("input", "path"),)),
        **dict.fromkeys(("filter", "transform", "validate"), (("input", "path"), "options")),
    }

    operation: Operation = Field("analyze", description="What to do.")
    input: str | None = Field(None, description="The CSV; its first line names the columns.")
    path: GivenPath | None = Field(None, description="The file to read in place of `input`.")
    target_path: GivenPath | None = Field(None, description="The file to write the new table to.")
    options: CsvOptions | None = Field(None, description="Settings of the operation.")


class ColumnFacts(Result):
    """What is known of a column."""

    name: str = Field(description="The column.")
    type: ColumnType = Field(description="The type of its cells.")
    filled: int = Field(description="How many cells are not empty.")
    empty: int = Field(description="How many are.")
    unique: int = Field(description="How many different cells there are.")
    most_frequent: str | None = Field(None, description="The text that stands most often.")
    min: float | None = Field(None, description="The least number.")
    max: float | None = Field(None, description="The greatest number.")
    mean: float | None = Field(None, description="The mean of the numbers.")
    median: float | None = Field(None, description="The median of the numbers.")
    standard_deviation: float | None = Field(None, description="How far the numbers spread.")


class TableFacts(Result):
    """What is known of a table."""

    row_count: int = Field(description="How many rows there are.")
    column_count: int = Field(description="How many columns there are.")
    delimiter: str = Field(description="What separates cells.")
    columns: list[ColumnFacts] = Field(description="The columns.")


class NewTable(Result):
    """A table that was made."""

    output: str | None = Field(None, description="The table; absent where it was written to a file.")
    format: str = Field(description="Its format.")
    row_count: int = Field(description="How many rows it has.")
    columns: list[str] = Field(description="Its columns.")
    target_path: str | None = Field(None, description="The file that was written.")


class CellFault(Result):
    """A cell that is not what a rule asks for."""

    row: int = Field(description="The row, from 1, without the line that names the columns.")
    column: str = Field(description="The column.")
    value: str = Field(description="The cell.")
    message: str = Field(description="What is wrong with it.")


class TableCheck(Result):
    """Whether a table is what rules ask for."""

    valid: bool = Field(description="Whether it is.")
    errors: list[CellFault] = Field(description="The cells that are not, at most a thousand.")
    error_count: int = Field(description="How many there are.")


class CsvAnalyzer(Tool[CsvParameters]):
    """Analyses, filters, changes, checks and converts tables in CSV."""

    name = "csv-analyzer"
    category = "data"
    aliases = ("csv_analyzer",)
    Parameters = CsvParameters
    returns = TableFacts | NewTable | TableCheck
    blocks = True

    def run(self, parameters: CsvParameters, context: ToolContext) -> Outcome:
        """Read the table and do the operation."""
        options = parameters.options or CsvOptions()
        text = given_text(parameters.input, parameters.path, context)
        table = read_table(text, options.delimiter)
        match parameters.operation:
            case "analyze":
                return _analyze(table)
            case "validate":
                return _validate(table, options)
            case "convert":
                return _made(table, options.format, parameters, context)
            case operation:
                return _made(_CHANGES[operation](table, options), "csv", parameters, context)


def _analyze(table: Table) -> Outcome:
    columns = [_facts(name, table.values(name)) for name in table.columns]
    result = TableFacts(
        row_count=len(table.rows),
        column_count=len(columns),
        delimiter=table.delimiter,
        columns=columns,
    )
    message = f"{counted(len(table.rows), 'row')} of {counted(len(columns), 'column')}"
    return Outcome("analyze", result, result.model_dump_json(exclude_none=True, indent=2), message)


def _facts(name: str, cells: list[str]) -> ColumnFacts:
    stop_if_cancelled()
    filled = [cell for cell in cells if cell.strip()]
    counts = Counter(filled)
    kind = type_of(cells)
    facts: dict[str, float] = {}
    if kind in ("integer", "number"):
        numbers = [float(cell) for cell in filled]
        facts = {
            "min": min(numbers),
            "max": max(numbers),
            "mean": statistics.fmean(numbers),
            "median": statistics.median(numbers),
            "standard_deviation": statistics.stdev(numbers) if len(numbers) > 1 else 0.0,
        }
    return ColumnFacts(
        name=name,
        type=kind,
        filled=len(filled),
        empty=len(cells) - len(filled),
        unique=len(counts),
        most_frequent=counts.most_common(1)[0][0] if counts else None,
        **facts,
    )


def _made(table: Table, form: Any, parameters: CsvParameters, context: ToolContext) -> Outcome:
    target, operation = parameters.target_path, parameters.operation
    if form == "excel":
        _EXCEL.check(context)
        if target is None:
            raise ToolError("a workbook is no text; name the file in 'target_path'", code="invalid_input")
        text, data = "", excel_of(table)
    else:
        text = written(table, form)
        data = text.encode()
    if target is not None:
        keep(data, target, context)
    result = NewTable(
        output=None if target is not None else text,
        format=form,
        row_count=len(table.rows),
        columns=table.columns,
        target_path=target,
    )
    message = f"Made a table of {counted(len(table.rows), 'row')}"
    return Outcome(operation, result, target or text, message)


def _filter(table: Table, options: CsvOptions) -> Table:
    column, compare, value = _condition(options.filter or "", table)
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


def _sample(table: Table, options: CsvOptions) -> Table:
    """Rows from all over the table, the same ones each time."""
    step = max(1.0, len(table.rows) / options.size)
    count = min(options.size, len(table.rows))
    return Table(table.columns, [table.rows[int(number * step)] for number in range(count)])


def _transform(table: Table, options: CsvOptions) -> Table:
    new = options.add_columns or {}
    for name in (*(options.rename_columns or {}), *(options.columns or ())):
        _require(name, [*table.columns, *new])
    columns = [*table.columns, *(name for name in new if name not in table.columns)]
    records = [_extended(dict(zip(table.columns, row, strict=True)), new) for row in table.rows]
    kept = columns if options.columns is None else options.columns
    names = options.rename_columns or {}
    return Table([names.get(name, name) for name in kept], [[row[name] for name in kept] for row in records])


def _require(name: str, columns: list[str]) -> None:
    if name not in columns:
        listed = ", ".join(f"'{one}'" for one in columns)
        raise ToolError(f"there is no column '{name}'; there is {listed}", code="unknown_column")


def _extended(record: dict[str, str], new: dict[str, str]) -> dict[str, str]:
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


_CHANGES: dict[str, Callable[[Table, CsvOptions], Table]] = {
    "filter": _filter,
    "sample": _sample,
    "transform": _transform,
}


def _validate(table: Table, options: CsvOptions) -> Outcome:
    faults: list[CellFault] = []
    for name, rule in (options.rules or {}).items():
        _require(name, table.columns)
        faults += _faults(name, table.values(name), rule)
    faults.sort(key=lambda fault: fault.row)
    text = "\n".join(f"row {one.row}, {one.column}: {one.message}" for one in faults) or "valid"
    result = TableCheck(valid=not faults, errors=faults[:_MOST_FAULTS], error_count=len(faults))
    message = "The table is valid" if not faults else f"The table has {counted(len(faults), 'fault')}"
    return Outcome("validate", result, text, message)


def _faults(name: str, cells: list[str], rule: ColumnRule) -> list[CellFault]:
    matches = _matcher(rule.pattern)
    seen: set[str] = set()
    faults: list[CellFault] = []
    for row, cell in enumerate(cells, 1):
        stop_if_cancelled()
        if (told := _fault(cell, rule, matches, seen)) is not None:
            faults.append(CellFault(row=row, column=name, value=cell, message=told))
        seen.add(cell)
    return faults


def _fault(cell: str, rule: ColumnRule, matches: Callable[[str], bool], seen: set[str]) -> str | None:
    if not cell.strip():
        return "it is empty" if rule.required else None
    if rule.type is not None and type_of([cell]) not in _TYPES.get(rule.type, (rule.type,)):
        return f"it is no {rule.type}"
    if rule.unique and cell in seen:
        return "it is there twice"
    if rule.allowed is not None and cell not in rule.allowed:
        return f"it is none of {', '.join(rule.allowed)}"
    if not matches(cell):
        return f"it does not match {rule.pattern}"
    return _out_of_range(number_of(cell), rule)


def _out_of_range(number: float | None, rule: ColumnRule) -> str | None:
    if rule.min is None and rule.max is None:
        return None
    if number is None:
        return "it is no number"
    if rule.min is not None and number < rule.min:
        return f"it is less than {rule.min:g}"
    return f"it is more than {rule.max:g}" if rule.max is not None and number > rule.max else None


_TYPES: dict[str, tuple[ColumnType, ...]] = {
    "number": ("integer", "number"),
    "string": ("integer", "number", "boolean", "date", "string"),
}
"""The types of single cells that a wider type takes."""


def _matcher(pattern: str | None) -> Callable[[str], bool]:
    if pattern is None:
        return lambda _: True
    expression = compiled(pattern, PatternSettings())

    def matches(cell: str) -> bool:
        with told_when_slow(pattern):
            return expression.fullmatch(cell, timeout=1) is not None

    return matches
