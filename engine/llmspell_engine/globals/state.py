"""The global ``State``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from llmspell_engine.api import state as api
from llmspell_engine.globals.services import Run
from llmspell_engine.hooks.base import Data
from llmspell_engine.hooks.points import STATE_READ, STATE_WRITE
from llmspell_engine.state.encoding import decode, encode


class State(api.State):
    """Keeps values in the run's store."""

    def __init__(self, run: Run) -> None:
        self._store = run.services.state
        self._hooks = run.hooks

    def save(self, scope: str, key: str, value: Any) -> None:
        if self._hooks.listens_around(STATE_WRITE):
            written = {"operation": "save", "scope": scope, "key": key, "value": value}
            self._hooks.around_now(STATE_WRITE, "state", f"{scope}:{key}", written, self._write)
        else:
            self._store.save(scope, key, encode(value, "State"))

    def load(self, scope: str, key: str) -> Any | None:
        if self._hooks.listens_around(STATE_READ):
            read = {"operation": "load", "scope": scope, "key": key}
            return self._hooks.around_now(STATE_READ, "state", f"{scope}:{key}", read, self._read).get(
                "value"
            )
        return self._load(scope, key)

    def delete(self, scope: str, key: str) -> None:
        if self._hooks.listens_around(STATE_WRITE):
            deleted = {"operation": "delete", "scope": scope, "key": key}
            self._hooks.around_now(STATE_WRITE, "state", f"{scope}:{key}", deleted, self._write)
        else:
            self._store.delete(scope, key)

    def _load(self, scope: str, key: str) -> Any | None:
        text = self._store.load(scope, key)
        return None if text is None else decode(text)

    def _read(self, data: Data) -> Data:
        return {**data, "value": self._load(data["scope"], data["key"])}

    def _write(self, data: Data) -> Data:
        if data["operation"] == "delete":
            self._store.delete(data["scope"], data["key"])
        else:
            self._store.save(data["scope"], data["key"], encode(data.get("value"), "State"))
        return data

    def exists(self, scope: str, key: str) -> bool:
        return self._store.load(scope, key) is not None

    def list_keys(self, scope: str) -> Sequence[str]:
        return self._store.keys(scope)
