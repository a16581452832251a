"""A table that a script gets once: what is new of it passes, and nothing twice."""

# ruff: noqa: E501 (scripts read best on one line)

from __future__ import annotations

import gc
from collections.abc import Iterator
from typing import Any

import pytest
from llmspell_engine.globals.services import Services
from llmspell_engine.language import LANGUAGES
from llmspell_engine.runtime.base import RunContext, ScriptRuntime, Streams
from llmspell_engine.runtime.create import create
from llmspell_engine.runtime.values import BridgeError, HostFunction, Kept

REMEMBER = {
    "lua": "(function() local first return function(table) local same = table == first first = table return same end end)()",
    "javascript": "(() => { let first; return (table) => { const same = table === first; first = table; return same } })()",
}
SHOWN = {
    "lua": "function(given) local names = {} for name, value in pairs(given) do names[#names + 1] = name .. '=' .. tostring(value) end"
    " table.sort(names) return names end",
    "javascript": "(table) => Object.keys(table).sort().map((name) => name + '=' + table[name])",
}
JSON = {
    "lua": "function(given) return JSON.stringify(given) end",
    "javascript": "(given) => JSON.stringify(given)",
}
TOUCH = {"lua": "function() touch() end", "javascript": "() => touch()"}
FROZEN = {
    "lua": "function(table) return setmetatable(table, { __newindex = function() error('closed') end }) end",
    "javascript": "(table) => Object.freeze(table)",
}


@pytest.fixture(params=LANGUAGES)
def runtime(request: pytest.FixtureRequest) -> Iterator[ScriptRuntime]:
    services = Services()
    made = create(request.param, RunContext(Streams(print, print)), services)
    made.install({"touch": HostFunction("touch", lambda: None)})
    yield made
    made.close()
    services.close()


def _evaluated(runtime: ScriptRuntime, texts: dict[str, str]) -> Any:
    return runtime.evaluate(texts[runtime.language])


def test_it_is_the_same_table_each_time_and_grows(runtime: ScriptRuntime) -> None:
    is_same, shown = _evaluated(runtime, REMEMBER), _evaluated(runtime, SHOWN)
    kept = Kept({"a": 1})
    assert [is_same(kept), is_same(kept)] == [False, True]
    kept.put("b", 2)
    kept.put("a", 3)
    assert shown(kept) == ["a=3", "b=2"]
    assert is_same(kept)
    assert not is_same(Kept({"a": 1})), "another one is another table"


def test_it_looks_like_any_table(runtime: ScriptRuntime) -> None:
    kept = Kept({})
    kept.put("a", {"n": [1, 2]})
    assert _evaluated(runtime, JSON)(kept) == '{"a":{"n":[1,2]}}'
    assert _evaluated(runtime, JSON)({"inside": kept, "again": kept}) in (
        '{"inside":{"a":{"n":[1,2]}},"again":{"a":{"n":[1,2]}}}',
        '{"again":{"a":{"n":[1,2]}},"inside":{"a":{"n":[1,2]}}}',
    )


@pytest.mark.parametrize("value", [[1, "x"], "text", 5, None, True])
def test_other_values_may_be_kept(runtime: ScriptRuntime, value: Any) -> None:
    identity = {"lua": "function(value) return value end", "javascript": "(value) => value"}
    kept = Kept(value)
    assert [_evaluated(runtime, identity)(kept), _evaluated(runtime, identity)(kept)] == [value, value]


def test_a_script_that_closes_the_table_gets_what_is_new_all_the_same(runtime: ScriptRuntime) -> None:
    kept, shown = Kept({"a": 1}), _evaluated(runtime, SHOWN)
    _evaluated(runtime, FROZEN)(kept)
    kept.put("b", 2)
    assert shown(kept) == ["a=1", "b=2"]


def test_what_cannot_pass_loses_nothing(runtime: ScriptRuntime) -> None:
    kept, shown = Kept({"a": 1}), _evaluated(runtime, SHOWN)
    kept.put("b", 2)
    with pytest.raises(BridgeError):
        shown(kept, object())
    assert shown(kept) == ["a=1", "b=2"]


def test_the_script_does_not_hold_what_the_host_has_dropped(runtime: ScriptRuntime) -> None:
    holds = {
        "lua": "(function() local held = setmetatable({}, { __mode = 'v' }) return function(table)"
        " if table then held[1] = table end collectgarbage() return held[1] ~= nil end end)()",
        "javascript": "(() => { let held; return (table) => { if (table) held = new WeakRef(table); return held.deref() !== undefined } })()",
    }
    is_held, call_the_host = _evaluated(runtime, holds), _evaluated(runtime, TOUCH)
    kept = Kept({"a": 1})
    is_held(kept)
    assert is_held()
    del kept
    gc.collect()
    call_the_host()
    assert not is_held()
