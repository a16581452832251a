"""The value bridge: what goes into a script comes back the same, in both languages."""

from __future__ import annotations

import contextlib
import gc
import math
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from llmspell_engine.language import LANGUAGES, Language
from llmspell_engine.runtime.base import RunContext, ScriptError, ScriptRuntime, Streams
from llmspell_engine.runtime.create import create
from llmspell_engine.runtime.values import BridgeError, HostObject
from support.runtime import both, check_error, check_out, host

IDENTITY = {"lua": "function(value) return value end", "javascript": "(value) => value"}


@pytest.fixture(scope="module")
def runtimes() -> Iterator[dict[Language, ScriptRuntime]]:
    streams = Streams(lambda _: None, lambda _: None)
    made = {language: create(language, RunContext(streams)) for language in LANGUAGES}
    yield made
    for runtime in made.values():
        runtime.close()


@pytest.fixture(scope="module")
def identities(runtimes: dict[Language, ScriptRuntime]) -> dict[Language, Any]:
    return {language: runtime.evaluate(IDENTITY[language]) for language, runtime in runtimes.items()}


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
integers = st.one_of(
    st.integers(-(2**63), 2**63 - 1), st.sampled_from([2**53, 2**53 + 1, -(2**53) - 1, 2**31, 2**32])
)
floats = st.floats(allow_nan=False)
not_text = st.binary(min_size=1, max_size=20).filter(lambda value: not _is_text(value))
scalars = st.one_of(st.booleans(), integers, floats, texts, not_text)
values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=4),
        st.dictionaries(texts, inner, max_size=4),
    ),
    max_leaves=12,
)


def _is_text(value: bytes) -> bool:
    with contextlib.suppress(UnicodeDecodeError):
        return bool(value.decode() or True)
    return False


@pytest.mark.parametrize("language", LANGUAGES)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=values)
def test_values_come_back_the_same(identities: dict[Language, Any], language: Language, value: Any) -> None:
    assert identities[language](value) == value


@pytest.mark.parametrize("language", LANGUAGES)
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=st.one_of(integers, st.floats(allow_nan=False, allow_infinity=False), texts))
def test_a_value_is_the_same_to_the_script(
    runtimes: dict[Language, ScriptRuntime], language: Language, value: Any
) -> None:
    literal = _literal(value, language)
    compare = {
        "lua": "function(value) return value == (%s) end",
        "javascript": "(value) => Object.is(value, %s) || value === %s",
    }[language]
    assert runtimes[language].evaluate(compare.replace("%s", literal))(value) is True


def _literal(value: Any, language: Language) -> str:
    if isinstance(value, str):
        return '"' + "".join(f"\\u{{{ord(character):x}}}" for character in value) + '"'
    if isinstance(value, int) and language == "javascript":
        return f"({value})" if abs(value) < 2**53 else f"({value}n)"
    if isinstance(value, int):
        return hex(value & (2**64 - 1))
    return f"({float(value)!r})"


BOTH_WAYS = [
    (None, "nil", "null"),
    (True, "true", "true"),
    (2**53, "9007199254740992", "9007199254740992n"),
    (1.5, "1.5", "1.5"),
    (-0.0, "-0.0", "-0"),
    (math.inf, "1/0", "Infinity"),
    (-math.inf, "-1/0", "-Infinity"),
    ("a\0b", '"a\\0b"', '"a\\0b"'),
    (b"\xff\x00", '"\\xff\\0"', "new Uint8Array([255, 0])"),
    ([1, [2]], "{ 1, { 2 } }", "[1, [2]]"),
    ({"a": {"b": 1}}, "{ a = { b = 1 } }", "({ a: { b: 1 } })"),
    ({}, "{}", "({})"),
]


@pytest.mark.parametrize(("value", "lua", "javascript"), BOTH_WAYS, ids=repr)
@both
def test_what_a_script_writes(
    runtimes: dict[Language, ScriptRuntime], language: Language, value: Any, lua: str, javascript: str
) -> None:
    found = runtimes[language].evaluate(lua if language == "lua" else javascript)
    assert (found, type(found)) == (value, type(value))


@both
def test_not_a_number(identities: dict[Language, Any], language: Language) -> None:
    assert math.isnan(identities[language](math.nan))


def test_integers_beyond_64_bits(identities: dict[Language, Any]) -> None:
    assert identities["javascript"](2**70) == 2**70
    assert identities["lua"](2**70) == float(2**70)


ONE_WAY = [
    ("lua", "{ 1, 2, nil, 4 }", {1: 1, 2: 2, 4: 4}),
    ("lua", "{ [1] = 'a', x = 2 }", {1: "a", "x": 2}),
    ("lua", "{ [0] = 'a' }", {0: "a"}),
    ("lua", "1.0", 1.0),
    ("lua", "math.maxinteger", 2**63 - 1),
    ("javascript", "undefined", None),
    ("javascript", "[1, undefined]", [1, None]),
    ("javascript", "({ a: undefined, b: 1 })", {"b": 1}),
    ("javascript", "new Map([['a', 1]])", {"a": 1}),
    ("javascript", "new Set([1])", [1]),
    ("javascript", "new Date(0)", "1970-01-01T00:00:00.000Z"),
    ("javascript", "2 ** 60", float(2**60)),
    ("javascript", "123n", 123),
    ("javascript", '({ "\\0": 1 })', {"\0": 1}),
    ("javascript", "new Float64Array([1.5, 2])", [1.5, 2]),
    ("javascript", "[new String('a'), new Number(1.5), new Boolean(true)]", ["a", 1.5, True]),
    ("javascript", "({ a: { toJSON: () => [1] } })", {"a": [1]}),
    ("javascript", "({ toJSON: 'text' })", {"toJSON": "text"}),
    ("javascript", "new (class A { x = 1; #y = 2 })()", {"x": 1}),
]


@pytest.mark.parametrize(("language", "text", "value"), ONE_WAY)
def test_what_else_a_script_may_write(
    runtimes: dict[Language, ScriptRuntime], language: Language, text: str, value: Any
) -> None:
    assert runtimes[language].evaluate(text) == value


REFUSED = [
    ("lua", "(coroutine.running())", "value is a thread, which cannot leave the script"),
    ("lua", "{ a = { (coroutine.running()) } }", "value.a[1] is a thread, which cannot leave the script"),
    ("lua", "(function() local t = {} t.a = { t } return t end)()", "value.a[1] leads back to value"),
    ("lua", "{ [{}] = 1 }", "value has a table as a key: keys are strings and numbers"),
    ("javascript", "({ a: [Symbol('s')] })", "value.a[0] is a symbol, which cannot leave the script"),
    ("javascript", "(() => { const o = {}; o.a = [o]; return o })()", "value.a[0] leads back to value"),
    ("javascript", "Promise.resolve(1)", "value is a promise: await it first"),
]


@pytest.mark.parametrize(("language", "text", "message"), REFUSED)
def test_what_cannot_leave_a_script(
    runtimes: dict[Language, ScriptRuntime], language: Language, text: str, message: str
) -> None:
    with pytest.raises((BridgeError, ScriptError)) as raised:
        runtimes[language].evaluate(text)
    assert str(raised.value).startswith(message)


@both
def test_what_cannot_enter_a_script(identities: dict[Language, Any], language: Language) -> None:
    cycle: list[Any] = []
    cycle.append({"again": cycle})
    first = 1 if language == "lua" else 0
    with pytest.raises(BridgeError, match=rf"value\[{first}\].again leads back to value"):
        identities[language](cycle)
    with pytest.raises(BridgeError, match=r"value\.a is a object, which cannot enter a script"):
        identities[language]({"a": object()})


def test_a_part_that_is_met_twice_is_no_circle(identities: dict[Language, Any]) -> None:
    shared = [1]
    assert [each({"a": shared, "b": shared}) for each in identities.values()] == [{"a": [1], "b": [1]}] * 2


FUNCTIONS = {
    "lua": "function(a, f) return f(a, 2) end",
    "javascript": "(a, f) => f(a, 2)",
}


@both
def test_functions_pass_both_ways(runtimes: dict[Language, ScriptRuntime], language: Language) -> None:
    function = runtimes[language].evaluate(FUNCTIONS[language])
    assert function(40, lambda a, b: a + b) == 42


@both
def test_a_function_that_comes_back_is_the_same(
    runtimes: dict[Language, ScriptRuntime], identities: dict[Language, Any], language: Language
) -> None:
    same = {"lua": "function(f) return function(g) return f == g end end",
            "javascript": "(f) => (g) => f === g"}[language]  # fmt: skip
    function = identities[language]
    assert runtimes[language].evaluate(same)(function)(function) is True
    assert function(function) is function


def test_functions_that_the_host_drops_are_freed(runtimes: dict[Language, ScriptRuntime]) -> None:
    lua = runtimes["lua"]
    lua.evaluate("(function() watched = setmetatable({}, { __mode = 'v' }) end)()")
    text = "(function() local f = function() return watched end; watched[1] = f; return f end)()"
    function = lua.evaluate(text)
    assert function() == [function]
    del function
    gc.collect()
    lua.install({"poke": lambda: None})
    assert lua.evaluate("(function() poke() collectgarbage() return watched[1] == nil end)()") is True


@both
def test_an_api_object_comes_back_as_itself(identities: dict[Language, Any], language: Language) -> None:
    thing = HostObject("Thing", {}, {"name": "x"})
    assert identities[language]([thing])[0] is thing


@both
def test_errors_pass_both_ways(identities: dict[Language, Any], language: Language) -> None:
    error = ValueError("outer")
    error.__cause__ = KeyError("inner")
    found = identities[language](error)
    assert isinstance(found, ScriptError)
    assert (found.kind, str(found), str(found.cause)) == ("ValueError", "outer", "'inner'")


@both
def test_a_circle_in_an_argument_is_an_error_of_the_script(language: Language) -> None:
    texts = {
        "lua": "local t = {} t.t = t\nhost.take(t)",
        "javascript": "const t = {}; t.t = t;\nhost.take(t)",
    }
    message = "host.take: argument 1.t leads back to argument 1: a value cannot contain itself"
    ran = check_error(language, texts[language], message, names=host(take=lambda _: None))
    assert ran.frames()[0].split()[0] == ("main.lua:2" if language == "lua" else "main.js:2")


NESTED = {
    "lua": "local value = {} for _ = 2, %d do value = { value } end host.take(value)",
    "javascript": "let value = []; for (let n = 2; n <= %d; n++) value = [value]; host.take(value)",
}


@both
def test_values_may_be_nested_to_a_depth(language: Language) -> None:
    names = host(take=lambda value: value)
    check_out(language, NESTED[language] % 100, "", names=names)
    message = "host.take: argument 1 is nested deeper than 100 levels"
    check_error(language, NESTED[language] % 101, message, names=names)


def test_methods_answer_to_both_calls_in_lua() -> None:
    text = "print(host.say(1), host:say(1), (pcall(host.say)))"
    check_out("lua", text, "1\t1\ttrue\n", names=host(say=lambda value=None: value))


COROUTINE = """
    local function go(...)
      local seen = {}
      for _ = 1, 3 do
        local back = host.give({ 1, { x = "y" } }, function(n) return n + 1 end)
        seen[#seen + 1] = back.list[2].x .. back.number
        local ok, err = pcall(host.fail, {})
        seen[#seen + 1] = err.line .. err.message
        coroutine.yield(table.concat(seen, " "))
      end
      return ...
    end
    local thread = coroutine.create(go)
    print(coroutine.resume(thread, "end")) print(coroutine.resume(thread))
    local wrapped = coroutine.wrap(function() return coroutine.wrap(go)() end)
    print(wrapped())
    collectgarbage()
    print(coroutine.resume(thread)) print(coroutine.resume(thread))
"""


def test_host_calls_inside_coroutines() -> None:
    def give(value: Any, function: Any) -> Any:
        return {"list": value, "number": function(1)}

    def fail(_: Any) -> None:
        raise ValueError("no")

    once, twice, thrice = (" ".join(["y2", "7no"] * count) for count in (1, 2, 3))
    expect = f"true\t{once}\ntrue\t{twice}\n{once}\ntrue\t{thrice}\ntrue\tend\n"
    check_out("lua", COROUTINE, expect, names=host(give=give, fail=fail))


def test_a_call_in_tail_position_keeps_its_line() -> None:
    def fail() -> None:
        raise ValueError("no")

    text = "local function f()\n  return host.fail()\nend\n\nf()"
    assert check_error("lua", text, "no", names=host(fail=fail)).frames() == [
        "main.lua:2 f",
        "main.lua:5 main chunk",
    ]
