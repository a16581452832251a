"""The lines of keys, in each format."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import tomlkit
import yaml
from hypothesis import given
from hypothesis import strategies as st
from llmspell_engine.config.positions import json_lines, toml_lines, yaml_lines

TOML = '''\
a.b = { x = 1, "y z".w = [1, { q = 2 }] }  # "c = 3"
text = """
[no]
x = 1
"""
[t."u.v".w]   # a table
# k = 0
k = [
  1,
  # none
  { q = 2 },
]
'l t' = 1
[[list]]
n = 1
[list.sub]
m = 1
[[list]]
n = 2
"\\u00e9" = 3
'''


@pytest.mark.parametrize(
    ("keys", "line"),
    [
        ("a", 1), ("a.b", 1), ("a.b.x", 1), ("a.b.y z.w.1.q", 1), ("text", 2), ("no", None), ("x", None),
        ("t", 6), ("t.u.v", None), ("t.k", None), ("list", 14), ("list.0", 14), ("list.0.n", 15),
        ("list.0.sub", 16), ("list.0.sub.m", 17), ("list.1", 18), ("list.1.n", 19), ("list.1.é", 20),
    ],
)  # fmt: skip
def test_toml(keys: str, line: int | None) -> None:
    assert toml_lines(TOML).get(tuple(keys.split("."))) == line


@pytest.mark.parametrize(
    ("keys", "line"),
    [
        (("t", "u.v", "w"), 6), (("t", "u.v", "w", "k"), 8), (("t", "u.v", "w", "k", "0"), 9),
        (("t", "u.v", "w", "k", "1"), 11), (("t", "u.v", "w", "k", "1", "q"), 11),
        (("t", "u.v", "w", "l t"), 13),
    ],
)  # fmt: skip
def test_toml_with_quoted_keys(keys: tuple[str, ...], line: int) -> None:
    assert toml_lines(TOML)[keys] == line


def test_yaml() -> None:
    text = (
        "# first\nrun: {max_calls: 1}\nprompts:\n  a: |\n    run:\n  b:\n    text:"
        " x\ntools:\n  disabled:\n  - p\n  - q\n"
    )
    lines = yaml_lines(text)
    assert lines == {
        ("run",): 2, ("run", "max_calls"): 2, ("prompts",): 3, ("prompts", "a"): 4, ("prompts", "b"): 6,
        ("prompts", "b", "text"): 7, ("tools",): 8, ("tools", "disabled"): 9, ("tools", "disabled", "0"): 10,
        ("tools", "disabled", "1"): 11,
    }  # fmt: skip
    assert yaml_lines("") == {}


def test_json() -> None:
    text = '{\n\t"a": {"b:{": [],\n "c": [1, "x,y",\n {"d": {}}]},\n "e\\u00e9": null, "f": -1.5e3}'
    assert json_lines(text) == {
        ("a",): 2, ("a", "b:{"): 2, ("a", "c"): 3, ("a", "c", "0"): 3, ("a", "c", "1"): 3, ("a", "c", "2"): 4,
        ("a", "c", "2", "d"): 4, ("eé",): 5, ("f",): 5,
    }  # fmt: skip


TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=8)
TABLES = st.dictionaries(
    TEXTS,
    st.recursive(
        st.integers(-9, 9) | TEXTS | st.booleans(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
        max_leaves=8,
    ),
    max_size=4,
)


@given(TABLES)
def test_every_key_of_a_file_has_a_line(values: dict[str, Any]) -> None:
    places = set(places_of(values))
    toml = tomlkit.dumps(values)
    assert set(toml_lines(toml)) == places
    assert set(json_lines(json.dumps(values, indent=1))) == places
    lines = yaml_lines(yaml.safe_dump(values, allow_unicode=True))
    assert set(lines) == places
    for keys, line in lines.items():
        assert line <= yaml.safe_dump(values, allow_unicode=True).count("\n"), keys


def places_of(value: Any, place: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    entries = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for key, each in entries:
        yield (*place, str(key))
        yield from places_of(each, (*place, str(key)))
