"""Real PostgreSQL and MariaDB servers for tests, each on a loopback port and in a folder of its own."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pymysql
import pytest
from llmspell_engine.tools.databases.statements import Dialect

_PATIENCE_SECONDS = 40.0
PASSWORD = "p@ss: word/1"
"""Signs that a URL has to write otherwise."""


@dataclass(frozen=True, slots=True)
class RunningDatabase:
    """A server that runs."""

    dialect: Dialect
    port: int
    user: str
    name: str

    def url(self, *, user: str | None = None, password: str = "p%40ss%3A%20word%2F1", more: str = "") -> str:
        """The URL of the database, by a user who may do everything in it."""
        return f"{self.dialect}://{user or self.user}:{password}@127.0.0.1:{self.port}/{self.name}{more}"


@dataclass(frozen=True, slots=True)
class Certificate:
    """Files of a key, and of a certificate of it."""

    key: Path
    shown: Path


@contextmanager
def database_server(dialect: Dialect, certificate: Certificate | None = None) -> Iterator[RunningDatabase]:
    """A server that runs, and encrypts with a certificate.

    Where none is installed the test is skipped, but not where changes are judged.
    """
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        if certificate is not None:
            certificate = Certificate(
                Path(shutil.copy(certificate.key, folder)), Path(shutil.copy(certificate.shown, folder))
            )
            certificate.key.chmod(0o600)
        begun = _postgresql if dialect == "postgresql" else _mariadb
        with begun(folder, certificate) as server:
            yield server


@contextmanager
def _postgresql(folder: Path, certificate: Certificate | None) -> Iterator[RunningDatabase]:
    port, data, secret = _free_port(), folder / "data", folder / "secret"
    secret.write_text(PASSWORD)
    user = _plain_user(folder, "postgres")
    made = [_program("initdb"), "-D", data, "-U", "spell", "-A", "scram-sha-256", "--pwfile", secret]
    _run([*made, "-E", "UTF8", "--no-locale", "--no-sync"], user)
    settings = ["listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=off"]
    if certificate is not None:
        settings += [f"ssl_key_file={certificate.key}", f"ssl_cert_file={certificate.shown}", "ssl=on"]
    options = [part for setting in settings for part in ("-c", setting)]
    command = [_program("postgres"), "-D", data, "-p", str(port), *options]
    server = RunningDatabase("postgresql", port, "spell", "postgres")
    with _running(command, user, server, folder):
        yield server


@contextmanager
def _mariadb(folder: Path, certificate: Certificate | None) -> Iterator[RunningDatabase]:
    port, data, begin = _free_port(), folder / "data", folder / "begin.sql"
    data.mkdir()
    begin.write_text(
        "CREATE DATABASE spell;\n"
        f"CREATE USER spell@'127.0.0.1' IDENTIFIED BY '{PASSWORD}';\n"
        "GRANT ALL ON *.* TO spell@'127.0.0.1' WITH GRANT OPTION;\n"
    )
    user = _plain_user(folder, "mysql", "nobody")
    program = [_program("mariadbd"), "--no-defaults", f"--datadir={data}"]
    _run([*program, "--bootstrap", "--innodb-flush-log-at-trx-commit=0"], user, _system_tables())
    options = [f"--port={port}", "--bind-address=127.0.0.1", f"--init-file={begin}", "--skip-name-resolve"]
    if certificate is not None:
        options += [f"--ssl-key={certificate.key}", f"--ssl-cert={certificate.shown}"]
    places = [f"--socket={folder / 'socket'}", f"--pid-file={folder / 'pid'}"]
    server = RunningDatabase("mysql", port, "spell", "spell")
    with _running([*program, *options, *places], user, server, folder):
        yield server


@contextmanager
def _running(
    command: Sequence[str | Path], user: str | None, server: RunningDatabase, folder: Path
) -> Iterator[None]:
    log = folder / "log"
    with log.open("wb") as told:
        process = subprocess.Popen(command, user=user, group=user and _group(user), stdout=told, stderr=told)
    try:
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while not _answers(server):
            assert process.poll() is None, f"the server has ended: {log.read_text()}"
            assert time.monotonic() < deadline, f"the server does not answer: {log.read_text()}"
            time.sleep(0.02)
        yield
    finally:
        # PostgreSQL waits for its clients where it is asked to end in the usual way.
        process.send_signal(signal.SIGINT if server.dialect == "postgresql" else signal.SIGTERM)
        try:
            process.wait(_PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _answers(server: RunningDatabase) -> bool:
    """Whether a user is let in; a server that starts also takes connections that it then refuses."""
    try:
        connect(server).close()
    except (OSError, psycopg.Error, pymysql.Error):
        return False
    return True


def connect(server: RunningDatabase) -> Any:
    """A connection that is not the tool's."""
    if server.dialect == "postgresql":
        return psycopg.connect(server.url(), autocommit=True)
    return pymysql.connect(
        host="127.0.0.1",
        port=server.port,
        user=server.user,
        password=PASSWORD,
        database=server.name,
        autocommit=True,
    )


def _system_tables() -> str:
    """What makes the tables that MariaDB itself needs. Its own script wants more packages for that."""
    folders = (Path("/usr/share/mysql"), Path("/usr/share/mariadb"))
    found = [path for folder in folders for path in folder.glob("m*_system_tables*.sql")]
    wanted = {path.name: path for path in found}
    assert wanted, "MariaDB has no scripts of its system tables"
    texts = (wanted[name].read_text() for name in sorted(wanted))
    return "\n".join(["CREATE DATABASE mysql;", "USE mysql;", *texts])


def _run(command: Sequence[str | Path], user: str | None, given: str = "") -> None:
    done = subprocess.run(
        command,
        user=user,
        group=user and _group(user),
        input=given,
        capture_output=True,
        text=True,
        cwd="/",
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def _program(name: str) -> str:
    folders = sorted(map(str, Path("/usr/lib/postgresql").glob("*/bin")), reverse=True)
    found = shutil.which(name) or shutil.which(name, path=os.pathsep.join([*folders, "/usr/sbin"]))
    if found is None:
        problem = f"the program {name} is not installed: tools/test_services.sh installs the servers of tests"
        pytest.fail(problem) if os.environ.get("CI") else pytest.skip(problem)
    return found


def _plain_user(folder: Path, *wanted: str) -> str | None:
    """Who runs a server that does not run as root, and owns the folder; None where this is not root."""
    if os.geteuid() != 0:
        return None
    import pwd

    known = {entry.pw_name for entry in pwd.getpwall()}
    user = next(name for name in wanted if name in known)
    for path in (folder, *folder.iterdir()):
        shutil.chown(path, user, _group(user))
    return user


def _group(user: str) -> int:
    import pwd

    return pwd.getpwnam(user).pw_gid


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port
