"""State as a document: taken over as a whole, or refused with what is wrong in it."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from llmspell_engine.state import MemoryStore, StateError, StateStore
from llmspell_engine.state.exchange import Imported, exported, import_into
from llmspell_engine.state.store import SCHEMAS_SCOPE, everything


@pytest.fixture
def document() -> dict[str, Any]:
    store = MemoryStore()
    store.save("global", "a", '{"b": [1, null]}')
    store.save("global", "short", "1", 60)
    store.save("agent:x", "c", '"größer"')
    store.save(SCHEMAS_SCOPE, "global", "3")
    return exported(store)


def test_a_document_brings_back_what_there_was(document: dict[str, Any], store: StateStore) -> None:
    assert import_into(store, document) == Imported(3, 0, 0)
    again = exported(store)
    for one in (document, again):
        del one["exported_at"]
        for entry in one["entries"]:
            del entry["version"]
            entry.pop("expires_at", None)
    assert again == document
    assert store.entry("global", "short").expires is not None  # type: ignore[union-attr]


def test_one_scope_alone(document: dict[str, Any], store: StateStore) -> None:
    import_into(store, document)
    part = exported(store, "agent:x")
    assert [entry["key"] for entry in part["entries"]] == ["c"]
    assert part["schemas"] == {}
    assert exported(store, "global")["schemas"] == {"global": 3}


@pytest.mark.parametrize(
    ("mode", "expected", "left"),
    [
        ("merge", Imported(3, 0, 0), {"a": '{"b":[1,null]}', "short": "1", "own": "0"}),
        ("keep", Imported(2, 1, 0), {"a": "0", "short": "1", "own": "0"}),
        ("replace", Imported(3, 0, 1), {"a": '{"b":[1,null]}', "short": "1"}),
    ],
)
def test_what_happens_to_values_that_are_there(
    document: dict[str, Any], store: StateStore, mode: Any, expected: Imported, left: dict[str, str]
) -> None:
    store.save("global", "a", "0")
    store.save("global", "own", "0")
    store.save("custom", "apart", "0")
    assert import_into(store, document, mode) == expected
    assert {key: entry.text for key, entry in store.entries("global").items()} == left
    assert store.load("custom", "apart") == "0"


def test_what_has_had_its_time_is_left_out(document: dict[str, Any], store: StateStore) -> None:
    document["entries"][0]["expires_at"] = "2001-01-01T00:00:00Z"
    assert import_into(store, document) == Imported(2, 1, 0)


BROKEN = [
    (lambda it: [], "this is no export of state: its 'format' is not 'llmspell-state'"),
    (lambda it: {**it, "format": "x"}, "this is no export of state"),
    (lambda it: {**it, "format_version": 2}, "the export has format_version 2; this llmspell knows 1"),
    (lambda it: {**it, "entries": 1}, "the 'entries' of the export are no list"),
    (lambda it: {**it, "entries": [1]}, "entry 1 of the export is no table"),
    (lambda it: _with(it, scope=""), "entry 2 of the export: its 'scope' is no text"),
    (lambda it: _with(it, key=3), "entry 2 of the export: its 'key' is no text"),
    (lambda it: _with(it, valeu=3), "entry 2 of the export has 'valeu'; there is expires_at, key, scope"),
    (lambda it: _with(it, value=float("nan")), "entry 2 of the export: value is NaN"),
    (lambda it: _with(it, expires_at="soon"), "entry 2 of the export: its 'expires_at' is no RFC 3339 time"),
    (lambda it: _with(it, scope=SCHEMAS_SCOPE), "entry 2 of the export: the scope '.schemas' cannot be"),
    (lambda it: {**it, "schemas": {"global": 0}}, "the 'schemas' of the export do not map scopes to"),
    (lambda it: {**it, "schemas": [1]}, "the 'schemas' of the export do not map scopes to versions"),
    (lambda it: {**it, "schemas": {"global": 4}}, "the export has version 4 of the schema of 'global', this"),
]


def _with(document: dict[str, Any], **changes: Any) -> dict[str, Any]:
    changed = copy.deepcopy(document)
    changed["entries"][1].update(changes)
    return changed


@pytest.mark.parametrize(("breaks", "message"), BROKEN)
def test_a_document_with_a_fault_changes_nothing(
    document: dict[str, Any], store: StateStore, breaks: Any, message: str
) -> None:
    store.save("global", "a", "0")
    store.save(SCHEMAS_SCOPE, "global", "3")
    before = everything(store)
    with pytest.raises(StateError) as raised:
        import_into(store, breaks(document))
    assert str(raised.value).startswith(message)
    assert everything(store) == before
