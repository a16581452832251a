"""Differences, references, expressions, chance, schedules and units."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from llmspell_engine.tools import requirements
from llmspell_engine.tools.base import ToolError
from llmspell_engine.tools.utility import diff_calculator
from support.tools import Case, check_case, check_raises, check_tool, each_case, payload, run_tool

DIFF, CITATION, REGEX = "diff-calculator", "citation-formatter", "regex-tester"
RANDOM, CRON, UNITS = "random-generator", "cron-parser", "unit-converter"
OLD, NEW = "a\nb\nc\n", "a\nB\nc\nd\n"


def texts(form: str, **more: Any) -> dict[str, Any]:
    return {"old_text": OLD, "new_text": NEW, "format": form, **more}


DIFF_CALLS = [
    Case(
        "of two texts",
        texts("unified"),
        {
            "type": "text",
            "format": "unified",
            "stats": {"added_lines": 2, "removed_lines": 1, "unchanged_lines": 2, "similarity": 0.5714},
        },
        text="--- old\n+++ new\n@@ -1,3 +1,4 @@\n a\n-b\n+B\n c\n+d",
    ),
    Case(
        "with few lines around",
        texts("unified", context_lines=0),
        {},
        text="--- old\n+++ new\n@@ -2 +2 @@\n-b\n+B\n@@ -3,0 +4 @@\n+d",
    ),
    Case(
        "with its context",
        texts("context"),
        {},
        text="*** old\n--- new\n***************\n*** 1,3 ****\n  a\n! b\n  c\n"
        "--- 1,4 ----\n  a\n! B\n  c\n+ d",
    ),
    Case("inline", texts("inline"), {}, text="  a\n- b\n+ B\n  c\n+ d"),
    Case("what differs alone", texts("simple"), {}, text="- b\n+ B\n+ d"),
    Case(
        "of the same",
        {"old_text": OLD, "new_text": OLD},
        {
            "diff": "",
            "stats": {"added_lines": 0, "removed_lines": 0, "unchanged_lines": 3, "similarity": 1.0},
        },
        text="",
    ),
    Case(
        "of two files",
        {"old_file": "a", "new_file": "b"},
        {},
        text="--- a\n+++ b\n@@ -1 +1 @@\n-x\n+y",
        files={"a": "x\n", "b": "y\n"},
    ),
    Case(
        "of a text and a file",
        {"old_text": "", "new_file": "b", "format": "simple"},
        {"diff": "+ y"},
        files={"b": "y\n"},
    ),
    Case(
        "of two values",
        {
            "type": "json",
            "old_json": {"a": 1, "b": [1, 2], "x y": 1},
            "new_json": {"a": 1.0, "b": [1, 3, 4], "c": None},
        },
        {"type": "json", "summary": {"added": 2, "removed": 1, "changed": 1, "identical": False}},
        text='$.b[1]: 2 -> 3\n$.b[2]: + 4\n$["x y"]: - 1\n$.c: + null',
    ),
    Case(
        "of JSON texts",
        {"type": "json", "old_text": "[1]", "new_json": "[true]"},
        {"diff": [{"path": "$[0]", "change": "changed", "old": 1, "new": True}]},
    ),
    Case(
        "an element less",
        {"type": "json", "old_json": [1, 2, 3], "new_json": [1, 3]},
        {"diff": [{"path": "$[1]", "change": "removed", "old": 2}]},
    ),
    Case(
        "nothing before",
        {"new_text": ""},
        refused="'old_text' or 'old_file' is missing; the operation 'text' needs it",
    ),
    Case(
        "nothing after",
        {"type": "json", "old_json": {}},
        refused="'new_json' or 'new_text' or 'new_file' is missing; the operation 'json' needs it",
    ),
    Case(
        "no such form",
        texts("html"),
        refused='\'format\' must be one of "unified", "context", "inline", "simple", but "html" was given',
    ),
    Case(
        "no JSON",
        {"type": "json", "old_text": "{", "new_text": "{}"},
        fails=("invalid_json", "what is 'old' is not JSON"),
    ),
    Case("no such file", {"old_file": "no", "new_text": ""}, fails=("not_found", "'no' does not exist")),
    Case(
        "no text",
        {"old_file": "a", "new_text": ""},
        fails=("not_text", "'a' is no text in UTF-8"),
        files={"a": b"\xff"},
    ),
    Case("a file outside", {"old_text": "", "new_file": "../a"}, forbids="read"),
]


@each_case(DIFF_CALLS)
def test_calls_of_the_diff_calculator(case: Case, tmp_path: Path) -> None:
    check_case(DIFF, case, tmp_path)


def test_texts_of_too_many_lines_are_not_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(diff_calculator, "MOST_LINES", 2)
    check_raises(DIFF, texts("unified"), "too_large", "more than 2 lines")


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=2),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=3),
    max_leaves=8,
)


@given(VALUES, VALUES)
def test_only_the_same_values_do_not_differ(old: Any, new: Any) -> None:
    found = payload(DIFF, {"type": "json", "old_json": [old], "new_json": [new]})
    same = json.dumps(old, sort_keys=True) == json.dumps(new, sort_keys=True)
    assert found["summary"]["identical"] == same
    assert (found["diff"] == []) == same


YAML = """
knuth:
  type: article
  title: Literate Programming
  author: ["Knuth, Donald E."]
  date: 1984-05
  page-range: 97-111
  serial-number: {doi: 10.1093/comjnl/27.2.97}
  parent: {type: periodical, title: The Computer Journal, volume: 27, issue: 2}
doe:
  type: book
  title: A Book
  author: "Doe, Jane"
  date: 2001
  publisher: {name: Pub, location: Rome}
"""
CSL = "references:\n- id: k\n  type: book\n  title: T\n  author: [{family: F, given: G}]\n  issued: 2001\n"
BIBTEX = """@article{knuth1984, author={Knuth, Donald E. and Doe, Jane}, title={Literate Programming},
  journal={The Computer Journal}, year={1984}, volume={27}, number={2}, pages={97--111}}
@book{bee, author={Ann Bee}, title={A {B}ook}, publisher={Pub}, year=2001}
"""
CITATION_CALLS = [
    Case(
        "APA",
        {"input": YAML},
        {"count": 2, "style": "apa"},
        text="Doe, J. (2001). A Book. Pub.\n"
        "Knuth, D. E. (1984). Literate Programming. The Computer Journal, 27(2), 97\u2013111. "
        "https://doi.org/10.1093/comjnl/27.2.97",
    ),
    Case(
        "one of them, in another style",
        {"input": YAML, "style": "ieee", "cite_keys": "knuth"},
        {
            "references": [
                {
                    "key": "knuth",
                    "citation": "[1]",
                    "reference": "[1]D. E. Knuth, “Literate Programming”, The Computer Journal, "
                    "vol. 27, no. 2, "
                    "pp. 97\u2013111, May 1984, doi: 10.1093/comjnl/27.2.97.",
                }
            ]
        },
    ),
    Case(
        "BibTeX, by a short name",
        {"input": BIBTEX, "format": "bibtex", "style": "mla", "cite_keys": "bee"},
        {"count": 1},
        text="Bee, Ann. A Book. Pub, 2001.",
    ),
    Case(
        "a style that refers to another",
        {"input": BIBTEX, "format": "bibtex", "style": "nature-methods"},
        {"count": 2},
    ),
    Case("a list of CSL", {"input": CSL, "style": "vancouver"}, {"count": 1}, text="1.F G. T. 2001."),
    Case(
        "they are complete",
        {"operation": "validate_bibliography", "input": YAML},
        {"valid": True, "entries": ["knuth", "doe"], "entry_count": 2, "warnings": []},
        text="valid",
    ),
    Case(
        "they are not",
        {"operation": "validate_bibliography", "input": "k: {type: book, title: T}"},
        {"valid": False, "warnings": ["'k' has no issued", "'k' has no author or editor"]},
    ),
    Case("the styles", {"operation": "list_styles", "query": "harvard-cite-them-right"}, {"count": 4}),
    Case("nothing to format", {}, refused="'input' is missing; the operation 'format_citation' needs it"),
    Case(
        "no such syntax",
        {"input": "x", "format": "ris"},
        refused='\'format\' must be "yaml" or "bibtex", but "ris" was given',
    ),
    Case(
        "no such style",
        {"input": YAML, "style": "iee"},
        fails=("unknown_style", "there is no style 'iee'; did you mean 'ieee'?"),
    ),
    Case(
        "a path is no style",
        {"input": YAML, "style": "../styles/apa"},
        fails=("unknown_style", "there is no style '../styles/apa'"),
    ),
    Case(
        "no such reference",
        {"input": YAML, "cite_keys": "nobody"},
        fails=("unknown_key", "there is no reference 'nobody'; there is 'knuth', 'doe'"),
    ),
    Case("no YAML", {"input": "a: ["}, fails=("invalid_bibliography", "the references are no YAML")),
    Case("no list", {"input": "text"}, fails=("invalid_bibliography", "neither a table by keys nor a list")),
    Case("no date", {"input": "a: {date: someday}"}, fails=("invalid_bibliography", "'someday' is no date")),
    Case(
        "an item without id",
        {"input": "- title: x"},
        fails=("invalid_bibliography", "reference 1 has no 'id'"),
    ),
    Case(
        "no BibTeX",
        {"input": "@article{a, title={x", "format": "bibtex"},
        fails=("invalid_bibliography", "BibTeX"),
    ),
    Case(
        "empty BibTeX",
        {"input": "text", "format": "bibtex"},
        fails=("invalid_bibliography", "no references in the BibTeX"),
    ),
]


@each_case(CITATION_CALLS)
def test_calls_of_the_citation_formatter(case: Case, tmp_path: Path) -> None:
    check_case(CITATION, case, tmp_path)


MAIL = r"(?P<who>\w+)@(\w+)"
REGEX_CALLS = [
    Case(
        "all places",
        {"pattern": MAIL, "input": "ann@home, bo@work"},
        {
            "count": 2,
            "matched": True,
            "matches": [
                {
                    "text": "ann@home",
                    "start": 0,
                    "end": 8,
                    "groups": ["ann", "home"],
                    "named": {"who": "ann"},
                },
                {"text": "bo@work", "start": 10, "end": 17, "groups": ["bo", "work"], "named": {"who": "bo"}},
            ],
        },
        text="ann@home\nbo@work",
    ),
    Case("so many places", {"pattern": ".", "input": "abc", "max_matches": 2}, {"count": 2}),
    Case(
        "whether it is there",
        {"operation": "test", "pattern": "^b", "input": "a\nb"},
        {"matched": False},
        text="false",
    ),
    Case(
        "at the start of any line",
        {"operation": "test", "pattern": "^b", "input": "a\nb", "multiline": True},
        {"matched": True},
    ),
    Case(
        "any letter case, over lines",
        {"operation": "test", "pattern": "A.B", "input": "a\nb", "ignore_case": True, "dot_all": True},
        {"matched": True},
    ),
    Case(
        "blanks do not count",
        {"operation": "test", "pattern": "a b # c", "input": "ab", "verbose": True},
        {"matched": True},
    ),
    Case(
        "something in its stead",
        {"operation": "replace", "pattern": MAIL, "input": "ann@home", "replacement": r"\2 of \g<who>"},
        {"output": "home of ann", "count": 1},
        text="home of ann",
    ),
    Case(
        "what is between",
        {"operation": "split", "pattern": r"\s*,\s*", "input": "a , b,c"},
        {"parts": ["a", "b", "c"]},
    ),
    Case(
        "it is one",
        {"operation": "validate", "pattern": MAIL},
        {"valid": True, "group_count": 2},
        text="valid",
    ),
    Case("it is none", {"operation": "validate", "pattern": "("}, {"valid": False, "group_count": None}),
    Case("no text", {"pattern": "a"}, refused="'input' is missing; the operation 'match' needs it"),
    Case("no pattern", {"input": "a"}, refused="'pattern' is missing"),
    Case(
        "nothing to put there",
        {"operation": "replace", "pattern": "a", "input": "a"},
        refused="'replacement' is missing; the operation 'replace' needs it",
    ),
    Case(
        "no expression",
        {"pattern": "[", "input": "a"},
        fails=("invalid_pattern", "'[' is no regular expression"),
    ),
    Case(
        "no such group",
        {"operation": "replace", "pattern": "a", "input": "a", "replacement": r"\1"},
        fails=("invalid_pattern", "'replacement' does not fit"),
    ),
    Case(
        "a search without end",
        {"pattern": "(a|a)+$", "input": "a" * 60 + "!"},
        fails=("too_slow", "searched for more than 1 s"),
    ),
]


@each_case(REGEX_CALLS)
def test_calls_of_the_regex_tester(case: Case, tmp_path: Path) -> None:
    check_case(REGEX, case, tmp_path)


RANDOM_CALLS = [
    Case(
        "the same from a seed",
        {"seed": 7, "count": 3},
        {"values": [41, 19, 50], "value": 41, "seeded": True},
        text="41\n19\n50",
    ),
    Case("a shuffle", {"operation": "shuffle", "items": [1, 2, 3, 4], "seed": 1}, {"values": [2, 3, 1, 4]}),
    Case("one number there is", {"min": 3.5, "max": 4.2}, {"value": 4, "seeded": False}),
    Case(
        "nothing to choose from",
        {"operation": "choice"},
        refused="'items' is missing; the operation 'choice' needs it",
    ),
    Case(
        "no items",
        {"operation": "choice", "items": []},
        refused="'items' must be at least 1 element long, but a list was given",
    ),
    Case("too many", {"count": 10_001}, refused="'count' must be at most 10000, but 10001 was given"),
    Case(
        "no whole number",
        {"min": 1.2, "max": 1.8},
        fails=("invalid_input", "no whole number from 1.2 to 1.8"),
    ),
    Case(
        "the wrong way round",
        {"operation": "float", "min": 2, "max": 1},
        fails=("invalid_input", "'min' is 2, above 'max'"),
    ),
    Case(
        "more than there are",
        {"operation": "choice", "items": [1], "count": 2, "unique": True},
        fails=("invalid_input", "2 of 1 item cannot be drawn"),
    ),
    Case(
        "a short password",
        {"operation": "password", "length": 7},
        fails=("invalid_input", "a 'length' of at least 8"),
    ),
]


@each_case(RANDOM_CALLS)
def test_calls_of_the_random_generator(case: Case, tmp_path: Path) -> None:
    check_case(RANDOM, case, tmp_path)


def test_what_is_drawn_is_of_the_kind_that_was_asked_for() -> None:
    many = {"count": 200}
    assert all(1 <= one <= 6 for one in payload(RANDOM, {"min": 1, "max": 6, **many})["values"])
    assert set(payload(RANDOM, {"min": 1, "max": 3, **many})["values"]) == {1, 2, 3}
    assert all(
        0 <= one <= 0.5 for one in payload(RANDOM, {"operation": "float", "max": 0.5, **many})["values"]
    )
    assert set(payload(RANDOM, {"operation": "boolean", **many})["values"]) == {True, False}
    texts = payload(RANDOM, {"operation": "string", "charset": "hex", "length": 32, **many})["values"]
    assert len(set(texts)) == 200
    assert all(len(bytes.fromhex(one)) == 16 for one in texts)
    for word in payload(RANDOM, {"operation": "password", "length": 8, **many})["values"]:
        assert len(word) == 8
        assert any(sign.islower() for sign in word)
        assert any(sign.isupper() for sign in word)
        assert any(sign.isdigit() for sign in word)
        assert any(not sign.isalnum() for sign in word)
    assert len(bytes.fromhex(payload(RANDOM, {"operation": "bytes", "length": 9})["value"])) == 9
    drawn = payload(RANDOM, {"operation": "choice", "items": [1, "a", 2], "count": 3, "unique": True})[
        "values"
    ]
    assert sorted(map(str, drawn)) == ["1", "2", "a"]


NOON = "2024-05-17T12:00:00"
CRON_CALLS = [
    Case(
        "the next times",
        {"input": "*/15 9-17 * * MON-FRI", "at": NOON, "count": 2},
        {"times": ["2024-05-17T12:15:00+00:00", "2024-05-17T12:30:00+00:00"]},
    ),
    Case(
        "the last times",
        {"operation": "previous", "input": "@daily", "at": NOON, "count": 2},
        {"times": ["2024-05-17T00:00:00+00:00", "2024-05-16T00:00:00+00:00"]},
    ),
    Case(
        "over summer time",
        {"input": "0 12 * * *", "at": "2024-03-30T13:00:00", "timezone": "Europe/Rome", "count": 1},
        {"times": ["2024-03-31T12:00:00+02:00"]},
    ),
    Case(
        "of another zone",
        {"input": "0 12 * * *", "at": "2024-05-17T12:00:00+02:00", "count": 1},
        {"times": ["2024-05-17T12:00:00+00:00"]},
    ),
    Case(
        "a time of it",
        {"operation": "matches", "input": "0 12 * * FRI", "at": "2024-05-17T12:00:59"},
        {"matches": True},
        text="true",
    ),
    Case(
        "no time of it",
        {"operation": "matches", "input": "0 12 * * FRI", "at": "2024-05-17T12:01:00"},
        {"matches": False},
        text="false",
    ),
    Case(
        "seconds",
        {"operation": "matches", "input": "*/10 * * * * *", "at": "2024-05-17T12:00:20"},
        {"matches": True},
    ),
    Case(
        "what it means",
        {"operation": "explain", "input": "0 12 * * FRI"},
        {"explanation": "At 12:00 on Friday"},
    ),
    Case("it is one", {"operation": "validate", "input": "@hourly"}, {"valid": True}),
    Case("it is none", {"operation": "validate", "input": "61 * * * *"}, {"valid": False}),
    Case("no schedule", {}, refused="'input' is missing"),
    Case(
        "no time to look at",
        {"operation": "matches", "input": "* * * * *"},
        refused="'at' is missing; the operation 'matches' needs it",
    ),
    Case(
        "no times", {"input": "* * * * *", "count": 0}, refused="'count' must be at least 1, but 0 was given"
    ),
    Case("no cron", {"input": "every day"}, fails=("invalid_cron", "'every day' is no schedule of cron")),
    Case(
        "no zone",
        {"input": "* * * * *", "timezone": "Mars/Base"},
        fails=("invalid_input", "no time zone 'Mars/Base'"),
    ),
    Case(
        "no time", {"input": "* * * * *", "at": "whenever"}, fails=("invalid_input", "'whenever' is no time")
    ),
]


@each_case(CRON_CALLS)
def test_calls_of_the_cron_parser(case: Case, tmp_path: Path) -> None:
    check_case(CRON, case, tmp_path)


def units(value: float, start: str, end: str) -> dict[str, Any]:
    return {"value": value, "from": start, "to": end}


UNIT_CALLS = [
    Case(
        "lengths",
        units(1, "mile", "km"),
        {"value": pytest.approx(1.609344), "from_unit": "mile", "to_unit": "kilometer"},
        text="1.609344 kilometer",
    ),
    Case("temperatures", units(100, "degC", "degF"), {"value": pytest.approx(212)}),
    Case("speeds", units(90, "km/hour", "m/s"), {"value": pytest.approx(25)}),
    Case("data", units(1, "GiB", "MB"), {"value": pytest.approx(1073.741824)}),
    Case("an older name", {"value": 1, "from_unit": "hour", "to_unit": "s"}, {"value": 3600}),
    Case(
        "what it is",
        {"operation": "describe", "from": "km/hour"},
        {"unit": "kilometer / hour", "dimension": "[length] / [time]", "base": "0.2777778 meter / second"},
    ),
    Case(
        "no value", {"from": "m", "to": "km"}, refused="'value' is missing; the operation 'convert' needs it"
    ),
    Case(
        "no unit to come from",
        {"operation": "describe"},
        refused="'from' is missing; the operation 'describe' needs it",
    ),
    Case(
        "no such unit",
        units(1, "smoot-ish", "m"),
        fails=("unknown_unit", "'smoot-ish' is no unit that is known"),
    ),
    Case(
        "what is no unit at all", units(1, "m", "m("), fails=("unknown_unit", "'m(' is no unit that is known")
    ),
    Case(
        "of another kind",
        units(1, "m", "kg"),
        fails=("incompatible_units", "meter cannot be told in kilogram"),
    ),
]


@each_case(UNIT_CALLS)
def test_calls_of_the_unit_converter(case: Case, tmp_path: Path) -> None:
    check_case(UNITS, case, tmp_path)


def test_units_of_the_same_kind() -> None:
    found = payload("unit_converter", {"operation": "compatible", "from": "second"})["units"]
    assert {"minute", "hour", "day"} <= set(found)
    assert "meter" not in found


@pytest.mark.parametrize("tool", [CITATION, UNITS])
@given(text=st.text(max_size=40))
def test_any_text_is_understood_or_told_to_be_wrong(tool: str, text: str) -> None:
    asked = {"operation": "describe", "from": text or "m"} if tool == UNITS else {"input": text}
    told = ""
    try:
        assert run_tool(tool, asked).success
    except ToolError as error:
        told = error.code
    assert told in ("", "unknown_unit", "invalid_bibliography")


@pytest.mark.parametrize(
    ("tool", "module", "extra", "parameters"),
    [(CITATION, "citeproc", "citations", {"input": "x"}), (UNITS, "pint", "units", units(1, "m", "km"))],
)
def test_a_missing_library_is_told_with_how_to_have_it(
    tool: str, module: str, extra: str, parameters: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(requirements, "_is_installed", lambda name: name != module)
    check_raises(tool, parameters, "needs_installation", f"pip install 'llmspell[{extra}]'")
    check_tool(DIFF, {"old_text": "", "new_text": ""}, text="")
