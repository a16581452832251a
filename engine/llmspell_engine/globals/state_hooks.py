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
        return self._hooks.around_now(STATE_READ, "state", f"{scope}:{key}", data, _where_named(work, scope))

    def _write(self, operation: str, scope: str, key: str, given: Data, work: Work) -> Data:
        scope = scope_here(scope)
        data = {"operation": operation, "scope": scope, "key": key, **self._told, **given}
        return self._hooks.around_now(STATE_WRITE, "state", f"{scope}:{key}", data, _where_named(work, scope))


def _where_named(work: Work, given: str) -> Work:
    """The work in the scope that hooks have left: one that scripts may name, for others are the engine's."""

    def checked(data: Data) -> Data:
        scope = data["scope"]
        if scope == given:
            return work(data)
        if not is_named_by_scripts(scope):
            known = ", ".join(SCOPES)
            raise StateError(
                f"a hook changed the scope to '{scope}'; it is one of {known}, alone or with a name behind a"
                " colon"
            )
        return work({**data, "scope": scope_here(scope)})

    return checked


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
