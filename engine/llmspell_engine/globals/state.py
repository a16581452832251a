"""The global ``State``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from llmspell_engine.api import state as api
from llmspell_engine.globals.services import Run
from llmspell_engine.state.encoding import decode, encode


class State(api.State):
    """Keeps values in the run's store."""

    def __init__(self, run: Run) -> None:
        self._store = run.services.state

    def save(self, scope: str, key: str, value: Any) -> None:
        self._store.save(scope, key, encode(value, "State"))

    def load(self, scope: str, key: str) -> Any | None:
        text = self._store.load(scope, key)
        return None if text is None else decode(text)

    def delete(self, scope: str, key: str) -> None:
        self._store.delete(scope, key)

    def exists(self, scope: str, key: str) -> bool:
        return self._store.load(scope, key) is not None

    def list_keys(self, scope: str) -> Sequence[str]:
        return self._store.keys(scope)
