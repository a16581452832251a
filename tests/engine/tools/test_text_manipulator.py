from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.tools import check_raises, check_refused, check_tool, payload, run_tool


@pytest.mark.parametrize(
    ("operation", "text", "options", "result"),
    [
        ("uppercase", "straße", None, "STRASSE"),
        ("lowercase", "ÄB", None, "äb"),
        ("reverse", "abc", None, "cba"),
        ("trim", "  a b\n", None, "a b"),
        ("replace", "a-b-c", {"from": "-", "to": ""}, "abc"),
        ("substring", "héllo", {"start": 1, "end": 3}, "él"),
        ("substring", "hello", {"start": 3}, "lo"),
        ("split", "a,b,,c", None, ["a", "b", "", "c"]),
        ("split", "a b", {"delimiter": " "}, ["a", "b"]),
        ("join", "a\nb", None, "a b"),
        ("join", "a\nb", {"delimiter": ", "}, "a, b"),
        ("snake_case", "HTTPServer error-code", None, "http_server_error_code"),
        ("camel_case", "max tokens_used", None, "maxTokensUsed"),
        ("pascal_case", "max tokens_used", None, "MaxTokensUsed"),
        ("camel_case", "", None, ""),
        ("sanitize", "a\x00b\x1b[1m\tc\n", None, "ab[1m\tc\n"),
        ("truncate", "x" * 200, None, "x" * 97 + "..."),
        ("truncate", "abcdef", {"max_length": 5}, "ab..."),
        ("truncate", "abcdef", {"max_length": 2}, "ab"),
        ("truncate", "abc", {"max_length": 3}, "abc"),
        ("indent", "a\nb", {"spaces": 2}, "  a\n  b"),
        ("dedent", "  a\n    b", None, "a\n  b"),
        ("normalize_whitespace", " a \n\t b ", None, "a b"),
        ("word_wrap", "aa bb cc", {"width": 5}, "aa bb\ncc"),
    ],
)
def test_operations(operation: str, text: str, options: dict[str, Any] | None, result: Any) -> None:
    parameters = {"operation": operation, "input": text, **({"options": options} if options else {})}
    check_tool(
        "text-manipulator",
        parameters,
        result=result,
        operation=operation,
        original_length=len(text),
        result_length=len(result),
        text=result if isinstance(result, str) else "\n".join(result),
    )


def test_names_of_older_scripts() -> None:
    check_tool("text_manipulator", {"operation": "trim", "text": " a "}, result="a")


def test_options_are_spelled_as_the_language_does() -> None:
    parameters = {"operation": "truncate", "input": "abcdef", "options": {"maxLength": 5}}
    assert run_tool("text-manipulator", parameters, language="javascript").text == "ab..."


def test_wrong_calls() -> None:
    check_refused("text-manipulator", {"operation": "trim"}, "'input' is missing")
    check_refused(
        "text-manipulator",
        {"operation": "replace", "input": "a"},
        "'options' is missing; the operation 'replace' needs it",
    )
    check_refused(
        "text-manipulator",
        {"operation": "truncate", "input": "a", "options": {"maxLength": 2.5}},
        "'options.maxLength' must be an integer, but 2.5 was given",
        language="javascript",
    )
    check_refused(
        "text-manipulator",
        {"operation": "indent", "input": "a", "options": {"spaces": 101}},
        "'options.spaces' must be at most 100, but 101 was given",
    )
    check_refused(
        "text-manipulator",
        {"operation": "split", "input": "a", "options": {"delimeter": ","}},
        "there is no 'options.delimeter'; did you mean 'delimiter'?",
    )
    check_raises(
        "text-manipulator",
        {"operation": "replace", "input": "a", "options": {"to": "b"}},
        "invalid_input",
        "'options.from' and 'options.to' are needed",
    )


@given(st.text(), st.integers(1, 50))
def test_a_truncated_text_is_never_longer(text: str, length: int) -> None:
    found = payload(
        "text-manipulator", {"operation": "truncate", "input": text, "options": {"max_length": length}}
    )
    assert len(found["result"]) <= length


@given(st.text())
def test_reversing_twice_changes_nothing(text: str) -> None:
    once = payload("text-manipulator", {"operation": "reverse", "input": text})["result"]
    assert payload("text-manipulator", {"operation": "reverse", "input": once})["result"] == text
