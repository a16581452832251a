"""Which database is meant: a file, or a server by its URL, given or named in the configuration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from llmspell_engine.tools.base import ToolContext, ToolError
from llmspell_engine.tools.databases.statements import Dialect, QueryType

TOOL = "database-connector"
_DIALECTS: Mapping[str, Dialect] = {
    "postgresql": "postgresql",
    "postgres": "postgresql",
    "mysql": "mysql",
    "mariadb": "mysql",
}
_PORTS: Mapping[Dialect, int] = {"postgresql": 5432, "mysql": 3306}
_SSL_MODES = ("disable", "prefer", "require", "verify-ca", "verify-full")
_WHERE = f"[tools.settings.{TOOL}.databases]"


@dataclass(frozen=True, slots=True)
class DatabaseServer:
    """A database on a server."""

    dialect: Dialect
    host: str
    port: int
    name: str | None
    user: str | None
    password: str | None
    ssl_mode: str
    certificates: Path | None
    """The file of the authorities that the server's certificate is checked against."""

    @property
    def told(self) -> str:
        """What errors call it: without who asks, and the password."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.dialect}://{host}:{self.port}/{self.name or ''}"


def place_of(database: str | None, kind: QueryType, context: ToolContext) -> Path | DatabaseServer:
    """Where a database is. Raises ToolError, and SecurityError for a file that may not be touched.

    A file that the configuration names needs no permission: the name is one. Hosts are asked for all the
    same, by who connects.
    """
    named = context.settings.get(TOOL, {}).get("databases", {})
    if (configured := named.get(database or "default")) is not None:
        return _configured(database or "default", configured, context)
    if database is None:
        raise ToolError(
            "no database is configured: give 'database' a file or a URL such as "
            f"postgresql://user:password@host/name, or set 'default' in {_WHERE} of the configuration",
            code="needs_configuration",
        )
    if (path := _path(database)) is None:
        return _server(database, "'database'", context)
    permissions = context.permissions
    return permissions.readable(path) if kind == "SELECT" else permissions.writable(path)


def _path(given: str) -> str | None:
    """The path of a file of SQLite; None for the URL of a server.

    As in other tools, three strokes lead from the folder of the run, four from the root.
    """
    scheme, separator, rest = given.partition("://")
    if not separator:
        return given
    return rest.removeprefix("/") if scheme == "sqlite" else None


def _configured(name: str, given: Any, context: ToolContext) -> Path | DatabaseServer:
    where = f"'{name}' in {_WHERE}"
    facts = given if isinstance(given, Mapping) else {"url": given}
    url = str(facts.get("url") or "")
    unknown = sorted(set(facts) - {"url", "user", "password"})
    if not url or unknown:
        told = f"has '{unknown[0]}', which is not known" if unknown else "has no 'url'"
        raise ToolError(f"{where} {told}; it takes 'url', 'user' and 'password'", code="needs_configuration")
    if (path := _path(url)) is not None:
        return context.root / path
    return _server(url, where, context, facts)


def _server(
    url: str, where: str, context: ToolContext, facts: Mapping[str, Any] | None = None
) -> DatabaseServer:
    """The database of a URL, which is told in no error: it may hold a password."""
    scheme = url.partition("://")[0]
    if scheme not in _DIALECTS:
        known = ", ".join(f"{one}://" for one in ("sqlite", *_DIALECTS))
        raise ToolError(f"{where} is a database of '{scheme}'; there are {known}", code="unsupported")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise ToolError(f"the URL of {where} is malformed: {error}", code="invalid_url") from None
    if not host:
        raise ToolError(f"the URL of {where} names no host", code="invalid_url")
    dialect, apart = _DIALECTS[scheme], facts or {}
    ssl_mode, certificates = _ssl(dict(parse_qsl(parts.query)), where, context)
    return DatabaseServer(
        dialect=dialect,
        host=host,
        port=port or _PORTS[dialect],
        name=unquote(parts.path.removeprefix("/")) or None,
        user=apart.get("user") or _unquoted(parts.username),
        password=apart.get("password") or _unquoted(parts.password),
        ssl_mode=ssl_mode,
        certificates=certificates,
    )


def _unquoted(text: str | None) -> str | None:
    return None if text is None else unquote(text)


def _ssl(options: dict[str, str], where: str, context: ToolContext) -> tuple[str, Path | None]:
    """What the query of a URL says of encryption. Other options of drivers reach files, and are refused."""
    if unknown := sorted(set(options) - {"sslmode", "sslrootcert"}):
        raise ToolError(
            f"the URL of {where} has '{unknown[0]}'; it takes 'sslmode' and 'sslrootcert'", code="invalid_url"
        )
    mode = options.get("sslmode", "prefer")
    if mode not in _SSL_MODES:
        told = ", ".join(_SSL_MODES)
        raise ToolError(f"'sslmode' in the URL of {where} is '{mode}'; there are {told}", code="invalid_url")
    given = options.get("sslrootcert")
    return mode, context.permissions.readable(given) if given else None
