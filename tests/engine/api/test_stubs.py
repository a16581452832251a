"""The stubs say what the catalog says."""

from __future__ import annotations

import re

import pytest
from llmspell_engine.api.lua_stubs import lua_stubs
from llmspell_engine.api.reference import reference
from llmspell_engine.api.typescript import typescript
from llmspell_engine.api.written_types import LUA, TYPESCRIPT, written
from llmspell_engine.catalog.loader import load
from llmspell_engine.syntax.parser import parse

OF_THE_PLATFORM = {
    "AbortController", "AbortSignal", "atob", "btoa", "clearImmediate", "clearInterval", "clearTimeout",
    "performance", "process", "queueMicrotask", "setImmediate", "setInterval", "setTimeout",
    "structuredClone",
}  # fmt: skip
LUA_STUBS, DECLARATIONS = lua_stubs(load()), typescript(load())


def test_the_lua_stubs_are_lua() -> None:
    assert parse(LUA_STUBS, "lua").faults == ()


@pytest.mark.parametrize(
    "line",
    [
        "---@field max_tokens? integer The longest answer, in tokens.",
        "function AgentInstance:execute(request) end",
        "---@deprecated Use `Agent.create`.",
        "---@return AgentInstance?",
        '---@overload fun(name: "calculator", parameters: CalculatorParameters): CalculatorToolResult',
        "function print(...) end",
        "---@param options? PublishOptions a correlation, a lifetime, and the language that it is said to"
        " come from.",
        "function JSON.encode(value) end",
        "---@class Stream<T>\n---@overload fun(): T?",
        "---@return Stream<AgentChunk>",
        "function Async.run(function_, ...) end",
    ],
)
def test_lines_of_the_lua_stubs(line: str) -> None:
    assert f"\n{line}\n" in LUA_STUBS


@pytest.mark.parametrize(
    "line",
    [
        "  maxTokens?: number;",
        "  execute(request: AgentInput | string): Promise<AgentResult>;",
        "interface Stream<T = any> extends AsyncIterable<T> {",
        "  stream(request: AgentInput | string): Stream<AgentChunk>;",
        "  next(): Promise<T | null>;",
        "  sleep(seconds: number): Promise<void>;",
        "  run(function_: (value1: any) => any, ...arguments_: any[]): Promise<any>;",
        '  "new"(options: AgentOptions): AgentInstance;',
        "  execute<N extends ToolName>"
        "(name: N, parameters: ToolParametersByName[N], options?: ToolCallOptions)"
        ": Promise<ToolResultOf<N>>;",
        "  execute(name: string, parameters: Record<string, any>, options?: ToolCallOptions)"
        ": Promise<ToolResult>;",
        "  log(...values: any[]): void;",
        "declare const ARGS: string[] & Record<string, any>;",
        "  listKeys(scope: string): string[];",
        '  resultType: "integer" | "float" | "boolean";',
    ],
)
def test_lines_of_the_declarations(line: str) -> None:
    assert f"\n{line}\n" in DECLARATIONS


@pytest.mark.parametrize("name", sorted(OF_THE_PLATFORM))
def test_what_the_library_of_typescript_lacks_is_declared(name: str) -> None:
    assert name in load().standard("javascript").globals
    assert re.search(rf"^declare (function|const|class) {name}\b", DECLARATIONS, re.MULTILINE)


@pytest.mark.parametrize("name", load().handles)
def test_every_handle_stands_on_one_page_of_the_reference(name: str) -> None:
    pages = "".join(text for _, text in reference(load()))
    assert pages.count(f"\n## {name}\n") == 1


def test_what_one_language_has_not_is_not_in_its_stubs() -> None:
    assert "console" not in LUA_STUBS
    assert "declare const JSON" not in DECLARATIONS
    assert "PromiseObject" not in DECLARATIONS
    assert "invokeTool_" not in DECLARATIONS
    assert "function AgentInstance:invokeTool(" in LUA_STUBS


@pytest.mark.parametrize(
    ("schema", "lua", "script"),
    [
        ({}, "any", "any"),
        (None, "", "void"),
        ({"type": "integer"}, "integer", "number"),
        ({"enum": ["a", 1]}, '"a" | 1', '"a" | 1'),
        ({"const": True}, "true", "true"),
        ({"type": "array", "items": {"enum": ["a", "b"]}}, '("a" | "b")[]', '("a" | "b")[]'),
        (
            {"type": "object", "additionalProperties": {"type": "string"}},
            "table<string, string>",
            "Record<string, string>",
        ),
        (
            {"type": "object", "additionalProperties": {}, "items": {"type": "string"}},
            "{ [integer]: string, [string]: any }",
            "string[] & Record<string, any>",
        ),
        ({"type": ["string", "null"]}, "string | nil", "string | null"),
        ({"anyOf": [{"$ref": "#/$defs/A"}, {"x-handle": "B"}]}, "A | B", "A | B"),
        ({"x-promise": {"type": "string"}}, "string", "Promise<string>"),
        (
            {"anyOf": [{"x-function": {"parameters": [], "returns": None}}, {"type": "string"}]},
            "(fun()) | string",
            "(() => void) | string",
        ),
        (
            {"type": "object", "properties": {"max_n": {"type": "number"}}},
            "{ max_n?: number }",
            "{ maxN?: number }",
        ),
        (
            {"x-function": {"parameters": [{"name": "a_b", "schema": {}}], "returns": {"type": "string"}}},
            "fun(a_b: any): string",
            "(aB: any) => string",
        ),
    ],
)
def test_types(schema: dict[str, object] | None, lua: str, script: str) -> None:
    assert written(schema, LUA) == lua
    assert written(schema, TYPESCRIPT) == script
