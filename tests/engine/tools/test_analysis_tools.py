"""Tools that analyse texts, numbers, logs and samples."""

from __future__ import annotations

import json
import math
import statistics
from pathlib import Path
from typing import Any

import anyio
import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from llmspell_engine.tools.base import ToolContext, ToolError
from llmspell_engine.tools.registry import tool_named
from support.tools import NOWHERE, Case, check_case, each_case, payload

TEXT, KEYWORDS, SIMILAR = "text-analyzer", "keyword-extractor", "similarity-calculator"
STATISTICS, LOG, SCHEMA = "statistics-calculator", "log-analyzer", "schema-inferrer"

FOX = "The quick brown fox jumps over the lazy dog. The dog sleeps.\n\nDr. Fox is not amused!"
TEXTS = [
    Case(
        "English",
        {"input": FOX, "top_words": 2},
        gives={
            "characters": 84,
            "characters_without_spaces": 67,
            "words": 17,
            "unique_words": 13,
            "sentences": 3,
            "paragraphs": 2,
            "lines": 3,
            "average_word_length": 3.71,
            "average_sentence_length": 5.67,
            "longest_sentence": 9,
            "lexical_diversity": 0.7647,
            "reading_time_seconds": 4,
            "language": "en",
            "top_words": [{"word": "fox", "count": 2}, {"word": "dog", "count": 2}],
        },
        text="17 words, 3 sentences, 2 paragraphs",
    ),
    Case(
        "German",
        {"text": "Der Fuchs ist nicht da und die Gans ist froh."},
        gives={"language": "de", "readability": None, "sentences": 1},
    ),
    Case("of no language", {"input": "lorem ipsum 123"}, gives={"language": None, "words": 2}),
    Case(
        "nothing",
        {"input": ""},
        gives={
            "words": 0,
            "sentences": 0,
            "lines": 0,
            "paragraphs": 0,
            "top_words": [],
            "lexical_diversity": 0.0,
        },
        text="0 words, 0 sentences, 0 paragraphs",
    ),
    Case("apart by signs", {"input": "¿Qué? 「はい。」 don't e-mail"}, gives={"words": 4}),
    Case("no text", {"input": 3}, refused="'input' must be a string, but 3 was given"),
    Case(
        "too many",
        {"input": "", "top_words": 1001},
        refused="'top_words' must be at most 1000, but 1001 was given",
    ),
]
FIGS = (
    "Fig trees bear figs. A fig tree needs sun. Fig trees live long, and machine learning does not. "
    "Machine learning models are not fig trees."
)
KEYWORD_CASES = [
    Case(
        "phrases",
        {"input": FIGS, "max_keywords": 2},
        gives={
            "language": "en",
            "keywords": [
                {"keyword": "fig trees", "count": 3, "score": 1.0},
                {"keyword": "fig", "count": 4, "score": 0.8889},
            ],
        },
        text="fig trees, fig",
    ),
    Case(
        "single words",
        {"text": "Sun and sun and rain", "max_words": 1},
        gives={
            "keywords": [
                {"keyword": "sun", "count": 2, "score": 1.0},
                {"keyword": "rain", "count": 1, "score": 0.5},
            ]
        },
    ),
    Case(
        "without words of one's own",
        {"input": "alpha beta alpha beta", "stopwords": ["Beta"], "language": "none"},
        gives={"language": None, "keywords": [{"keyword": "alpha", "count": 2, "score": 1.0}]},
    ),
    Case(
        "against other texts",
        {
            "input": "common rare",
            "documents": ["common one", "common two"],
            "max_words": 1,
            "language": "none",
        },
        gives={
            "keywords": [
                {"keyword": "rare", "count": 1, "score": 1.0},
                {"keyword": "common", "count": 1, "score": round(1 / (1 + math.log(3)), 4)},
            ]
        },
    ),
    Case("nothing", {"input": ""}, gives={"keywords": []}, text=""),
    Case(
        "names",
        {"input": "C++ and Node.js, C++", "min_length": 1, "max_words": 1},
        gives={},
        text="c++, node.js",
    ),
    Case("no text", {}, refused="'input' is missing"),
    Case(
        "no such language",
        {"input": "", "language": "la"},
        refused='\'language\' must be one of "auto", "de", "en", "es", "fr", "it", "nl", "pt", "none", '
        'but "la" was given',
    ),
    Case(
        "wrong words",
        {"input": "", "stopwords": "a"},
        refused="'stopwords' must be a list, but \"a\" was given",
    ),
]
SIMILARITIES = [
    Case("pieces", {"input": "abcd", "other": "BCDE"}, gives={"similarity": 0.75, "method": "sequence"}),
    Case(
        "with capitals",
        {"input": "abcd", "other": "BCDE", "ignore_case": False},
        gives={"similarity": 0.0},
        text="0",
    ),
    Case(
        "changes",
        {"input": "kitten", "other": "sitting", "method": "levenshtein"},
        gives={"similarity": 0.5714, "distance": 3},
    ),
    Case(
        "words",
        {"input": "a fig tree", "other": "the fig tree", "method": "jaccard"},
        gives={"similarity": 0.5, "distance": None},
    ),
    Case(
        "words counted",
        {"input": "fig fig", "other": "fig tree", "method": "cosine"},
        gives={"similarity": 0.7071},
    ),
    Case("nothing", {"input": "", "other": "", "method": "cosine"}, gives={"similarity": 1.0}),
    Case(
        "nothing and something",
        {"input": "", "other": "a", "method": "levenshtein"},
        gives={"similarity": 0.0},
    ),
    Case(
        "many",
        {
            "operation": "rank",
            "input": "fig",
            "candidates": ["kiwi", "figs", "fig", "fog"],
            "threshold": 0.5,
            "limit": 2,
        },
        gives={
            "ranking": [
                {"text": "fig", "index": 2, "similarity": 1.0},
                {"text": "figs", "index": 1, "similarity": 0.8571},
            ]
        },
        text="1 fig\n0.8571 figs",
    ),
    Case(
        "too long", {"input": "a" * 20_001, "other": "b"}, fails=("too_long", "compared by their words only")
    ),
    Case(
        "long, by words",
        {"input": "a " * 20_001, "other": "a", "method": "cosine"},
        gives={"similarity": 1.0},
    ),
    Case("with nothing", {"input": "a"}, refused="'other' is missing; the operation 'compare' needs it"),
    Case(
        "among none",
        {"operation": "rank", "input": "a"},
        refused="'candidates' is missing; the operation 'rank' needs it",
    ),
    Case(
        "no such method",
        {"input": "a", "other": "b", "method": "magic"},
        refused='\'method\' must be one of "sequence", "levenshtein", "jaccard", "cosine", '
        'but "magic" was given',
    ),
    Case(
        "no such threshold",
        {"input": "a", "other": "b", "threshold": 2},
        refused="'threshold' must be at most 1, but 2 was given",
    ),
]
NUMBERS = [
    Case(
        "described",
        {"input": [2, 4, 4, 4, 5, 5, 7, 100], "percentiles": [0, 50, 99.5]},
        gives={
            "count": 8,
            "sum": 131.0,
            "min": 2.0,
            "max": 100.0,
            "range": 98.0,
            "mean": 16.375,
            "median": 4.5,
            "modes": [4.0],
            "percentiles": {"p0": 2.0, "p50": 4.5, "p99.5": pytest.approx(96.745)},
            "interquartile_range": 1.5,
            "outliers": [100.0],
            "standard_deviation": pytest.approx(33.8186, abs=1e-4),
        },
    ),
    Case(
        "one number",
        {"data": [3]},
        gives={"mean": 3.0, "variance": None, "standard_deviation": None, "modes": [3.0], "outliers": []},
        text="mean 3, median 3, min 3, max 3",
    ),
    Case("all different", {"values": [1, 2, 3]}, gives={"modes": [], "variance": 1.0}),
    Case(
        "by size",
        {"operation": "histogram", "input": [0, 1, 2, 3, 4], "bins": 2},
        gives={
            "count": 5,
            "bins": [{"start": 0.0, "end": 2.0, "count": 2}, {"start": 2.0, "end": 4.0, "count": 3}],
        },
        text="0 to 2: 2\n2 to 4: 3",
    ),
    Case(
        "all the same, by size",
        {"operation": "histogram", "input": [5, 5], "bins": 1},
        gives={"bins": [{"start": 5.0, "end": 6.0, "count": 2}]},
    ),
    Case(
        "with others",
        {"operation": "correlate", "input": [1, 2, 3, 4], "other": [2, 4, 6, 8]},
        gives={"correlation": 1.0, "rank_correlation": 1.0, "slope": 2.0, "intercept": 0.0, "count": 4},
        text="1",
    ),
    Case(
        "by rank",
        {"operation": "correlate", "input": [1, 2, 3, 3], "other": [1, 10, 1000, 1000]},
        gives={"rank_correlation": pytest.approx(1.0), "correlation": pytest.approx(0.9072, abs=1e-4)},
    ),
    Case(
        "as many needed",
        {"operation": "correlate", "input": [1, 2], "other": [1]},
        fails=("invalid_input", "'input' has 2 numbers and 'other' 1"),
    ),
    Case(
        "constant",
        {"operation": "correlate", "input": [1, 1], "other": [1, 2]},
        fails=("constant", "there is nothing to compare"),
    ),
    Case("too large", {"input": [1e308, 1e308]}, fails=("overflow", "too large")),
    Case(
        "too far apart", {"operation": "histogram", "input": [-1e308, 1e308]}, fails=("overflow", "too large")
    ),
    Case("no numbers", {}, refused="'input' is missing"),
    Case(
        "none at all",
        {"input": []},
        refused="'input' must be at least 1 element long, but a list was given",
    ),
    Case("a text", {"input": [1, "2"]}, refused="'input[2]' must be a number, but \"2\" was given"),
    Case(
        "no others",
        {"operation": "correlate", "input": [1]},
        refused="'other' is missing; the operation 'correlate' needs it",
    ),
    Case(
        "no such percentile",
        {"input": [1], "percentiles": [101]},
        refused="'percentiles[1]' must be at most 100, but 101 was given",
    ),
    Case("no bins", {"input": [1], "bins": 0}, refused="'bins' must be at least 1, but 0 was given"),
]
APP = """2026-03-01 12:00:00,123 INFO shop: user 17 came
2026-03-01T12:00:05Z ERROR shop: order 4711 failed: "no figs"
{"time": 1772366410, "level": "warn", "msg": "slow: 311 ms"}

2026-03-01T12:00:09+00:00 ERROR shop: order 4712 failed: "no kiwis"
nothing to see
"""
ACCESS = """10.1.1.1 - - [01/Mar/2026:13:00:00 +0100] "GET /figs?id=1 HTTP/1.1" 200 512 "-" "x"
10.1.1.2 - ann [01/Mar/2026:13:00:01 +0100] "GET /figs?id=2 HTTP/1.1" 200 -
10.1.1.1 - - [01/Mar/2026:13:00:02 +0100] "POST /orders HTTP/1.1" 503 10
10.1.1.1 - - [01/Mar/2026:13:00:03 +0100] "GET /no HTTP/1.1" 404 10
"""
SYSLOG = "<11>Mar  1 12:00:00 host sshd[12]: no such user\nMar  1 12:00:01 host cron: debug: ran\n"
LOGS = [
    Case(
        "of a program",
        {"input": APP},
        gives={
            "lines": 5,
            "forms": {"plain": 4, "json": 1},
            "levels": {"info": 1, "warning": 1, "error": 2, "none": 1},
            "errors": 2,
            "error_rate": 0.4,
            "first_time": "2026-03-01T12:00:00Z",
            "last_time": "2026-03-01T12:00:10Z",
            "accesses": None,
        },
    ),
    Case(
        "errors by kind",
        {"text": APP, "min_level": "error"},
        gives={
            "groups": [
                {
                    "pattern": "ERROR shop: order * failed: *",
                    "count": 2,
                    "level": "error",
                    "example": 'ERROR shop: order 4711 failed: "no figs"',
                    "first_line": 2,
                }
            ]
        },
        text="2 lines: 2 error\n2 x ERROR shop: order * failed: *",
    ),
    Case("with a text", {"input": APP, "contains": "figs"}, gives={"lines": 1}),
    Case(
        "of a web server",
        {"file": "access.log", "max_groups": 1},
        files={"access.log": ACCESS},
        gives={
            "levels": {"info": 2, "warning": 1, "error": 1},
            "first_time": "2026-03-01T12:00:00Z",
            "accesses": {
                "count": 4,
                "bytes": 532,
                "statuses": {"200": 2, "404": 1, "503": 1},
                "paths": {"/figs": 2},
                "hosts": {"10.1.1.1": 3},
            },
        },
    ),
    Case(
        "of the system",
        {"input": SYSLOG},
        gives={"forms": {"syslog": 2}, "levels": {"debug": 1, "error": 1}, "first_time": None},
    ),
    Case("nothing", {"input": ""}, gives={"lines": 0, "levels": {}, "groups": [], "error_rate": 0.0}),
    Case(
        "bytes that are no text", {"file": "a.log"}, files={"a.log": b"\xff ERROR x\n"}, gives={"errors": 1}
    ),
    Case(
        "odd values",
        {"input": '{"level": 50, "time": 1e400}\n{"level": true, "ts": "soon"}\n{"level": 30}\n{no\n[]'},
        gives={"levels": {"warning": 1, "critical": 1, "none": 3}, "first_time": None},
    ),
    Case("no file", {"file": "no.log"}, fails=("not_found", "'no.log' does not exist")),
    Case("a folder", {"file": "."}, fails=("not_a_file", "is a folder")),
    Case("outside", {"file": "/var/log/syslog"}, forbids="read"),
    Case("no log", {}, fails=("invalid_input", "give one of 'input' and 'file'")),
    Case("two logs", {"input": "a", "file": "b"}, fails=("invalid_input", "give one of 'input' and 'file'")),
    Case(
        "no such level",
        {"input": "", "min_level": "loud"},
        refused='\'min_level\' must be one of "trace", "debug", "info", "warning", "error", "critical", '
        'but "loud" was given',
    ),
]


def _schema(**found: Any) -> dict[str, Any]:
    return {"json_schema": {"$schema": "https://json-schema.org/draft/2020-12/schema", **found}}


SAMPLES = [
    {"id": 1, "at": "2026-03-01T12:00:00Z", "kind": "a", "tags": ["x"], "price": 1.5},
    {"id": 2, "at": "2026-03-02T12:00:00Z", "kind": "a", "tags": [], "price": 2, "note": None},
]
SCHEMAS = [
    Case(
        "samples",
        {"samples": SAMPLES, "max_enum": 3, "title": "Order"},
        gives={
            "samples": 2,
            **_schema(
                title="Order",
                type="object",
                properties={
                    "id": {"type": "integer"},
                    "at": {"type": "string", "format": "date-time"},
                    "kind": {"type": "string", "enum": ["a"]},
                    "tags": {"type": "array", "items": {"type": "string"}},
                    "price": {"type": "number"},
                    "note": {"type": "null"},
                },
                required=["id", "at", "kind", "tags", "price"],
            ),
        },
    ),
    Case(
        "JSON",
        {"input": "[1, null, true]"},
        gives=_schema(type="array", items={"type": ["boolean", "integer", "null"]}),
    ),
    Case("an empty list", {"input": []}, gives=_schema(type="array", items={})),
    Case("one text", {"input": '"fig"'}, gives=_schema(type="string")),
    Case(
        "a form that not all have",
        {"samples": ["2026-03-01", "fig"]},
        gives=_schema(type="string"),
    ),
    *[
        Case(f"a {name}", {"samples": [text, text]}, gives=_schema(type="string", format=name))
        for name, text in {
            "uuid": "123e4567-e89b-12d3-a456-426614174000",
            "date": "2026-03-01",
            "email": "a@example.com",
            "uri": "https://example.com/",
            "ipv4": "192.0.2.1",
        }.items()
    ],
    Case("no form", {"samples": ["2026-03-01"], "detect_formats": False}, gives=_schema(type="string")),
    Case("no JSON", {"input": "{no"}, fails=("invalid_json", "'input' is not JSON")),
    Case("too deep", {"input": "[" * 150 + "]" * 150}, fails=("too_deep", "more than 100 levels")),
    Case("nothing", {}, fails=("invalid_input", "give one of 'input' and 'samples'")),
    Case("both", {"input": 1, "samples": [1]}, fails=("invalid_input", "give one of")),
    Case("no list", {"samples": 3}, refused="'samples' must be a list, but 3 was given"),
    Case(
        "too many", {"input": 1, "max_enum": 101}, refused="'max_enum' must be at most 100, but 101 was given"
    ),
]


@each_case(TEXTS)
def test_texts(case: Case) -> None:
    check_case(TEXT, case, NOWHERE)


@each_case(KEYWORD_CASES)
def test_keywords(case: Case) -> None:
    check_case(KEYWORDS, case, NOWHERE)


@each_case(SIMILARITIES)
def test_similarities(case: Case) -> None:
    check_case(SIMILAR, case, NOWHERE)


@each_case(NUMBERS)
def test_numbers(case: Case) -> None:
    check_case(STATISTICS, case, NOWHERE)


@each_case(LOGS)
def test_logs(case: Case, tmp_path: Path) -> None:
    check_case(LOG, case, tmp_path)


@each_case(SCHEMAS)
def test_schemas(case: Case) -> None:
    check_case(SCHEMA, case, NOWHERE)


@pytest.mark.parametrize(
    ("text", "lowest", "highest"),
    [
        ("The cat sat on the mat. It was a hot day.", 90, 125),
        (
            "Institutional considerations of constitutional significance are necessarily deliberated "
            "by representative authorities of the administration.",
            -120,
            10,
        ),
    ],
)
def test_easy_texts_are_told_from_hard_ones(text: str, lowest: float, highest: float) -> None:
    ease = payload(TEXT, {"input": text})["readability"]["flesch_reading_ease"]
    assert lowest < ease < highest


def test_a_long_comparison_ends_with_its_time_limit() -> None:
    tool = tool_named(SIMILAR)
    assert tool is not None
    texts = [f"{number} " * 2500 for number in range(500)]
    call = {"operation": "rank", "input": "a" * 20_000, "candidates": texts, "method": "levenshtein"}
    with pytest.raises(ToolError, match=r"took longer than 0\.2 s"):
        anyio.run(tool.completed, call, ToolContext(NOWHERE, seconds=0.2))


JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False)
    | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(st.lists(JSON_VALUES, min_size=1, max_size=5))
def test_every_sample_is_of_the_schema_that_is_found(samples: list[Any]) -> None:
    schema = payload(SCHEMA, {"samples": samples, "max_enum": 2})["json_schema"]
    jsonschema.Draft202012Validator.check_schema(schema)
    for sample in samples:
        jsonschema.validate(sample, json.loads(json.dumps(schema)))


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=30))
def test_numbers_are_described_as_the_standard_library_does(numbers: list[float]) -> None:
    found = payload(STATISTICS, {"input": numbers})
    assert found["mean"] == pytest.approx(statistics.fmean(numbers), abs=1e-9)
    assert found["standard_deviation"] == pytest.approx(statistics.stdev(numbers), abs=1e-9)
    quartiles = statistics.quantiles(numbers, n=4, method="inclusive")
    assert [found["percentiles"][name] for name in ("p25", "p50", "p75")] == pytest.approx(
        quartiles, abs=1e-6
    )


@pytest.mark.parametrize("method", ["sequence", "levenshtein", "jaccard", "cosine"])
@given(one=st.text(max_size=12), other=st.text(max_size=12))
def test_similarity_is_a_share_and_whole_for_the_same(method: str, one: str, other: str) -> None:
    found = payload(SIMILAR, {"input": one, "other": other, "method": method})["similarity"]
    assert 0 <= found <= 1
    assert payload(SIMILAR, {"input": one, "other": one, "method": method})["similarity"] == 1
