"""Properties of the value bridge, judged by literals that the bridge has no part in.

:func:`_arrives` is the table of ``runtime/values.py`` once more, as a model: what a value of Python is once
a script of a language has had it.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator, Sequence
from functools import reduce
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from llmspell_engine.language import LANGUAGES, Language
from llmspell_engine.runtime.base import RunContext, ScriptError, ScriptRuntime, Streams
from llmspell_engine.runtime.create import create
from llmspell_engine.runtime.values import MAX_SAFE_INTEGER, BridgeError
from support.runtime import both, host

Runtimes = dict[Language, ScriptRuntime]
Path = Sequence[str | int]
many = settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])

SAME: dict[Language, str] = {
    "lua": """(function()
        local function same(a, b)
          if math.type(a) ~= math.type(b) or type(a) ~= type(b) then return false end
          if type(a) == "number" then return (a ~= a and b ~= b) or (a == b and 1 / a == 1 / b) end
          if type(a) ~= "table" then return a == b end
          for key, value in pairs(a) do if not same(value, b[key]) then return false end end
          for key in pairs(b) do if a[key] == nil then return false end end
          return true
        end
        return same
    end)()""",
    "javascript": """(() => {
        const keys = (value) => Object.getOwnPropertyNames(value).sort();
        const same = (a, b) => {
          if ([a, b].some((value) => typeof value !== "object" || value === null)) return Object.is(a, b);
          if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false;
          const [mine, others] = [keys(a), keys(b)];
          return mine.length === others.length
            && mine.every((key, at) => key === others[at] && same(a[key], b[key]));
        };
        return same;
    })()""",
}
"""Compares two values of a script, to the sign of a zero."""


@pytest.fixture(scope="module")
def runtimes() -> Iterator[Runtimes]:
    streams = Streams(lambda _: None, lambda _: None)
    made = {language: create(language, RunContext(streams)) for language in LANGUAGES}
    for language, runtime in made.items():
        runtime.install({**host(echo=lambda value: value), "same": runtime.evaluate(SAME[language])})
    yield made
    for runtime in made.values():
        runtime.close()


integers = st.one_of(
    st.integers(-(2**70), 2**70),
    st.sampled_from([2**31, 2**32, 2**53, 2**53 - 1, -(2**53), 2**63 - 1, 2**63, -(2**63), -(2**63) - 1]),
)
texts = st.text(st.one_of(st.characters(), st.sampled_from("\0\ud83d\ude00\ud800")), max_size=8)
scalars = st.one_of(st.none(), st.booleans(), integers, st.floats(), texts, st.binary(max_size=8))
keys = st.one_of(
    texts,
    st.integers(-2, 4),
    st.sampled_from(["__proto__", "toJSON", "then", "length", "constructor", "\0", "1", "n"]),
)
values = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(keys, inner, max_size=4)),
    max_leaves=12,
)


@both
@many
@given(value=values)
@example(value={"\0": ["bigint", "1"], "__proto__": {"a": None}})
@example(value=[None, 1, [None, [None]], {1: "a", 2: "b"}, {2: "b"}])
@example(value=[math.nan, math.inf, -math.inf, -0.0, 5e-324, 2.0**53, 1e22])
def test_values_pass_from_the_host_and_back(runtimes: Runtimes, language: Language, value: Any) -> None:
    identity = {"lua": "function(value) return value end", "javascript": "(value) => value"}[language]
    found = runtimes[language].evaluate(identity)(value)
    assert _plain(found) == _plain(_arrives(value, language))


@both
@many
@given(value=values)
@example(value={"\0": ["bigint", "1"], "__proto__": {"a": 1}})
def test_a_script_has_what_the_host_gave(runtimes: Runtimes, language: Language, value: Any) -> None:
    literal = _literal(value, language)
    compare = {
        "lua": f"function(value) return same(value, {literal}) end",
        "javascript": f"(value) => same(value, {literal})",
    }[language]
    assert runtimes[language].evaluate(compare)(value) is True


@both
@many
@given(value=values)
@example(value={"\0": ["bigint", "1"], "__proto__": {"a": 1}})
def test_values_pass_from_a_script_and_back(runtimes: Runtimes, language: Language, value: Any) -> None:
    arrived = _arrives(value, language, written=True)
    literal = _literal(arrived, language)
    there = {
        "lua": f"(function() local v = {literal} return {{ v = v, same = same(v, host.echo(v)) }} end)()",
        "javascript": f"(() => {{ const v = {literal}; return {{ v, same: same(v, host.echo(v)) }} }})()",
    }[language]
    found = runtimes[language].evaluate(there)
    assert found["same"] is True
    assert _plain(found.get("v")) == _plain(arrived)


paths = st.lists(st.one_of(st.integers(0, 2), st.sampled_from(["a", "b_c", "two words", "1"])), max_size=8)


@both
@many
@given(path=paths, back=st.integers(0, 8))
def test_a_circle_is_refused_by_its_path(
    runtimes: Runtimes, language: Language, path: list[str | int], back: int
) -> None:
    to = path[: min(back, len(path))]
    path = [*path, "again"]
    circle: Any = _nested(path, None)
    _part_at(circle, path[:-1])["again"] = _part_at(circle, to)
    ways = f"{_spelled(path, language)} leads back to {_spelled(to, language)}"
    message = f"{ways}: a value cannot contain itself"
    identity = runtimes[language].evaluate(_taking("value", language))
    with pytest.raises(BridgeError) as raised:
        identity(circle)
    assert str(raised.value) == message
    value = _literal(_nested(path, True), language)
    places = [_subscripts(["value", *one], language) for one in (path, to)]
    with pytest.raises((BridgeError, ScriptError)) as left:
        runtimes[language].evaluate(_made(value, f"{places[0]} = {places[1]}", language))
    assert str(left.value).replace('"', "'") == message


@both
@many
@given(path=paths)
def test_a_function_is_the_same_wherever_it_stands(
    runtimes: Runtimes, language: Language, path: list[str | int]
) -> None:
    identity = runtimes[language].evaluate(_taking("value", language))
    ours = _add_one
    assert _part_at(identity(_nested(path, ours)), path) is ours
    assert _part_at(identity(_nested(path, identity)), path) is identity
    called = _taking(f"{_subscripts(['value', *path], language)}(41)", language)
    assert runtimes[language].evaluate(called)(_nested(path, ours)) == 42


LONG = [
    "'\u0100'.repeat(5000)",
    "new Error('\u0100'.repeat(5000))",
    "'\u0100'.repeat(5000) + 'a'.repeat(5000)",
]


@pytest.mark.parametrize("text", LONG)
def test_long_texts_leave_javascript_whole(runtimes: Runtimes, text: str) -> None:
    """However QuickJS keeps a text: one that has been put together is a rope to it."""
    found = runtimes["javascript"].evaluate(text)
    assert str(found).rstrip("a") == "\u0100" * 5000
    with pytest.raises(ScriptError) as raised:
        runtimes["javascript"].evaluate(f"(() => {{ throw {text} }})()")
    assert str(raised.value) == str(found)


messages = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)


@both
@many
@given(chain=st.lists(messages, min_size=1, max_size=5))
def test_an_error_keeps_its_causes(runtimes: Runtimes, language: Language, chain: list[str]) -> None:
    error = _chained(chain)
    seen = {
        "lua": """function(value)
            local found = {}
            while value do found[#found + 1] = value.message value = value.cause end
            return found
        end""",
        "javascript": """(value) => {
            const found = [];
            for (; value; value = value.cause) found.push(value.message);
            return found;
        }""",
    }[language]
    assert runtimes[language].evaluate(seen)(error) == chain
    back = runtimes[language].evaluate(_taking("value", language))(error)
    found = []
    while back is not None:
        assert isinstance(back, ScriptError)
        found.append((back.kind, str(back)))
        back = back.cause
    assert found == [("LookupError", message) for message in chain]


def _add_one(number: int) -> int:
    return number + 1


def _chained(messages: list[str]) -> LookupError:
    error = LookupError(messages[0])
    error.__cause__ = _chained(messages[1:]) if messages[1:] else None
    return error


# The model


def _arrives(value: Any, language: Language, *, written: bool = False) -> Any:
    """What a value is once it has arrived; what a script has written is a list only by what is in it."""
    return _in_lua(value, written) if language == "lua" else _in_javascript(value)


def _in_lua(value: Any, written: bool = False) -> Any:
    if isinstance(value, str):
        value = value.encode("utf-8", "surrogatepass")
    if isinstance(value, bytes):
        with contextlib.suppress(UnicodeDecodeError):
            return value.decode()
        return value
    if type(value) is int and not -(2**63) <= value < 2**63:
        return float(value)
    if isinstance(value, list):
        if not value and not written:
            return value
        value = dict(enumerate(value, 1))
    if not isinstance(value, dict):
        return value
    parts = {_in_lua(key): _in_lua(part, written) for key, part in value.items() if part is not None}
    if parts and set(parts) == set(range(1, len(parts) + 1)):
        return [parts[key] for key in range(1, len(parts) + 1)]
    return parts


def _in_javascript(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
    if isinstance(value, float) and value.is_integer() and abs(value) <= MAX_SAFE_INTEGER:
        return value if math.copysign(1, value) < 0 and not value else int(value)
    if isinstance(value, list):
        return [_in_javascript(part) for part in value]
    if isinstance(value, dict):
        return {_in_javascript(str(key)): _in_javascript(part) for key, part in value.items()}
    return value


def _plain(value: Any) -> Any:
    """The value in a form whose equality tells types, signs of zeros apart, and NaN equal to itself."""
    if isinstance(value, list):
        return [_plain(part) for part in value]
    if isinstance(value, dict):
        return {(type(key), key): _plain(part) for key, part in value.items()}
    return (type(value), repr(value))


# Writing scripts


def _literal(value: Any, language: Language) -> str:
    return _lua(value) if language == "lua" else _javascript(value)


def _lua(value: Any) -> str:
    if isinstance(value, str):
        value = value.encode("utf-8", "surrogatepass")
    if isinstance(value, bytes):
        return '"' + "".join(f"\\x{byte:02x}" for byte in value) + '"'
    if value is None or isinstance(value, bool):
        return {None: "nil", True: "true", False: "false"}[value]
    if isinstance(value, int):
        return hex(value & (2**64 - 1)) if -(2**63) <= value < 2**63 else _lua(float(value))
    if isinstance(value, float):
        return _number(value, "(0/0)", "(1/0)")
    parts = dict(enumerate(value, 1)) if isinstance(value, list) else value
    return "{" + ", ".join(f"[{_lua(key)}] = {_lua(part)}" for key, part in parts.items()) + "}"


def _javascript(value: Any) -> str:
    if isinstance(value, str):
        units = value.encode("utf-16-le", "surrogatepass").hex(" ", 2).split()
        return '"' + "".join(f"\\u{unit[2:]}{unit[:2]}" for unit in units) + '"'
    if isinstance(value, bytes):
        return f"new Uint8Array({list(value)})"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int):
        return f"({value}{'' if abs(value) <= MAX_SAFE_INTEGER else 'n'})"
    if isinstance(value, float):
        return _number(value, "NaN", "Infinity")
    if isinstance(value, list):
        return "[" + ", ".join(map(_javascript, value)) + "]"
    # A key in brackets is a key: "__proto__" without them is something else.
    parts = (f"[{_javascript(str(key))}]: {_javascript(part)}" for key, part in value.items())
    return "({" + ", ".join(parts) + "})"


def _number(value: float, not_a_number: str, infinity: str) -> str:
    if math.isnan(value):
        return not_a_number
    if math.isinf(value):
        return infinity if value > 0 else f"(-{infinity})"
    return f"({value!r})"


def _taking(result: str, language: Language) -> str:
    return f"function(value) return {result} end" if language == "lua" else f"(value) => {result}"


def _made(value: str, then: str, language: Language) -> str:
    if language == "lua":
        return f"(function() local value = {value} {then} return value end)()"
    return f"(() => {{ const value = {value}; {then}; return value }})()"


# Ways into a value: a number is a place in a list, from 0


def _nested(path: Path, innermost: Any) -> Any:
    def around(inner: Any, step: str | int) -> Any:
        return [*([True] * step), inner] if isinstance(step, int) else {step: inner}

    return reduce(around, reversed(path), innermost)


def _part_at(value: Any, path: Path) -> Any:
    return reduce(lambda part, step: part[step], path, value)


def _spelled(path: Path, language: Language) -> str:
    first = 1 if language == "lua" else 0
    steps = (step + first if isinstance(step, int) else step for step in path)
    return "value" + "".join(
        f".{step}" if isinstance(step, str) and step.isidentifier() else f"[{step!r}]" for step in steps
    )


def _subscripts(path: Sequence[str | int], language: Language) -> str:
    first = 1 if language == "lua" else 0
    name, *steps = path
    return str(name) + "".join(
        f"[{_literal(step + first if isinstance(step, int) else step, language)}]" for step in steps
    )
