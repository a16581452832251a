"""JSON, templates, dates and rules."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from llmspell_engine.tools.utility.handlebars import HandlebarsError, render
from llmspell_engine.tools.utility.rules import Rule
from support.tools import check_raises, check_refused, check_tool, payload, run_tool

JSON, TEMPLATE, DATE, RULES = "json-processor", "template-creator", "datetime-handler", "data-validator"
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@pytest.mark.parametrize(
    ("query", "value", "result", "count"),
    [
        (".", {"a": 1}, {"a": 1}, 1),
        (".a[].b", {"a": [{"b": 1}, {"b": 2}]}, [1, 2], 2),
        (".a", '{"a": [1, 2]}', [1, 2], 1),
        ("empty", [], [], 0),
        ("map(. + 1) # a comment", [1, 2], [2, 3], 1),
    ],
)
def test_queries(query: str, value: Any, result: Any, count: int) -> None:
    check_tool(JSON, {"query": query, "input": value}, result=result, count=count)


def test_the_text_of_a_query_is_json() -> None:
    check_tool(JSON, {"query": ".[]", "input": [1, "ü"]}, text='1\n"ü"')


def test_a_query_sees_no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLMSPELL_TEST_KEY", "secret")
    for query in ("env", "$ENV", "env.LLMSPELL_TEST_KEY", "$ENV.LLMSPELL_TEST_KEY", "env | tojson"):
        assert "secret" not in json.dumps(payload(JSON, {"query": query, "input": {}}))


def test_streams_of_json_lines() -> None:
    lines = {"operation": "stream", "input": '{"a": 1}\n\n{"a": 2}\n', "query": ".a"}
    check_tool("json_processor", lines, result=[1, 2], count=2)
    check_tool(JSON, {"operation": "stream", "input": [{"a": 1}], "query": ".a"}, result=1)


def test_json_schema() -> None:
    schema = {"type": "object", "required": ["a"], "properties": {"a": {"items": {"type": "integer"}}}}
    check_tool(
        JSON, {"operation": "validate", "input": {"a": [1]}, "schema": schema}, valid=True, text="valid"
    )
    found = payload(JSON, {"operation": "validate", "json_data": {"a": [1, "x"]}, "schema": schema})
    assert found == {
        "valid": False,
        "errors": [{"path": "$.a[1]", "message": "'x' is not of type 'integer'"}],
    }


def test_wrong_calls_of_the_json_processor() -> None:
    check_refused(JSON, {}, "'input' is missing; the operation 'query' needs it")
    check_refused(
        JSON, {"operation": "validate", "input": 1}, "'schema' is missing; the operation 'validate' needs it"
    )
    check_refused(
        JSON, {"input": 1, "schema": 3, "operation": "validate"}, "'schema' must be a table, but 3 was given"
    )
    check_raises(JSON, {"input": "{nope"}, "invalid_json", "'input' is not JSON")
    check_raises(JSON, {"input": 1, "query": "nope("}, "invalid_query", "'nope(' is no jq query")
    check_raises(JSON, {"input": 1, "query": 'import "a" as a; .'}, "invalid_query", "is no jq query")
    check_raises(JSON, {"input": [1], "query": ".a"}, "query_failed", "Cannot index array")
    check_raises(JSON, {"operation": "stream", "input": 3}, "invalid_input", "must be JSON lines")
    bad = {"operation": "validate", "input": 1, "schema": {"type": "nope"}}
    check_raises(JSON, bad, "invalid_schema", "is no JSON Schema")


@given(VALUES.filter(lambda value: value is not None and not isinstance(value, str)))
def test_the_query_of_everything_changes_nothing(value: Any) -> None:
    assert payload(JSON, {"input": value}).get("result") == value


@pytest.mark.parametrize(
    ("template", "context", "rendered", "engine"),
    [
        ("Hi {{ name }}!", {"name": "Bo"}, "Hi Bo!", "tera"),
        ("{% for x in xs %}{{ x | upper }},{% endfor %}", {"xs": ["a", "b"]}, "A,B,", "tera"),
        ("{# note #}x\n", {}, "x\n", "tera"),
        (
            "{{#each xs}}{{@index}}={{this.n}}{{#unless @last}};{{/unless}}{{/each}}",
            {"xs": [{"n": 1}, {"n": 2}]},
            "0=1;1=2",
            "handlebars",
        ),
        ("{{#if a}}yes{{else}}no{{/if}}", {"a": []}, "no", "handlebars"),
        (
            "{{#with p}}{{name}} of {{../org}}{{/with}}",
            {"p": {"name": "Bo"}, "org": "O"},
            "Bo of O",
            "handlebars",
        ),
        (
            "{{#each m}}{{@key}}:{{this}} {{else}}none{{/each}}",
            {"m": {"a": 1, "b": True}},
            "a:1 b:true ",
            "handlebars",
        ),
        ("{{{h}}}{{h}}{{! c }}{{!-- {{c}} --}}{{missing}}", {"h": "<b>"}, "<b>&lt;b&gt;", "handlebars"),
    ],
)
def test_templates(template: str, context: dict[str, Any], rendered: str, engine: str) -> None:
    check_tool(
        TEMPLATE,
        {"input": template, "context": context},
        rendered=rendered,
        engine=engine,
        template_length=len(template),
        context_size=len(context),
        text=rendered,
    )


def test_the_engine_that_is_named_is_taken_without_detection() -> None:
    parameters = {"input": "{{ a }}", "context": {"a": "<"}, "engine": "handlebars"}
    check_tool(TEMPLATE, parameters, rendered="&lt;", engine="handlebars")
    check_tool("template_engine", {"template": "{{ a }}", "context": {"a": "<"}}, rendered="<")


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ("{{ nam }}", "'nam' is undefined"),
        ("a\n{% for x in %}", "line 2"),
        ("{{ ''.__class__ | upper }}", "unsafe"),
        ("{% for i in range(1000000) %}{% endfor %}", "Range too big"),
        ("{% for i in range(99999) %}{{ 'x' * 99 }}{% endfor %}", "longer than"),
        ("{{ 1 // 0 | int }}", "division"),
        ("{{#if a}}x", "'{{#if}}' is never closed"),
        ("x{{/if}}{{#if a}}", "'{{/if}}' closes nothing"),
        ("{{#fold a}}{{/fold}}", "there is no block 'fold'"),
        ("{{#if a}}\n{{> part}}{{/if}}", "line 2: '> part' is no name of a value"),
        ("{{#each a.b}}{{/each}}", "'a.b' is no list"),
    ],
)
def test_templates_that_fail(template: str, words: str) -> None:
    code = "too_long" if words == "longer than" else "template_failed"
    check_raises(TEMPLATE, {"input": template, "context": {"a": {"b": 3}}}, code, words)


def test_wrong_calls_of_the_template_creator() -> None:
    check_refused(TEMPLATE, {}, "'input' is missing")
    check_refused(TEMPLATE, {"input": "x", "context": [1]}, "'context' must be a table, but a list was given")
    check_refused(
        TEMPLATE,
        {"input": "x", "engine": "mustache"},
        '\'engine\' must be "tera" or "handlebars", but "mustache" was given',
    )


@given(st.text(alphabet="{}#/! %ab.-", max_size=30))
def test_any_template_is_rendered_or_told(template: str) -> None:
    with suppress(HandlebarsError):
        assert isinstance(render(template, {"a": [1], "b": {"a": 2}}, longest=1000), str)


@pytest.mark.parametrize(
    ("given_text", "parsed"),
    [
        ("2026-03-01", "2026-03-01T00:00:00Z"),
        ("2026-03-01T12:30:00Z", "2026-03-01T12:30:00Z"),
        ("2026-03-01T12:30:00.250+02:00", "2026-03-01T12:30:00.250+02:00"),
        ("2026-03-01 12:30", "2026-03-01T12:30:00Z"),
        ("Sun, 01 Mar 2026 12:30:00 +0000", "2026-03-01T12:30:00Z"),
        ("1 March 2026", "2026-03-01T00:00:00Z"),
        ("1772368200", "2026-03-01T12:30:00Z"),
    ],
)
def test_dates_in_many_forms(given_text: str, parsed: str) -> None:
    check_tool(
        DATE, {"operation": "parse", "input": given_text}, input=given_text, parsed=parsed, text=parsed
    )


def test_every_form_that_is_offered_is_read() -> None:
    for example in payload(DATE, {"operation": "formats"})["example_formats"].values():
        assert payload(DATE, {"operation": "parse", "input": example})["parsed"].startswith("2026-03-01T")


def test_dates_are_written_by_a_pattern() -> None:
    for pattern, text in {"%d/%m/%Y": "01/03/2026", "%H:%M%:z": "12:30+00:00", "100%%Z": "100%Z"}.items():
        parameters = {"operation": "parse", "input": "2026-03-01T12:30:00Z", "format": pattern}
        check_tool(DATE, parameters, text=text)


def test_time_zones() -> None:
    convert = {"operation": "convert_timezone", "input": "2026-07-01T12:00:00Z"}
    check_tool(
        DATE,
        {**convert, "target_timezone": "Europe/Berlin"},
        original="2026-07-01T12:00:00Z",
        converted="2026-07-01T14:00:00+02:00",
        target_timezone="Europe/Berlin",
    )
    assert payload(DATE, {"operation": "now", "timezone": "Asia/Tokyo"})["datetime"].endswith("+09:00")
    assert payload(DATE, {"operation": "now"})["datetime"].endswith("Z")
    check_raises(DATE, {**convert, "target_timezone": "Mars/One"}, "invalid_timezone", "'Mars/One'")
    check_raises(DATE, {**convert, "target_timezone": "../x"}, "invalid_timezone", "'../x'")


@pytest.mark.parametrize(
    ("operation", "amount", "unit", "result"),
    [
        ("add", 1, "days", "2026-03-01T00:00:00Z"),
        ("add", 1.5, "hours", "2026-02-28T01:30:00Z"),
        ("subtract", 2, "weeks", "2026-02-14T00:00:00Z"),
        ("add", 30, "seconds", "2026-02-28T00:00:30Z"),
        ("subtract", -1, "minutes", "2026-02-28T00:01:00Z"),
    ],
)
def test_earlier_and_later(operation: str, amount: float, unit: str, result: str) -> None:
    parameters = {"operation": operation, "input": "2026-02-28", "amount": amount, "unit": unit}
    check_tool(DATE, parameters, result=result, original="2026-02-28T00:00:00Z", unit=unit)


def test_differences_and_facts() -> None:
    between = {"operation": "difference", "start": "2026-01-01", "end": "2026-01-03T03:00:00Z"}
    found = payload(DATE, between)["difference"]
    assert (found["hours"], found["days"], found["text"]) == (51, 2.125, "2 days, 3:00:00")
    facts = payload(DATE, {"operation": "info", "input": "2024-12-30"})["info"]
    assert (facts["weekday"], facts["week"], facts["quarter"], facts["is_leap_year"]) == (
        "Monday",
        1,
        4,
        True,
    )


def test_wrong_calls_of_the_datetime_handler() -> None:
    check_refused(
        DATE,
        {"operation": "add", "input": "2026-01-01", "unit": "days"},
        "'amount' is missing; the operation 'add' needs it",
    )
    check_refused(DATE, {"operation": "parse", "input": 3}, "'input' must be a string, but 3 was given")
    check_raises(DATE, {"operation": "parse", "input": "banana"}, "invalid_date", "'banana' is no date")
    far = {"operation": "add", "input": "2026-01-01", "amount": 1e12, "unit": "weeks"}
    check_raises(DATE, far, "overflow", "outside of the years")


def _rules(*rules: dict[str, Any]) -> dict[str, Any]:
    return {"rules": list(rules)}


@pytest.mark.parametrize(
    ("rule", "good", "bad"),
    [
        ({"type": "Required"}, 0, ""),
        ({"type": "required"}, 0, ""),
        ({"type": "range", "min": 1}, 1, 0),
        ({"type": "Type", "expected": "integer"}, 3, 3.5),
        ({"type": "Type", "expected": "string"}, "x", True),
        ({"type": "Type", "expected": "array"}, [1], {"a": 1}),
        ({"type": "Length", "min": 2, "max": 3}, "ab", "abcd"),
        ({"type": "Length", "min": 2}, [1, 2], [1]),
        ({"type": "Range", "min": 1, "max": 9}, 9, 9.5),
        ({"type": "Pattern", "regex": "^a+$"}, "aa", "ab"),
        ({"type": "Enum", "values": ["a", 1]}, 1, "b"),
        ({"type": "Email"}, "a@b.org", "a@b"),
        ({"type": "Url"}, "https://a.org/x", "ftp://a.org"),
        ({"type": "Url", "schemes": ["ftp"]}, "ftp://a.org", "http://a.org"),
        ({"type": "Date"}, "2026-03-01", "01.03.2026"),
        ({"type": "Date", "format": "%d.%m.%Y"}, "01.03.2026", "2026-03-01"),
        ({"type": "Custom", "name": "phone"}, "+49 (30) 1234-567", "12"),
        ({"type": "Custom", "name": "uuid"}, "3f2504e0-4f89-11d3-9a0c-0305e82c3301", "3f25"),
        ({"type": "Custom", "name": "credit_card"}, "4111 1111 1111 1111", "4111 1111 1111 1112"),
        ({"type": "Array", "items": _rules({"type": "Range", "max": 3}), "unique": True}, [1, 2], [1, 4]),
        ({"type": "Array", "unique": True}, [1, 2], [1, 1]),
        ({"type": "Object", "required": ["a"]}, {"a": 1}, {"b": 1}),
        ({"type": "Object", "properties": {"a": _rules({"type": "Email"})}}, {}, {"a": "x"}),
        ({"type": "Object", "additional_properties": False}, {}, {"a": "x"}),
    ],
)
def test_rules(rule: dict[str, Any], good: Any, bad: Any) -> None:
    check_tool(RULES, {"input": good, "rules": _rules(rule)}, valid=True, errors=[], text="valid")
    found = payload(RULES, {"input": bad, "rules": _rules(rule)})
    assert not found["valid"]
    assert len(found["errors"]) == 1


def test_rules_are_spelled_as_the_language_does_and_fields_of_the_data_are_not() -> None:
    inner = {
        "type": "Object",
        "additionalProperties": False,
        "properties": {"b_c": _rules({"type": "Email"})},
    }
    rules = _rules({"type": "Object", "properties": {"a_b": _rules(inner)}})
    data = {"a_b": {"b_c": "x", "bC": 1}}
    done = run_tool(RULES, {"input": data, "rules": rules}, language="javascript").result
    assert [fault.field for fault in done.errors] == ["$.a_b.b_c", "$.a_b.bC"]


def test_a_wrong_rule_deep_inside_is_named_with_its_place() -> None:
    deep = _rules({"type": "Object", "properties": {"a_b": _rules({"type": "Object", "additionalProps": 1})}})
    check_refused(
        RULES,
        {"input": {}, "rules": deep},
        "there is no 'rules.rules[0].properties.a_b.rules[0].additionalProps'; "
        "did you mean 'additionalProperties'?",
        language="javascript",
    )


def test_faults_tell_their_place() -> None:
    item = _rules({"type": "Object", "properties": {"mail": _rules({"type": "Required"}, {"type": "Email"})}})
    parameters = {"data": [{"mail": "a@b.org"}, {}], "rules": _rules({"type": "Array", "items": item})}
    (fault,) = payload("data_validation", parameters)["errors"]
    assert (fault["field"], fault["rule"]) == ("$[1].mail", "Required")


def test_wrong_calls_of_the_data_validator() -> None:
    check_refused(RULES, {"input": 1}, "'rules' is missing")
    kinds = [get_args(rule.model_fields["type"].annotation) for rule in get_args(get_args(Rule)[0])]
    listed = ", ".join(json.dumps(spelling) for kind in kinds for spelling in kind)
    check_refused(
        RULES,
        {"input": 1, "rules": _rules({"type": "Email"}, {"type": "Rnge"})},
        f'\'rules.rules[2].type\' must be one of {listed}, but "Rnge" was given; did you mean "Range"?',
    )
    check_refused(
        RULES,
        {"input": 1, "rules": _rules({"type": "Range", "mim": 3})},
        "there is no 'rules.rules[1].mim'; did you mean 'min'?",
    )
    check_refused(
        RULES,
        {"input": 1, "rules": _rules({"type": "Length", "min": -1})},
        "'rules.rules[0].min' must be at least 0, but -1 was given",
        language="javascript",
    )
    bad = {"input": "x", "rules": _rules({"type": "Pattern", "regex": "("})}
    check_raises(RULES, bad, "invalid_rule", "'(' is no regular expression")
