"""Values as JSON texts."""

from __future__ import annotations

import pytest
from llmspell_engine.state.encoding import JSONError, decode, encode


@pytest.mark.parametrize("value", [None, True, 1, 2**70, 1.5, "ä\0", "\ud800", [1, [2]], {"a": {"b": []}}])
def test_what_json_can_write_is_kept(value: object) -> None:
    assert decode(encode(value, "here")) == value


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({"a": [1, float("nan")]}, "value.a[2] is NaN, which JSON cannot write"),
        ([b"\xff"], "value[1] is a binary string, which JSON cannot write"),
        (-float("inf"), "value is -infinity, which JSON cannot write"),
        (OSError("x"), "value is an error, which JSON cannot write"),
        (print, "value is a function, which JSON cannot write"),
    ],
)
def test_what_json_cannot_write_is_named(value: object, message: str) -> None:
    with pytest.raises(JSONError) as raised:
        encode(value, "here")
    assert str(raised.value) == f"here: {message}"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"a": ', "the text is not JSON: expecting value at line 1, column 7"),
        ("[NaN]", "the text is not JSON: there is no NaN in it"),
        ("[" * 100_000, "the text is nested too deeply"),
        ("1" * 5000, "the text has a number that cannot be read: "),
    ],
)
def test_what_is_no_json(text: str, message: str) -> None:
    with pytest.raises(JSONError) as raised:
        decode(text)
    assert str(raised.value).startswith(message)
