"""The sentences that a script's writer reads when an argument is wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from llmspell_engine.api.agent import AgentInstance, AgentOptions
from llmspell_engine.api.declare import Options
from llmspell_engine.api.event_types import Pattern, PublishOptions
from llmspell_engine.api.logger import LoggerOptions
from llmspell_engine.api.state import Key, Scope
from llmspell_engine.api.tool import ToolFilter
from llmspell_engine.api.validation import ArgumentError, validate, validate_value
from llmspell_engine.language import LANGUAGES, Language


def check_options(
    options: Any, expect: str, *, language: Language = "lua", model: type[Options] = AgentOptions
) -> None:
    with pytest.raises(ArgumentError) as caught:
        validate(model, options, where="Agent.create", language=language)
    assert str(caught.value) == f"Agent.create: {expect}"


def check_value(annotation: Any, value: Any, expect: str, *, language: Language = "lua") -> None:
    with pytest.raises(ArgumentError) as caught:
        validate_value(annotation, value, name="given", where="State.save", language=language)
    assert str(caught.value) == f"State.save: {expect}"


@pytest.mark.parametrize(
    ("options", "expect"),
    [
        ({}, "'model' is missing"),
        ({"model": "echo", "temprature": 1}, "there is no 'temprature'; did you mean 'temperature'?"),
        ({"temprature": 1}, "there is no 'temprature'; did you mean 'temperature'?; 'model' is missing"),
        (
            {"model": 1, "name": 2},
            "'name' must be a string, but 2 was given; 'model' must be a string, but 1 was given",
        ),
        (
            {"model": 1, "name": 2, "type": 3, "temperature": "4"},
            "there are 4 faults"
            "\n  'name' must be a string, but 2 was given"
            "\n  'model' must be a string, but 1 was given"
            "\n  'temperature' must be a number, but \"4\" was given"
            '\n  \'type\' must be "llm" or "basic", but 3 was given',
        ),
        ({"model": 3}, "'model' must be a string, but 3 was given"),
        ({"model": ""}, "'model' must be at least 1 character long, but \"\" was given"),
        ({"model": "e", "temperature": 2.5}, "'temperature' must be at most 2, but 2.5 was given"),
        ({"model": "e", "temperature": True}, "'temperature' must be a number, but true was given"),
        ({"model": "e", "max_tokens": 0}, "'max_tokens' must be at least 1, but 0 was given"),
        ({"model": "e", "max_tokens": 1.5}, "'max_tokens' must be an integer, but 1.5 was given"),
        ({"model": "e", "max_tokens": "many"}, "'max_tokens' must be an integer, but \"many\" was given"),
        (
            {"model": "e", "type": "lm"},
            '\'type\' must be "llm" or "basic", but "lm" was given; did you mean "llm"?',
        ),
        (
            {"model": "e", "allowed_tools": "calculator"},
            "'allowed_tools' must be a list, but \"calculator\" was given",
        ),
        (
            {"model": "e", "allowed_tools": ["a", ""]},
            "'allowed_tools[2]' must be at least 1 character long, but \"\" was given",
        ),
        (
            {"model": "e", "resource_limits": {"max_toolcalls": 1}},
            "there is no 'resource_limits.max_toolcalls'; did you mean 'max_tool_calls'?",
        ),
        ({"model": "e", "resource_limits": 3}, "'resource_limits' must be a table, but 3 was given"),
        (
            {"model": "e", "name": "n" * 200},
            "'name' must be at most 128 characters long, but \"" + "n" * 58 + "… was given",
        ),
        (3, "expected a table, but 3 was given"),
        (None, "expected a table, but nil was given"),
    ],
)
def test_option_tables(options: Any, expect: str) -> None:
    check_options(options, expect)


@pytest.mark.parametrize(
    ("options", "expect"),
    [
        ({"model": "e", "maxTokens": 0}, "'maxTokens' must be at least 1, but 0 was given"),
        ({"model": "e", "max_tokens": 0}, "'maxTokens' must be at least 1, but 0 was given"),
        ({"model": "e", "maxTokns": 1}, "there is no 'maxTokns'; did you mean 'maxTokens'?"),
        ({"model": "e", "allowedTools": ["a", 3]}, "'allowedTools[1]' must be a string, but 3 was given"),
        (
            {"model": "e", "resourceLimits": {"maxToolCalls": -1}},
            "'resourceLimits.maxToolCalls' must be at least 0, but -1 was given",
        ),
        ([], "expected an object, but a list was given"),
        (None, "expected an object, but null was given"),
    ],
)
def test_option_tables_in_the_spelling_of_javascript(options: Any, expect: str) -> None:
    check_options(options, expect, language="javascript")


def test_a_key_that_is_near_to_nothing_is_answered_with_what_there_is() -> None:
    check_options(
        {"name": "x", "colour": 1}, "there is no 'colour'; there is name, level, format", model=LoggerOptions
    )


@pytest.mark.parametrize(
    ("annotation", "value", "expect"),
    [
        (
            Scope,
            "globl",
            "'given' must be `global`, `custom`, `session`, `workflow`, `agent`, `tool`, or "
            '`agent:<name>`, but "globl" was given',
        ),
        (Pattern, "", "'given' must be at least 1 character long, but \"\" was given"),
        (Key, 3, "'given' must be a string, but 3 was given"),
        (ToolFilter | None, {"tagg": 1}, "there is no 'given.tagg'; did you mean 'tag'?"),
        (
            PublishOptions | None,
            {"correlation_id": "x"},
            "'given.correlation_id' must be the UUID that events of one cause share, but \"x\" was given",
        ),
        (AgentInstance | None, 3, "'given' must be a handle of the kind AgentInstance, but 3 was given"),
        (
            Sequence[AgentInstance],
            [3],
            "'given[1]' must be a handle of the kind AgentInstance, but 3 was given",
        ),
        (int | str, [1], "'given' must be an integer or a string, but a list was given"),
        (
            str | Sequence[AgentOptions],
            [{"model": 1}],
            "'given[1].model' must be a string, but 1 was given",
        ),
        (bool | int | float, "a", "'given' must be true or false or a number, but \"a\" was given"),
        (Key, b"\xff", "'given' must be a string, but a binary string was given"),
        (Mapping[str, Any], [1], "'given' must be a table, but a list was given"),
        (int, 1.5, "'given' must be an integer, but 1.5 was given"),
        (bool, 1, "'given' must be true or false, but 1 was given"),
    ],
)
def test_arguments(annotation: Any, value: Any, expect: str) -> None:
    check_value(annotation, value, expect)


@pytest.mark.parametrize("language", LANGUAGES)
def test_both_spellings_of_keys_are_taken(language: Language) -> None:
    for key in ("maxTokens", "max_tokens"):
        made = validate(AgentOptions, {"model": "e", key: 3}, where="x", language=language)
        assert made.max_tokens == 3


def test_values_are_brought_into_form() -> None:
    given = {"model": "e", "max_tokens": 8.0, "temperature": 1, "allowed_tools": {}}
    made = validate(AgentOptions, given, where="x", language="lua")
    assert (made.max_tokens, made.temperature, made.allowed_tools) == (8, 1.0, [])
    assert isinstance(made.max_tokens, int)
    assert validate_value(int, 3.0, name="n", where="x", language="lua") == 3
    assert validate_value(ToolFilter | None, None, name="n", where="x", language="lua") is None
    assert validate_value(Mapping[str, Any], {"maxTokens": 1.0}, name="n", where="x", language="lua") == {
        "maxTokens": 1.0
    }


def test_a_made_model_is_taken_as_it_is() -> None:
    made = AgentOptions(model="echo")
    assert validate(AgentOptions, made, where="x", language="lua") is made
