"""Small things that ask for large ones: they are refused before they hold anything up."""

# ruff: noqa: E501 - a template is easier to read in one line

from __future__ import annotations

import pytest
from jinja2.exceptions import SecurityError, UndefinedError
from jsonschema import Draft7Validator, Draft201909Validator, Draft202012Validator
from llmspell_engine.language import Language
from llmspell_engine.schema_patterns import bounded
from llmspell_engine.templating import TemplateEnvironment
from llmspell_engine.tools.base import ToolError
from llmspell_engine.tools.data import queries_apart
from llmspell_engine.tools.data.queries_apart import may_not_end, queried_apart
from support.runtime import Script, both, run

pytestmark = pytest.mark.timeout(60)


def doubled(start: str, twice: str) -> str:
    """A template that makes a value twice as large forty times over."""
    return f"{{% set n = namespace(a={start}) %}}{{% for i in range(40) %}}{{% set n.a = {twice} %}}{{% endfor %}}{{{{ n.a }}}}"


TEMPLATES = [
    "{{ 'a' * 10**10 }}",
    "{{ 10**10 * 'a' }}",
    "{{ [1] * 10**9 }}",
    "{{ 9**(9**9) }}",
    "{{ '%999999999d' | format(1) }}",
    "{{ '%*d' | format(999999999, 1) }}",
    "{{ '%999999999d' % 1 }}",
    "{{ '{:>999999999}'.format(1) }}",
    "{{ 'a'.center(10**10) }}",
    "{{ 'a' | center(10**10) }}",
    "{{ 'a'.zfill(10**9) }}",
    "{{ 'a' | indent(10**9) }}",
    "{{ {'a': 1} | tojson(10**9) }}",
    "{{ [1] | batch(10**9, 0) | list }}",
    doubled("'aaaaaaaa'", "n.a ~ n.a"),
    doubled("'aaaaaaaa'", "n.a + n.a"),
    doubled("'aaaaaaaa'", "n.a.replace('a', 'aa')"),
    doubled("'aaaaaaaa'", "n.a | replace('a', 'aa')"),
    doubled("'aaaaaaaa'", "[n.a, n.a] | join"),
    doubled("'aaaaaaaa'", "n.a.join([n.a, n.a])"),
    doubled("['x']", "n.a + n.a"),
    doubled("['x']", "[n.a, n.a]"),
    doubled("['x']", "(n.a, n.a)"),
    doubled("['x']", "{'a': n.a, 'b': n.a}"),
    "{% set n = namespace(a='x' * 8) %}{% for i in range(40) %}{% set n.a %}{{ n.a }}{{ n.a }}{% endset %}{% endfor %}{{ n.a }}",
    "{% for i in range(99999) %}{% for j in range(99999) %}xxxxxxxxxxxxxxxxxxxx{% endfor %}{% endfor %}",
]


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_template_makes_nothing_that_fills_the_memory(template: str) -> None:
    with pytest.raises(SecurityError, match=r"it makes a (value|number) of more than"):
        TemplateEnvironment().from_string(template).render()


def test_a_template_has_no_text_without_end() -> None:
    with pytest.raises(UndefinedError):
        TemplateEnvironment().from_string("{{ lipsum(10**9) }}").render()


SMALL = [
    ("{{ 'a' ~ 1 ~ [1, (2, 3)] }} {{ 2 * 3 }} {{ 'ab' * 3 }} {{ 7 % 3 }} {{ '%05d' % 3 }}", "a1[1, (2, 3)] 6 ababab 1 00003"),
    ("{{ 2 ** 10 }} {{ [1] + [2] }} {{ {'a': [1]} }} {{ ['a', 'b'] | join(', ') }}", '1024 [1, 2] {"a": [1]} a, b'),
    ("{% for a, b in [(1, 2)] %}{{ a }}{{ b }}{% endfor %}{% set x, y = 3, 4 %}{{ x }}{{ y }}", "1234"),
    ("{{ 'a' | center(5) }}|{{ 'a\nb' | indent(2) }}|{{ {'a': 1} | tojson }}|{{ 'ab' | replace('a', 'x') }}", '  a  |a\n  b|{"a": 1}|xb'),
    ("{{ '{:>3}'.format(1) }}|{{ 'x'.center(3) }}|{{ '-'.join(['a', 'b']) }}|{{ [1, 2, 3] | batch(2) | list }}", "  1| x |a-b|[[1, 2], [3]]"),
]  # fmt: skip


@pytest.mark.parametrize(("template", "expect"), SMALL)
def test_what_is_small_is_as_ever(template: str, expect: str) -> None:
    assert TemplateEnvironment().from_string(template).render() == expect


SLOW = "^(a|aa)+$"
"""What keeps even the search that looks for such patterns busy."""
LONG = "a" * 60 + "b"
TOO_LONG = f"the pattern '{SLOW}' was searched for longer than 0.05 s"
UNMET = f"'{LONG}' does not match any of the regexes: '{SLOW}'"
UNEVALUATED = f"Unevaluated properties are not allowed ('{LONG}' was unexpected)"
PATTERNS: list[tuple[dict[str, object], object, list[str]]] = [
    ({"type": "string", "pattern": SLOW}, LONG, [TOO_LONG]),
    ({"patternProperties": {SLOW: {"type": "string"}}}, {LONG: 1}, [TOO_LONG]),
    ({"patternProperties": {SLOW: {}}, "additionalProperties": False}, {LONG: 1}, [TOO_LONG, UNMET]),
    ({"patternProperties": {SLOW: {}}, "unevaluatedProperties": False}, {LONG: 1}, [TOO_LONG, UNEVALUATED]),
    (
        {"allOf": [{"patternProperties": {SLOW: {}}}], "unevaluatedProperties": False},
        {LONG: 1},
        [TOO_LONG, UNEVALUATED],
    ),
]


@pytest.mark.parametrize("kind", [Draft7Validator, Draft201909Validator, Draft202012Validator])
@pytest.mark.parametrize(("schema", "value", "told"), PATTERNS)
def test_patterns_of_a_schema_never_search_for_long(
    kind: type, schema: object, value: object, told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("llmspell_engine.schema_patterns.SECONDS", 0.05)
    known = [one for one in told if one != UNEVALUATED or kind is not Draft7Validator]
    assert [one.message for one in bounded(kind)(schema).iter_errors(value)] == known


AS_EVER = [
    ({"pattern": "^a"}, "b", ["'b' does not match '^a'"]),
    ({"pattern": "^a"}, 1, []),
    ({"pattern": "^a"}, "ab", []),
    ({"patternProperties": {"^x": {"type": "string"}}}, {"x1": 1, "y": 2}, ["1 is not of type 'string'"]),
    (
        {"properties": {"p": {}}, "patternProperties": {"^x": {}}, "additionalProperties": False},
        {"x": 1, "p": 1, "z": 1, "y": 2},
        ["'y', 'z' do not match any of the regexes: '^x'"],
    ),
    ({"patternProperties": {"^x": {}}, "additionalProperties": {"type": "string"}}, {"z": 1}, ["1 is not of type 'string'"]),
    ({"additionalProperties": False}, {"z": 1}, ["Additional properties are not allowed ('z' was unexpected)"]),
    ({"additionalProperties": False}, [], []),
    (
        {"allOf": [{"patternProperties": {"^x": {}}}, {"properties": {"p": {}}}], "unevaluatedProperties": False},
        {"x": 1, "p": 1, "z": 1},
        ["Unevaluated properties are not allowed ('z' was unexpected)"],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("schema", "value", "told"), AS_EVER)
def test_patterns_of_a_schema_mean_what_they_mean(schema: object, value: object, told: list[str]) -> None:
    for validator in (Draft202012Validator, bounded(Draft202012Validator)):
        assert [one.message for one in validator(schema).iter_errors(value)] == told


BOMBS = {
    "template-creator": (
        "input = \"{{ 'a' * 10**10 }}\"",
        "input: \"{{ 'a' * 10**10 }}\"",
        "it makes a value of more than 16777216 characters",
    ),
    "regex-tester": (
        f"operation = 'test', pattern = '{SLOW}', input = string.rep('a', 60) .. 'b'",
        f"operation: 'test', pattern: '{SLOW}', input: 'a'.repeat(60) + 'b'",
        "searched for more than 1 s; repetitions in repetitions do that",
    ),
    "calculator": ("input = '9**9**9**9'", "input: '9**9**9**9'", "the result is too large"),
}


@both
@pytest.mark.parametrize("tool", BOMBS)
def test_a_tool_is_not_held_up(tool: str, language: Language) -> None:
    lua, javascript, told = BOMBS[tool]
    text = {
        "lua": f"local ok, e = pcall(Tool.execute, '{tool}', {{ {lua} }})"
        " print(ok and e.error.message or e.message)",
        "javascript": f"const e = await Tool.execute('{tool}', {{ {javascript} }})"
        ".catch((error) => ({ error })); console.log(e.error.message)",
    }
    ran = run(Script(language, text[language]))
    assert ran.error is None
    assert told in ran.out


QUERIES = [
    ("[repeat(1)]", True),
    ("last(range(1e18))", True),
    ("[range(0; infinite)]", True),
    ("def f: f; f", True),
    ("[recurse(. + 1)]", True),
    ("until(false; .)", True),
    ("[range(5)]", False),
    ("[range(1; 4)]", False),
    (".a | map(select(.b == \"repeat while def\")) | ..", False),
    ('"\\(last(range(1e18)))"', True),
]  # fmt: skip


@pytest.mark.parametrize(("query", "expect"), QUERIES)
def test_queries_that_might_not_end_are_told_from_others(query: str, expect: bool) -> None:
    assert may_not_end(query) == expect


@pytest.mark.parametrize("query", ["[repeat(1)]", "last(range(1e18))"])
def test_a_query_that_never_ends_is_ended(query: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries_apart, "SECONDS", 1)
    monkeypatch.setattr(queries_apart, "MEMORY_MB", 256)
    with pytest.raises(ToolError, match=r"the query (takes (longer|more) than|fails)"):
        queried_apart(query, [1])


def test_a_query_apart_gives_what_it_gives() -> None:
    assert queried_apart("def f: . + 1; [f, range(2)]", [1, 2]) == [[2, 0, 1], [3, 0, 1]]
    with pytest.raises(ToolError, match=r"the query fails: .*cannot be added"):
        queried_apart("def f: . + {}; f", [1])
