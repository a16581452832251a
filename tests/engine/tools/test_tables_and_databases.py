"""Tables in CSV, databases, graphs and PDF files."""

from __future__ import annotations

import io
import json
import sqlite3
import struct
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import anyio
import pytest
from llmspell_engine.tools import given, requirements
from llmspell_engine.tools.base import ToolContext, ToolError
from llmspell_engine.tools.data import table_facts, tables
from llmspell_engine.tools.registry import tool_named
from openpyxl import load_workbook
from pypdf import PdfReader, PdfWriter
from support.tools import Case, check_case, check_raises, check_tool, each_case, payload, run_tool

CSV, DATABASE, GRAPH, PDF = "csv-analyzer", "database-connector", "graph-builder", "pdf-processor"
PEOPLE = "name,age,town\nAnn,30,Rome\nBo,,Oslo\n'Cy',7,\"Ulm, north\"\n"


def people(operation: str, **options: Any) -> dict[str, Any]:
    return {"operation": operation, "input": PEOPLE, "options": options}


CSV_CALLS = [
    Case("what is in it", {"input": PEOPLE}, {"row_count": 3, "column_count": 3, "delimiter": ","}),
    Case("semicolons", {"input": "a;b\n1;2"}, {"delimiter": ";", "column_count": 2}),
    Case(
        "a separator that is said", {"input": "a|b,c\n", "options": {"delimiter": "|"}}, {"column_count": 2}
    ),
    Case("of a file", {"path": "t.csv"}, {"row_count": 1}, files={"t.csv": b"\xef\xbb\xbfa\n1\n"}),
    Case(
        "some rows",
        people("filter", filter="age > 10"),
        {"row_count": 1},
        text="name,age,town\nAnn,30,Rome\n",
    ),
    Case("rows with a text", people("filter", filter='town contains "ulm"'), {"row_count": 1}),
    Case("rows without", people("filter", filter="town != Rome"), {"row_count": 2}),
    Case("rows that begin so", people("filter", filter="name starts_with a"), {"row_count": 1}),
    Case(
        "a sample", people("sample", size=2), {"row_count": 2}, text="name,age,town\nAnn,30,Rome\nBo,,Oslo\n"
    ),
    Case("a larger sample than there is", people("sample", size=99), {"row_count": 3}),
    Case(
        "columns are renamed, chosen and added",
        people(
            "transform",
            rename_columns={"name": "who"},
            columns=["name", "at"],
            add_columns={"at": "in {town}"},
        ),
        {"columns": ["who", "at"]},
        text="who,at\nAnn,in Rome\nBo,in Oslo\n'Cy',\"in Ulm, north\"\n",
    ),
    Case(
        "columns are computed",
        {"operation": "transform", "input": "a,b\n2,3\n1,0.5\n", "options": {"add_columns": {"c": "=a * b"}}},
        {"row_count": 2},
        text="a,b,c\n2,3,6\n1,0.5,0.5\n",
    ),
    Case(
        "JSON lines",
        {"operation": "convert", "input": "a,b\n1,x\n,y\n", "options": {"format": "jsonl"}},
        {"format": "jsonl"},
        text='{"a": 1, "b": "x"}\n{"a": null, "b": "y"}\n',
    ),
    Case(
        "digits that a number would not keep stay text",
        {
            "operation": "convert",
            "input": "postcode,account,n,f\n01067,12345678901234567890,0,1e3\n89073,1,-7,0.5\n",
            "options": {"format": "jsonl"},
        },
        {},
        text='{"postcode": "01067", "account": "12345678901234567890", "n": 0, "f": 1000.0}\n'
        '{"postcode": "89073", "account": "1", "n": -7, "f": 0.5}\n',
    ),
    Case(
        "tabs",
        {"operation": "convert", "input": "a,b\n1,x\n", "options": {"format": "tsv"}},
        {},
        text="a\tb\n1\tx\n",
    ),
    Case(
        "Markdown",
        {"operation": "convert", "input": "a,b\n1,x|y\n", "options": {"format": "markdown"}},
        {},
        text="| a | b |\n| --- | --- |\n| 1 | x\\|y |\n",
    ),
    Case(
        "into a file",
        {**people("convert", format="csv"), "target_path": "n.csv"},
        {"output": None, "target_path": "n.csv"},
        text="n.csv",
        leaves={"n.csv": "name,age,town\nAnn,30,Rome\nBo,,Oslo\n'Cy',7,\"Ulm, north\"\n"},
    ),
    Case(
        "it is as it should be",
        people(
            "validate",
            rules={"age": {"type": "integer", "max": 99}, "name": {"required": True, "unique": True}},
        ),
        {"valid": True, "errors": []},
        text="valid",
    ),
    Case(
        "cells that are not",
        people("validate", rules={"age": {"required": True, "min": 10}, "town": {"pattern": "[A-Z][a-z]+"}}),
        {"valid": False, "error_count": 3},
        text="row 2, age: it is empty\nrow 3, age: it is less than 10\n"
        "row 3, town: it does not match [A-Z][a-z]+",
    ),
    Case(
        "cells of other kinds",
        {
            "operation": "validate",
            "input": "a,b\nx,p\ny,p\n",
            "options": {"rules": {"a": {"type": "number"}, "b": {"unique": True, "allowed": ["p", "q"]}}},
        },
        {"error_count": 3},
    ),
    Case(
        "no table",
        {"operation": "sample"},
        refused="'input' or 'path' is missing; the operation 'sample' needs it",
    ),
    Case(
        "nothing said",
        {"operation": "filter", "input": "a"},
        refused="'options' is missing; the operation 'filter' needs it",
    ),
    Case(
        "no such option",
        {"input": "a", "options": {"siz": 3}},
        refused="there is no 'options.siz'; did you mean 'size'?",
    ),
    Case(
        "no size",
        {"input": "a", "options": {"size": 0}},
        refused="'options.size' must be at least 1, but 0 was given",
    ),
    Case("an empty text", {"input": ""}, fails=("invalid_csv", "no line that names the columns")),
    Case(
        "a row too long",
        {"input": "a,b\n1,2\n1,2,3"},
        fails=("invalid_csv", "line 3 has 3 cells, but 2 columns are named"),
    ),
    Case(
        "a row too long, after empty lines and cells of several lines",
        {"input": 'a,b\n\n"1\r\n\n",2\n\n"x\ry"\n1,2,3\n4,5\n'},
        fails=("invalid_csv", "line 9 has 3 cells, but 2 columns are named"),
    ),
    Case(
        "a row too long, before another fault",
        {"input": 'a,b\n1,2,3\n"4'},
        fails=("invalid_csv", "line 2 has 3 cells"),
    ),
    Case("a quote too few", {"input": 'a,b\n"1,2\n'}, fails=("invalid_csv", "line 2 is no CSV")),
    Case("two columns of a name", {"input": "a,a\n"}, fails=("invalid_csv", "two columns are called 'a'")),
    Case(
        "no condition",
        people("filter", filter="height > 3"),
        fails=("invalid_filter", "must be a column ('name', 'age', 'town')"),
    ),
    Case("no filter", people("filter"), fails=("invalid_filter", "must be a column")),
    Case(
        "no such column",
        people("transform", columns=["height"]),
        fails=("unknown_column", "there is no column 'height'; there is 'name'"),
    ),
    Case(
        "a formula that fails",
        people("transform", add_columns={"x": "=1 / age"}),
        fails=("invalid_formula", "'=1 / age' cannot be computed"),
    ),
    Case(
        "a rule that is no expression",
        people("validate", rules={"age": {"pattern": "("}}),
        fails=("invalid_pattern", "'(' is no regular expression"),
    ),
    Case(
        "a workbook is no text",
        people("convert", format="excel"),
        fails=("invalid_input", "name the file in 'target_path'"),
    ),
    Case(
        "a file that is no text",
        {"path": "t.csv"},
        fails=("not_text", "'t.csv' is no text in UTF-8"),
        files={"t.csv": b"\xff\xfe"},
    ),
    Case("a file outside", {"path": "../t.csv"}, forbids="read"),
]


@each_case(CSV_CALLS)
def test_calls_of_the_csv_analyzer(case: Case, tmp_path: Path) -> None:
    check_case(CSV, case, tmp_path)


def test_facts_of_columns() -> None:
    text = "i,n,b,d,s,e\n1,1.5,true,2024-01-02,x,\n3,-2,FALSE,2024-01-02T10:00:00Z,x,\n2,,true,,,\n"
    facts = {one["name"]: one for one in payload("csv_analyzer", {"input": text})["columns"]}
    assert {name: one["type"] for name, one in facts.items()} == {
        "i": "integer",
        "n": "number",
        "b": "boolean",
        "d": "date",
        "s": "string",
        "e": "empty",
    }
    integers = facts["i"]
    assert (integers["min"], integers["max"], integers["mean"], integers["median"]) == (1, 3, 2, 2)
    assert integers["standard_deviation"] == pytest.approx(1)
    assert (facts["n"]["filled"], facts["n"]["empty"], facts["s"]["unique"]) == (2, 1, 1)
    assert facts["s"]["most_frequent"] == "x"
    assert json.loads(run_tool(CSV, {"input": text}).text)["row_count"] == 3, "older scripts read the text"


def test_a_table_of_more_different_cells_than_are_held_is_known_by_less(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    numbers = [str((number * 37) % 1000 / 8) for number in range(1000)]
    text = "n,s,t\n" + "".join(f"{one},{number % 3},x{number}\n" for number, one in enumerate(numbers))
    whole = payload(CSV, {"input": text})["columns"]
    monkeypatch.setattr(tables, "BLOCK", 100)
    monkeypatch.setattr(table_facts, "MOST_DIFFERENT", 50)
    less = payload(CSV, {"input": text})["columns"]
    kept = {"name", "type", "filled", "empty", "min", "max", "mean", "median", "standard_deviation"}
    assert [one["unique"] for one in whole] == [1000, 3, 1000]
    assert [one.get("unique") for one in less] == [None, 3, None]
    for one, other in zip(whole, less, strict=True):
        held = {key: value for key, value in one.items() if key in kept}
        assert {key: value for key, value in other.items() if key in kept} == pytest.approx(held)


def test_rows_are_filled_up_and_counted_across_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "BLOCK", 3)
    facts = payload(CSV, {"input": "a,b\n" + "1,x\n2\n\n" * 5})
    assert facts["row_count"] == 10
    assert [(one["filled"], one["empty"], one["unique"]) for one in facts["columns"]] == [
        (10, 0, 2),
        (5, 5, 1),
    ]
    assert facts["columns"][0]["median"] == 1.5


def test_a_thousand_faults_are_told_and_all_counted() -> None:
    text = "a,b\n" + "x,y\n" * 1500
    rules = {"a": {"type": "integer"}, "b": {"required": True, "allowed": ["z"]}}
    done = run_tool(CSV, {"operation": "validate", "input": text, "options": {"rules": rules}})
    assert (done.result.error_count, len(done.result.errors)) == (3000, 1000)
    assert [(one.row, one.column) for one in done.result.errors[:3]] == [(1, "a"), (1, "b"), (2, "a")]
    assert done.text.splitlines()[-1] == "and 2000 more"


def test_a_line_without_an_end_is_not_read_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(given, "LONGEST_LINE", 100)
    (tmp_path / "t.csv").write_text("a\n" + "x" * 200)
    check_raises(CSV, {"path": "t.csv"}, "too_large", "line 2 of 't.csv' is longer than 100", root=tmp_path)


def test_a_workbook_keeps_numbers_and_makes_no_formulas(tmp_path: Path) -> None:
    asked = {
        "operation": "convert",
        "input": "a,b\n1,=1+1\n2,x\n",
        "options": {"format": "excel"},
        "target_path": "t.xlsx",
    }
    check_tool(CSV, asked, root=tmp_path, format="excel", target_path="t.xlsx")
    sheet = load_workbook(tmp_path / "t.xlsx").active
    assert sheet is not None
    assert [[cell.value for cell in row] for row in sheet.iter_rows()] == [["a", "b"], [1, "=1+1"], [2, "x"]]
    assert sheet["B2"].data_type == "s"


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """A folder with a database of people, and one that is not to be reached."""
    root = tmp_path / "root"
    root.mkdir()
    for path in (root / "people.db", tmp_path / "secret.db"):
        connection = sqlite3.connect(path)
        connection.executescript(
            "CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT NOT NULL, age INT DEFAULT 1, face BLOB);"
            "INSERT INTO people (name, age, face) VALUES ('Ann', 30, x'00ff'), ('Bo', 7, NULL);"
            "CREATE VIEW adults AS SELECT name FROM people WHERE age >= 18;"
        )
        connection.close()
    return root


def sql(query: str, kind: str = "SELECT", **more: Any) -> dict[str, Any]:
    return {"operation": "query", "database": "people.db", "query": query, "query_type": kind, **more}


DATABASE_CALLS = [
    Case(
        "rows",
        sql("SELECT name, face FROM people ORDER BY id"),
        {
            "columns": ["name", "face"],
            "rows": [{"name": "Ann", "face": "00ff"}, {"name": "Bo", "face": None}],
            "row_count": 2,
            "truncated": False,
        },
        text="name,face\nAnn,00ff\nBo,\n",
    ),
    Case(
        "parameters by place",
        sql("SELECT id FROM people WHERE name = ?", parameters=["Bo"]),
        {"rows": [{"id": 2}]},
    ),
    Case(
        "parameters by name",
        sql("SELECT id FROM people WHERE name = :n", parameters={"n": "Ann'; --"}),
        {"rows": []},
    ),
    Case("functions and views", sql("SELECT upper(name) AS n FROM adults"), {"rows": [{"n": "ANN"}]}),
    Case(
        "a query that calls itself",
        sql("WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 3) SELECT x FROM c"),
        {"row_count": 3},
    ),
    Case("so many rows", sql("SELECT * FROM people", max_rows=1), {"row_count": 1, "truncated": True}),
    Case(
        "rows are added",
        sql("INSERT INTO people (name) VALUES ('Cy')", "INSERT"),
        {"affected_rows": 1, "last_insert_id": 3, "columns": []},
        text="1 row",
    ),
    Case("rows are changed", sql("UPDATE people SET age = age + 1", "UPDATE"), {"affected_rows": 2}),
    Case("rows are removed", sql("DELETE FROM people WHERE age < 18", "DELETE"), {"affected_rows": 1}),
    Case(
        "a database is made", {**sql("CREATE TABLE t (a)", "SCHEMA"), "database": "new.db"}, {"columns": []}
    ),
    Case(
        "what is in it",
        {"operation": "schema", "database": "people.db"},
        {"table_count": 2},
        text="adults(name)\npeople(id, name, age, face)",
    ),
    Case(
        "no statement",
        {"operation": "query", "database": "people.db"},
        refused="'query' is missing; the operation 'query' needs it",
    ),
    Case(
        "no such class",
        sql("x", "TRUNCATE"),
        refused='\'query_type\' must be one of "SELECT", "INSERT", "UPDATE", "DELETE", "SCHEMA", '
        'but "TRUNCATE" was given',
    ),
    Case("no rows", sql("x", max_rows=0), refused="'max_rows' must be at least 1, but 0 was given"),
    Case("no SQL", sql("SELEKT 1"), fails=("database_error", "syntax error")),
    Case("no such table", sql("SELECT * FROM pets"), fails=("database_error", "no such table: pets")),
    Case("too few parameters", sql("SELECT ?"), fails=("invalid_query", "do not fit")),
    Case("two statements", sql("SELECT 1; DROP TABLE people"), fails=("invalid_query", "do not fit")),
    Case("a SELECT that removes", sql("DELETE FROM people"), fails=("forbidden", "more than a SELECT may")),
    Case(
        "an INSERT that removes",
        sql("DELETE FROM people", "INSERT"),
        fails=("forbidden", "more than a INSERT may"),
    ),
    Case(
        "an UPDATE that drops",
        sql("DROP TABLE people", "UPDATE"),
        fails=("forbidden", "more than a UPDATE may"),
    ),
    Case(
        "another file",
        sql("ATTACH DATABASE '../secret.db' AS s", "SCHEMA"),
        fails=("forbidden", "more than a SCHEMA may"),
    ),
    Case(
        "a setting",
        sql("PRAGMA writable_schema = 1", "SCHEMA"),
        fails=("forbidden", "more than a SCHEMA may"),
    ),
    Case(
        "a copy elsewhere",
        sql("VACUUM INTO '/tmp/llmspell-copy.db'", "SCHEMA"),
        fails=("forbidden", "more than a SCHEMA may"),
    ),
    Case(
        "code from a library",
        sql("SELECT load_extension('x')"),
        fails=("forbidden", "more than a SELECT may"),
    ),
    Case(
        "the table of tables",
        sql("UPDATE sqlite_master SET sql = ''", "UPDATE"),
        fails=("database_error", "may not be modified"),
    ),
    Case("a value too large", sql("SELECT ?", parameters=[2**70]), fails=("invalid_query", "do not fit")),
    Case(
        "no database", {**sql("SELECT 1"), "database": "no.db"}, fails=("not_found", "'no.db' does not exist")
    ),
    Case(
        "no file is made for it",
        {**sql("INSERT INTO t VALUES (1)", "INSERT"), "database": "no.db"},
        fails=("not_found", "'no.db' does not exist"),
        leaves={"no.db": None},
    ),
    Case(
        "a file that is none",
        {**sql("SELECT * FROM t"), "database": "x"},
        fails=("database_error", "file is not a database"),
        files={"x": "text" * 1000},
    ),
    Case(
        "none is configured",
        {"operation": "schema"},
        fails=("needs_configuration", "[tools.settings.database-connector.databases]"),
    ),
    Case(
        "a server",
        {**sql("SELECT 1"), "database": "postgresql://localhost/x"},
        forbids="hosts",
    ),
    Case("a file outside", {**sql("SELECT 1"), "database": "../secret.db"}, forbids="read"),
    Case(
        "a file outside, by its URL",
        {**sql("SELECT 1"), "database": "sqlite:////etc/secret.db"},
        forbids="read",
    ),
    Case(
        "a file by its URL", {**sql("SELECT 1 AS a"), "database": "sqlite:///people.db"}, {"rows": [{"a": 1}]}
    ),
    Case(
        "a statement that takes too long",
        sql(
            "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t) SELECT max(n) FROM t",
            timeout=0.2,
        ),
        fails=("timeout", "longer than 0.2 s"),
    ),
    Case(
        "writing outside",
        {**sql("DELETE FROM people", "DELETE"), "database": "../secret.db"},
        forbids="write",
    ),
]


@each_case(DATABASE_CALLS)
def test_calls_of_the_database_connector(case: Case, database: Path) -> None:
    check_case(DATABASE, case, database)


def test_a_refused_statement_changes_nothing(database: Path) -> None:
    for query in ("DELETE FROM people", "INSERT INTO people (name) VALUES ('x') RETURNING id"):
        check_raises(DATABASE, sql(query), "forbidden", "more than a SELECT", root=database)
    check_tool(DATABASE, sql("SELECT count(*) AS n FROM people"), root=database, rows=[{"n": 2}])


def hot_journal(database: Path, named: Path) -> bytes:
    """A journal as a power cut leaves it, amid a change of two databases; what it names is to be removed."""
    page, name = database.read_bytes()[:4096], str(named).encode()
    head = bytes.fromhex("d9d505f920a163d7")
    pages = database.stat().st_size // 4096
    begin = (head + struct.pack(">IIIII", 1, 0, pages, 512, 4096)).ljust(512, b"\0")
    saved = struct.pack(">I", 1) + page + struct.pack(">I", sum(page[-200::-200]) & 0xFFFFFFFF)
    end = struct.pack(">I", 0x40000000 // 4096 + 1) + name + struct.pack(">II", len(name), sum(name)) + head
    return begin + saved + end


@pytest.mark.parametrize("kind", ["SELECT", "UPDATE", "SCHEMA"])
def test_a_journal_has_no_other_file_removed(kind: str, database: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside.txt"
    outside.write_text("kept")
    people = database / "people.db"
    people.with_name("people.db-journal").write_bytes(hot_journal(people, outside))
    check_raises(DATABASE, sql("SELECT 1", kind), "forbidden", "its journal names another", root=database)
    assert outside.read_text() == "kept"
    # The journal is one that SQLite plays back: without the look at it, the file is gone.
    with closing(sqlite3.connect(people)) as connection:
        connection.execute("SELECT count(*) FROM people").fetchall()
    assert not outside.exists()


@pytest.mark.parametrize("ending", ["-journal", "-wal", "-shm"])
def test_what_is_beside_a_database_is_no_link(ending: str, database: Path, tmp_path: Path) -> None:
    (database / f"people.db{ending}").symlink_to(tmp_path / "elsewhere")
    check_raises(DATABASE, sql("SELECT 1"), "forbidden", f"{ending}' is a link", root=database)


NUMBERS = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c)"
LARGE = [
    ("SELECT zeroblob(900000000)", ("database_error", "too big")),
    ("SELECT hex(zeroblob(60000000))", ("database_error", "too big")),
    (f"{NUMBERS} SELECT x{', 1' * 99} FROM c LIMIT 999999", ("too_large", "larger than 64 MiB")),
    ("SELECT zeroblob(30000000), zeroblob(30000000)", ("too_large", "larger than 64 MiB")),
]


@pytest.mark.parametrize(("statement", "told"), LARGE)
def test_rows_do_not_fill_the_memory(statement: str, told: tuple[str, str], database: Path) -> None:
    check_raises(DATABASE, sql(statement, max_rows=1_000_000), *told, root=database)


def test_columns_of_one_name_are_told_apart(database: Path) -> None:
    given = sql(f"SELECT {'1 AS a, ' * 1500} 2 AS a_2")
    columns = payload(DATABASE, given, root=database)["columns"]
    assert columns[:3] == ["a", "a_2", "a_3"]
    assert len(set(columns)) == 1501


def test_the_columns_of_tables(database: Path) -> None:
    tables = payload("database_connector", {"operation": "schema", "database": "people.db"}, root=database)[
        "tables"
    ]
    assert [(one["name"], one["kind"]) for one in tables] == [("adults", "view"), ("people", "table")]
    assert tables[1]["columns"][:3] == [
        {"name": "id", "type": "INTEGER", "nullable": False, "primary_key": True},
        {"name": "name", "type": "TEXT", "nullable": False, "primary_key": False},
        {"name": "age", "type": "INT", "nullable": True, "primary_key": False, "default": "1"},
    ]


def test_databases_of_the_configuration(database: Path) -> None:
    named = {"databases": {"default": "sqlite:///people.db", "far": f"sqlite:///{database.parent}/secret.db"}}
    context = replace(ToolContext(database), settings={DATABASE: named})
    for name in ({}, {"database": "far"}):
        found = run_tool(
            DATABASE, {"operation": "query", "query": "SELECT 1 AS one", **name}, context=context
        )
        assert found.text == "one\n1\n"


async def test_a_statement_without_end_is_stopped(database: Path) -> None:
    tool = tool_named(DATABASE)
    assert tool is not None
    endless = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c"
    with anyio.fail_after(20), pytest.raises(ToolError) as caught:
        await tool.completed(sql(endless), ToolContext(database, seconds=0.2))
    assert caught.value.code == "timeout"


TRIANGLE = {
    "graph_type": "directed",
    "nodes": [{"id": "a"}, {"id": "b", "label": 'the "b"'}, {"id": "c"}],
    "edges": [
        {"from": "a", "to": "b", "weight": 1},
        {"from": "b", "to": "c", "weight": 1, "label": "to"},
        {"source": "a", "target": "c", "weight": 5},
    ],
}
ROUND = {**TRIANGLE, "edges": [*TRIANGLE["edges"], {"from": "c", "to": "a"}]}
GRAPH_CALLS = [
    Case(
        "an empty one",
        {},
        {"graph": {"graph_type": "directed", "nodes": [], "edges": []}, "node_count": 0, "edge_count": 0},
    ),
    Case(
        "without directions",
        {"graph_type": "undirected"},
        {"graph": {"graph_type": "undirected", "nodes": [], "edges": []}},
    ),
    Case(
        "a node more",
        {"operation": "add_node", "graph": TRIANGLE, "node_id": "d", "label": "D", "data": {"x": 1}},
        {"node_count": 4, "edge_count": 3},
    ),
    Case(
        "an edge more",
        {"operation": "add_edge", "graph": json.dumps(TRIANGLE), "from": "c", "to": "a", "weight": 2.5},
        {"node_count": 3, "edge_count": 4},
    ),
    Case(
        "it is read",
        {"operation": "import_json", "input": json.dumps(TRIANGLE)},
        {"node_count": 3, "edge_count": 3},
    ),
    Case(
        "it is written",
        {"operation": "export_json", "input": {"nodes": [{"id": "a"}]}},
        {"format": "json", "node_count": 1},
    ),
    Case(
        "Mermaid",
        {"operation": "export_mermaid", "input": TRIANGLE},
        {"format": "mermaid"},
        text='graph LR\n    n0["a"]\n    n1["the #quot;b#quot;"]\n    n2["c"]\n'
        '    n0 --> n1\n    n1 -->|"to"| n2\n    n0 --> n2',
    ),
    Case(
        "DOT",
        {
            "operation": "export_dot",
            "graph": {
                "graph_type": "undirected",
                "nodes": [{"id": "a"}, {"id": "b"}],
                "edges": [{"from": "a", "to": "b"}],
            },
        },
        {"format": "dot"},
        text='graph {\n  "a" [label="a"];\n  "b" [label="b"];\n  "a" -- "b";\n}',
    ),
    Case(
        "what can be said of it",
        {"operation": "analyze", "input": TRIANGLE},
        {
            "node_count": 3,
            "edge_count": 3,
            "density": 0.5,
            "is_connected": True,
            "component_count": 1,
            "has_cycle": False,
            "topological_order": ["a", "b", "c"],
            "degrees": {"a": 2, "b": 2, "c": 2},
            "isolated_nodes": [],
        },
    ),
    Case("a cycle", {"operation": "analyze", "input": ROUND}, {"has_cycle": True, "topological_order": None}),
    Case(
        "no cycle without directions",
        {
            "operation": "analyze",
            "input": {
                "graph_type": "undirected",
                "nodes": [{"id": "a"}, {"id": "b"}, {"id": "c"}],
                "edges": [{"from": "a", "to": "b"}],
            },
        },
        {"has_cycle": False, "component_count": 2, "is_connected": False, "isolated_nodes": ["c"]},
    ),
    Case(
        "two edges are a cycle without directions",
        {
            "operation": "analyze",
            "input": {
                "graph_type": "undirected",
                "nodes": [{"id": "a"}, {"id": "b"}],
                "edges": [{"from": "a", "to": "b"}, {"from": "a", "to": "b"}],
            },
        },
        {"has_cycle": True},
    ),
    Case(
        "nothing can be said of nothing",
        {"operation": "analyze", "input": {}},
        {"node_count": 0, "is_connected": False, "has_cycle": False},
    ),
    Case(
        "the shortest way",
        {"operation": "shortest_path", "input": TRIANGLE, "from": "a", "to": "c"},
        {"path": ["a", "b", "c"], "length": 2, "found": True},
        text="a -> b -> c",
    ),
    Case(
        "no way",
        {"operation": "shortest_path", "input": TRIANGLE, "from": "c", "to": "a"},
        {"found": False, "path": None},
    ),
    Case(
        "no graph to add to",
        {"operation": "add_node", "node_id": "a"},
        refused="'graph' is missing; the operation 'add_node' needs it",
    ),
    Case(
        "no node to add",
        {"operation": "add_node", "graph": {}},
        refused="'node_id' is missing; the operation 'add_node' needs it",
    ),
    Case(
        "no start",
        {"operation": "add_edge", "graph": {}, "to": "a"},
        refused="'from' is missing; the operation 'add_edge' needs it",
    ),
    Case(
        "no graph to analyse",
        {"operation": "analyze"},
        refused="'input' or 'graph' is missing; the operation 'analyze' needs it",
    ),
    Case("no JSON", {"operation": "analyze", "input": "{"}, fails=("invalid_json", "'input' is not JSON")),
    Case(
        "no graph",
        {"operation": "analyze", "input": {"nodes": [{"label": "x"}]}},
        fails=("invalid_graph", "nodes.0.id"),
    ),
    Case(
        "an edge in the air",
        {"operation": "analyze", "input": {"nodes": [{"id": "a"}], "edges": [{"from": "a", "to": "z"}]}},
        fails=("invalid_graph", "an edge at 'z', which is no node"),
    ),
    Case(
        "two nodes of an id",
        {"operation": "analyze", "input": {"nodes": [{"id": "a"}, {"id": "a"}]}},
        fails=("invalid_graph", "two nodes of the same id"),
    ),
    Case(
        "a node that is there",
        {"operation": "add_node", "graph": TRIANGLE, "node_id": "a"},
        fails=("exists", "there is a node 'a' already"),
    ),
    Case(
        "an edge to nowhere",
        {"operation": "add_edge", "graph": TRIANGLE, "from": "a", "to": "z"},
        fails=("unknown_node", "there is no node 'z'"),
    ),
    Case(
        "a way to nowhere",
        {"operation": "shortest_path", "graph": TRIANGLE, "from": "a", "to": "z"},
        fails=("unknown_node", "there is no node 'z'"),
    ),
    Case(
        "a negative weight",
        {
            "operation": "shortest_path",
            "graph": {
                "nodes": [{"id": "a"}, {"id": "b"}],
                "edges": [{"from": "a", "to": "b", "weight": -1}, {"from": "b", "to": "a", "weight": -1}],
            },
            "from": "a",
            "to": "b",
        },
        fails=("invalid_graph", "negative weight"),
    ),
]


@each_case(GRAPH_CALLS)
def test_calls_of_the_graph_builder(case: Case, tmp_path: Path) -> None:
    check_case(GRAPH, case, tmp_path)


def test_a_graph_grows_from_text_to_text() -> None:
    text = run_tool("graph_builder", {}).text
    for name in ("a", "b"):
        text = run_tool(GRAPH, {"operation": "add_node", "graph": text, "node_id": name}).text
    text = run_tool(
        GRAPH, {"operation": "add_edge", "graph": text, "from": "a", "to": "b", "label": "x"}
    ).text
    assert json.loads(text) == {
        "graph_type": "directed",
        "nodes": [{"id": "a"}, {"id": "b"}],
        "edges": [{"source": "a", "target": "b", "label": "x"}],
    }


def pdf(*pages: str, password: str | None = None) -> bytes:
    """A PDF with a line of text on each page."""
    bodies = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    kids = []
    for page in pages:
        stream = f"BT /F1 12 Tf 72 700 Td ({page}) Tj ET".encode()
        bodies.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream))
        bodies.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents %d 0 R "
            b"/Resources << /Font << /F1 3 0 R >> >> >>" % len(bodies)
        )
        kids.append(b"%d 0 R" % len(bodies))
    bodies[1] = b"<< /Type /Pages /Kids [%s] /Count %d >>" % (b" ".join(kids), len(kids))
    out, places = b"%PDF-1.4\n", []
    for number, body in enumerate(bodies, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(bodies) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(bodies) + 1, start)
    return out if password is None else encrypted(out, password)


def encrypted(plain: bytes, password: str) -> bytes:
    """A PDF with facts of itself, encrypted."""
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(plain)))
    writer.add_metadata({"/Title": "Secrets", "/Author": "Ann"})
    writer.encrypt(password, algorithm="AES-256")
    stream = io.BytesIO()
    writer.write(stream)
    return stream.getvalue()


TWO = pdf("first page", "second page")
LOCKED = pdf("hidden", password="open")
PDF_CALLS = [
    Case(
        "its text",
        {"input": "a.pdf"},
        {"path": "a.pdf", "page_count": 2},
        text="first page\n\nsecond page",
        files={"a.pdf": TWO},
    ),
    Case("an older name", {"path": "a.pdf"}, {"content": "first page\n\nsecond page"}, files={"a.pdf": TWO}),
    Case(
        "pages",
        {"operation": "extract_pages", "input": "a.pdf"},
        {"pages": [{"page": 1, "content": "first page"}, {"page": 2, "content": "second page"}]},
        files={"a.pdf": TWO},
    ),
    Case(
        "from a page on",
        {"operation": "extract_pages", "input": "a.pdf", "start_page": 2},
        {"pages": [{"page": 2, "content": "second page"}]},
        files={"a.pdf": TWO},
    ),
    Case(
        "to a page",
        {"input": "a.pdf", "end_page": 1},
        {"content": "first page", "page_count": 2},
        files={"a.pdf": TWO},
    ),
    Case(
        "what it tells of itself",
        {"operation": "extract_metadata", "input": "a.pdf", "password": "open"},
        {"title": "Secrets", "author": "Ann", "encrypted": True, "page_count": 1},
        files={"a.pdf": LOCKED},
    ),
    Case(
        "nothing is told",
        {"operation": "extract_metadata", "input": "a.pdf"},
        {"title": None, "version": "1.4", "encrypted": False},
        files={"a.pdf": TWO},
    ),
    Case(
        "with its password",
        {"input": "a.pdf", "password": "open"},
        {"content": "hidden"},
        files={"a.pdf": LOCKED},
    ),
    Case("no file", {}, refused="'input' is missing"),
    Case(
        "no page 0",
        {"input": "a.pdf", "start_page": 0},
        refused="'start_page' must be at least 1, but 0 was given",
    ),
    Case(
        "no such page",
        {"input": "a.pdf", "start_page": 3},
        fails=("out_of_range", "'start_page' is 3, but 'a.pdf' has 2 pages"),
        files={"a.pdf": TWO},
    ),
    Case(
        "no password",
        {"input": "a.pdf"},
        fails=("encrypted", "needs the right 'password'"),
        files={"a.pdf": LOCKED},
    ),
    Case(
        "the wrong password",
        {"input": "a.pdf", "password": "x"},
        fails=("encrypted", "needs the right 'password'"),
        files={"a.pdf": LOCKED},
    ),
    Case(
        "no PDF",
        {"input": "a.pdf"},
        fails=("broken_pdf", "'a.pdf' is broken or no PDF"),
        files={"a.pdf": "text"},
    ),
    Case(
        "an empty file",
        {"input": "a.pdf"},
        fails=("broken_pdf", "'a.pdf' is broken or no PDF"),
        files={"a.pdf": ""},
    ),
    Case(
        "a PDF that breaks off",
        {"input": "a.pdf"},
        fails=("broken_pdf", "'a.pdf' is broken or no PDF"),
        files={"a.pdf": TWO[:200]},
    ),
    Case("no such file", {"input": "no.pdf"}, fails=("not_found", "'no.pdf' does not exist")),
    Case("a file outside", {"input": "../a.pdf"}, forbids="read"),
]


@each_case(PDF_CALLS)
def test_calls_of_the_pdf_processor(case: Case, tmp_path: Path) -> None:
    check_case(PDF, case, tmp_path)


@pytest.mark.parametrize(
    ("tool", "module", "extra", "parameters"),
    [
        (PDF, "pypdf", "pdf", {"input": "a"}),
        (GRAPH, "networkx", "graph", {"operation": "analyze", "input": {}}),
        (CSV, "openpyxl", "excel", {"operation": "convert", "input": "a", "options": {"format": "excel"}}),
    ],
)
def test_a_missing_library_is_told_with_how_to_have_it(
    tool: str, module: str, extra: str, parameters: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(requirements, "_is_installed", lambda name: name != module)
    check_raises(tool, parameters, "needs_installation", f"pip install 'llmspell[{extra}]'")
