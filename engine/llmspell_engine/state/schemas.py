"""Versions of what is kept: schemas of scopes, and migrations from one version to the next.

The version that a scope's values have is kept with them. A migration gets all values of a scope by their
keys and gives them in their new form; keys that it leaves out are deleted. All scopes are migrated in one
commit, so that either everything is in its new form or nothing is.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from llmspell_engine.state.encoding import JSONError, decode, encode
from llmspell_engine.state.patterns import matcher
from llmspell_engine.state.store import (
    SCHEMAS_SCOPE,
    Address,
    Entry,
    Seen,
    StateConflictError,
    StateError,
    StateStore,
    Write,
    is_own,
    seconds_left,
)

Values = dict[str, Any]
Migration = Callable[[Values, str], Awaitable[Any]]
"""Gets the values and the scope, gives the new values."""
Do = Callable[[Callable[[], Any]], Awaitable[Any]]
"""Asks a store without holding up the loop."""
_ATTEMPTS = 10


@dataclass(frozen=True, slots=True)
class Schema:
    """The newest version of the values of a scope, or of all that fit a pattern such as ``agent:*``."""

    scope: str
    version: int
    migrations: Mapping[int, Migration] = field(default_factory=dict)
    """How to get to each version from the one before."""

    def __post_init__(self) -> None:
        """Raise StateError where a migration leads nowhere."""
        for to in self.migrations:
            if not 2 <= to <= self.version:
                raise StateError(
                    f"the schema of '{self.scope}' has a migration to version {to}; its versions are 1 to"
                    f" {self.version}, and the first needs none"
                )


@dataclass(frozen=True, slots=True)
class Standing:
    """The version that values have, and the newest that there is."""

    scope: str
    current: int
    latest: int


@dataclass(frozen=True, slots=True)
class Migrated:
    """What came of migrating."""

    before: int
    after: int
    items: int
    """How many values were changed, added or deleted."""


@dataclass(slots=True)
class _Plan:
    """What a migration has read, and is to write."""

    writes: dict[Address, Write] = field(default_factory=dict)
    versions: dict[Address, int] = field(default_factory=dict)
    keys: dict[str, list[str]] = field(default_factory=dict)

    @property
    def seen(self) -> Seen:
        return Seen(self.versions, self.keys)


class Schemas:
    """The schemas that a run knows, over the versions that are kept."""

    def __init__(self, store: StateStore) -> None:
        self._store = store
        self._schemas: dict[str, Schema] = {}

    def __len__(self) -> int:
        return len(self._schemas)

    def register(self, schema: Schema) -> None:
        """Know a schema from now on. A scope without values is at its newest version at once.

        Raises StateError where the values are of a newer version.
        """
        kept = self._kept(schema.scope)
        if kept is None and not self._scopes(schema):
            write = Write(encode(schema.version, "State"))
            self._store.commit({(SCHEMAS_SCOPE, schema.scope): write}, _at_none(schema.scope))
            kept = self._kept(schema.scope)
        if kept is not None and kept > schema.version:
            raise StateError(
                f"the values of '{schema.scope}' have version {kept}, newer than {schema.version}, which this"
                " script knows; run the newer script, or restore a backup"
            )
        self._schemas[schema.scope] = schema

    def standings(self) -> list[Standing]:
        """How far the values of each schema are, by scope."""
        return [
            Standing(name, self._kept(name) or 1, one.version) for name, one in sorted(self._schemas.items())
        ]

    def behind(self, target: int | None = None, scope: str | None = None) -> list[Standing]:
        """The schemas to migrate, with the version to go to as their newest. Raises StateError."""
        if scope is not None and scope not in self._schemas:
            raise StateError(f"no schema of '{scope}' is registered; State.register_schema makes one known")
        chosen = [one for one in self.standings() if scope in (None, one.scope)]
        newest = max((one.latest for one in chosen), default=1)
        if target is not None and target > newest:
            raise StateError(f"there is no version {target}; the newest is {newest}")
        goals = [Standing(one.scope, one.current, min(target or one.latest, one.latest)) for one in chosen]
        for goal in goals:
            if target is not None and goal.current > goal.latest:
                raise StateError(
                    f"the values of '{goal.scope}' have version {goal.current}, and nothing leads back to"
                    f" {target}; restore a backup from before the migration"
                )
        return [one for one in goals if one.current < one.latest]

    async def migrate(self, goals: list[Standing], do: Do) -> Migrated:
        """Migrate schemas, all or nothing.

        Raises StateError, which names the scope and the version, and StateConflictError where others write
        all the while.
        """
        for _ in range(_ATTEMPTS):
            plan = _Plan()
            for goal in goals:
                await self._plan(goal, plan, do)
            if await do(partial(self._store.commit, {**plan.writes, **_marks(goals)}, plan.seen)):
                before = min((one.current for one in goals), default=0)
                after = max((one.latest for one in goals), default=0)
                return Migrated(before, after, len(plan.writes))
        raise StateConflictError("others write to the state all the while; migrate when nothing else runs")

    async def _plan(self, goal: Standing, plan: _Plan, do: Do) -> None:
        schema = self._schemas[goal.scope]
        for scope in await do(partial(self._scopes, schema)):
            entries = await do(partial(self._store.entries, scope))
            plan.keys[scope] = list(entries)
            plan.versions.update({(scope, key): entry.version for key, entry in entries.items()})
            plan.writes.update(_writes(scope, entries, await _migrated(schema, goal, scope, entries)))
        mark = await do(partial(self._store.entry, SCHEMAS_SCOPE, goal.scope))
        plan.versions[SCHEMAS_SCOPE, goal.scope] = mark.version if mark else 0

    def _scopes(self, schema: Schema) -> list[str]:
        fits = matcher(schema.scope)
        return [scope for scope in self._store.scopes() if not is_own(scope) and fits(scope)]

    def _kept(self, name: str) -> int | None:
        text = self._store.load(SCHEMAS_SCOPE, name)
        return None if text is None else int(decode(text))


async def _migrated(schema: Schema, goal: Standing, scope: str, entries: Mapping[str, Entry]) -> Values:
    values: Values = {key: decode(entry.text) for key, entry in entries.items()}
    for version in range(goal.current + 1, goal.latest + 1):
        where = f"the migration of '{scope}' to version {version}"
        migration = schema.migrations.get(version)
        if migration is None:
            raise StateError(
                f"{where} is missing; add it to the migrations of the schema of '{schema.scope}'"
            )
        try:
            given = await migration(values, scope)
        except StateError:
            raise
        except Exception as error:
            raise StateError(f"{where} failed: {error}") from error
        values = _values(given, where)
    return values


def _values(given: Any, where: str) -> Values:
    if isinstance(given, list | tuple) and not given:
        return {}
    if not isinstance(given, Mapping) or not all(isinstance(key, str) and key for key in given):
        raise StateError(f"{where} gave no table of values by their keys; give back what it got, changed")
    try:
        for key, value in given.items():
            encode(value, f"{where}: '{key}'")
    except JSONError as error:
        raise StateError(str(error)) from None
    return dict(given)


def _writes(scope: str, entries: Mapping[str, Entry], values: Values) -> dict[Address, Write]:
    """What turns the entries into the values. Times to live stay."""
    writes: dict[Address, Write] = {(scope, key): Write(None) for key in entries if key not in values}
    for key, value in values.items():
        before = entries.get(key)
        text = encode(value, "State")
        if before is None or before.text != text:
            writes[scope, key] = Write(text, seconds_left(before) if before else None)
    return writes


def _marks(goals: list[Standing]) -> dict[Address, Write]:
    return {(SCHEMAS_SCOPE, one.scope): Write(encode(one.latest, "State")) for one in goals}


def _at_none(name: str) -> Seen:
    return Seen({(SCHEMAS_SCOPE, name): 0}, {})
