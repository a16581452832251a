"""Tables in CSV: what is in them, and other forms of them."""

from __future__ import annotations

import math
import statistics
from collections import Counter
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from llmspell_engine.api.declare import Options, Result
from llmspell_engine.tools.base import Outcome, Tool, ToolContext, ToolError, counted, stop_if_cancelled
from llmspell_engine.tools.data.table_changes import filtered, sampled, transformed
from llmspell_engine.tools.data.table_rules import CellFault, ColumnRule, faults_of
from llmspell_engine.tools.data.tables import ColumnType, Table, excel_of, read_table, type_of, written
from llmspell_engine.tools.given import GivenPath, given_text, keep
from llmspell_engine.tools.parameters import Needs, ToolParameters
from llmspell_engine.tools.requirements import Extra

Operation = Literal["analyze", "convert", "filter", "sample", "transform", "validate"]
_MOST_FAULTS = 1000
_EXCEL = Extra("openpyxl", "excel")


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
                return _made(_changed(table, operation, options), "csv", parameters, context)


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
        mean = statistics.fmean(numbers)
        facts = {
            "min": min(numbers),
            "max": max(numbers),
            "mean": mean,
            "median": statistics.median(numbers),
            "standard_deviation": _deviation(numbers, mean),
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


def _deviation(numbers: list[float], mean: float) -> float:
    """That of a sample. The standard library counts in fractions, which takes ten times as long."""
    if len(numbers) < 2:
        return 0.0
    return math.hypot(*(number - mean for number in numbers)) / math.sqrt(len(numbers) - 1)


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


def _changed(table: Table, operation: str, options: CsvOptions) -> Table:
    match operation:
        case "filter":
            return filtered(table, options.filter or "")
        case "sample":
            return sampled(table, options.size)
    return transformed(table, options.columns, options.add_columns or {}, options.rename_columns or {})


def _validate(table: Table, options: CsvOptions) -> Outcome:
    faults = faults_of(table, options.rules or {})
    text = "\n".join(f"row {one.row}, {one.column}: {one.message}" for one in faults) or "valid"
    result = TableCheck(valid=not faults, errors=faults[:_MOST_FAULTS], error_count=len(faults))
    message = "The table is valid" if not faults else f"The table has {counted(len(faults), 'fault')}"
    return Outcome("validate", result, text, message)
