"""State as one JSON document: written by one store, read into another."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from llmspell_engine.state.encoding import JSONError, decode, encode
from llmspell_engine.state.store import (
    SCHEMAS_SCOPE,
    Address,
    StateError,
    StateStore,
    Write,
    everything,
    is_own,
)

FORMAT = "llmspell-state"
VERSION = 1
Mode = Literal["merge", "keep", "replace"]
_FIELDS = {"scope", "key", "value", "version", "expires_at"}


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import came to."""

    imported: int
    skipped: int
    """Values that were there, or have had their time."""
    removed: int


def exported(store: StateStore, scope: str | None = None) -> dict[str, Any]:
    """The document of a scope, or of all."""
    found = {(scope, key): one for key, one in store.entries(scope).items()} if scope else everything(store)
    schemas = {key: decode(one.text) for key, one in store.entries(SCHEMAS_SCOPE).items()}
    entries = [
        {
            "scope": owner,
            "key": key,
            "value": decode(one.text),
            "version": one.version,
            **({"expires_at": iso(one.expires)} if one.expires is not None else {}),
        }
        for (owner, key), one in sorted(found.items())
        if not is_own(owner)
    ]
    told = {name: version for name, version in schemas.items() if scope is None or name == scope}
    return {
        "format": FORMAT,
        "format_version": VERSION,
        "exported_at": iso(time.time()),
        "schemas": told,
        "entries": entries,
    }


def addresses(document: Any) -> list[str]:
    """The values that a document names, as ``scope:key``; whether it is in order is not looked at."""
    entries = document.get("entries") if isinstance(document, Mapping) else None
    listed = entries if isinstance(entries, list | tuple) else ()
    return [f"{one.get('scope')}:{one.get('key')}" for one in listed if isinstance(one, Mapping)]


def import_into(store: StateStore, document: Any, mode: Mode = "merge") -> Imported:
    """Take over a document, all or nothing. Raises StateError that says what is wrong with it, and where."""
    schemas, writes = _read(document)
    _check_schemas(store, schemas)
    live = {at: one for at, one in writes.items() if one.ttl_seconds is None or one.ttl_seconds > 0}
    scopes = {scope for scope, _ in writes}
    present = {(scope, key): one for scope in scopes for key, one in store.entries(scope).items()}
    wanted = {at: one for at, one in live.items() if mode != "keep" or at not in present}
    gone = [at for at in present if at not in live] if mode == "replace" else []
    kept = {(SCHEMAS_SCOPE, name): Write(encode(version, "State")) for name, version in schemas.items()}
    store.commit({**{at: Write(None) for at in gone}, **wanted, **kept})
    return Imported(len(wanted), len(writes) - len(wanted), len(gone))


def _read(document: Any) -> tuple[Mapping[str, int], dict[Address, Write]]:
    if not isinstance(document, Mapping) or document.get("format") != FORMAT:
        raise StateError(f"this is no export of state: its 'format' is not '{FORMAT}'")
    if document.get("format_version") != VERSION:
        raise StateError(
            f"the export has format_version {document.get('format_version')!r}; this llmspell knows {VERSION}"
        )
    entries = document.get("entries") or []
    if not isinstance(entries, list | tuple):
        raise StateError("the 'entries' of the export are no list")
    return _schemas(document.get("schemas") or {}), dict(
        _entry(one, f"entry {number} of the export") for number, one in enumerate(entries, 1)
    )


def _entry(one: Any, where: str) -> tuple[Address, Write]:
    if not isinstance(one, Mapping):
        raise StateError(f"{where} is no table")
    unknown = sorted(set(one) - _FIELDS)
    if unknown:
        raise StateError(f"{where} has '{unknown[0]}'; there is {', '.join(sorted(_FIELDS))}")
    for field in ("scope", "key"):
        if not isinstance(one.get(field), str) or not one[field]:
            raise StateError(f"{where}: its '{field}' is no text")
    if one["scope"] == SCHEMAS_SCOPE:
        raise StateError(f"{where}: the scope '{SCHEMAS_SCOPE}' cannot be imported; use 'schemas'")
    if is_own(one["scope"]):
        raise StateError(f"{where}: the scope '{one['scope']}' is the engine's own and cannot be imported")
    try:
        text = encode(one.get("value"), where)
    except JSONError as error:
        raise StateError(str(error)) from None
    return (one["scope"], one["key"]), Write(text, _seconds_until(one.get("expires_at"), where))


def _seconds_until(moment: Any, where: str) -> float | None:
    if moment is None:
        return None
    try:
        return datetime.fromisoformat(moment).timestamp() - time.time()
    except (TypeError, ValueError):
        raise StateError(f"{where}: its 'expires_at' is no RFC 3339 time") from None


def _schemas(given: Any) -> Mapping[str, int]:
    if isinstance(given, list | tuple) and not given:
        return {}
    good = isinstance(given, Mapping) and all(
        isinstance(version, int) and not isinstance(version, bool) and version > 0
        for version in given.values()
    )
    if not good:
        raise StateError("the 'schemas' of the export do not map scopes to versions")
    return {str(name): version for name, version in given.items()}


def _check_schemas(store: StateStore, schemas: Mapping[str, int]) -> None:
    for name, version in schemas.items():
        text = store.load(SCHEMAS_SCOPE, name)
        known = version if text is None else decode(text)
        if known != version:
            raise StateError(
                f"the export has version {version} of the schema of '{name}', this state version {known};"
                " migrate the older one first"
            )


def iso(seconds: float) -> str:
    """A time as RFC 3339 in UTC."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
