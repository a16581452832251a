"""Tables that pass between Lua and the host in one piece come out as those that pass part by part."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import pytest
from llmspell_engine.runtime.base import RunContext, Streams
from llmspell_engine.runtime.lua import LuaRuntime
from llmspell_engine.runtime.values import BridgeError, Walk

VALUES: dict[str, Any] = {
    "nothing": {},
    "a list": [1, 2.5, True, "a"],
    "a list with a hole": ["a", None, "c"],
    "nothing at the end": [1, None],
    "an empty list": [],
    "an empty list in a list": [[], [[]], {}, ({},)],
    "keys of two kinds": {"a": 1, 2: "b", 7: None},
    "a table in a list": {"pages": [1, {"x": [True]}], "title": "tides"},
    "texts": {"a": "ä€😀", "b": "x\0y", "c": "", "d": b"\xff\xfe"},
    "half of a pair": ["\ud800"],
    "numbers": [0, -5, 2**53, 2**63, -(2**63), 2**70, -0.0, math.inf, 1e300],
    "more than one piece takes": list(range(3000)),
    "deeper than one piece is": [[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]],
}
TABLES = {
    "holes": "{ nil, 2, [5] = 1 }",
    "a list and a name": "{ 1, 2, x = 1 }",
    "numbers with fractions": "{ [1.5] = 2, [2] = 1 }",
    "a truth as a key": "{ [true] = 1 }",
    "backwards": "(function() local t = {} for i = 5, 1, -1 do t[i] = i end return t end)()",
    "methods that are not asked": "setmetatable({ 1 }, { __index = error, __len = error, __pairs = error })",
}
REFUSED = {
    "a circle": "(function() local t = {} t.x = { y = t } return t end)()",
    "too deep": "(function() local t = {} local u = t for _ = 1, 101 do u.n = {} u = u.n end return t end)()",
    "a key": "{ a = { [{}] = 1 } }",
}


class PartByPart(Walk):
    """Tells that it is under way, so that tables pass part by part."""

    is_fresh = False  # type: ignore[assignment]


@pytest.fixture(name="runtime")
def _runtime() -> Iterator[LuaRuntime]:
    runtime = LuaRuntime(RunContext(Streams(print, print)))
    yield runtime
    runtime.close()


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
def test_a_value_comes_back_as_if_its_parts_had_passed_alone(runtime: LuaRuntime, value: Any) -> None:
    values = runtime._values
    together, alone = values.to_lua(value, Walk()), values.to_lua(value, PartByPart())
    assert repr(values.to_python(together, Walk())) == repr(values.to_python(alone, PartByPart()))


EMPTY: dict[str, tuple[Any, str, Any]] = {
    "a list": ([], "given", []),
    "a dictionary": ({}, "given", {}),
    "both in a table": ({"a": [], "b": {}}, "given", {"a": [], "b": {}}),
    "both in a list": ([[], {}, ()], "given", [[], {}, []]),
    "a list that got a name": ({"a": []}, "(function() given.a.x = 1 return given end)()", {"a": {"x": 1}}),
    "a list that was filled": ({"a": []}, "(function() given.a[1] = 1 return given end)()", {"a": [1]}),
    "a list that was filled and emptied": (
        [],
        "(function() given[1] = 1 table.remove(given) return given end)()",
        [],
    ),
    "a list that was emptied": ([1], "(function() given[1] = nil return given end)()", {}),
    "another table": ([], "{ given, {} }", [[], {}]),
}


@pytest.mark.parametrize(("value", "text", "expected"), EMPTY.values(), ids=EMPTY)
@pytest.mark.parametrize("walk", [Walk, PartByPart], ids=["together", "alone"])
def test_a_list_with_nothing_in_it_stays_a_list(
    runtime: LuaRuntime, value: Any, text: str, expected: Any, walk: type[Walk]
) -> None:
    runtime.lua.globals()[b"given"] = runtime._values.to_lua(value, walk())
    found = runtime._values.to_python(runtime.lua.eval(text.encode()), walk())
    assert found == expected
    assert repr(found) == repr(expected)


@pytest.mark.parametrize("text", TABLES.values(), ids=TABLES)
def test_a_table_is_the_same_either_way(runtime: LuaRuntime, text: str) -> None:
    table, values = runtime.lua.eval(text.encode()), runtime._values
    assert repr(values.to_python(table, Walk())) == repr(values.to_python(table, PartByPart()))


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED)
def test_a_table_is_refused_in_the_same_words(runtime: LuaRuntime, text: str) -> None:
    table, values = runtime.lua.eval(text.encode()), runtime._values
    with pytest.raises(BridgeError) as together:
        values.to_python(table, Walk())
    with pytest.raises(BridgeError) as alone:
        values.to_python(table, PartByPart())
    assert str(together.value) == str(alone.value)
