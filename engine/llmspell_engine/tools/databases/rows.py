"""What databases answer, whichever they are: rows of plain values, and the tables that there are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time
from typing import Any, Literal

from pydantic import Field

from llmspell_engine.api.declare import Result
from llmspell_engine.tools.base import ToolError
from llmspell_engine.tools.files import LARGEST

_VALUE = 8
"""What any value is taken for beside its characters, so that many small ones are not for nothing."""


_NUMBERS = frozenset((int, float, bool, type(None)))
_PLAIN = _NUMBERS | {str}
"""Of most rows all values are such, and need no look at each."""


class QueryRows(Result):
    """What a statement came to."""

    columns: list[str] = Field(description="The columns of the rows.")
    rows: list[dict[str, Any]] = Field(description="The rows, as values by column.")
    row_count: int = Field(description="How many rows are told.")
    truncated: bool = Field(description="Whether there were more.")
    affected_rows: int = Field(description="How many rows were changed.")
    last_insert_id: int | None = Field(None, description="The number of the row that was inserted last.")


class TableColumn(Result):
    """A column of a table."""

    name: str = Field(description="Its name.")
    type: str = Field(description="Its type, as it was declared.")
    nullable: bool = Field(description="Whether it may be empty.")
    primary_key: bool = Field(description="Whether it is of the key.")
    default: str | None = Field(None, description="Its value where none is given, in SQL.")


class DatabaseTable(Result):
    """A table or view of a database."""

    name: str = Field(description="Its name.")
    kind: Literal["table", "view"] = Field(description="What it is.")
    columns: list[TableColumn] = Field(description="Its columns.")


class DatabaseSchema(Result):
    """What is in a database."""

    tables: list[DatabaseTable] = Field(description="The tables and views, by name.")
    table_count: int = Field(description="How many there are.")


def collected(
    names: Sequence[str],
    found: Iterable[Sequence[Any]],
    most: int,
    *,
    affected: int = 0,
    last_id: int | None = None,
) -> QueryRows:
    """The first ``most`` rows that come. Raises ToolError where they are larger than a script should hold."""
    columns = _told_apart(names)
    rows: list[dict[str, Any]] = []
    room = LARGEST
    truncated = False
    for row in found:
        if len(rows) == most:
            truncated = True
            break
        kinds = set(map(type, row))
        values = row if kinds <= _PLAIN else [plain(value) for value in row]
        room -= _VALUE * len(values) + (0 if kinds <= _NUMBERS else sum(map(_length, values)))
        if room < 0:
            raise ToolError(
                f"the rows are larger than {LARGEST // 1024 // 1024} MiB; ask for fewer of them, or for "
                "fewer columns",
                code="too_large",
            )
        rows.append(dict(zip(columns, values, strict=True)))
    return QueryRows(
        columns=columns,
        rows=rows,
        row_count=len(rows),
        truncated=truncated,
        affected_rows=affected,
        last_insert_id=last_id,
    )


def _told_apart(names: Sequence[str]) -> list[str]:
    """The names of columns, with numbers where two are the same, as in joins."""
    found: dict[str, None] = {}
    last: dict[str, int] = {}
    for name in names:
        number, told = last.get(name, 1), name if name not in found else ""
        while not told or told in found:
            number += 1
            told = f"{name}_{number}"
        last[name] = number
        found[told] = None
    return list(found)


def _length(value: Any) -> int:
    """The characters of a value that is no number: those of lists and tables, as they are written."""
    if isinstance(value, str):
        return len(value)
    return len(str(value)) if isinstance(value, list | dict) else 0


def plain(value: Any) -> Any:
    """A value as scripts hold it.

    Numbers with a fixed number of digits become text, which loses none of them; bytes are told in
    hexadecimal, moments in the form of ISO 8601, and what has no other form as its database writes it.
    """
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).hex()
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in value.items()}
    return str(value)
