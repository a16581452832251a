"""Values of any form that are data: what JSON cannot hold is refused by its place, and half characters."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from llmspell_engine.language import LANGUAGES, Language
from support.globals import Pair, check_refused
from support.tools import Case, check_case, run_tool

HALF = "\ud800"
GRAPH = {"nodes": [{"id": "a"}]}
TAKERS: dict[str, tuple[str, dict[str, Any]]] = {
    "json-processor.input": ("json-processor", {}),
    "json-processor.input to check": ("json-processor", {"operation": "validate", "schema": {}}),
    "yaml-processor.value": ("yaml-processor", {"operation": "generate"}),
    "toml-processor.value": ("toml-processor", {"operation": "generate"}),
    "xml-processor.value": ("xml-processor", {"operation": "generate"}),
    "graph-builder.data": ("graph-builder", {"operation": "add_node", "node_id": "b", "graph": GRAPH}),
    "graph-builder.graph": ("graph-builder", {"operation": "add_node", "node_id": "b"}),
    "diff-calculator.old_json": ("diff-calculator", {"type": "json", "new_json": {}}),
    "template-creator.context": ("template-creator", {"input": "{{ x }}"}),
    "schema-inferrer.input": ("schema-inferrer", {}),
    "http-requester.body": ("http-requester", {"input": "http://127.0.0.1:1/", "method": "POST"}),
    "webhook-caller.payload": ("webhook-caller", {"input": "http://127.0.0.1:1/"}),
    "graphql-query.variables": ("graphql-query", {"endpoint": "http://127.0.0.1:1/", "input": "{ a }"}),
}
"""The parameter that is data, and what else the tool needs."""
WRONG = [
    (lambda: None, "a function"),
    (b"\xff", "a binary string"),
]


@pytest.mark.parametrize(("value", "told"), WRONG, ids=[told for _, told in WRONG])
@pytest.mark.parametrize("taker", TAKERS)
def test_what_is_no_data_is_refused_by_its_place(taker: str, value: Any, told: str, tmp_path: Path) -> None:
    tool, parameters = TAKERS[taker]
    name = taker.partition(".")[2].split()[0]
    refused = f"'{name}.x[2]' must be a value that JSON can hold, but {told} was given"
    given = {**parameters, name: {"y": None, "x": [1.5, value, value]}}
    check_case(tool, Case(taker, given, refused=refused), tmp_path)


REFUSED = [
    Pair(
        "a function",
        "Tool.invoke('json-processor', {input = {x = print}})",
        "await Tool.invoke('json-processor', {input: {x: say}})",
        "json-processor: 'input.x' must be a value that JSON can hold, but a function was given",
    ),
    Pair(
        "binary data in a table",
        "Tool.invoke('graph-builder', {operation = 'import_json', input = {x = {y = '\\255'}}})",
        "await Tool.invoke('graph-builder', {operation: 'import_json', input: {x: {y: new Uint8Array(9)}}})",
        "graph-builder: 'input.x.y' must be a value that JSON can hold, but a binary string was given",
    ),
]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("pair", REFUSED, ids=lambda pair: pair.name)
def test_scripts_are_told(pair: Pair, language: Language) -> None:
    check_refused(pair, language)


HALVES = [
    ("csv-analyzer", {"input": f"{HALF},b\n1,{HALF}\n"}, ("columns", 0, "name")),
    ("graph-builder", {"operation": "import_json", "input": {"nodes": [{"id": HALF}]}}, ("nodes", 0, "id")),
    ("graph-builder", {"operation": "export_json", "input": {"nodes": [{"id": HALF}]}}, ("nodes", 0, "id")),
]


@pytest.mark.parametrize(("tool", "parameters", "place"), HALVES)
def test_half_of_a_character_is_escaped(
    tool: str, parameters: dict[str, Any], place: tuple[str | int, ...]
) -> None:
    text = run_tool(tool, parameters).text
    assert text.isascii()
    found = json.loads(text)
    for step in place:
        found = found[step]
    assert found == HALF


ENCODINGS = {
    "an encoding that says no place": (
        "x..y",
        "latin-1",
        "idna",
        ("not_encodable", "idna cannot write 'a': "),
    ),
    "no text in such an encoding": ("xn--a", "idna", "utf-8", ("not_text", "'a' is no text in idna: ")),
}


@pytest.mark.parametrize("about", ENCODINGS)
def test_encodings_of_names(about: str, tmp_path: Path) -> None:
    text, source, target, fails = ENCODINGS[about]
    parameters = {"operation": "encoding", "path": "a", "from_encoding": source, "to_encoding": target}
    case = Case(about, parameters, fails=fails, files={"a": text}, leaves={"a": text})
    check_case("file-converter", case, tmp_path)
