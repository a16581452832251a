"""The hooks around what scripts do with State: one pair of points for what reads, one for what writes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from llmspell_engine.api.state_types import SCOPES
from llmspell_engine.hooks.points import STATE_READ, STATE_WRITE
from llmspell_engine.sessions.current import scope_here
from llmspell_engine.state.store import StateError

if TYPE_CHECKING:
    from llmspell_engine.globals.services import Run
    from llmspell_engine.hooks.base import Data

ALL = "*"
"""The scope or key in what hooks are told, where all are meant."""
Work = Callable[["Data"], "Data"]


class StateHooks:
    """What reads and writes on the script's thread."""

    def __init__(self, run: Run) -> None:
        self._hooks = run.hooks
        self._told: Data = {}
        """What hooks are told beside the operation and what it is about."""

    def _read(self, operation: str, scope: str, key: str, work: Work) -> Data:
        scope = scope_here(scope)
        data = {"operation": operation, "scope": scope, "key": key, **self._told}
        return self._hooks.around_now(STATE_READ, "state", f"{scope}:{key}", data, work)

    def _write(self, operation: str, scope: str, key: str, given: Data, work: Work) -> Data:
        scope = scope_here(scope)
        data = {"operation": operation, "scope": scope, "key": key, **self._told, **given}
        return self._hooks.around_now(STATE_WRITE, "state", f"{scope}:{key}", data, work)


def names_of(data: Data) -> Sequence[str]:
    """The names that a reading of names came to. Raises StateError where a hook made something else of it."""
    value = data.get("value")
    if isinstance(value, list | tuple) and all(isinstance(one, str) for one in value):
        return value
    if not value:
        return []
    raise StateError(f"a hook gave no list of names as the 'value' of {data.get('operation')}")


def is_named_by_scripts(scope: str) -> bool:
    """Whether a scope is one of those that scripts may use."""
    return scope.partition(":")[0] in SCOPES
