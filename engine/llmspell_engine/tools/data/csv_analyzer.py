"""Tables in CSV: what is in them, and other forms of them."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from llmspell_engine.api.declare import Options, Result
from llmspell_engine.tools.base import Outcome, Tool, ToolContext, ToolError, counted
from llmspell_engine.tools.data.table_changes import filtered, sampled, transformed
from llmspell_engine.tools.data.table_facts import ColumnFacts, facts_of
from llmspell_engine.tools.data.table_rules import CellFault, ColumnRule, faults_of
from llmspell_engine.tools.data.tables import Table, excel_of, read_rows, read_table, written
from llmspell_engine.tools.data_values import json_text
from llmspell_engine.tools.given import GivenPath, given_lines, given_text, keep
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
    input: str | None = Field(
        None,
        description="The CSV; its first line names the columns.",
        json_schema_extra={"x-example": "name,age"},
    )
    path: GivenPath | None = Field(None, description="The file to read in place of `input`.")
    target_path: GivenPath | None = Field(None, description="The file to write the new table to.")
    options: CsvOptions | None = Field(None, description="Settings of the operation.")


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
        if parameters.operation == "analyze":
            return _analyze(parameters, options, context)
        text = given_text(parameters.input, parameters.path, context)
        table = read_table(text, options.delimiter)
        match parameters.operation:
            case "validate":
                return _validate(table, options)
            case "convert":
                return _made(table, options.format, parameters, context)
            case operation:
                return _made(_changed(table, operation, options), "csv", parameters, context)


def _analyze(parameters: CsvParameters, options: CsvOptions, context: ToolContext) -> Outcome:
    with given_lines(parameters.input, parameters.path, context) as lines:
        table = read_rows(lines, options.delimiter)
        count, columns = facts_of(table.columns, table.blocks)
    result = TableFacts(
        row_count=count, column_count=len(columns), delimiter=table.delimiter, columns=columns
    )
    message = f"{counted(count, 'row')} of {counted(len(columns), 'column')}"
    return Outcome("analyze", result, json_text(result), message)


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
    faults, count = faults_of(table, options.rules or {}, _MOST_FAULTS)
    lines = [f"row {one.row}, {one.column}: {one.message}" for one in faults]
    if count > len(faults):
        lines.append(f"and {count - len(faults)} more")
    result = TableCheck(valid=not faults, errors=faults, error_count=count)
    message = "The table is valid" if not faults else f"The table has {counted(count, 'fault')}"
    return Outcome("validate", result, "\n".join(lines) or "valid", message)
