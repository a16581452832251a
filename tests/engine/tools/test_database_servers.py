"""SQL on real servers: PostgreSQL, and MariaDB for those that speak as MySQL does."""

from __future__ import annotations

import socket
import struct
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import anyio
import pytest
from llmspell_engine.assembly import assemble
from llmspell_engine.assembly.launch import Launch
from llmspell_engine.language import LANGUAGES, Language
from llmspell_engine.security.permissions import Permissions
from llmspell_engine.tools import requirements
from llmspell_engine.tools.base import ToolContext, ToolError
from llmspell_engine.tools.databases.statements import Dialect, check_kind
from llmspell_engine.tools.registry import tool_named
from support.database_servers import Certificate, RunningDatabase, connect, database_server
from support.globals import Pair, check_pair
from support.tools import Case, check_case, run_tool

TOOL = "database-connector"


@pytest.fixture(scope="module", params=["postgresql", "mysql"])
def server(request: pytest.FixtureRequest) -> Iterator[RunningDatabase]:
    with database_server(request.param) as running:
        yield running


@pytest.fixture
def people(server: RunningDatabase) -> RunningDatabase:
    """A server with a table of two people."""
    with connect(server) as connection, connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS people, made")
        number = "serial" if server.dialect == "postgresql" else "int AUTO_INCREMENT"
        cursor.execute(f"CREATE TABLE people (id {number} PRIMARY KEY, name varchar(40) NOT NULL, age int)")
        cursor.execute("INSERT INTO people (name, age) VALUES ('Ann', 30), ('Bo', NULL)")
    return server


def allowed(root: Path, server: RunningDatabase, **more: Any) -> ToolContext:
    """What a run may touch that reaches the server and has it in its configuration."""
    context = ToolContext(root, permissions=Permissions(root=root, hosts=("127.0.0.1",)), **more)
    return replace(context, settings={TOOL: {"databases": {"default": server.url()}}})


def sql(query: str, kind: str = "SELECT", **more: Any) -> dict[str, Any]:
    return {"operation": "query", "query": query, "query_type": kind, **more}


CALLS = [
    Case(
        "rows",
        sql("SELECT name, age FROM people ORDER BY id"),
        {
            "columns": ["name", "age"],
            "rows": [{"name": "Ann", "age": 30}, {"name": "Bo", "age": None}],
            "row_count": 2,
            "truncated": False,
        },
        text="name,age\nAnn,30\nBo,\n",
    ),
    Case("no rows", sql("SELECT name FROM people WHERE age > 99"), {"columns": ["name"], "rows": []}),
    Case(
        "values by place",
        sql("SELECT name FROM people WHERE age = ? AND name = ?", parameters=[30, "Ann"]),
        {"rows": [{"name": "Ann"}]},
    ),
    Case(
        "values by name, one of them twice",
        sql(
            "SELECT name FROM people WHERE name = :who OR name = :who OR age = :age",
            parameters={"who": "Bo", "age": 7},
        ),
        {"rows": [{"name": "Bo"}]},
    ),
    Case(
        "a value that looks like SQL is a value",
        sql("SELECT name FROM people WHERE name = ?", parameters=["' OR 1 = 1 -- \\' \\"]),
        {"rows": []},
    ),
    Case(
        "marks within texts are none",
        sql("SELECT '? :a 100%' AS a, name FROM people WHERE name = ? /* ? */ -- ?", parameters=["Ann"]),
        {"rows": [{"a": "? :a 100%", "name": "Ann"}]},
    ),
    Case("signs of percent", sql("SELECT name FROM people WHERE name LIKE 'A%'"), {"row_count": 1}),
    Case(
        "fewer rows",
        sql("SELECT name FROM people ORDER BY id", max_rows=1),
        {"row_count": 1, "truncated": True},
    ),
    Case(
        "two columns of one name",
        sql("SELECT a.id, b.id FROM people a JOIN people b ON a.id = b.id WHERE a.id = 1"),
        {"rows": [{"id": 1, "id_2": 1}]},
    ),
    Case(
        "a query with another in it",
        sql("WITH old AS (SELECT name FROM people WHERE age > 20) SELECT name FROM old"),
        {"rows": [{"name": "Ann"}]},
    ),
    Case(
        "a row is added",
        sql("INSERT INTO people (name) VALUES (?)", "INSERT", parameters=["Cy"]),
        {"affected_rows": 1},
        text="1 row",
    ),
    Case("rows are changed", sql("UPDATE people SET age = 8", "UPDATE"), {"affected_rows": 2}),
    Case("rows are removed", sql("DELETE FROM people WHERE age IS NULL", "DELETE"), {"affected_rows": 1}),
    Case("a table is made", sql("CREATE TABLE made (a int)", "SCHEMA"), {"columns": [], "affected_rows": 0}),
    Case("a table is dropped", sql("DROP TABLE people", "SCHEMA"), {"columns": []}),
    Case("no SQL", sql("SELECT FROM WHERE"), fails=("database_error", "syntax")),
    Case("no such table", sql("SELECT * FROM pets"), fails=("database_error", "pets")),
    Case(
        "too few values",
        sql("SELECT name FROM people WHERE age = ? OR age = ?", parameters=[1]),
        fails=("invalid_query", "no value for the '?' with number 2"),
    ),
    Case(
        "too many values", sql("SELECT ?", parameters=[1, 2]), fails=("invalid_query", "there are 2 values")
    ),
    Case("a value that is not there", sql("SELECT :b", parameters={"a": 1}), fails=("invalid_query", "':b'")),
    Case("two statements", sql("SELECT 1; SELECT 2"), fails=("invalid_query", "several statements")),
    Case("no statement", sql("-- nothing"), fails=("invalid_query", "no statement")),
    Case("another database", {**sql("SELECT 1"), "database": "other.db"}, fails=("not_found", "other.db")),
]

REFUSED = {
    "it deletes": sql("DELETE FROM people"),
    "it deletes in a query": sql("WITH gone AS (DELETE FROM people RETURNING id) SELECT * FROM gone"),
    "an insert that deletes": sql(
        "WITH gone AS (DELETE FROM people RETURNING id) INSERT INTO people (name) SELECT 'x'", "INSERT"
    ),
    "it drops": sql("DROP TABLE people"),
    "it makes a user": sql("CREATE USER mallory", "SCHEMA"),
    "it ends the transaction": sql("COMMIT"),
    "it changes the transaction": sql("SET TRANSACTION READ WRITE"),
    "a block of statements": sql("BEGIN NOT ATOMIC COMMIT; DELETE FROM people; END"),
    "a block of code": sql("DO $$ BEGIN DELETE FROM people; END $$"),
    "it reads a file of the server": sql("COPY people FROM '/etc/passwd'"),
}
OF_MYSQL = {
    "a comment that is read as SQL": "SELECT 1 /*!50000 INTO @a */",
    "a comment that MariaDB reads": "SELECT 1 /*M! INTO @a */",
    "it writes a file of the server": "SELECT 1 INTO/**/OUTFILE '/tmp/x'",
    "it reads a file of the server": "SELECT LOAD_FILE('/etc/passwd')",
}


@pytest.mark.parametrize("case", CALLS, ids=[case.about for case in CALLS])
def test_calls(case: Case, people: RunningDatabase, tmp_path: Path) -> None:
    check_case(TOOL, case, tmp_path, allowed(tmp_path, people))


@pytest.mark.parametrize("about", REFUSED)
def test_a_statement_that_does_more_than_it_says_is_refused_and_changes_nothing(
    about: str, people: RunningDatabase, tmp_path: Path
) -> None:
    with pytest.raises(ToolError) as refused:
        run_tool(TOOL, REFUSED[about], context=allowed(tmp_path, people))
    assert refused.value.code in ("forbidden", "invalid_query"), refused.value
    check_count(people, 2)


@pytest.mark.parametrize("about", OF_MYSQL)
def test_what_mysql_hides_in_a_statement_is_not_sent(about: str) -> None:
    with pytest.raises(ToolError) as refused:
        check_kind(OF_MYSQL[about], "SELECT", "mysql")
    assert refused.value.code == "forbidden"


def check_count(people: RunningDatabase, expected: int) -> None:
    with connect(people) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM people")
        assert cursor.fetchone() == (expected,)


def test_the_server_itself_refuses_to_write_in_a_query(people: RunningDatabase, tmp_path: Path) -> None:
    """A function that writes stands in no text that could be looked at."""
    with connect(people) as connection, connection.cursor() as cursor:
        if people.dialect == "postgresql":
            cursor.execute(
                "CREATE OR REPLACE FUNCTION gone() RETURNS int LANGUAGE plpgsql AS "
                "$$ BEGIN DELETE FROM people; RETURN 1; END $$"
            )
        else:
            cursor.execute("DROP FUNCTION IF EXISTS gone")
            cursor.execute("CREATE FUNCTION gone() RETURNS int BEGIN DELETE FROM people; RETURN 1; END")
    with pytest.raises(ToolError, match="more than a SELECT may") as refused:
        run_tool(TOOL, sql("SELECT gone()"), context=allowed(tmp_path, people))
    assert refused.value.code == "forbidden"
    check_count(people, 2)


def test_a_failure_undoes_the_statement(people: RunningDatabase, tmp_path: Path) -> None:
    given = sql("INSERT INTO people (id, name) VALUES (77, 'x'), (1, 'y')", "INSERT")
    with pytest.raises(ToolError, match=r"(?i)duplicate"):
        run_tool(TOOL, given, context=allowed(tmp_path, people))
    check_count(people, 2)


TYPES = {
    "postgresql": (
        "SELECT 12.50::numeric AS exact, 1.5::float8 AS about, 9007199254740993::bigint AS large, "
        "true AS yes, DATE '2026-02-03' AS day, TIMESTAMP '2026-02-03 04:05:06' AS moment, "
        "TIMESTAMPTZ '2026-02-03 04:05:06+00' AT TIME ZONE 'UTC' AS plain, TIME '04:05' AS hour, "
        "INTERVAL '1 day 2 hours' AS span, '\\xCAFE'::bytea AS raw, ARRAY[1, 2] AS list, "
        "'{\"a\": [1, null]}'::jsonb AS json, "
        "'8f14e45f-ceea-467f-a0e6-1cf0f7e3b8a1'::uuid AS id, '10.0.0.1'::inet AS host, NULL AS nothing"
    ),
    "mysql": (
        "SELECT CAST(12.50 AS DECIMAL(6, 2)) AS exact, CAST(1.5 AS DOUBLE) AS about, "
        "9007199254740993 AS large, TRUE AS yes, DATE '2026-02-03' AS day, "
        "TIMESTAMP '2026-02-03 04:05:06' AS moment, CAST('04:05' AS TIME) AS hour, "
        "X'CAFE' AS raw, NULL AS nothing"
    ),
}
VALUES: dict[str, dict[str, Any]] = {
    "postgresql": {
        "exact": "12.50",
        "about": 1.5,
        "large": 9007199254740993,
        "yes": True,
        "day": "2026-02-03",
        "moment": "2026-02-03T04:05:06",
        "plain": "2026-02-03T04:05:06",
        "hour": "04:05:00",
        "span": "1 day 02:00:00",
        "raw": "cafe",
        "list": [1, 2],
        "json": {"a": [1, None]},
        "id": "8f14e45f-ceea-467f-a0e6-1cf0f7e3b8a1",
        "host": "10.0.0.1",
        "nothing": None,
    },
    "mysql": {
        "exact": "12.50",
        "about": 1.5,
        "large": 9007199254740993,
        "yes": 1,
        "day": "2026-02-03",
        "moment": "2026-02-03T04:05:06",
        "hour": "04:05:00",
        "raw": "cafe",
        "nothing": None,
    },
}


def test_values_of_every_type(server: RunningDatabase, tmp_path: Path) -> None:
    found = run_tool(TOOL, sql(TYPES[server.dialect]), context=allowed(tmp_path, server))
    assert found.model_dump()["result"]["rows"] == [VALUES[server.dialect]]


def test_the_tables_and_their_columns(people: RunningDatabase, tmp_path: Path) -> None:
    with connect(people) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE OR REPLACE VIEW adults AS SELECT name FROM people WHERE age >= 18")
    try:
        found = run_tool(TOOL, {"operation": "schema"}, context=allowed(tmp_path, people))
    finally:
        with connect(people) as connection, connection.cursor() as cursor:
            cursor.execute("DROP VIEW adults")
    tables = {table["name"]: table for table in found.model_dump()["result"]["tables"]}
    assert found.text == "adults(name)\npeople(id, name, age)"
    assert [tables[name]["kind"] for name in ("adults", "people")] == ["view", "table"]
    columns = [(one["name"], one["nullable"], one["primary_key"]) for one in tables["people"]["columns"]]
    assert columns == [("id", False, True), ("name", False, False), ("age", True, False)]


def test_the_number_of_a_row(people: RunningDatabase, tmp_path: Path) -> None:
    """MySQL tells it, PostgreSQL where it is asked for."""
    more = " RETURNING id" if people.dialect == "postgresql" else ""
    given = sql(f"INSERT INTO people (name) VALUES ('Cy'){more}", "INSERT")
    found = run_tool(TOOL, given, context=allowed(tmp_path, people)).model_dump(exclude_none=True)["result"]
    assert (found["rows"] or [{"id": found.get("last_insert_id")}]) == [{"id": 3}]


def test_rows_that_no_script_should_hold_are_refused(server: RunningDatabase, tmp_path: Path) -> None:
    rows = "SELECT repeat('x', 1000000) AS a FROM "
    rows += "generate_series(1, 999)" if server.dialect == "postgresql" else "seq_1_to_999"
    with pytest.raises(ToolError, match="larger than 64 MiB"):
        run_tool(TOOL, sql(rows, max_rows=80), context=allowed(tmp_path, server))


SLEEPS = {"postgresql": "SELECT pg_sleep(50)", "mysql": "SELECT SLEEP(50)"}
WORKING = {
    "postgresql": "SELECT count(*) FROM pg_stat_activity "
    "WHERE state = 'active' AND application_name = 'llmspell'",
    "mysql": "SELECT count(*) FROM information_schema.processlist WHERE info LIKE 'SELECT SLEEP(50)%'",
}


def working(server: RunningDatabase) -> int:
    """How many statements of a test the server still works on."""
    with connect(server) as connection, connection.cursor() as cursor:
        cursor.execute(WORKING[server.dialect])
        return int(cursor.fetchone()[0])


def wait_until(reached: Callable[[], bool], seconds: float = 15) -> None:
    deadline = time.monotonic() + seconds
    while not reached():
        assert time.monotonic() < deadline, "it was not reached in time"
        time.sleep(0.02)


def test_a_statement_that_takes_too_long_is_ended_on_the_server_too(
    server: RunningDatabase, tmp_path: Path
) -> None:
    begin = time.monotonic()
    with pytest.raises(ToolError, match=r"within 0\.5 s") as late:
        run_tool(TOOL, sql(SLEEPS[server.dialect], timeout=0.5), context=allowed(tmp_path, server))
    assert late.value.code == "timeout"
    assert time.monotonic() - begin < 10
    wait_until(lambda: working(server) == 0)


async def test_a_statement_that_nobody_waits_for_is_ended_on_the_server(
    server: RunningDatabase, tmp_path: Path
) -> None:
    tool = tool_named(TOOL)
    assert tool is not None
    before = threading.active_count()
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(tool.completed, sql(SLEEPS[server.dialect]), allowed(tmp_path, server))
        await anyio.to_thread.run_sync(wait_until, lambda: working(server) == 1)
        tasks.cancel_scope.cancel()
    await anyio.to_thread.run_sync(wait_until, lambda: working(server) == 0)
    assert threading.active_count() <= before + 3


def test_a_host_is_reached_where_the_profile_allows_it(server: RunningDatabase, tmp_path: Path) -> None:
    case = Case("", {**sql("SELECT 1"), "database": server.url()}, forbids="hosts")
    check_case(TOOL, case, tmp_path, ToolContext(tmp_path))


FAILS: dict[str, tuple[Callable[[RunningDatabase], str], str, str]] = {
    "a wrong password": (lambda one: one.url(password="guessed"), "unreachable", "spell"),
    "no such user": (lambda one: one.url(user="nobody"), "unreachable", "nobody"),
    "no such database": (lambda one: one.url().replace(f"/{one.name}", "/nowhere"), "unreachable", "nowhere"),
    "nobody listens": (lambda one: one.url().replace(f":{one.port}", ":1"), "unreachable", "refused"),
    "a server without encryption": (lambda one: one.url(more="?sslmode=require"), "unreachable", "SSL"),
    "an option of the driver": (lambda one: one.url(more="?passfile=x"), "invalid_url", "'passfile'"),
    "a mode that is not known": (lambda one: one.url(more="?sslmode=on"), "invalid_url", "'sslmode'"),
    "no host": (lambda one: f"{one.dialect}:///x", "invalid_url", "names no host"),
    "no port": (lambda one: f"{one.dialect}://h:x/x", "invalid_url", "malformed"),
    "another kind": (lambda one: "oracle://h/x", "unsupported", "a database of 'oracle'"),
}


@pytest.mark.parametrize("about", FAILS)
def test_failures_of_a_connection_tell_no_password(
    about: str, server: RunningDatabase, tmp_path: Path
) -> None:
    url, code, words = FAILS[about]
    given = url(server)
    with pytest.raises(ToolError, match=words) as failed:
        run_tool(TOOL, {**sql("SELECT 1"), "database": given}, context=allowed(tmp_path, server))
    assert failed.value.code == code, failed.value
    assert "p@ss" not in str(failed.value)
    assert "p%40ss" not in str(failed.value)


def test_a_password_may_stand_apart_from_the_url(server: RunningDatabase, tmp_path: Path) -> None:
    facts = {
        "url": f"{server.dialect}://127.0.0.1:{server.port}/{server.name}",
        "user": "spell",
        "password": "p@ss: word/1",
    }
    context = replace(allowed(tmp_path, server), settings={TOOL: {"databases": {"main": facts}}})
    case = Case("", {**sql("SELECT 1 AS one"), "database": "main"}, {"rows": [{"one": 1}]})
    check_case(TOOL, case, tmp_path, context)
    wrong = replace(context, settings={TOOL: {"databases": {"main": {"url": "mysql://h", "passwd": "x"}}}})
    case = Case("", {**sql("SELECT 1"), "database": "main"}, fails=("needs_configuration", "'passwd'"))
    check_case(TOOL, case, tmp_path, wrong)


def test_the_password_of_the_environment_goes_to_no_server(
    server: RunningDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGPASSWORD", "p@ss: word/1")
    monkeypatch.setenv("MYSQL_PWD", "p@ss: word/1")
    url = f"{server.dialect}://spell@127.0.0.1:{server.port}/{server.name}"
    case = Case("", {**sql("SELECT 1"), "database": url}, fails=("unreachable", "spell"))
    if server.dialect == "postgresql":
        case = replace(case, fails=("unreachable", "password"))
    check_case(TOOL, case, tmp_path, allowed(tmp_path, server))


@pytest.mark.parametrize(
    ("scheme", "module", "extra"), [("postgresql", "psycopg", "postgres"), ("mariadb", "pymysql", "mysql")]
)
def test_a_missing_driver_is_told_with_how_to_have_it(
    scheme: str, module: str, extra: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(requirements, "_is_installed", lambda name: name != module)
    case = Case(
        "",
        {**sql("SELECT 1"), "database": f"{scheme}://db.example.com/x"},
        fails=("needs_installation", f"pip install 'llmspell[{extra}]'"),
    )
    check_case(TOOL, case, tmp_path)


ENCRYPTED: list[tuple[str, str | None, str | None]] = [
    ("?sslmode=require", None, None),
    ("?sslmode=verify-ca&sslrootcert=own.pem", None, None),
    ("?sslmode=verify-full&sslrootcert=own.pem", None, None),
    ("?sslmode=verify-full&sslrootcert=other.pem", None, "certificate verify failed"),
    ("?sslmode=verify-full", None, "certificate verify failed"),
    ("?sslmode=verify-full&sslrootcert=own.pem", "localhost", "localhost"),
]
IS_ENCRYPTED = {
    "postgresql": "SELECT ssl AS on FROM pg_stat_ssl WHERE pid = pg_backend_pid()",
    "mysql": "SELECT variable_value <> '' AS `on` FROM information_schema.session_status "
    "WHERE variable_name = 'Ssl_cipher'",
}


@pytest.mark.parametrize("dialect", ["postgresql", "mysql"])
def test_who_the_server_is_may_have_to_be_proved(dialect: Dialect, tmp_path: Path) -> None:
    own, other = certificate(tmp_path, "own"), certificate(tmp_path, "other")
    assert own.shown.name == "own.pem"
    assert other.shown.exists()
    with database_server(dialect, own) as server:
        context = replace(
            ToolContext(tmp_path), permissions=Permissions(root=tmp_path, hosts=("127.0.0.1", "localhost"))
        )
        for more, host, problem in ENCRYPTED:
            url = server.url(more=more).replace("127.0.0.1", host or "127.0.0.1")
            given = {**sql(IS_ENCRYPTED[dialect]), "database": url}
            case = Case("", given, {"rows": [{"on": True}]})
            if problem is not None:
                case = replace(case, gives=None, fails=("unreachable", problem))
            check_case(TOOL, case, tmp_path, context)
        plain = {**sql(IS_ENCRYPTED[dialect]), "database": server.url(more="?sslmode=disable")}
        check_case(TOOL, Case("", plain, {"rows": [{"on": False}]}), tmp_path, context)


def certificate(folder: Path, name: str) -> Certificate:
    """A certificate for 127.0.0.1 that its own key signs."""
    key, shown = folder / f"{name}.key", folder / f"{name}.pem"
    subject = ["-subj", f"/CN={name}", "-addext", "subjectAltName=IP:127.0.0.1"]
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *subject]
    subprocess.run([*made, "-keyout", key, "-out", shown], check=True, capture_output=True)
    return Certificate(key, shown)


SCRIPTS = Pair(
    "a database of the configuration",
    'local found = Tool.execute("database-connector", { operation = "query", parameters = { 1 }, '
    'query = "SELECT name, age FROM people WHERE id = ?" }).result.rows[1] print(found.name, found.age)',
    'const [found] = (await Tool.execute("database-connector", { operation: "query", parameters: [1], '
    'query: "SELECT name, age FROM people WHERE id = ?" })).result.rows; say(found.name, found.age)',
    "Ann\t30\n",
)


@pytest.mark.parametrize("language", LANGUAGES)
def test_scripts_name_databases_of_the_configuration(
    language: Language, people: RunningDatabase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LLMSPELL_TEST_DATABASE", people.url())
    (tmp_path / "llmspell.toml").write_text(
        '[tools.settings.database-connector.databases]\ndefault = "${LLMSPELL_TEST_DATABASE}"\n'
        '[security]\nhosts = ["127.0.0.1"]\n'
    )
    services = assemble(Launch(tmp_path)).services
    check_pair(SCRIPTS, language, services=services, permissions=services.permissions)


class HostileServer:
    """A server that greets as MySQL does, and answers each statement with bytes of the test."""

    def __init__(self, answer: bytes) -> None:
        self._answer = answer
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.received = b""
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        connection, _ = self._listener.accept()
        with self._listener, connection:
            connection.settimeout(20)
            greeting = b"\x0a5.7.0\0" + struct.pack("<I", 7) + b"12345678\0" + b"\x85\xa2\x21\x02\0"
            self._send(
                connection,
                0,
                greeting + b"\x08\0\x15" + bytes(10) + b"123456789012\0mysql_native_password\0",
            )
            self._read(connection)
            self._send(connection, 2, _FINE)
            while (asked := self._read(connection)) is not None:
                self._send(connection, 1, self._answer if b"SELECT 1" in asked else _FINE)

    @staticmethod
    def _send(connection: socket.socket, number: int, body: bytes) -> None:
        connection.sendall(struct.pack("<I", len(body))[:3] + bytes([number]) + body)

    def _read(self, connection: socket.socket) -> bytes | None:
        try:
            head = connection.recv(4, socket.MSG_WAITALL)
            body = connection.recv(int.from_bytes(head[:3], "little"), socket.MSG_WAITALL)
        except OSError:
            return None
        self.received += body
        return body or None


_FINE = b"\0\0\0\x02\0\0\0"
HOSTILE = [
    (b"\xfb/etc/passwd", "asks for a file of this machine, which is not sent"),
    (b"\x01\x02", "database-connector: 'mysql://127.0.0.1:"),
    (b"\xfd", "database-connector: 'mysql://127.0.0.1:"),
    (b"\x05", "database-connector: 'mysql://127.0.0.1:"),
]


@pytest.mark.parametrize(("answer", "told"), HOSTILE)
def test_a_server_that_is_hostile_gets_nothing_and_is_told(answer: bytes, told: str, tmp_path: Path) -> None:
    pytest.importorskip("pymysql")
    server = HostileServer(answer)
    context = replace(ToolContext(tmp_path), permissions=Permissions(root=tmp_path, hosts=("127.0.0.1",)))
    asked = {
        "operation": "query",
        "database": f"mysql://u:p@127.0.0.1:{server.port}/x?sslmode=disable",
        "query": "SELECT 1",
        "timeout": 5,
    }
    with pytest.raises(ToolError) as failed:
        run_tool("database-connector", asked, context=context)
    assert told in str(failed.value)
    assert b"root:" not in server.received
