"""YAML, TOML, XML and Markdown."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.tools import Case, check_case, check_raises, check_tool, each_case, payload, run_tool

YAML, TOML, XML, MARKDOWN = "yaml-processor", "toml-processor", "xml-processor", "markdown-processor"
SCHEMA = {"type": "object", "required": ["a"], "properties": {"a": {"type": "integer"}}}


def check(text: str, **more: Any) -> dict[str, Any]:
    return {"operation": "validate", "input": text, **more}


YAML_CALLS = [
    Case(
        "a value",
        {"input": "a: [1, 2.5, yes, null]\nb:\n  c: x\n"},
        {"value": {"a": [1, 2.5, True, None], "b": {"c": "x"}}},
    ),
    Case("its text is JSON", {"input": "a: ü"}, {}, text='{\n  "a": "ü"\n}'),
    Case(
        "dates and keys are texts",
        {"input": "2024-01-02: 2024-01-02 03:04:05\n1: x\n~: y"},
        {"value": {"2024-01-02": "2024-01-02T03:04:05", "1": "x", "null": "y"}},
    ),
    Case(
        "a set has an order",
        {"input": "!!set {g, c, 2, e, b, 1, f, d, a}"},
        {"value": ["a", "b", "c", "d", "e", "f", "g", 1, 2]},
    ),
    Case(
        "several documents", {"input": "a: 1\n---\nb: 2\n", "multiple": True}, {"value": [{"a": 1}, {"b": 2}]}
    ),
    Case("of a file", {"path": "a.yaml"}, {"value": [1]}, files={"a.yaml": "- 1"}),
    Case(
        "text of a value",
        {"operation": "generate", "value": {"b": [1, None], "a": {"x": "ü", "y": "no"}}},
        {"size": 35},
        text="b:\n- 1\n- null\na:\n  x: ü\n  y: 'no'\n",
    ),
    Case(
        "into a file",
        {"operation": "generate", "value": [], "target_path": "a.yaml"},
        {"output": None, "target_path": "a.yaml"},
        text="a.yaml",
        leaves={"a.yaml": "[]\n"},
    ),
    Case(
        "text of several",
        {"operation": "generate", "value": [1, 2], "multiple": True},
        {"output": "--- 1\n--- 2\n...\n"},
    ),
    Case("it is right", check("a: 1", schema=SCHEMA), {"valid": True, "errors": []}, text="valid"),
    Case(
        "it is not what the schema asks for",
        check("a: x", schema=SCHEMA),
        {"valid": False},
        text="$.a: 'x' is not of type 'integer'",
    ),
    Case(
        "it is none, and where",
        check("a: b: c"),
        {
            "valid": False,
            "errors": [{"message": "mapping values are not allowed here", "line": 1, "column": 5}],
        },
    ),
    Case("nothing to read", {}, refused="'input' or 'path' is missing; the operation 'parse' needs it"),
    Case(
        "nothing to write",
        {"operation": "generate"},
        refused="'value' is missing; the operation 'generate' needs it",
    ),
    Case(
        "too little indent",
        {"operation": "generate", "value": {}, "indent": 1},
        refused="'indent' must be at least 2, but 1 was given",
    ),
    Case("no YAML", {"input": "a: [1"}, fails=("invalid_yaml", "the text is no YAML: ")),
    Case(
        "two documents where one is wanted",
        {"input": "a: 1\n---\nb: 2"},
        fails=("invalid_yaml", "but found another document"),
    ),
    Case(
        "objects of a language",
        {"input": "!!python/object/apply:os.system ['true']"},
        fails=("invalid_yaml", "could not determine a constructor"),
    ),
    Case(
        "a value that holds itself",
        {"input": "&a [*a]"},
        fails=("invalid_yaml", "nested too deeply, or holds itself"),
    ),
    Case(
        "no schema",
        check("a: 1", schema={"type": "thing"}),
        fails=("invalid_schema", "'schema' is no JSON Schema"),
    ),
    Case("a file outside", {"path": "../a.yaml"}, forbids="read"),
    Case(
        "a target outside",
        {"operation": "generate", "value": {}, "target_path": "../a.yaml"},
        forbids="write",
    ),
]


@each_case(YAML_CALLS)
def test_calls_of_the_yaml_processor(case: Case, tmp_path: Path) -> None:
    check_case(YAML, case, tmp_path)


def test_a_small_yaml_does_not_fill_the_memory() -> None:
    bomb = 'a0: &a0 "lol"\n' + "".join(
        f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 10)
    )
    check_raises(YAML, {"input": bomb}, "too_large", "more than 1000000 values")


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.text(st.characters(codec="utf-8"), max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(st.characters(codec="utf-8"), max_size=4), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(st.dictionaries(st.text(st.characters(codec="utf-8"), max_size=4), VALUES, max_size=3))
def test_what_yaml_writes_it_reads(value: dict[str, Any]) -> None:
    text = run_tool("yaml_processor", {"operation": "generate", "value": value}).text
    assert run_tool(YAML, {"input": text}).model_dump()["result"]["value"] == value


CONFIG = '# what it is\n[tool]\nname = "x" # its name\n\n[tool.deep]\nn = 1\n'
TOML_CALLS = [
    Case("a value", {"input": CONFIG}, {"value": {"tool": {"name": "x", "deep": {"n": 1}}}}),
    Case(
        "dates are texts",
        {"input": "a = 2024-01-02\nb = 1979-05-27T07:32:00Z"},
        {"value": {"a": "2024-01-02", "b": "1979-05-27T07:32:00+00:00"}},
    ),
    Case(
        "text of a value",
        {"operation": "generate", "value": {"a": 1, "b": {"c": [1.5, True], "d": None}}},
        {},
        text="a = 1\n\n[b]\nc = [1.5, true]\n",
    ),
    Case(
        "a key is set, and comments stay",
        {"operation": "set", "input": CONFIG, "key": "tool.name", "value": "y"},
        {},
        text=CONFIG.replace('"x"', '"y"'),
    ),
    Case(
        "a key is added",
        {"operation": "set", "input": CONFIG, "key": "tool.deep.m", "value": 2},
        {"output": CONFIG + "m = 2\n"},
    ),
    Case(
        "a table is added",
        {"operation": "set", "input": "", "key": "a.b", "value": [1]},
        {"output": "[a]\nb = [1]\n"},
    ),
    Case(
        "in a file",
        {"operation": "set", "path": "a.toml", "key": "n", "value": True, "target_path": "a.toml"},
        {"target_path": "a.toml"},
        files={"a.toml": "n = false\n"},
        leaves={"a.toml": "n = true\n"},
    ),
    Case("it is right", check("a = 1", schema=SCHEMA), {"valid": True}),
    Case(
        "it is not what the schema asks for",
        check("b = 1", schema=SCHEMA),
        {"valid": False},
        text="$: 'a' is a required property",
    ),
    Case("it is none, and where", check("a = 1\nb ="), {"valid": False}, text="line 2: Invalid value"),
    Case("nothing to read", {}, refused="'input' or 'path' is missing; the operation 'parse' needs it"),
    Case(
        "nothing to set",
        {"operation": "set", "input": "", "value": 1},
        refused="'key' is missing; the operation 'set' needs it",
    ),
    Case(
        "nothing to write",
        {"operation": "generate"},
        refused="'value' is missing; the operation 'generate' needs it",
    ),
    Case(
        "no TOML",
        {"input": "a = 1\na = 2"},
        fails=("invalid_toml", "the text is no TOML: Cannot overwrite a value (line 2"),
    ),
    Case(
        "no table to write",
        {"operation": "generate", "value": [1]},
        fails=("invalid_input", "a TOML document is a table"),
    ),
    Case(
        "a key in what is no table",
        {"operation": "set", "input": "a = 1", "key": "a.b", "value": 1},
        fails=("invalid_input", "'a' of 'a.b' is no table"),
    ),
    Case(
        "no key",
        {"operation": "set", "input": "", "key": "a.", "value": 1},
        fails=("invalid_input", "'a.' is no key"),
    ),
    Case("no such file", {"path": "no.toml"}, fails=("not_found", "'no.toml' does not exist")),
]


@each_case(TOML_CALLS)
def test_calls_of_the_toml_processor(case: Case, tmp_path: Path) -> None:
    check_case(TOML, case, tmp_path)


BOOKS = (
    '<?xml version="1.0"?>\n<books><book id="1"><title>A</title></book><book id="2">B<i>!</i></book></books>'
)
BOMB = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><x>&b;</x>'
OUTSIDE = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>'
XML_CALLS = [
    Case(
        "a value",
        {"input": BOOKS},
        {"value": {"books": {"book": [{"@id": "1", "title": "A"}, {"@id": "2", "i": "!", "#text": "B"}]}}},
    ),
    Case(
        "elements",
        {"operation": "query", "input": BOOKS, "query": ".//book[@id='2']"},
        {
            "count": 1,
            "elements": [
                {
                    "tag": "book",
                    "text": "B!",
                    "attributes": {"id": "2"},
                    "xml": '<book id="2">B<i>!</i></book>',
                }
            ],
        },
    ),
    Case(
        "elements of a namespace",
        {
            "operation": "query",
            "input": '<a xmlns="urn:x"><b>1</b></a>',
            "query": "x:b",
            "namespaces": {"x": "urn:x"},
        },
        {"count": 1},
    ),
    Case(
        "no elements",
        {"operation": "query", "input": BOOKS, "query": "pen"},
        {"elements": [], "count": 0},
        text="",
    ),
    Case(
        "text of a value",
        {"operation": "generate", "value": {"a": {"@n": "1", "b": ["x", "<"]}}},
        {},
        text='<?xml version="1.0" encoding="utf-8"?>\n<a n="1">\n  <b>x</b>\n  <b>&lt;</b>\n</a>',
    ),
    Case(
        "on one line",
        {"operation": "generate", "value": {"a": {"b": "x"}}, "pretty": False},
        {"output": '<?xml version="1.0" encoding="utf-8"?>\n<a><b>x</b></a>'},
    ),
    Case("it is right", check(BOOKS), {"valid": True}, text="valid"),
    Case(
        "it is not, and where",
        check("<a>\n<b></a>"),
        {"valid": False, "errors": [{"message": "mismatched tag", "line": 2, "column": 6}]},
        text="line 2: mismatched tag",
    ),
    Case("nothing to read", {}, refused="'input' or 'path' is missing; the operation 'parse' needs it"),
    Case(
        "nothing to look for",
        {"operation": "query", "input": BOOKS},
        refused="'query' is missing; the operation 'query' needs it",
    ),
    Case(
        "nothing to write",
        {"operation": "generate"},
        refused="'value' is missing; the operation 'generate' needs it",
    ),
    Case(
        "no XML",
        {"input": "text"},
        fails=("invalid_xml", "the text is no XML: syntax error (line 1, column 1)"),
    ),
    Case("entities", {"input": BOMB}, fails=("invalid_xml", "it declares entities, which are not read")),
    Case(
        "entities from elsewhere",
        {"operation": "query", "input": OUTSIDE, "query": "."},
        fails=("invalid_xml", "it declares entities, which are not read"),
    ),
    Case(
        "no query",
        {"operation": "query", "input": BOOKS, "query": "book["},
        fails=("invalid_query", "'book[' is no query"),
    ),
    Case(
        "two roots",
        {"operation": "generate", "value": {"a": 1, "b": 2}},
        fails=("invalid_input", "'value' cannot be XML"),
    ),
    Case("no such file", {"path": "no.xml"}, fails=("not_found", "'no.xml' does not exist")),
]


@each_case(XML_CALLS)
def test_calls_of_the_xml_processor(case: Case, tmp_path: Path) -> None:
    check_case(XML, case, tmp_path)


PAGE = """---
title: A page
tags: [x]
---
# Über *uns*

Read [the `docs`](https://x.org "Docs") and ![a cat](cat.png).

## Part

## Part

```lua
print(1)
```

| a | b |
|---|---|
| 1 | ~~2~~ |

<script>alert(1)</script>
"""
MARKDOWN_CALLS = [
    Case(
        "HTML",
        {"input": "# Hi *you*"},
        {"output": "<h1>Hi <em>you</em></h1>\n"},
        text="<h1>Hi <em>you</em></h1>\n",
    ),
    Case(
        "HTML in it is shown, not run",
        {"input": "<script>x</script>"},
        {"output": "<p>&lt;script&gt;x&lt;/script&gt;</p>\n"},
    ),
    Case(
        "HTML in it where that is wanted",
        {"input": "<b>x</b>", "allow_html": True},
        {"output": "<p><b>x</b></p>\n"},
    ),
    Case(
        "a link that runs code is none",
        {"input": "[x](javascript:alert(1))"},
        {"output": "<p>[x](javascript:alert(1))</p>\n"},
    ),
    Case(
        "text",
        {"operation": "to_text", "input": "# A\n\n*b*\n[c](d)\n\n    code\n"},
        {"output": "A\nb\nc\ncode"},
    ),
    Case(
        "front matter",
        {"operation": "front_matter", "input": "---\na: 1\n---\ntext"},
        {"front_matter": {"a": 1}, "body": "text"},
        text='{"a": 1}',
    ),
    Case(
        "no front matter",
        {"operation": "front_matter", "input": "text\n---\n"},
        {"front_matter": {}, "body": "text\n---\n"},
    ),
    Case(
        "the outline",
        {"operation": "outline", "path": "a.md"},
        {
            "headings": [
                {"level": 1, "text": "Über uns", "slug": "über-uns", "line": 5},
                {"level": 2, "text": "Part", "slug": "part", "line": 9},
                {"level": 2, "text": "Part", "slug": "part-1", "line": 11},
            ]
        },
        text="- Über uns\n  - Part\n  - Part",
        files={"a.md": PAGE},
    ),
    Case(
        "links",
        {"operation": "links", "input": PAGE},
        {
            "links": [
                {"text": "the docs", "url": "https://x.org", "title": "Docs", "image": False},
                {"text": "a cat", "url": "cat.png", "image": True},
            ]
        },
    ),
    Case(
        "code",
        {"operation": "code_blocks", "input": PAGE},
        {"code_blocks": [{"language": "lua", "code": "print(1)\n", "line": 13}]},
    ),
    Case("nothing to read", {}, refused="'input' or 'path' is missing; the operation 'to_html' needs it"),
    Case(
        "no such operation",
        {"operation": "html", "input": "x"},
        refused='\'operation\' must be one of "to_html", "to_text", "outline", "links", "code_blocks", '
        '"front_matter", but "html" was given; did you mean "to_html"?',
    ),
    Case(
        "front matter that is no YAML",
        {"operation": "front_matter", "input": "---\na: [\n---\n"},
        fails=("invalid_yaml", "what stands in front is no YAML"),
    ),
    Case(
        "front matter that is no table",
        {"operation": "front_matter", "input": "---\n- a\n---\n"},
        fails=("invalid_yaml", "what stands in front is no table"),
    ),
    Case(
        "a file that is no text",
        {"path": "a.md"},
        fails=("not_text", "'a.md' is no text in UTF-8"),
        files={"a.md": b"\xff"},
    ),
    Case("a file outside", {"path": "../a.md"}, forbids="read"),
]


@each_case(MARKDOWN_CALLS)
def test_calls_of_the_markdown_processor(case: Case, tmp_path: Path) -> None:
    check_case(MARKDOWN, case, tmp_path)


def test_a_page_as_html() -> None:
    html = payload("markdown_processor", {"input": PAGE})["output"]
    assert "title" not in html.split("<h1>")[0], "what stands in front is not shown"
    assert '<code class="language-lua">print(1)\n</code>' in html
    assert "<td><s>2</s></td>" in html
    assert "<script" not in html
    check_tool(MARKDOWN, {"operation": "to_html", "input": ""}, text="")


@given(st.text(max_size=200))
def test_any_text_is_markdown(text: str) -> None:
    for operation in ("to_html", "to_text", "outline", "links", "code_blocks"):
        assert run_tool(MARKDOWN, {"operation": operation, "input": text}).success


@pytest.mark.parametrize("tool", [YAML, TOML, XML])
@given(text=st.text(max_size=80))
def test_any_text_is_read_or_told_to_be_wrong(tool: str, text: str) -> None:
    assert run_tool(tool, {"operation": "validate", "input": text}).success
