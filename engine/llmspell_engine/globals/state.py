"""The global ``State``."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from llmspell_engine.api import state as api
from llmspell_engine.api import state_types as types
from llmspell_engine.api.validation import validate_value
from llmspell_engine.globals.state_hooks import ALL, is_named_by_scripts, names_of
from llmspell_engine.globals.state_upkeep import StateUpkeep
from llmspell_engine.hooks.points import STATE_READ, STATE_WRITE
from llmspell_engine.runtime.values import Plain
from llmspell_engine.sessions.current import scope_here
from llmspell_engine.state.encoding import decode, encode
from llmspell_engine.state.exchange import iso
from llmspell_engine.state.store import Entry, Seen, Write
from llmspell_engine.state.transaction import compare_and_set, increment

if TYPE_CHECKING:
    from llmspell_engine.globals.state_transactions import StateTransaction
    from llmspell_engine.globals.state_watches import StateWatch
    from llmspell_engine.hooks.base import Data


_COMPOUND = ("{", "[")
"""How JSON of dictionaries and lists begins; they pass to scripts without being made here."""


class State(StateUpkeep, api.State):
    """Keeps values in the run's store."""

    # One value

    def save(self, scope: str, key: str, value: Any, options: types.SaveOptions | None = None) -> None:
        ttl = _ttl(options)
        if not self._hooks.listens_around(STATE_WRITE):
            self._store.save(scope_here(scope), key, encode(value, "State"), ttl)
            return

        def work(data: Data) -> Data:
            self._store.save(data["scope"], data["key"], encode(data.get("value"), "State"), ttl)
            return data

        self._write("save", scope, key, {"value": value}, work)

    def load(self, scope: str, key: str) -> Any | None:
        if not self._hooks.listens_around(STATE_READ):
            text = self._store.load(scope_here(scope), key)
            if text is None:
                return None
            return Plain(text, decode) if text[:1] in _COMPOUND else decode(text)
        return self._loaded(scope, key)

    def delete(self, scope: str, key: str | None = None) -> None:
        if key is None:
            scope, key = "global", scope
        else:
            # Only a call with one argument may have something else there.
            validate_value(
                types.Scope, scope, name="scope", where="State.delete", language=self._run.language
            )

        def work(data: Data) -> Data:
            self._store.delete(data["scope"], data["key"])
            return data

        self._write("delete", scope, key, {}, work)

    def exists(self, scope: str, key: str) -> bool:
        if not self._hooks.listens_around(STATE_READ):
            return self._store.load(scope_here(scope), key) is not None

        def work(data: Data) -> Data:
            return {**data, "value": self._store.load(data["scope"], data["key"]) is not None}

        return bool(self._read("exists", scope, key, work).get("value"))

    def get_with_version(self, scope: str, key: str) -> types.VersionedValue | None:
        found: list[Entry | None] = [None]

        def work(data: Data) -> Data:
            found[0] = self._store.entry(data["scope"], data["key"])
            return {**data, "value": decode(found[0].text) if found[0] else None}

        data = self._read("get_with_version", scope, key, work)
        entry = found[0]
        return _versioned(entry, data.get("value")) if entry else None

    # Scopes

    def list_keys(self, scope: str) -> Sequence[str]:
        def work(data: Data) -> Data:
            return {**data, "value": self._store.keys(data["scope"])}

        return names_of(self._read("list_keys", scope, ALL, work))

    def list_scopes(self) -> Sequence[str]:
        def work(data: Data) -> Data:
            return {**data, "value": [one for one in self._store.scopes() if is_named_by_scripts(one)]}

        return names_of(self._read("list_scopes", ALL, ALL, work))

    def load_all(self, scope: str) -> Mapping[str, Any]:
        scope = scope_here(scope)
        if self._hooks.listens_around(STATE_READ):
            found = {key: self._loaded(scope, key) for key in self._store.keys(scope)}
            return {key: value for key, value in found.items() if value is not None}
        return {key: decode(entry.text) for key, entry in self._store.entries(scope).items()}

    def clear(self, scope: str) -> int:
        def work(data: Data) -> Data:
            present = self._store.keys(data["scope"])
            gone = [key for key in data["keys"] if key in present]
            self._store.commit({(data["scope"], key): Write(None) for key in gone})
            return {**data, "removed": len(gone)}

        given = {"keys": self._store.keys(scope_here(scope))}
        return int(self._write("clear", scope, ALL, given, work).get("removed", 0))

    # What others may change too

    def compare_and_set(
        self,
        scope: str,
        key: str,
        expected: Any,
        value: Any = None,
        options: types.SaveOptions | None = None,
    ) -> bool:
        encode(expected, "State.compare_and_set: 'expected'")

        def work(data: Data) -> Data:
            write = _write_of(data.get("value"), _ttl(options))
            was_set, found = compare_and_set(
                self._store, (data["scope"], data["key"]), data["expected"], write
            )
            return {**data, "was_set": was_set, "found": found}

        given = {"expected": expected, "value": value}
        return self._was_set(self._write("compare_and_set", scope, key, given, work))

    def save_if_version(
        self, scope: str, key: str, version: int, value: Any, options: types.SaveOptions | None = None
    ) -> bool:
        def work(data: Data) -> Data:
            address = (data["scope"], data["key"])
            write = Write(encode(data.get("value"), "State"), _ttl(options))
            return {**data, "was_set": self._store.commit({address: write}, Seen({address: version}, {}))}

        given = {"version": version, "value": value}
        return self._was_set(self._write("save_if_version", scope, key, given, work))

    def increment(self, scope: str, key: str, by: float = 1) -> float:
        def work(data: Data) -> Data:
            total = increment(self._store, (data["scope"], data["key"]), data["by"])
            return {**data, "value": total}

        # A hook may have put something else in the place of the addition.
        total: float = self._write("increment", scope, key, {"by": by}, work).get("value", 0)
        return total

    def transaction(
        self,
        handler: Callable[[StateTransaction], Any],
        options: types.TransactionOptions | None = None,
    ) -> Awaitable[Any]:
        from llmspell_engine.globals.state_transactions import transact

        attempts = (options or types.TransactionOptions()).max_attempts
        return transact(self._run, self._binder, handler, attempts)

    def watch(
        self,
        scope: str,
        key_pattern: str = "*",
        handler: Callable[[types.StateChange], Any] | None = None,
        options: types.WatchOptions | None = None,
    ) -> StateWatch:
        from llmspell_engine.globals.state_watches import StateWatch

        wanted = options or types.WatchOptions()
        return StateWatch(self._run, scope_here(scope), key_pattern, handler, wanted)

    # With the hooks around it

    def _loaded(self, scope: str, key: str) -> Any | None:
        def work(data: Data) -> Data:
            return {**data, "value": self._load(data["scope"], data["key"])}

        return self._read("load", scope, key, work).get("value")

    def _load(self, scope: str, key: str) -> Any | None:
        text = self._store.load(scope, key)
        return None if text is None else decode(text)

    def _was_set(self, data: Data) -> bool:
        """Whether a condition held; the hooks hear of it where it did not."""
        if data.get("was_set") is False:
            name = f"{data['scope']}:{data['key']}"
            self._hooks.reach_now("StateConflict", "state", name, {"keys": [name], **data})
        return bool(data.get("was_set"))


def _ttl(options: types.SaveOptions | None) -> float | None:
    return options.ttl_seconds if options else None


def _write_of(value: Any, ttl_seconds: float | None) -> Write:
    return Write(None if value is None else encode(value, "State"), ttl_seconds)


def _versioned(entry: Entry, value: Any) -> types.VersionedValue:
    return types.VersionedValue(
        value=value,
        version=entry.version,
        updated_at=iso(entry.changed),
        expires_at=None if entry.expires is None else iso(entry.expires),
    )
