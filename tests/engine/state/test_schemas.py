"""Migrations: all values in their new form, or all in their old one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from llmspell_engine.state import StateConflictError, StateError, StateStore
from llmspell_engine.state.schemas import Migrated, Schema, Schemas, Standing
from llmspell_engine.state.store import everything


async def at_once(work: Callable[[], Any]) -> Any:
    return work()


def migration(change: Callable[[dict[str, Any]], Any]) -> Any:
    async def migrate(values: dict[str, Any], scope: str) -> Any:
        return change(values)

    return migrate


ADD_CURRENCY = migration(lambda values: {key: {**one, "currency": "EUR"} for key, one in values.items()})
RENAME = migration(lambda values: {f"order-{key}": one for key, one in values.items()})


@pytest.fixture
def orders(store: StateStore) -> StateStore:
    store.save("custom:orders", "1", '{"total": 5}')
    store.save("custom:orders", "2", '{"total": 6}', 60)
    store.save("custom:other", "1", '{"total": 7}')
    return store


async def test_values_go_from_version_to_version(orders: StateStore) -> None:
    schemas = Schemas(orders)
    schemas.register(Schema("custom:orders", 3, {2: ADD_CURRENCY, 3: RENAME}))
    assert schemas.standings() == [Standing("custom:orders", 1, 3)]
    assert await schemas.migrate(schemas.behind(2), at_once) == Migrated(1, 2, 2)
    assert orders.load("custom:orders", "1") == '{"total":5,"currency":"EUR"}'
    assert orders.entry("custom:orders", "2").expires is not None  # type: ignore[union-attr]
    assert schemas.standings() == [Standing("custom:orders", 2, 3)]
    assert await schemas.migrate(schemas.behind(), at_once) == Migrated(2, 3, 4)
    assert orders.keys("custom:orders") == ["order-1", "order-2"]
    assert orders.load("custom:other", "1") == '{"total": 7}'
    assert schemas.behind() == []
    assert Schemas(orders).standings() == []


async def test_what_a_migration_leaves_as_it_was_is_not_written(orders: StateStore) -> None:
    """It stays, with its version, so that others who have seen it may go on; what is left out goes."""
    orders.save("custom:orders", "3", '{"total":8}')
    seen = orders.entry("custom:orders", "3")
    change = migration(lambda values: {"1": {"total": 1}, "3": values["3"]})
    schemas = Schemas(orders)
    schemas.register(Schema("custom:orders", 2, {2: change}))
    assert await schemas.migrate(schemas.behind(), at_once) == Migrated(1, 2, 2)
    assert orders.keys("custom:orders") == ["1", "3"]
    assert orders.load("custom:orders", "1") == '{"total":1}'
    assert orders.entry("custom:orders", "3") == seen


@pytest.mark.parametrize("empty", [{}, [], ()])
async def test_a_migration_may_leave_nothing(empty: Any, orders: StateStore) -> None:
    schemas = Schemas(orders)
    schemas.register(Schema("custom:orders", 2, {2: migration(lambda _: empty)}))
    assert await schemas.migrate(schemas.behind(), at_once) == Migrated(1, 2, 2)
    assert orders.keys("custom:orders") == []
    assert orders.keys("custom:other") == ["1"]


async def test_only_the_schema_that_is_named_is_migrated(orders: StateStore) -> None:
    schemas = Schemas(orders)
    for scope, newest in (("custom:orders", 3), ("custom:other", 2)):
        schemas.register(Schema(scope, newest, dict.fromkeys(range(2, newest + 1), ADD_CURRENCY)))
    assert schemas.behind(scope="custom:other") == [Standing("custom:other", 1, 2)]
    assert schemas.behind(3) == [Standing("custom:orders", 1, 3), Standing("custom:other", 1, 2)]
    assert await schemas.migrate(schemas.behind(2), at_once) == Migrated(1, 2, 3)
    assert schemas.standings() == [Standing("custom:orders", 2, 3), Standing("custom:other", 2, 2)]
    assert await schemas.migrate([], at_once) == Migrated(0, 0, 0)


async def test_a_pattern_is_for_every_scope_that_fits(orders: StateStore) -> None:
    schemas = Schemas(orders)
    schemas.register(Schema("custom:*", 2, {2: ADD_CURRENCY}))
    assert await schemas.migrate(schemas.behind(), at_once) == Migrated(1, 2, 3)
    assert orders.load("custom:other", "1") == '{"total":7,"currency":"EUR"}'


def test_a_scope_without_values_is_at_its_newest_version(store: StateStore) -> None:
    schemas = Schemas(store)
    schemas.register(Schema("global", 4))
    store.save("global", "a", "1")
    schemas.register(Schema("global", 4))
    assert schemas.standings() == [Standing("global", 4, 4)]


def fail(_: Any) -> Any:
    raise ValueError("it is broken")


@pytest.mark.parametrize(
    ("second", "message"),
    [
        (migration(fail), "the migration of 'global' to version 2 failed: it is broken"),
        (migration(lambda _: None), "the migration of 'global' to version 2 gave no table of values"),
        (migration(lambda _: [1]), "the migration of 'global' to version 2 gave no table of values"),
        (
            migration(lambda _: {"a": print}),
            "the migration of 'global' to version 2: 'a': value is a function",
        ),
        (None, "the migration of 'global' to version 2 is missing; add it to the migrations"),
    ],
)
async def test_a_migration_that_fails_leaves_all_as_it_was(
    orders: StateStore, second: Any, message: str
) -> None:
    orders.save("global", "a", "1")
    schemas = Schemas(orders)
    schemas.register(Schema("custom:orders", 2, {2: ADD_CURRENCY}))
    schemas.register(Schema("global", 2, {2: second} if second else {}))
    before = everything(orders)
    with pytest.raises(StateError) as raised:
        await schemas.migrate(schemas.behind(), at_once)
    assert str(raised.value).startswith(message)
    assert everything(orders) == before
    assert [one.current for one in schemas.standings()] == [1, 1]


async def test_a_migration_takes_in_what_others_write_meanwhile(orders: StateStore) -> None:
    tries: list[int] = []

    def meddled(values: dict[str, Any]) -> Any:
        tries.append(len(values))
        if len(tries) == 1:
            orders.save("custom:orders", "3", '{"total": 8}')
        return {key: {**one, "currency": "EUR"} for key, one in values.items()}

    schemas = Schemas(orders)
    schemas.register(Schema("custom:orders", 2, {2: migration(meddled)}))
    assert await schemas.migrate(schemas.behind(), at_once) == Migrated(1, 2, 3)
    assert tries == [2, 3]


async def test_others_who_write_all_the_while_are_told_of(orders: StateStore) -> None:
    def meddled(values: dict[str, Any]) -> Any:
        orders.save("custom:orders", "1", "{}")
        return values

    schemas = Schemas(orders)
    schemas.register(Schema("custom:orders", 2, {2: migration(meddled)}))
    with pytest.raises(StateConflictError, match="migrate when nothing else runs"):
        await schemas.migrate(schemas.behind(), at_once)
    assert schemas.standings() == [Standing("custom:orders", 1, 2)]


@pytest.mark.parametrize(
    ("use", "message"),
    [
        (lambda it: it.register(Schema("global", 2, {3: ADD_CURRENCY})), "has a migration to version 3"),
        (lambda it: it.register(Schema("global", 2, {1: ADD_CURRENCY})), "has a migration to version 1"),
        (lambda it: it.register(Schema("empty", 1)), "the values of 'empty' have version 2, newer than 1"),
        (lambda it: it.behind(3), "there is no version 3; the newest is 2"),
        (lambda it: it.behind(1), "the values of 'empty' have version 2, and nothing leads back to 1"),
        (lambda it: it.behind(scope="none"), "no schema of 'none' is registered"),
    ],
)
def test_what_is_refused(store: StateStore, use: Callable[[Schemas], Any], message: str) -> None:
    schemas = Schemas(store)
    schemas.register(Schema("empty", 2))
    with pytest.raises(StateError) as raised:
        use(schemas)
    assert message in str(raised.value)
