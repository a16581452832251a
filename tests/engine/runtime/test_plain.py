"""Values that pass from JSON without being made on the host's side, in both languages: nothing of it is seen."""

# ruff: noqa: E501 (scripts read best on one line)

from __future__ import annotations

import json

import pytest
from llmspell_engine.globals import state
from llmspell_engine.globals.services import Services
from llmspell_engine.language import Language
from llmspell_engine.runtime.values import Prepared
from llmspell_engine.state import MemoryStore
from llmspell_engine.state.encoding import decode
from support.globals import Pair, check_pair
from support.runtime import both, check_error, check_out

PAIRS = [
    Pair(
        "what a script makes of a table stays in that table",
        "for n = 1, 3 do State.save('global', 'k', { a = { 1 }, b = {} }) local t = State.load('global', 'k')"
        " t.a[1] = 2 t.c = 3 local u = State.load('global', 'k') print(u.a[1], u.c, next(u.b), t ~= u, t.a ~= u.a) end",
        "for (let n = 1; n < 4; n++) { State.save('global', 'k', { a: [1], b: {} }); const t = State.load('global', 'k');"
        " t.a[0] = 2; t.c = 3; const u = State.load('global', 'k');"
        " say(u.a[0], u.c === undefined ? null : u.c, null, t !== u, t.a !== u.a) }",
        "1\tnil\tnil\ttrue\ttrue\n" * 3,
    ),
    Pair(
        "a list with nothing in it is one again",
        "State.save('global', 'k', JSON.parse('{\"a\":[],\"b\":[[]]}')) for n = 1, 2 do"
        " print(JSON.stringify(State.load('global', 'k').a), JSON.stringify(State.load('global', 'k').b)) end",
        "State.save('global', 'k', { a: [], b: [[]] }); for (let n = 0; n < 2; n++)"
        " say(JSON.stringify(State.load('global', 'k').a), JSON.stringify(State.load('global', 'k').b))",
        "[]\t[[]]\n[]\t[[]]\n",
    ),
    Pair(
        "names of the language's own are keys as others",
        "State.save('global', 'k', { ['__proto__'] = 1, ['__index'] = 2, constructor = 3 })"
        " for n = 1, 2 do local t = State.load('global', 'k') print(t.__proto__, t.__index, t.constructor, getmetatable(t)) end",
        "State.save('global', 'k', JSON.parse('{\"__proto__\":1,\"__index\":2,\"constructor\":3}'));"
        " for (let n = 0; n < 2; n++) { const t = State.load('global', 'k');"
        " say(Object.getOwnPropertyDescriptor(t, '__proto__').value, t.__index, t.constructor,"
        " Object.getPrototypeOf(t) === Object.prototype ? null : 'other') }",
        "1\t2\t3\tnil\n" * 2,
    ),
]


@both
@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.name)
def test_tables_from_json(pair: Pair, language: Language) -> None:
    check_pair(pair, language)


TEXTS = {
    "letters beyond ASCII": '{"a":"åß☃😀"}',
    "many digits": '{"a":12345678901234567890,"b":0.1234567890123456789}',
    "the limit of integers": '{"a":9007199254740991,"b":-9007199254740991}',
    "many parts": json.dumps({"a": list(range(3000))}),
    "many levels": "[" * 60 + "]" * 60,
    "a mark of the bridge": '{"\\u0000":["bytes","x"]}',
    "names twice": '{"a":1,"a":2}',
    "space about it": ' {"a" : [ ] } ',
}
LARGEST = {
    "lua": lambda digits: int(digits) if len(digits) < 19 else float(digits),
    "javascript": int,
}
"""What a script has of an integer: Lua's have 64 bits, and JavaScript's as many as there are to be."""
BROKEN = [
    ('{"a":', "expecting value at line 1, column 6"),
    ("[1,]", "expecting value at line 1, column 4"),
    ("[NaN]", "there is no NaN in it"),
    ("tru", "expecting value at line 1, column 1"),
    ('{"a":1e5}x', "extra data at line 1, column 10"),
]


@both
@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_a_text_is_read_as_its_value_would_pass(text: str, language: Language) -> None:
    services = Services(state=MemoryStore())
    services.state.save("global", "k", text)
    again = {
        "lua": "for n = 1, 2 do State.save('global', 'l', State.load('global', 'k')) end",
        "javascript": "for (let n = 0; n < 2; n++) State.save('global', 'l', State.load('global', 'k'))",
    }
    check_out(language, again[language], "", services=services)
    kept = services.state.load("global", "l")
    assert kept is not None
    assert json.loads(kept) == json.loads(text, parse_int=LARGEST[language])


@both
@pytest.mark.parametrize(("text", "where"), BROKEN)
def test_what_is_no_json_is_told_each_time(text: str, where: str, language: Language) -> None:
    services = Services(state=MemoryStore())
    services.state.save("global", "k", text)
    for _ in range(2):
        message = f"the text is not JSON: {where}"
        ran = check_error(language, "State.load('global', 'k')", message, services=services)
        assert ran.error is not None
        assert ran.error.kind == "JSONError"


def test_half_of_a_pair_is_a_text_in_javascript() -> None:
    services = Services(state=MemoryStore())
    services.state.save("global", "k", '{"a":"\\ud800"}')
    load = "State.load('global', 'k').a"
    check_out(
        "javascript", f"console.log({load} === '\\ud800', {load}.length)", "true 1\n", services=services
    )


def test_no_more_is_prepared_than_fits() -> None:
    prepared = Prepared()
    for number in range(30):
        prepared.put(f"{number:0100000}", number)
        assert prepared[f"{number:0100000}"] == number
    assert sum(map(len, prepared)) <= 1_000_000


def test_what_is_large_is_not_held_for_another_time() -> None:
    prepared = Prepared()
    prepared.put("small", 1)
    prepared.put("x" * 2_000_000, 2)
    assert prepared == {"small": 1}


def test_a_text_that_passes_in_parts_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    monkeypatch.setattr(state, "decode", lambda text: read.append(text) or decode(text))
    services = Services(state=MemoryStore())
    services.state.save("global", "k", json.dumps(list(range(3000))))
    check_out("lua", "print(#State.load('global', 'k'))", "3000\n", services=services)
    assert len(read) == 1
