"""Tables of text cells: reading CSV, the types of columns, and writing other formats."""

from __future__ import annotations

import csv
import io
import json
import math
import operator
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, islice, repeat
from typing import Any, Literal, TypeVar

from llmspell_engine.tools.base import ToolError, counted, stop_if_cancelled

ColumnType = Literal["integer", "number", "boolean", "date", "string", "empty"]
TextFormat = Literal["csv", "json", "jsonl", "tsv", "markdown"]
_INTEGER = re.compile(r"[+-]?(?:0|[1-9]\d{0,17})")
_CODE = re.compile(r"[+-]?(?:0\d+|\d{19,})")
"""Digits that a number would not keep, such as those of a postcode or of an account: they are text."""
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?")
_LINE_END = re.compile(r"\r\n|\n|\r")
T = TypeVar("T")
_ROWS_BETWEEN_LOOKS = 10_000
BLOCK = 1000
"""Rows that are read at a time: few enough that they are still near the processor when they are counted."""
_WIDEST = 1_000_000
"""The longest cell, in characters."""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells under names of columns; each row has a cell for each column."""

    columns: list[str]
    rows: list[list[str]]
    delimiter: str = ","

    def values(self, column: str) -> list[str]:
        """The cells of a column."""
        index = self.columns.index(column)
        return [row[index] for row in self.rows]


Block = list[list[str]]
"""Some of the rows of a table, each with a cell for each column."""


@dataclass(frozen=True, slots=True)
class RowReader:
    """A table that is read block by block."""

    columns: list[str]
    delimiter: str
    blocks: Iterator[Block]


def read_table(text: str, delimiter: str | None) -> Table:
    """The table of a CSV text, whose first line names the columns. Raises ToolError."""
    reader = read_rows(io.StringIO(text, newline=""), delimiter)
    return Table(reader.columns, list(chain.from_iterable(reader.blocks)), reader.delimiter)


def read_rows(lines: Iterable[str], delimiter: str | None) -> RowReader:
    """The table of lines of CSV with their ends, of which the first names the columns. Raises ToolError."""
    lines = iter(lines)
    first = next((line for line in lines if line.strip()), "")
    skipped = lines if first else iter(())
    separator = delimiter or _delimiter(first)
    csv.field_size_limit(_WIDEST)
    reader = csv.reader(chain((first,), skipped), delimiter=separator, strict=True)
    with _told(reader):
        named = next(filter(None, reader), None)
    if named is None:
        raise ToolError("there is no line that names the columns", code="invalid_csv")
    columns = [name.strip() for name in named]
    for name, times in Counter(columns).items():
        if times > 1:
            raise ToolError(f"two columns are called '{name}'", code="invalid_csv")
    return RowReader(columns, separator, _blocks(reader, len(columns)))


def _blocks(reader: Any, width: int) -> Iterator[Block]:
    is_left = True
    while is_left:
        stop_if_cancelled()
        before: int = reader.line_num
        block: Block = []
        with _told(reader):
            try:
                block.extend(islice(reader, BLOCK))
            finally:
                # Rows that were read before a fault may have one that comes first.
                fitted = _fitted(block, width, before)
        is_left = bool(block)
        if fitted:
            yield fitted


@contextmanager
def _told(reader: Any) -> Iterator[None]:
    try:
        yield
    except csv.Error as error:
        raise ToolError(f"line {reader.line_num} is no CSV: {error}", code="invalid_csv") from None


def _fitted(block: Block, width: int, line: int) -> Block:
    """Rows as wide as the table, without the empty ones; ``line`` is the last one before them."""
    if set(map(len, block)) == {width}:
        return block
    for row in block:
        line += 1 + sum(len(_LINE_END.findall(cell)) for cell in row)
        if len(row) > width:
            raise ToolError(
                f"line {line} has {counted(len(row), 'cell')}, but {counted(width, 'column')} are named",
                code="invalid_csv",
            )
    return [row + [""] * (width - len(row)) for row in block if row]


def _watched(rows: Iterable[T]) -> Iterator[T]:
    """The rows, for as long as somebody waits for what is made of them."""
    for number, row in enumerate(rows):
        if number % _ROWS_BETWEEN_LOOKS == 0:
            stop_if_cancelled()
        yield row


def _delimiter(first: str) -> str:
    """What separates cells: the sign of the usual ones that stands most in the first line."""
    return max(",;\t|", key=first.strip().count)


def type_of(values: Iterable[str]) -> ColumnType:
    """The narrowest type that all cells have which are not empty."""
    filled = list(filter(None, map(str.strip, values)))
    if not filled:
        return "empty"
    if all(map(_INTEGER.fullmatch, filled)):
        return "integer"
    if _are_numbers(filled) and not any(map(_CODE.fullmatch, filled)):
        return "number"
    if all(value.lower() in ("true", "false") for value in filled):
        return "boolean"
    return "date" if all(map(_DATE.fullmatch, filled)) else "string"


def _are_numbers(cells: Collection[str]) -> bool:
    try:
        numbers = map(float, cells)
        return all(map(math.isfinite, numbers)) and not any(map(operator.contains, cells, repeat("_")))
    except ValueError:
        return False


def number_of(text: str) -> float | None:
    """The number that a cell is, or None."""
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) and "_" not in text else None


def typed(value: str, kind: ColumnType) -> Any:
    """A cell as a value of its column's type; None where it is empty, unless text is wanted."""
    if kind in ("string", "date"):
        return value
    if not value.strip():
        return None
    if kind == "integer":
        return int(value)
    return float(value) if kind == "number" else value.strip().lower() == "true"


def records_of(table: Table) -> list[dict[str, Any]]:
    """The rows as values by column."""
    kinds = {name: type_of(table.values(name)) for name in table.columns}
    return [
        {name: typed(cell, kinds[name]) for name, cell in zip(table.columns, row, strict=True)}
        for row in _watched(table.rows)
    ]


def written(table: Table, form: TextFormat) -> str:
    """A table as text."""
    return _WRITERS[form](table)


def _separated(table: Table, delimiter: str) -> str:
    stream = io.StringIO()
    csv.writer(stream, delimiter=delimiter, lineterminator="\n").writerows([table.columns, *table.rows])
    return stream.getvalue()


def _json(table: Table) -> str:
    """As with an indentation of two; the encoder itself is several times slower with one."""
    names = [json.dumps(name, ensure_ascii=False) for name in table.columns]
    encode = json.JSONEncoder(ensure_ascii=False).encode

    def told(record: dict[str, Any]) -> str:
        fields = (f"    {name}: {encode(value)}" for name, value in zip(names, record.values(), strict=True))
        return "  {\n" + ",\n".join(fields) + "\n  }"

    records = ",\n".join(map(told, _watched(records_of(table))))
    return f"[\n{records}\n]" if records else "[]"


def _json_lines(table: Table) -> str:
    return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in _watched(records_of(table)))


def _markdown(table: Table) -> str:
    def line(cells: Sequence[str]) -> str:
        shown = (cell.replace("|", "\\|").replace("\n", "<br>") for cell in cells)
        return f"| {' | '.join(shown)} |\n"

    return "".join([line(table.columns), line(["---"] * len(table.columns)), *map(line, table.rows)])


_WRITERS: dict[TextFormat, Callable[[Table], str]] = {
    "csv": lambda table: _separated(table, ","),
    "tsv": lambda table: _separated(table, "\t"),
    "json": _json,
    "jsonl": _json_lines,
    "markdown": _markdown,
}


def excel_of(table: Table) -> bytes:
    """A table as a workbook of Excel with one sheet."""
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.utils.exceptions import IllegalCharacterError

    book = Workbook(write_only=True)
    sheet = book.create_sheet("Data")
    try:
        for row in (table.columns, *(record.values() for record in records_of(table))):
            cells = [WriteOnlyCell(sheet, value) for value in row]
            for cell in cells:
                # What begins like a formula came as text, and stays text.
                cell.data_type = "s" if cell.data_type == "f" else cell.data_type
            sheet.append(cells)
    except IllegalCharacterError:
        raise ToolError("a cell has a character that Excel cannot keep", code="not_encodable") from None
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()
